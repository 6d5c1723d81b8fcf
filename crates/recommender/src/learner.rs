//! The learner: base model from the pack plus everything that this visitor taught it.
//!
//! Its state is a pure function of the pack, the sequence of events and the adapter that was taken
//! over last. That makes undo, crash recovery and import one thing: fold the events again.

use std::sync::Arc;

use crate::catalogue::{FoldedQuery, ItemIndex};
use crate::drift::Detector;
use crate::encoder::Encoder;
use crate::encoder::adapter::Snapshot;
use crate::event::{Action, Event, EventKind, Signal, Wish};
use crate::expert::decayed::DecayedRows;
use crate::expert::popularity;
use crate::expert::sequence::Sequence;
use crate::expert::taste::{Observation, Prior, Taste};
use crate::fusion::{Fusion, SAMPLE};
use crate::hyper::EXPERTS;
use crate::kernel;
use crate::pack::Pack;
use crate::random::Rng;
use crate::tags::TagTable;
use crate::wishes::{self, Wishes};

/// ρ of the taste when a drift is noticed: it goes most of the way back to the prior, so that it
/// forgets, and is unsure enough to learn fast. The other experts forget within a dozen events anyway.
const DRIFT_MEMORY: f32 = 0.3;

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

impl Base {
    /// Items drawn once, that stand for the catalogue.
    pub(crate) fn sample(&self) -> &[ItemIndex] {
        &self.sample
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
    pub(crate) wishes: Wishes,
    drift: Detector,
    drifts: u32,
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
            wishes: Wishes::default(),
            drift: Detector::default(),
            drifts: 0,
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
                Some(item) => self.remove(&[item]),
                None => Learned::UnknownItem,
            },
            Action::Wish { facet, value, wish } => self.learn_wish(facet, value, *wish),
        }
    }

    /// [`Self::learn`] for an item that has been looked up.
    pub fn learn_item(&mut self, item: ItemIndex, kind: EventKind) -> Learned {
        let base = Arc::clone(&self.base);
        let loss = kind.is_positive().then(|| self.learn_fusion(item));
        if loss.is_some_and(|loss| self.drift.notice(loss)) {
            self.drifts += 1;
            self.taste.drift(&base.prior, DRIFT_MEMORY);
        }
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

    fn learn_wish(&mut self, facet: &str, value: &str, wish: Wish) -> Learned {
        let base = Arc::clone(&self.base);
        let catalogue = &base.pack.catalogue;
        let mut changed = self.wishes.wish(catalogue, facet, value, wish);
        if wish == Wish::Forget {
            let all = (0..catalogue.len() as u32).map(ItemIndex);
            let tagged: Vec<ItemIndex> = all
                .filter(|item| wishes::has_tag(catalogue, *item, facet, value))
                .collect();
            changed |= self.remove(&tagged) != Learned::Nothing;
        }
        if changed {
            Learned::Yes { loss: None }
        } else {
            Learned::Nothing
        }
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

    /// Takes back what these items taught: their shares leave every expert, and they may be
    /// recommended again. The fusion weights and the taste's certainty stay as they were.
    fn remove(&mut self, items: &[ItemIndex]) -> Learned {
        let base = Arc::clone(&self.base);
        let hyper = &base.pack.hyper;
        let mut found = false;
        for item in items {
            let settled = std::mem::take(&mut self.settled[item.row()]);
            self.settled_count -= u32::from(settled);
            found |= settled;
        }
        let clock = self.clock;
        for heard in &mut self.history {
            let Some(item) = heard.item.filter(|item| items.contains(item)) else {
                continue;
            };
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

    /// Fusion weights now, in the order of [`Expert::ALL`].
    pub fn weights(&self) -> [f32; EXPERTS] {
        self.fusion.weights(&self.base.pack.hyper)
    }

    /// Events heard, removals and wishes not counted.
    pub fn events(&self) -> u32 {
        self.clock
    }

    /// How often the visitor's taste was found to have changed ([`crate::drift`]).
    pub fn drifts(&self) -> u32 {
        self.drifts
    }

    /// Seen, dismissed or disliked: not to be recommended.
    pub fn is_settled(&self, item: ItemIndex) -> bool {
        self.settled[item.row()]
    }

    /// Never wanted, by a wish about one of its tags.
    pub fn is_unwanted(&self, item: ItemIndex) -> bool {
        self.wishes.never(item)
    }

    /// The visitor's wishes about tags.
    pub fn wishes(&self) -> &Wishes {
        &self.wishes
    }

    /// Number of settled items.
    pub fn settled_count(&self) -> u32 {
        self.settled_count
    }
}
