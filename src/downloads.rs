//! What was downloaded, from where, and how many bytes it took: rows made from the browser's own
//! timelines of page and workers.
//!
//! A browser tells of each file the bytes that came over the network (with 300 for the headers of
//! every answer, as the standard says), the bytes of the body as sent and after decompression, and,
//! if it is new enough, which store answered.

use std::fmt::Write as _;

use crate::words::lab_words;

/// A file in a browser's timeline, with the browser's names. What a browser leaves out is zero or
/// empty.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Entry {
    /// Its address.
    pub name: String,
    /// Who asked for it: `navigation`, `img`, `fetch` and others.
    pub initiator_type: String,
    /// Bytes over the network: 0 from a store of this device, 300 where the server only confirmed it.
    pub transfer_size: f64,
    /// Bytes of the body before decompression.
    pub encoded_body_size: f64,
    /// Bytes of the body after decompression.
    pub decoded_body_size: f64,
    /// `cache`, `cache-storage`, or empty.
    pub delivery_type: String,
}

/// A part of the page, for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The page itself, with its first list.
    Page,
    /// Style sheets.
    Styles,
    /// The app's WASM and scripts.
    App,
    /// WASM and scripts of what is loaded when it is first needed.
    Lab,
    /// The ranker's WASM and scripts.
    Ranker,
    /// The analyst's WASM and scripts.
    Analyst,
    /// The pack.
    Catalogue,
    /// WASM and scripts of the trainer for the CPU.
    TrainerCpu,
    /// WASM and scripts of the trainer for WebGPU.
    TrainerWebgpu,
    /// Covers that the catalogue links to.
    Pictures,
    /// Mark, manifest, and what keeps the page for later.
    Small,
    /// Anything else.
    Other,
}

/// Where a file came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// The network.
    Network,
    /// This device, after the server had confirmed that it is unchanged.
    Confirmed,
    /// This device: the browser's own cache.
    Cache,
    /// This device: what the service worker keeps.
    Kept,
    /// The browser does not say.
    Unknown,
}

/// Files of one part from one source.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The part.
    pub part: Part,
    /// The source.
    pub source: Source,
    /// How many files.
    pub files: usize,
    /// Bytes that came over the network.
    pub transferred: f64,
    /// Bytes after decompression.
    pub decoded: f64,
}

/// The rows for these entries, by part and source. A file that the device delivers again and again,
/// as an icon, counts once; one that comes over the network again counts again.
pub fn rows(entries: &[Entry]) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for (at, entry) in entries.iter().enumerate() {
        if !entry.name.starts_with("http") {
            continue; // Part of something that is counted, or made on the page.
        }
        let source = source(entry);
        let again = |other: &Entry| other.name == entry.name && entry.transfer_size <= 0.0;
        if source != Source::Network && entries[..at].iter().any(again) {
            continue;
        }
        let part = part(entry);
        let place = rows
            .iter()
            .position(|row| (row.part, row.source) == (part, source));
        let place = place.unwrap_or_else(|| {
            rows.push(Row {
                part,
                source,
                files: 0,
                transferred: 0.0,
                decoded: 0.0,
            });
            rows.len() - 1
        });
        let row = &mut rows[place];
        row.files += 1;
        row.transferred += entry.transfer_size.max(0.0);
        row.decoded += entry.decoded_body_size.max(0.0);
    }
    rows.sort_by_key(|row| (row.part, row.source));
    rows
}

/// The inside of a table of these rows, as HTML. Everything in it is a number or one of the page's own
/// words; one text costs a page less than a view of each cell.
pub fn table(rows: &[Row]) -> String {
    let w = &lab_words().downloads;
    let mut out = String::from("<thead><tr>");
    // Writing to a String cannot fail, so the results are dropped here and below.
    for name in w.columns {
        let _ = write!(out, "<th scope=\"col\">{name}</th>");
    }
    out.push_str("</tr></thead><tbody>");
    for row in rows {
        let _ = write!(
            out,
            "<tr><th scope=\"row\">{} <small>{}</small></th><td>{}</td><td>{}</td><td>{}</td></tr>",
            (w.part)(row.part),
            (w.files)(row.files),
            size(row.transferred),
            size(row.decoded),
            (w.source)(row.source),
        );
    }
    let (transferred, decoded) = total(rows);
    let _ = write!(
        out,
        "</tbody><tfoot><tr><th scope=\"row\">{}</th><td data-testid=\"downloaded\">{}</td><td>{}</td><td></td></tr></tfoot>",
        w.total,
        size(transferred),
        size(decoded),
    );
    out
}

