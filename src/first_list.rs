//! The page before any WASM has loaded: the popularity order, in the finished page's layout.
//!
//! [`fill`] writes into `index.html` what is only known when the site is built or served: the
//! addresses of ranker and pack, and the first list. The markup must stay equal to what the views
//! draw, class by class, so that nothing shifts when the app takes over; the end-to-end tests hold
//! both together by the browser's own count of layout shifts.

use std::fmt::{self, Write as _};

use engine::messages::{ItemView, Why};
use serde::Serialize;

use crate::escape::Escaped;
use crate::icons;
use crate::item::{byline, link, picture};
use crate::words::words;

/// Covers on the wall before the app runs.
pub const WALL: usize = 24;
/// Length of the ranked list.
pub const LIST: usize = 10;
/// Id of the data block that hands the first items to the app.
pub const DATA_ID: &str = "honeyguide-first";

/// What the page is filled with.
#[derive(Clone, Copy, Debug)]
pub struct FirstList<'a> {
    /// Address of the ranker worker's module, relative to the page.
    pub ranker_url: &'a str,
    /// Address of the pack, relative to the page.
    pub pack_url: &'a str,
    /// What the browser should begin to load at once.
    pub preloads: &'a [Preload<'a>],
    /// Name of the catalogue, for people.
    pub name: &'a str,
    /// The catalogue's items, most popular first; the first [`WALL`] are used.
    pub items: &'a [ItemView],
}

/// Something to load early.
#[derive(Clone, Copy, Debug)]
pub struct Preload<'a> {
    /// Address, relative to the page.
    pub href: &'a str,
    /// What it is.
    pub kind: PreloadKind,
}

/// Kinds of preloads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PreloadKind {
    /// A JavaScript module.
    Module,
    /// Data that a `fetch` will ask for.
    Fetch,
}

/// Why a page could not be filled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FillError {
    /// This text is missing in the page.
    Missing {
        /// The marker or meta element.
        marker: &'static str,
    },
}

impl fmt::Display for FillError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Missing { marker } = self;
        write!(
            f,
            "it has no {marker}: put it back, or build the page again without removing comments"
        )
    }
}

impl std::error::Error for FillError {}

/// The data block as the app reads it.
#[derive(Serialize)]
struct Data<'a> {
    name: &'a str,
    items: &'a [ItemView],
}

/// Fills a page, filled before or not.
///
/// # Errors
///
/// [`FillError::Missing`] names the first marker that the page lacks.
pub fn fill(index_html: &str, first: &FirstList) -> Result<String, FillError> {
    let page = set_meta(
        index_html,
        "name=\"honeyguide-ranker\"",
        "content",
        first.ranker_url,
    )?;
    let page = set_meta(&page, "name=\"honeyguide-pack\"", "content", first.pack_url)?;
    let page = set_between(
        &page,
        "<!--honeyguide:preload-->",
        "<!--/honeyguide:preload-->",
        &preloads(first.preloads),
    )?;
    set_between(
        &page,
        "<!--honeyguide:first-list-->",
        "<!--/honeyguide:first-list-->",
        &body(first),
    )
}

/// Replaces the value of an attribute of the meta element that holds `name` (`name="…"`).
///
/// # Errors
///
/// [`FillError::Missing`] if there is no such element, or it has no such attribute.
pub fn set_meta(
    page: &str,
    name: &'static str,
    attribute: &str,
    value: &str,
) -> Result<String, FillError> {
    let missing = || FillError::Missing { marker: name };
    let at = page.find(name).ok_or_else(missing)?;
    let start = page[..at].rfind('<').ok_or_else(missing)?;
    let end = at + page[at..].find('>').ok_or_else(missing)?;
    let before = format!(" {attribute}=\"");
    let found = page[start..end].find(&before).ok_or_else(missing)?;
    let open = start + found + before.len();
    let close = open + page[open..].find('"').ok_or_else(missing)?;
    Ok(format!(
        "{}{}{}",
        &page[..open],
        Escaped(value),
        &page[close..]
    ))
}

