//! AdamW (Loshchilov and Hutter 2019) on the host's numbers: one pass over one vector instead of
//! a dozen small tensor operations for each of thirty tensors.

pub(crate) const BETA1: f32 = 0.9;
/// Below the usual 0.999, as is usual for sequential recommendation: item gradients are sparse.
pub(crate) const BETA2: f32 = 0.98;
const EPSILON: f32 = 1e-8;

/// Rates of one step.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Adam {
    pub(crate) learning_rate: f32,
    pub(crate) weight_decay: f32,
}

impl Adam {
    /// Step number `update` (from 1) of `values`, with the gradient scaled by `clip`.
    #[allow(clippy::too_many_arguments)] // Four vectors that belong together; a struct would copy.
    pub(crate) fn update(
        &self,
        values: &mut [f32],
        first: &mut [f32],
        second: &mut [f32],
        gradients: &[f32],
        update: u32,
        clip: f32,
        decayed: bool,
    ) {
        let step = i32::try_from(update).unwrap_or(i32::MAX);
        let rate = self.learning_rate / (1.0 - BETA1.powi(step));
        let correction = 1.0 / (1.0 - BETA2.powi(step));
        let kept = if decayed {
            1.0 - self.learning_rate * self.weight_decay
        } else {
            1.0
        };
        let moments = first.iter_mut().zip(second);
        for ((value, gradient), (first, second)) in values.iter_mut().zip(gradients).zip(moments) {
            let gradient = gradient * clip;
            *first = BETA1 * *first + (1.0 - BETA1) * gradient;
            *second = BETA2 * *second + (1.0 - BETA2) * gradient * gradient;
            *value = *value * kept - rate * *first / ((*second * correction).sqrt() + EPSILON);
        }
    }
}
