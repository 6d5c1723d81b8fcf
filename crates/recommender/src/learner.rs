//! The learner: base model from the pack plus everything that this visitor taught it.
//!
//! Its state is a pure function of the pack, the sequence of events and the adapter that was taken
//! over last. That makes undo, crash recovery and import one thing: fold the events again.

use std::sync::Arc;

use crate::catalogue::{FoldedQuery, ItemIndex};
use crate::encoder::Encoder;
use crate::encoder::adapter::Snapshot;
use crate::event::{Action, Event, EventKind, Signal};
use crate::expert::decayed::DecayedRows;
use crate::expert::popularity;
use crate::expert::sequence::Sequence;
use crate::expert::taste::{Observation, Prior, Taste};
use crate::fusion::{Fusion, SAMPLE};
use crate::hyper::{EXPERTS, Expert};
use crate::kernel;
use crate::pack::Pack;
use crate::random::Rng;
use crate::tags::TagTable;

/// Items of a search that stand for its meaning.
const SEARCH_ITEMS: usize = 20;

/// What a search pulls, beside a click's 1.
const SEARCH_SIGNAL: Signal = Signal {
    target: 0.7,
    confidence: 0.3,
    pull: 0.3,
    settles: false,
};

/// The parts of the base model that are made once per pack.
#[derive(Debug)]
pub struct Base {
    /// The pack.
    pub pack: Pack,
    pub(crate) popularity: Vec<f32>,
    pub(crate) recent: Vec<f32>,
    pub(crate) prior: Prior,
    pub(crate) tags: TagTable,
    /// The pack's encoder, prepared, and its fingerprint.
    pub(crate) encoder: Option<(Arc<Encoder>, u64)>,
    sample: Vec<ItemIndex>,
}

impl Base {
    /// Prepares a pack for learners. O(items × d²), once.
    pub fn new(pack: Pack) -> Self {
        let (items, hyper) = (pack.catalogue.len(), &pack.hyper);
        let prior = Prior::new(
            pack.vectors.dimension(),
            &pack.vectors.second_moment(),
            items,
            hyper.taste_ridge,
            hyper.taste_unobserved,
        );
        // A fixed seed: the sample is part of what makes learning reproducible.
        let mut rng = Rng::new(0x5eed);
        let sample = if items <= SAMPLE {
            (0..items as u32).map(ItemIndex).collect()
        } else {
            (0..SAMPLE)
                .map(|_| ItemIndex(rng.below(items) as u32))
                .collect()
        };
        Self {
            tags: TagTable::new(&pack.catalogue),
            encoder: pack.encoder.as_ref().map(|model| {
                let weights = &model.weights;
                (Arc::new(Encoder::new(weights)), weights.fingerprint())
            }),
            popularity: popularity::standardised(&pack.counts),
            recent: popularity::standardised(&pack.recent),
            prior,
            sample,
            pack,
        }
    }
}

/// One event as the learner remembers it.
#[derive(Clone, Debug)]
pub(crate) struct Heard {
    pub(crate) item: Option<ItemIndex>,
    pub(crate) kind: EventKind,
    pub(crate) pull: f32,
    /// Value of the learner's clock at this event; age = clock − this.
    pub(crate) at: u32,
    pub(crate) observation: Observation,
    /// The vector, where it is not the item's (a search).
    vector: Option<Box<[f32]>>,
}

impl Heard {
    pub(crate) fn vector<'a>(&'a self, pack: &'a Pack) -> &'a [f32] {
        match (&self.vector, self.item) {
            (Some(vector), _) => vector,
            (None, Some(item)) => pack.vectors.row(item),
            (None, None) => unreachable!("an event without an item carries its vector"),
        }
    }
}

/// What an event did.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Learned {
    /// Learnt from; `loss` is −ln p(choice) in nats as predicted before, for a positive event.
    Yes {
        /// Progressive loss, `None` for events that are no choice.
        loss: Option<f32>,
    },
    /// The catalogue has no such item (any more); nothing changed.
    UnknownItem,
    /// A search without a hit, or a removal of an item without history; nothing changed.
    Nothing,
}

/// The on-device recommender.
#[derive(Clone, Debug)]
pub struct Learner {
    pub(crate) base: Arc<Base>,
    pub(crate) clock: u32,
    pub(crate) history: Vec<Heard>,
    settled: Vec<bool>,
    settled_count: u32,
    pub(crate) content: Vec<f32>,
    pub(crate) neighbours: DecayedRows,
    pub(crate) next: DecayedRows,
    pub(crate) taste: Taste,
    pub(crate) sequence: Option<Sequence>,
    pub(crate) fusion: Fusion,
    /// Off while events are folded that the fusion has learnt from before.
    pub(crate) fusion_learns: bool,
}

