//! A pack from any bytes is refused or ranks.
#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use recommender::{Base, Learner, Pack, RankRequest};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(pack) = Pack::decode(bytes) {
        let learner = Learner::new(Arc::new(Base::new(pack)));
        learner.rank(&RankRequest { limit: 10, ..RankRequest::default() });
    }
});
