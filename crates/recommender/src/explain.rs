//! Explanations from the parts of the score.
//!
//! A score is Σ over experts of weight × raw, plus what the visitor wished outright. Every expert but the encoder is linear in the history,
//! so it splits further, without approximation, into one share per event. The encoder is not: the
//! share of an item there is what the score loses when the history is encoded without it. Either way
//! [`crate::event::Action::Remove`] takes exactly those shares out.

use std::sync::Arc;

use crate::catalogue::ItemIndex;
use crate::event::EventKind;
use crate::expert::sequence::{Sequence, distinct_neighbours};
use crate::hyper::{EXPERTS, Expert};
use crate::kernel;
use crate::learner::{Heard, Learner};

/// Why an item is where it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// The fused score without exploration: Σ `experts[e].weight × experts[e].raw` + Σ `wishes`.
    pub score: f32,
    /// One part per expert, in the order of [`Expert::ALL`].
    pub experts: [ExpertPart; EXPERTS],
    /// What the visitor's wishes add, one part per tag of the item that has one.
    pub wishes: Vec<TagPart>,
    /// One part per item of the history, strongest first. Removing that item changes the score by
    /// minus this. (The encoder's part is known for the newest [`ENCODED`] items; for older ones
    /// only what the other experts add is in here.)
    pub history: Vec<HistoryPart>,
    /// The history's parts split among the tags that history item and explained item share,
    /// strongest first. Rare tags take a larger part (inverse document frequency).
    pub tags: Vec<TagPart>,
    /// Standard deviation of the taste's estimate now over that before any event.
    pub uncertainty: f32,
}

/// What one expert adds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ExpertPart {
    /// Which.
    pub expert: Expert,
    /// Its own score.
    pub raw: f32,
    /// Its fusion weight.
    pub weight: f32,
}

/// What one item of the history adds, over all experts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HistoryPart {
    /// The item.
    pub item: ItemIndex,
    /// What was last done with it.
    pub kind: EventKind,
    /// Signed share of the score.
    pub contribution: f32,
}

/// What one shared tag adds.
#[derive(Clone, Debug, PartialEq)]
pub struct TagPart {
    /// Facet.
    pub facet: String,
    /// Value.
    pub value: String,
    /// Signed share of the score.
    pub contribution: f32,
}

/// The one-line reason.
#[derive(Clone, Debug, PartialEq)]
pub enum Reason {
    /// These items of the history, strongest first (one or two), and what was done with the first.
    Because(EventKind, Vec<ItemIndex>),
    /// Tags that the visitor leans to (one or two).
    Tags(Vec<(String, String)>),
    /// The visitor asked for more of these tags.
    Wished(Vec<(String, String)>),
    /// Chosen by many.
    Popular,
    /// The draw of an uncertain taste put it here.
    Exploring,
}

/// Newest events that a one-line reason looks at; older ones rarely lead.
const REASON_EVENTS: usize = 50;

/// Newest items that the encoder's part of an explanation is worked out for. Each costs up to as
/// many tokens encoded again as came after it.
pub const ENCODED: usize = 24;

impl Learner {
    /// Why `item` has its score.
    pub fn explain(&self, item: ItemIndex) -> Explanation {
        let (raw, weights) = (self.expert_scores(item), self.weights());
        let experts = Expert::ALL.map(|expert| ExpertPart {
            expert,
            raw: raw[expert.index()],
            weight: weights[expert.index()],
        });
        let mut history: Vec<HistoryPart> = Vec::new();
        for heard in &self.history {
            let Some(source) = heard.item else { continue };
            let contribution = self.share(heard, item, &weights);
            match history.iter_mut().find(|part| part.item == source) {
                Some(part) => {
                    part.contribution += contribution;
                    part.kind = heard.kind;
                }
                None => history.push(HistoryPart {
                    item: source,
                    kind: heard.kind,
                    contribution,
                }),
            }
        }
        for (source, contribution) in self.encoder_parts(item, weights[Expert::Encoder.index()]) {
            if let Some(part) = history.iter_mut().find(|part| part.item == source) {
                part.contribution += contribution;
            }
        }
        let order = kernel::order_descending(history.iter().map(|part| part.contribution.abs()));
        let history: Vec<HistoryPart> = order.into_iter().map(|at| history[at]).collect();
        let x = self.base.pack.vectors.row(item);
        let before = self.base.prior.variance(x);
        let wishes: Vec<TagPart> = self.wish_parts(item);
        let fused: f32 = experts.iter().map(|part| part.raw * part.weight).sum();
        Explanation {
            score: fused + wishes.iter().map(|part| part.contribution).sum::<f32>(),
            wishes,
            tags: self.tag_parts(item, &history),
            experts,
            history,
            uncertainty: if before > 0.0 {
                (self.taste.variance(x) / before).sqrt()
            } else {
                1.0
            },
        }
    }

