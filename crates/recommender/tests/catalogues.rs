//! Catalogue files of every format: detection, limits, errors with their places, any bytes.

#![cfg(not(target_arch = "wasm32"))]

use std::time::Instant;

use proptest::prelude::*;
use recommender::load::{self, CatalogueReader, Format, Limits};

const CSV: &str =
    "id,title,year,creator,genres,price\na,\"One, two\",1950,X|Y,Drama|War,12.5\nb,B,,,Drama,\n";
const JSON: &str = r#"[{"id":"a","title":"One, two","year":1950,"creator":["X","Y"],"genres":["Drama","War"],"price":12.5},
    {"id":"b","title":"B","genres":["Drama"]}]"#;
const RSS: &str = "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>News</title>\n\
    <item><title>One &amp; two</title><guid>a</guid><description>&lt;b&gt;x&lt;/b&gt;</description></item>\n\
    <item><title>B</title><guid>b</guid><category>c</category></item></channel></rss>";
const ATOM: &str = "<feed><title>Log</title><entry><id>a</id><title>A</title>\
    <link href=\"https://a.b/\"/></entry></feed>";

fn read(name: &str, text: &str) -> Result<load::CatalogueFile, load::LoadError> {
    load::catalogue(name, text.as_bytes().to_vec(), Limits::PAGE)
}

fn error(name: &str, text: &str) -> String {
    read(name, text).expect_err("bad").to_string()
}

fn lines() -> String {
    let compact = JSON.trim_matches(['[', ']']).replace("},\n", "}\n");
    compact.replace("    {", "{")
}

