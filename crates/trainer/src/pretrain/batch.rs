//! What each step sees: windows, negatives, dropout masks. All of it is a pure function of seed,
//! epoch and step, so that CPU and WebGPU see the same numbers and a checkpoint needs no state of a
//! generator.

use recommender::random::{Rng, mix};

use super::{Config, Sequences};
use crate::rows::Rows;
use crate::shard::{Candidates, Shard};

/// Windows per shard on the CPU: small enough that a shard's tensors stay in a core's cache. Fixed,
/// because sums in another order are other numbers.
const SHARD: usize = 16;

/// Share of the negatives drawn by popularity^[`POWER`]; the others are uniform.
const POPULAR: f64 = 0.5;
const POWER: f64 = 0.75;

/// A stream of random numbers of its own for each purpose.
pub(super) fn stream(seed: u64, purpose: u64, at: u64) -> Rng {
    Rng::new(mix(seed ^ mix(purpose.wrapping_mul(0x9E37_79B9) ^ mix(at))))
}

const ORDER: u64 = 1;
const NEGATIVES: u64 = 2;
const DROPOUT: u64 = 3;

/// Part of a training sequence: `length` tokens from `start`; the targets are one further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) sequence: usize,
    pub(super) start: usize,
    pub(super) length: usize,
}

/// The windows of an epoch, in the order in which they are trained. Sequences longer than `history`
/// are cut at places that change every epoch; each event but the first is a target exactly once.
pub(super) fn windows(data: &Sequences, config: &Config, epoch: usize) -> Vec<Window> {
    let mut rng = stream(config.seed, ORDER, epoch as u64);
    let mut all = Vec::new();
    for (sequence, items) in data.train.iter().enumerate() {
        let tokens = items.len().saturating_sub(1);
        let mut start = 0;
        let mut length = if tokens > config.history {
            1 + rng.below(config.history)
        } else {
            config.history
        };
        while start < tokens {
            let length_here = length.min(tokens - start);
            all.push(Window {
                sequence,
                start,
                length: length_here,
            });
            start += length_here;
            length = config.history;
        }
    }
    rng.shuffle(&mut all);
    all
}

/// Where negatives come from.
#[derive(Clone, Debug)]
pub(super) struct Negatives {
    /// Cumulated probabilities of popularity^a.
    cumulated: Vec<f64>,
    /// ln(count × probability) per item, for the logQ correction.
    expected: Vec<f32>,
}

impl Negatives {
    pub(super) fn new(data: &Sequences, count: usize) -> Self {
        let mut seen = vec![0.0_f64; data.items];
        for &item in data.train.iter().flatten() {
            seen[item as usize] += 1.0;
        }
        let total: f64 = seen.iter().map(|n| n.powf(POWER)).sum();
        let uniform = (1.0 - POPULAR) / data.items as f64;
        let mut cumulated = Vec::with_capacity(data.items);
        let mut expected = Vec::with_capacity(data.items);
        let mut sum = 0.0;
        for n in seen {
            let popular = n.powf(POWER) / total;
            sum += popular;
            cumulated.push(sum);
            expected.push((count as f64 * (uniform + POPULAR * popular)).ln() as f32);
        }
        Self {
            cumulated,
            expected,
        }
    }

    fn draw(&self, rng: &mut Rng) -> u32 {
        let items = self.cumulated.len();
        if rng.next_u64() & 1 == 0 {
            return rng.below(items) as u32;
        }
        let place = (rng.next_u64() >> 11) as f64 / (1u64 << 53) as f64;
        let sum = place * self.cumulated[items - 1];
        self.cumulated
            .partition_point(|&below| below <= sum)
            .min(items - 1) as u32
    }

    /// The negatives of a step: the softmax over target and negatives, each negative's logit less
    /// the logarithm of how often it is expected among them, estimates the softmax over all items.
    pub(super) fn candidates(&self, rows: &Rows, config: &Config, step: usize) -> Candidates {
        let items: Vec<u32> = if config.negatives == 0 {
            (0..self.cumulated.len() as u32).collect()
        } else {
            let mut rng = stream(config.seed, NEGATIVES, step as u64);
            (0..config.negatives).map(|_| self.draw(&mut rng)).collect()
        };
        let offset = |item: &u32| match config.negatives {
            0 => 0.0,
            _ => -self.expected[*item as usize],
        };
        Candidates {
            rows: items
                .iter()
                .flat_map(|&item| rows.row(item))
                .copied()
                .collect(),
            offsets: items.iter().map(offset).collect(),
            items: items.iter().map(|&item| item as f32).collect(),
        }
    }
}

/// One part of a step's windows, and what its gradients have to be multiplied with.
#[derive(Clone, Debug, Default)]
pub(super) struct Part {
    pub(super) shard: Shard,
    /// Item of each token and of each target; padding has none.
    pub(super) places: Vec<Option<(u32, u32)>>,
    /// √d × embedding dropout, as the tokens were multiplied with, rows × d.
    pub(super) factors: Vec<f32>,
}

/// Cuts a step's windows into parts: shards on the CPU, one part on a GPU.
pub(super) fn parts(windows: &[Window], whole: bool) -> Vec<Vec<Window>> {
    let mut windows = windows.to_vec();
    // Alike lengths side by side: less padding. Stable, so the order is a function of the input.
    windows.sort_by_key(|window| window.length);
    let size = if whole { windows.len().max(1) } else { SHARD };
    windows.chunks(size).map(<[Window]>::to_vec).collect()
}

