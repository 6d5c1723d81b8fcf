//! Scratch: quality on ml-latest-small.
use recommender::{
    encoder::{Encoder, State, Weights},
    kernel,
    random::Rng,
};
use std::{
    collections::BTreeMap,
    future::Future,
    sync::Arc,
    task::{Context, Poll, Waker},
    time::Instant,
};
use trainer::{Backend, pretrain::*};
fn now<T>(f: impl Future<Output = T>) -> T {
    let mut f = std::pin::pin!(f);
    match f.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(v) => v,
        _ => panic!(),
    }
}
fn env<T: std::str::FromStr>(name: &str, or: T) -> T {
    std::env::var(name)
        .ok()
        .and_then(|v| v.parse().ok())
        .unwrap_or(or)
}
fn load() -> (usize, Vec<Vec<u32>>) {
    let text = std::fs::read_to_string("/work/shared/data/ml-latest-small/ratings.csv").unwrap();
    let mut users: BTreeMap<u32, Vec<(i64, u32)>> = BTreeMap::new();
    let mut ids = BTreeMap::new();
    let rows: Vec<(u32, u32, i64)> = text
        .lines()
        .skip(1)
        .map(|l| {
            let f: Vec<&str> = l.split(',').collect();
            (
                f[0].parse().unwrap(),
                f[1].parse().unwrap(),
                f[3].parse().unwrap(),
            )
        })
        .collect();
    for r in &rows {
        let n = ids.len() as u32;
        ids.entry(r.1).or_insert(n);
    }
    for r in &rows {
        users.entry(r.0).or_default().push((r.2, ids[&r.1]));
    }
    let seqs = users
        .into_values()
        .map(|mut v| {
            v.sort_by_key(|x| x.0);
            v.into_iter().map(|x| x.1).collect()
        })
        .collect();
    (ids.len(), seqs)
}
fn eval(w: &Weights, cases: &[(Vec<u32>, u32)]) -> (f64, f64) {
    let e = Encoder::new(w);
    let mut s = vec![0.0; w.items()];
    let (mut nd, mut hr) = (0.0, 0.0);
    for (h, t) in cases {
        let mut st = State::new(&e);
        for &i in &h[h.len().saturating_sub(e.shape().reach())..] {
            st.push(&e, i);
        }
        kernel::score_rows(e.table(), st.user(), &mut s);
        let own = s[*t as usize];
        for &i in h {
            s[i as usize] = f32::NEG_INFINITY;
        }
        let place = 1.0 + s.iter().filter(|x| **x > own).count() as f64;
        if place <= 10.0 {
            nd += 1.0 / (place + 1.0).log2();
            hr += 1.0;
        }
    }
    (nd / cases.len() as f64, hr / cases.len() as f64)
}
fn main() {
    let (items, seqs) = load();
    let test: Vec<(Vec<u32>, u32)> = seqs
        .iter()
        .map(|s| (s[..s.len() - 1].to_vec(), s[s.len() - 1]))
        .collect();
    let data = Arc::new(Sequences {
        items,
        train: seqs.iter().map(|s| s[..s.len() - 2].to_vec()).collect(),
        validation: seqs
            .iter()
            .map(|s| (s[..s.len() - 2].to_vec(), s[s.len() - 2]))
            .collect(),
    });
    let mut c = Config::default();
    c.shape.dim = env("DIM", 64);
    c.shape.heads = env("HEADS", 2);
    c.shape.hidden = env("HIDDEN", c.shape.dim * 2);
    c.shape.blocks = env("BLOCKS", 2);
    c.shape.window = env("WINDOW", 50);
    c.history = env("HISTORY", 50);
    c.batch = env("BATCH", 128);
    c.negatives = env("NEG", 512);
    c.epochs = env("EPOCHS", 100);
    c.learning_rate = env("LR", 1e-3);
    c.weight_decay = env("WD", 0.01);
    c.dropout = env("DROPOUT", 0.3);
    c.warmup = env("WARMUP", 50);
    c.clip_norm = env("CLIP", 1.0);
    c.patience = env("PATIENCE", 8);
    c.seed = env("SEED", 1);
    let scale: f32 = env("SCALE", 1.0);
    let d = c.shape.dim;
    let mut rng = Rng::new(5);
    let table: Vec<f32> = match std::env::var("TABLE") {
        Ok(p) => std::fs::read(p)
            .unwrap()
            .chunks_exact(4)
            .map(|b| f32::from_le_bytes(b.try_into().unwrap()) * scale)
            .collect(),
        _ => (0..items * d)
            .map(|_| scale * rng.normal() / (d as f32).sqrt())
            .collect(),
    };
    let mut p = Pretraining::new(Backend::cpu(), c, data, table).unwrap();
    let start = Instant::now();
    let mut last = None;
    let mut secs = 0.0;
    loop {
        match p.next() {
            Next::Step => {
                let t = Instant::now();
                last = Some(now(p.step()).unwrap());
                secs += t.elapsed().as_secs_f64();
            }
            Next::Validate => {
                if let Some(v) = p.validate_some(1000).unwrap() {
                    let l = last.unwrap();
                    let tst = if env("EVERY", 0) > 0 {
                        eval(&p.weights().unwrap(), &test).0
                    } else {
                        0.0
                    };
                    println!(
                        "epoch {} loss {:.3} norm {:.2} lr {:.5} ndcg {:.4} hr {:.4} test {:.4} step {:.3}s t {:.0}",
                        l.epoch,
                        l.epoch_loss,
                        l.gradient_norm,
                        l.learning_rate,
                        v.ndcg10,
                        v.hr10,
                        tst,
                        secs / l.step as f64,
                        start.elapsed().as_secs_f64()
                    );
                }
            }
            Next::Finished => break,
        }
    }
    let (nd, hr) = eval(&p.best().unwrap(), &test);
    println!(
        "best val {:?} TEST ndcg {:.4} hr {:.4} seconds {:.0}",
        p.best_validation(),
        nd,
        hr,
        start.elapsed().as_secs_f64()
    );
}
