//! Repeats, sorts, prints.

use std::hint::black_box;

use crate::clock::Clock;

/// Times of one piece of work, in microseconds.
pub struct Times(Vec<f64>);

impl Times {
    /// Takes the samples.
    pub fn new(mut micros: Vec<f64>) -> Self {
        micros.sort_by(f64::total_cmp);
        Self(micros)
    }

    /// Half of the samples took no longer.
    pub fn median(&self) -> f64 {
        self.at(0.5)
    }

    /// 95 of 100 samples took no longer.
    pub fn p95(&self) -> f64 {
        self.at(0.95)
    }

    fn at(&self, share: f64) -> f64 {
        let last = self.0.len().saturating_sub(1);
        self.0
            .get((last as f64 * share).round() as usize)
            .copied()
            .unwrap_or(f64::NAN)
    }
}

/// The table under construction.
pub struct Report {
    clock: Clock,
}

impl Report {
    /// Prints the head.
    pub fn new(clock: Clock) -> Self {
        clock.tell(&["", "median", "p95", "target", ""]);
        Self { clock }
    }

    /// Runs `work` once; microseconds.
    ///
    /// Never inlined: a browser compiles a function well only after it was called some times, and
    /// work that became part of a function that is called once would stay slow.
    #[inline(never)]
    pub fn time<T>(&self, work: impl FnOnce() -> T) -> f64 {
        let start = self.clock.micros();
        black_box(work());
        self.clock.micros() - start
    }

    /// Runs `work` so often. Each sample is the mean over a batch, for work that is short beside the
    /// clock's steps.
    pub fn times<T>(&self, samples: usize, batch: usize, mut work: impl FnMut() -> T) -> Times {
        let mut sample = || {
            let run = || {
                for _ in 0..batch {
                    black_box(work());
                }
            };
            self.time(run) / batch as f64
        };
        sample(); // Not counted: caches and the browser's compiler warm up.
        Times::new((0..samples).map(|_| sample()).collect())
    }

    /// A row of times.
    pub fn row(&self, name: &str, times: &Times) {
        self.clock
            .tell(&[name, &text(times.median()), &text(times.p95()), "", ""]);
    }

    /// A row of times whose p95 has a target, in microseconds.
    pub fn row_with_target(&self, name: &str, times: &Times, target: f64) {
        self.judge(name, times, target, times.p95());
    }

    /// A row of times whose median has a target, in microseconds.
    #[allow(dead_code)] // The learner's targets are all of p95.
    pub fn row_with_median_target(&self, name: &str, times: &Times, target: f64) {
        self.judge(name, times, target, times.median());
    }

    fn judge(&self, name: &str, times: &Times, target: f64, measured: f64) {
        self.clock.tell(&[
            name,
            &text(times.median()),
            &text(times.p95()),
            &format!("≤ {}", text(target)),
            verdict(measured, target),
        ]);
    }

    /// A row with a ratio and its target.
    pub fn ratio(&self, name: &str, ratio: f64, target: f64) {
        let verdict = verdict(ratio, target);
        let (ratio, target) = (format!("{ratio:.2} ×"), format!("≤ {target:.2} ×"));
        self.clock.tell(&[name, &ratio, "", &target, verdict]);
    }

    /// Nothing follows.
    pub fn end(&self) {
        self.clock.tell(&[]);
    }
}

fn verdict(measured: f64, target: f64) -> &'static str {
    if measured <= target { "met" } else { "missed" }
}

fn text(micros: f64) -> String {
    if micros < 1_000.0 {
        format!("{micros:.1} µs")
    } else {
        format!("{:.2} ms", micros / 1_000.0)
    }
}