    fn wish_parts(&self, item: ItemIndex) -> Vec<TagPart> {
        let parts = self.wishes.parts(&self.pack().catalogue, item);
        parts
            .map(|(wished, contribution)| TagPart {
                facet: wished.facet.clone(),
                value: wished.value.clone(),
                contribution,
            })
            .collect()
    }

    /// What the encoder's part of the score of `item` loses without each of the newest items of the
    /// history: encodes it again without them.
    fn encoder_parts(&self, item: ItemIndex, weight: f32) -> Vec<(ItemIndex, f32)> {
        let Some(sequence) = self.sequence.as_ref().filter(|_| weight != 0.0) else {
            return Vec::new();
        };
        let tokens = self.tokens();
        let with = sequence.score(item);
        let mut sources: Vec<u32> = Vec::new();
        let mut split = tokens.len();
        while split > 0 && sources.len() < ENCODED {
            split -= 1;
            if !sources.contains(&tokens[split]) {
                sources.push(tokens[split]);
            }
        }
        // Up to there the histories without one of them are the same, unless it is in there, too.
        let (before, after) = tokens.split_at(split);
        let before = &before[split.saturating_sub(sequence.encoder().shape().reach())..];
        let mut shared = Sequence::new(Arc::clone(sequence.encoder()));
        shared.hear_again(before);
        let part = |source: u32| {
            let others = |part: &[u32]| -> Vec<u32> {
                let others = part.iter().copied().filter(|&token| token != source);
                distinct_neighbours(others)
            };
            let without = if before.contains(&source) {
                let mut without = Sequence::new(Arc::clone(sequence.encoder()));
                without.hear_again(&others(&tokens));
                without
            } else {
                let mut without = shared.clone();
                others(after)
                    .into_iter()
                    .for_each(|token| without.hear(token));
                without
            };
            (ItemIndex(source), weight * (with - without.score(item)))
        };
        sources.into_iter().map(part).collect()
    }

    /// What one event adds to the fused score of `item` through the experts that are linear.
    fn share(&self, heard: &Heard, item: ItemIndex, weights: &[f32; EXPERTS]) -> f32 {
        let pack = &self.base.pack;
        let age = self.clock - heard.at;
        let x = pack.vectors.row(item);
        let decay = pack.hyper.content_decay;
        let content = heard.pull * (1.0 - decay) * decay.powi(age as i32);
        let mut share =
            weights[Expert::Content.index()] * content * kernel::dot(heard.vector(pack), x);
        if let Some(source) = heard.item {
            share += weights[Expert::Neighbours.index()]
                * self.neighbours.weight(heard.pull, age)
                * pack.neighbours.weight(source, item);
            share += weights[Expert::Next.index()]
                * self.next.weight(heard.pull, age)
                * pack.next.weight(source, item);
        }
        share + weights[Expert::Taste.index()] * self.taste.share(heard.observation, x)
    }

    fn tag_parts(&self, item: ItemIndex, history: &[HistoryPart]) -> Vec<TagPart> {
        let table = &self.base.tags;
        let own = table.of(item);
        let mut sums = vec![0.0f32; own.len()];
        for part in history {
            let theirs = table.of(part.item);
            let shares = |tag: u32| {
                if theirs.contains(&tag) {
                    table.rarity(tag)
                } else {
                    0.0
                }
            };
            let total: f32 = own.iter().map(|&tag| shares(tag)).sum();
            if total > 0.0 {
                for (sum, &tag) in sums.iter_mut().zip(own) {
                    *sum += part.contribution * shares(tag) / total;
                }
            }
        }
        let tags: Vec<_> = self.base.pack.catalogue.item(item).tastes().collect();
        let order = kernel::order_descending(sums.iter().map(|sum| sum.abs()));
        order
            .into_iter()
            .filter(|&at| sums[at] != 0.0)
            .map(|at| TagPart {
                facet: tags[at].0.clone(),
                value: tags[at].1.clone(),
                contribution: sums[at],
            })
            .collect()
    }

