//! Catalogues in JSON: an array of objects, an object with one such array in it, or objects one
//! after another (JSON Lines). One item at a time is parsed; the rest stays text.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::fields::{Draft, Field, field};
use super::text::{Fault, Lines, Place};
use crate::catalogue::Item;

/// Names of the list where an object holds several.
const LISTS: [&str; 8] = [
    "items", "products", "entries", "results", "data", "records", "books", "articles",
];

/// Most names that [`Json::left_out`] lists.
const MOST_LEFT_OUT: usize = 20;

/// Objects of a text, one item each.
#[derive(Debug)]
pub(super) struct Json {
    text: String,
    at: usize,
    lines: Lines,
    list: bool,
    done: bool,
    items: usize,
    fields: HashMap<String, Field>,
    left_out: BTreeSet<String>,
    /// What the object around the list calls itself.
    pub(super) title: Option<String>,
}

/// Keys and values of an object, in order; values not yet parsed.
struct Pairs<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de> Deserialize<'de> for Pairs<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = Pairs<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut pairs = Vec::new();
                while let Some((Text(key), value)) = map.next_entry()? {
                    pairs.push((key, value));
                }
                Ok(Pairs(pairs))
            }
        }
        deserializer.deserialize_map(Collect)
    }
}

/// A text that is only copied where it has escapes.
#[derive(serde::Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl Json {
    /// An array, or an object with an array in it.
    pub(super) fn list(text: String) -> Result<Self, Fault> {
        let mut json = Self::lines(text);
        json.list = true;
        let start = json.blank(0);
        let array = if json.byte(start) == Some(b'{') {
            json.find_list(start)?
        } else {
            start
        };
        if json.byte(array) != Some(b'[') {
            return Err(json.fault(
                array,
                "a catalogue in JSON is a list of objects: [{…}, {…}]",
            ));
        }
        json.at = array + 1;
        Ok(json)
    }

    /// Objects one after another.
    pub(super) fn lines(text: String) -> Self {
        Self {
            text,
            at: 0,
            lines: Lines::default(),
            list: false,
            done: false,
            items: 0,
            fields: HashMap::new(),
            left_out: BTreeSet::new(),
            title: None,
        }
    }

    /// Are there several objects, one after another?
    pub(super) fn is_lines(text: &str) -> bool {
        let bytes = text.as_bytes();
        let start = blank(bytes, 0);
        let end = value_end(bytes, start).map(|end| blank(bytes, end));
        bytes.get(start) == Some(&b'{') && end.is_some_and(|end| bytes.get(end) == Some(&b'{'))
    }

    /// Bytes that have been read.
    pub(super) fn position(&self) -> usize {
        if self.done { self.text.len() } else { self.at }
    }

    /// Keys whose values have no known shape.
    pub(super) fn left_out(&self) -> Vec<String> {
        self.left_out.iter().cloned().collect()
    }

    /// The next object's item and line.
    pub(super) fn next(&mut self) -> Result<Option<(Item, u64)>, Fault> {
        if self.done {
            return Ok(None);
        }
        let mut start = self.blank(self.at);
        if self.list {
            match self.byte(start) {
                Some(b']') => {
                    self.done = true;
                    return Ok(None);
                }
                Some(b',') if self.items > 0 => start = self.blank(start + 1),
                _ if self.items > 0 => {
                    return Err(self.fault(start, "a comma or the end of the list is missing here"));
                }
                _ => {}
            }
        } else if start == self.text.len() {
            self.done = true;
            return Ok(None);
        }
        self.items += 1;
        let place = self.lines.place(&self.text, start);
        if self.byte(start) != Some(b'{') {
            let what = if start >= self.text.len() {
                "the file ends inside of the list; is it all there?".to_owned()
            } else {
                format!("item {} is no object; write {{\"title\": …}}", self.items)
            };
            return Err(Fault::at(place, what));
        }
        let end = self.object_end(start);
        let slice = &self.text[start..end];
        let pairs: Pairs<'_> =
            serde_json::from_str(slice).map_err(|cause| syntax(place, &cause))?;
        self.at = end;
        let mut draft = Draft::default();
        for (key, raw) in pairs.0 {
            let known = match self.fields.get(&*key) {
                Some(known) => known,
                None => self
                    .fields
                    .entry(key.clone().into_owned())
                    .or_insert(field(&key)),
            };
            if *known == Field::Nothing || matches!(raw.get(), "null" | "[]" | "{}") {
                continue;
            }
            let Some(value) = flat(raw, 0) else {
                if self.left_out.len() < MOST_LEFT_OUT && !self.left_out.contains(&*key) {
                    self.left_out.insert(key.into_owned());
                }
                continue;
            };
            if let Err(what) = draft.set(known, &value) {
                // A raw value is a part of the text, so its address says where it is.
                let at = (raw.get().as_ptr() as usize).saturating_sub(slice.as_ptr() as usize);
                let place = self.lines.place(&self.text, start + at);
                return Err(Fault::at(
                    place,
                    format!("item {}, `{key}`: {what}", self.items),
                ));
            }
        }
        let item = draft
            .finish()
            .map_err(|lack| Fault::at(place, format!("item {} {}", self.items, lack.says())))?;
        Ok(Some((item, place.line)))
    }

    /// Where the object at `start` ends. In JSON Lines that is the line's end, unless only more lines
    /// make it whole.
    fn object_end(&self, start: usize) -> usize {
        let text = &self.text;
        let end = value_end(text.as_bytes(), start);
        if self.list {
            return end.unwrap_or(text.len());
        }
        let line = text[start..].find('\n').map_or(text.len(), |at| start + at);
        match end {
            Some(end)
                if end <= line || serde_json::from_str::<Pairs<'_>>(&text[start..end]).is_ok() =>
            {
                end
            }
            _ => line,
        }
    }

    /// Start of the list in the object at `start`; takes its title along.
    fn find_list(&mut self, start: usize) -> Result<usize, Fault> {
        let end = value_end(self.text.as_bytes(), start).unwrap_or(self.text.len());
        let place = self.lines.place(&self.text, start);
        let object = &self.text[start..end];
        let pairs: Pairs<'_> =
            serde_json::from_str(object).map_err(|cause| syntax(place, &cause))?;
        let mut lists: Vec<(String, usize)> = Vec::new();
        let mut title = None;
        for (key, raw) in pairs.0 {
            let value = raw.get();
            let inside = value.strip_prefix('[').map(str::trim_start);
            if inside.is_some_and(|inside| inside.starts_with(['{', ']'])) {
                let at = (value.as_ptr() as usize).saturating_sub(object.as_ptr() as usize);
                lists.push((key.into_owned(), start + at));
            } else if matches!(&*key, "title" | "name") && value.starts_with('"') && title.is_none()
            {
                title = flat(raw, 0);
            }
        }
        self.title = title;
        let rank = |key: &str| LISTS.iter().position(|known| *known == key);
        let known = lists.iter().filter_map(|(key, at)| Some((rank(key)?, *at)));
        match (known.min(), lists.as_slice()) {
            (Some((_, at)), _) => Ok(at),
            (None, [(_, at)]) => Ok(*at),
            (None, []) => Err(Fault::at(
                place,
                "this object holds no list of objects; a catalogue in JSON is [{…}, {…}] or \
                 {\"items\": [{…}, {…}]}",
            )),
            (None, [(one, _), (two, at), ..]) => {
                let what =
                    format!("there are two lists, `{one}` and `{two}`; call the right one `items`");
                Err(self.fault(*at, what))
            }
        }
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    fn blank(&self, at: usize) -> usize {
        blank(self.text.as_bytes(), at)
    }

    fn fault(&self, at: usize, what: impl Into<String>) -> Fault {
        Fault::at(self.lines.clone().place(&self.text, at), what)
    }
}

