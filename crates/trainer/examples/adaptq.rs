//! Scratch.
#[path = "../tests/common/mod.rs"]
mod common;
use common::*;
use recommender::{encoder::*, kernel};
use std::sync::Arc;
use trainer::{
    Backend,
    adapt::*,
    pretrain::{Pretraining, sample_pool},
};
fn env<T: std::str::FromStr>(name: &str, or: T) -> T {
    std::env::var(name)
        .ok()
        .and_then(|v| v.parse().ok())
        .unwrap_or(or)
}
fn loss(model: &Model, values: &[f32], tokens: &[u32], from: usize) -> f32 {
    let base = Encoder::new(&model.weights);
    let encoder = if values.is_empty() {
        base
    } else {
        base.adapted(&model.weights, model.adapter_seed, values)
            .unwrap()
    };
    let mut state = State::new(&encoder);
    let mut scores = vec![0.0; model.weights.items()];
    let mut sum = 0.0;
    for (place, &token) in tokens.iter().enumerate() {
        if place >= from {
            kernel::score_rows(encoder.table(), state.user(), &mut scores);
            let most = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            let total: f32 = scores.iter().map(|s| (s - most).exp()).sum();
            sum += total.ln() + most - scores[token as usize];
        }
        state.push(&encoder, token);
    }
    sum / (tokens.len() - from) as f32
}
fn main() {
    let known = env("KNOWN", 1000);
    let (items, all) = ml_latest_small().unwrap();
    let all = most_chosen(items, &all, known);
    let (base, others): (Vec<_>, Vec<_>) =
        all.into_iter().enumerate().partition(|(at, _)| at % 2 == 0);
    let base: Vec<Vec<u32>> = base.into_iter().map(|(_, t)| t).collect();
    let mut starts = vec![0.0; known];
    base.iter()
        .flatten()
        .for_each(|&i| starts[i as usize] += 1.0);
    let config = trainer::pretrain::Config {
        history: env("HISTORY", 40),
        batch: env("BATCH", 32),
        negatives: env("NEG", 256),
        epochs: env("EPOCHS", 12),
        learning_rate: env("LR", 2e-3),
        dropout: env("DROPOUT", 0.2),
        warmup: 20,
        ..Default::default()
    };
    let data = sequences(known, &base);
    let path = std::env::var("CKPT").unwrap_or("/tmp/adapt.ckpt".into());
    let mut t = match std::fs::read(&path) {
        Ok(b) => Pretraining::resume(Backend::cpu(), &b, data).unwrap(),
        _ => {
            let mut t =
                Pretraining::new(Backend::cpu(), config, data, random_table(known, 64, 2)).unwrap();
            let s = std::time::Instant::now();
            let all = now(run(&mut t, |_| ()));
            println!(
                "{:?} {:?}",
                all.iter()
                    .map(|v| (v.ndcg10 * 1e4) as i32)
                    .collect::<Vec<_>>(),
                s.elapsed()
            );
            std::fs::write(&path, t.checkpoint()).unwrap();
            t
        }
    };
    let _ = t.next();
    let weights = t.best().unwrap();
    let pool = sample_pool(&weights, env("POOL", 64), env("POOLLEN", 40), &starts, 3).unwrap();
    let model = Arc::new(Model {
        weights,
        precision: Precision::Full,
        adapter_seed: 11,
        pool,
    });
    let c = Config {
        window: env("AW", 32),
        own: env("OWN", 2),
        replay: env("REPLAY", 2),
        candidates: env("CAND", 128),
        learning_rate: env("ALR", 3e-3),
        dropout: env("ADROP", 0.1),
        distillation: env("DIST", 1.0),
        weight_decay: env("AWD", 0.01),
        seed: 1,
    };
    let (mut b, mut a, mut u, mut n, mut acc) = (0.0, 0.0, 0.0, 0, 0);
    let steps = env("STEPS", 2);
    let updates = env("UPDATES", 30);
    for (_, tokens) in others
        .iter()
        .filter(|(_, t)| t.len() >= 60)
        .take(env("VISITORS", 20))
    {
        let from = tokens.len() * 4 / 5;
        let mut ad = Adaptation::new(Backend::cpu(), Arc::clone(&model), c.clone(), &[]).unwrap();
        ad.set_history(&tokens[..from]).unwrap();
        for _ in 0..updates {
            let o = now(ad.update(steps)).unwrap();
            acc += usize::from(o.refused.is_none());
            if env("SEE", 0) > n {
                println!(
                    "{:?} own {:.3} {:.3} {:.3} replay {:.3} {:.3} n {} {:?}",
                    o.refused,
                    o.base.own,
                    o.before.own,
                    o.after.own,
                    o.base.replay,
                    o.after.replay,
                    o.after.choices,
                    o.last
                );
            }
        }
        b += loss(&model, &[], tokens, from);
        a += loss(&model, ad.values(), tokens, from);
        u += loss(&model, ad.candidate(), tokens, from);
        n += 1;
    }
    let n = n as f32;
    println!(
        "base {:.4} accepted {:.4} candidate {:.4} accepted {} of {}",
        b / n,
        a / n,
        u / n,
        acc,
        n * updates as f32
    );
}
