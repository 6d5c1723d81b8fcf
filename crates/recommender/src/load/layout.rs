//! Which data set a folder holds, by the names of its files.

/// A known layout and the files that it uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Layout {
    /// MovieLens latest, 20M, 25M: `ratings.csv`, `movies.csv`, perhaps `tags.csv`.
    MovieLensCsv {
        /// `tags.csv` is there.
        tags: bool,
    },
    /// MovieLens 1M and 10M: `ratings.dat`, `movies.dat`.
    MovieLensDat,
    /// MovieLens 100k: `u.data`, `u.item`.
    MovieLens100k,
    /// RecBole: `NAME.inter`, perhaps `NAME.item`.
    RecBole {
        /// The interactions.
        interactions: String,
        /// The items.
        items: Option<String>,
    },
    /// An event log and perhaps a catalogue beside it.
    Plain {
        /// `events.csv`, `events.jsonl` or the like.
        events: Option<String>,
        /// `catalogue.csv`, `items.json` or the like.
        catalogue: Option<String>,
    },
}

/// The layout of a folder with these file names; `None` if none is known.
pub fn detect(names: &[String]) -> Option<Layout> {
    let has = |name: &str| names.iter().any(|n| n == name);
    if has("ratings.csv") && has("movies.csv") {
        return Some(Layout::MovieLensCsv {
            tags: has("tags.csv"),
        });
    }
    if has("ratings.dat") && has("movies.dat") {
        return Some(Layout::MovieLensDat);
    }
    if has("u.data") && has("u.item") {
        return Some(Layout::MovieLens100k);
    }
    let ends = |suffix: &str| names.iter().find(|n| n.ends_with(suffix)).cloned();
    if let Some(interactions) = ends(".inter") {
        return Some(Layout::RecBole {
            interactions,
            items: ends(".item"),
        });
    }
    let first = |stems: &[&str], endings: &[&str]| {
        let wanted = |n: &&String| {
            stems
                .iter()
                .any(|s| endings.iter().any(|e| **n == format!("{s}.{e}")))
        };
        names.iter().find(wanted).cloned()
    };
    let events = first(
        &["events", "log", "interactions", "clicks"],
        &["csv", "jsonl"],
    );
    let catalogue = first(
        &["catalogue", "catalog", "items", "products", "books"],
        &[
            "csv", "tsv", "json", "jsonl", "ndjson", "xml", "rss", "atom",
        ],
    );
    (events.is_some() || catalogue.is_some()).then_some(Layout::Plain { events, catalogue })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_usual_folders() {
        let names = |list: &[&str]| list.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
        assert_eq!(
            detect(&names(&["movies.csv", "ratings.csv"])),
            Some(Layout::MovieLensCsv { tags: false })
        );
        assert_eq!(
            detect(&names(&["u.item", "u.data"])),
            Some(Layout::MovieLens100k)
        );
        let recbole = Layout::RecBole {
            interactions: "ml.inter".into(),
            items: None,
        };
        assert_eq!(detect(&names(&["ml.inter"])), Some(recbole));
        assert_eq!(detect(&names(&["notes.txt"])), None);
    }
}
