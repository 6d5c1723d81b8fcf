//! Tuning on validation: counting, decays, taste and fusion weights, by NDCG@10.
//!
//! Every expert but the encoder, which has been trained, is tuned alone, one setting at a time over a
//! printed grid (coordinate search, two rounds). The fusion weights are then fitted by maximum likelihood, with a coarse look at NDCG@10.

use std::sync::Arc;

use crate::build::{self, Counting};
use crate::catalogue::ItemIndex;
use crate::evaluate::leave_one_out::{self, Case, Scored};
use crate::evaluate::metrics::Report;
use crate::expert::decayed::DecayedRows;
use crate::hyper::{EXPERTS, Expert, Hyper};
use crate::learner::Base;
use crate::log::InteractionLog;
use crate::pack::Pack;
use crate::rank::mean_place;
use crate::sparse::SparseTable;

/// One thing that can be set, with the values to try.
struct Knob<S> {
    name: &'static str,
    grid: &'static [f32],
    get: fn(&S) -> f32,
    set: fn(&mut S, f32),
}

/// Tries each knob's grid in turn, keeping what is better; two rounds. Tells `see` of every trial.
fn search<S: Clone>(
    start: S,
    knobs: &[Knob<S>],
    value: impl Fn(&S) -> f64,
    mut see: impl FnMut(&str, f32, f64),
) -> (S, f64) {
    let mut best = (start.clone(), value(&start));
    for _ in 0..2 {
        let before = best.1;
        for knob in knobs {
            let had = (knob.get)(&best.0);
            for &choice in knob.grid.iter().filter(|&&choice| choice != had) {
                let mut trial = best.0.clone();
                (knob.set)(&mut trial, choice);
                let got = value(&trial);
                see(knob.name, choice, got);
                if got > best.1 {
                    best = (trial, got);
                }
            }
        }
        if best.1 <= before {
            break;
        }
    }
    best
}

#[derive(Clone)]
struct Settings {
    counting: Counting,
    hyper: Hyper,
}

const NEIGHBOURS: &[Knob<Settings>] = &[
    Knob {
        name: "neighbours_decay",
        grid: &[0.2, 0.35, 0.5, 0.7, 0.8, 0.9, 0.95],
        get: |s| s.hyper.neighbours_decay,
        set: |s, x| s.hyper.neighbours_decay = x,
    },
    Knob {
        name: "shrink",
        grid: &[0.0, 3.0, 10.0, 30.0],
        get: |s| s.counting.shrink,
        set: |s, x| s.counting.shrink = x,
    },
];

const NEXT: &[Knob<Settings>] = &[
    Knob {
        name: "next_decay",
        grid: &[0.5, 0.7, 0.8, 0.9, 0.95],
        get: |s| s.hyper.next_decay,
        set: |s, x| s.hyper.next_decay = x,
    },
    Knob {
        name: "window",
        grid: &[5.0, 10.0, 20.0, 50.0, 100.0],
        get: |s| s.counting.window as f32,
        set: |s, x| s.counting.window = x as usize,
    },
    Knob {
        name: "gap_decay",
        grid: &[0.5, 0.7, 0.8, 0.9, 0.95, 0.98],
        get: |s| s.counting.gap_decay,
        set: |s, x| s.counting.gap_decay = x,
    },
    Knob {
        name: "next_power",
        grid: &[0.5, 0.7, 1.0],
        get: |s| s.counting.next_power,
        set: |s, x| s.counting.next_power = x,
    },
    Knob {
        name: "next_popularity",
        grid: &[0.0, 0.1, 0.2, 0.35, 0.5],
        get: |s| s.counting.next_popularity,
        set: |s, x| s.counting.next_popularity = x,
    },
];

const RECENT: &[Knob<Settings>] = &[Knob {
    name: "recent_half_life_days",
    grid: &[7.0, 30.0, 90.0, 365.0, 1000.0],
    get: |s| s.hyper.recent_half_life_days,
    set: |s, x| s.hyper.recent_half_life_days = x,
}];

const CONTENT: &[Knob<Settings>] = &[Knob {
    name: "content_decay",
    grid: &[0.5, 0.7, 0.8, 0.9, 0.95, 0.98],
    get: |s| s.hyper.content_decay,
    set: |s, x| s.hyper.content_decay = x,
}];

