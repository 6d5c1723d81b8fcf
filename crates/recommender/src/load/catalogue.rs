//! Catalogues: what there is to choose from.

use std::collections::{BTreeMap, HashMap};
use std::io::Read;

use super::LoadError;
use super::table::{self, Dialect, Row};
use crate::catalogue::Item;

/// A catalogue in CSV with a header.
///
/// Columns `id` and `title` are needed; `year`, `creator`, `url`, `image` and `text` (or
/// `description`) are known; any other column is a facet, its cells split at `|`, its name without a
/// plural `s` (`genres` → `genre`, `countries` → `country`).
///
/// # Errors
/// Missing columns, empty ids, years that are no number: with line and column.
pub fn catalogue_csv(file: &str, input: impl Read) -> Result<Vec<Item>, LoadError> {
    let header = std::cell::RefCell::new(Vec::new());
    let mut items = Vec::new();
    table::read(
        file,
        input,
        Dialect::Csv,
        |columns| {
            for needed in ["id", "title"] {
                if table::find(columns, &[needed]).is_none() {
                    let what =
                        format!("has no column `{needed}`; a catalogue needs `id` and `title`");
                    return Err(LoadError {
                        file: file.to_owned(),
                        line: 1,
                        column: needed.into(),
                        what,
                    });
                }
            }
            *header.borrow_mut() = columns.iter().map(|name| name.to_lowercase()).collect();
            Ok(())
        },
        |row| {
            items.push(item(&row, &header.borrow())?);
            Ok(())
        },
    )?;
    Ok(items)
}

fn item(row: &Row<'_>, header: &[String]) -> Result<Item, LoadError> {
    let mut item = Item::default();
    for (column, name) in header.iter().enumerate() {
        let field = row.get(column);
        match name.as_str() {
            "id" => item.id = row.required(column)?.to_owned(),
            "title" => item.title = row.required(column)?.to_owned(),
            "year" if !field.is_empty() => {
                let year = field.parse::<i16>();
                item.year =
                    Some(year.map_err(|_| row.error(column, format!("`{field}` is no year")))?);
            }
            "creator" => item.creator = field.replace('|', " & "),
            "url" => item.url = field.to_owned(),
            "image" => item.image = field.to_owned(),
            "text" | "description" => item.text = field.to_owned(),
            "year" => {}
            facet => item.tags.extend(values(facet, field)),
        }
    }
    Ok(item)
}

fn values<'a>(facet: &str, field: &'a str) -> impl Iterator<Item = (String, String)> + use<'a> {
    let facet = singular(facet);
    let values = field
        .split('|')
        .map(str::trim)
        .filter(|value| !value.is_empty());
    values.map(move |value| (facet.clone(), value.to_owned()))
}

fn singular(name: &str) -> String {
    if let Some(stem) = name.strip_suffix("ies") {
        format!("{stem}y")
    } else {
        name.strip_suffix('s')
            .filter(|stem| !stem.ends_with('s'))
            .unwrap_or(name)
            .to_owned()
    }
}

/// A catalogue in JSON: an array of objects with the keys of [`catalogue_csv`]; facets may be texts
/// or arrays of texts.
///
/// # Errors
/// Not an array of objects, missing or ill-typed keys: with the item's number as the line.
pub fn catalogue_json(file: &str, bytes: &[u8]) -> Result<Vec<Item>, LoadError> {
    use serde_json::Value;
    let error = |line: u64, column: &str, what: String| LoadError {
        file: file.to_owned(),
        line,
        column: column.to_owned(),
        what,
    };
    let objects: Vec<BTreeMap<String, Value>> = serde_json::from_slice(bytes).map_err(|cause| {
        error(
            cause.line() as u64,
            "",
            format!("is no JSON array of objects ({cause})"),
        )
    })?;
    let mut items = Vec::with_capacity(objects.len());
    for (number, object) in objects.into_iter().enumerate() {
        let at = |key: &str, what: &str| error(0, key, format!("item {}: {what}", number + 1));
        let mut item = Item::default();
        for (key, value) in object {
            let text = match &value {
                Value::String(text) => text.clone(),
                Value::Number(number) => number.to_string(),
                Value::Null => continue,
                Value::Array(texts) => {
                    let texts: Option<Vec<&str>> = texts.iter().map(Value::as_str).collect();
                    texts
                        .ok_or_else(|| at(&key, "is a list of something else than texts"))?
                        .join("|")
                }
                Value::Bool(flag) => flag.to_string(),
                Value::Object(_) => {
                    return Err(at(&key, "is an object; write a text or a list of texts"));
                }
            };
            match key.to_lowercase().as_str() {
                "id" => item.id = text,
                "title" => item.title = text,
                "year" => item.year = Some(text.parse().map_err(|_| at(&key, "is no year"))?),
                "creator" => item.creator = text.replace('|', " & "),
                "url" => item.url = text,
                "image" => item.image = text,
                "text" | "description" => item.text = text,
                facet => item.tags.extend(values(facet, &text)),
            }
        }
        if item.id.is_empty() || item.title.is_empty() {
            return Err(at("id", "needs an `id` and a `title`"));
        }
        items.push(item);
    }
    Ok(items)
}