/// Replaces what is between two markers; both stay.
///
/// # Errors
///
/// [`FillError::Missing`] names the first marker that the page lacks.
pub fn set_between(
    page: &str,
    from: &'static str,
    to: &'static str,
    value: &str,
) -> Result<String, FillError> {
    let start = page.find(from).ok_or(FillError::Missing { marker: from })? + from.len();
    // The last one: an item's text is escaped and cannot contain it, so there is only one.
    let end = page
        .rfind(to)
        .filter(|end| *end >= start)
        .ok_or(FillError::Missing { marker: to })?;
    Ok(format!("{}\n{value}{}", &page[..start], &page[end..]))
}

fn preloads(preloads: &[Preload]) -> String {
    let mut out = String::new();
    for preload in preloads {
        let href = Escaped(preload.href);
        // Writing to a String cannot fail, so the results are dropped here and below.
        let _ = match preload.kind {
            PreloadKind::Module => writeln!(out, r#"<link rel="modulepreload" href="{href}">"#),
            PreloadKind::Fetch => {
                writeln!(
                    out,
                    r#"<link rel="preload" as="fetch" crossorigin href="{href}">"#
                )
            }
        };
    }
    out
}

/// Everything inside `<body>`: the page without its scripts.
fn body(first: &FirstList) -> String {
    let w = words();
    let items = &first.items[..first.items.len().min(WALL)];
    let mut out = String::with_capacity(128 * 1024);
    let _ = write!(
        out,
        r##"<div id="app" class="page">
<a class="skip" href="#catalogue">{skip}</a>
<header class="masthead"><img class="mark" src="./mark.svg" alt="" width="44" height="44"><div class="names"><h1>{brand}</h1><p class="catalogue-name">{name}</p></div><p class="lede">{lede}</p><div class="theme"></div></header>
<p class="failure" role="status" hidden data-no-wasm="{no_wasm}" data-no-simd="{no_simd}" data-not-loaded="{not_loaded}"></p>
<noscript><p class="failure">{no_script}</p></noscript>
<main class="desk">
<section class="for-you" aria-labelledby="for-you-title"><div class="head"><h2 id="for-you-title">{for_you}</h2><div class="tools"></div></div><div class="held"><div class="updated"></div><ol class="rows" data-testid="recommendations" tabindex="-1">"##,
        skip = w.skip,
        brand = w.brand,
        name = Escaped(first.name),
        lede = w.lede,
        no_wasm = w.notices.no_wasm,
        no_simd = w.notices.no_simd,
        not_loaded = w.notices.not_loaded,
        no_script = w.notices.no_script,
        for_you = w.for_you,
    );
    for (place, item) in items.iter().take(LIST).enumerate() {
        row(&mut out, item, place + 1);
    }
    let _ = write!(
        out,
        r#"</ol></div><div class="below"></div></section>
<section class="wall" aria-labelledby="wall-title"><div class="head"><h2 id="wall-title">{catalogue}</h2><div class="filter"></div><p class="count"></p></div><div id="catalogue" class="chunks" data-testid="catalogue" tabindex="-1"><ul class="chunk" role="list">"#,
        catalogue = w.catalogue,
    );
    for item in items {
        let _ = write!(
            out,
            r#"<li class="card" data-item-id="{}">"#,
            Escaped(&item.id)
        );
        cover(&mut out, item);
        out.push_str("</li>");
    }
    out.push_str("</ul></div></section>\n</main>\n</div>\n");

    let data = Data {
        name: first.name,
        items,
    };
    let json = serde_json::to_string(&data).expect("strings, numbers and lists always serialise");
    // `<` could close the block or open a comment; in JSON strings it may be written as an escape.
    let json = json.replace('<', "\\u003c");
    let _ = writeln!(
        out,
        r#"<script type="application/json" id="{DATA_ID}">{json}</script>"#
    );
    out
}

fn row(out: &mut String, item: &ItemView, place: usize) {
    let w = words();
    let _ = write!(
        out,
        r#"<li class="row" data-item-id="{}"><span class="place"><span class="rank">{place}</span></span>"#,
        Escaped(&item.id)
    );
    cover(out, item);
    let _ = write!(
        out,
        r#"<div class="what"><p class="title">{}</p><p class="by">{}</p></div><button class="why" type="button" disabled><span class="reason">{}</span><span class="turn-box">{}</span></button><div class="votes">"#,
        Escaped(&item.title),
        Escaped(&byline(item)),
        Escaped(&(w.why)(&Why::Popular)),
        icons::DISCLOSE,
    );
    for (name, icon, label) in [
        ("like", icons::LIKE, w.like),
        ("dislike", icons::DISLIKE, w.dislike),
        ("dismiss", icons::DISMISS, w.dismiss),
    ] {
        let _ = write!(
            out,
            r#"<button class="vote {name}" type="button" data-testid="{name}" aria-label="{}" disabled>{icon}</button>"#,
            Escaped(&label(&item.title)),
        );
    }
    out.push_str("</div></li>");
}

fn cover(out: &mut String, item: &ItemView) {
    let picture = picture(item);
    let _ = match link(item) {
        Some(url) => write!(
            out,
            r#"<a class="cover" href="{}" target="_blank" rel="noopener noreferrer">{picture}</a>"#,
            Escaped(url)
        ),
        None => write!(
            out,
            r#"<button class="cover" type="button">{picture}</button>"#
        ),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = include_str!("../index.html");

    fn items(n: usize) -> Vec<ItemView> {
        (0..n)
            .map(|n| ItemView {
                id: format!("film-{n}"),
                title: format!("Film <{n}> <!--/honeyguide:first-list--> </script>"),
                year: Some(1950 + n as i16),
                creator: "A & B".into(),
                url: if n % 2 == 0 {
                    String::new()
                } else {
                    "https://example.org/?a=1&b=2".into()
                },
                image: String::new(),
                facets: vec![("genre".into(), vec!["Drama".into()])],
            })
            .collect()
    }

    fn first<'a>(items: &'a [ItemView], preloads: &'a [Preload<'a>]) -> FirstList<'a> {
        FirstList {
            ranker_url: "./ranker-1.js",
            pack_url: "./packs/2.hgpack",
            preloads,
            name: "Films & more",
            items,
        }
    }

    #[test]
    fn the_page_gets_addresses_lists_and_data() {
        let items = items(40);
        let preloads = [
            Preload {
                href: "./a.js",
                kind: PreloadKind::Module,
            },
            Preload {
                href: "./b.hgpack",
                kind: PreloadKind::Fetch,
            },
        ];
        let page = fill(PAGE, &first(&items, &preloads)).expect("the real page has every marker");
        assert!(page.contains(r#"<meta name="honeyguide-ranker" content="./ranker-1.js""#));
        assert!(page.contains(r#"<meta name="honeyguide-pack" content="./packs/2.hgpack""#));
        assert!(page.contains(r#"<link rel="modulepreload" href="./a.js">"#));
        assert!(page.contains(r#"<link rel="preload" as="fetch" crossorigin href="./b.hgpack">"#));
        assert_eq!(page.matches(r#"class="card""#).count(), WALL);
        assert_eq!(page.matches(r#"class="row""#).count(), LIST);
        assert!(page.contains("Films &amp; more"));
        assert!(page.contains(r#"href="https://example.org/?a=1&amp;b=2""#));
        assert!(!page.contains("Film <"), "titles are escaped");
        let json = page
            .split_once(r#"id="honeyguide-first">"#)
            .expect("data block")
            .1;
        let json = json.split_once("</script>").expect("end of block").0;
        let data: serde_json::Value = serde_json::from_str(json).expect("valid JSON");
        assert_eq!(data["items"].as_array().map(Vec::len), Some(WALL));
    }

    #[test]
    fn filling_again_equals_filling_once() {
        let (many, few) = (items(40), items(3));
        let once = fill(PAGE, &first(&few, &[])).expect("markers");
        let twice = fill(
            &fill(PAGE, &first(&many, &[])).expect("markers"),
            &first(&few, &[]),
        )
        .expect("markers stay");
        assert_eq!(once, twice);
    }

    #[test]
    fn a_missing_marker_is_named() {
        for marker in [
            "name=\"honeyguide-ranker\"",
            "name=\"honeyguide-pack\"",
            "<!--honeyguide:preload-->",
            "<!--/honeyguide:preload-->",
            "<!--honeyguide:first-list-->",
            "<!--/honeyguide:first-list-->",
        ] {
            let broken = PAGE.replace(marker, "");
            assert_eq!(
                fill(&broken, &first(&[], &[])),
                Err(FillError::Missing { marker })
            );
        }
        let error = FillError::Missing { marker: "<!--x-->" }.to_string();
        assert!(error.contains("<!--x-->"));
    }
}
