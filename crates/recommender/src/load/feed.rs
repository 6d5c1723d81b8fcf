//! Catalogues in feeds: RSS 2.0 and 1.0, Atom, and shops' product feeds in either (`g:price`).
//!
//! Only the five entities of XML, numbers and HTML's common names are resolved; a document that
//! declares entities of its own is refused, so none can blow up.

use std::io::Cursor;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::fields::{Draft, Field, field};
use super::html;
use super::text::{Fault, Lines, Place};
use crate::catalogue::Item;

/// Deepest nesting that is followed.
const MAX_DEPTH: usize = 64;

/// Longest text of one element that is kept while it is read, in bytes.
const MAX_TEXT: usize = crate::catalogue::MAX_FIELD_BYTES;

/// Items of a feed.
#[derive(Debug)]
pub(super) struct Feed {
    reader: Reader<Cursor<String>>,
    buffer: Vec<u8>,
    lines: Lines,
    /// Names of the open elements, without prefixes.
    path: Vec<String>,
    entry: Option<Entry>,
    /// Text of the open field.
    text: String,
    items: usize,
    done: bool,
    /// What the feed calls itself.
    pub(super) title: Option<String>,
    /// The root is Atom's.
    pub(super) atom: bool,
}

/// The item that is open.
#[derive(Debug)]
struct Entry {
    draft: Draft,
    place: Place,
    /// Length of the path with the item's own element.
    depth: usize,
    /// The open field: what it is, where it began, length of the path with it.
    open: Option<(Field, Place, usize)>,
}

impl Feed {
    /// From the file's text.
    pub(super) fn new(text: String) -> Self {
        let mut reader = Reader::from_reader(Cursor::new(text));
        let config = reader.config_mut();
        config.expand_empty_elements = true;
        // Many feeds have an `&` in a link.
        config.allow_dangling_amp = true;
        Self {
            reader,
            buffer: Vec::new(),
            lines: Lines::default(),
            path: Vec::new(),
            entry: None,
            text: String::new(),
            items: 0,
            done: false,
            title: None,
            atom: false,
        }
    }

    /// Bytes that have been read.
    pub(super) fn position(&self) -> usize {
        self.reader.buffer_position() as usize
    }

    fn fault(&mut self, at: u64, what: impl Into<String>) -> Fault {
        Fault::at(self.place(at), what)
    }

    fn place(&mut self, at: u64) -> Place {
        let text = self.reader.get_ref().get_ref();
        self.lines.place(text, at as usize)
    }

    /// The next item and its line.
    pub(super) fn next(&mut self) -> Result<Option<(Item, u64)>, Fault> {
        while !self.done {
            let before = self.reader.buffer_position();
            let mut buffer = std::mem::take(&mut self.buffer);
            buffer.clear();
            let event = self.reader.read_event_into(&mut buffer);
            let event = match event {
                Ok(event) => event,
                Err(cause) => {
                    let at = self.reader.error_position().max(before);
                    return Err(self.fault(at, format!("this is no XML ({cause})")));
                }
            };
            let mut item = None;
            match event {
                Event::Start(start) => self.start(&start, before)?,
                Event::End(_) => item = self.end()?,
                Event::Text(text) => self.keep(&text.into_inner()),
                Event::CData(text) => self.keep(&text.into_inner()),
                Event::GeneralRef(name) => {
                    let name = name.into_inner();
                    match html::entity(&name) {
                        Some(text) => self.keep(&text),
                        None => self.keep(&format!("&{name};")),
                    }
                }
                Event::DocType(declaration) if declaration.contains("<!ENTITY") => {
                    let what = "the document declares entities of its own; they are not read, so \
                                write the texts themselves";
                    return Err(self.fault(before, what));
                }
                Event::Eof => {
                    self.done = true;
                    if let Some(open) = self.path.last() {
                        let what = format!("the file ends inside of <{open}>; is it all there?");
                        return Err(self.fault(before, what));
                    }
                }
                _ => {}
            }
            self.buffer = buffer;
            if item.is_some() {
                return Ok(item);
            }
        }
        Ok(None)
    }

    fn start(&mut self, start: &BytesStart<'_>, at: u64) -> Result<(), Fault> {
        let name = start.name();
        let local = name.local_name().into_inner().to_owned();
        if self.path.is_empty() {
            match local.as_str() {
                "rss" | "RDF" => {}
                "feed" => self.atom = true,
                other => {
                    let what = format!(
                        "the document is a <{other}>; a feed is an <rss> or a <feed> (Atom)"
                    );
                    return Err(self.fault(at, what));
                }
            }
        }
        if self.path.len() >= MAX_DEPTH {
            let what = format!("elements are nested deeper than {MAX_DEPTH}");
            return Err(self.fault(at, what));
        }
        let place = self.place(at);
        self.path.push(local);
        let depth = self.path.len();
        let local = &self.path[depth - 1];
        let Some(entry) = &mut self.entry else {
            if local == "item" || local == "entry" {
                self.items += 1;
                self.entry = Some(Entry {
                    draft: Draft::default(),
                    place,
                    depth,
                    open: None,
                });
            } else if self.title.is_none() {
                self.text.clear();
            }
            return Ok(());
        };
        if entry.open.is_some() {
            // Words of neighbouring elements stay apart.
            self.text.push(' ');
            return Ok(());
        }
        // `media:group` only groups.
        if local == "group" {
            return Ok(());
        }
        self.text.clear();
        let shop = name
            .prefix()
            .is_some_and(|prefix| prefix.into_inner() == "g");
        let known = meaning(local, shop);
        let attribute = |wanted: &str| {
            let mut all = start.attributes();
            let all = all.with_checks(false).flatten();
            let mut named = all.filter(|attribute| attribute.key.as_ref() == wanted);
            Some(html::plain(&named.next()?.value))
        };
        let result = attributes(&mut entry.draft, local, attribute);
        entry.open = Some((known, place, depth));
        result.map_err(|what| Fault::at(place, format!("item {}, <{local}>: {what}", self.items)))
    }

