//! Ctrl-C (and SIGTERM): the first asks the training to save and stop, the second quits at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result};

/// Exit status after an interrupt, as shells have it: 128 + SIGINT.
pub const STATUS: u8 = 130;

/// Has somebody asked to stop?
#[derive(Clone, Debug, Default)]
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Takes the signals over. Once per process.
    ///
    /// # Errors
    /// The system refuses, or they are taken already.
    pub fn listen() -> Result<Self> {
        let interrupt = Self::default();
        let asked = Arc::clone(&interrupt.0);
        ctrlc::set_handler(move || {
            if asked.swap(true, Ordering::SeqCst) {
                std::process::exit(i32::from(STATUS));
            }
            eprintln!("\nsaving; once more to quit at once");
        })
        .context("Ctrl-C cannot be taken over")?;
        Ok(interrupt)
    }

    /// From now on there is nothing to save: the next signal quits.
    pub fn quit_at_once(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// `true` after the first signal.
    pub fn asked(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}
