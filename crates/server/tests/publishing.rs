//! The folder for static hosts, and what the service worker is told by build, server and folder.

use std::{collections::BTreeSet, error::Error, fs, path::Path};

use axum::{
    body::{Body, to_bytes},
    http::Request,
};
use server::{ServedPack, Site, app, finish, publish};
use tempfile::TempDir;
use tower::ServiceExt;

type Outcome = Result<(), Box<dyn Error>>;

/// A folder as Trunk leaves it, with the project's own page, boot script and service worker.
fn built() -> Result<TempDir, Box<dyn Error>> {
    let dir = tempfile::tempdir()?;
    let www = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../www");
    let index = fs::read_to_string(www.join("../index.html"))?;
    let trunk = "<link rel=\"preload\" href=\"./page-0123456789abcdef_bg.wasm\" \
        crossorigin=\"anonymous\" as=\"fetch\" type=\"application/wasm\"></head>";
    fs::write(
        dir.path().join("index.html"),
        index.replacen("</head>", trunk, 1),
    )?;
    for name in ["boot.js", "offline.js", "sw.js", "mark.svg"] {
        fs::copy(www.join(name), dir.path().join(name))?;
    }
    for (name, content) in [
        ("page-0123456789abcdef.js", "export default () => {};"),
        ("page-0123456789abcdef_bg.wasm", "\0asm of the app"),
        ("ranker.js", "export default () => {};"),
        ("ranker_bg.wasm", "\0asm"),
        ("trainer-cpu.js", "export default () => {};"),
        ("trainer-cpu_bg.wasm", "\0asm that trains"),
    ] {
        fs::write(dir.path().join(name), content)?;
    }
    Ok(dir)
}

fn pack(bytes: &[u8]) -> ServedPack {
    ServedPack {
        bytes: bytes.to_vec(),
        name: "Films".into(),
        items: Vec::new(),
    }
}

async fn served(site: &Site, path: &str) -> Result<(String, String), Box<dyn Error>> {
    let request = Request::builder().uri(path).body(Body::empty())?;
    let (head, body) = app(site).oneshot(request).await?.into_parts();
    let cache = head.headers["cache-control"].to_str()?.to_owned();
    let body = to_bytes(body, usize::MAX).await?.to_vec();
    Ok((String::from_utf8(body)?, cache))
}

/// The names in one list of a filled service worker.
fn listed(script: &str, list: &str) -> BTreeSet<String> {
    let from = script.split(&format!("  {list}: {{")).nth(1);
    let lines = from.and_then(|rest| rest.split('}').next());
    lines
        .unwrap_or_default()
        .lines()
        .filter_map(|line| line.split('"').nth(1).map(String::from))
        .collect()
}

#[tokio::test]
async fn the_service_worker_lists_what_is_served() -> Outcome {
    let dir = built()?;
    let finished = finish(dir.path(), &pack(b"own"))?;
    let on_disk = fs::read_to_string(dir.path().join("sw.js"))?;
    let (own, cache) = served(&Site::load(dir.path(), None)?, "/sw.js").await?;
    assert_eq!(
        own, on_disk,
        "the folder's own pack is what it was finished with"
    );
    assert_eq!(cache, "no-cache");
    let now = listed(&own, "now");
    assert!(now.contains("index.html") && now.contains(&finished.pack));
    assert!(
        now.contains(&finished.ranker) && !now.contains("sw.js"),
        "{now:?}"
    );
    let later = listed(&own, "later");
    assert_eq!(
        later.len(),
        3,
        "entry, bindings and WASM of the trainer: {later:?}"
    );

    let site = Site::load(dir.path(), Some(&pack(b"other")))?;
    let (other, _) = served(&site, "/sw.js").await?;
    assert_ne!(other, own);
    let packs = |script: &str| -> Vec<String> {
        let files = listed(script, "now").into_iter();
        files.filter(|path| path.starts_with("packs/")).collect()
    };
    assert_eq!(packs(&own), [finished.pack]);
    let [address] = &packs(&other)[..] else {
        return Err(format!("one pack is listed, not {other}").into());
    };
    assert_eq!(served(&site, &format!("/{address}")).await?.0, "other");
    Ok(())
}

#[test]
fn the_app_waits_for_the_boot_script_which_is_part_of_the_page() -> Outcome {
    let dir = built()?;
    finish(dir.path(), &pack(b"own"))?;
    let page = fs::read_to_string(dir.path().join("index.html"))?;
    assert!(!page.contains("src=\"./boot.js\"") && !dir.path().join("boot.js").exists());
    assert!(
        page.contains("WebAssembly.validate"),
        "its text is in the page"
    );
    assert!(!page.contains("rel=\"preload\""), "{page}");
    let app = page.split("name=\"honeyguide-app\" content=\"./").nth(1);
    let app = app
        .and_then(|rest| rest.split('"').next())
        .ok_or("no address")?;
    assert!(dir.path().join(app).is_file(), "{app}");
    finish(dir.path(), &pack(b"own"))?;
    assert_eq!(fs::read_to_string(dir.path().join("index.html"))?, page);
    Ok(())
}

#[test]
fn a_published_folder_is_whole_and_states_its_policy() -> Outcome {
    let dir = built()?;
    let finished = finish(dir.path(), &pack(b"own ".repeat(100).as_slice()))?;
    let parent = tempfile::tempdir()?;
    let out = parent.path().join("static");
    let first = publish(dir.path(), None, &out)?;

    let page = fs::read_to_string(out.join("index.html"))?;
    let policy = page
        .find("http-equiv=\"Content-Security-Policy\"")
        .ok_or("no policy")?;
    assert!(policy < page.find("<script").ok_or("no script")?);
    assert!(
        !page.contains("frame-ancestors"),
        "a page cannot state that"
    );
    let headers = fs::read_to_string(out.join("_headers"))?;
    let line = headers
        .lines()
        .find(|line| line.contains("content-security-policy"));
    let line = line.ok_or("no policy among the headers")?;
    assert!(line.contains("frame-ancestors 'none'"));
    let hash = line
        .split("'sha256-")
        .nth(1)
        .and_then(|rest| rest.split('\'').next());
    assert!(
        page.contains(hash.ok_or("no script is allowed")?),
        "both allow the same script"
    );
    assert!(headers.contains(&format!("\n/{}\n  cache-control: public", finished.pack)));

    let sw = fs::read_to_string(out.join("sw.js"))?;
    for path in listed(&sw, "now").union(&listed(&sw, "later")) {
        assert!(out.join(path).is_file(), "{path} is listed");
    }
    for ending in ["", ".br", ".gz"] {
        assert!(
            out.join(format!("{}{ending}", finished.pack)).is_file(),
            "{ending}"
        );
    }
    assert!(fs::read_to_string(out.join("404.html"))?.contains("href=\"./\""));

    let second = publish(dir.path(), Some(&pack(b"other")), &out)?;
    assert_eq!(
        first.files, second.files,
        "the other pack is in place of the first"
    );
    assert!(!out.join(&finished.pack).exists());
    Ok(())
}

#[test]
fn a_folder_with_other_files_is_left_alone() -> Outcome {
    let dir = built()?;
    finish(dir.path(), &pack(b"own"))?;
    let out = tempfile::tempdir()?;
    fs::write(out.path().join("thesis.txt"), "the only copy")?;
    let error = publish(dir.path(), None, out.path())
        .err()
        .ok_or("it was published")?;
    assert!(
        error
            .to_string()
            .contains("choose another folder with `--out`"),
        "{error}"
    );
    assert!(out.path().join("thesis.txt").exists());
    Ok(())
}
