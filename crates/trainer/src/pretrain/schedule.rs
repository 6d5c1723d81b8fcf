//! The learning rate over time.

use super::Config;

/// Linear warm-up, then half a cosine down to a twentieth of the full rate. `progress` is the share
/// of all epochs that is done.
pub(super) fn learning_rate(config: &Config, step: usize, progress: f32) -> f32 {
    let warm = if step < config.warmup {
        (step + 1) as f32 / config.warmup as f32
    } else {
        1.0
    };
    let cosine = 0.5 * (1.0 + (std::f32::consts::PI * progress.clamp(0.0, 1.0)).cos());
    config.learning_rate * warm * (0.05 + 0.95 * cosine)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rises_then_falls() {
        let config = Config {
            learning_rate: 1.0,
            warmup: 10,
            ..Config::default()
        };
        assert!((learning_rate(&config, 0, 0.0) - 0.1).abs() < 1e-6);
        assert!((learning_rate(&config, 9, 0.0) - 1.0).abs() < 1e-6);
        assert!((learning_rate(&config, 500, 0.5) - 0.525).abs() < 1e-6);
        assert!((learning_rate(&config, 1000, 1.0) - 0.05).abs() < 1e-6);
    }
}