const TASTE: &[Knob<Settings>] = &[
    Knob {
        name: "taste_memory",
        grid: &[0.7, 0.8, 0.9, 0.95, 0.98, 0.998, 1.0],
        get: |s| s.hyper.taste_memory,
        set: |s, x| s.hyper.taste_memory = x,
    },
    Knob {
        name: "taste_unobserved",
        grid: &[0.0, 0.003, 0.01, 0.03, 0.1, 0.3],
        get: |s| s.hyper.taste_unobserved,
        set: |s, x| s.hyper.taste_unobserved = x,
    },
    Knob {
        name: "taste_ridge",
        grid: &[0.1, 0.3, 1.0, 3.0, 10.0, 30.0],
        get: |s| s.hyper.taste_ridge,
        set: |s, x| s.hyper.taste_ridge = x,
    },
];

/// What tuning found.
#[derive(Clone, Debug)]
pub struct Tuned {
    /// Counting settings.
    pub counting: Counting,
    /// Learner settings, fusion weights included, with the fusion's learning switched on.
    pub hyper: Hyper,
    /// Validation NDCG@10 of each expert alone, in the order of [`Expert::ALL`].
    pub alone: [f64; EXPERTS],
    /// Validation NDCG@10 of the fusion.
    pub fused: f64,
}

/// Tunes on the last choice of each visitor in `log`; tables are counted from everything before it.
///
/// `pack` gives catalogue, vectors and the settings to start from; its tables are not looked at.
/// At most `visitors` visitors, evenly spread, are ranked for. `see` gets a line per trial.
pub fn tune(
    pack: &Pack,
    log: &InteractionLog,
    start: &Counting,
    visitors: usize,
    mut see: impl FnMut(&str),
) -> Tuned {
    let items = pack.catalogue.len();
    let train = log.without_last(1);
    let mut cases = leave_one_out::cases(log, 1);
    let stride = cases.len().div_ceil(visitors.max(1)).max(1);
    cases = cases.into_iter().step_by(stride).collect();
    let settings = Settings {
        counting: start.clone(),
        hyper: pack.hyper.clone(),
    };
    let mut line =
        |name: &str, choice: f32, got: f64| see(&format!("{name} = {choice}: NDCG@10 {got:.4}"));

    let by_rows = |table: &SparseTable, decay: f32| {
        report(&cases, |case| {
            let mut sum = DecayedRows::new(items, decay);
            for interaction in case.history {
                sum.step();
                sum.add(table, interaction.item, 1.0, 0);
            }
            sum.scaled().0.to_vec()
        })
    };
    let (settings, _) = search(
        settings,
        NEIGHBOURS,
        |s| {
            by_rows(
                &build::neighbours(&train, items, &s.counting),
                s.hyper.neighbours_decay,
            )
        },
        &mut line,
    );
    let (settings, _) = search(
        settings,
        NEXT,
        |s| by_rows(&build::next(&train, items, &s.counting), s.hyper.next_decay),
        &mut line,
    );
    let (settings, _) = search(
        settings,
        RECENT,
        |s| {
            let recent = build::counts(&train, items, &s.hyper).1;
            report(&cases, |_| recent.clone())
        },
        &mut line,
    );
    let alone = |s: &Settings, expert: Expert| {
        let pack = Pack {
            hyper: Hyper {
                fusion_rate: 0.0,
                ..s.hyper.clone()
            },
            // It would encode every history for every trial, and is not asked.
            encoder: None,
            ..pack.clone()
        };
        let base = Arc::new(Base::new(pack));
        report(&cases, |case| {
            let learner = leave_one_out::learner_of(&base, case);
            (0..items as u32)
                .map(|i| learner.expert_scores(ItemIndex(i))[expert.index()])
                .collect()
        })
    };
    let (settings, _) = search(settings, CONTENT, |s| alone(s, Expert::Content), &mut line);
    let (settings, _) = search(settings, TASTE, |s| alone(s, Expert::Taste), &mut line);

    let mut tuned = count(pack, &train, &settings.counting, &settings.hyper);
    tuned.hyper.fusion_rate = 0.0;
    let base = Arc::new(Base::new(tuned));
    let scored: Vec<Scored> = cases
        .iter()
        .map(|case| leave_one_out::score_case(&base, case))
        .collect();
    let alone = Expert::ALL.map(|expert| {
        let mut weights = [0.0; EXPERTS];
        weights[expert.index()] = 1.0;
        leave_one_out::evaluate(&scored, &weights, false).ndcg10()
    });
    let (weights, fused) = fit_weights(&scored);
    see(&format!("fusion weights {weights:?}: NDCG@10 {fused:.4}"));
    let learning = Hyper::default();
    Tuned {
        counting: settings.counting,
        hyper: Hyper {
            weights,
            fusion_rate: learning.fusion_rate,
            fusion_share: learning.fusion_share,
            ..settings.hyper
        },
        alone,
        fused,
    }
}

