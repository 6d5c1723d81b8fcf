//! What the service worker is told: a version made from the contents of the page's files, and the
//! hash of each, so that it stores what belongs together and nothing else.

use std::collections::BTreeMap;

use honeyguide::first_list::{self, FillError};

use crate::front::{PACKS, content_hash};

/// The service worker, as a path below the root.
pub(crate) const SERVICE_WORKER: &str = "sw.js";

const FROM: &str = "/*honeyguide:site*/";
const TO: &str = "/*/honeyguide:site*/";

/// Fills the service worker among a site's files with the list of the others; a site without one
/// stays as it is.
///
/// # Errors
///
/// [`FillError::Missing`] if the script has no place for the list.
pub(crate) fn fill(files: &mut BTreeMap<String, Vec<u8>>) -> Result<(), FillError> {
    let Some(script) = files.get(SERVICE_WORKER) else {
        return Ok(());
    };
    let script = String::from_utf8_lossy(script);
    let filled = first_list::set_between(&script, FROM, TO, &listed(files))?;
    files.insert(SERVICE_WORKER.into(), filled.into_bytes());
    Ok(())
}

/// `{ version, now, later }` as a JavaScript object. Trainers are for later; packs that the page does
/// not name are for nobody.
fn listed(files: &BTreeMap<String, Vec<u8>>) -> String {
    let page = String::from_utf8_lossy(files.get("index.html").map_or(&[], |page| &page[..]));
    let (mut now, mut later) = (String::new(), String::new());
    for (path, bytes) in files {
        if !is_of_the_page(path) || path.starts_with(PACKS) && !page.contains(path.as_str()) {
            continue;
        }
        let list = if path.starts_with("trainer-") {
            &mut later
        } else {
            &mut now
        };
        list.push_str(&format!("    {path:?}: {:?},\n", content_hash(bytes)));
    }
    let version = content_hash(format!("{now}\n{later}").as_bytes());
    format!("{{\n  version: {version:?},\n  now: {{\n{now}  }},\n  later: {{\n{later}  }},\n}} ")
}

/// Not the service worker itself, nothing that is for hosts, and no name that would need escapes in
/// an address.
fn is_of_the_page(path: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-/".contains(&byte);
    path != SERVICE_WORKER
        && path != "404.html"
        && path.bytes().all(plain)
        && !path.starts_with('_')
        && ![".br", ".gz"].iter().any(|end| path.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMPTY: &str = "const SITE = /*honeyguide:site*/ {} /*/honeyguide:site*/;\n";

    fn site(extra: &[(&str, &str)]) -> BTreeMap<String, Vec<u8>> {
        [
            ("index.html", "<meta content=\"./packs/aa.hgpack\">"),
            ("packs/aa.hgpack", "in use"),
            ("packs/bb.hgpack", "of another time"),
            ("page-0123456789abcdef_bg.wasm", "\0asm"),
            ("page-0123456789abcdef_bg.wasm.br", "packed"),
            ("trainer-cpu-0123456789abcdef.js", "trains"),
            ("sw.js", EMPTY),
            ("_headers", "for the host"),
            ("a b.svg", "a name that needs escapes"),
        ]
        .iter()
        .chain(extra)
        .map(|(path, content)| (String::from(*path), content.as_bytes().to_vec()))
        .collect()
    }

    fn filled(extra: &[(&str, &str)]) -> String {
        let mut files = site(extra);
        fill(&mut files).expect("the markers are there");
        let once = files["sw.js"].clone();
        fill(&mut files).expect("the markers stay");
        assert_eq!(files["sw.js"], once, "filling again changes nothing");
        String::from_utf8(once).expect("text stays text")
    }

    fn version(script: &str) -> &str {
        let rest = script
            .split("version: \"")
            .nth(1)
            .expect("it has a version");
        rest.split('"').next().expect("that ends")
    }

    #[test]
    fn lists_what_belongs_to_the_page() {
        let script = filled(&[]);
        let (now, later) = script.split_once("later:").expect("both lists");
        for path in [
            "index.html",
            "packs/aa.hgpack",
            "page-0123456789abcdef_bg.wasm",
        ] {
            let hash = content_hash(&site(&[])[path]);
            assert!(now.contains(&format!("\"{path}\": \"{hash}\"")), "{script}");
        }
        assert!(
            later.contains("\"trainer-cpu-0123456789abcdef.js\""),
            "{script}"
        );
        for path in ["packs/bb", ".br", "sw.js\"", "_headers", "a b.svg"] {
            assert!(!script.contains(path), "{path} is listed: {script}");
        }
    }

    #[test]
    fn the_version_follows_every_content() {
        let base = filled(&[]);
        for (path, content) in [
            ("index.html", "<meta content=\"./packs/bb.hgpack\">"),
            ("packs/aa.hgpack", "another"),
            ("trainer-cpu-0123456789abcdef.js", "trains better"),
            ("styles.css", "new"),
        ] {
            let other = filled(&[(path, content)]);
            assert_ne!(version(&base), version(&other), "{path}");
        }
        assert_eq!(
            base,
            filled(&[("_headers", "others")]),
            "none of the page's"
        );
    }

    #[test]
    fn a_script_without_a_place_is_named_and_a_site_without_one_is_fine() {
        let mut files = site(&[("sw.js", "no place")]);
        assert_eq!(fill(&mut files), Err(FillError::Missing { marker: FROM }));
        files.remove("sw.js");
        assert_eq!(fill(&mut files), Ok(()));
        assert!(!files.contains_key("sw.js"));
    }
}
