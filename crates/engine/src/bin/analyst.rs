//! The analyst worker: works out what is shown about the learner.

#[cfg(target_arch = "wasm32")]
fn main() {
    engine::analyst::start();
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    eprintln!("the analyst runs in a browser; `cargo xtask serve` builds and serves it");
}