/// The pack with its tables counted from `log`.
pub fn count(pack: &Pack, log: &InteractionLog, counting: &Counting, hyper: &Hyper) -> Pack {
    let items = pack.catalogue.len();
    let (counts, recent) = build::counts(log, items, hyper);
    Pack {
        counts,
        recent,
        neighbours: build::neighbours(log, items, counting),
        next: build::next(log, items, counting),
        hyper: hyper.clone(),
        ..pack.clone()
    }
}

/// NDCG@10 of a scoring function over the cases; the cases are shared among the processor's threads.
fn report(cases: &[Case<'_>], scores: impl Fn(&Case<'_>) -> Vec<f32> + Sync) -> f64 {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let chunk = cases.len().div_ceil(threads).max(1);
    let place = |case: &Case<'_>| {
        let scores = scores(case);
        let mut allowed = vec![true; scores.len()];
        case.history
            .iter()
            .for_each(|interaction| allowed[interaction.item.row()] = false);
        let row = case.target.row();
        allowed[row].then(|| mean_place(&scores, &allowed, row))
    };
    let places = std::thread::scope(|scope| {
        let place = &place;
        let mut parts = Vec::new();
        for part in cases.chunks(chunk) {
            parts.push(scope.spawn(move || part.iter().filter_map(place).collect::<Vec<f32>>()));
        }
        let joined = parts
            .into_iter()
            .map(|part| part.join().expect("scoring does not panic"));
        joined.flatten().collect()
    });
    Report {
        places,
        lists: Vec::new(),
    }
    .ndcg10()
}

/// Fusion weights ≥ 0: maximum likelihood of the targets under the softmax over the catalogue (Adam,
/// full batch), then a coarse look at NDCG@10. Returns the weights and their NDCG@10.
pub fn fit_weights(scored: &[Scored]) -> ([f32; EXPERTS], f64) {
    let scale = deviations(scored);
    // In units of standard deviations, so that one step size fits all.
    let mut weights = scale.map(|s| if s > 0.0 { 0.3 / s } else { 0.0 });
    let (mut first, mut second) = ([0.0f32; EXPERTS], [0.0f32; EXPERTS]);
    for step in 1..=150 {
        let gradient = likelihood_gradient(scored, &weights);
        for e in 0..EXPERTS {
            if scale[e] <= 0.0 {
                continue;
            }
            let g = gradient[e] / scale[e];
            first[e] = 0.9 * first[e] + 0.1 * g;
            second[e] = 0.99 * second[e] + 0.01 * g * g;
            let rate = 0.1 / (1.0 + step as f32 / 50.0);
            let mean = first[e] / (1.0 - 0.9f32.powi(step));
            let spread = (second[e] / (1.0 - 0.99f32.powi(step))).sqrt() + 1e-6;
            weights[e] = (weights[e] - rate * mean / spread / scale[e]).clamp(0.0, 1e4);
        }
    }
    refine(scored, weights)
}

/// Popularity always counts this much: nothing beside the other experts, but it orders the list of a
/// visitor who has done nothing yet, and breaks ties.
const POPULARITY_FLOOR: f32 = 0.01;

