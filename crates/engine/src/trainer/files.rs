//! From dropped files to a catalogue and a log.

use std::collections::HashMap;

use recommender::Item;
use recommender::load::{self, Columns, Layout, Limits, LoadError, RawInteraction, RawLog};

use super::Problem;
use crate::training::NamedFile;

/// What was in the files.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dropped {
    /// Name of the catalogue, or else of the log: its file's without the ending.
    pub name: String,
    /// The items, if a catalogue was among the files.
    pub items: Option<Vec<Item>>,
    /// All logs together.
    pub log: Option<RawLog>,
}

/// Reads files of a known data set (MovieLens, RecBole), or a catalogue (CSV or JSON) and any number
/// of logs (CSV, JSON Lines, `.inter`, `.dat`, `u.data`), told apart by name and header.
///
/// # Errors
/// Files that are neither, two catalogues, and everything the readers refuse.
pub fn read(files: &[NamedFile]) -> Result<Dropped, Problem> {
    let names: Vec<String> = files.iter().map(|file| file.name.clone()).collect();
    let mut found = Found::default();
    // Other files of a known data set are left alone: people drop the whole folder.
    match load::detect(&names) {
        Some(Layout::MovieLensCsv { tags }) => {
            found.take(files, "movies.csv")?;
            if let (true, Some((_, items))) = (tags, &mut found.items) {
                let bytes = bytes_of(files, "tags.csv");
                load::movielens_tags("tags.csv", bytes, items).map_err(say)?;
            }
            found.take(files, "ratings.csv")?;
        }
        Some(Layout::MovieLensDat) => {
            found.take(files, "movies.dat")?;
            found.take(files, "ratings.dat")?;
        }
        Some(Layout::MovieLens100k) => {
            found.take(files, "u.item")?;
            found.take(files, "u.data")?;
        }
        Some(Layout::RecBole {
            interactions,
            items,
        }) => {
            if let Some(items) = items {
                found.take(files, &items)?;
            }
            found.take(files, &interactions)?;
        }
        Some(Layout::Plain { .. }) | None => {
            for file in files {
                found.add(&file.name, &file.bytes)?;
            }
        }
    }
    let name = match (&found.items, found.logs.first()) {
        (Some((name, _)), _) | (None, Some((name, _))) => stem(name),
        (None, None) => String::new(),
    };
    Ok(Dropped {
        name,
        items: found.items.map(|(_, items)| items),
        log: merge(found.logs.into_iter().map(|(_, log)| log).collect()),
    })
}

#[derive(Default)]
struct Found {
    items: Option<(String, Vec<Item>)>,
    logs: Vec<(String, RawLog)>,
}

impl Found {
    /// One of several files, by name.
    fn take(&mut self, files: &[NamedFile], name: &str) -> Result<(), Problem> {
        self.add(name, bytes_of(files, name))
    }

    fn add(&mut self, name: &str, bytes: &[u8]) -> Result<(), Problem> {
        let ending = name.rsplit('.').next().unwrap_or_default();
        let items = match (name, ending.to_ascii_lowercase().as_str()) {
            ("movies.csv" | "movies.dat" | "u.item", _) => load::movielens_items(name, bytes),
            (_, "item") => load::recbole_items(name, bytes),
            (_, "json") => catalogue(name, bytes),
            (_, "csv") if is_catalogue(bytes) => catalogue(name, bytes),
            (_, ending) => {
                let columns = Columns::default();
                let log = match ending {
                    "csv" => load::events_csv(name, bytes, &columns),
                    "jsonl" | "ndjson" => load::events_json_lines(name, bytes, &columns),
                    "inter" => load::recbole_interactions(name, bytes),
                    "dat" => load::movielens_dat(name, bytes),
                    "data" => load::movielens_data(name, bytes),
                    _ => {
                        return Err(Problem::data(format!(
                            "{name} is no known kind of file; name a catalogue .csv or .json, and a \
                             log .csv, .jsonl, .inter, .dat or u.data"
                        )));
                    }
                };
                self.logs.push((name.to_owned(), log.map_err(say)?));
                return Ok(());
            }
        };
        let items = items.map_err(say)?;
        if let Some((other, _)) = &self.items {
            return Err(Problem::data(format!(
                "{other} and {name} are both catalogues; leave one of them out"
            )));
        }
        self.items = Some((name.to_owned(), items));
        Ok(())
    }
}

fn catalogue(name: &str, bytes: &[u8]) -> Result<Vec<Item>, LoadError> {
    Ok(load::catalogue(name, bytes.to_vec(), Limits::PACK)?.items)
}

fn bytes_of<'a>(files: &'a [NamedFile], name: &str) -> &'a [u8] {
    let file = files.iter().find(|file| file.name == name);
    file.map_or(&[], |file| &file.bytes)
}

