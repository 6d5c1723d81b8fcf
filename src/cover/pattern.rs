//! Pictures of covers: each genre is a family of patterns that can be told apart in 120 pixels.

use std::f32::consts::TAU;
use std::fmt::Write as _;

use engine::messages::ItemView;

use super::Dice;
use super::palette::Palette;

/// A family of patterns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    /// Two overlapping discs: drama.
    Discs,
    /// Rows of half discs: comedy.
    Scallops,
    /// Two interlocking rings: romance.
    Rings,
    /// Window blinds with a cut of light: crime, noir.
    Blinds,
    /// Circles off centre: thriller.
    Vertigo,
    /// A keyhole: mystery.
    Keyhole,
    /// Teeth: horror.
    Teeth,
    /// A planet with its orbit: science fiction.
    Orbit,
    /// Moon, star and hills: fantasy.
    Moon,
    /// Sun over mesas: western.
    Mesas,
    /// Chevrons: war.
    Chevrons,
    /// Mountains: adventure.
    Peaks,
    /// Rays: action.
    Rays,
    /// Bubbles: animation, family.
    Bubbles,
    /// A viewfinder: documentary.
    Viewfinder,
    /// Bars of sound: music.
    Bars,
    /// Arches: history, biography.
    Arches,
    /// Quarter tiles: whatever has no genre that we know.
    Tiles,
}

/// What a genre's name begins with, lower case, and its family. Rarer genres come first, because
/// an item's first match decides: an animated drama should look animated.
const GENRES: &[(&str, Family)] = &[
    ("western", Family::Mesas),
    ("horror", Family::Teeth),
    ("sci", Family::Orbit),
    ("animat", Family::Bubbles),
    ("documentar", Family::Viewfinder),
    ("music", Family::Bars),
    ("war", Family::Chevrons),
    ("fantasy", Family::Moon),
    ("film-noir", Family::Blinds),
    ("noir", Family::Blinds),
    ("mystery", Family::Keyhole),
    ("histor", Family::Arches),
    ("biograph", Family::Arches),
    ("action", Family::Rays),
    ("adventure", Family::Peaks),
    ("crime", Family::Blinds),
    ("thriller", Family::Vertigo),
    ("romance", Family::Rings),
    ("comedy", Family::Scallops),
    ("family", Family::Bubbles),
    ("children", Family::Bubbles),
    ("drama", Family::Discs),
];

/// Families for values that the table does not know.
const OTHERS: [Family; 6] = [
    Family::Tiles,
    Family::Discs,
    Family::Scallops,
    Family::Rings,
    Family::Bars,
    Family::Bubbles,
];

/// The family of an item: by its genre, else by its first facet value, else tiles.
pub(crate) fn family(item: &ItemView) -> Family {
    let genres: Vec<String> = item
        .facet("genre")
        .iter()
        .map(|g| g.to_lowercase())
        .collect();
    let known = GENRES
        .iter()
        .find(|(stem, _)| genres.iter().any(|g| g.starts_with(stem)));
    if let Some((_, family)) = known {
        return *family;
    }
    let first = item.facets.iter().flat_map(|(_, values)| values).next();
    first.map_or(Family::Tiles, |value| {
        OTHERS[Dice::new(value).below(OTHERS.len())]
    })
}

