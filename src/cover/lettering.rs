//! The words of a cover: the title as large as it fits, creator and year small.
//!
//! Which fonts a device has is not known here, so widths are estimated from character classes,
//! generously; a line that would still be too long is squeezed by SVG's `textLength`.

use std::fmt::Write as _;

use engine::messages::ItemView;

use super::palette::Palette;
use super::{Dice, LABEL, MARGIN, WIDTH};
use crate::escape::Escaped;

/// Type sizes tried, largest first.
const SIZES: [f32; 8] = [25.0, 21.0, 18.0, 15.5, 13.5, 12.0, 10.5, 9.5];
/// Height for the title inside the label.
const TITLE: f32 = LABEL - 25.5;
/// Line distance over type size.
const LEADING: f32 = 1.06;

const SERIF: &str = "Iowan Old Style,Palatino Linotype,Palatino,Georgia,serif";
const SANS: &str = "Avenir Next,Helvetica Neue,Segoe UI,Roboto,Arial,sans-serif";

/// Draws title, creator and year into the label that begins at `top`.
pub(crate) fn draw(
    out: &mut String,
    item: &ItemView,
    top: f32,
    palette: &Palette,
    dice: &mut Dice,
) {
    let room = WIDTH - 2.0 * MARGIN;
    // Serif speaks for the first half of the century, sans for the second; a third swap sides.
    let serif = item.year.is_none_or(|year| year < 1958) != (dice.below(3) == 0);
    let (family, weight, wide) = if serif {
        (SERIF, 700, 1.0)
    } else {
        (SANS, 800, 1.05)
    };

    let title = if item.title.trim().is_empty() {
        "–"
    } else {
        item.title.trim()
    };
    let (size, lines) = fit(title, room, wide);
    let right_to_left = title.chars().any(is_right_to_left);
    let (x, direction) = if right_to_left {
        (WIDTH - MARGIN, r#" direction="rtl""#)
    } else {
        (MARGIN, "")
    };
    let _ = write!(
        out,
        r#"<text fill="{}" font-family="{family}" font-weight="{weight}" font-size="{size}" letter-spacing="-.01em"{direction}>"#,
        palette.ink
    );
    for (n, line) in lines.iter().enumerate() {
        let y = top + 7.0 + size * (0.82 + LEADING * n as f32);
        let _ = write!(out, r#"<tspan x="{x}" y="{y:.1}""#);
        if em_width(line) * size * wide > room {
            let _ = write!(
                out,
                r#" textLength="{room}" lengthAdjust="spacingAndGlyphs""#
            );
        }
        let _ = write!(out, ">{}</tspan>", Escaped(line));
    }
    out.push_str("</text>");

    let year = item.year.map(|year| year.to_string()).unwrap_or_default();
    let baseline = top + LABEL - 8.0;
    let _ = write!(
        out,
        r#"<text fill="{}" font-family="{SANS}" font-size="7.5" y="{baseline}">"#,
        palette.ink
    );
    if !item.creator.is_empty() {
        let creator = shorten(&item.creator, (room - 6.0) / 7.5 - em_width(&year));
        let _ = write!(out, r#"<tspan x="{MARGIN}">{}</tspan>"#, Escaped(&creator));
    }
    let _ = write!(
        out,
        r#"<tspan x="{}" text-anchor="end" font-weight="700">{year}</tspan></text>"#,
        WIDTH - MARGIN
    );
}

/// The largest size at which the title fits the label, and its lines.
fn fit(title: &str, room: f32, wide: f32) -> (f32, Vec<String>) {
    for size in SIZES {
        let lines = wrap(title, room / (size * wide));
        let fits = lines
            .iter()
            .all(|line| em_width(line) * size * wide <= room);
        if fits && lines.len() as f32 * size * LEADING <= TITLE {
            return (size, lines);
        }
    }
    let size = SIZES[SIZES.len() - 1];
    let most = (TITLE / (size * LEADING)) as usize;
    let mut lines = wrap(title, room / (size * wide));
    if lines.len() > most {
        lines.truncate(most);
        if let Some(last) = lines.last_mut() {
            last.push('…');
        }
    }
    // A word wider than the label is cut: squeezing a very long one would make it unreadable.
    for line in &mut lines {
        *line = shorten(line, 1.6 * room / (size * wide));
    }
    (size, lines)
}

/// The text itself if it is at most `ems` wide, else its beginning and an ellipsis.
fn shorten(text: &str, ems: f32) -> String {
    if em_width(text) <= ems {
        return text.to_owned();
    }
    let mut short = String::new();
    let mut left = ems - em_width("…");
    for c in text.chars() {
        left -= em_width(c.encode_utf8(&mut [0; 4]));
        if left < 0.0 {
            break;
        }
        short.push(c);
    }
    short.truncate(short.trim_end().len());
    short.push('…');
    short
}

/// Breaks text into lines of at most `ems`, at spaces, and between ideographs.
fn wrap(text: &str, ems: f32) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in words(text) {
        match lines.last_mut() {
            Some(line) if em_width(line) + em_width(word) <= ems => line.push_str(word),
            _ => lines.push(word.trim_start().to_owned()),
        }
    }
    lines.retain(|line| !line.is_empty());
    lines
}

/// Splits before spaces and before ideographs, which may begin a line anywhere.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let mut chars = rest.char_indices();
        chars.next()?;
        let end = chars
            .find(|(_, c)| c.is_whitespace() || is_ideograph(*c))
            .map_or(rest.len(), |(at, _)| at);
        let (word, tail) = rest.split_at(end);
        rest = tail;
        Some(word)
    })
}

/// Estimated width of a bold line in ems.
fn em_width(text: &str) -> f32 {
    text.chars()
        .map(|c| match c {
            'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '\'' | '’' | '!' | '|' => 0.32,
            ' ' | 'f' | 't' | 'r' | '(' | ')' | '-' => 0.4,
            'm' | 'w' | 'M' | 'W' | '…' | '—' => 0.96,
            c if c.is_ascii_uppercase() => 0.73,
            c if is_ideograph(c) => 1.02,
            c if c.is_uppercase() => 0.76,
            _ => 0.6,
        })
        .sum()
}

fn is_ideograph(c: char) -> bool {
    matches!(u32::from(c), 0x2E80..=0xA4CF | 0xAC00..=0xD7AF | 0xF900..=0xFAFF | 0xFE30..=0xFE4F | 0xFF00..=0xFF60 | 0x20000..=0x3FFFF)
}

fn is_right_to_left(c: char) -> bool {
    matches!(u32::from(c), 0x0590..=0x08FF | 0xFB1D..=0xFDFF | 0xFE70..=0xFEFF | 0x10800..=0x10FFF | 0x1E800..=0x1EFFF)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_titles_are_large_and_long_ones_still_fit() {
        let (large, one) = fit("Alien", 102.0, 1.0);
        let (small, many) = fit(&"A long title of many words ".repeat(4), 102.0, 1.0);
        assert!(large > 20.0 && one.len() == 1);
        assert!(small < large && many.len() as f32 * small * LEADING <= TITLE);
        let (_, split) = fit(&"x".repeat(300), 102.0, 1.0);
        assert!(split.iter().all(|line| line.chars().count() < 40));
    }

    #[test]
    fn ideographs_wrap_anywhere_and_words_only_at_spaces() {
        assert!(wrap("千と千尋の神隠し", 4.2).len() >= 2);
        assert_eq!(wrap("In the Mood", 3.0), ["In the", "Mood"]);
        assert_eq!(words("a bc d").collect::<Vec<_>>(), ["a", " bc", " d"]);
    }
}
