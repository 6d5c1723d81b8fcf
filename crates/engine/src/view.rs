//! From the recommender's types to what the page shows.

use recommender::event::EventKind as Kind;
use recommender::{Item, Pack};

use crate::messages::{EventKind, ItemView, PackView};

/// An item as the page shows it; its tags grouped by facet, in the order of the catalogue.
pub fn item_view(item: &Item) -> ItemView {
    let mut facets: Vec<(String, Vec<String>)> = Vec::new();
    for (facet, value) in &item.tags {
        match facets.iter_mut().find(|(name, _)| name == facet) {
            Some((_, values)) => values.push(value.clone()),
            None => facets.push((facet.clone(), vec![value.clone()])),
        }
    }
    ItemView {
        id: item.id.clone(),
        title: item.title.clone(),
        year: item.year,
        creator: item.creator.clone(),
        url: item.url.clone(),
        image: item.image.clone(),
        facets,
    }
}

/// The `limit` most popular items, most popular first.
pub fn popular(pack: &Pack, limit: usize) -> Vec<ItemView> {
    let order = pack.by_popularity();
    order
        .into_iter()
        .take(limit)
        .map(|item| item_view(pack.catalogue.item(item)))
        .collect()
}

/// About a pack.
pub fn pack_view(pack: &Pack) -> PackView {
    let manifest = &pack.manifest;
    PackView {
        catalogue_id: manifest.catalogue_id.clone(),
        name: manifest.name.clone(),
        about: manifest.about.clone(),
        licence: manifest.licence.clone(),
        items: pack.catalogue.len() as u32,
        events: u32::try_from(manifest.events).unwrap_or(u32::MAX),
        simulated: manifest.simulated,
        encoder: pack.encoder.is_some(),
    }
}

/// The kind of an event for the page.
pub fn kind_view(kind: Kind) -> EventKind {
    match kind {
        Kind::Impression => EventKind::Impression,
        Kind::Click => EventKind::Click,
        Kind::Dwell { .. } => EventKind::Dwell,
        Kind::Like => EventKind::Like,
        Kind::Dislike => EventKind::Dislike,
        Kind::Dismiss => EventKind::Dismiss,
        Kind::Purchase => EventKind::Purchase,
    }
}
