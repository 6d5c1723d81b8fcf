//! What can be recommended.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::hash::{BuildHasherDefault, Hasher};

use serde::{Deserialize, Serialize};

use crate::random::mix;

/// Position of an item in its [`Catalogue`]: the row of every per-item table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ItemIndex(pub u32);

impl ItemIndex {
    /// As an index into per-item slices.
    pub fn row(self) -> usize {
        self.0 as usize
    }
}

/// One thing that can be recommended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// Stable id, unique in the catalogue; profiles refer to it.
    pub id: String,
    /// Title for people.
    pub title: String,
    /// Year of release, where known.
    pub year: Option<i16>,
    /// Director, author, maker; several joined by ` & `.
    pub creator: String,
    /// Where a click leads; empty if nowhere.
    pub url: String,
    /// Picture; empty: covers are drawn.
    pub image: String,
    /// Facet and value, such as (`genre`, `Western`).
    pub tags: Vec<(String, String)>,
    /// Free text; feeds content vectors and search.
    pub text: String,
}

impl Item {
    /// The tags that are no facts.
    pub fn tastes(&self) -> impl Iterator<Item = &(String, String)> {
        self.tags.iter().filter(|(facet, _)| !is_fact(facet))
    }
}

/// Facets that are facts to filter by and no tastes: nobody likes a thing for being in stock. They
/// are shown with an item, but neither searched, nor learnt from, nor given as reasons.
pub const FACTS: [&str; 5] = [
    "price",
    "sale price",
    "currency",
    "availability",
    "condition",
];

/// Is this facet one of [`FACTS`]?
pub fn is_fact(facet: &str) -> bool {
    FACTS.contains(&facet)
}

/// Most items a catalogue may have.
pub const MAX_ITEMS: usize = 1_000_000;

/// Longest id in bytes; profiles repeat ids.
pub const MAX_ID_BYTES: usize = 512;

/// Longest text of one field of an item in bytes.
pub const MAX_FIELD_BYTES: usize = 64 * 1024;

/// Why a catalogue was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CatalogueError {
    /// Two items share an id.
    DuplicateId(String),
    /// An item has no id.
    EmptyId {
        /// Its position, counted from 0.
        position: usize,
    },
    /// A field is longer than [`MAX_FIELD_BYTES`].
    FieldTooLong {
        /// Id of the item.
        id: String,
    },
    /// More items than [`MAX_ITEMS`].
    TooManyItems(usize),
    /// No item at all.
    Empty,
}

impl fmt::Display for CatalogueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DuplicateId(id) => write!(
                f,
                "two items have the id `{id}`; give each item an id of its own"
            ),
            Self::EmptyId { position } => {
                write!(
                    f,
                    "item {} has an empty id; every item needs one",
                    position + 1
                )
            }
            Self::FieldTooLong { id } => write!(
                f,
                "a field of item `{id}` is longer than {MAX_FIELD_BYTES} bytes; shorten it"
            ),
            Self::TooManyItems(n) => write!(
                f,
                "the catalogue has {n} items, more than the {MAX_ITEMS} that a pack can hold"
            ),
            Self::Empty => write!(f, "the catalogue has no item"),
        }
    }
}

impl std::error::Error for CatalogueError {}

/// FNV-1a for ids. A catalogue comes from the site itself, so nobody chooses ids to collide.
#[derive(Clone, Debug)]
pub(crate) struct IdHasher(u64);

impl Default for IdHasher {
    fn default() -> Self {
        Self(0xCBF2_9CE4_8422_2325)
    }
}

impl Hasher for IdHasher {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3);
        }
    }

    fn finish(&self) -> u64 {
        mix(self.0)
    }
}

/// All items, in a fixed order, with an index by id and folded text for search.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    items: Vec<Item>,
    by_id: HashMap<String, ItemIndex, BuildHasherDefault<IdHasher>>,
    folded: Vec<String>,
}

