//! What a training says while it runs: one line for people on stderr, JSON lines for programs.

use std::fs::{File, OpenOptions};
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde::Serialize;

/// A terminal's line is written again this often, and a log gets one line this often.
const REFRESH: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(10));

/// The line on stderr.
pub struct Progress {
    terminal: bool,
    started: Instant,
    /// Steps that were done before this run, by the training that it resumes.
    before: u64,
    shown: Option<Instant>,
    open: bool,
}

/// Where a training stands.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// Steps done, those before a resume included.
    pub step: u64,
    /// Steps in all, unless it stops early.
    pub steps: u64,
    /// Epoch, from 1.
    pub epoch: u64,
    /// Mean training loss of late, in nats.
    pub loss: f32,
}

impl Progress {
    /// Starts the clock.
    pub fn new(before: u64) -> Self {
        Self {
            terminal: io::stderr().is_terminal(),
            started: Instant::now(),
            before,
            shown: None,
            open: false,
        }
    }

    /// Time since the start.
    pub fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// Steps per second of this run.
    pub fn rate(&self, place: Place) -> f64 {
        let seconds = self.elapsed().as_secs_f64().max(1e-3);
        place.step.saturating_sub(self.before) as f64 / seconds
    }

    /// Time to the last step, or to the time limit if that comes first; `None` before the first step.
    pub fn left(&self, place: Place, limit: Option<Duration>) -> Option<Duration> {
        let rate = self.rate(place);
        let by_rate = (rate > 0.0)
            .then(|| place.steps.saturating_sub(place.step) as f64 / rate)
            .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        let by_limit = limit.map(|limit| limit.saturating_sub(self.elapsed()));
        match (by_rate, by_limit) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }

    /// Shows the place, if the last time was long enough ago.
    pub fn show(&mut self, place: Place, limit: Option<Duration>) {
        let every = if self.terminal { REFRESH.0 } else { REFRESH.1 };
        if self.shown.is_some_and(|shown| shown.elapsed() < every) {
            return;
        }
        self.shown = Some(Instant::now());
        let left = self.left(place, limit).map_or_else(String::new, |left| {
            format!(", at most {} left", in_words(left))
        });
        let line = format!(
            "step {} of {}, epoch {}, loss {:.4}, {:.1} steps/s{left}",
            place.step,
            place.steps,
            place.epoch,
            place.loss,
            self.rate(place),
        );
        if self.terminal {
            eprint!("\r\x1b[K{line}");
            io::stderr().flush().ok();
            self.open = true;
        } else {
            eprintln!("{line}");
        }
    }

    /// A line that stays.
    pub fn say(&mut self, line: &str) {
        if std::mem::take(&mut self.open) {
            eprint!("\r\x1b[K");
        }
        eprintln!("{line}");
    }
}

/// `42 s`, `7 min`, `1 h 05 min`.
fn in_words(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..90 => format!("{seconds} s"),
        90..5400 => format!("{} min", seconds.div_ceil(60)),
        _ => format!("{} h {:02} min", seconds / 3600, seconds % 3600 / 60),
    }
}

/// The file of JSON lines; nowhere without a path.
pub struct Metrics {
    file: Option<File>,
    bytes: u64,
}

impl Metrics {
    /// Opens the file: empty, or cut to `keep` bytes when a training is resumed.
    ///
    /// # Errors
    /// An unwritable file.
    pub fn open(path: Option<&Path>, keep: u64) -> Result<Self> {
        let Some(path) = path else {
            return Ok(Self {
                file: None,
                bytes: 0,
            });
        };
        let open = || -> io::Result<(File, u64)> {
            let mut options = OpenOptions::new();
            let file = options.create(true).append(true).open(path)?;
            // Somebody may have taken the file away since: then it starts anew.
            let bytes = keep.min(file.metadata()?.len());
            file.set_len(bytes)?;
            Ok((file, bytes))
        };
        let (file, bytes) =
            open().with_context(|| format!("{} cannot be written", path.display()))?;
        Ok(Self {
            file: Some(file),
            bytes,
        })
    }

    /// Length so far.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Adds a line.
    ///
    /// # Errors
    /// A full disk.
    pub fn line(&mut self, value: &impl Serialize) -> Result<()> {
        let Some(file) = &mut self.file else {
            return Ok(());
        };
        let mut line = serde_json::to_vec(value)?;
        line.push(b'\n');
        file.write_all(&line)
            .context("the metrics cannot be written")?;
        self.bytes += line.len() as u64;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_in_words() {
        let of = |seconds| in_words(Duration::from_secs(seconds));
        assert_eq!(of(42), "42 s");
        assert_eq!(of(400), "7 min");
        assert_eq!(of(3900), "65 min");
        assert_eq!(of(7500), "2 h 05 min");
    }

    #[test]
    fn the_time_left_is_that_of_the_steps_or_of_the_limit() {
        let progress = Progress {
            started: Instant::now() - Duration::from_secs(10),
            ..Progress::new(50)
        };
        let place = Place {
            step: 150,
            steps: 1150,
            epoch: 1,
            loss: 1.0,
        };
        let left = |limit| progress.left(place, limit).expect("known").as_secs();
        assert!((99..=101).contains(&left(None)));
        assert!((19..=20).contains(&left(Some(Duration::from_secs(30)))));
    }

    #[test]
    fn a_resumed_file_loses_what_came_after_the_checkpoint() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("metrics.jsonl");
        let mut metrics = Metrics::open(Some(&path), 0).expect("writable");
        metrics.line(&1).expect("room");
        let kept = metrics.bytes();
        metrics.line(&2).expect("room");
        let mut again = Metrics::open(Some(&path), kept).expect("writable");
        again.line(&3).expect("room");
        assert_eq!(
            std::fs::read_to_string(&path).expect("it is there"),
            "1\n3\n"
        );
        Metrics::open(Some(&path), 0).expect("writable");
        assert_eq!(std::fs::read_to_string(&path).expect("it is there"), "");
    }
}
