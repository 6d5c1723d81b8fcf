//! Catalogues in delimited text: commas, semicolons or tabs, quotes, a header.

use super::fields::{Draft, Field, Lack, field};
use super::text::{Fault, Lines};
use crate::catalogue::Item;

/// Rows of a text, one item each.
#[derive(Debug)]
pub(super) struct Delimited {
    text: String,
    at: usize,
    lines: Lines,
    delimiter: u8,
    header: Vec<(String, Field)>,
    /// Fields of the row; buffers are kept from row to row.
    row: Vec<String>,
    fields: usize,
}

impl Delimited {
    /// Reads the header.
    pub(super) fn new(text: String) -> Result<Self, Fault> {
        let mut table = Self {
            delimiter: delimiter(&text),
            text,
            at: 0,
            lines: Lines::default(),
            header: Vec::new(),
            row: Vec::new(),
            fields: 0,
        };
        let Some(line) = table.record()? else {
            return Err(Fault::whole(
                "the file is empty; it needs a header line and one line per item",
            ));
        };
        let names = table.row[..table.fields].iter().map(|name| name.trim());
        table.header = names.map(|name| (name.to_owned(), field(name))).collect();
        // Rows end where the header does: empty names at its end are empty columns.
        while table.header.last().is_some_and(|(name, _)| name.is_empty()) {
            table.header.pop();
        }
        if table.column_of_titles().is_none() {
            let names: Vec<&str> = table.header.iter().map(|(name, _)| name.as_str()).collect();
            return Err(Fault {
                line,
                column: "title".into(),
                what: format!(
                    "there is no column for the title (found {}); the first line has to name the \
                     columns, one of them `title`",
                    super::fields::excerpt(&names.join(", "))
                ),
            });
        }
        Ok(table)
    }

    /// Bytes that have been read.
    pub(super) fn position(&self) -> usize {
        self.at
    }

    /// Columns that are of no use.
    pub(super) fn left_out(&self) -> Vec<String> {
        let unused = self
            .header
            .iter()
            .filter(|(_, field)| *field == Field::Nothing);
        unused.map(|(name, _)| name.clone()).collect()
    }

    fn column_of_titles(&self) -> Option<&str> {
        let ranked = self.header.iter().filter_map(|(name, field)| match field {
            Field::Title(rank) => Some((rank, name)),
            _ => None,
        });
        ranked.min().map(|(_, name)| name.as_str())
    }

    /// The column that names the items, if there is one: then every row needs it.
    fn column_of_ids(&self) -> Option<usize> {
        let columns = self.header.iter().enumerate();
        let ranked = columns.filter_map(|(at, (_, field))| match field {
            Field::Id(rank) => Some((rank, at)),
            _ => None,
        });
        ranked.min().map(|(_, at)| at)
    }

    /// The next row's item and line.
    pub(super) fn next(&mut self) -> Result<Option<(Item, u64)>, Fault> {
        let Some(line) = self.record()? else {
            return Ok(None);
        };
        let rest = self.row[..self.fields]
            .get(self.header.len()..)
            .unwrap_or_default();
        if self.fields < self.header.len() || rest.iter().any(|field| !field.trim().is_empty()) {
            return Err(Fault {
                line,
                column: String::new(),
                what: format!(
                    "has {} columns, the header has {}; a text with a {} or a line break needs quotes",
                    self.fields,
                    self.header.len(),
                    match self.delimiter {
                        b';' => "semicolon",
                        b'\t' => "tab",
                        _ => "comma",
                    }
                ),
            });
        }
        let fault = |column: &str, what: String| Fault {
            line,
            column: column.to_owned(),
            what,
        };
        let mut draft = Draft::default();
        for ((name, field), value) in self.header.iter().zip(&self.row) {
            draft.set(field, value).map_err(|what| fault(name, what))?;
        }
        if let Some(at) = self.column_of_ids()
            && self.row[at].trim().is_empty()
        {
            let what = "is empty; every row needs it".into();
            return Err(fault(&self.header[at].0, what));
        }
        match draft.finish() {
            Ok(item) => Ok(Some((item, line))),
            Err(Lack::Title) => Err(fault(
                self.column_of_titles().unwrap_or("title"),
                "is empty; every row needs it".into(),
            )),
            Err(lack) => Err(fault("", lack.says())),
        }
    }

