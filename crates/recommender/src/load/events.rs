//! Logs: who chose what, when.

use std::collections::HashMap;
use std::io::{BufRead, Read};

use super::LoadError;
use super::table::{self, Dialect, Row};
use crate::catalogue::Catalogue;
use crate::log::{Interaction, InteractionLog};

/// One row of a log, ids still as texts (see [`RawLog`]).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RawInteraction {
    /// Index into [`RawLog::visitors`].
    pub visitor: u32,
    /// Index into [`RawLog::items`].
    pub item: u32,
    /// Seconds since the Unix epoch.
    pub at: i64,
    /// Rating or weight; 1 where the log has none.
    pub value: f32,
}

/// A log as read, ids in the order of their first appearance.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RawLog {
    /// Visitor ids.
    pub visitors: Vec<String>,
    /// Item ids.
    pub items: Vec<String>,
    /// Rows in the order of the file.
    pub rows: Vec<RawInteraction>,
}

impl RawLog {
    /// The log on a catalogue's items, and the number of rows whose item it does not have.
    pub fn on(&self, catalogue: &Catalogue) -> (InteractionLog, usize) {
        let items: Vec<_> = self.items.iter().map(|id| catalogue.find(id)).collect();
        let known: Vec<Interaction> = self
            .rows
            .iter()
            .filter_map(|row| {
                let item = items[row.item as usize]?;
                Some(Interaction {
                    visitor: row.visitor,
                    item,
                    at: row.at,
                    value: row.value,
                })
            })
            .collect();
        let unknown = self.rows.len() - known.len();
        (InteractionLog::new(known), unknown)
    }
}

/// Names of the columns of an event log; an empty name means: look for the usual ones.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Columns {
    /// Who. Usual: `visitor`, `user`, `user_id`, `userId`, `session_id`.
    pub visitor: String,
    /// What. Usual: `item`, `item_id`, `itemId`, `movieId`, `product_id`.
    pub item: String,
    /// When: seconds or milliseconds since the Unix epoch, or ISO 8601 in UTC. Usual: `timestamp`,
    /// `time`, `at`, `date`.
    pub time: String,
    /// How much; may be absent. Usual: `rating`, `value`, `weight`.
    pub value: String,
}

const VISITOR: &[&str] = &[
    "visitor",
    "visitor_id",
    "visitorid",
    "user",
    "user_id",
    "userid",
    "session_id",
    "session",
];
const ITEM: &[&str] = &[
    "item",
    "item_id",
    "itemid",
    "movieid",
    "movie_id",
    "product_id",
    "productid",
    "sku",
];
const TIME: &[&str] = &["timestamp", "time", "at", "date", "datetime"];
const VALUE: &[&str] = &["rating", "value", "weight"];

#[derive(Default)]
struct Builder {
    log: RawLog,
    visitors: HashMap<String, u32>,
    items: HashMap<String, u32>,
}

fn intern(ids: &mut HashMap<String, u32>, names: &mut Vec<String>, id: &str) -> u32 {
    if let Some(&index) = ids.get(id) {
        return index;
    }
    let index = names.len() as u32;
    ids.insert(id.to_owned(), index);
    names.push(id.to_owned());
    index
}

impl Builder {
    fn push(&mut self, visitor: &str, item: &str, at: i64, value: f32) {
        let visitor = intern(&mut self.visitors, &mut self.log.visitors, visitor);
        let item = intern(&mut self.items, &mut self.log.items, item);
        self.log.rows.push(RawInteraction {
            visitor,
            item,
            at,
            value,
        });
    }

    fn finish(self, file: &str) -> Result<RawLog, LoadError> {
        if self.log.rows.is_empty() {
            let what = "has no event; a log needs at least one row".into();
            return Err(LoadError {
                file: file.to_owned(),
                line: 0,
                column: String::new(),
                what,
            });
        }
        Ok(self.log)
    }

    /// A row with the columns at `[visitor, item, time, value]`.
    fn row(&mut self, row: &Row<'_>, at: [usize; 4]) -> Result<(), LoadError> {
        let time = row.required(at[2])?;
        let time = seconds(time).ok_or_else(|| {
            row.error(at[2], format!("`{time}` is no time; write seconds or milliseconds since 1970, or 2026-01-31T12:00:00Z"))
        })?;
        let value = if row.get(at[3]).is_empty() {
            1.0
        } else {
            row.number(at[3])? as f32
        };
        self.push(row.required(at[0])?, row.required(at[1])?, time, value);
        Ok(())
    }
}

const ABSENT: usize = usize::MAX;

