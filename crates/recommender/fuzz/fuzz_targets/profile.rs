//! A profile from any bytes is refused or written back as it was.
#![no_main]

use libfuzzer_sys::fuzz_target;
use recommender::Profile;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(profile) = Profile::decode(bytes) {
        assert_eq!(Profile::decode(&profile.encode()), Ok(profile));
    }
});
