//! The server's answers, without a port, and the step that finishes a built folder.

use std::{error::Error, fs, io::Read, path::Path};

use axum::{
    body::{Body, Bytes, to_bytes},
    http::{HeaderMap, Method, Request, StatusCode},
};
use engine::messages::ItemView;
use server::{ServedPack, Site, app, finish};
use tempfile::TempDir;
use tower::ServiceExt;

type Outcome = Result<(), Box<dyn Error>>;

const INDEX: &str = r#"<!doctype html>
<html lang="en">
<head>
<meta name="honeyguide-ranker" content="">
<meta name="honeyguide-pack" content="">
<meta name="honeyguide-trainer-cpu" content="" data-bytes="">
<meta name="honeyguide-trainer-webgpu" content="" data-bytes="">
<!--honeyguide:preload--><!--/honeyguide:preload-->
<script type="module">import init from "./page-0123456789abcdef.js"; await init();</script>
</head>
<body><!--honeyguide:first-list--><!--/honeyguide:first-list--></body>
</html>
"#;

/// A folder as Trunk leaves it.
fn built() -> Result<TempDir, Box<dyn Error>> {
    let dir = tempfile::tempdir()?;
    let text = "export default () => {}; // something that compresses well\n".repeat(40);
    for (name, content) in [
        ("index.html", INDEX),
        ("page-0123456789abcdef.js", &text),
        ("page-0123456789abcdef_bg.wasm", "\0asm of the app"),
        ("styles-0123456789abcdef.css", "body { color: #222 }"),
        ("ranker.js", &text),
        ("ranker_bg.wasm", "\0asm"),
        (".complete", "not for visitors"),
    ] {
        fs::write(dir.path().join(name), content)?;
    }
    Ok(dir)
}

fn pack(bytes: &[u8], title: &str) -> ServedPack {
    ServedPack {
        bytes: bytes.to_vec(),
        name: "Films".into(),
        items: vec![ItemView {
            id: "item-1".into(),
            title: title.into(),
            year: Some(1979),
            creator: String::new(),
            url: String::new(),
            image: String::new(),
            facets: Vec::new(),
        }],
    }
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap_or("not ASCII"))
    }
}

async fn ask(
    site: &Site,
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
) -> Result<Answer, Box<dyn Error>> {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = app(site).oneshot(request.body(Body::empty())?).await?;
    let (head, body) = response.into_parts();
    Ok(Answer {
        status: head.status,
        headers: head.headers,
        body: to_bytes(body, usize::MAX).await?,
    })
}

async fn get(site: &Site, path: &str) -> Result<Answer, Box<dyn Error>> {
    ask(site, Method::GET, path, &[]).await
}

#[tokio::test]
async fn the_page_is_served_with_its_headers() -> Outcome {
    let dir = built()?;
    let site = Site::load(dir.path(), None)?;
    for path in ["/", "/index.html"] {
        let page = get(&site, path).await?;
        assert_eq!(page.status, StatusCode::OK);
        assert_eq!(page.body, INDEX);
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
        assert_eq!(page.header("cache-control"), "no-cache");
        let policy = page.header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'; script-src 'self' 'wasm-unsafe-eval' 'sha256-")
        );
        assert_eq!(policy.matches("'sha256-").count(), 1);
        assert_eq!(page.header("x-content-type-options"), "nosniff");
        assert_eq!(page.header("referrer-policy"), "no-referrer");
        assert_eq!(page.header("cross-origin-opener-policy"), "same-origin");
        assert_eq!(page.header("cross-origin-resource-policy"), "same-origin");
        assert!(page.header("permissions-policy").contains("camera=()"));
    }
    Ok(())
}

#[tokio::test]
async fn names_made_from_content_are_kept_for_ever() -> Outcome {
    let dir = built()?;
    let site = Site::load(dir.path(), None)?;
    let style = get(&site, "/styles-0123456789abcdef.css").await?;
    assert_eq!(
        style.header("cache-control"),
        "public, max-age=31536000, immutable"
    );
    let ranker = get(&site, "/ranker.js").await?;
    assert_eq!(ranker.header("cache-control"), "no-cache");
    assert_eq!(
        get(&site, "/ranker_bg.wasm").await?.header("content-type"),
        "application/wasm"
    );
    Ok(())
}