    /// Reads one row into the buffers and returns its line; `None` at the end.
    fn record(&mut self) -> Result<Option<u64>, Fault> {
        let bytes = self.text.as_bytes();
        while matches!(bytes.get(self.at), Some(b'\n' | b'\r')) {
            self.at += 1;
        }
        if self.at >= bytes.len() {
            return Ok(None);
        }
        let line = self.lines.place(&self.text, self.at).line;
        self.fields = 0;
        loop {
            if self.row.len() == self.fields {
                self.row.push(String::new());
            }
            let out = &mut self.row[self.fields];
            self.fields += 1;
            out.clear();
            if bytes.get(self.at) == Some(&b'"') {
                let quote = self.at;
                self.at += 1;
                loop {
                    let Some(length) = self.text[self.at..].find('"') else {
                        let place = self.lines.place(&self.text, quote);
                        return Err(Fault::at(
                            place,
                            "a quote is opened here and never closed; close it, or write a quote \
                             inside of a text as two",
                        ));
                    };
                    out.push_str(&self.text[self.at..self.at + length]);
                    self.at += length + 1;
                    if bytes.get(self.at) != Some(&b'"') {
                        break;
                    }
                    out.push('"');
                    self.at += 1;
                }
            }
            // The whole field, or what stands between a closing quote and the delimiter.
            let rest = &bytes[self.at..];
            let end = |byte: &u8| *byte == self.delimiter || matches!(byte, b'\n' | b'\r');
            let length = rest.iter().position(end).unwrap_or(rest.len());
            out.push_str(&self.text[self.at..self.at + length]);
            self.at += length;
            match bytes.get(self.at) {
                Some(byte) if *byte == self.delimiter => self.at += 1,
                _ => return Ok(Some(line)),
            }
        }
    }
}

/// The mark that the first line has most of, outside of quotes.
fn delimiter(text: &str) -> u8 {
    let mut counts = [(0u32, b','), (0, b';'), (0, b'\t')];
    let mut quoted = false;
    for byte in text.trim_start_matches(['\n', '\r']).bytes() {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' | b'\r' if !quoted => break,
            byte if !quoted => {
                let count = counts.iter_mut().find(|(_, mark)| *mark == byte);
                if let Some((count, _)) = count {
                    *count += 1;
                }
            }
            _ => {}
        }
    }
    // Equal counts keep the first.
    let best = counts.into_iter().rev().max_by_key(|(count, _)| *count);
    best.map_or(b',', |(_, mark)| mark)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Result<Vec<(Item, u64)>, Fault> {
        let mut table = Delimited::new(text.to_owned())?;
        std::iter::from_fn(|| table.next().transpose()).collect()
    }

    fn fault(text: &str) -> (u64, String, String) {
        let fault = all(text).expect_err("bad");
        (fault.line, fault.column, fault.what)
    }

    #[test]
    fn quotes_line_breaks_and_delimiters() {
        let comma =
            all("id,title\r\n\"a\",\"One, \"\"two\"\"\r\nthree\"\r\n\r\nb,B\r\n").expect("valid");
        assert_eq!(comma[0].0.title, "One, \"two\"\r\nthree");
        assert_eq!((comma[0].1, comma[1].1), (2, 5));
        let semicolon = all("id;title;price\na;One, two;1,50\n").expect("valid");
        assert_eq!(semicolon[0].0.title, "One, two");
        assert_eq!(semicolon[0].0.tags[0].1, "1.50");
        let tab = all("id\ttitle\t\na\tX\t\nb\tY\t").expect("valid");
        assert_eq!(tab.len(), 2);
        let old_mac = all("id,title\ra,X\rb,Y").expect("valid");
        assert_eq!(old_mac.len(), 2);
    }

    #[test]
    fn faults_name_line_and_column() {
        let (line, column, what) = fault("id,title\n\na,\"X\ny\"\nb,\n");
        assert_eq!((line, column.as_str()), (5, "title"));
        assert!(what.starts_with("is empty"));
        assert_eq!(fault("SKU,title\n,X\n").1, "SKU");
        assert_eq!(fault("id,title\na\n").0, 2);
        assert_eq!(
            fault("id,title\na,b,c\n").2,
            "has 3 columns, the header has 2; a text with a comma or a line break needs quotes"
        );
        let (line, column, _) = fault("id,title\na,b\nc,\"open\nd,e\n");
        assert_eq!((line, column.as_str()), (3, "3"));
        let (line, _, what) = fault("1,2\n3,4\n");
        assert_eq!(line, 1);
        assert!(what.contains("found 1, 2"), "{what}");
        assert_eq!(fault("").0, 0);
        let price = fault("id,title,Price\na,X,lots\n");
        assert_eq!((price.0, price.1.as_str()), (2, "Price"));
        assert!(price.2.starts_with("`lots` is no price"));
    }
}
