//! Catalogues of any known format, told apart by content and name, read in slices.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::LoadError;
use super::delimited::Delimited;
use super::feed::Feed;
use super::json::Json;
use super::text::{self, Fault};
use crate::catalogue::{Item, MAX_ITEMS};

/// What is too much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most items.
    pub items: usize,
    /// Longest file in bytes.
    pub bytes: usize,
}

impl Limits {
    /// What a page reads: 100,000 items, 128 MiB.
    pub const PAGE: Self = Self {
        items: 100_000,
        bytes: 128 << 20,
    };

    /// As much as a pack holds.
    pub const PACK: Self = Self {
        items: MAX_ITEMS,
        bytes: usize::MAX,
    };

    /// Is a file of so many bytes short enough? To be asked before it is read.
    ///
    /// # Errors
    /// It is longer.
    pub fn check(&self, file: &str, bytes: u64) -> Result<(), LoadError> {
        if bytes <= self.bytes as u64 {
            return Ok(());
        }
        let mib = |bytes: u64| bytes.div_ceil(1 << 20);
        let what = format!(
            "the file has {} MiB, more than the {} MiB that are read here; leave columns or items out",
            mib(bytes),
            mib(self.bytes as u64)
        );
        Err(of_file(file, Fault::whole(what)))
    }
}

/// Formats of catalogues.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Delimited text with a header.
    Csv,
    /// A list of objects, or an object with one list in it.
    Json,
    /// Objects one after another.
    JsonLines,
    /// RSS, also a shop's.
    Rss,
    /// Atom.
    Atom,
}

impl Format {
    /// Its name for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Csv => "CSV",
            Self::Json => "JSON",
            Self::JsonLines => "JSON Lines",
            Self::Rss => "RSS",
            Self::Atom => "Atom",
        }
    }
}

/// What a file held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogueFile {
    /// The items, in the file's order.
    pub items: Vec<Item>,
    /// What the file calls itself: a feed's title.
    pub title: Option<String>,
    /// Its format.
    pub format: Format,
    /// Columns or keys that were not used.
    pub left_out: Vec<String>,
}

/// How far a file has been read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Bytes that have been read.
    pub bytes: usize,
    /// Bytes there are. (Of the text: a file in UTF-16 has more.)
    pub of: usize,
    /// Items so far.
    pub items: usize,
    /// All has been read.
    pub done: bool,
}

/// Reads one file in slices, so that a worker stays responsive; drop it to cancel.
///
/// # What is read
/// The names of columns, keys and elements are known whatever their case, spaces, hyphens and
/// underscores:
///
/// | Field | Names, the first that is there wins |
/// |---|---|
/// | id | `id`, `item_id`, `product_id`, …, `guid`, `sku`, `handle`, `slug`, `isbn`, `gtin`, … |
/// | title | `title`, `name`, `titel`, `titre`, `headline`, … |
/// | url | `url`, `link`, `href`, `permalink`, … |
/// | image | `image`, `image_url`, `image_link`, `thumbnail`, `cover`, `poster`, … |
/// | text | `text`, `description`, `summary`, `content`, `body`, `overview`, …; without its markup, the first 4,096 bytes |
/// | creator | `creator`, `author`, `director`, `artist`, `maker`, `brand`, …; several joined by ` & ` |
/// | year | `year`, or the year of `date`, `published`, `pub_date`, … |
/// | facts | `price`, `sale_price`, `currency`, `availability` or `stock`, as tags ([`crate::catalogue::is_fact`]) |
/// | tags | `genre`, `category`, `tags`, `keywords`, `subjects`: divided by `\|`, else `;`, else `,`; `product_type`: by `>` |
///
/// Any other column is a facet, its cells divided by `|`, its name without a plural `s`. Values that
/// measure (`7.8`, `81234`) or are longer than 120 bytes are no tags. Addresses other than `http:`,
/// `https:` and relative ones are left out.
///
/// An item without an id is known by its link, without a link by its title. Two items of the same
/// identity are an error.
#[derive(Debug)]
pub struct CatalogueReader {
    file: String,
    source: Source,
    bytes: usize,
    limits: Limits,
    items: Vec<Item>,
    known: HashMap<String, u64>,
    done: bool,
}

#[derive(Debug)]
enum Source {
    Csv(Delimited),
    Json(Json),
    JsonLines(Json),
    Feed(Box<Feed>),
}

fn of_file(file: &str, fault: Fault) -> LoadError {
    LoadError {
        file: file.to_owned(),
        line: fault.line,
        column: fault.column,
        what: fault.what,
    }
}

impl CatalogueReader {
    /// Takes a file's bytes and finds out what it is.
    ///
    /// # Errors
    /// Too long, none of the formats, a header without a title.
    pub fn new(file: &str, bytes: Vec<u8>, limits: Limits) -> Result<Self, LoadError> {
        limits.check(file, bytes.len() as u64)?;
        let source = Source::new(file, bytes).map_err(|fault| of_file(file, fault))?;
        let (source, bytes) = source;
        Ok(Self {
            file: file.to_owned(),
            source,
            bytes,
            limits,
            items: Vec::new(),
            known: HashMap::new(),
            done: false,
        })
    }

