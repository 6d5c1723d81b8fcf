//! The guard: a new adapter is used only if it is finite, bounded in norm, and not worse on choices
//! that it was never trained on.
//!
//! Held back are a fourth of the visitor's choices, and every fourth sequence of the replay pool: none of them is ever a target of a training step. The loss is the cross-entropy of
//! the choice among items not chosen before; on the pool's, too, so that an adapter which forgets
//! what everyone chooses shows. Both are computed with the production forward.

use std::sync::Arc;

use recommender::encoder::{Encoder, Model, State, adapter};
use recommender::kernel;
use recommender::random::{Rng, mix};

/// Newest tokens of the visitor whose held-back choices are looked at.
const TOKENS: usize = 96;

/// Encoding starts at a multiple of so many tokens.
const RESTART: usize = 32;

/// Held-back sequences of the pool that are looked at, and tokens of each.
const SEQUENCES: usize = 4;
const REPLAYED: usize = 24;

/// Items that a held-back choice is compared with.
const CANDIDATES: usize = 512;

/// How much worse replay may become, in nats per choice: what the visitor's own choices win has to
/// be paid for with something.
const REPLAY_SLACK: f32 = 0.05;

/// Below so many held-back choices of the visitor their loss is mostly noise; an adapter is then
/// accepted only if replay does not get worse at all.
const FEW: usize = 3;

/// Mean losses on held-back choices, in nats per choice.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Losses {
    /// On the visitor's; 0 if there are none.
    pub own: f32,
    /// On the replay pool's; 0 if there are none.
    pub replay: f32,
    /// Number of the visitor's choices in the mean.
    pub choices: usize,
}

/// Why an adapter was rolled back.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Refusal {
    /// A value or a loss is no number.
    NotFinite,
    /// Its norm is over `recommender::encoder::adapter::MAX_NORM`.
    Norm(f32),
    /// The visitor's held-back choices are foreseen worse than before, or than without an adapter.
    Own,
    /// Replay is foreseen worse than it may become.
    Replay,
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotFinite => f.write_str("a value is no number"),
            Self::Norm(norm) => write!(f, "its norm of {norm} is over {}", adapter::MAX_NORM),
            Self::Own => f.write_str("choices held back were foreseen worse than before"),
            Self::Replay => f.write_str("it forgets what the base model knew"),
        }
    }
}

/// Is the choice of `token` after `before` held back? By the items rather than by their place in the
/// history, which changes when old choices are let go or one is taken back: what was trained on
/// before would be held back then.
pub(super) fn is_held_back(seed: u64, before: u32, token: u32) -> bool {
    let step = u64::from(before) << 32 | u64::from(token);
    mix(seed ^ 0x6A4D ^ mix(step)).is_multiple_of(4)
}

/// Is this sequence of the pool held back?
pub(super) fn is_reserve(place: usize) -> bool {
    place % 4 == 3
}

/// An encoder on its way along the visitor's history, and the losses of the held-back choices that
/// it met. Tokens that were there before are not encoded again.
#[derive(Clone)]
pub(super) struct Track {
    encoder: Arc<Encoder>,
    state: State,
    /// Place of the first token encoded.
    anchor: usize,
    /// The history so far.
    tokens: Vec<u32>,
    /// For each of the guard's items: not chosen yet.
    open: Vec<bool>,
    losses: Vec<f32>,
    replay: f32,
}

/// Where encoding starts for a history of this length: so that all encoders see the same, and seldom
/// have to start again.
fn anchor(length: usize) -> usize {
    length.saturating_sub(TOKENS).next_multiple_of(RESTART)
}

pub(super) struct Guard {
    seed: u64,
    /// Items that choices are compared with, ascending, and their rows.
    items: Vec<u32>,
    rows: Vec<f32>,
    replay: Vec<Vec<u32>>,
}

impl Guard {
    pub(super) fn new(model: &Model) -> Self {
        let base = Encoder::new(&model.weights);
        let count = model.weights.items();
        let mut rng = Rng::new(model.adapter_seed ^ 0x6A4D);
        let mut items: Vec<u32> = (0..count as u32).collect();
        if count > CANDIDATES {
            rng.shuffle(&mut items);
            items.truncate(CANDIDATES);
            items.sort_unstable();
        }
        let reserve = model.pool.iter().enumerate();
        let reserve = reserve.filter(|(at, items)| is_reserve(*at) && items.len() > 1);
        let shortened = |items: &Vec<u32>| items[..items.len().min(REPLAYED)].to_vec();
        Self {
            seed: model.adapter_seed,
            rows: items
                .iter()
                .flat_map(|&item| base.row(item))
                .copied()
                .collect(),
            items,
            replay: reserve
                .map(|(_, items)| shortened(items))
                .take(SEQUENCES)
                .collect(),
        }
    }

    /// An encoder at the start of the history.
    pub(super) fn track(&self, encoder: Encoder) -> Track {
        let encoder = Arc::new(encoder);
        let replay = self.replay.iter().map(|tokens| {
            let mut track = self.start(Arc::clone(&encoder), 0.0);
            for &token in tokens {
                self.push(&mut track, token, true);
            }
            mean(&track.losses)
        });
        let replay = replay.sum::<f32>() / self.replay.len().max(1) as f32;
        self.start(encoder, replay)
    }

