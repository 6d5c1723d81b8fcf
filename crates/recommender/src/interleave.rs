//! Comparing two rankings by one list: team-draft interleaving (Radlinski, Kurup and Joachims 2008).
//!
//! Like captains who choose players: in each round a coin decides which ranking goes first, and each
//! puts its best item that is not in the list yet. A choice from the list is a point for the ranking
//! that put the item there. Both rankings get as many places, and neither gets better ones, so
//! without a preference each wins half of the choices.

use crate::catalogue::ItemIndex;
use crate::random::Rng;

/// Which of the two rankings put an item into the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Team {
    /// The first.
    A,
    /// The second.
    B,
}

/// Interleaves two rankings, best first, to a list of at most `limit`. The same `seed` gives the same
/// list.
pub fn team_draft(
    a: &[ItemIndex],
    b: &[ItemIndex],
    limit: usize,
    seed: u64,
) -> Vec<(ItemIndex, Team)> {
    let mut rng = Rng::new(seed);
    let mut list: Vec<(ItemIndex, Team)> = Vec::with_capacity(limit);
    loop {
        let first = rng.below(2) == 0;
        let before = list.len();
        for turn in [first, !first] {
            let (ranking, team) = if turn { (a, Team::A) } else { (b, Team::B) };
            let free = |item: &&ItemIndex| !list.iter().any(|(taken, _)| taken == *item);
            if list.len() < limit
                && let Some(&item) = ranking.iter().find(free)
            {
                list.push((item, team));
            }
        }
        if list.len() == before {
            return list;
        }
    }
}

/// Probability of a result at least as uneven as `a` to `b` points if both were equally good: the
/// two-sided sign test, exact.
pub fn sign_test(a: u32, b: u32) -> f64 {
    let n = a + b;
    // ln of C(n, k)·2⁻ⁿ, summed over the tail.
    let half = -f64::from(n) * std::f64::consts::LN_2;
    let (mut tail, mut log_choose) = (0.0, 0.0);
    for k in 0..=a.min(b) {
        if k > 0 {
            log_choose += (f64::from(n - k + 1) / f64::from(k)).ln();
        }
        tail += (log_choose + half).exp();
    }
    (2.0 * tail).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items(rows: &[u32]) -> Vec<ItemIndex> {
        rows.iter().map(|row| ItemIndex(*row)).collect()
    }

    #[test]
    fn each_item_once_and_both_get_their_share() {
        let (a, b) = (items(&[1, 2, 3, 4, 5, 6]), items(&[3, 7, 1, 8, 9, 2]));
        let mut firsts = 0;
        for seed in 0..1000 {
            let list = team_draft(&a, &b, 6, seed);
            assert_eq!(list.len(), 6);
            let mut seen: Vec<ItemIndex> = list.iter().map(|(item, _)| *item).collect();
            seen.sort();
            seen.dedup();
            assert_eq!(seen.len(), 6);
            let of_a = list.iter().filter(|(_, team)| *team == Team::A).count();
            assert_eq!(of_a, 3);
            firsts += u32::from(list[0].1 == Team::A);
            assert_eq!(list, team_draft(&a, &b, 6, seed));
        }
        assert!((400..600).contains(&firsts), "{firsts} of 1000");
        assert_eq!(team_draft(&a, &b, 50, 1).len(), 9);
        assert!(team_draft(&[], &[], 5, 1).is_empty());
    }

    #[test]
    fn the_sign_test_is_exact() {
        assert_eq!(sign_test(0, 0), 1.0);
        assert!((sign_test(5, 5) - 1.0).abs() < 1e-12);
        // 2·(1 + 10)/1024
        assert!((sign_test(9, 1) - 22.0 / 1024.0).abs() < 1e-12);
        assert!((sign_test(1, 9) - 22.0 / 1024.0).abs() < 1e-12);
        assert!(sign_test(700, 300) < 1e-30);
    }
}
