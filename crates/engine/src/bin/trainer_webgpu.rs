//! The trainer worker with Burn's WebGPU backend.

#[cfg(target_arch = "wasm32")]
fn main() {
    engine::trainer::start();
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    eprintln!("the trainer runs in a browser; `cargo xtask serve` builds and serves it");
}