    /// Is text of the open element wanted?
    fn keep(&mut self, text: &str) {
        let wanted = match &self.entry {
            None => {
                let parent = self
                    .path
                    .len()
                    .checked_sub(2)
                    .map(|at| self.path[at].as_str());
                self.title.is_none()
                    && self.path.last().is_some_and(|name| name == "title")
                    && matches!(parent, Some("channel" | "feed"))
            }
            Some(entry) => entry.open.as_ref().is_some_and(|(field, _, depth)| {
                let inner = self.path[*depth..].last();
                match field {
                    Field::Nothing => false,
                    // Atom's authors have addresses, too.
                    Field::Creator(..) => inner.is_none_or(|name| name == "name"),
                    _ => true,
                }
            }),
        };
        if wanted && self.text.len() + text.len() <= MAX_TEXT {
            self.text.push_str(text);
        }
    }

    fn end(&mut self) -> Result<Option<(Item, u64)>, Fault> {
        let depth = self.path.len();
        let name = self.path.pop().unwrap_or_default();
        let Some(entry) = &mut self.entry else {
            let parent = self.path.last().map(String::as_str);
            if name == "title" && matches!(parent, Some("channel" | "feed")) && self.title.is_none()
            {
                let title = html::plain(&self.text);
                self.title = Some(title).filter(|title| !title.is_empty());
            }
            return Ok(None);
        };
        if let Some((field, place, _)) = entry.open.take_if(|open| open.2 == depth) {
            let (text, place) = (std::mem::take(&mut self.text), place);
            let value = match field {
                Field::Title(_) | Field::List(_) | Field::Facet(_) => html::plain(&text),
                Field::Creator(..) => author(&text),
                _ => text,
            };
            entry.draft.set(&field, &value).map_err(|what| {
                Fault::at(place, format!("item {}, <{name}>: {what}", self.items))
            })?;
        } else if depth == entry.depth {
            let Some(Entry {
                mut draft, place, ..
            }) = self.entry.take()
            else {
                return Ok(None);
            };
            draft.title_from_text();
            let item = draft
                .finish()
                .map_err(|lack| Fault::at(place, format!("item {} {}", self.items, lack.says())))?;
            return Ok(Some((item, place.line)));
        }
        Ok(None)
    }
}

/// What the element of an item is. Elements that are neither known nor a shop's mean nothing: feeds
/// are full of them.
fn meaning(local: &str, shop: bool) -> Field {
    match (field(local), local) {
        (_, "category") => Field::Facet("category".into()),
        (_, "source") => Field::Nothing,
        (_, "contributor") => Field::Creator(20, "contributor".into()),
        (known, _) if shop => known,
        (Field::Facet(_), _) => Field::Nothing,
        (known, _) => known,
    }
}

/// What an element says in attributes: Atom's links and categories, pictures.
fn attributes(
    draft: &mut Draft,
    local: &str,
    attribute: impl Fn(&str) -> Option<String>,
) -> Result<(), String> {
    let picture = |kind: Option<String>| kind.is_some_and(|kind| kind.starts_with("image"));
    match local {
        "link" => {
            let Some(href) = attribute("href") else {
                return Ok(());
            };
            match attribute("rel").as_deref() {
                None | Some("alternate") => draft.set(&Field::Url(50), &href),
                Some("enclosure") if picture(attribute("type")) => {
                    draft.set(&Field::Image(50), &href)
                }
                Some(_) => Ok(()),
            }
        }
        "category" => {
            let value = attribute("label").or_else(|| attribute("term"));
            draft.set(&Field::Facet("category".into()), &value.unwrap_or_default())
        }
        "thumbnail" => draft.set(&Field::Image(50), &attribute("url").unwrap_or_default()),
        "image" => draft.set(&Field::Image(51), &attribute("href").unwrap_or_default()),
        "enclosure" | "content" => {
            let address = attribute("url").unwrap_or_default();
            if picture(attribute("type")) || picture(attribute("medium")) {
                draft.set(&Field::Image(52), &address)
            } else {
                Ok(())
            }
        }
        _ => Ok(()),
    }
}

/// RSS has `ada@example.org (Ada)`.
fn author(text: &str) -> String {
    let plain = html::plain(text);
    let name = plain
        .split_once(" (")
        .filter(|(mail, _)| mail.contains('@'));
    let name = name.and_then(|(_, name)| name.strip_suffix(')'));
    name.map_or_else(|| plain.clone(), str::to_owned)
}

#[cfg(test)]
mod tests;
