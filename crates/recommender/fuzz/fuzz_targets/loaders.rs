//! Logs and catalogues from any bytes are refused or read, never a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use recommender::load::{self, Columns, Limits};

fuzz_target!(|bytes: &[u8]| {
    for name in ["fuzz", "fuzz.csv", "fuzz.json", "fuzz.jsonl", "fuzz.xml"] {
        let _ = load::catalogue(name, bytes.to_vec(), Limits::PAGE);
    }
    let _ = load::events_csv("fuzz", bytes, &Columns::default());
    let _ = load::events_json_lines("fuzz", bytes, &Columns::default());
    let _ = load::movielens_dat("fuzz", bytes);
    let _ = load::movielens_data("fuzz", bytes);
    let _ = load::movielens_items("u.item", bytes);
    let _ = load::recbole_interactions("fuzz", bytes);
    let _ = load::recbole_items("fuzz", bytes);
});
