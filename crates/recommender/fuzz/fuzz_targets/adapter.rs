//! An adapter record from any bytes is refused or written back as it was.
#![no_main]

use libfuzzer_sys::fuzz_target;
use recommender::encoder::adapter::Snapshot;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(adapter) = Snapshot::decode(bytes) {
        assert_eq!(Snapshot::decode(&adapter.encode()), Ok(adapter));
    }
});
