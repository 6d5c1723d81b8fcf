//! An exponential that compilers vectorise.

/// 1.5 · 2²³: added to a number below 2²² it leaves the nearest whole number in the low bits.
const ROUND: f32 = 12_582_912.0;

/// eˣ with a relative error below 3e-7; x is held to −87 .. 88, so that the result is a normal number.
#[inline(always)]
pub(crate) fn exp(x: f32) -> f32 {
    let x = x.clamp(-87.0, 88.0);
    let rounded = x * std::f32::consts::LOG2_E + ROUND;
    let k = rounded - ROUND;
    // ln 2 in two parts, so that k · ln 2 loses nothing.
    let r = x - k * 0.693_359_4 - k * -2.121_944_4e-4;
    let mut p = 1.987_569_1e-4;
    p = p * r + 1.398_199_9e-3;
    p = p * r + 8.333_452e-3;
    p = p * r + 4.166_579_6e-2;
    p = p * r + 1.666_666_5e-1;
    p = p * r + 0.5;
    let value = p * r * r + r + 1.0;
    value * f32::from_bits((rounded.to_bits() << 23).wrapping_add(0x3F80_0000))
}

#[cfg(test)]
mod tests {
    #[test]
    fn is_the_exponential() {
        for step in -8700..8800 {
            let x = step as f32 * 0.01;
            let exact = f64::from(x).exp();
            let error = (f64::from(super::exp(x)) / exact - 1.0).abs();
            assert!(error < 3e-7, "exp({x}): relative error {error}");
        }
        assert!(super::exp(-1e9) < 1e-37 && super::exp(1e9).is_finite());
    }
}
