//! An event record from any bytes is refused or written back as it was.
#![no_main]

use libfuzzer_sys::fuzz_target;
use recommender::profile::{decode_event, encode_event};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(event) = decode_event(bytes) {
        assert_eq!(decode_event(&encode_event(&event)), Ok(event));
    }
});
