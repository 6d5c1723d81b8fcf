//! What the visitor says outright about tags: more of this, less of that, never those.
//!
//! The fused score is read as log-odds, so a wish is an addition to it: every item that has the tag
//! gets [`STEP`] per step, up or down, and one step makes it e times as likely or unlikely. Nothing
//! is inferred from a wish: it teaches no expert, it reaches exactly the items that have the tag, and
//! taking it back leaves no trace. An item with a tag that is never wanted is not recommended.

use crate::catalogue::{Catalogue, ItemIndex};
use crate::event::{Event, Wish};

/// Log-odds that one step adds.
pub const STEP: f32 = 1.0;

/// Steps in either direction; more change nothing.
pub const MAX_STEPS: i16 = 3;

/// Tags that a visitor may have wishes about at one time.
pub const MAX_WISHES: usize = 64;

/// Facet under which an item's creators can be wished for.
pub const CREATOR: &str = "creator";

/// What is wished about one tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wished {
    /// Facet.
    pub facet: String,
    /// Value.
    pub value: String,
    /// Steps, −[`MAX_STEPS`] to [`MAX_STEPS`].
    pub steps: i16,
    /// Not to be recommended.
    pub never: bool,
}

impl Wished {
    fn apply(&mut self, wish: Wish) {
        let step = |steps: i16| steps.clamp(-MAX_STEPS, MAX_STEPS);
        (self.steps, self.never) = match wish {
            Wish::More => (step(self.steps + 1), false),
            Wish::Less => (step(self.steps - 1), false),
            Wish::Never => (0, true),
            Wish::Clear | Wish::Forget => (0, false),
        };
    }
}

/// All wishes, and what they add up to for each item.
#[derive(Clone, Debug, Default)]
pub struct Wishes {
    stated: Vec<Wished>,
    /// Per item: steps, and tags that are never wanted. Empty before the first wish.
    steps: Vec<i16>,
    never: Vec<u16>,
}

impl Wishes {
    /// The wishes that are in force, oldest first.
    pub fn stated(&self) -> &[Wished] {
        &self.stated
    }

    /// Takes a wish in. O(items), like a search. `false`: it would be one too many, or changes
    /// nothing.
    pub fn wish(&mut self, catalogue: &Catalogue, facet: &str, value: &str, wish: Wish) -> bool {
        let at = self
            .stated
            .iter()
            .position(|stated| stated.facet == facet && stated.value == value);
        let before = at.map_or_else(
            || Wished {
                facet: facet.to_owned(),
                value: value.to_owned(),
                steps: 0,
                never: false,
            },
            |at| self.stated[at].clone(),
        );
        let mut after = before.clone();
        after.apply(wish);
        if after == before || at.is_none() && self.stated.len() >= MAX_WISHES {
            return false;
        }
        self.steps.resize(catalogue.len(), 0);
        self.never.resize(catalogue.len(), 0);
        for row in 0..catalogue.len() {
            if has_tag(catalogue, ItemIndex(row as u32), facet, value) {
                self.steps[row] += after.steps - before.steps;
                self.never[row] += u16::from(after.never);
                self.never[row] -= u16::from(before.never);
            }
        }
        let stands = after.steps != 0 || after.never;
        match at {
            Some(at) if stands => self.stated[at] = after,
            Some(at) => drop(self.stated.remove(at)),
            None => self.stated.push(after),
        }
        true
    }

    /// Is the item one that the visitor never wants?
    pub fn never(&self, item: ItemIndex) -> bool {
        self.never.get(item.row()).is_some_and(|count| *count > 0)
    }

    /// What is added to the score of an item.
    pub fn score(&self, item: ItemIndex) -> f32 {
        self.steps
            .get(item.row())
            .map_or(0.0, |steps| STEP * f32::from(*steps))
    }

    /// Adds to the scores of the items from `first` on.
    pub(crate) fn add(&self, first: usize, scores: &mut [f32]) {
        if let Some(steps) = self.steps.get(first..first + scores.len()) {
            for (score, steps) in scores.iter_mut().zip(steps) {
                *score += STEP * f32::from(*steps);
            }
        }
    }

    /// The wishes that reach an item, with what each adds.
    pub fn parts<'a>(
        &'a self,
        catalogue: &'a Catalogue,
        item: ItemIndex,
    ) -> impl Iterator<Item = (&'a Wished, f32)> {
        self.stated
            .iter()
            .filter(move |wished| has_tag(catalogue, item, &wished.facet, &wished.value))
            .map(|wished| (wished, STEP * f32::from(wished.steps)))
    }
}

/// Has the item that tag, or that creator?
pub fn has_tag(catalogue: &Catalogue, item: ItemIndex, facet: &str, value: &str) -> bool {
    let item = catalogue.item(item);
    if facet == CREATOR {
        return item.creator.split(" & ").any(|creator| creator == value);
    }
    item.tags.iter().any(|(f, v)| f == facet && v == value)
}

