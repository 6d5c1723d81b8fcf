//! Simulated visits: a log for a catalogue that has none, so that a demo has something to count.
//!
//! A visitor has one or two tastes, each grown from an anchor item, and chooses 6 to 30 items. Every
//! choice is the best of: likeness to a taste, likeness to the item before, draw (creators with many
//! items in the catalogue are better known), and Gumbel noise. That is the multinomial logit model
//! of choice, so popularity and co-occurrence follow from tastes and from nothing else.

use std::collections::HashMap;

use recommender::kernel::dot;
use recommender::log::{Interaction, InteractionLog};
use recommender::random::Rng;
use recommender::vectors::ItemVectors;
use recommender::{Catalogue, ItemIndex};

const TASTE: f32 = 14.0;
const FLOW: f32 = 6.0;
const DRAW: f32 = 0.5;

/// A log of `visitors` simulated visitors over the 90 days before 2026-01-01.
pub fn visits(catalogue: &Catalogue, visitors: u32, seed: u64) -> InteractionLog {
    let vectors = ItemVectors::hashed(catalogue, 128);
    let draw = draw(catalogue);
    let mut rng = Rng::new(seed);
    let mut interactions = Vec::new();
    for visitor in 0..visitors {
        let tastes: Vec<ItemIndex> = (0..1 + rng.below(2))
            .map(|_| anchor(&draw, &mut rng))
            .collect();
        let mut at = 1_767_225_600 - 86_400 * rng.below(90) as i64;
        let mut seen = vec![false; catalogue.len()];
        let mut last = None;
        for _ in 0..6 + rng.below(25) {
            let taste = vectors.row(tastes[rng.below(tastes.len())]);
            let mut best = (f32::NEG_INFINITY, ItemIndex(0));
            for item in (0..catalogue.len() as u32)
                .map(ItemIndex)
                .filter(|i| !seen[i.row()])
            {
                let flow =
                    last.map_or(0.0, |last| FLOW * dot(vectors.row(last), vectors.row(item)));
                let gumbel = -(-(rng.unit().max(1e-7)).ln()).max(1e-7).ln();
                let value =
                    TASTE * dot(taste, vectors.row(item)) + flow + draw[item.row()] + gumbel;
                if value > best.0 {
                    best = (value, item);
                }
            }
            if seen.iter().all(|s| *s) {
                break;
            }
            seen[best.1.row()] = true;
            last = Some(best.1);
            interactions.push(Interaction {
                visitor,
                item: best.1,
                at,
                value: 1.0,
            });
            at += 20 + rng.below(600) as i64;
        }
    }
    InteractionLog::new(interactions)
}

/// How well known an item is before anyone has a taste: by the number of its creator's items.
fn draw(catalogue: &Catalogue) -> Vec<f32> {
    let mut works: HashMap<&str, f32> = HashMap::new();
    for item in catalogue.items() {
        *works.entry(&item.creator).or_default() += 1.0;
    }
    catalogue
        .items()
        .iter()
        .map(|item| DRAW * works[item.creator.as_str()].ln_1p())
        .collect()
}

fn anchor(draw: &[f32], rng: &mut Rng) -> ItemIndex {
    let total: f32 = draw.iter().map(|d| d.exp()).sum();
    let mut rest = rng.unit() * total;
    for (row, d) in draw.iter().enumerate() {
        rest -= d.exp();
        if rest <= 0.0 {
            return ItemIndex(row as u32);
        }
    }
    ItemIndex(draw.len() as u32 - 1)
}
