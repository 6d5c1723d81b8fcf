//! What one more event costs the encoder.

use recommender::encoder::{Encoder, Shape, State};
use recommender::random::Rng;

use crate::report::Report;
use crate::world;

/// Events that the visitor has made before anything is measured.
const HISTORY: u32 = 200;
const ITEMS: usize = 1_000;
const SAMPLES: usize = 200;
/// Allowed for one event, in microseconds.
const BUDGET: f64 = 300.0;

/// Measures the usual window, and one that holds the whole history.
pub fn measure(report: &mut Report) {
    for window in [Shape::default().window, HISTORY as usize] {
        let shape = Shape {
            window,
            ..Shape::default()
        };
        let encoder = Encoder::new(&world::weights(shape, ITEMS));
        let mut state = State::new(&encoder);
        for token in 0..HISTORY {
            state.push(&encoder, token);
        }
        let mut rng = Rng::new(5);
        let times = report.times(SAMPLES, 8, || {
            state.push(&encoder, rng.below(ITEMS) as u32);
        });
        let name = format!("encode one event after {HISTORY}, window {window}");
        report.row_with_target(&name, &times, BUDGET);
    }
}
