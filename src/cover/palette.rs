//! Palettes of covers: each decade has its mood, in two variants.

use super::Dice;

/// Colours of one cover.
#[derive(Debug)]
pub(crate) struct Palette {
    /// Behind the words.
    pub ground: &'static str,
    /// The words; at least 4.5:1 on `ground`.
    pub ink: &'static str,
    /// Behind the picture.
    pub field: &'static str,
    /// Main shapes; at least 1.8:1 on `field`, so that the picture reads at 120 pixels.
    pub bold: &'static str,
    /// Second shapes.
    pub soft: &'static str,
}

const fn p(
    ground: &'static str,
    ink: &'static str,
    field: &'static str,
    bold: &'static str,
    soft: &'static str,
) -> Palette {
    Palette {
        ground,
        ink,
        field,
        bold,
        soft,
    }
}

/// From the 1910s to the 2020s; the comments name the mood.
#[rustfmt::skip]
const DECADES: [[Palette; 2]; 12] = [
    // 1910s: sepia and sage.
    [p("#efe4cd", "#33261a", "#b59b72", "#33261a", "#f5ecd9"), p("#3b3226", "#f0e2c6", "#efe4cd", "#6d7a5c", "#3b3226")],
    // 1920s: woodcut, cream, black and vermilion.
    [p("#f3e7cf", "#1f1a17", "#c23b22", "#1f1a17", "#f3e7cf"), p("#1f1a17", "#f3e7cf", "#f3e7cf", "#c23b22", "#1f1a17")],
    // 1930s: deco, bottle green and gold.
    [p("#11322f", "#f3e4b8", "#1d4a45", "#dba843", "#f3e4b8"), p("#f1e3c0", "#11322f", "#dba843", "#11322f", "#f1e3c0")],
    // 1940s: noir greys with one lamp.
    [p("#1b1c20", "#ece7db", "#3a3d45", "#d8d2c2", "#c9973b"), p("#dcd8cd", "#1b1c20", "#22242a", "#c9c4b6", "#8d3b2f")],
    // 1950s: atomic, teal and coral on cream.
    [p("#f6efdd", "#173d4b", "#3a9a95", "#f6efdd", "#173d4b"), p("#173d4b", "#f6efdd", "#e4694a", "#f6efdd", "#173d4b")],
    // 1960s: pop, orange, plum and pink.
    [p("#f4e6cf", "#55163a", "#ea5b2c", "#55163a", "#f7c64b"), p("#55163a", "#fbe3cc", "#f2a7b5", "#55163a", "#ea5b2c")],
    // 1970s: brown, mustard and rust.
    [p("#43251a", "#f8e2b6", "#dd8f2d", "#43251a", "#f8e2b6"), p("#f3e0b5", "#43251a", "#b5502b", "#f3c45e", "#43251a")],
    // 1980s: neon on night.
    [p("#1b1238", "#fbeefb", "#2b1c5a", "#ff6aa8", "#37cfe6"), p("#12203c", "#e9f6ff", "#e0458f", "#fbe26a", "#12203c")],
    // 1990s: cool paper, petrol and brick.
    [p("#e3e5e1", "#16262f", "#2c6f86", "#e3e5e1", "#16262f"), p("#16262f", "#e3e9ea", "#a9b8ae", "#16262f", "#b24a38")],
    // 2000s: deep blue, celadon and apricot.
    [p("#10293b", "#e8f2ee", "#6eae9f", "#10293b", "#f4c188"), p("#e6eee6", "#10293b", "#1d4a67", "#f2a765", "#6eae9f")],
    // 2010s: gallery white, ochre and steel.
    [p("#f5f2ea", "#191919", "#e4b43c", "#191919", "#f5f2ea"), p("#191919", "#f5f2ea", "#d8d4c8", "#2f5f78", "#e4693c")],
    // 2020s: dusk, moss, coral and lilac.
    [p("#22332d", "#f0f0dc", "#c9d3b4", "#22332d", "#ef7f62"), p("#efe6f0", "#2d2140", "#5a4a86", "#f3b4a2", "#efe6f0")],
];

/// The palette for a year; without one the dice choose a decade.
pub(crate) fn choose(year: Option<i16>, dice: &mut Dice) -> &'static Palette {
    let last = DECADES.len() - 1;
    let decade = match year {
        Some(year) => usize::try_from((i32::from(year) - 1910).div_euclid(10))
            .unwrap_or(0)
            .min(last),
        None => dice.below(DECADES.len()),
    };
    &DECADES[decade][dice.below(2)]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance as WCAG 2 defines it.
    fn luminance(colour: &str) -> f64 {
        let channel = |at: usize| {
            let c =
                f64::from(u8::from_str_radix(&colour[at..at + 2], 16).expect("hex colour")) / 255.0;
            if c <= 0.04045 {
                c / 12.92
            } else {
                ((c + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    }

    fn contrast(a: &str, b: &str) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn words_reach_aa_and_shapes_can_be_told_apart() {
        for palette in DECADES.iter().flatten() {
            assert!(
                contrast(palette.ground, palette.ink) >= 7.0,
                "words of {palette:?}"
            );
            assert!(
                contrast(palette.field, palette.bold) >= 1.8,
                "shapes of {palette:?}"
            );
        }
    }

    #[test]
    fn every_year_has_a_palette() {
        for year in [i16::MIN, 0, 1895, 1910, 1999, 2029, 2300, i16::MAX] {
            let _ = choose(Some(year), &mut Dice::new("x"));
        }
        let _ = choose(None, &mut Dice::new("x"));
    }
}