    fn start(&self, encoder: Arc<Encoder>, replay: f32) -> Track {
        Track {
            state: State::new(&encoder),
            encoder,
            anchor: 0,
            tokens: Vec::new(),
            open: vec![true; self.items.len()],
            losses: Vec::new(),
            replay,
        }
    }

    /// The losses with the history as it is now.
    pub(super) fn losses(&self, track: &mut Track, history: &[u32]) -> Losses {
        let anchor = anchor(history.len());
        if anchor != track.anchor || !history.starts_with(&track.tokens) {
            track.anchor = anchor;
            track.tokens.clear();
            track.losses.clear();
            track.open.fill(true);
            track.state.clear();
            for &token in &history[..anchor] {
                self.close(track, token);
            }
        }
        for place in track.tokens.len()..history.len() {
            let token = history[place];
            let counts = place > 0 && is_held_back(self.seed, history[place - 1], token);
            self.push(track, token, counts);
        }
        Losses {
            own: mean(&track.losses),
            replay: track.replay,
            choices: track.losses.len(),
        }
    }

    /// A token that is encoded; its loss among the items not chosen before is kept if it counts.
    fn push(&self, track: &mut Track, token: u32, counts: bool) {
        if track.state.tokens() > 0 && counts {
            let mut scores = vec![0.0; self.items.len()];
            let user = track.state.user();
            kernel::score_rows(&self.rows, user, &mut scores);
            let own = kernel::dot(user, track.encoder.row(token));
            let others = scores.iter().zip(&self.items).zip(&track.open);
            let others = others.filter(|((_, item), open)| **open && **item != token);
            let others = others.map(|((score, _), _)| *score);
            let most = others.clone().fold(own, f32::max);
            let total: f32 = others.map(|score| (score - most).exp()).sum();
            let loss = (total + (own - most).exp()).ln() + most - own;
            track.losses.push(loss);
        }
        track.state.push(&track.encoder, token);
        self.close(track, token);
    }

    /// What was chosen is not offered again.
    fn close(&self, track: &mut Track, token: u32) {
        track.tokens.push(token);
        if let Ok(at) = self.items.binary_search(&token) {
            track.open[at] = false;
        }
    }
}

fn mean(losses: &[f32]) -> f32 {
    losses.iter().sum::<f32>() / losses.len().max(1) as f32
}

/// May the adapter be used? `before` is the one in use, `base` the encoder without any.
pub(super) fn judge(
    values: &[f32],
    after: Losses,
    before: Losses,
    base: Losses,
) -> Result<(), Refusal> {
    let norm = kernel::dot(values, values).sqrt();
    if !norm.is_finite() || !after.own.is_finite() || !after.replay.is_finite() {
        return Err(Refusal::NotFinite);
    }
    if norm > adapter::MAX_NORM {
        return Err(Refusal::Norm(norm));
    }
    if after.choices > 0 && after.own > before.own.min(base.own) {
        return Err(Refusal::Own);
    }
    let slack = if after.choices < FEW {
        0.0
    } else {
        REPLAY_SLACK
    };
    if after.replay > base.replay + slack {
        return Err(Refusal::Replay);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn judges_by_numbers_norm_and_both_losses() {
        let losses = |own: f32, replay: f32| Losses {
            own,
            replay,
            choices: 8,
        };
        let (before, base) = (losses(2.0, 3.0), losses(2.1, 3.0));
        let values = vec![0.1; 100];
        assert_eq!(judge(&values, losses(1.9, 3.01), before, base), Ok(()));
        assert_eq!(
            judge(&values, losses(2.05, 3.0), before, base),
            Err(Refusal::Own)
        );
        assert_eq!(
            judge(&values, losses(1.9, 3.2), before, base),
            Err(Refusal::Replay)
        );
        assert_eq!(
            judge(&[f32::NAN], losses(1.9, 3.0), before, base),
            Err(Refusal::NotFinite)
        );
        assert_eq!(
            judge(&values, losses(f32::NAN, 3.0), before, base),
            Err(Refusal::NotFinite)
        );
        let wild = vec![4.0; 100];
        assert_eq!(
            judge(&wild, losses(1.9, 3.0), before, base),
            Err(Refusal::Norm(40.0))
        );
        let few = |own, replay| Losses {
            choices: 1,
            ..losses(own, replay)
        };
        assert_eq!(
            judge(&values, few(1.0, 3.01), few(2.0, 3.0), few(2.0, 3.0)),
            Err(Refusal::Replay)
        );
    }

    #[test]
    fn a_quarter_is_held_back_and_stays_so() {
        let held = |seed| {
            (0..10_000)
                .filter(|&n| is_held_back(seed, n / 100, n % 100))
                .count()
        };
        for seed in [7, 8] {
            assert!((2_300..2_700).contains(&held(seed)), "{}", held(seed));
        }
        let differ = |n: &u32| is_held_back(7, 1, *n) != is_held_back(7, *n, 1);
        assert!((2..100).any(|n| differ(&n)), "the order counts");
    }
}
