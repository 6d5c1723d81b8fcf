//! The page's WASM binary.

fn main() {
    honeyguide::app::run();
}
