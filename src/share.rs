//! The page's settings in its address, behind the `#`: what a visitor sees can be sent as a link.
//!
//! The part behind the `#` stays in the browser: no server ever sees it. It is read once, when the
//! page opens, and nothing in it is trusted.

/// What a link can say.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shared {
    /// Seed of the exploration draw.
    pub seed: Option<u32>,
    /// Exploration, 0 to 1.
    pub explore: Option<f32>,
    /// Words of the filter.
    pub query: Option<String>,
    /// The panel's tab; the panel is open.
    pub tab: Option<String>,
}

/// Longest filter that a link may carry, in bytes.
const MAX_QUERY: usize = 256;

/// The names of the panel's tabs.
pub const TABS: [&str; 6] = ["curve", "map", "taste", "try", "inside", "trust"];

impl Shared {
    /// Reads what is behind the `#`, without it. What is wrong is left out; the second value names it,
    /// as `name=value`.
    pub fn read(fragment: &str) -> (Self, Vec<String>) {
        let mut shared = Self::default();
        let mut wrong = Vec::new();
        for pair in fragment.split('&').filter(|pair| pair.contains('=')) {
            let Some((name, value)) = pair.split_once('=') else {
                continue;
            };
            let value = decoded(value);
            let known = match name {
                "seed" => {
                    shared.seed = value.parse().ok();
                    shared.seed.is_some()
                }
                "explore" => {
                    let number: Option<f32> = value.parse().ok();
                    shared.explore = number.filter(|number| (0.0..=1.0).contains(number));
                    shared.explore.is_some()
                }
                "q" => {
                    let fits = value.len() <= MAX_QUERY;
                    shared.query = fits.then(|| value.clone());
                    fits
                }
                "view" => {
                    shared.tab = TABS.contains(&value.as_str()).then(|| value.clone());
                    shared.tab.is_some()
                }
                _ => false,
            };
            if !known {
                let shown: String = value.chars().take(40).collect();
                wrong.push(format!("{name}={shown}"));
            }
        }
        (shared, wrong)
    }

    /// The same as it stands behind the `#`.
    pub fn write(&self) -> String {
        let mut pairs = Vec::new();
        if let Some(seed) = self.seed {
            pairs.push(format!("seed={seed}"));
        }
        if let Some(explore) = self.explore {
            pairs.push(format!("explore={explore:.2}"));
        }
        if let Some(query) = self.query.as_ref().filter(|query| !query.is_empty()) {
            pairs.push(format!("q={}", encoded(query)));
        }
        if let Some(tab) = &self.tab {
            pairs.push(format!("view={tab}"));
        }
        pairs.join("&")
    }
}

/// Percent-encodes everything but letters and digits of ASCII.
fn encoded(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// Takes percent-encoding off; what is no encoding stays as it is.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let pair = tail.get(..2).filter(|_| *first == b'%');
        let byte = pair
            .and_then(|pair| std::str::from_utf8(pair).ok())
            .and_then(|pair| u8::from_str_radix(pair, 16).ok());
        match byte {
            Some(byte) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let shared = Shared {
            seed: Some(7),
            explore: Some(0.45),
            query: Some("film noir & 日本".into()),
            tab: Some("map".into()),
        };
        assert_eq!(Shared::read(&shared.write()), (shared, vec![]));
        assert_eq!(Shared::default().write(), "");
    }

    #[test]
    fn what_is_wrong_is_left_out_and_named() {
        let (shared, wrong) =
            Shared::read("seed=-1&explore=7&view=admin&q=%zz%&x=1&catalogue&explore=0.5");
        assert_eq!(shared.explore, Some(0.5));
        assert_eq!((shared.seed, shared.tab), (None, None));
        assert_eq!(shared.query.as_deref(), Some("%zz%"));
        assert_eq!(wrong, ["seed=-1", "explore=7", "view=admin", "x=1"]);
        for odd in [
            "",
            "#",
            "=",
            "&&",
            "a=",
            "explore=NaN",
            "seed=99999999999",
            "q=%F0%9F",
        ] {
            let _ = Shared::read(odd);
        }
        let long = format!("q={}", "a".repeat(300));
        assert_eq!(Shared::read(&long).0.query, None);
        assert_eq!(Shared::read("explore=NaN").0.explore, None);
    }
}
