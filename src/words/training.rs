//! Words of fine-tuning and of "Train here".

use engine::training::{Phase, StoredTraining};

/// Label and tooltip.
pub type Named = (&'static str, &'static str);

/// Words of the panel's part on fine-tuning.
pub struct TuningWords {
    /// Heading and tooltip.
    pub title: Named,
    /// The pack has no encoder.
    pub no_encoder: &'static str,
    /// The page has no trainer.
    pub not_built: &'static str,
    /// The trainer is fetched later.
    pub waits: &'static str,
    /// Save-Data; the argument is the download's size.
    pub saves_data: fn(&str) -> String,
    /// The device has little memory; the argument is the download's size.
    pub little_memory: fn(&str) -> String,
    /// Button: fetch it all the same.
    pub adapt_here: &'static str,
    /// It is being fetched; the argument is the download's size.
    pub loading: fn(&str) -> String,
    /// It waits for choices.
    pub ready: &'static str,
    /// The adapter in use is of an earlier visit: choices.
    pub earlier: fn(u32) -> String,
    /// Choices, loss before, loss after.
    pub tuned: fn(u32, f32, f32) -> String,
    /// An attempt that was not used: choices, the worker's reason.
    pub rejected: fn(u32, &str) -> String,
    /// It does not work, for this reason.
    pub failed: fn(&str) -> String,
    /// The adapter of so many choices stays in use.
    pub stays: fn(u32) -> String,
    /// The trainer was given up; the argument is the worker's last sentence, or empty.
    pub gave_up: fn(&str) -> String,
    /// Button: try again.
    pub again: &'static str,
    /// Label and tooltip: loss on held-back choices.
    pub loss: Named,
    /// Its value.
    pub nats: fn(f32) -> String,
    /// Its baseline.
    pub before: fn(f32) -> String,
    /// Label and tooltip: trainer time.
    pub time: Named,
    /// Its baseline: steps.
    pub steps: fn(u32) -> String,
    /// Label and tooltip: kernels dispatched.
    pub dispatches: Named,
    /// Its baseline on the CPU, and on WebGPU.
    pub dispatched_on: [&'static str; 2],
    /// Label and tooltip: the trainer's memory.
    pub memory: Named,
    /// Its baseline: the ranker's.
    pub beside_ranker: fn(&str) -> String,
    /// Words of the choice of build.
    pub build: BuildWords,
}

/// Words about the two builds and the choice between them.
pub struct BuildWords {
    /// Heading of the choice.
    pub title: Named,
    /// Rows of the times: fine-tuning step, training step.
    pub rows: [Named; 2],
    /// Column heads: kind of step, CPU, WebGPU.
    pub columns: [&'static str; 3],
    /// Read after the faster time.
    pub chosen: &'static str,
    /// The CPU comes first.
    pub first: &'static str,
    /// Both are being timed.
    pub timing: &'static str,
    /// The address asks for it.
    pub forced: &'static str,
    /// No WebGPU, for this reason.
    pub none: fn(&str) -> String,
    /// Only a software adapter of this name.
    pub software: fn(&str) -> String,
    /// Timed on the adapter of this name; on an earlier visit.
    pub measured: fn(&str, bool) -> String,
    /// WebGPU failed; the sentence, or empty.
    pub failed: fn(&str) -> String,
    /// Notice: the CPU goes on; the worker's sentence, or empty.
    pub on_cpu: fn(&str) -> String,
    /// Notice: the worker was started anew.
    pub restarted: &'static str,
}

/// Words of "Train here".
pub struct TrainWords {
    /// Heading, and the button that opens the sheet.
    pub title: &'static str,
    /// Button while it runs: percent done.
    pub busy: fn(u32) -> String,
    /// Button while it is paused.
    pub paused: &'static str,
    /// Button when there is a pack.
    pub done: &'static str,
    /// The one sentence under the heading.
    pub lede: &'static str,
    /// Close the sheet.
    pub close: &'static str,
    /// Close the sheet while something runs.
    pub close_running: &'static str,