/// Likelihood rewards knowing which items are hopeless, NDCG@10 only the top: so each weight may go to
/// 0 or grow threefold where validation likes that better. One pass over a coarse grid, since a fine
/// search follows the noise of a few hundred visitors.
fn refine(scored: &[Scored], weights: [f32; EXPERTS]) -> ([f32; EXPERTS], f64) {
    let value = |w: &[f32; EXPERTS]| leave_one_out::evaluate(scored, w, false).ndcg10();
    let mut weights = weights;
    weights[Expert::Popularity.index()] = weights[Expert::Popularity.index()].max(POPULARITY_FLOOR);
    let mut best = (weights, value(&weights));
    for expert in 0..EXPERTS {
        for factor in [0.0, 3.0] {
            let mut trial = best.0;
            trial[expert] = (weights[expert] * factor).min(1e4);
            let popularity = Expert::Popularity.index();
            trial[popularity] = trial[popularity].max(POPULARITY_FLOOR);
            let got = value(&trial);
            if got > best.1 {
                best = (trial, got);
            }
        }
    }
    best
}

/// Standard deviation of each expert's scores over all cases and items.
fn deviations(scored: &[Scored]) -> [f32; EXPERTS] {
    let (mut sum, mut squares, mut n) = ([0.0f64; EXPERTS], [0.0f64; EXPERTS], 0.0f64);
    for scores in scored.iter().flat_map(|case| &case.scores) {
        n += 1.0;
        for e in 0..EXPERTS {
            sum[e] += f64::from(scores[e]);
            squares[e] += f64::from(scores[e]).powi(2);
        }
    }
    let mut out = [0.0; EXPERTS];
    for e in 0..EXPERTS {
        let mean = sum[e] / n.max(1.0);
        out[e] = (squares[e] / n.max(1.0) - mean * mean).max(0.0).sqrt() as f32;
    }
    out
}

/// Mean over cases of E_p[s] − s(target), the gradient of the mean loss.
fn likelihood_gradient(scored: &[Scored], weights: &[f32; EXPERTS]) -> [f32; EXPERTS] {
    let mut gradient = [0.0f32; EXPERTS];
    let mut n = 0.0f32;
    for case in scored.iter().filter(|case| case.allowed[case.target.row()]) {
        let fused = case.fuse(weights);
        let allowed = || {
            fused
                .iter()
                .zip(&case.scores)
                .zip(&case.allowed)
                .filter(|(_, a)| **a)
                .map(|(x, _)| x)
        };
        let top = allowed().map(|(f, _)| *f).fold(f32::NEG_INFINITY, f32::max);
        let (mut total, mut expected) = (0.0f32, [0.0f32; EXPERTS]);
        for (f, scores) in allowed() {
            let mass = (f - top).exp();
            total += mass;
            for e in 0..EXPERTS {
                expected[e] += mass * scores[e];
            }
        }
        n += 1.0;
        for e in 0..EXPERTS {
            gradient[e] += expected[e] / total - case.scores[case.target.row()][e];
        }
    }
    gradient.map(|g| g / n.max(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two experts: one always puts the target first, one is noise.
    fn cases() -> Vec<Scored> {
        let mut rng = crate::random::Rng::new(4);
        let case = |target: u32| {
            let scores = (0..30).map(|item| {
                let mut scores = [0.0; EXPERTS];
                scores[Expert::Taste.index()] = if item == target {
                    1.0
                } else {
                    rng.unit() * 0.9
                };
                scores[Expert::Content.index()] = rng.normal();
                scores
            });
            Scored {
                scores: scores.collect(),
                allowed: vec![true; 30],
                target: ItemIndex(target),
                untied: true,
            }
        };
        (0..60).map(|n| n % 30).map(case).collect()
    }

    #[test]
    fn weights_go_to_the_expert_that_knows_and_popularity_keeps_its_floor() {
        let (weights, ndcg) = fit_weights(&cases());
        assert!(ndcg > 0.9, "{ndcg}");
        let of = |expert: Expert| weights[expert.index()];
        assert!(
            of(Expert::Taste) > 20.0 * of(Expert::Content).max(0.01),
            "{weights:?}"
        );
        assert_eq!(of(Expert::Popularity), POPULARITY_FLOOR);
    }
}