/// Has the header the columns that every catalogue has?
fn is_catalogue(bytes: &[u8]) -> bool {
    let header = bytes.split(|byte| *byte == b'\n').next();
    let header = String::from_utf8_lossy(header.unwrap_or_default()).to_lowercase();
    let has = |name: &str| {
        let mut columns = header.split(',');
        columns.any(|column| column.trim_matches(['\u{feff}', '"', ' ', '\r']) == name)
    };
    has("id") && has("title")
}

/// The reader's sentence, without advice that only the command line can follow.
fn say(error: LoadError) -> Problem {
    let text = error.to_string();
    match text.split_once("; name it with --") {
        Some((text, _)) => Problem::data(format!("{text}; rename the column that holds it")),
        None => Problem::data(text),
    }
}

fn stem(name: &str) -> String {
    name.rsplit_once('.')
        .map_or(name, |(stem, _)| stem)
        .to_owned()
}

/// One log of several; visitors of the same id are the same.
fn merge(mut logs: Vec<RawLog>) -> Option<RawLog> {
    if logs.len() < 2 {
        return logs.pop();
    }
    let mut all = RawLog::default();
    let (mut visitors, mut items) = (HashMap::new(), HashMap::new());
    for log in logs {
        let visitor = join(log.visitors, &mut all.visitors, &mut visitors);
        let item = join(log.items, &mut all.items, &mut items);
        all.rows.extend(log.rows.iter().map(|row| RawInteraction {
            visitor: visitor[row.visitor as usize],
            item: item[row.item as usize],
            ..*row
        }));
    }
    Some(all)
}

/// Adds ids, and returns the new number of each.
fn join(ids: Vec<String>, all: &mut Vec<String>, known: &mut HashMap<String, u32>) -> Vec<u32> {
    let number = |id: String| {
        *known.entry(id).or_insert_with_key(|id| {
            all.push(id.clone());
            all.len() as u32 - 1
        })
    };
    ids.into_iter().map(number).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::Fault;

    fn file(name: &str, content: &str) -> NamedFile {
        NamedFile {
            name: name.into(),
            bytes: content.as_bytes().to_vec(),
        }
    }

    fn refused(files: &[NamedFile]) -> String {
        let problem = read(files).expect_err("it is not right");
        assert_eq!(problem.fault, Fault::Data);
        problem.message
    }

    const SHOP: &str = "\u{feff}\"id\",Title,tags\na,First,x\nb,Second,y\n";

    #[test]
    fn files_are_told_apart_by_header_and_ending_and_logs_are_joined() {
        let files = [
            file("orders.csv", "user,item,time\nu,a,1\nv,b,2\n"),
            file("shop.csv", SHOP),
            file("clicks.jsonl", r#"{"user":"v","item":"a","time":3}"#),
        ];
        let dropped = read(&files).expect("readable");
        assert_eq!(dropped.name, "shop");
        assert_eq!(dropped.items.expect("a catalogue").len(), 2);
        let log = dropped.log.expect("two logs");
        assert_eq!((log.visitors.len(), log.items.len()), (2, 2));
        let rows: Vec<_> = log.rows.iter().map(|r| (r.visitor, r.item, r.at)).collect();
        assert_eq!(rows, [(0, 0, 1), (1, 1, 2), (1, 0, 3)]);
    }

    #[test]
    fn a_dropped_folder_of_movielens_is_known_by_its_names() {
        let files = [
            file("README.txt", "about"),
            file("links.csv", "movieId,imdbId\n1,2\n"),
            file(
                "movies.csv",
                "movieId,title,genres\n7,Heat (1995),Action|Crime\n",
            ),
            file(
                "ratings.csv",
                "userId,movieId,rating,timestamp\n1,7,4.0,9\n",
            ),
        ];
        let dropped = read(&files).expect("readable");
        let items = dropped.items.expect("a catalogue");
        assert_eq!((items[0].id.as_str(), items[0].year), ("7", Some(1995)));
        assert_eq!(dropped.log.expect("a log").rows.len(), 1);
        assert_eq!(read(&[]), Ok(Dropped::default()));
    }

    #[test]
    fn errors_name_file_line_and_what_to_do() {
        assert!(refused(&[file("notes.txt", "hello")]).contains("notes.txt is no known kind"));
        let two = refused(&[file("a.csv", SHOP), file("b.csv", SHOP)]);
        assert_eq!(
            two,
            "a.csv and b.csv are both catalogues; leave one of them out"
        );
        let time = refused(&[file("log.csv", "user,item,time\nu,a,1\nu,b,soon\n")]);
        assert!(time.contains("log.csv, line 3, column `time`"), "{time}");
        let column = refused(&[file("log.csv", "buyer,item,time\nu,a,1\n")]);
        assert!(column.contains("found buyer, item, time"), "{column}");
        assert!(
            column.ends_with("; rename the column that holds it"),
            "{column}"
        );
        let json = refused(&[file("shop.json", "[{\"id\": 1}, 2]")]);
        assert!(json.contains("shop.json, line 1"), "{json}");
    }
}
