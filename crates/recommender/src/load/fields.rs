//! Which column is what, and an item under construction.

use super::{html, text, values};
use crate::catalogue::{Item, MAX_FIELD_BYTES, MAX_ID_BYTES};

/// Longest free text that is kept, in bytes: what an item is about stands at the beginning.
pub const MAX_TEXT_BYTES: usize = 4096;

/// Most tags of an item that are read.
const MAX_TAGS: usize = 100;

/// Longest value that counts as a tag, in bytes; longer ones are prose.
const MAX_TAG_BYTES: usize = 120;

/// What a column or key is. A rank orders the names of one field: the lowest wins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Id(u8),
    Title(u8),
    Url(u8),
    Image(u8),
    Text(u8),
    /// Loses as a facet of its own name: a `brand` beside an `author`.
    Creator(u8, String),
    Year(u8),
    Date(u8),
    Price(&'static str),
    Currency,
    Availability,
    /// Levels divided by `>`.
    Path,
    /// Facet whose values are divided by `|`, else `;`, else `,`.
    List(String),
    /// Facet whose values are divided by `|`.
    Facet(String),
    /// Known, and no use.
    Nothing,
}

const IDS: &[&str] = &[
    "id",
    "itemid",
    "productid",
    "articleid",
    "bookid",
    "movieid",
    "guid",
    "uuid",
    "sku",
    "handle",
    "slug",
    "isbn13",
    "isbn",
    "asin",
    "gtin",
    "ean",
    "upc",
    "barcode",
    "mpn",
];
const TITLES: &[&str] = &[
    "title",
    "name",
    "titel",
    "titre",
    "titulo",
    "titolo",
    "headline",
    "label",
    "productname",
    "producttitle",
    "itemname",
    "booktitle",
    "movietitle",
];
const URLS: &[&str] = &[
    "url",
    "link",
    "href",
    "permalink",
    "producturl",
    "externalurl",
    "website",
];
const IMAGES: &[&str] = &[
    "image",
    "imageurl",
    "imagelink",
    "imagesrc",
    "thumbnail",
    "thumbnailurl",
    "cover",
    "coverurl",
    "poster",
    "posterurl",
    "picture",
    "img",
    "images",
    "featuredimage",
];
const TEXTS: &[&str] = &[
    "text",
    "description",
    "summary",
    "content",
    "contenttext",
    "body",
    "bodyhtml",
    "contenthtml",
    "encoded",
    "abstract",
    "overview",
    "synopsis",
    "plot",
    "shortdescription",
    "beschreibung",
];
const CREATORS: &[&str] = &[
    "creator",
    "author",
    "director",
    "artist",
    "maker",
    "brand",
    "manufacturer",
    "vendor",
];
const YEARS: &[&str] = &[
    "year",
    "releaseyear",
    "publicationyear",
    "yearpublished",
    "jahr",
];
const DATES: &[&str] = &[
    "date",
    "published",
    "pubdate",
    "datepublished",
    "publisheddate",
    "publishedat",
    "publicationdate",
    "releasedate",
    "updated",
];
const NOTHING: &[&str] = &[
    "createdat",
    "updatedat",
    "datemodified",
    "modified",
    "comments",
    "commentrss",
    "source",
    "shipping",
    "tax",
    "identifierexists",
    "additionalimagelink",
    "variants",
    "options",
    "language",
];

/// What the column of that name is, whatever its case, spaces, hyphens and underscores.
pub(super) fn field(name: &str) -> Field {
    let lower = name.trim().to_lowercase();
    let letters: String = lower.chars().filter(|c| c.is_alphanumeric()).collect();
    let plain = crate::catalogue::fold(&letters);
    let rank = |names: &[&str]| {
        names
            .iter()
            .position(|known| *known == plain)
            .map(|at| at as u8)
    };
    let one = singular(&plain);
    if let Some(rank) = rank(IDS) {
        return Field::Id(rank);
    }
    if let Some(rank) = rank(TITLES) {
        return Field::Title(rank);
    }
    if let Some(rank) = rank(URLS) {
        return Field::Url(rank);
    }
    if let Some(rank) = rank(IMAGES) {
        return Field::Image(rank);
    }
    if let Some(rank) = rank(TEXTS) {
        return Field::Text(rank);
    }
    if let Some(rank) = CREATORS.iter().position(|known| *known == one) {
        return Field::Creator(rank as u8, one);
    }
    if let Some(rank) = rank(YEARS) {
        return Field::Year(rank);
    }
    if let Some(rank) = rank(DATES) {
        return Field::Date(rank);
    }
    if rank(NOTHING).is_some() || plain.is_empty() {
        return Field::Nothing;
    }
    match plain.as_str() {
        "price" | "preis" | "prix" => Field::Price("price"),
        "saleprice" => Field::Price("sale price"),
        "currency" | "currencycode" | "pricecurrency" => Field::Currency,
        "availability" | "availabilitystatus" | "stock" | "instock" | "inventory"
        | "stockquantity" => Field::Availability,
        "producttype" | "googleproductcategory" | "producttaxonomy" => Field::Path,
        _ => match one.as_str() {
            "genre" | "tag" | "keyword" | "category" | "subject" | "topic" => Field::List(one),
            _ => Field::Facet(singular(&lower)),
        },
    }
}