impl Learner {
    /// Knows only the pack.
    pub fn new(base: Arc<Base>) -> Self {
        let items = base.pack.catalogue.len();
        let hyper = &base.pack.hyper;
        Self {
            clock: 0,
            history: Vec::new(),
            settled: vec![false; items],
            settled_count: 0,
            content: vec![0.0; base.pack.vectors.dimension()],
            neighbours: DecayedRows::new(items, hyper.neighbours_decay),
            next: DecayedRows::new(items, hyper.next_decay),
            taste: Taste::new(&base.prior),
            sequence: base
                .encoder
                .as_ref()
                .map(|(encoder, _)| Sequence::new(Arc::clone(encoder))),
            fusion: Fusion::default(),
            fusion_learns: true,
            base,
        }
    }

    /// The same for offline evaluation: scores and ranks alike, but keeps no event's share, so it
    /// must not be asked to explain or remove.
    pub fn for_evaluation(base: Arc<Base>) -> Self {
        let taste = Taste::untracked(&base.prior);
        Self {
            taste,
            ..Self::new(base)
        }
    }

    /// The base model.
    pub fn base(&self) -> &Arc<Base> {
        &self.base
    }

    /// The base encoder's [`crate::encoder::Weights::fingerprint`], where the pack has one.
    pub fn encoder_fingerprint(&self) -> Option<u64> {
        self.base.encoder.as_ref().map(|(_, print)| *print)
    }

    /// The pack.
    pub fn pack(&self) -> &Pack {
        &self.base.pack
    }

    /// Learns from one event. O(d² + history × d + neighbours of the item + one token of the encoder),
    /// independent of the catalogue's size but for a search, which looks through the catalogue.
    pub fn learn(&mut self, event: &Event) -> Learned {
        match &event.action {
            Action::Item { item, kind } => match self.pack().catalogue.find(item) {
                Some(item) => self.learn_item(item, *kind),
                None => Learned::UnknownItem,
            },
            Action::Search { query } => self.learn_search(query),
            Action::Remove { item } => match self.pack().catalogue.find(item) {
                Some(item) => self.remove(item),
                None => Learned::UnknownItem,
            },
        }
    }

    /// [`Self::learn`] for an item that has been looked up.
    pub fn learn_item(&mut self, item: ItemIndex, kind: EventKind) -> Learned {
        let base = Arc::clone(&self.base);
        let loss = kind.is_positive().then(|| self.learn_fusion(item));
        let signal = kind.signal();
        self.hear(Some(item), kind, signal, None);
        if let (true, Some(sequence)) = (kind.is_positive(), &mut self.sequence) {
            sequence.hear(item.0);
        }
        self.neighbours
            .add(&base.pack.neighbours, item, signal.pull, 0);
        self.next.add(&base.pack.next, item, signal.pull, 0);
        if signal.settles {
            self.settle(item);
        }
        Learned::Yes { loss }
    }

    /// Marks an item as done with: it is not recommended unless asked for.
    pub fn settle(&mut self, item: ItemIndex) {
        if !std::mem::replace(&mut self.settled[item.row()], true) {
            self.settled_count += 1;
        }
    }

    fn learn_search(&mut self, query: &str) -> Learned {
        let base = Arc::clone(&self.base);
        let folded = FoldedQuery::new(query);
        if folded.is_empty() {
            return Learned::Nothing;
        }
        let mut vector = vec![0.0; self.content.len()];
        let hits = (0..base.pack.catalogue.len() as u32)
            .map(ItemIndex)
            .filter(|&item| base.pack.catalogue.matches(item, &folded))
            .take(SEARCH_ITEMS);
        for item in hits {
            kernel::axpy(&mut vector, 1.0, base.pack.vectors.row(item));
        }
        kernel::normalise(&mut vector);
        if vector.iter().all(|x| *x == 0.0) {
            return Learned::Nothing;
        }
        self.hear(
            None,
            EventKind::Impression,
            SEARCH_SIGNAL,
            Some(vector.into()),
        );
        Learned::Yes { loss: None }
    }

