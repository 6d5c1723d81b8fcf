//! What a catalogue can be filtered by.

use recommender::catalogue::{Catalogue, Item, is_fact};

use crate::messages::Facet;

/// Values of a facet that the page is told.
const VALUES: usize = 60;

/// A facet with more values than this is a description, not a choice; creators and keywords are.
const MOST_VALUES: usize = 400;

/// Facts of an item, which are no tastes.
const PRICE: &str = "price";
const CURRENCY: &str = "currency";
const AVAILABILITY: &str = "availability";

/// What a catalogue can be filtered by.
pub fn facets(catalogue: &Catalogue) -> Vec<Facet> {
    let mut facets: Vec<(&str, Vec<(String, u32)>)> = Vec::new();
    for ((facet, value), count) in catalogue.facet_counts() {
        if is_fact(facet) {
            continue;
        }
        let value = (value.to_owned(), count as u32);
        match facets.iter_mut().find(|(name, _)| *name == facet) {
            Some((_, values)) => values.push(value),
            None => facets.push((facet, vec![value])),
        }
    }
    let mut all: Vec<Facet> = Vec::new();
    for (facet, mut values) in facets {
        if values.len() < 2 || values.len() > MOST_VALUES {
            continue;
        }
        values.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        values.truncate(VALUES);
        all.push(Facet::Values {
            facet: facet.to_owned(),
            values,
        });
    }
    let items = || catalogue.items().iter();
    let prices = items().filter_map(price);
    let (least, largest) = prices.fold((f32::MAX, f32::MIN), |(least, largest), price| {
        (least.min(price), largest.max(price))
    });
    if least < largest {
        let currency = items().find_map(|item| value(item, CURRENCY));
        all.push(Facet::Price {
            least,
            largest,
            currency: currency.unwrap_or_default().to_owned(),
        });
    }
    if items().any(|item| !available(item)) {
        all.push(Facet::Availability);
    }
    all
}

fn value<'a>(item: &'a Item, facet: &str) -> Option<&'a str> {
    let tag = item.tags.iter().find(|(name, _)| name == facet);
    tag.map(|(_, value)| value.as_str())
}

fn price(item: &Item) -> Option<f32> {
    let price: f32 = value(item, PRICE)?.parse().ok()?;
    price.is_finite().then_some(price)
}

fn available(item: &Item) -> bool {
    value(item, AVAILABILITY) != Some("out of stock")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_prices_and_stock_are_found_where_they_tell_items_apart() {
        let item = |i: usize| Item {
            id: format!("i{i}"),
            title: format!("Item {i}"),
            tags: [
                ("genre", ["Western", "Musical"][i % 2].to_owned()),
                ("language", "English".to_owned()),
                ("price", format!("{i}.50")),
                ("currency", "EUR".to_owned()),
                (
                    "availability",
                    if i < 3 { "out of stock" } else { "in stock" }.to_owned(),
                ),
            ]
            .map(|(facet, value)| (facet.to_owned(), value))
            .to_vec(),
            ..Item::default()
        };
        let catalogue = Catalogue::new((0..20).map(item).collect()).expect("valid");
        let expected = [
            Facet::Values {
                facet: "genre".into(),
                values: vec![("Musical".into(), 10), ("Western".into(), 10)],
            },
            Facet::Price {
                least: 0.5,
                largest: 19.5,
                currency: "EUR".into(),
            },
            Facet::Availability,
        ];
        assert_eq!(facets(&catalogue), expected);
    }
}