/// `genres` → `genre`, `countries` → `country`.
pub(super) fn singular(name: &str) -> String {
    if ["series", "species", "news"].contains(&name) {
        name.to_owned()
    } else if let Some(stem) = name.strip_suffix("ies") {
        format!("{stem}y")
    } else {
        name.strip_suffix('s')
            .filter(|stem| !stem.is_empty() && !stem.ends_with('s'))
            .unwrap_or(name)
            .to_owned()
    }
}

/// What an item lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lack {
    Title,
    LongId,
    LongField,
}

impl Lack {
    /// After `item 12`.
    pub(super) fn says(self) -> String {
        match self {
            Self::Title => "has no title; every item needs one".into(),
            Self::LongId => format!(
                "is known by an id, link or title of more than {MAX_ID_BYTES} bytes; give it a shorter id"
            ),
            Self::LongField => {
                format!("has a field of more than {MAX_FIELD_BYTES} bytes; shorten it")
            }
        }
    }
}

const NO_RANK: u8 = u8::MAX;

/// An item whose fields arrive in any order and under several names.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    item: Item,
    /// Facts: behind the tags, since covers are drawn from the first.
    facts: Vec<(String, String)>,
    creator_facet: String,
    address: String,
    ranks: [u8; 7],
}

impl Default for Draft {
    fn default() -> Self {
        Self {
            item: Item::default(),
            facts: Vec::new(),
            creator_facet: String::new(),
            address: String::new(),
            ranks: [NO_RANK; 7],
        }
    }
}

impl Draft {
    /// Puts a value (not empty) in its place.
    ///
    /// # Errors
    /// What is wrong with it and what to do.
    pub(super) fn set(&mut self, field: &Field, value: &str) -> Result<(), String> {
        let value = value.trim();
        if value.is_empty() {
            return Ok(());
        }
        match field {
            Field::Id(rank) => self.put(0, *rank, |draft| value.clone_into(&mut draft.item.id)),
            Field::Title(rank) => {
                self.put(1, *rank, |draft| value.clone_into(&mut draft.item.title));
            }
            Field::Url(rank) => self.put(2, *rank, |draft| {
                value.clone_into(&mut draft.address);
                values::link(value).clone_into(&mut draft.item.url);
            }),
            Field::Image(rank) => self.put(3, *rank, |draft| {
                let first = value.split('|').next().unwrap_or(value).trim();
                values::link(first).clone_into(&mut draft.item.image);
            }),
            Field::Text(rank) => self.put(4, *rank, |draft| draft.item.text = free_text(value)),
            Field::Creator(rank, facet) => self.creator(*rank, facet, value),
            Field::Year(_) if values::is_nothing(value) => {}
            Field::Year(rank) => {
                let year = values::year(value).ok_or_else(|| format!("`{value}` is no year"))?;
                self.put(6, *rank, |draft| draft.item.year = Some(year));
            }
            Field::Date(rank) => {
                if let Some(year) = values::year_of_date(value) {
                    // Behind every column of years.
                    self.put(6, 100 + rank, |draft| draft.item.year = Some(year));
                }
            }
            Field::Price(_) | Field::Currency | Field::Availability
                if values::is_nothing(value) => {}
            Field::Price(facet) => {
                let (amount, currency) = values::price(value).ok_or_else(|| {
                    format!(
                        "`{}` is no price like 12.50 or 12.50 EUR; correct it, empty it or rename the column",
                        excerpt(value)
                    )
                })?;
                self.fact(facet, amount);
                if let Some(currency) = currency {
                    self.fact("currency", currency);
                }
            }
            Field::Currency => {
                if let Some(currency) = values::currency(value) {
                    self.fact("currency", currency);
                }
            }
            Field::Availability => self.fact("availability", values::availability(value)),
            Field::Path => {
                let levels = value.split(['>', '|']).map(str::trim);
                levels.for_each(|level| self.tag("category", level));
            }
            Field::List(facet) => {
                let mark = ['|', ';', ',']
                    .into_iter()
                    .find(|mark| value.contains(*mark));
                let parts = value.split(mark.unwrap_or('|')).map(str::trim);
                parts.for_each(|part| self.tag(facet, part));
            }
            Field::Facet(facet) => {
                let parts = value.split('|').map(str::trim);
                parts.for_each(|part| self.tag(facet, part));
            }
            Field::Nothing => {}
        }
        Ok(())
    }