    /// In the drop area.
    pub drop: &'static str,
    /// Button: choose files.
    pub choose: &'static str,
    /// Formats: name and what is read.
    pub formats: [Named; 2],
    /// Remove a file, with its name.
    pub remove: fn(&str) -> String,
    /// Without files: what it learns from.
    pub own_history: fn(u32) -> String,
    /// Tooltip of that, and why it may be missing.
    pub own_history_tip: [&'static str; 2],
    /// Heading of the settings.
    pub settings: &'static str,
    /// Most epochs.
    pub epochs: Named,
    /// Sequences per step.
    pub batch: Named,
    /// Choices per sequence.
    pub history: Named,
    /// Button: start.
    pub start: &'static str,
    /// What start needs first.
    pub needs: &'static str,
    /// What is fetched: size of the CPU build, and of the WebGPU build where it may be tried.
    pub fetches: fn(&str, Option<&str>) -> String,
    /// Nothing needs to be fetched.
    pub fetched: &'static str,
    /// A file could not be read by the browser.
    pub unreadable: fn(&str) -> String,
    /// There is no trainer in this page.
    pub not_built: &'static str,

    /// A training waits: name, epoch, epochs.
    pub offer: fn(&StoredTraining) -> String,
    /// When it was stored: minutes ago.
    pub stored_ago: fn(f64) -> String,
    /// Button: go on.
    pub go_on: &'static str,
    /// Button: drop it.
    pub discard: &'static str,
    /// Button: drop it, start another.
    pub begin_anew: &'static str,
    /// Button of the notice: open the sheet.
    pub open: &'static str,

    /// The builds are fetched; both are being timed; the stored training is looked for.
    pub preparing: [&'static str; 3],
    /// What it does: phase, epoch, epochs.
    pub phase: fn(Phase, u32, u32) -> String,
    /// What it learns from: items, visitors, choices.
    pub data: fn(u32, u32, u32) -> String,
    /// Label of the progress bar.
    pub progress: &'static str,
    /// Steps done of all.
    pub steps: fn(u32, u32) -> String,
    /// Title and tooltip of the loss chart.
    pub loss: Named,
    /// Title and tooltip of the validation chart.
    pub ndcg: Named,
    /// Name of the baseline.
    pub popularity: &'static str,
    /// The chart's horizontal axis.
    pub epoch: &'static str,
    /// The loss chart in a sentence: first and last value; none yet.
    pub loss_text: fn(Option<(f32, f32)>) -> String,
    /// The validation chart in a sentence: last, best, baseline; none yet.
    pub ndcg_text: fn(Option<(f32, f32)>, f32) -> String,
    /// Label and tooltip: rate.
    pub rate: Named,
    /// Label and tooltip: time left.
    pub left: Named,
    /// Seconds in words.
    pub seconds: fn(f32) -> String,
    /// Label and tooltip: where it runs.
    pub backend: Named,
    /// Label and tooltip: memory.
    pub memory: Named,
    /// Label and tooltip: kernels dispatched.
    pub dispatches: Named,
    /// Buttons: pause, go on, finish.
    pub pause: &'static str,
    /// Go on after a pause.
    pub resume: &'static str,
    /// Finish now.
    pub finish: Named,
    /// Cancel.
    pub cancel: &'static str,
    /// Asked before cancelling.
    pub cancel_question: &'static str,
    /// Yes, cancel.
    pub cancel_yes: &'static str,
    /// No, go on.
    pub cancel_no: &'static str,
    /// It is asked to end.
    pub ending: &'static str,

    /// Heading when done.
    pub finished: &'static str,
    /// Better than popularity, or not: encoder, popularity.
    pub verdict: fn(f32, f32) -> String,
    /// Label of the encoder's bar.
    pub encoder: &'static str,
    /// Button: download, with the size.
    pub download: fn(&str) -> String,
    /// What to do with it: file name.
    pub use_it: fn(&str) -> String,
    /// Button: another one.
    pub another: &'static str,
    /// The sheet's sentence after a training was dropped.
    pub dropped: &'static str,
    /// There was nothing to go on with.
    pub nothing_stored: &'static str,
    /// The worker was given up: the training may go on later.
    pub gave_up: fn(&str) -> String,
    /// Notice: the pack is ready.
    pub ready_notice: &'static str,
}