/// Draws a pattern over the whole cover; its figure is centred at height `cy`.
pub(crate) fn draw(out: &mut String, family: Family, cy: f32, palette: &Palette, dice: &mut Dice) {
    let Palette { bold, soft, .. } = palette;
    match family {
        Family::Discs => {
            let r = dice.between(26.0, 36.0);
            let dx = dice.between(10.0, 20.0);
            disc(out, 60.0 - dx, cy - 6.0, r, bold);
            disc(out, 60.0 + dx, cy + dice.between(2.0, 14.0), r * 0.72, soft);
        }
        Family::Scallops => {
            let step = [20.0, 24.0, 30.0][dice.below(3)];
            let mut rows = [String::new(), String::new()];
            for row in 0..12 {
                let y = cy - 62.0 + row as f32 * step * 0.62;
                let shift = if row % 2 == 0 { 0.0 } else { step / 2.0 };
                for n in 0..=(120.0 / step) as i32 {
                    let x = n as f32 * step - shift;
                    let _ = write!(
                        rows[row % 2],
                        "M{x} {y:.1}a{0} {0} 0 0 0 {step} 0z",
                        step / 2.0
                    );
                }
            }
            path(out, bold, &rows[0]);
            path(out, soft, &rows[1]);
        }
        Family::Rings => {
            let r = dice.between(24.0, 30.0);
            let dx = r * dice.between(0.5, 0.7);
            let width = dice.between(5.0, 9.0);
            ring(out, 60.0 - dx, cy, r, width, bold);
            ring(out, 60.0 + dx, cy, r, width, soft);
            disc(out, 60.0, cy, r * 0.22, bold);
        }
        Family::Blinds => {
            let step = dice.between(9.0, 13.0);
            let mut slats = String::new();
            for n in 0..22 {
                let _ = write!(slats, "M0 {:.1}h120v{:.1}H0z", n as f32 * step, step * 0.52);
            }
            path(out, bold, &slats);
            let x = dice.between(14.0, 66.0);
            path(
                out,
                soft,
                &format!(
                    "M{x:.0} 0h34L{:.0} 180h-34z",
                    x + 14.0 - dice.between(0.0, 40.0)
                ),
            );
        }
        Family::Vertigo => {
            let (mut x, mut y) = (dice.between(46.0, 74.0), cy);
            let turn = dice.between(0.0, TAU);
            for n in 0..5 {
                let r = 46.0 - n as f32 * 9.0;
                disc(out, x, y, r, if n % 2 == 0 { bold } else { soft });
                x += 3.6 * turn.cos();
                y += 3.6 * turn.sin();
            }
        }
        Family::Keyhole => {
            disc(out, 60.0, cy, dice.between(38.0, 46.0), bold);
            let r = dice.between(11.0, 14.0);
            path(
                out,
                soft,
                &format!(
                    "M60 {:.1}a{r:.1} {r:.1} 0 0 1 {:.1} {:.1}l7 28h-{:.1}l7 -28A{r:.1} {r:.1} 0 0 1 60 {:.1}z",
                    cy - 26.0,
                    r * 0.5,
                    r * 1.87,
                    14.0 + r,
                    cy - 26.0,
                ),
            );
        }
        Family::Teeth => {
            let step = [12.0, 15.0, 20.0][dice.below(3)];
            let long = dice.between(26.0, 38.0);
            let mut upper = String::from("M0 0");
            let mut lower = String::from("M0 180");
            let mut x = 0.0;
            while x < 120.0 {
                let tip = long * dice.between(0.55, 1.0);
                let _ = write!(
                    upper,
                    "L{x} {0:.1}L{1} {2:.1}L{3} {0:.1}",
                    cy - 40.0,
                    x + step / 2.0,
                    cy - 40.0 + tip,
                    x + step
                );
                let _ = write!(
                    lower,
                    "L{x} {0:.1}L{1} {2:.1}L{3} {0:.1}",
                    cy + 40.0,
                    x + step / 2.0,
                    cy + 40.0 - tip,
                    x + step
                );
                x += step;
            }
            disc(out, dice.between(40.0, 80.0), cy, 17.0, soft);
            path(out, bold, &format!("{upper}L120 0z{lower}L120 180z"));
        }
        Family::Orbit => {
            let r = dice.between(19.0, 27.0);
            let tilt = dice.between(-32.0, 32.0);
            disc(out, 60.0, cy, r, bold);
            let _ = write!(
                out,
                r#"<ellipse cx="60" cy="{cy}" rx="{:.1}" ry="{:.1}" fill="none" stroke="{soft}" stroke-width="3" transform="rotate({tilt:.0} 60 {cy})"/>"#,
                r * 1.95,
                r * 0.52,
            );
            let mut stars = String::new();
            for _ in 0..9 {
                let (x, y) = (dice.between(4.0, 114.0), cy + dice.between(-50.0, 50.0));
                let _ = write!(stars, "M{x:.0} {y:.0}h2v2h-2z");
            }
            path(out, soft, &stars);
        }
        Family::Moon => {
            let x = dice.between(42.0, 78.0);
            disc(out, x, cy - 10.0, 25.0, soft);
            disc(out, x + 9.0, cy - 15.0, 20.0, palette.field);
            star(out, x + 14.0, cy - 16.0, 8.0, soft);
            let high = dice.between(14.0, 24.0);
            path(
                out,
                bold,
                &format!(
                    "M0 {0:.1}Q30 {1:.1} 62 {0:.1}T120 {0:.1}V180H0z",
                    cy + 26.0,
                    cy + 26.0 - high
                ),
            );
        }
        Family::Mesas => {
            disc(
                out,
                dice.between(36.0, 84.0),
                cy - 6.0,
                dice.between(20.0, 27.0),
                soft,
            );
            let y = cy + 30.0;
            let x = dice.between(4.0, 18.0);
            path(
                out,
                bold,
                &format!(
                    "M0 {y}H{x:.0}l5 -26h22l5 26h{0:.0}l4 -40h12l4 -8h10l6 48H120V180H0z",
                    22.0 - x * 0.5
                ),
            );
        }
        Family::Chevrons => {
            let step = dice.between(18.0, 24.0);
            let mut stripes = String::new();
            for n in 0..9 {
                let y = cy - 90.0 + n as f32 * step;
                let _ = write!(
                    stripes,
                    "M0 {y:.1}l60 30 60 -30v{0:.1}l-60 30 -60 -30z",
                    step * 0.45
                );
            }
            path(out, bold, &stripes);
            star(out, 60.0, cy - 4.0, dice.between(17.0, 22.0), soft);
        }
        Family::Peaks => {
            disc(
                out,
                dice.between(22.0, 98.0),
                cy - 24.0,
                dice.between(9.0, 14.0),
                soft,
            );
            let x = dice.between(30.0, 52.0);
            let top = cy - dice.between(18.0, 30.0);
            path(
                out,
                soft,
                &format!(
                    "M{:.0} 180L{:.0} {:.1}L160 180z",
                    x - 10.0,
                    x + 44.0,
                    top + 22.0
                ),
            );
            path(
                out,
                bold,
                &format!("M-40 180L{x:.0} {top:.1}L{:.0} 180z", x + 88.0),
            );
            path(
                out,
                soft,
                &format!("M{x:.0} {top:.1}l-11.5 17.5 7.5 4 5 -4 5 5 6 -5z"),
            );
        }
        Family::Rays => {
            let (x, y) = (dice.between(30.0, 90.0), cy + dice.between(-6.0, 18.0));
            let count = 9 + 2 * dice.below(3);
            let mut rays = String::new();
            for n in 0..count {
                let from = TAU * n as f32 / count as f32;
                let to = from + TAU / (2.0 * count as f32);
                let _ = write!(
                    rays,
                    "M{x:.0} {y:.0}L{:.0} {:.0}L{:.0} {:.0}z",
                    x + 240.0 * from.cos(),
                    y + 240.0 * from.sin(),
                    x + 240.0 * to.cos(),
                    y + 240.0 * to.sin(),
                );
            }
            path(out, bold, &rays);
            disc(out, x, y, dice.between(11.0, 18.0), soft);
        }
        Family::Bubbles => {
            for n in 0..5 {
                let turn = TAU * n as f32 / 5.0 + dice.between(0.0, 1.0);
                let r = dice.between(8.0, 21.0);
                let colour = if n % 2 == 0 { bold } else { soft };
                disc(
                    out,
                    60.0 + 33.0 * turn.cos(),
                    cy + 29.0 * turn.sin(),
                    r,
                    colour,
                );
            }
            disc(out, 60.0, cy, dice.between(10.0, 16.0), bold);
        }
        Family::Viewfinder => {
            let (w, h) = (42.0, dice.between(30.0, 38.0));
            let mut corners = String::new();
            for (sx, sy) in [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)] {
                let _ = write!(
                    corners,
                    "M{} {:.1}h{}m{} 0v{}",
                    60.0 + sx * w,
                    cy + sy * h,
                    -sx * 16.0,
                    sx * 16.0,
                    -sy * 16.0
                );
            }
            let _ = write!(
                out,
                r#"<path d="{corners}" fill="none" stroke="{bold}" stroke-width="5"/>"#
            );
            disc(out, 60.0, cy, dice.between(15.0, 21.0), bold);
            disc(out, 60.0, cy, 6.0, soft);
        }
        Family::Bars => {
            let mut bars = [String::new(), String::new()];
            for n in 0..9 {
                let high = dice.between(12.0, 47.0);
                let x = 9.0 + n as f32 * 11.8;
                let _ = write!(
                    bars[n % 2],
                    "M{x:.1} {:.1}h7.4v{:.1}h-7.4z",
                    cy - high,
                    2.0 * high
                );
            }
            path(out, bold, &bars[0]);
            path(out, soft, &bars[1]);
        }
        Family::Arches => {
            let count = 2 + dice.below(2);
            let wide = 108.0 / count as f32;
            let mut arches = [String::new(), String::new()];
            for n in 0..count {
                let x = 6.0 + n as f32 * wide;
                for (inset, arch) in [5.0, wide * 0.24].into_iter().zip(&mut arches) {
                    let r = wide / 2.0 - inset;
                    let _ = write!(
                        arch,
                        "M{:.1} 180V{:.1}a{r:.1} {r:.1} 0 0 1 {:.1} 0V180z",
                        x + inset,
                        cy - 2.0,
                        2.0 * r
                    );
                }
            }
            path(out, bold, &arches[0]);
            path(out, soft, &arches[1]);
        }
        Family::Tiles => {
            let mut tiles = [String::new(), String::new()];
            for n in 0..20 {
                let (x, y) = ((n % 4) as f32 * 30.0, cy - 75.0 + (n / 4) as f32 * 30.0);
                let quarter = match dice.below(4) {
                    0 => format!("M{x} {y:.0}h30a30 30 0 0 1 -30 30z"),
                    1 => format!("M{:.0} {y:.0}v30a30 30 0 0 1 -30 -30z", x + 30.0),
                    2 => format!("M{:.0} {:.0}h-30a30 30 0 0 1 30 -30z", x + 30.0, y + 30.0),
                    _ => format!("M{x} {:.0}v-30a30 30 0 0 1 30 30z", y + 30.0),
                };
                tiles[usize::from(dice.below(3) == 0)].push_str(&quarter);
            }
            path(out, bold, &tiles[0]);
            path(out, soft, &tiles[1]);
        }
    }
}

