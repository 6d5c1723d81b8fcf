//! The ranker worker: answers clicks. Holds the recommender and nothing that trains.

#[cfg(target_arch = "wasm32")]
fn main() {
    engine::ranker::start();
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    eprintln!("the ranker runs in a browser; `cargo xtask serve` builds and serves it");
}