    /// Everything that all events have in common.
    fn hear(
        &mut self,
        item: Option<ItemIndex>,
        kind: EventKind,
        signal: Signal,
        vector: Option<Box<[f32]>>,
    ) {
        let base = Arc::clone(&self.base);
        let hyper = &base.pack.hyper;
        self.clock += 1;
        self.neighbours.step();
        self.next.step();
        let heard = Heard {
            item,
            kind,
            pull: signal.pull,
            at: self.clock,
            observation: {
                let x = vector.as_deref().or(item.map(|i| base.pack.vectors.row(i)));
                let x = x.expect("an event has an item or a vector");
                self.content
                    .iter_mut()
                    .for_each(|value| *value *= hyper.content_decay);
                kernel::axpy(
                    &mut self.content,
                    signal.pull * (1.0 - hyper.content_decay),
                    x,
                );
                self.taste.drift(&base.prior, hyper.taste_memory);
                self.taste.observe(x, signal.target, signal.confidence)
            },
            vector,
        };
        self.history.push(heard);
    }

    fn learn_fusion(&mut self, chosen: ItemIndex) -> f32 {
        let base = Arc::clone(&self.base);
        let sample: Vec<_> = base
            .sample
            .iter()
            .map(|&item| self.expert_scores(item))
            .collect();
        let chosen = self.expert_scores(chosen);
        let mut unused = self.fusion.clone();
        let fusion = if self.fusion_learns {
            &mut self.fusion
        } else {
            &mut unused
        };
        fusion.learn(
            &base.pack.hyper,
            &chosen,
            &sample,
            base.pack.catalogue.len(),
        )
    }

    /// Takes back what one item taught: its shares leave every expert, and it may be recommended
    /// again. The fusion weights and the taste's certainty stay as they were.
    fn remove(&mut self, item: ItemIndex) -> Learned {
        let base = Arc::clone(&self.base);
        let hyper = &base.pack.hyper;
        let mut found = std::mem::take(&mut self.settled[item.row()]);
        self.settled_count -= u32::from(found);
        let clock = self.clock;
        for heard in &mut self.history {
            if heard.item != Some(item) {
                continue;
            }
            found = true;
            let age = clock - heard.at;
            let weight =
                heard.pull * (1.0 - hyper.content_decay) * hyper.content_decay.powi(age as i32);
            kernel::axpy(&mut self.content, -weight, base.pack.vectors.row(item));
            self.neighbours
                .add(&base.pack.neighbours, item, -heard.pull, age);
            self.next.add(&base.pack.next, item, -heard.pull, age);
            self.taste.mute(heard.observation);
            heard.pull = 0.0;
            heard.item = None;
            heard.vector = Some(base.pack.vectors.row(item).into());
        }
        let tokens = self.tokens();
        if let Some(sequence) = self.sequence.as_mut().filter(|_| found) {
            sequence.hear_again(&tokens);
        }
        if found {
            Learned::Yes { loss: None }
        } else {
            Learned::Nothing
        }
    }

    /// Takes an adapter before any event: the encoder that it makes, and the fusion as it was then.
    /// `false`, and nothing is changed, if it does not fit the base or its newest event is not among
    /// `events` (it was undone).
    pub(crate) fn adapt(&mut self, adapter: &Snapshot, events: &[Event]) -> bool {
        let (Some(model), Some((encoder, base))) = (&self.base.pack.encoder, &self.base.encoder)
        else {
            return false;
        };
        let known = |id| events.iter().any(|event| event.id == id);
        if adapter.base != *base || !adapter.through.is_none_or(known) {
            return false;
        }
        let adapted = encoder.adapted(&model.weights, model.adapter_seed, &adapter.values);
        let Ok(adapted) = adapted else { return false };
        self.sequence = Some(Sequence::new(Arc::new(adapted)));
        self.fusion = Fusion::from_multipliers(adapter.multipliers);
        true
    }

    /// The choices so far as the encoder hears them: rows of the item table, oldest first.
    pub fn tokens(&self) -> Vec<u32> {
        let mut tokens: Vec<u32> = self.newest_tokens().collect();
        tokens.reverse();
        tokens
    }

    /// The same, newest first.
    pub fn newest_tokens(&self) -> impl Iterator<Item = u32> {
        let choices = self.history.iter().rev();
        let choices = choices.filter(|heard| heard.kind.is_positive());
        let mut after = None;
        choices
            .filter_map(|heard| Some(heard.item?.0))
            .filter(move |token| after.replace(*token) != Some(*token))
    }