// Writing to a String cannot fail, so the results are dropped.

fn disc(out: &mut String, x: f32, y: f32, r: f32, colour: &str) {
    let _ = write!(
        out,
        r#"<circle cx="{x:.1}" cy="{y:.1}" r="{r:.1}" fill="{colour}"/>"#
    );
}

fn ring(out: &mut String, x: f32, y: f32, r: f32, width: f32, colour: &str) {
    let _ = write!(
        out,
        r#"<circle cx="{x:.1}" cy="{y:.1}" r="{r:.1}" fill="none" stroke="{colour}" stroke-width="{width:.1}"/>"#
    );
}

fn path(out: &mut String, colour: &str, d: &str) {
    let _ = write!(out, r#"<path fill="{colour}" d="{d}"/>"#);
}

/// A five-pointed star.
fn star(out: &mut String, x: f32, y: f32, r: f32, colour: &str) {
    let mut d = String::new();
    for n in 0..10 {
        let turn = TAU * (n as f32 / 10.0 - 0.25);
        let r = if n % 2 == 0 { r } else { r * 0.42 };
        let letter = if n == 0 { 'M' } else { 'L' };
        let _ = write!(
            d,
            "{letter}{:.1} {:.1}",
            x + r * turn.cos(),
            y + r * turn.sin()
        );
    }
    path(out, colour, &format!("{d}z"));
}
