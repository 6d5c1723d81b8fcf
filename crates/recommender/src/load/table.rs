//! Rows of delimited text, with line numbers and columns by name.

use std::io::Read;

use super::LoadError;

/// How the columns of a row are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// Quoted CSV with a header line.
    Csv,
    /// Tab-separated, no quotes; a header line as RecBole writes it (`user_id:token`).
    TypedTabs,
    /// Tab-separated, no quotes, no header.
    Tabs,
    /// `|`-separated, no quotes, no header.
    Pipes,
    /// `::`-separated, no quotes, no header.
    DoubleColons,
}

/// One row.
pub(super) struct Row<'a> {
    file: &'a str,
    /// Line in the file, from 1.
    pub(super) line: u64,
    header: &'a [String],
    fields: Vec<String>,
}

impl Row<'_> {
    /// The field of a column, trimmed; empty if the row is shorter.
    pub(super) fn get(&self, column: usize) -> &str {
        self.fields.get(column).map_or("", |field| field.trim())
    }

    /// The field of a column that must not be empty.
    pub(super) fn required(&self, column: usize) -> Result<&str, LoadError> {
        match self.get(column) {
            "" => Err(self.error(column, "is empty; every row needs it".into())),
            field => Ok(field),
        }
    }

    /// The field as a finite number.
    pub(super) fn number(&self, column: usize) -> Result<f64, LoadError> {
        let field = self.required(column)?;
        match field.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(number),
            _ => Err(self.error(column, format!("`{field}` is no number"))),
        }
    }

    /// An error at one of this row's columns.
    pub(super) fn error(&self, column: usize, what: String) -> LoadError {
        let name = self
            .header
            .get(column)
            .cloned()
            .unwrap_or_else(|| (column + 1).to_string());
        LoadError {
            file: self.file.to_owned(),
            line: self.line,
            column: name,
            what,
        }
    }
}

/// Header and rows of `input`. Text that is not UTF-8 is read as Latin-1, which the older MovieLens
/// files are written in.
pub(super) fn read(
    file: &str,
    mut input: impl Read,
    dialect: Dialect,
    mut header_seen: impl FnMut(&[String]) -> Result<(), LoadError>,
    mut row_seen: impl FnMut(Row<'_>) -> Result<(), LoadError>,
) -> Result<(), LoadError> {
    let error = |line, what: String| LoadError {
        file: file.to_owned(),
        line,
        column: String::new(),
        what,
    };
    if dialect == Dialect::DoubleColons {
        let mut bytes = Vec::new();
        input
            .read_to_end(&mut bytes)
            .map_err(|cause| error(0, cause.to_string()))?;
        for (number, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
            let line = text(line.strip_suffix(b"\r").unwrap_or(line));
            if !line.is_empty() {
                let fields = line.split("::").map(str::to_owned).collect();
                row_seen(Row {
                    file,
                    line: number as u64 + 1,
                    header: &[],
                    fields,
                })?;
            }
        }
        return Ok(());
    }
    let quoted = dialect == Dialect::Csv;
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .quoting(quoted)
        .delimiter(match dialect {
            Dialect::Csv => b',',
            Dialect::TypedTabs | Dialect::Tabs => b'\t',
            Dialect::Pipes | Dialect::DoubleColons => b'|',
        })
        .from_reader(input);
    let mut wants_header = matches!(dialect, Dialect::Csv | Dialect::TypedTabs);
    let mut header: Vec<String> = Vec::new();
    let mut record = csv::ByteRecord::new();
    loop {
        let more = reader.read_byte_record(&mut record).map_err(|cause| {
            error(
                cause.position().map_or(0, csv::Position::line),
                cause.to_string(),
            )
        })?;
        if !more {
            break;
        }
        let line = record.position().map_or(0, csv::Position::line);
        let mut fields: Vec<String> = record.iter().map(text).collect();
        if wants_header {
            wants_header = false;
            if let Some(first) = fields.first_mut() {
                *first = first.trim_start_matches('\u{feff}').to_owned();
            }
            header = fields
                .iter()
                .map(|f| f.split(':').next().unwrap_or(f).trim().to_owned())
                .collect();
            if dialect == Dialect::Csv {
                header = fields.iter().map(|f| f.trim().to_owned()).collect();
            }
            header_seen(&header)?;
            continue;
        }
        if !header.is_empty() && fields.len() != header.len() {
            let what = format!(
                "has {} columns, the header has {}; a text with a comma or a line break needs quotes",
                fields.len(),
                header.len()
            );
            return Err(error(line, what));
        }
        row_seen(Row {
            file,
            line,
            header: &header,
            fields,
        })?;
    }
    if wants_header {
        return Err(error(0, "the file is empty; it needs a header line".into()));
    }
    Ok(())
}

fn text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|&byte| char::from(byte)).collect(),
    }
}

/// Position of the first of `names` in a header, whatever the case.
pub(super) fn find(header: &[String], names: &[&str]) -> Option<usize> {
    names.iter().find_map(|name| {
        header
            .iter()
            .position(|column| column.eq_ignore_ascii_case(name))
    })
}
