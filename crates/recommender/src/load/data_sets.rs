//! Items of public data sets: MovieLens and RecBole.

use std::collections::{BTreeMap, HashMap};
use std::io::Read;

use super::LoadError;
use super::fields::singular;
use super::table::{self, Dialect};
use crate::catalogue::Item;

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
}
