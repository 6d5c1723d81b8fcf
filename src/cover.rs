//! Typographic covers, drawn for items that come without a picture.
//!
//! A cover depends on the item alone: its genre chooses a family of patterns, its decade a
//! palette, a hash of its id everything else. So it looks the same on every device and in the
//! page that ships before any WASM has loaded. Only SVG presentation attributes are used, because
//! the page's Content-Security-Policy refuses inline styles.

mod lettering;
mod palette;
mod pattern;

use std::fmt::Write as _;

use engine::messages::ItemView;

use crate::escape::Escaped;

/// Width of the drawing in its own units; the height is [`HEIGHT`], so 2:3.
pub const WIDTH: f32 = 120.0;
/// Height of the drawing in its own units.
pub const HEIGHT: f32 = 180.0;

/// Space between the edge and the words.
const MARGIN: f32 = 9.0;
/// Height of the plain part that carries the title.
const LABEL: f32 = 74.0;

/// A small deterministic source of variety, seeded by an item's id (SplitMix64).
pub(crate) struct Dice(u64);

impl Dice {
    /// Seeds from text by FNV-1a.
    pub(crate) fn new(text: &str) -> Self {
        Self(text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        }))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A whole number below `n`; `n` must not be 0.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        // The remainder is below `n`, so it fits.
        (self.next() % n as u64) as usize
    }

    /// A number in `low..high`, in steps of a thousandth of the range.
    pub(crate) fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.below(1000) as f32 / 1000.0
    }
}

/// The name that assistive technology reads: title and year.
pub fn label(item: &ItemView) -> String {
    match item.year {
        Some(year) => format!("{} ({year})", item.title),
        None => item.title.clone(),
    }
}

/// Draws the cover of `item` as an `<svg>` element: 2:3, scalable, all text escaped.
pub fn svg(item: &ItemView) -> String {
    let mut dice = Dice::new(&item.id);
    let palette = palette::choose(item.year, &mut dice);
    let family = pattern::family(item);
    // The label lies above or below the picture.
    let below = dice.below(4) != 0;
    let (label_top, centre) = if below {
        (HEIGHT - LABEL, (HEIGHT - LABEL) / 2.0)
    } else {
        (0.0, (HEIGHT + LABEL) / 2.0)
    };

    let mut out = String::with_capacity(2048);
    // Writing to a String cannot fail, so the results of `write!` are dropped here and below.
    let _ = write!(
        out,
        r#"<svg class="cover-art" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 180" role="img" aria-label="{}"><path fill="{}" d="M0 0h120v180H0z"/>"#,
        Escaped(&label(item)),
        palette.field,
    );
    pattern::draw(&mut out, family, centre, palette, &mut dice);
    let _ = write!(
        out,
        r#"<path fill="{}" d="M0 {label_top}h120v{LABEL}H0z"/>"#,
        palette.ground
    );
    lettering::draw(&mut out, item, label_top, palette, &mut dice);
    out.push_str("</svg>");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(id: usize, title: &str, year: Option<i16>, genre: &str) -> ItemView {
        ItemView {
            id: id.to_string(),
            title: title.into(),
            year,
            creator: "Agnès <Varda> & \"others\"".into(),
            url: String::new(),
            image: String::new(),
            facets: if genre.is_empty() {
                vec![]
            } else {
                vec![("genre".into(), vec![genre.into()])]
            },
        }
    }

    const TITLES: &[&str] = &[
        "M",
        "Alien",
        "Cléo from 5 to 7",
        "Dr. Strangelove or: How I Learned to Stop Worrying and Love the Bomb",
        "Supercalifragilisticexpialidocious",
        "千と千尋の神隠し",
        "جدایی نادر از سیمین",
        "<script>alert('1')</script> & \"more\"",
        "",
        "Was it a car or a cat I saw when the night was long and the road was longer still, she asked \
         him, and then she asked him once more because he had not heard the question",
    ];
    const GENRES: &[&str] = &[
        "",
        "Drama",
        "Comedy",
        "Romance",
        "Crime",
        "Thriller",
        "Mystery",
        "Horror",
        "Science Fiction",
        "Sci-Fi",
        "Fantasy",
        "Western",
        "War",
        "Adventure",
        "Action",
        "Animation",
        "Documentary",
        "Musical",
        "History",
        "Kitchenware",
    ];

    fn many() -> impl Iterator<Item = (ItemView, String)> {
        (0..GENRES.len() * 30).map(|n| {
            let year = (n % 13 != 12).then(|| 1915 + (n * 7 % 112) as i16);
            let item = item(n, TITLES[n % TITLES.len()], year, GENRES[n % GENRES.len()]);
            let svg = svg(&item);
            (item, svg)
        })
    }

    #[test]
    fn a_cover_depends_on_the_item_alone() {
        for (item, drawn) in many() {
            assert_eq!(drawn, svg(&item));
        }
    }

    #[test]
    fn covers_are_small_and_obey_the_content_security_policy() {
        for (item, drawn) in many() {
            let elements = drawn.matches('<').count() - drawn.matches("</").count();
            assert!(
                (6..=18).contains(&elements),
                "{elements} elements: {}",
                item.title
            );
            assert!(drawn.len() < 4500, "{} bytes: {}", drawn.len(), item.title);
            for refused in ["style", "<script", "url(", "NaN", "inf "] {
                assert!(!drawn.contains(refused), "{refused} in {drawn}");
            }
        }
    }

    #[test]
    fn covers_name_themselves_and_escape_what_they_say() {
        let drawn = svg(&item(1, "<a> & \"b\"", Some(1999), "Drama"));
        assert!(drawn.contains(r#"role="img" aria-label="&lt;a&gt; &amp; &quot;b&quot; (1999)""#));
        assert!(drawn.contains("Varda&gt;"));
        assert!(!drawn.contains("<a>"));
    }

    #[test]
    fn genres_and_decades_look_different() {
        let of = |genre, year| svg(&item(7, "Same", Some(year), genre));
        assert_ne!(of("Horror", 1960), of("Western", 1960));
        assert_ne!(of("Horror", 1960), of("Horror", 1980));
    }
}
