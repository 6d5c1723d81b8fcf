//! What is shown of a learner, worked out in slices. No browser in here, so it is tested natively.

use std::sync::Arc;

use recommender::encoder::adapter::Snapshot;
use recommender::evaluate::progressive::progressive;
use recommender::leaning::{Leaning, TagIndex};
use recommender::taste_map::TasteMap;
use recommender::{Base, Expert, Learner, Pack, Profile, Session};

use crate::analysis::{
    Analysis, Attention, ChoicePoint, FacetLeanings, LeaningView, MAP_POINTS, MapPoint, MapView,
    Near, SHARE_POINTS, SharePoint,
};
use crate::messages::Facet;

/// Places of the trail.
const TRAIL: usize = 30;

/// Neighbours that are named.
const NEAREST: usize = 8;

/// Bars per facet.
const BARS: usize = 12;

/// Facets with bars, those with the strongest bars first.
const FACETS: usize = 8;

/// Choices that attention is shown for.
const ATTENDED: usize = 24;

/// A pack, and how far a profile has been followed.
pub struct Study {
    base: Arc<Base>,
    tags: TagIndex,
    map: TasteMap,
    /// The learner as it would be without fine-tuning. An adapter has been trained on these very
    /// choices, so a curve that used it from the start would foresee what it was told.
    learner: Learner,
    profile: Profile,
    adapter: Option<Snapshot>,
    /// Events of the profile that the learner has heard.
    heard: usize,
    choices: Vec<ChoicePoint>,
    shares: Vec<SharePoint>,
    drifts: Vec<u32>,
    trail: Vec<[f32; 2]>,
}

impl Study {
    /// Of a visitor about whom nothing is known yet.
    pub fn new(pack: Pack) -> Self {
        let profile = Profile::new(&pack.manifest.catalogue_id);
        let base = Arc::new(Base::new(pack));
        let mut study = Self {
            tags: TagIndex::new(&base.pack.catalogue),
            map: TasteMap::new(&base.pack, MAP_POINTS),
            learner: Learner::new(Arc::clone(&base)),
            base,
            profile: profile.clone(),
            adapter: None,
            heard: 0,
            choices: Vec::new(),
            shares: Vec::new(),
            drifts: Vec::new(),
            trail: Vec::new(),
        };
        study.start(profile);
        study
    }

    /// The map.
    pub fn map(&self) -> MapView {
        let catalogue = &self.base.pack.catalogue;
        let points = self.map.points.iter().map(|&(item, at)| {
            let item = catalogue.item(item);
            MapPoint {
                item: item.id.clone(),
                title: item.title.clone(),
                kind: item
                    .tags
                    .first()
                    .map_or_else(String::new, |(_, value)| value.clone()),
                at,
            }
        });
        MapView {
            explained: self.map.explained,
            points: points.collect(),
        }
    }

    /// What the catalogue can be filtered by.
    pub fn facets(&self) -> Vec<Facet> {
        super::facets::facets(&self.base.pack.catalogue)
    }

    /// Takes the learner's state. What was heard before stays heard where the profile only grew.
    ///
    /// # Errors
    /// A profile that cannot be read, or of another catalogue.
    pub fn follow(&mut self, profile: &[u8], adapter: &[u8]) -> Result<(), String> {
        let profile = Profile::decode(profile).map_err(|error| error.to_string())?;
        if profile.catalogue_id != self.base.pack.manifest.catalogue_id {
            return Err("the profile belongs to another catalogue".into());
        }
        self.adapter = match adapter {
            [] => None,
            bytes => Snapshot::decode(bytes).ok(),
        };
        let known = &self.profile.events[..self.heard];
        let grew = profile.settled == self.profile.settled && profile.events.starts_with(known);
        if grew {
            self.profile = profile;
        } else {
            self.start(profile);
        }
        Ok(())
    }

    fn start(&mut self, profile: Profile) {
        self.learner = Learner::new(Arc::clone(&self.base));
        for id in &profile.settled {
            if let Some(item) = self.base.pack.catalogue.find(id) {
                self.learner.settle(item);
            }
        }
        self.profile = profile;
        self.heard = 0;
        self.choices.clear();
        self.drifts.clear();
        self.trail.clear();
        self.shares = vec![SharePoint {
            event: 0,
            shares: self.learner.influence().to_vec(),
        }];
    }