/// Bytes over the network and after decompression, of all rows.
pub fn total(rows: &[Row]) -> (f64, f64) {
    rows.iter().fold((0.0, 0.0), |(transferred, decoded), row| {
        (transferred + row.transferred, decoded + row.decoded)
    })
}

fn source(entry: &Entry) -> Source {
    match (&*entry.delivery_type, entry.transfer_size) {
        ("cache-storage", _) => Source::Kept,
        (_, sent)
            if sent > 0.0 && (sent < entry.encoded_body_size || entry.delivery_type == "cache") =>
        {
            Source::Confirmed
        }
        (_, sent) if sent > 0.0 => Source::Network,
        ("cache", _) => Source::Cache,
        _ if entry.decoded_body_size > 0.0 => Source::Cache,
        _ => Source::Unknown,
    }
}

fn part(entry: &Entry) -> Part {
    let path = entry.name.split(['?', '#']).next().unwrap_or_default();
    let file = path.rsplit('/').next().unwrap_or_default();
    let begins = |with: &str| file.starts_with(with);
    let ends = |with: &str| file.ends_with(with);
    let small = ["mark", "manifest.", "offline.js", "sw.js"];
    match &*entry.initiator_type {
        "navigation" => Part::Page,
        _ if ends(".css") => Part::Styles,
        _ if ends(".hgpack") => Part::Catalogue,
        _ if begins("lab-") => Part::Lab,
        _ if begins("ranker-") => Part::Ranker,
        _ if begins("analyst-") => Part::Analyst,
        _ if begins("trainer-cpu-") => Part::TrainerCpu,
        _ if begins("trainer-webgpu-") => Part::TrainerWebgpu,
        _ if begins("page-") || ends("-initializer.mjs") => Part::App,
        _ if small.into_iter().any(begins) => Part::Small,
        "img" | "image" => Part::Pictures,
        _ => Part::Other,
    }
}

