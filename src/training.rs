//! Training, the part without a browser: [`conductor`] decides which worker runs and what becomes of
//! its faults, [`choice`] which build trains, [`scale`] how charts are scaled. The lab does what they
//! decide.

pub mod choice;
pub mod conductor;
pub mod scale;
