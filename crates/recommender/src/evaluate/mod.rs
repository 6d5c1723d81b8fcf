//! Evaluation: always full ranking over the whole catalogue, never sampled negatives.

pub mod leave_one_out;
pub mod metrics;
pub mod progressive;
pub mod tune;