#[test]
fn csv_json_and_json_lines_give_the_same_items() {
    let csv = read("c.csv", CSV).expect("valid");
    assert_eq!(csv.items[0].creator, "X & Y");
    assert_eq!(csv.items[0].tags[2], ("price".into(), "12.50".into()));
    for (name, text, format) in [
        ("c.json", JSON.to_owned(), Format::Json),
        ("c", JSON.to_owned(), Format::Json),
        (
            "c.json",
            format!("{{\"name\":\"Shop\",\"items\":{JSON}}}"),
            Format::Json,
        ),
        ("c.jsonl", lines(), Format::JsonLines),
        ("c.txt", lines(), Format::JsonLines),
        (
            "c.txt",
            CSV.replace(',', ";").replace("One; two", "One, two"),
            Format::Csv,
        ),
        (
            "c.tsv",
            CSV.replace(',', "\t").replace("One\t two", "One, two"),
            Format::Csv,
        ),
        (
            "c.csv",
            format!("\u{feff}{}", CSV.replace('\n', "\r\n")),
            Format::Csv,
        ),
    ] {
        let other = read(name, &text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        assert_eq!((other.format, &other.items), (format, &csv.items), "{text}");
    }
}

#[test]
fn feeds_bring_their_title() {
    let rss = read("feed", RSS).expect("valid");
    assert_eq!(
        (rss.format, rss.title.as_deref()),
        (Format::Rss, Some("News"))
    );
    assert_eq!((rss.items.len(), rss.items[0].text.as_str()), (2, "x"));
    let atom = read("feed.xml", ATOM).expect("valid");
    assert_eq!(
        (atom.format, atom.title.as_deref()),
        (Format::Atom, Some("Log"))
    );
}

#[test]
fn errors_name_file_line_and_column() {
    assert_eq!(
        error("c.csv", "id,title,year\na,One,19x0\n"),
        "c.csv, line 2, column `year`: `19x0` is no year"
    );
    assert_eq!(
        error("c.csv", "id,title\na,\n"),
        "c.csv, line 2, column `title`: is empty; every row needs it"
    );
    assert_eq!(
        error("c.json", "[\n{\"title\":\"A\"},\n {\"id\":\"b\"}]"),
        "c.json, line 3, column 2: item 2 has no title; every item needs one"
    );
    assert_eq!(
        error("c.csv", "id,title\na,A\nb,B\na,C\n"),
        "c.csv, line 4: `a` is there already, in line 2; give each item an `id` of its own"
    );
    assert_eq!(
        error("f.rss", &RSS.replace("<guid>b<", "<guid>a<")),
        "f.rss, line 3: `a` is there already, in line 2; give each item an `id` of its own"
    );
    assert!(error("c.csv", "id,title\n").contains("there is no item in the file"));
    assert!(error("c.xlsx", "PK\u{3}\u{4}xx").contains("a spreadsheet or an archive"));
    assert!(error("c.bin", "\0\0\0").contains("this is no text"));
    assert!(error("c.json", "id,title\na,A\n").contains("line 1, column 1"));
    assert!(error("page.html", "<!doctype html><html></html>").contains("<html>"));
}

#[test]
fn limits_are_errors_that_say_so() {
    let limits = Limits {
        items: 1,
        bytes: 1 << 20,
    };
    let two = load::catalogue("c.csv", CSV.as_bytes().to_vec(), limits).expect_err("too many");
    assert_eq!(
        two.to_string(),
        "c.csv, line 3: here begins item 2, more than the 1 that are read; leave items out"
    );
    let long = limits
        .check("c.csv", 5 << 20)
        .expect_err("too long")
        .to_string();
    assert!(
        long.contains("the file has 5 MiB, more than the 1 MiB"),
        "{long}"
    );
    assert_eq!(Limits::PAGE.check("c.csv", 1000), Ok(()));
}

#[test]
fn slices_give_what_one_read_gives() {
    let csv: String = (0..100).map(|i| format!("{i},Item {i}\n")).collect();
    let csv = format!("id,title\n{csv}");
    let mut reader =
        CatalogueReader::new("c.csv", csv.clone().into_bytes(), Limits::PAGE).expect("valid");
    let mut before = 0;
    loop {
        let progress = reader.advance(7).expect("valid");
        assert_eq!(progress.of, csv.len());
        assert!(progress.bytes > before || progress.done);
        before = progress.bytes;
        if progress.done {
            assert_eq!((progress.bytes, progress.items), (csv.len(), 100));
            break;
        }
    }
    assert_eq!(reader.finish(), read("c.csv", &csv));
}

/// The time is printed and not asserted: machines differ.
#[test]
fn a_hundred_thousand_items_of_every_format() {
    let row = |i: usize| (format!("id{i}"), format!("Thing number {i}"), i % 40);
    let text = "words about it ".repeat(20);
    let mut csv = "id,title,genre,description\n".to_owned();
    let mut json = "[".to_owned();
    let mut rss = "<rss><channel>".to_owned();
    for (id, title, genre) in (0..100_000).map(row) {
        csv += &format!("{id},{title},g{genre},\"{text}\"\n");
        let comma = if json.len() > 1 { "," } else { "" };
        json += &format!(
            "{comma}\n{{\"id\":\"{id}\",\"title\":\"{title}\",\"genre\":\"g{genre}\",\"text\":\"{text}\"}}"
        );
        rss += &format!(
            "<item><guid>{id}</guid><title>{title}</title><category>g{genre}</category><description>{text}</description></item>\n"
        );
    }
    json.push(']');
    rss.push_str("</channel></rss>");
    for (name, text) in [("c.csv", csv), ("c.json", json), ("c.rss", rss)] {
        let (bytes, started) = (text.len(), Instant::now());
        let file = load::catalogue(name, text.into_bytes(), Limits::PAGE).expect("valid");
        println!("{name}: {bytes} bytes in {:.0?}", started.elapsed());
        assert_eq!(file.items.len(), 100_000);
        assert_eq!(file.items[99_999].id, "id99999");
    }
}

fn sample() -> impl Strategy<Value = (&'static str, Vec<u8>)> {
    let samples = vec![
        ("c.csv", CSV.as_bytes().to_vec()),
        ("c.json", JSON.as_bytes().to_vec()),
        (
            "c.json",
            format!("{{\"a\":[],\"items\":{JSON}}}").into_bytes(),
        ),
        ("c.jsonl", lines().into_bytes()),
        ("c.rss", RSS.as_bytes().to_vec()),
        ("c.atom", ATOM.as_bytes().to_vec()),
    ];
    proptest::sample::select(samples)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// A good file with some bytes put in, taken out or changed is read or refused with a place in it.
    #[test]
    fn damaged_files_are_read_or_refused(
        (name, mut bytes) in sample(),
        edits in proptest::collection::vec((any::<prop::sample::Index>(), 0u8..3, any::<u8>()), 1..6),
        marks in proptest::sample::select(b"\"<>&;,{}[]:\n\\/!-|".to_vec()),
    ) {
        for (at, what, byte) in edits {
            let at = at.index(bytes.len());
            match what {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, marks),
                _ => { bytes.remove(at); }
            }
        }
        let lines = bytes.split(|byte| *byte == b'\n').count() as u64;
        match load::catalogue(name, bytes, Limits::PAGE) {
            Ok(file) => prop_assert!(!file.items.is_empty()),
            Err(error) => prop_assert!(error.line <= lines + 1 && !error.what.is_empty(), "{error}"),
        }
    }

    #[test]
    fn arbitrary_bytes_never_panic(
        bytes in proptest::collection::vec(any::<u8>(), 0..300),
        start in proptest::sample::select(vec!["", "<rss>", "[{", "{\"items\":[", "id,title\n", "\u{feff}<feed>"]),
        name in proptest::sample::select(vec!["f", "f.csv", "f.json", "f.jsonl", "f.xml"]),
    ) {
        let bytes = [start.as_bytes(), &bytes].concat();
        let _ = load::catalogue(name, bytes, Limits::PAGE);
    }
}
