//! What the learner makes of each tag: the bars of a visitor's profile.

use std::collections::HashMap;

use crate::catalogue::{Catalogue, ItemIndex};
use crate::hyper::Expert;
use crate::learner::Learner;
use crate::wishes::{CREATOR, STEP};

/// Fewest items behind a tag that gets a bar: of one item, its own page says more.
const FEWEST: usize = 2;

/// Items by tag, creators included.
#[derive(Clone, Debug)]
pub struct TagIndex {
    tags: Vec<Tag>,
}

#[derive(Clone, Debug)]
struct Tag {
    facet: String,
    value: String,
    items: Vec<ItemIndex>,
}

impl TagIndex {
    /// Indexes a catalogue. O(tags of all items).
    pub fn new(catalogue: &Catalogue) -> Self {
        let mut at: HashMap<(&str, &str), usize> = HashMap::new();
        let mut tags: Vec<Tag> = Vec::new();
        for (row, item) in catalogue.items().iter().enumerate() {
            let creators = item.creator.split(" & ").filter(|name| !name.is_empty());
            let own = item.tastes().map(|(f, v)| (f.as_str(), v.as_str()));
            for (facet, value) in own.chain(creators.map(|name| (CREATOR, name))) {
                let at = *at.entry((facet, value)).or_insert_with(|| {
                    tags.push(Tag {
                        facet: facet.to_owned(),
                        value: value.to_owned(),
                        items: Vec::new(),
                    });
                    tags.len() - 1
                });
                let row = ItemIndex(row as u32);
                // The same tag twice on one item is once.
                if tags[at].items.last() != Some(&row) {
                    tags[at].items.push(row);
                }
            }
        }
        tags.retain(|tag| tag.items.len() >= FEWEST);
        Self { tags }
    }
}

/// The learner's leaning towards one tag.
#[derive(Clone, Debug, PartialEq)]
pub struct Leaning {
    /// Facet; [`CREATOR`] for creators.
    pub facet: String,
    /// Value.
    pub value: String,
    /// Log-odds by which the learner puts the average item with this tag above (positive) or below
    /// the average item of the catalogue. Popularity and wishes are left out: it is what was learnt.
    pub lift: f32,
    /// Items that have the tag.
    pub items: u32,
    /// Choices of the visitor that have it.
    pub chosen: u32,
    /// Steps that the visitor wished.
    pub steps: i16,
    /// The visitor never wants it.
    pub never: bool,
}

impl Learner {
    /// The leaning towards every tag of `index`, which must be of the same catalogue. One pass over
    /// the catalogue and one over its tags.
    pub fn leanings(&self, index: &TagIndex) -> Vec<Leaning> {
        let weights = self.weights();
        let popularity = weights[Expert::Popularity.index()];
        let recent = weights[Expert::Recent.index()];
        let mut learnt = self.score_all();
        for (row, score) in learnt.iter_mut().enumerate() {
            *score -= popularity * self.base.popularity[row]
                + recent * self.base.recent[row]
                + self.wishes.score(ItemIndex(row as u32));
        }
        let mean = |sum: f64, count: usize| sum / count.max(1) as f64;
        let all = mean(learnt.iter().map(|x| f64::from(*x)).sum(), learnt.len());
        let mut chosen = vec![0u32; learnt.len()];
        for heard in self.history.iter().filter(|heard| heard.kind.is_positive()) {
            if let Some(item) = heard.item {
                chosen[item.row()] += 1;
            }
        }
        let leaning = |tag: &Tag| {
            let sum = tag.items.iter().map(|item| f64::from(learnt[item.row()]));
            let wished = self
                .wishes
                .stated()
                .iter()
                .find(|wished| wished.facet == tag.facet && wished.value == tag.value);
            Leaning {
                facet: tag.facet.clone(),
                value: tag.value.clone(),
                lift: (mean(sum.sum(), tag.items.len()) - all) as f32,
                items: tag.items.len() as u32,
                chosen: tag.items.iter().map(|item| chosen[item.row()]).sum(),
                steps: wished.map_or(0, |wished| wished.steps),
                never: wished.is_some_and(|wished| wished.never),
            }
        };
        index.tags.iter().map(leaning).collect()
    }
}

impl Leaning {
    /// Log-odds that the wish adds.
    pub fn wished(&self) -> f32 {
        STEP * f32::from(self.steps)
    }
}