/// serde_json's error in a text that begins at `start`.
fn syntax(start: Place, cause: &serde_json::Error) -> Fault {
    let (line, column) = (cause.line().max(1) as u64, cause.column().max(1) as u64);
    let place = Place {
        line: start.line + line - 1,
        column: if line == 1 {
            start.column + column - 1
        } else {
            column
        },
    };
    let text = cause.to_string();
    let what = text
        .rsplit_once(" at line ")
        .map_or(text.as_str(), |(what, _)| what);
    Fault::at(place, format!("this is no JSON ({what})"))
}

/// A value as one text: lists joined by `|`, of an object its name, address or amount. `None`: null,
/// or nothing that fits in a text.
fn flat(raw: &RawValue, depth: usize) -> Option<String> {
    let json = raw.get();
    match json.as_bytes().first()? {
        b'"' => serde_json::from_str(json).ok(),
        b'n' => None,
        b'[' if depth < 4 => {
            let parts: Vec<&RawValue> = serde_json::from_str(json).ok()?;
            let texts: Vec<String> = parts
                .iter()
                .filter_map(|part| flat(part, depth + 1))
                .collect();
            (!texts.is_empty()).then(|| texts.join("|"))
        }
        b'{' if depth < 4 => {
            let pairs: Pairs<'_> = serde_json::from_str(json).ok()?;
            let get = |names: &[&str]| {
                names.iter().find_map(|name| {
                    let pair = pairs.0.iter().find(|(key, _)| key == name)?;
                    flat(pair.1, depth + 1)
                })
            };
            let amount = get(&["amount", "value", "price"]);
            let currency = get(&["currency", "currencyCode", "currency_code"]);
            match (amount, currency) {
                (Some(amount), Some(currency)) => Some(format!("{amount} {currency}")),
                (amount, _) => get(&["name", "title", "label", "src", "url", "href"]).or(amount),
            }
        }
        b'[' | b'{' => None,
        _ => Some(json.to_owned()),
    }
}

/// The first byte from `at` that is no white space.
fn blank(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    let length = rest.iter().position(|byte| !byte.is_ascii_whitespace());
    length.map_or(bytes.len(), |length| at + length)
}

/// Behind the object or list at `at`, going by brackets and quotes alone; `None` if it never closes.
fn value_end(bytes: &[u8], at: usize) -> Option<usize> {
    let (mut depth, mut quoted, mut at) = (0usize, false, at);
    while let Some(byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'\\' if quoted => at += 1,
            b'"' => quoted = !quoted,
            b'{' | b'[' if !quoted => depth += 1,
            b'}' | b']' if !quoted => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests;
