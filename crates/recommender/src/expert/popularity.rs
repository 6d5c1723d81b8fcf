//! Popularity as a score: comparable between catalogues and with the other experts.

/// z-scores of ln(1 + count): 0 = an average item, 1 = one standard deviation above.
/// All zero when every count is the same.
pub fn standardised(counts: &[f32]) -> Vec<f32> {
    let logs: Vec<f32> = counts.iter().map(|count| count.ln_1p()).collect();
    let n = logs.len().max(1) as f32;
    let mean = logs.iter().sum::<f32>() / n;
    let variance = logs.iter().map(|x| (x - mean).powi(2)).sum::<f32>() / n;
    let deviation = variance.sqrt();
    if deviation < 1e-6 {
        return vec![0.0; counts.len()];
    }
    logs.iter().map(|x| (x - mean) / deviation).collect()
}

#[cfg(test)]
mod tests {
    use super::standardised;

    #[test]
    fn keeps_the_order_and_is_flat_without_counts() {
        let scores = standardised(&[0.0, 10.0, 1000.0]);
        assert!(scores[0] < scores[1] && scores[1] < scores[2]);
        assert!(scores.iter().sum::<f32>().abs() < 1e-5);
        assert_eq!(standardised(&[3.0, 3.0]), vec![0.0, 0.0]);
    }
}