fn locate(file: &str, header: &[String], columns: &Columns) -> Result<[usize; 4], LoadError> {
    let find = |name: &str, usual: &[&str], what: &str| {
        let names = if name.is_empty() {
            usual.to_vec()
        } else {
            vec![name]
        };
        table::find(header, &names).ok_or_else(|| LoadError {
            file: file.to_owned(),
            line: 1,
            column: String::new(),
            what: format!(
                "has no column for the {what} (looked for {}; found {}); name it with --{what}-column",
                names.join(", "),
                header.join(", ")
            ),
        })
    };
    let value = match find(&columns.value, VALUE, "value") {
        Ok(at) => at,
        Err(_) if columns.value.is_empty() => ABSENT,
        Err(error) => return Err(error),
    };
    Ok([
        find(&columns.visitor, VISITOR, "visitor")?,
        find(&columns.item, ITEM, "item")?,
        find(&columns.time, TIME, "time")?,
        value,
    ])
}

fn with_header(
    file: &str,
    input: impl Read,
    dialect: Dialect,
    columns: &Columns,
) -> Result<RawLog, LoadError> {
    let mut builder = Builder::default();
    let at = std::cell::Cell::new([ABSENT; 4]);
    table::read(
        file,
        input,
        dialect,
        |header| {
            at.set(locate(file, header, columns)?);
            Ok(())
        },
        |row| builder.row(&row, at.get()),
    )?;
    builder.finish(file)
}

fn fixed(file: &str, input: impl Read, dialect: Dialect) -> Result<RawLog, LoadError> {
    let mut builder = Builder::default();
    // MovieLens writes user, item, rating, time.
    table::read(
        file,
        input,
        dialect,
        |_| Ok(()),
        |row| builder.row(&row, [0, 1, 3, 2]),
    )?;
    builder.finish(file)
}

/// A CSV log with a header (also `ratings.csv` of MovieLens).
///
/// # Errors
/// Missing columns, empty fields, numbers or times that are none: with line and column.
pub fn events_csv(file: &str, input: impl Read, columns: &Columns) -> Result<RawLog, LoadError> {
    with_header(file, input, Dialect::Csv, columns)
}

/// `ratings.dat` of MovieLens 1M and 10M: `user::item::rating::time`.
///
/// # Errors
/// As [`events_csv`].
pub fn movielens_dat(file: &str, input: impl Read) -> Result<RawLog, LoadError> {
    fixed(file, input, Dialect::DoubleColons)
}

/// `u.data` of MovieLens 100k: tab-separated user, item, rating, time.
///
/// # Errors
/// As [`events_csv`].
pub fn movielens_data(file: &str, input: impl Read) -> Result<RawLog, LoadError> {
    fixed(file, input, Dialect::Tabs)
}

/// A RecBole `.inter` file: tab-separated with a typed header (`user_id:token`).
///
/// # Errors
/// As [`events_csv`].
pub fn recbole_interactions(file: &str, input: impl Read) -> Result<RawLog, LoadError> {
    with_header(file, input, Dialect::TypedTabs, &Columns::default())
}

/// A log of one JSON object per line, keys named by `columns`.
///
/// # Errors
/// Lines that are no object, missing keys, numbers or times that are none: with line and key.
pub fn events_json_lines(
    file: &str,
    input: impl BufRead,
    columns: &Columns,
) -> Result<RawLog, LoadError> {
    let mut builder = Builder::default();
    for (number, line) in input.lines().enumerate() {
        let error = |column: &str, what: String| LoadError {
            file: file.to_owned(),
            line: number as u64 + 1,
            column: column.to_owned(),
            what,
        };
        let line = line.map_err(|cause| error("", cause.to_string()))?;
        if line.trim().is_empty() {
            continue;
        }
        let object: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&line)
            .map_err(|cause| error("", format!("is no JSON object ({cause})")))?;
        let get = |name: &str, usual: &[&str], what: &str| {
            let names = if name.is_empty() {
                usual.to_vec()
            } else {
                vec![name]
            };
            let found = object
                .iter()
                .find(|(key, _)| names.iter().any(|n| key.eq_ignore_ascii_case(n)));
            let text = found.and_then(|(_, value)| match value {
                serde_json::Value::String(text) => Some(text.clone()),
                serde_json::Value::Number(number) => Some(number.to_string()),
                _ => None,
            });
            text.filter(|t| !t.is_empty()).ok_or_else(|| {
                error(
                    names[0],
                    format!("the {what} is missing or neither text nor number"),
                )
            })
        };
        let time = get(&columns.time, TIME, "time")?;
        let at = seconds(&time).ok_or_else(|| error("time", format!("`{time}` is no time")))?;
        let value = match get(&columns.value, VALUE, "value") {
            Ok(text) => text
                .parse()
                .map_err(|_| error("value", format!("`{text}` is no number")))?,
            Err(_) if columns.value.is_empty() => 1.0,
            Err(missing) => return Err(missing),
        };
        let visitor = get(&columns.visitor, VISITOR, "visitor")?;
        builder.push(&visitor, &get(&columns.item, ITEM, "item")?, at, value);
    }
    builder.finish(file)
}

