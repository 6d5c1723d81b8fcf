//! What training costs: `cargo bench -p trainer`, and the same code in a browser's worker.
//!
//! Each row is a full step: gathering, forward, backward, and the update of network and item rows.
//! Natively with `--features threads` on all cores, as `honeyguide pretrain` runs.

#[path = "../../../recommender/benches/click/clock.rs"]
mod clock;
#[allow(dead_code)] // Of its kinds of rows, those with targets are enough here.
#[path = "../../../recommender/benches/click/report.rs"]
mod report;
mod world;

use report::Report;
use trainer::Backend;

fn main() {
    let report = Report::new(clock::Clock::new());
    warm_up();
    small_step(&report);
    adapter(&report);
    if cfg!(not(target_arch = "wasm32")) {
        batch(&report);
    }
    report.end();
}

/// A browser compiles what runs often a second time, well, and does so beside the first steps.
fn warm_up() {
    let mut training = world::small();
    for _ in 0..300 {
        world::step(&mut training);
    }
    let mut adaptation = world::adaptation(1_000, 50);
    for _ in 0..30 {
        world::update(&mut adaptation);
    }
}

/// A batch of pretraining on the command line.
fn batch(report: &Report) {
    let mut training = world::training(world::Size {
        items: 12_000,
        batch: 128,
        history: 50,
        negatives: 256,
        dropout: 0.2,
    });
    let threads = Backend::cpu().threads();
    let times = report.times(20, 1, || world::step(&mut training));
    let name =
        format!("pretraining step, 128 × 50, 256 negatives, 12,000 items, {threads} threads");
    report.row_with_median_target(&name, &times, 120_000.0);
}

/// The step that other libraries were timed with.
fn small_step(report: &Report) {
    let mut training = world::small();
    let times = report.times(200, 1, || world::step(&mut training));
    report.row_with_median_target("Adam step, 16 × 8 tokens, 64 candidates", &times, 7_000.0);
}

/// What one event of a visitor costs the trainer.
fn adapter(report: &Report) {
    let mut adaptation = world::adaptation(10_000, 200);
    let times = report.times(60, 1, || world::adapt(&mut adaptation));
    report.row_with_target("adapter step, 10,000 items", &times, 30_000.0);
    let times = report.times(60, 1, || world::update(&mut adaptation));
    report.row_with_target("adapter step and guard, 10,000 items", &times, 30_000.0);
}