/// Gathers the numbers of one part. `positions` is the number of targets in the whole step.
pub(super) fn gather(
    data: &Sequences,
    rows: &Rows,
    config: &Config,
    windows: &[Window],
    (step, part): (usize, usize),
    positions: usize,
) -> Part {
    let d = config.shape.dim;
    let length = windows
        .iter()
        .map(|window| window.length)
        .max()
        .unwrap_or(1);
    let size = windows.len() * length;
    let mut out = Part {
        shard: Shard {
            length,
            tokens: vec![0.0; size * d],
            targets: vec![0.0; size * d],
            labels: vec![-1.0; size],
            weights: vec![0.0; size],
            dropout: Vec::new(),
        },
        places: vec![None; size],
        factors: Vec::new(),
    };
    let mut rng = stream(config.seed, DROPOUT, ((step as u64) << 20) | part as u64);
    let scale = (d as f32).sqrt();
    out.factors = mask(size * d, config.dropout, &mut rng);
    out.factors.iter_mut().for_each(|factor| *factor *= scale);
    if config.dropout > 0.0 {
        out.shard.dropout = (0..2 * config.shape.blocks)
            .map(|_| mask(size * d, config.dropout, &mut rng))
            .collect();
    }
    for (at, window) in windows.iter().enumerate() {
        let items = &data.train[window.sequence][window.start..=window.start + window.length];
        for (t, pair) in items.windows(2).enumerate() {
            let row = at * length + t;
            let place = row * d..(row + 1) * d;
            let token = rows.row(pair[0]).iter().zip(&out.factors[place.clone()]);
            for (out, (x, factor)) in out.shard.tokens[place.clone()].iter_mut().zip(token) {
                *out = x * factor;
            }
            out.shard.targets[place].copy_from_slice(rows.row(pair[1]));
            out.shard.labels[row] = pair[1] as f32;
            out.shard.weights[row] = 1.0 / positions as f32;
            out.places[row] = Some((pair[0], pair[1]));
        }
    }
    out
}

/// Inverted dropout: 0 with probability `dropout`, else 1/(1 − dropout). Four numbers per draw.
pub(crate) fn mask(size: usize, dropout: f32, rng: &mut Rng) -> Vec<f32> {
    if dropout <= 0.0 {
        return vec![1.0; size];
    }
    let threshold = (dropout * 65_536.0) as u64;
    let kept = 1.0 / (1.0 - dropout);
    let mut out = Vec::with_capacity(size + 3);
    while out.len() < size {
        let mut bits = rng.next_u64();
        for _ in 0..4 {
            out.push(if bits & 0xFFFF < threshold { 0.0 } else { kept });
            bits >>= 16;
        }
    }
    out.truncate(size);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data() -> Sequences {
        Sequences {
            items: 40,
            train: vec![(0..33).collect(), vec![1], vec![2, 3], (5..25).collect()],
            validation: vec![(vec![1, 2], 3)],
        }
    }

    #[test]
    fn every_event_but_the_first_is_a_target_once() {
        let config = Config {
            history: 7,
            ..Config::default()
        };
        let data = data();
        for epoch in 0..20 {
            let mut targets: Vec<(usize, usize)> = windows(&data, &config, epoch)
                .into_iter()
                .flat_map(|w| (w.start + 1..=w.start + w.length).map(move |t| (w.sequence, t)))
                .collect();
            targets.sort_unstable();
            let wanted: Vec<(usize, usize)> = data
                .train
                .iter()
                .enumerate()
                .flat_map(|(at, items)| (1..items.len()).map(move |t| (at, t)))
                .collect();
            assert_eq!(targets, wanted);
        }
        assert_ne!(windows(&data, &config, 0), windows(&data, &config, 1));
        assert_eq!(windows(&data, &config, 1), windows(&data, &config, 1));
    }

    #[test]
    fn negatives_follow_the_stated_distribution() {
        let mut data = data();
        data.train.push(vec![7; 200]);
        let count = 1000;
        let negatives = Negatives::new(&data, count);
        let mut rng = Rng::new(3);
        let draws = 400_000;
        let mut seen = vec![0.0_f64; data.items];
        for _ in 0..draws {
            seen[negatives.draw(&mut rng) as usize] += 1.0;
        }
        for (item, seen) in seen.iter().enumerate() {
            let wanted = f64::from(negatives.expected[item].exp()) / count as f64;
            let share = seen / f64::from(draws);
            assert!((share - wanted).abs() < 0.002, "{item}: {share} {wanted}");
        }
        let total: f64 = negatives.expected.iter().map(|x| f64::from(x.exp())).sum();
        assert!((total / count as f64 - 1.0).abs() < 1e-4);
    }

    #[test]
    fn masks_keep_the_mean() {
        let mask = mask(100_001, 0.3, &mut Rng::new(1));
        assert_eq!(mask.len(), 100_001);
        let mean = mask.iter().sum::<f32>() / mask.len() as f32;
        assert!((mean - 1.0).abs() < 0.01, "{mean}");
    }
}
