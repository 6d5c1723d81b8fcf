//! From numbers to places in a small chart.

/// A vertical axis: its ends and the steps between them.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// Value at the bottom.
    pub low: f32,
    /// Value at the top, above `low`.
    pub high: f32,
    /// Values with a line, from low to high.
    pub ticks: Vec<f32>,
}

impl Axis {
    /// An axis around all finite `values`, with two to five round ticks; from zero if `zero`.
    pub fn around(values: impl IntoIterator<Item = f32>, zero: bool) -> Self {
        let mut low = f32::INFINITY;
        let mut high = f32::NEG_INFINITY;
        for value in values.into_iter().filter(|value| value.is_finite()) {
            low = low.min(value);
            high = high.max(value);
        }
        if low > high {
            (low, high) = (0.0, 1.0);
        }
        if zero {
            low = 0.0;
        }
        // A flat line is drawn in the middle of something.
        let span = (high - low).max(1e-3 * high.abs()).max(1e-6);
        let step = round_step(span / 3.0);
        let first = (low / step).floor() as i32;
        let last = (high / step - 1e-4).ceil().max((low / step).floor() + 1.0) as i32;
        Self {
            low: first as f32 * step,
            high: last as f32 * step,
            ticks: (first..=last).map(|tick| tick as f32 * step).collect(),
        }
    }

    /// Where a value is between bottom (0) and top (1).
    pub fn place(&self, value: f32) -> f32 {
        ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0)
    }

    /// Decimals that tell the ticks apart.
    pub fn decimals(&self) -> usize {
        let step = self
            .ticks
            .get(1)
            .map_or(1.0, |second| second - self.ticks[0]);
        (-step.log10().floor()).clamp(0.0, 6.0) as usize
    }
}

/// The next of 1, 2, 5 times a power of ten.
fn round_step(least: f32) -> f32 {
    let power = 10.0_f32.powf(least.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .find(|step| step * power >= least * 0.999);
    step.unwrap_or(10.0) * power
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_hold_every_value() {
        for (values, zero) in [
            (vec![6.93, 6.1, 5.874], false),
            (vec![0.121, 0.214], true),
            (vec![0.0], true),
            (vec![5.0], false),
            (vec![], false),
            (vec![f32::NAN, 3.0, 1e6], true),
        ] {
            let axis = Axis::around(values.clone(), zero);
            assert!(axis.low < axis.high, "{axis:?}");
            assert!((2..=6).contains(&axis.ticks.len()), "{axis:?}");
            assert_eq!(axis.ticks.first(), Some(&axis.low));
            assert_eq!(axis.ticks.last(), Some(&axis.high));
            for value in values.into_iter().filter(|v| v.is_finite()) {
                assert!(value >= axis.low && value <= axis.high + 1e-6, "{axis:?}");
            }
        }
        let axis = Axis::around([0.121, 0.214], true);
        assert_eq!((axis.low, axis.decimals()), (0.0, 1));
        assert!((axis.place(axis.high) - 1.0).abs() < 1e-6);
    }
}