    /// Hears up to `events` more. `true` when all are heard.
    pub fn advance(&mut self, events: usize) -> bool {
        let end = self.profile.events.len().min(self.heard + events);
        let (first, map) = (self.heard, &self.map);
        let mut drifts = self.learner.drifts();
        progressive(
            &mut self.learner,
            &self.profile.events[first..end],
            |learner, step| {
                let event = (first + step.event + 1) as u32;
                if let (Some(place), Some(popularity_place)) = (step.place, step.popularity_place) {
                    self.choices.push(ChoicePoint {
                        event,
                        place,
                        popularity_place,
                    });
                }
                if step.loss.is_some() {
                    if let Some(position) = learner.position() {
                        self.trail.push(map.place(&position));
                    }
                    self.shares.push(SharePoint {
                        event,
                        shares: learner.influence().to_vec(),
                    });
                }
                if learner.drifts() > drifts {
                    drifts = learner.drifts();
                    self.drifts.push(event);
                }
            },
        );
        self.heard = end;
        end == self.profile.events.len()
    }

    /// What is shown, once everything is heard.
    pub fn analysis(&self) -> Analysis {
        // As the visitor's list has it: with the adapter.
        let session = Session::with_adapter(
            Arc::clone(&self.base),
            self.profile.clone(),
            self.adapter.clone(),
        );
        // `follow` has seen that the catalogue is the same.
        let tuned = session.as_ref().map_or(&self.learner, Session::learner);
        let catalogue = &self.base.pack.catalogue;
        let nearest = tuned.position().map_or_else(Vec::new, |position| {
            let found = tuned.nearest(&position, NEAREST).into_iter();
            let near = found.map(|(item, cosine)| Near {
                item: catalogue.item(item).id.clone(),
                title: catalogue.item(item).title.clone(),
                cosine,
            });
            near.collect()
        });
        let every = self.shares.len().div_ceil(SHARE_POINTS).max(1);
        let newest_first = self.shares.iter().rev().step_by(every).cloned();
        let mut shares: Vec<SharePoint> = newest_first.collect();
        shares.reverse();
        Analysis {
            events: self.profile.events.len() as u32,
            items: catalogue.len() as u32,
            choices: self.choices.clone(),
            experts: Expert::ALL.map(|expert| expert.name().to_owned()).to_vec(),
            shares,
            drifts: self.drifts.clone(),
            trail: self.trail[self.trail.len().saturating_sub(TRAIL)..].to_vec(),
            nearest,
            leanings: bars(tuned.leanings(&self.tags)),
            attention: attention(tuned),
        }
    }
}

fn attention(learner: &Learner) -> Option<Attention> {
    let (items, heads) = learner.attention()?;
    let encoder = learner.pack().encoder.as_ref()?;
    let catalogue = &learner.pack().catalogue;
    let newest = items.iter().take(ATTENDED);
    Some(Attention {
        titles: newest
            .map(|item| catalogue.item(*item).title.clone())
            .collect(),
        heads: heads
            .into_iter()
            .map(|mut row| {
                row.truncate(ATTENDED);
                row
            })
            .collect(),
        blocks: encoder.weights.shape.blocks as u32,
    })
}

/// The strongest bars of each facet. A facet whose tags are all rare would fill the profile with
/// accidents, so a tag needs a choice, a wish or several items to be shown.
fn bars(leanings: Vec<Leaning>) -> Vec<FacetLeanings> {
    let mut facets: Vec<(f32, FacetLeanings)> = Vec::new();
    for leaning in leanings {
        let wished = leaning.steps != 0 || leaning.never;
        if !wished && leaning.chosen == 0 && (leaning.items < 20 || leaning.lift == 0.0) {
            continue;
        }
        let strength = leaning.lift.abs();
        let bar = LeaningView {
            value: leaning.value,
            lift: leaning.lift,
            items: leaning.items,
            chosen: leaning.chosen,
            steps: i32::from(leaning.steps),
            never: leaning.never,
        };
        match facets.iter_mut().find(|(_, of)| of.facet == leaning.facet) {
            Some((largest, of)) => {
                *largest = largest.max(strength);
                of.leanings.push(bar);
            }
            None => facets.push((
                strength,
                FacetLeanings {
                    facet: leaning.facet,
                    leanings: vec![bar],
                },
            )),
        }
    }
    facets.sort_by(|a, b| b.0.total_cmp(&a.0));
    facets.truncate(FACETS);
    let mut facets: Vec<FacetLeanings> = facets.into_iter().map(|(_, of)| of).collect();
    for of in &mut facets {
        let wished = |bar: &LeaningView| bar.steps != 0 || bar.never;
        of.leanings.sort_by(|a, b| {
            let strength = |bar: &LeaningView| bar.lift.abs();
            wished(b)
                .cmp(&wished(a))
                .then_with(|| strength(b).total_cmp(&strength(a)))
        });
        let kept = BARS.max(of.leanings.iter().filter(|bar| wished(bar)).count());
        of.leanings.truncate(kept);
    }
    facets
}

#[cfg(test)]
mod tests;