#[tokio::test]
async fn a_known_etag_is_answered_without_a_body() -> Outcome {
    let dir = built()?;
    let site = Site::load(dir.path(), None)?;
    let etag = get(&site, "/").await?.header("etag").to_owned();
    for known in [
        etag.clone(),
        format!("W/{etag}"),
        format!("\"other\", {etag}"),
        "*".into(),
    ] {
        let again = ask(&site, Method::GET, "/", &[("if-none-match", &known)]).await?;
        assert_eq!(again.status, StatusCode::NOT_MODIFIED, "{known}");
        assert!(again.body.is_empty());
        assert_eq!(again.header("etag"), etag);
    }
    let other = ask(&site, Method::GET, "/", &[("if-none-match", "\"other\"")]).await?;
    assert_eq!(other.status, StatusCode::OK);
    Ok(())
}

#[tokio::test]
async fn bodies_are_compressed_as_the_client_takes_them() -> Outcome {
    let dir = built()?;
    let site = Site::load(dir.path(), None)?;
    let path = "/page-0123456789abcdef.js";
    let take = async |encodings: &str| {
        ask(&site, Method::GET, path, &[("accept-encoding", encodings)]).await
    };

    let early = take("gzip, br").await?;
    assert_eq!(
        early.header("content-encoding"),
        "",
        "nothing is compressed yet"
    );
    assert_eq!(early.header("vary"), "accept-encoding");

    site.compress();
    let plain = take("identity").await?;
    let gzip = take("gzip").await?;
    let brotli = take("gzip, deflate, br, zstd").await?;
    assert_eq!(plain.header("content-encoding"), "");
    assert_eq!(gzip.header("content-encoding"), "gzip");
    assert_eq!(brotli.header("content-encoding"), "br");
    assert!(brotli.body.len() < plain.body.len() && gzip.body.len() < plain.body.len());
    let mut unpacked = Vec::new();
    brotli::Decompressor::new(&*brotli.body, 4096).read_to_end(&mut unpacked)?;
    assert_eq!(unpacked, plain.body);
    // A strong ETag names bytes, so the three must differ.
    assert_ne!(plain.header("etag"), gzip.header("etag"));
    assert_ne!(plain.header("etag"), brotli.header("etag"));
    Ok(())
}

#[tokio::test]
async fn head_is_get_without_the_body() -> Outcome {
    let dir = built()?;
    let site = Site::load(dir.path(), None)?;
    let head = ask(&site, Method::HEAD, "/", &[]).await?;
    assert_eq!(head.status, StatusCode::OK);
    assert!(head.body.is_empty());
    assert_eq!(head.header("content-length"), INDEX.len().to_string());
    Ok(())
}

#[tokio::test]
async fn nothing_else_is_answered() -> Outcome {
    let dir = built()?;
    // A site inside the folder, so that there is something outside to ask for.
    let inner = dir.path().join("inner");
    fs::create_dir(&inner)?;
    fs::write(inner.join("index.html"), INDEX)?;
    fs::write(inner.join(".complete"), "not for visitors")?;
    let site = Site::load(&inner, None)?;
    for path in [
        "/missing",
        "/.complete",
        "/../ranker.js",
        "/%2e%2e/ranker.js",
        "/..%2franker.js",
        "//etc/passwd",
        "/index.html/",
    ] {
        let answer = get(&site, path).await?;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert!(answer.body.starts_with(b"<!doctype html>"), "{path}");
        assert_ne!(answer.header("content-security-policy"), "", "{path}");
    }
    for method in [Method::POST, Method::PUT, Method::DELETE, Method::OPTIONS] {
        let answer = ask(&site, method.clone(), "/", &[]).await?;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method}");
        assert_eq!(answer.header("allow"), "GET,HEAD");
    }
    fs::remove_file(dir.path().join("../honeyguide-secret")).ok();
    Ok(())
}

#[tokio::test]
async fn healthz_says_ok() -> Outcome {
    let dir = built()?;
    let site = Site::load(dir.path(), None)?;
    let answer = get(&site, "/healthz").await?;
    assert_eq!(
        (answer.status, &*answer.body),
        (StatusCode::OK, &b"ok\n"[..])
    );
    assert_eq!(answer.header("cache-control"), "no-store");
    Ok(())
}