/// The fewest of these events that leave the same wishes, in their order. Events of other kinds are
/// left out.
pub(crate) fn condensed(events: &[Event]) -> Vec<Event> {
    let mut kept: Vec<&Event> = Vec::new();
    for event in events {
        let Some((tag, wish)) = tag_of(event) else {
            continue;
        };
        let same: Vec<(usize, Wish)> = kept
            .iter()
            .enumerate()
            .filter_map(|(at, event)| tag_of(event).map(|(other, wish)| (at, other, wish)))
            .filter(|(_, other, _)| *other == tag)
            .map(|(at, _, wish)| (at, wish))
            .collect();
        let last = same.last().copied();
        match (wish, last) {
            (Wish::More, Some((at, Wish::Less))) | (Wish::Less, Some((at, Wish::More))) => {
                kept.remove(at);
            }
            (Wish::More | Wish::Less, Some((at, Wish::Never))) => {
                kept.remove(at);
                kept.push(event);
            }
            (Wish::More | Wish::Less, _) => {
                if same.len() < MAX_STEPS as usize {
                    kept.push(event);
                }
            }
            (Wish::Never | Wish::Clear | Wish::Forget, _) => {
                for (at, _) in same.into_iter().rev() {
                    kept.remove(at);
                }
                if wish == Wish::Never {
                    kept.push(event);
                }
            }
        }
    }
    kept.into_iter().cloned().collect()
}

fn tag_of(event: &Event) -> Option<((&str, &str), Wish)> {
    match &event.action {
        crate::event::Action::Wish { facet, value, wish } => Some(((facet, value), *wish)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Item;
    use crate::event::{Action, EventId, Time};
    use crate::random::Rng;

    fn catalogue() -> Catalogue {
        let item = |id: &str, genre: &str, creator: &str| Item {
            id: id.into(),
            title: id.into(),
            creator: creator.into(),
            tags: vec![("genre".into(), genre.into())],
            ..Item::default()
        };
        Catalogue::new(vec![
            item("a", "Western", "Ford & Hawks"),
            item("b", "Western", "Leone"),
            item("c", "Drama", "Hawks"),
        ])
        .expect("ids differ")
    }

    #[test]
    fn a_wish_reaches_the_items_of_its_tag_and_can_be_taken_back() {
        let catalogue = catalogue();
        let mut wishes = Wishes::default();
        let scores = |wishes: &Wishes| [0, 1, 2].map(|row| wishes.score(ItemIndex(row)));
        for _ in 0..5 {
            wishes.wish(&catalogue, "genre", "Western", Wish::More);
        }
        wishes.wish(&catalogue, CREATOR, "Hawks", Wish::Less);
        assert_eq!(scores(&wishes), [2.0, 3.0, -1.0]);
        let mut all = [0.0; 3];
        wishes.add(0, &mut all);
        assert_eq!(all, scores(&wishes));
        wishes.wish(&catalogue, "genre", "Western", Wish::Never);
        assert!(wishes.never(ItemIndex(0)) && !wishes.never(ItemIndex(2)));
        assert_eq!(scores(&wishes), [-1.0, 0.0, -1.0]);
        wishes.wish(&catalogue, "genre", "Western", Wish::Clear);
        wishes.wish(&catalogue, CREATOR, "Hawks", Wish::More);
        assert!(wishes.stated().is_empty());
        assert_eq!(scores(&wishes), [0.0; 3]);
        assert!(!wishes.never(ItemIndex(0)));
    }

    #[test]
    fn there_is_a_most() {
        let catalogue = catalogue();
        let mut wishes = Wishes::default();
        for n in 0..MAX_WISHES + 5 {
            let taken = wishes.wish(&catalogue, "keyword", &n.to_string(), Wish::More);
            assert_eq!(taken, n < MAX_WISHES);
        }
    }

    #[test]
    fn condensed_events_leave_the_same_wishes() {
        let catalogue = catalogue();
        let mut rng = Rng::new(8);
        for _ in 0..200 {
            let events: Vec<Event> = (0..rng.below(40) as u64)
                .map(|id| Event {
                    id: EventId(id),
                    at: Time(0),
                    action: Action::Wish {
                        facet: "genre".into(),
                        value: ["Western", "Drama"][rng.below(2)].into(),
                        wish: [
                            Wish::More,
                            Wish::Less,
                            Wish::More,
                            Wish::Never,
                            Wish::Clear,
                            Wish::Forget,
                        ][rng.below(6)],
                    },
                })
                .collect();
            let after = |events: &[Event]| {
                let mut wishes = Wishes::default();
                for event in events {
                    let ((facet, value), wish) = tag_of(event).expect("all are wishes");
                    wishes.wish(&catalogue, facet, value, wish);
                }
                let mut stated = wishes.stated().to_vec();
                stated.sort_by(|a, b| a.value.cmp(&b.value));
                stated
            };
            let few = condensed(&events);
            assert!(few.len() <= 2 * MAX_STEPS as usize);
            assert_eq!(after(&few), after(&events));
        }
    }
}