    /// Each expert's raw score of one item.
    pub fn expert_scores(&self, item: ItemIndex) -> [f32; EXPERTS] {
        let x = self.base.pack.vectors.row(item);
        let mut scores = [0.0; EXPERTS];
        scores[Expert::Popularity.index()] = self.base.popularity[item.row()];
        scores[Expert::Recent.index()] = self.base.recent[item.row()];
        scores[Expert::Content.index()] = kernel::dot(&self.content, x);
        scores[Expert::Neighbours.index()] = self.neighbours.score(item);
        scores[Expert::Next.index()] = self.next.score(item);
        scores[Expert::Taste.index()] = self.taste.mean(x);
        if let Some(sequence) = &self.sequence {
            scores[Expert::Encoder.index()] = sequence.score(item);
        }
        scores
    }

    /// The fused score of each of `items`.
    pub fn score(&self, items: &[ItemIndex]) -> Vec<f32> {
        let weights = self.weights();
        items
            .iter()
            .map(|&item| {
                self.expert_scores(item)
                    .iter()
                    .zip(&weights)
                    .map(|(s, w)| s * w)
                    .sum()
            })
            .collect()
    }

    /// Fusion weights now, in the order of [`Expert::ALL`].
    pub fn weights(&self) -> [f32; EXPERTS] {
        self.fusion.weights(&self.base.pack.hyper)
    }

    /// Events heard, removals not counted.
    pub fn events(&self) -> u32 {
        self.clock
    }

    /// Seen, dismissed or disliked: not to be recommended.
    pub fn is_settled(&self, item: ItemIndex) -> bool {
        self.settled[item.row()]
    }

    /// Number of settled items.
    pub fn settled_count(&self) -> u32 {
        self.settled_count
    }

    /// Fused scores of the whole catalogue, one block at a time: `see(first item, scores)`.
    ///
    /// `draw` is added to the taste's mean (exploration). One pass over the item table: the dense
    /// experts share one query vector, since a weighted sum of dot products is one dot product. The
    /// encoder has a table of its own, streamed along.
    pub(crate) fn score_blocks(&self, draw: Option<&[f32]>, mut see: impl FnMut(usize, &[f32])) {
        let (base, weights) = (&self.base, self.weights());
        let weight = |expert: Expert| weights[expert.index()];
        let mut query = vec![0.0; self.content.len()];
        kernel::axpy(&mut query, weight(Expert::Content), &self.content);
        self.taste.add_mean(weight(Expert::Taste), &mut query);
        if let Some(draw) = draw {
            kernel::axpy(&mut query, weight(Expert::Taste), draw);
        }
        let (neighbours, factor) = self.neighbours.scaled();
        let neighbours_weight = factor * weight(Expert::Neighbours);
        let (next, factor) = self.next.scaled();
        let next_weight = factor * weight(Expert::Next);
        let encoded = self.sequence.as_ref().map(|sequence| {
            let mut user = sequence.user().to_vec();
            user.iter_mut().for_each(|x| *x *= weight(Expert::Encoder));
            (sequence.encoder().table(), user)
        });
        let mut scores = [0.0; kernel::BLOCK];
        let mut logits = [0.0; kernel::BLOCK];
        let rows = base
            .pack
            .vectors
            .values()
            .chunks(kernel::BLOCK * query.len());
        for (block, rows) in rows.enumerate() {
            let first = block * kernel::BLOCK;
            let scores = &mut scores[..rows.len() / query.len()];
            let range = first..first + scores.len();
            kernel::score_rows(rows, &query, scores);
            kernel::axpy(
                scores,
                weight(Expert::Popularity),
                &base.popularity[range.clone()],
            );
            kernel::axpy(scores, weight(Expert::Recent), &base.recent[range.clone()]);
            kernel::axpy(scores, neighbours_weight, &neighbours[range.clone()]);
            kernel::axpy(scores, next_weight, &next[range.clone()]);
            if let Some((table, user)) = &encoded {
                let logits = &mut logits[..scores.len()];
                let rows = range.start * user.len()..range.end * user.len();
                kernel::score_rows(&table[rows], user, logits);
                kernel::axpy(scores, 1.0, logits);
            }
            see(first, scores);
        }
    }

    /// What the taste might be besides its mean: a draw, scaled by `explore` (Thompson sampling).
    /// The draw depends on the seed and on the number of events, so a list is stable between events.
    pub fn draw(&self, explore: f32, seed: u64) -> Option<Vec<f32>> {
        (explore > 0.0).then(|| {
            let mut rng = Rng::new(seed ^ u64::from(self.clock).wrapping_mul(0x9E37_79B9));
            let mut draw = self.taste.draw(&mut rng);
            draw.iter_mut().for_each(|x| *x *= explore);
            draw
        })
    }
}