#[tokio::test]
async fn another_pack_fills_the_page_in_memory() -> Outcome {
    let dir = built()?;
    let own = finish(dir.path(), &pack(b"own pack", "Alien"))?;
    let on_disk = fs::read_to_string(dir.path().join("index.html"))?;
    let site = Site::load(dir.path(), Some(&pack(b"other pack", "Solaris")))?;

    let page = get(&site, "/").await?;
    let page = String::from_utf8(page.body.to_vec())?;
    assert!(page.contains("Solaris") && !page.contains("Alien"));
    let address = page
        .split("content=\"./packs/")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .ok_or("no pack address")?;
    let served = get(&site, &format!("/packs/{address}")).await?;
    assert_eq!(served.body, &b"other pack"[..]);
    assert_eq!(
        served.header("cache-control"),
        "public, max-age=31536000, immutable"
    );
    assert_ne!(own.pack, format!("packs/{address}"));
    assert_eq!(
        fs::read_to_string(dir.path().join("index.html"))?,
        on_disk,
        "the folder stays as it is"
    );
    Ok(())
}

#[test]
fn finishing_names_files_by_their_content() -> Outcome {
    let dir = built()?;
    fs::write(dir.path().join("ranker_loader.js"), "knows the old names")?;
    let finished = finish(dir.path(), &pack(b"a pack", "Alien"))?;
    let names = names(dir.path())?;
    for gone in ["ranker.js", "ranker_bg.wasm", "ranker_loader.js"] {
        assert!(!names.iter().any(|name| name == gone), "{names:?}");
    }
    let entry = fs::read_to_string(dir.path().join(&finished.ranker))?;
    for part in ["ranker-bindings-", "_bg.wasm"] {
        let name = names
            .iter()
            .find(|name| name.contains(part))
            .ok_or("a part of the worker is missing")?;
        assert!(entry.contains(&format!("\"./{name}\"")), "{entry}");
    }
    let page = fs::read_to_string(dir.path().join("index.html"))?;
    let app = names
        .iter()
        .find(|name| name.starts_with("page-") && name.ends_with(".js"))
        .ok_or("the app's script is missing")?;
    assert_ne!(app, "page-0123456789abcdef.js", "named by what it is now");
    assert!(names.contains(&app.replace(".js", "_bg.wasm")));
    assert!(page.contains(&format!("import init from \"./{app}\"")));
    assert!(page.contains(&format!("content=\"./{}\"", finished.ranker)));
    assert!(page.contains(&format!("content=\"./{}\"", finished.pack)));
    assert!(page.contains("Alien"));
    assert_eq!(fs::read(dir.path().join(&finished.pack))?, b"a pack");
    Ok(())
}

#[test]
fn finishing_again_changes_nothing_and_leaves_nothing_behind() -> Outcome {
    let dir = built()?;
    let first = finish(dir.path(), &pack(b"a pack", "Alien"))?;
    let page = fs::read_to_string(dir.path().join("index.html"))?;
    assert_eq!(finish(dir.path(), &pack(b"a pack", "Alien"))?, first);
    assert_eq!(fs::read_to_string(dir.path().join("index.html"))?, page);

    let other = finish(dir.path(), &pack(b"another pack", "Solaris"))?;
    assert_eq!(other.ranker, first.ranker);
    assert_eq!(names(&dir.path().join("packs"))?.len(), 1);

    // A newer worker takes the place of the older one.
    fs::write(dir.path().join("ranker.js"), "export default () => 2;")?;
    fs::write(dir.path().join("ranker_bg.wasm"), "\0asm 2")?;
    let newer = finish(dir.path(), &pack(b"another pack", "Solaris"))?;
    assert_ne!(newer.ranker, first.ranker);
    let workers = names(dir.path())?;
    let workers = workers.iter().filter(|name| name.starts_with("ranker"));
    assert_eq!(workers.count(), 3);
    Ok(())
}