    /// Reads up to so many items more.
    ///
    /// # Errors
    /// Everything wrong in the file, with line and column; too many items; none at all.
    pub fn advance(&mut self, items: usize) -> Result<Progress, LoadError> {
        self.read(items)
            .map_err(|fault| of_file(&self.file, fault))?;
        Ok(Progress {
            bytes: if self.done {
                self.bytes
            } else {
                self.source.position()
            },
            of: self.bytes,
            items: self.items.len(),
            done: self.done,
        })
    }

    fn read(&mut self, items: usize) -> Result<(), Fault> {
        for _ in 0..items {
            if self.done {
                break;
            }
            let Some((item, line)) = self.source.next()? else {
                self.done = true;
                if self.items.is_empty() {
                    return Err(Fault::whole(
                        "there is no item in the file; it needs at least one",
                    ));
                }
                break;
            };
            let fault = |what: String| Fault {
                line,
                column: String::new(),
                what,
            };
            if self.items.len() == self.limits.items {
                return Err(fault(format!(
                    "here begins item {}, more than the {} that are read; leave items out",
                    self.limits.items + 1,
                    self.limits.items
                )));
            }
            match self.known.entry(item.id.clone()) {
                Entry::Occupied(first) => {
                    return Err(fault(format!(
                        "`{}` is there already, in line {}; give each item an `id` of its own",
                        super::fields::excerpt(&item.id),
                        first.get()
                    )));
                }
                Entry::Vacant(free) => free.insert(line),
            };
            self.items.push(item);
        }
        Ok(())
    }

    /// Reads what is left, and hands everything over.
    ///
    /// # Errors
    /// Those of [`Self::advance`].
    pub fn finish(mut self) -> Result<CatalogueFile, LoadError> {
        while !self.advance(4096)?.done {}
        let (title, left_out) = match &mut self.source {
            Source::Csv(table) => (None, table.left_out()),
            Source::Json(json) | Source::JsonLines(json) => (json.title.take(), json.left_out()),
            Source::Feed(feed) => (feed.title.take(), Vec::new()),
        };
        let format = match &self.source {
            Source::Csv(_) => Format::Csv,
            Source::Json(_) => Format::Json,
            Source::JsonLines(_) => Format::JsonLines,
            Source::Feed(feed) if feed.atom => Format::Atom,
            Source::Feed(_) => Format::Rss,
        };
        self.items.shrink_to_fit();
        Ok(CatalogueFile {
            items: self.items,
            title: title
                .map(|title| title.trim().to_owned())
                .filter(|title| !title.is_empty()),
            format,
            left_out,
        })
    }
}

impl Source {
    /// The source and the length of its text.
    fn new(file: &str, bytes: Vec<u8>) -> Result<(Self, usize), Fault> {
        let foreign = match bytes.as_slice() {
            [b'P', b'K', 3, 4, ..] | [0xD0, 0xCF, 0x11, 0xE0, ..] => "a spreadsheet or an archive",
            [0x1F, 0x8B, ..] => "a compressed file",
            [b'%', b'P', b'D', b'F', ..] => "a PDF",
            _ => "",
        };
        let readable = "CSV, JSON, JSON Lines, RSS and Atom are read";
        if !foreign.is_empty() {
            let what = format!("this is {foreign}; {readable}, so save the table as CSV");
            return Err(Fault::whole(what));
        }
        let text = text::decode(bytes)?;
        if text.bytes().take(4096).any(|byte| byte == 0) {
            return Err(Fault::whole(format!("this is no text; {readable}")));
        }
        let length = text.len();
        let ending = file
            .rsplit_once('.')
            .map_or("", |(_, ending)| ending)
            .to_ascii_lowercase();
        let source = match (text.trim_start().as_bytes().first(), ending.as_str()) {
            (Some(b'<'), _) | (_, "xml" | "rss" | "atom") => Self::Feed(Box::new(Feed::new(text))),
            (_, "jsonl" | "ndjson") => Self::JsonLines(Json::lines(text)),
            // A table may begin with a bracket, if its name says that it is one.
            (_, "csv" | "tsv" | "tab") => Self::Csv(Delimited::new(text)?),
            (Some(b'{'), _) if Json::is_lines(&text) => Self::JsonLines(Json::lines(text)),
            (Some(b'{' | b'['), _) | (_, "json") => Self::Json(Json::list(text)?),
            _ => Self::Csv(Delimited::new(text)?),
        };
        Ok((source, length))
    }

    fn next(&mut self) -> Result<Option<(Item, u64)>, Fault> {
        match self {
            Self::Csv(table) => table.next(),
            Self::Json(json) | Self::JsonLines(json) => json.next(),
            Self::Feed(feed) => feed.next(),
        }
    }

    fn position(&self) -> usize {
        match self {
            Self::Csv(table) => table.position(),
            Self::Json(json) | Self::JsonLines(json) => json.position(),
            Self::Feed(feed) => feed.position(),
        }
    }
}

/// Reads a whole file at once: [`CatalogueReader`] without slices.
///
/// # Errors
/// Those of [`CatalogueReader`].
pub fn catalogue(file: &str, bytes: Vec<u8>, limits: Limits) -> Result<CatalogueFile, LoadError> {
    CatalogueReader::new(file, bytes, limits)?.finish()
}