impl Catalogue {
    /// Checks and indexes `items`.
    ///
    /// # Errors
    /// Duplicate or empty ids, over-long fields, too many items, none at all.
    pub fn new(items: Vec<Item>) -> Result<Self, CatalogueError> {
        if items.is_empty() {
            return Err(CatalogueError::Empty);
        }
        if items.len() > MAX_ITEMS {
            return Err(CatalogueError::TooManyItems(items.len()));
        }
        let mut by_id =
            HashMap::with_capacity_and_hasher(items.len(), BuildHasherDefault::default());
        let mut folded = Vec::with_capacity(items.len());
        for (position, item) in items.iter().enumerate() {
            if item.id.is_empty() {
                return Err(CatalogueError::EmptyId { position });
            }
            if item.id.len() > MAX_ID_BYTES {
                return Err(CatalogueError::FieldTooLong {
                    id: item.id.clone(),
                });
            }
            let fields = [
                &item.id,
                &item.title,
                &item.creator,
                &item.url,
                &item.image,
                &item.text,
            ];
            if fields.iter().any(|field| field.len() > MAX_FIELD_BYTES)
                || item
                    .tags
                    .iter()
                    .any(|(f, v)| f.len() + v.len() > MAX_FIELD_BYTES)
            {
                return Err(CatalogueError::FieldTooLong {
                    id: item.id.clone(),
                });
            }
            if by_id
                .insert(item.id.clone(), ItemIndex(position as u32))
                .is_some()
            {
                return Err(CatalogueError::DuplicateId(item.id.clone()));
            }
            folded.push(folded_text(item));
        }
        Ok(Self {
            items,
            by_id,
            folded,
        })
    }

    /// Number of items.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// True for the catalogue of no pack (a real one has at least one item).
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The items in order.
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// The item at `index`.
    pub fn item(&self, index: ItemIndex) -> &Item {
        &self.items[index.row()]
    }

    /// Where the item of that id is.
    pub fn find(&self, id: &str) -> Option<ItemIndex> {
        self.by_id.get(id).copied()
    }

    /// Does the item contain every word of `query` (as [`fold`]ed) in title, creator, year or tags?
    pub fn matches(&self, index: ItemIndex, query: &FoldedQuery) -> bool {
        let text = self.folded[index.row()].as_bytes();
        // Folded texts are short; the library's searcher for long ones would be kilobytes of WASM.
        let contains = |word: &[u8]| text.windows(word.len()).any(|part| part == word);
        query.words.iter().all(|word| contains(word.as_bytes()))
    }

    /// Values of every facet with the number of items that have them.
    pub fn facet_counts(&self) -> BTreeMap<(&str, &str), usize> {
        let mut counts = BTreeMap::new();
        for item in &self.items {
            for (facet, value) in &item.tags {
                *counts.entry((facet.as_str(), value.as_str())).or_insert(0) += 1;
            }
        }
        counts
    }
}

/// Words of a search, folded once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FoldedQuery {
    words: Vec<String>,
}

impl FoldedQuery {
    /// Splits at white space and folds case and common Latin accents.
    pub fn new(query: &str) -> Self {
        Self {
            words: fold(query).split_whitespace().map(str::to_owned).collect(),
        }
    }

    /// No word at all: everything matches.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }
}

fn folded_text(item: &Item) -> String {
    let mut text = fold(&item.title);
    text.push('\n');
    text.push_str(&fold(&item.creator));
    if let Some(year) = item.year {
        text.push('\n');
        text.push_str(&year.to_string());
    }
    for (_, value) in item.tastes() {
        text.push('\n');
        text.push_str(&fold(value));
    }
    text.shrink_to_fit();
    text
}