/// Items of MovieLens: `movies.csv` (latest), `movies.dat` (1M, 10M) or `u.item` (100k), told apart
/// by the file's name. Years are taken out of the titles, trailing articles put in front.
///
/// # Errors
/// Rows without id or title.
pub fn movielens_items(file: &str, input: impl Read) -> Result<Vec<Item>, LoadError> {
    const U_ITEM_GENRES: [&str; 19] = [
        "",
        "Action",
        "Adventure",
        "Animation",
        "Children",
        "Comedy",
        "Crime",
        "Documentary",
        "Drama",
        "Fantasy",
        "Film-Noir",
        "Horror",
        "Musical",
        "Mystery",
        "Romance",
        "Sci-Fi",
        "Thriller",
        "War",
        "Western",
    ];
    let dialect = if file.ends_with(".csv") {
        Dialect::Csv
    } else if file.ends_with(".dat") {
        Dialect::DoubleColons
    } else {
        Dialect::Pipes
    };
    let mut items = Vec::new();
    table::read(
        file,
        input,
        dialect,
        |_| Ok(()),
        |row| {
            let (title, year) = split_year(row.required(1)?);
            let genres: Vec<&str> = if dialect == Dialect::Pipes {
                (0..19)
                    .filter(|&g| row.get(5 + g) == "1")
                    .map(|g| U_ITEM_GENRES[g])
                    .collect()
            } else {
                row.get(2).split('|').collect()
            };
            let tags = genres
                .into_iter()
                .filter(|genre| !genre.is_empty() && *genre != "(no genres listed)")
                .map(|genre| ("genre".to_owned(), genre.to_owned()))
                .collect();
            items.push(Item {
                id: row.required(0)?.to_owned(),
                title,
                year,
                tags,
                ..Item::default()
            });
            Ok(())
        },
    )?;
    Ok(items)
}

/// `Matrix, The (1999)` → `The Matrix`, 1999.
fn split_year(title: &str) -> (String, Option<i16>) {
    let title = title.trim();
    let (name, year) = match title.rfind(" (").filter(|_| title.ends_with(')')) {
        Some(at) => match title[at + 2..title.len() - 1].parse::<i16>() {
            Ok(year) => (&title[..at], Some(year)),
            Err(_) => (title, None),
        },
        None => (title, None),
    };
    let name = name.trim();
    for article in [
        "The", "A", "An", "Les", "Le", "La", "Das", "Der", "Die", "El", "Il", "L'",
    ] {
        let Some(rest) = name
            .strip_suffix(article)
            .and_then(|rest| rest.strip_suffix(", "))
        else {
            continue;
        };
        let space = if article.ends_with('\'') { "" } else { " " };
        return (format!("{article}{space}{rest}"), year);
    }
    (name.to_owned(), year)
}

/// Adds the keywords of `tags.csv` (MovieLens latest) that at least two people gave an item.
///
/// # Errors
/// Rows without item or tag.
pub fn movielens_tags(file: &str, input: impl Read, items: &mut [Item]) -> Result<(), LoadError> {
    let mut counts: BTreeMap<(String, String), u32> = BTreeMap::new();
    table::read(
        file,
        input,
        Dialect::Csv,
        |_| Ok(()),
        |row| {
            let tag = row.get(2).to_lowercase();
            if !tag.is_empty() && tag.len() < 40 {
                *counts
                    .entry((row.required(1)?.to_owned(), tag))
                    .or_default() += 1;
            }
            Ok(())
        },
    )?;
    let by_id: HashMap<String, usize> = items
        .iter()
        .enumerate()
        .map(|(at, i)| (i.id.clone(), at))
        .collect();
    for ((id, tag), count) in counts {
        if let Some(&at) = by_id.get(&id).filter(|_| count >= 2) {
            items[at].tags.push(("keyword".into(), tag));
        }
    }
    Ok(())
}

