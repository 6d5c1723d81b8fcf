//! Filters: what passes.

use recommender::catalogue::{Catalogue, FoldedQuery, Item, ItemIndex};

use super::{DEPTH, Desk};
use crate::messages::{Filter, ItemView};
use crate::view;

/// What the price of an item is kept under.
const PRICE: &str = "price";
/// What its availability is kept under, and the value that means: not to be had.
const AVAILABILITY: &str = "availability";
const OUT_OF_STOCK: &str = "out of stock";

impl Desk {
    /// A stretch of the catalogue, most popular first, and how many items match.
    pub fn browse(
        &self,
        query: &str,
        filter: &Filter,
        offset: u32,
        limit: u32,
    ) -> (u32, Vec<ItemView>) {
        let catalogue = &self.pack().catalogue;
        let query = FoldedQuery::new(query);
        let limit = (limit as usize).min(DEPTH);
        let mut total = 0;
        let mut items = Vec::new();
        for &item in self.by_popularity.iter().filter(|item| {
            catalogue.matches(**item, &query) && passes(catalogue.item(**item), filter)
        }) {
            if total >= offset && items.len() < limit {
                items.push(view::item_view(catalogue.item(item)));
            }
            total += 1;
        }
        (total, items)
    }

    /// The items that pass a filter; `None`: all of them. Kept until another filter comes, since every
    /// ranking asks for it.
    pub(super) fn candidates(&mut self, filter: &Filter) -> Option<Vec<ItemIndex>> {
        if self.filtered.0 != *filter {
            self.filtered = (
                filter.clone(),
                candidates(&self.session.learner().pack().catalogue, filter),
            );
        }
        self.filtered.1.clone()
    }
}

/// The items that pass a filter; `None`: all of them.
pub(super) fn candidates(catalogue: &Catalogue, filter: &Filter) -> Option<Vec<ItemIndex>> {
    if filter.is_empty() {
        return None;
    }
    let items = catalogue.items().iter().zip(0..);
    let passing = items.filter(|(item, _)| passes(item, filter));
    Some(passing.map(|(_, row)| ItemIndex(row)).collect())
}

fn passes(item: &Item, filter: &Filter) -> bool {
    let tags = filter.tags.iter().all(|asked| {
        let mut same_facet = filter.tags.iter().filter(|tag| tag.facet == asked.facet);
        same_facet.any(|tag| {
            let mut own = item.tags.iter();
            own.any(|(facet, value)| *facet == tag.facet && *value == tag.value)
        })
    });
    let affordable = filter.price.is_none_or(|(least, most)| {
        price(item).is_some_and(|price| (least..=most).contains(&price))
    });
    tags && affordable && (!filter.available || available(item))
}

fn value<'a>(item: &'a Item, facet: &str) -> Option<&'a str> {
    let tag = item.tags.iter().find(|(name, _)| name == facet);
    tag.map(|(_, value)| value.as_str())
}

fn price(item: &Item) -> Option<f32> {
    decimal(value(item, PRICE)?)
}

/// A number such as `12.50`. The library's parser knows every form of a number, at ten times the size.
fn decimal(text: &str) -> Option<f32> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() + fraction.len() > 15 || !digits(whole) || !digits(fraction)
    {
        return None;
    }
    let mut value = 0.0f64;
    for byte in whole.bytes().chain(fraction.bytes()) {
        value = 10.0 * value + f64::from(byte - b'0');
    }
    for _ in 0..fraction.len() {
        value /= 10.0;
    }
    Some(value as f32)
}

fn available(item: &Item) -> bool {
    value(item, AVAILABILITY) != Some(OUT_OF_STOCK)
}