/// Bytes in the unit that suits them; 1 KB = 1,000 bytes.
pub fn size(bytes: f64) -> String {
    match bytes {
        bytes if bytes < 1e3 => format!("{bytes:.0} B"),
        bytes if bytes < 1e6 => format!("{:.1} KB", bytes / 1e3),
        bytes => format!("{:.1} MB", bytes / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As Chromium 156 reports: name, initiator, transferred, encoded, decoded, delivery.
    fn entry(name: &str, by: &str, sizes: [f64; 3], delivery: &str) -> Entry {
        Entry {
            name: format!("http://127.0.0.1:8787/{name}"),
            initiator_type: by.into(),
            transfer_size: sizes[0],
            encoded_body_size: sizes[1],
            decoded_body_size: sizes[2],
            delivery_type: delivery.into(),
        }
    }

    #[test]
    fn sources_are_told_apart() {
        for (sizes, delivery, expected) in [
            ([8252.0, 7952.0, 69677.0], "", Source::Network),
            ([300.0, 7952.0, 69677.0], "cache", Source::Confirmed),
            ([300.0, 291.0, 507.0], "cache", Source::Confirmed),
            ([0.0, 1271.0, 3598.0], "cache", Source::Cache),
            // A browser that does not know the delivery type.
            ([300.0, 7952.0, 69677.0], "", Source::Confirmed),
            ([0.0, 1271.0, 3598.0], "", Source::Cache),
            ([0.0, 69677.0, 69677.0], "cache-storage", Source::Kept),
            ([0.0, 0.0, 0.0], "cache-storage", Source::Kept),
            ([0.0, 0.0, 0.0], "", Source::Unknown),
        ] {
            assert_eq!(
                source(&entry("a.css", "link", sizes, delivery)),
                expected,
                "{sizes:?} {delivery}"
            );
        }
    }

    #[test]
    fn parts_are_named_by_their_files() {
        let plain = [1.0, 1.0, 1.0];
        for (name, by, expected) in [
            ("", "navigation", Part::Page),
            ("some/path/?backend=cpu", "navigation", Part::Page),
            ("base-68292a74f76d3c5a.css", "link", Part::Styles),
            ("page-cc2ac2d67616bd56.css", "link", Part::Styles),
            ("page-f12674e341527963_bg.wasm", "link", Part::App),
            ("a8503ecf1f43c374-initializer.mjs", "other", Part::App),
            ("ranker-bindings-b80566dbb11fd1ac.js", "other", Part::Ranker),
            ("packs/eccd2b9b25dd0778.hgpack", "fetch", Part::Catalogue),
            (
                "trainer-cpu-601bb9ab6544f3bb_bg.wasm",
                "fetch",
                Part::TrainerCpu,
            ),
            (
                "trainer-webgpu-5232fa50d9a7f522_bg.wasm",
                "fetch",
                Part::TrainerWebgpu,
            ),
            ("mark.svg", "img", Part::Small),
            ("offline.js", "script", Part::Small),
            ("covers/1.webp", "img", Part::Pictures),
            ("healthz?probe=1", "fetch", Part::Other),
        ] {
            assert_eq!(part(&entry(name, by, plain, "")), expected, "{name}");
        }
    }

    #[test]
    fn rows_add_up_and_repeats_from_the_device_count_once() {
        let icon = || entry("mark.svg", "other", [0.0, 507.0, 507.0], "cache-storage");
        let entries = [
            entry("ranker-1.js", "other", [571.0, 271.0, 495.0], ""),
            entry("", "navigation", [8252.0, 7952.0, 69677.0], ""),
            entry(
                "ranker-1_bg.wasm",
                "fetch",
                [100_300.0, 100_000.0, 300_000.0],
                "",
            ),
            icon(),
            icon(),
            entry("ranker-2.js", "other", [0.0, 271.0, 495.0], "cache"),
            Entry {
                name: "data:image/svg+xml,x".into(),
                ..icon()
            },
        ];
        let rows = rows(&entries);
        let told: Vec<_> = rows
            .iter()
            .map(|row| (row.part, row.source, row.files, row.transferred))
            .collect();
        assert_eq!(
            told,
            [
                (Part::Page, Source::Network, 1, 8252.0),
                (Part::Ranker, Source::Network, 2, 100_871.0),
                (Part::Ranker, Source::Cache, 1, 0.0),
                (Part::Small, Source::Kept, 1, 0.0),
            ]
        );
        let (transferred, decoded) = total(&rows);
        assert_eq!(transferred, 8252.0 + 100_871.0);
        assert_eq!(decoded, 69677.0 + 300_495.0 + 495.0 + 507.0);
    }

    #[test]
    fn the_table_has_a_line_for_each_row_and_the_sum() {
        let network = entry("ranker-1.js", "other", [571.0, 271.0, 495.0], "");
        let kept = entry("a.css", "link", [0.0, 9.0, 9.0], "cache-storage");
        let html = table(&rows(&[network, kept]));
        assert_eq!(html.matches("<tr>").count(), 4, "{html}");
        assert!(
            html.contains(
                "Ranker <small></small></th><td>571 B</td><td>495 B</td><td>network</td>"
            )
        );
        assert!(
            html.contains("<td data-testid=\"downloaded\">571 B</td><td>504 B</td>"),
            "{html}"
        );
    }

    #[test]
    fn sizes_have_units() {
        assert_eq!(size(0.0), "0 B");
        assert_eq!(size(300.0), "300 B");
        assert_eq!(size(250_439.0), "250.4 KB");
        assert_eq!(size(15_600_000.0), "15.6 MB");
    }
}
