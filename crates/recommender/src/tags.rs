//! Which items share which tags, and how much a shared tag says.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use crate::catalogue::{Catalogue, IdHasher, ItemIndex};

/// The tags of a catalogue by number, so that explanations compare numbers and not texts.
#[derive(Debug)]
pub(crate) struct TagTable {
    /// Tag numbers of each item, in the order of its tags without the facts.
    by_item: Vec<Vec<u32>>,
    /// ln(1 + items / items with the tag).
    rarity: Vec<f32>,
}

impl TagTable {
    /// Numbers and counts all tags.
    pub(crate) fn new(catalogue: &Catalogue) -> Self {
        let mut numbers: HashMap<(&str, &str), u32, BuildHasherDefault<IdHasher>> =
            HashMap::default();
        let mut counts: Vec<f32> = Vec::new();
        let mut by_item = Vec::with_capacity(catalogue.len());
        for item in catalogue.items() {
            let mut own = Vec::with_capacity(item.tags.len());
            for (facet, value) in item.tastes() {
                let next = counts.len() as u32;
                let number = *numbers.entry((facet, value)).or_insert(next);
                if number == next {
                    counts.push(0.0);
                }
                counts[number as usize] += 1.0;
                own.push(number);
            }
            by_item.push(own);
        }
        let items = catalogue.len() as f32;
        let rarity = counts
            .into_iter()
            .map(|count| (1.0 + items / count).ln())
            .collect();
        Self { by_item, rarity }
    }

    /// Tag numbers of an item, in the order of [`crate::Item::tastes`].
    pub(crate) fn of(&self, item: ItemIndex) -> &[u32] {
        &self.by_item[item.row()]
    }

    /// How much sharing this tag says.
    pub(crate) fn rarity(&self, tag: u32) -> f32 {
        self.rarity[tag as usize]
    }
}
