//! Times the two kinds of steps on this device, on made-up choices: what a step costs does not
//! depend on what was chosen.

use std::sync::Arc;

use recommender::encoder::{Model, Precision, Shape, start_weights};
use recommender::random::Rng;
use trainer::adapt::{self, Adaptation};
use trainer::pretrain::{Config, Next, Pretraining, Sequences};
use trainer::{Backend, TrainError};

/// Most warm runs of each, and milliseconds after which no further one is started.
const RUNS: usize = 9;
const TIME_MS: f64 = 1_500.0;

/// What is timed, and how.
pub struct Probe {
    /// The device.
    pub backend: Backend,
    /// It is software: one run of each, cold, since a single one takes seconds.
    pub software: bool,
    /// Items of the page's catalogue.
    pub items: usize,
    /// The pack's encoder, if it has one.
    pub model: Option<Arc<Model>>,
    /// Decides what is made up.
    pub seed: u64,
}

impl Probe {
    /// Medians of warm steps in milliseconds: one of the adapter, one of pretraining, 32 × 50.
    ///
    /// # Errors
    /// The device fails.
    pub async fn run(&self, now: impl Fn() -> f64) -> Result<(f32, f32), TrainError> {
        let mut adaptation = self.adaptation()?;
        let mut times = Times::new(self.software);
        while times.wants_more() {
            let started = now();
            adaptation.step().await?;
            times.push(now() - started);
        }
        let adapt = times.median();
        drop(adaptation);
        let mut training = self.training()?;
        let mut times = Times::new(self.software);
        while times.wants_more() {
            while training.next() == Next::Validate {
                training.validate_some(1)?;
            }
            let started = now();
            training.step().await?;
            times.push(now() - started);
        }
        Ok((adapt, times.median()))
    }

    fn sequence(&self, length: usize, rng: &mut Rng) -> Vec<u32> {
        (0..length).map(|_| rng.below(self.items) as u32).collect()
    }

    fn table(&self, dim: usize, rng: &mut Rng) -> Vec<f32> {
        let scale = 1.0 / (dim as f32).sqrt();
        (0..self.items * dim)
            .map(|_| scale * rng.normal())
            .collect()
    }

    fn training(&self) -> Result<Pretraining, TrainError> {
        let mut rng = Rng::new(self.seed);
        let config = Config {
            history: 50,
            batch: 32,
            epochs: RUNS + 2,
            patience: RUNS + 2,
            seed: self.seed,
            ..Config::default()
        };
        let data = Sequences {
            items: self.items,
            train: (0..config.batch)
                .map(|_| self.sequence(config.history + 1, &mut rng))
                .collect(),
            validation: vec![(vec![0], 1)],
        };
        let table = self.table(config.shape.dim, &mut rng);
        Pretraining::new(self.backend.clone(), config, Arc::new(data), table)
    }

    fn adaptation(&self) -> Result<Adaptation, TrainError> {
        let mut rng = Rng::new(self.seed);
        let model = match &self.model {
            Some(model) => Arc::clone(model),
            None => Arc::new(self.made_up(&mut rng)?),
        };
        let config = adapt::Config {
            seed: self.seed,
            ..adapt::Config::default()
        };
        let history = self.sequence(2 * config.window, &mut rng);
        let mut adaptation = Adaptation::new(self.backend.clone(), model, config, &[])?;
        adaptation.set_history(&history)?;
        Ok(adaptation)
    }

    fn made_up(&self, rng: &mut Rng) -> Result<Model, TrainError> {
        let shape = Shape::default();
        let table = self.table(shape.dim, rng);
        Ok(Model {
            weights: start_weights(shape, self.items, table, self.seed)?,
            precision: Precision::Full,
            adapter_seed: self.seed,
            pool: (0..8).map(|_| self.sequence(40, rng)).collect(),
        })
    }
}

/// Times of a kind of step; the first run warms caches and compiles shaders.
struct Times {
    all: Vec<f64>,
    once: bool,
}

impl Times {
    fn new(once: bool) -> Self {
        let all = Vec::new();
        Self { all, once }
    }

    fn push(&mut self, time: f64) {
        self.all.push(time);
    }

    fn wants_more(&self) -> bool {
        match self.all.len() {
            0 => true,
            _ if self.once => false,
            1 => true,
            count => count <= RUNS && self.all.iter().sum::<f64>() < TIME_MS,
        }
    }

    fn median(&self) -> f32 {
        let mut warm = match self.all.as_slice() {
            [_, warm @ ..] if !warm.is_empty() => warm.to_vec(),
            all => all.to_vec(),
        };
        warm.sort_unstable_by(f64::total_cmp);
        warm.get(warm.len() / 2).copied().unwrap_or(f64::NAN) as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trainer::tests::now;

    #[test]
    fn times_both_kinds_within_bounds_and_on_software_once() {
        let runs = |software, step_ms: f64| {
            let clock = std::cell::Cell::new(0.0);
            let probe = Probe {
                backend: Backend::cpu(),
                software,
                items: 40,
                model: None,
                seed: 1,
            };
            // Every look at the clock costs: two looks are one step.
            let tick = || {
                clock.set(clock.get() + step_ms);
                clock.get()
            };
            let (adapt, pretrain) = now(probe.run(tick)).expect("the CPU works");
            assert_eq!((f64::from(adapt), f64::from(pretrain)), (step_ms, step_ms));
            clock.get() / step_ms / 4.0
        };
        assert_eq!(runs(false, 1.0), RUNS as f64 + 1.0);
        assert_eq!(runs(false, 1_000.0), 2.0);
        assert_eq!(runs(true, 1_000.0), 1.0);
    }

    #[test]
    fn the_median_leaves_the_cold_run_out() {
        let mut times = Times::new(false);
        [900.0, 3.0, 1.0, 2.0]
            .into_iter()
            .for_each(|time| times.push(time));
        assert_eq!(times.median(), 2.0);
        assert!(Times::new(false).median().is_nan());
    }
}