/// Lower case without the accents of Latin letters, so that `amelie` finds `Amélie`; Greek and
/// Cyrillic in lower case, other scripts as they are. (The standard library's tables for every
/// script would be an eighth of the ranker's WASM.)
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let plain = match c {
            'À'..='Å' | 'à'..='å' | 'Ā' | 'ā' | 'Ă' | 'ă' | 'Ą' | 'ą' => 'a',
            'Ç' | 'ç' | 'Ć' | 'ć' | 'Č' | 'č' => 'c',
            'Ď' | 'ď' | 'Đ' | 'đ' => 'd',
            'È'..='Ë' | 'è'..='ë' | 'Ē' | 'ē' | 'Ę' | 'ę' | 'Ě' | 'ě' => 'e',
            'Ğ' | 'ğ' => 'g',
            'Ì'..='Ï' | 'ì'..='ï' | 'Ī' | 'ī' | 'İ' | 'ı' => 'i',
            'Ł' | 'ł' => 'l',
            'Ñ' | 'ñ' | 'Ń' | 'ń' | 'Ň' | 'ň' => 'n',
            'Ò'..='Ö' | 'Ø' | 'ò'..='ö' | 'ø' | 'Ō' | 'ō' | 'Ő' | 'ő' => 'o',
            'Ř' | 'ř' => 'r',
            'Ś' | 'ś' | 'Ş' | 'ş' | 'Š' | 'š' => 's',
            'Ť' | 'ť' | 'Ţ' | 'ţ' => 't',
            'Ù'..='Ü' | 'ù'..='ü' | 'Ū' | 'ū' | 'Ů' | 'ů' | 'Ű' | 'ű' => 'u',
            'Ý' | 'ý' | 'ÿ' => 'y',
            'Ź' | 'ź' | 'Ż' | 'ż' | 'Ž' | 'ž' => 'z',
            'Α'..='Ϋ' | 'А'..='Я' => char::from_u32(c as u32 + 32).unwrap_or(c),
            'Ѐ'..='Џ' => char::from_u32(c as u32 + 80).unwrap_or(c),
            other => other.to_ascii_lowercase(),
        };
        out.push(plain);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(id: &str, title: &str) -> Item {
        Item {
            id: id.into(),
            title: title.into(),
            ..Item::default()
        }
    }

    #[test]
    fn search_ignores_case_and_accents_and_wants_every_word() {
        let catalogue =
            Catalogue::new(vec![item("a", "Amélie"), item("b", "Alien")]).expect("valid");
        let hit = |q: &str, row| catalogue.matches(ItemIndex(row), &FoldedQuery::new(q));
        assert!(hit("AMELIE", 0) && !hit("amelie", 1));
        assert!(hit("", 1) && !hit("alien amelie", 1));
        assert_eq!(
            fold("ΣΟΛΑΡΙΣ Солярис ЁЖ 東京 ÅSE"),
            "σολαρισ солярис ёж 東京 ase"
        );
    }

    #[test]
    fn facts_are_not_searched() {
        let tags = [
            ("genre", "Stocks"),
            ("availability", "in stock"),
            ("price", "7.00"),
        ];
        let mut known = item("a", "A");
        known.tags = tags.map(|(f, v)| (f.to_owned(), v.to_owned())).into();
        assert_eq!(known.tastes().count(), 1);
        let catalogue = Catalogue::new(vec![known]).expect("valid");
        let hit = |q: &str| catalogue.matches(ItemIndex(0), &FoldedQuery::new(q));
        assert!(hit("stocks") && !hit("in") && !hit("7.00"));
    }

    #[test]
    fn refusals_name_the_item() {
        let twice = Catalogue::new(vec![item("a", "x"), item("a", "y")]);
        assert_eq!(twice.err(), Some(CatalogueError::DuplicateId("a".into())));
        assert_eq!(
            Catalogue::new(vec![item("", "x")]).err(),
            Some(CatalogueError::EmptyId { position: 0 })
        );
        assert_eq!(Catalogue::new(vec![]).err(), Some(CatalogueError::Empty));
    }
}
