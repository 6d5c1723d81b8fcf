//! How the page starts: the boot script stands in the page itself, and the app's WASM is fetched by
//! browsers that can run it, and by no others.

use std::{fs, path::Path};

use honeyguide::first_list;

use crate::Error;

/// The element that the built page has in place of the boot script's text.
const BOOT: &str = "<script src=\"./boot.js\"></script>";
/// Where the boot script finds the address of the app's WASM.
const APP: &str = "name=\"honeyguide-app\"";

/// Puts the boot script's text into the page and removes its file: no request stands before the first
/// paint then, and no page meets the boot script of another version. A page that has it stays as it is.
pub(crate) fn inline_boot(dir: &Path, page: String) -> Result<String, Error> {
    let path = dir.join("boot.js");
    if !page.contains(BOOT) || !path.is_file() {
        return Ok(page);
    }
    let unreadable = |source| Error::Read {
        path: path.clone(),
        source,
    };
    let text = fs::read_to_string(&path).map_err(unreadable)?;
    if text.contains("</script") {
        return Ok(page); // It would end the element, so it stays a file.
    }
    fs::remove_file(&path).map_err(|source| Error::Write {
        path: path.clone(),
        source,
    })?;
    // Comments are for readers of the source; everybody downloads the page.
    let lines = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.starts_with("//"));
    let code: String = lines.flat_map(|line| [line, "\n"]).collect();
    Ok(page.replacen(BOOT, &format!("<script>\n{code}</script>"), 1))
}

/// Takes out Trunk's preload of the app's WASM, which every browser would follow, and tells the boot
/// script its address. A page without either stays as it is.
pub(crate) fn hold_preload(page: &str) -> String {
    let held = || {
        let name = page.find("_bg.wasm\" crossorigin")?;
        let start = page[..name].rfind("<link rel=\"preload\"")?;
        let end = start + page[start..].find('>')? + 1;
        let href = page[start..end]
            .split("href=\"")
            .nth(1)?
            .split('"')
            .next()?;
        let without = format!("{}{}", &page[..start], &page[end..]);
        first_list::set_meta(&without, APP, "content", href).ok()
    };
    held().unwrap_or_else(|| page.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRELOAD: &str = "<link rel=\"modulepreload\" href=\"./page-1.js\" crossorigin=\"anonymous\">\
        <link rel=\"preload\" href=\"./page-1_bg.wasm\" crossorigin=\"anonymous\" as=\"fetch\">";

    #[test]
    fn the_preload_of_the_app_becomes_an_address() {
        let page = format!("<meta name=\"honeyguide-app\" content=\"\">{PRELOAD}</head>");
        let held = hold_preload(&page);
        assert_eq!(
            held,
            "<meta name=\"honeyguide-app\" content=\"./page-1_bg.wasm\">\
             <link rel=\"modulepreload\" href=\"./page-1.js\" crossorigin=\"anonymous\"></head>"
        );
        assert_eq!(hold_preload(&held), held);
        let without_place = format!("<head>{PRELOAD}</head>");
        assert_eq!(hold_preload(&without_place), without_place);
    }

    #[test]
    fn the_boot_script_goes_into_the_page() {
        let dir = tempfile::tempdir().expect("a temporary folder can be made");
        let file = dir.path().join("boot.js");
        fs::write(&file, "// why\n  one();\n\ntwo(); // here\n").expect("it can be written");
        let page = inline_boot(dir.path(), format!("<head>{BOOT}</head>")).expect("it is there");
        assert_eq!(
            page,
            "<head><script>\none();\n\ntwo(); // here\n</script></head>"
        );
        assert!(!file.exists());
        let again = inline_boot(dir.path(), page.clone()).expect("nothing is to be done");
        assert_eq!(again, page);
    }

    #[test]
    fn a_boot_script_that_would_end_its_element_stays_a_file() {
        let dir = tempfile::tempdir().expect("a temporary folder can be made");
        fs::write(dir.path().join("boot.js"), "'</script>'").expect("it can be written");
        let page = inline_boot(dir.path(), BOOT.into()).expect("it is there");
        assert_eq!(page, BOOT);
        assert!(dir.path().join("boot.js").exists());
    }
}
