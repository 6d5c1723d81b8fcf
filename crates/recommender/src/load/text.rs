//! From a file's bytes to text, and from a place in the text to line and column.

/// What a fault in a file is before the file's name is added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) line: u64,
    pub(super) column: String,
    pub(super) what: String,
}

impl Fault {
    /// A fault of the whole file.
    pub(super) fn whole(what: impl Into<String>) -> Self {
        Self {
            line: 0,
            column: String::new(),
            what: what.into(),
        }
    }

    /// A fault at a place.
    pub(super) fn at(place: Place, what: impl Into<String>) -> Self {
        Self {
            line: place.line,
            column: place.column.to_string(),
            what: what.into(),
        }
    }
}

/// Line and column, both counted from 1; a column is a character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) line: u64,
    pub(super) column: u64,
}

/// Counts lines up to places that are asked for in ascending order, so that a file is counted once.
#[derive(Clone, Debug)]
pub(super) struct Lines {
    line: u64,
    line_start: usize,
    counted: usize,
}

impl Default for Lines {
    fn default() -> Self {
        Self {
            line: 1,
            line_start: 0,
            counted: 0,
        }
    }
}

impl Lines {
    /// Where the byte `at` of `text` is. `at` must not be before an earlier one.
    pub(super) fn place(&mut self, text: &str, at: usize) -> Place {
        let at = at.min(text.len());
        let new = text.as_bytes().get(self.counted..at).unwrap_or_default();
        for (offset, _) in new.iter().enumerate().filter(|(_, byte)| **byte == b'\n') {
            self.line += 1;
            self.line_start = self.counted + offset + 1;
        }
        self.counted = self.counted.max(at);
        let before = text.as_bytes().get(self.line_start..at).unwrap_or_default();
        // Every byte but those that go on with a character begins one.
        let characters = before.iter().filter(|byte| **byte & 0xC0 != 0x80).count();
        Place {
            line: self.line,
            column: characters as u64 + 1,
        }
    }
}

/// Windows-1252 where it differs from Latin-1: 0x80..=0x9F.
const WINDOWS: &str = "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8d}Ž\u{8f}\u{90}‘’“”•–—˜™š›œ\u{9d}žŸ";

/// The text of a file: UTF-8 or, with a byte order mark, UTF-16; bytes that are no UTF-8 are read as
/// Windows-1252, which old spreadsheets write. The byte order mark is taken off.
pub(super) fn decode(bytes: Vec<u8>) -> Result<String, Fault> {
    if let [0xFF, 0xFE, rest @ ..] = bytes.as_slice() {
        return utf16(rest, u16::from_le_bytes);
    }
    if let [0xFE, 0xFF, rest @ ..] = bytes.as_slice() {
        return utf16(rest, u16::from_be_bytes);
    }
    let mut text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let bytes = error.into_bytes();
            let mut text = String::with_capacity(bytes.len() + bytes.len() / 8);
            let windows: Vec<char> = WINDOWS.chars().collect();
            for chunk in bytes.utf8_chunks() {
                text.push_str(chunk.valid());
                text.extend(chunk.invalid().iter().map(|&byte| match byte {
                    0x80..=0x9F => windows[usize::from(byte - 0x80)],
                    other => char::from(other),
                }));
            }
            text
        }
    };
    if text.starts_with('\u{feff}') {
        text.drain(..'\u{feff}'.len_utf8());
    }
    Ok(text)
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, Fault> {
    let (units, rest) = bytes.as_chunks::<2>();
    let text: Result<String, _> =
        char::decode_utf16(units.iter().map(|pair| unit(*pair))).collect();
    match text {
        Ok(text) if rest.is_empty() => Ok(text),
        _ => Err(Fault::whole(
            "begins as UTF-16 but is none to its end; save it as UTF-8",
        )),
    }
}

/// Cuts at the last character that ends within `bytes`.
pub(super) fn shorten(text: &mut String, bytes: usize) {
    if text.len() > bytes {
        text.truncate(text.floor_char_boundary(bytes));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_in_lines_and_characters() {
        let text = "ab\nçé!\n\nx";
        let mut lines = Lines::default();
        let mut place = |at| {
            let place = lines.place(text, at);
            (place.line, place.column)
        };
        assert_eq!(place(0), (1, 1));
        assert_eq!(place(text.find('!').expect("there")), (2, 3));
        assert_eq!(place(text.len() - 1), (4, 1));
        assert_eq!(place(9999), (4, 2));
    }

    #[test]
    fn encodings_that_spreadsheets_write() {
        let read = |bytes: &[u8]| decode(bytes.to_vec()).expect("readable");
        assert_eq!(read(b"\xEF\xBB\xBFid"), "id");
        assert_eq!(read("Käse".as_bytes()), "Käse");
        assert_eq!(read(b"K\xE4se 5 \x80"), "Käse 5 €");
        assert_eq!(read(b"\xFF\xFEi\0d\0\xAC\x20"), "id€");
        assert_eq!(read(b"\xFE\xFF\0i\0d"), "id");
        assert!(decode(b"\xFF\xFEi\0d".to_vec()).is_err());
        let mut long = "aéé".to_owned();
        shorten(&mut long, 4);
        assert_eq!(long, "aé");
        assert_eq!(WINDOWS.chars().count(), 32);
    }
}
