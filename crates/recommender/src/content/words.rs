//! The features of an item as numbers: tags, creators, years and words, hashed.

use crate::catalogue::{Item, fold};
use crate::random;

/// Hashed features are numbers below this. Two rare words in a million may fall together; that does
/// no harm.
pub(super) const BUCKETS: usize = 1 << 20;

/// What a feature was taken from. Each kind is weighed as a whole, so that a long text does not
/// drown a few tags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Tag,
    Creator,
    Year,
    Title,
    Text,
}

impl Kind {
    pub(super) const ALL: [Self; 5] = [
        Self::Tag,
        Self::Creator,
        Self::Year,
        Self::Title,
        Self::Text,
    ];

    /// Length of its part of an item's row.
    pub(super) fn weight(self) -> f32 {
        match self {
            Self::Tag => 1.0,
            Self::Creator | Self::Text => 0.6,
            Self::Title => 0.3,
            Self::Year => 0.2,
        }
    }

    /// Words are in many texts by accident; tags and names are there on purpose.
    pub(super) fn is_word(self) -> bool {
        matches!(self, Self::Title | Self::Text)
    }
}

/// Calls `see` with every feature of an item, some more than once.
pub(super) fn features(item: &Item, mut see: impl FnMut(Kind, u32)) {
    let mut name = String::new();
    for (facet, value) in item.tastes() {
        name.clear();
        name.push_str(facet);
        name.push('\n');
        name.push_str(&fold(value));
        see(Kind::Tag, bucket(&name));
    }
    for creator in item.creator.split([',', '&', ';']).map(str::trim) {
        if !creator.is_empty() {
            name.clear();
            name.push_str("by\n");
            name.push_str(&fold(creator));
            see(Kind::Creator, bucket(&name));
        }
    }
    if let Some(year) = item.year {
        // Decades and decades from the middle, so that 1969 and 1970 are near.
        let year = i32::from(year);
        let decade = year.div_euclid(10) * 2;
        let half = (year + 5).div_euclid(10) * 2 + 1;
        for part in [decade, half] {
            name.clear();
            name.push_str("year\n");
            name.push_str(&part.to_string());
            see(Kind::Year, bucket(&name));
        }
    }
    words(&fold(&item.title), |word| see(Kind::Title, bucket(word)));
    words(&fold(&item.text), |word| see(Kind::Text, bucket(word)));
}

fn bucket(name: &str) -> u32 {
    (random::hash(name.as_bytes()) % BUCKETS as u64) as u32
}

/// Words of three letters or more without an English plural's `s`; of scripts that write no spaces,
/// each pair of neighbouring characters.
fn words(text: &str, mut see: impl FnMut(&str)) {
    let runs = text.split(|c: char| !c.is_alphanumeric());
    for run in runs.filter(|run| !run.is_empty()) {
        let mut rest = run;
        while let Some(first) = rest.chars().next() {
            let dense = is_dense(first);
            let end = rest.find(|c| is_dense(c) != dense).unwrap_or(rest.len());
            let (part, behind) = rest.split_at(end);
            rest = behind;
            if dense {
                pairs(part, &mut see);
            } else if part.chars().take(3).count() == 3 {
                let stem = part.strip_suffix('s').filter(|stem| stem.len() > 2);
                see(stem.filter(|stem| !stem.ends_with('s')).unwrap_or(part));
            }
        }
    }
}

fn pairs(part: &str, see: &mut impl FnMut(&str)) {
    let mut starts = part.char_indices().map(|(at, _)| at).skip(2);
    let mut start = 0;
    let mut next = part.chars().next().map_or(0, char::len_utf8);
    loop {
        let end = starts.next();
        see(&part[start..end.unwrap_or(part.len())]);
        let Some(end) = end else { break };
        (start, next) = (next, end);
    }
}

/// Scripts without spaces between words: Chinese, Japanese, Korean (whose words carry endings), Thai,
/// Lao, Khmer and Burmese.
fn is_dense(c: char) -> bool {
    matches!(u32::from(c),
        0x0E00..=0x0EFF | 0x1000..=0x109F | 0x1780..=0x17FF
        | 0x3040..=0x30FF | 0x3400..=0x4DBF | 0x4E00..=0x9FFF
        | 0xAC00..=0xD7AF | 0xF900..=0xFAFF | 0x20000..=0x3FFFF)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Vec<String> {
        let mut all = Vec::new();
        words(&fold(text), |word| all.push(word.to_owned()));
        all
    }

    #[test]
    fn words_of_many_scripts() {
        assert_eq!(all("The cats' glass, of É"), ["the", "cat", "glass"]);
        assert_eq!(all("Война и миры"), ["война", "миры"]);
        assert_eq!(all("東京物語 (1953)"), ["東京", "京物", "物語", "1953"]);
        assert_eq!(all("七"), ["七"]);
        assert_eq!(all("七人"), ["七人"]);
        assert_eq!(all("iPhone用ケース"), ["iphone", "用ケ", "ケー", "ース"]);
        assert_eq!(all("…!?"), Vec::<String>::new());
    }

    #[test]
    fn facts_are_no_features_and_years_are_near() {
        let features_of = |year: i16, price: &str| {
            let item = Item {
                year: Some(year),
                tags: vec![("price".into(), price.into())],
                ..Item::default()
            };
            let mut all = Vec::new();
            features(&item, |_, bucket| all.push(bucket));
            all
        };
        assert_eq!(features_of(1969, "1.00"), features_of(1969, "2.00"));
        let shared = |a: i16, b: i16| {
            let (a, b) = (features_of(a, ""), features_of(b, ""));
            a.iter().filter(|feature| b.contains(feature)).count()
        };
        assert_eq!(
            (shared(1969, 1970), shared(1962, 1964), shared(1960, 1980)),
            (1, 2, 0)
        );
    }
}