/// Seconds since the Unix epoch: from seconds, from milliseconds (above 10¹¹: the year 5138 in
/// seconds), or from ISO 8601 in UTC, with or without a time of day.
fn seconds(text: &str) -> Option<i64> {
    if let Ok(number) = text.parse::<f64>() {
        let seconds = if number.abs() > 1e11 {
            number / 1000.0
        } else {
            number
        };
        return number.is_finite().then_some(seconds.floor() as i64);
    }
    let digits = |range: std::ops::Range<usize>| text.get(range)?.parse::<i64>().ok();
    let (year, month, day) = (digits(0..4)?, digits(5..7)?, digits(8..10)?);
    let separators = text.get(4..5)? == "-" && text.get(7..8)? == "-";
    if !separators || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // Days from civil (Hinnant): years start in March, so the leap day is the last.
    let shifted = if month <= 2 { year - 1 } else { year };
    let (era, month) = (shifted.div_euclid(400), (month + 9) % 12);
    let day_of_era = {
        let year_of_era = shifted.rem_euclid(400);
        year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + (153 * month + 2) / 5 + day - 1
    };
    let days = era * 146_097 + day_of_era - 719_468;
    let rest = &text[10..];
    if rest.is_empty() {
        return Some(days * 86_400);
    }
    let (hour, minute) = (digits(11..13)?, digits(14..16)?);
    let second = if text.get(16..17) == Some(":") {
        digits(17..19)?
    } else {
        0
    };
    let zone = text.get(if text.get(16..17) == Some(":") {
        19..
    } else {
        16..
    })?;
    let zone = zone.trim_start_matches(|c: char| c == '.' || c.is_ascii_digit());
    let in_range = hour < 24 && minute < 60 && second < 61 && rest.starts_with(['T', ' ']);
    (in_range && matches!(zone, "" | "Z" | "+00:00"))
        .then_some(days * 86_400 + hour * 3600 + minute * 60 + second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_in_all_their_forms() {
        assert_eq!(seconds("964982703"), Some(964_982_703));
        assert_eq!(seconds("964982703000"), Some(964_982_703));
        assert_eq!(seconds("2000-07-30T18:45:03Z"), Some(964_982_703));
        assert_eq!(seconds("2000-07-30 18:45:03.250"), Some(964_982_703));
        assert_eq!(seconds("1970-01-01"), Some(0));
        for bad in [
            "yesterday",
            "2000-13-01",
            "2000-07-30T25:00:00Z",
            "2000-07-30T10:00:00+02:00",
            "NaN",
        ] {
            assert_eq!(seconds(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_same_log_in_every_layout() {
        let csv = events_csv(
            "r.csv",
            "userId,movieId,rating,timestamp\n1,31,2.5,1260759144\n".as_bytes(),
            &Columns::default(),
        );
        let dat = movielens_dat("ratings.dat", "1::31::2.5::1260759144\n".as_bytes());
        let data = movielens_data("u.data", "1\t31\t2.5\t1260759144\n".as_bytes());
        let typed =
            "user_id:token\titem_id:token\trating:float\ttimestamp:float\n1\t31\t2.5\t1260759144\n";
        let recbole = recbole_interactions("x.inter", typed.as_bytes());
        let json = r#"{"user":1,"item":"31","rating":2.5,"time":"2009-12-14T02:52:24Z"}"#;
        let json = events_json_lines("x.jsonl", json.as_bytes(), &Columns::default());
        let csv = csv.expect("valid");
        for other in [dat, data, recbole, json] {
            assert_eq!(other.expect("valid"), csv);
        }
    }

    #[test]
    fn errors_name_file_line_and_column() {
        let read = |text: &str| {
            events_csv("log.csv", text.as_bytes(), &Columns::default())
                .expect_err("bad")
                .to_string()
        };
        assert_eq!(
            read("user,item,time\n1,2,3\n1,,5\n"),
            "log.csv, line 3, column `item`: is empty; every row needs it"
        );
        assert!(
            read("user,item,time\n1,2,soon\n")
                .starts_with("log.csv, line 2, column `time`: `soon` is no time")
        );
        assert!(read("a,b\n1,2\n").contains("no column for the visitor"));
        assert!(read("user,item,time\n1,2\n").contains("line 2: has 2 columns, the header has 3"));
        assert!(read("").contains("empty"));
        let line = events_json_lines("x.jsonl", "{\"user\":1}\n".as_bytes(), &Columns::default());
        assert!(
            line.expect_err("bad")
                .to_string()
                .starts_with("x.jsonl, line 1, column")
        );
    }

    #[test]
    fn own_column_names() {
        let columns = Columns {
            visitor: "who".into(),
            item: "what".into(),
            time: "when".into(),
            value: String::new(),
        };
        let log =
            events_csv("l", "what,when,who\na,5,x\na,6,y\n".as_bytes(), &columns).expect("valid");
        assert_eq!(
            (log.visitors.len(), log.items.len(), log.rows.len()),
            (2, 1, 2)
        );
    }
}
