//! Logs and catalogues from any bytes are refused or read, never a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use recommender::load::{self, Columns};

fuzz_target!(|bytes: &[u8]| {
    let _ = load::catalogue_csv("fuzz", bytes);
    let _ = load::catalogue_json("fuzz", bytes);
    let _ = load::events_csv("fuzz", bytes, &Columns::default());
    let _ = load::events_json_lines("fuzz", bytes, &Columns::default());
    let _ = load::movielens_dat("fuzz", bytes);
    let _ = load::movielens_data("fuzz", bytes);
    let _ = load::movielens_items("u.item", bytes);
    let _ = load::recbole_interactions("fuzz", bytes);
    let _ = load::recbole_items("fuzz", bytes);
});