    fn put(&mut self, at: usize, rank: u8, put: impl FnOnce(&mut Self)) {
        if rank < self.ranks[at] {
            self.ranks[at] = rank;
            put(self);
        }
    }

    fn creator(&mut self, rank: u8, facet: &str, value: &str) {
        let value = value.replace('|', " & ");
        if rank < self.ranks[5] {
            self.ranks[5] = rank;
            let old = std::mem::replace(&mut self.item.creator, value);
            let facet = std::mem::replace(&mut self.creator_facet, facet.to_owned());
            self.tag(&facet, &old);
        } else if value != self.item.creator {
            self.tag(facet, &value);
        }
    }

    fn tag(&mut self, facet: &str, value: &str) {
        let wanted = !values::is_nothing(value)
            && value.len() <= MAX_TAG_BYTES
            && !values::is_measure(value)
            && self.item.tags.len() < MAX_TAGS;
        let known = |tag: &(String, String)| tag.0 == facet && tag.1 == value;
        if wanted && !self.item.tags.iter().any(known) {
            self.item.tags.push((facet.to_owned(), value.to_owned()));
        }
    }

    fn fact(&mut self, facet: &str, value: String) {
        if !self.facts.iter().any(|(known, _)| known == facet) {
            self.facts.push((facet.to_owned(), value));
        }
    }

    /// A title from the beginning of the text, for feeds whose items have none.
    pub(super) fn title_from_text(&mut self) {
        if self.item.title.is_empty() {
            let mut title = self.item.text.clone();
            text::shorten(&mut title, 80);
            if title.len() < self.item.text.len() {
                title.truncate(title.rfind(' ').unwrap_or(title.len()));
                title.push('…');
            }
            self.item.title = title;
        }
    }

    /// The item. Without an id its link is its id, without a link its title; an id that is an address
    /// is its link if it has no other.
    pub(super) fn finish(mut self) -> Result<Item, Lack> {
        let mut item = self.item;
        if item.title.is_empty() {
            return Err(Lack::Title);
        }
        if item.id.is_empty() {
            item.id = if self.address.is_empty() {
                item.title.clone()
            } else {
                self.address
            };
        }
        let is_web = |text: &str| text.starts_with("https://") || text.starts_with("http://");
        if item.url.is_empty() && is_web(&item.id) {
            item.url.clone_from(&item.id);
        }
        if item.id.len() > MAX_ID_BYTES {
            return Err(Lack::LongId);
        }
        let fields = [&item.title, &item.creator, &item.url, &item.image];
        if fields.iter().any(|field| field.len() > MAX_FIELD_BYTES) {
            return Err(Lack::LongField);
        }
        item.tags.append(&mut self.facts);
        item.tags.shrink_to_fit();
        Ok(item)
    }
}

/// Free text without markup, at most [`MAX_TEXT_BYTES`].
fn free_text(value: &str) -> String {
    let start = &value[..value.floor_char_boundary(MAX_FIELD_BYTES)];
    let mut plain = if html::is_html(start) {
        html::plain(start)
    } else {
        start[..start.floor_char_boundary(MAX_TEXT_BYTES)].to_owned()
    };
    text::shorten(&mut plain, MAX_TEXT_BYTES);
    plain.shrink_to_fit();
    plain
}

/// The beginning of a value, for messages.
pub(super) fn excerpt(value: &str) -> String {
    let mut start = value.to_owned();
    text::shorten(&mut start, 40);
    if start.len() < value.len() {
        start.push('…');
    }
    start
}

#[cfg(test)]
mod tests;
