//! What a click costs, natively and in a browser's worker: `cargo xtask bench native` and
//! `cargo xtask bench wasm`. The same code, so the two tables can be laid side by side.

mod clock;
mod encoder;
mod kernel;
mod report;
mod stages;
mod world;

use report::Report;

/// The demo catalogue's size, the size that the budgets name, and ten times that; the last one not
/// in the browser, where counting its log takes minutes.
const SIZES: &[usize] = if cfg!(target_arch = "wasm32") {
    &[1_213, 10_000]
} else {
    &[1_213, 10_000, 100_000]
};

fn main() {
    let mut report = Report::new(clock::Clock::new());
    kernel::measure(&mut report);
    encoder::measure(&mut report);
    for items in SIZES {
        let pack = world::pack(*items);
        stages::measure(&mut report, &pack, "");
        stages::measure(&mut report, &world::encoded(pack), ", encoder");
    }
    report.end();
}