    /// What each item of the encoder's window puts straight into the score of `item`
    /// ([`crate::encoder::State::direct_shares`]).
    fn direct_shares(&self, item: ItemIndex, weight: f32) -> Vec<(ItemIndex, f32)> {
        let mut parts: Vec<(ItemIndex, f32)> = Vec::new();
        let Some(sequence) = self.sequence.as_ref().filter(|_| weight != 0.0) else {
            return parts;
        };
        let (encoder, state) = (sequence.encoder(), sequence.state());
        let mut tokens = self.newest_tokens();
        state.direct_shares(encoder, encoder.row(item.0), |share| {
            let Some(token) = tokens.next() else { return };
            let source = ItemIndex(token);
            match parts.iter_mut().find(|part| part.0 == source) {
                Some(part) => part.1 += weight * share,
                None => parts.push((source, weight * share)),
            }
        });
        parts
    }

    /// The one-line reason for an item in a list that was ranked with this `draw` of
    /// [`Learner::draw`].
    pub fn reason(&self, item: ItemIndex, draw: Option<&[f32]>) -> Reason {
        let (raw, weights) = (self.expert_scores(item), self.weights());
        let part = |expert: Expert| raw[expert.index()] * weights[expert.index()];
        let x = self.base.pack.vectors.row(item);
        let drawn = draw.map_or(0.0, |draw| kernel::dot(draw, x)) * weights[Expert::Taste.index()];
        let popular = part(Expert::Popularity) + part(Expert::Recent);
        let recent = &self.history[self.history.len().saturating_sub(REASON_EVENTS)..];
        let mut encoded = self.direct_shares(item, weights[Expert::Encoder.index()]);
        let found: Vec<(f32, EventKind, ItemIndex)> = recent
            .iter()
            .rev()
            .filter_map(|heard| {
                let source = heard.item?;
                let mut share = self.share(heard, item, &weights);
                // The newest event of an item stands for its tokens.
                if let Some(at) = encoded.iter().position(|part| part.0 == source) {
                    share += encoded.swap_remove(at).1;
                }
                Some((share, heard.kind, source))
            })
            .filter(|(share, kind, _)| *share > 0.0 && kind.signal().pull > 0.0)
            .collect();
        let order = kernel::order_descending(found.iter().map(|source| source.0));
        let sources: Vec<_> = order.into_iter().map(|at| found[at]).collect();
        let personal: f32 = sources.iter().map(|source| source.0).sum();
        let wished = self.wishes.score(item);
        if wished > personal.max(popular).max(drawn) {
            let parts = self.wish_parts(item).into_iter();
            let parts = parts.filter(|part| part.contribution > 0.0).take(2);
            return Reason::Wished(parts.map(|part| (part.facet, part.value)).collect());
        }
        if drawn > personal.max(popular) {
            return Reason::Exploring;
        }
        let Some(&(first, kind, source)) = sources.first() else {
            return Reason::Popular;
        };
        if personal < 0.25 * popular {
            return Reason::Popular;
        }
        // Many small shares: what they have in common says more than any one of them.
        if first < 0.2 * personal {
            let history: Vec<HistoryPart> = sources
                .iter()
                .map(|&(contribution, kind, item)| HistoryPart {
                    item,
                    kind,
                    contribution,
                })
                .collect();
            let tags: Vec<_> = self.tag_parts(item, &history).into_iter().take(2).collect();
            if !tags.is_empty() {
                return Reason::Tags(tags.into_iter().map(|tag| (tag.facet, tag.value)).collect());
            }
        }
        let mut items = vec![source];
        let second = sources
            .iter()
            .find(|other| other.2 != source && other.0 > 0.5 * first);
        items.extend(second.map(|other| other.2));
        Reason::Because(kind, items)
    }
}