#[tokio::test]
async fn trainers_are_named_and_weighed() -> Outcome {
    let dir = built()?;
    let without = finish(dir.path(), &pack(b"a pack", "Alien"))?;
    assert_eq!(without.later, []);

    let wasm = "\0asm that trains and compresses well ".repeat(100);
    let brotli = brotli_1(wasm.as_bytes())?;
    let bindings = "export default () => {};";
    for (name, content) in [
        ("trainer-cpu.js", bindings.as_bytes()),
        ("trainer-cpu_bg.wasm", wasm.as_bytes()),
        ("trainer-cpu_bg.wasm.br", &brotli),
    ] {
        fs::write(dir.path().join(name), content)?;
    }
    let finished = finish(dir.path(), &pack(b"a pack", "Alien"))?;
    let [trainer] = &finished.later[..] else {
        return Err(format!("{finished:?}").into());
    };
    let entry = fs::metadata(dir.path().join(&trainer.entry))?.len() as usize;
    let most = brotli.len() + bindings.len() + entry;
    assert!(trainer.bytes > brotli.len() && trainer.bytes <= most);
    let page = fs::read_to_string(dir.path().join("index.html"))?;
    let meta = format!(
        "name=\"honeyguide-trainer-cpu\" content=\"./{}\" data-bytes=\"{}\">",
        trainer.entry, trainer.bytes
    );
    assert!(page.contains(&meta), "{page}");
    assert!(page.contains("name=\"honeyguide-trainer-webgpu\" content=\"\" data-bytes=\"\">"));
    assert_eq!(finish(dir.path(), &pack(b"a pack", "Alien"))?, finished);

    // Served as the build compressed it, and the compressed file is no file of its own.
    let site = Site::load(dir.path(), Some(&pack(b"other pack", "Solaris")))?;
    site.compress();
    let page = get(&site, "/").await?;
    assert!(String::from_utf8(page.body.to_vec())?.contains(&meta));
    let names = names(dir.path())?;
    let name = names
        .iter()
        .find(|name| name.starts_with("trainer-cpu-") && name.ends_with(".wasm"))
        .ok_or("the trainer's WASM is missing")?;
    let path = format!("/{name}");
    let served = ask(&site, Method::GET, &path, &[("accept-encoding", "br")]).await?;
    assert_eq!(served.body, brotli);
    assert_eq!(served.header("content-encoding"), "br");
    assert_eq!(served.header("content-type"), "application/wasm");
    assert_eq!(
        served.header("cache-control"),
        "public, max-age=31536000, immutable"
    );
    assert_eq!(get(&site, &path).await?.body, wasm);
    let sidecar = get(&site, &format!("{path}.br")).await?;
    assert_eq!(sidecar.status, StatusCode::NOT_FOUND);
    Ok(())
}

/// Of another quality than the server's, so that the two can be told apart.
fn brotli_1(plain: &[u8]) -> Result<Vec<u8>, Box<dyn Error>> {
    let params = brotli::enc::BrotliEncoderParams {
        quality: 1,
        ..Default::default()
    };
    let mut out = Vec::new();
    brotli::BrotliCompress(&mut &*plain, &mut out, &params)?;
    Ok(out)
}

#[test]
fn errors_say_what_to_do() -> Outcome {
    let empty = tempfile::tempdir()?;
    let says = |error: server::Error, words: &str| {
        let text = error.to_string();
        assert!(text.contains(words), "{text}");
    };
    let no_page = Site::load(empty.path(), None).err();
    says(no_page.ok_or("loaded nothing")?, "cargo xtask serve");
    let no_page = finish(empty.path(), &pack(b"", "")).err();
    says(no_page.ok_or("finished nothing")?, "cargo xtask serve");

    let dir = built()?;
    fs::remove_file(dir.path().join("ranker_bg.wasm"))?;
    let no_ranker = finish(dir.path(), &pack(b"", "")).err();
    says(no_ranker.ok_or("finished without a worker")?, "ranker");
    let unfinished = Site::load(dir.path(), Some(&pack(b"", ""))).err();
    says(unfinished.ok_or("loaded without a worker")?, "ranker");

    let dir = built()?;
    fs::write(dir.path().join("index.html"), "<html></html>")?;
    let no_place = finish(dir.path(), &pack(b"", "")).err();
    says(
        no_place.ok_or("filled a page without places")?,
        "index.html",
    );
    Ok(())
}

#[tokio::test]
async fn a_busy_port_is_named() -> Outcome {
    let dir = built()?;
    let taken = std::net::TcpListener::bind("127.0.0.1:0")?;
    let config = server::Config {
        dir: dir.path().into(),
        pack: None,
        addr: taken.local_addr()?,
    };
    let error = server::run(config).await.err().ok_or("the port is taken")?;
    let text = error.to_string();
    assert!(
        text.contains(&taken.local_addr()?.port().to_string()),
        "{text}"
    );
    assert!(text.contains("--port"), "{text}");
    Ok(())
}

fn names(dir: &Path) -> Result<Vec<String>, Box<dyn Error>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(dir)? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    Ok(names)
}