/// Items of a RecBole `.item` file: `item_id` and a title-like column are known, `release_year` is
/// the year, columns of type `token_seq` and `token` are facets, their words split at spaces.
///
/// # Errors
/// No `item_id` column, rows without id.
pub fn recbole_items(file: &str, input: impl Read) -> Result<Vec<Item>, LoadError> {
    let header = std::cell::RefCell::new(Vec::new());
    let mut items = Vec::new();
    table::read(
        file,
        input,
        Dialect::TypedTabs,
        |columns| {
            *header.borrow_mut() = columns.to_vec();
            match table::find(columns, &["item_id"]) {
                Some(_) => Ok(()),
                None => Err(LoadError {
                    file: file.to_owned(),
                    line: 1,
                    column: "item_id".into(),
                    what: "has no column `item_id:token`".into(),
                }),
            }
        },
        |row| {
            let mut item = Item::default();
            for (column, name) in header.borrow().iter().enumerate() {
                let field = row.get(column);
                match name.as_str() {
                    "item_id" => item.id = row.required(column)?.to_owned(),
                    "title" | "movie_title" | "name" => item.title = field.to_owned(),
                    "release_year" | "year" => item.year = field.parse().ok(),
                    facet => {
                        let facet = if facet == "class" {
                            "genre".to_owned()
                        } else {
                            singular(facet)
                        };
                        let words = field.split_whitespace().filter(|word| *word != "0");
                        item.tags
                            .extend(words.map(|word| (facet.clone(), word.to_owned())));
                    }
                }
            }
            if item.title.is_empty() {
                item.title = item.id.clone();
            }
            items.push(item);
            Ok(())
        },
    )?;
    Ok(items)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csv_and_json_give_the_same_items() {
        let csv =
            "id,title,year,creator,genres,countries\na,\"One, two\",1950,X|Y,Drama|War,France\n";
        let json = r#"[{"id":"a","title":"One, two","year":1950,"creator":["X","Y"],"genres":["Drama","War"],"countries":"France"}]"#;
        let mut from_csv = catalogue_csv("c.csv", csv.as_bytes()).expect("valid");
        let mut from_json = catalogue_json("c.json", json.as_bytes()).expect("valid");
        from_csv[0].tags.sort();
        from_json[0].tags.sort();
        assert_eq!(from_csv, from_json);
        assert_eq!(from_csv[0].tags[0], ("country".into(), "France".into()));
        assert_eq!(from_csv[0].creator, "X & Y");
    }

    #[test]
    fn movielens_titles() {
        assert_eq!(
            split_year("Matrix, The (1999)"),
            ("The Matrix".into(), Some(1999))
        );
        assert_eq!(split_year("Heat (1995)"), ("Heat".into(), Some(1995)));
        assert_eq!(split_year("Babylon 5"), ("Babylon 5".into(), None));
        assert_eq!(
            split_year("Shall We Dance? (Dansu) (1996)").0,
            "Shall We Dance? (Dansu)"
        );
    }

    #[test]
    fn movielens_in_three_layouts() {
        let csv = movielens_items(
            "movies.csv",
            "movieId,title,genres\n1,Toy Story (1995),Animation|Comedy\n".as_bytes(),
        );
        let dat = movielens_items(
            "movies.dat",
            "1::Toy Story (1995)::Animation|Comedy\n".as_bytes(),
        );
        let flags = "0|0|0|1|0|1|0|0|0|0|0|0|0|0|0|0|0|0|0";
        let item = movielens_items(
            "u.item",
            format!("1|Toy Story (1995)|01-Jan-1995||http://x|{flags}\n").as_bytes(),
        );
        let csv = csv.expect("valid");
        assert_eq!(csv[0].year, Some(1995));
        assert_eq!(dat.expect("valid"), csv);
        assert_eq!(item.expect("valid"), csv);
    }

    #[test]
    fn errors_say_where() {
        let error =
            catalogue_csv("c.csv", "id,title,year\na,One,19x0\n".as_bytes()).expect_err("bad");
        assert_eq!(
            error.to_string(),
            "c.csv, line 2, column `year`: `19x0` is no year"
        );
        let error = catalogue_json("c.json", b"[{\"id\":\"a\"}]").expect_err("bad");
        assert!(error.to_string().contains("item 1"));
    }
}
