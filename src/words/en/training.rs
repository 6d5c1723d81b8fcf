//! Fine-tuning and "Train here" in English.

use engine::training::Phase;

use crate::words::training::{BuildWords, TrainWords, TuningWords};
use crate::words::{grouped, sentence};

/// The panel's part on fine-tuning.
pub(super) const TUNING: TuningWords = TuningWords {
    title: (
        "Fine-tuning",
        "The pack's sequence encoder stays as it came. A small adapter beside it, some thousand numbers, is trained on your choices in a worker on this device, and is used only if it predicts choices better that were held back from it.",
    ),
    no_encoder: "This pack has no sequence encoder, so there is nothing to fine-tune.",
    not_built: "This page comes without a trainer, so the encoder stays as it is.",
    waits: "Begins when the page has been idle for a few seconds.",
    saves_data: |size| {
        format!("Your browser asks to save data, so the trainer ({size}) was not fetched.")
    },
    little_memory: |size| {
        format!("This device has little memory, so the trainer ({size}) does not start on its own.")
    },
    adapt_here: "Fine-tune here",
    loading: |size| format!("Fetching the trainer, {size}."),
    ready: "Not enough choices yet. It begins after a few more.",
    earlier: |n| format!("Fine-tuned on your {} on an earlier visit.", choices(n)),
    tuned: |n, before, after| {
        format!(
            "Fine-tuned on your {}: held-back loss {before:.3} → {after:.3} nats.",
            choices(n)
        )
    },
    rejected: |n, why| {
        format!(
            "The last attempt, on your {}, was not used: {}",
            choices(n),
            sentence(why)
        )
    },
    failed: sentence,
    stays: |n| format!("What was fine-tuned on {} stays in use.", choices(n)),
    gave_up: |why| {
        let why = sentence(why);
        let off = "The trainer stopped again and again, so it is off. The list goes on learning without it.";
        format!("{why} {off}").trim_start().to_owned()
    },
    again: "Try again",
    loss: (
        "Held-back loss",
        "Mean of −ln p over choices of yours that this attempt was not trained on, in nats per choice; p is the softmax over the encoder's scores. Lower is better. Beside it: the same choices with the adapter before.",
    ),
    nats: |loss| format!("{loss:.3} nats"),
    before: |loss| format!("before {loss:.3}"),
    time: (
        "Trainer time",
        "Milliseconds in the trainer worker for the last attempt, all its steps together. The ranker goes on meanwhile.",
    ),
    steps: |n| {
        if n == 1 {
            "1 step".into()
        } else {
            format!("{} steps", grouped(n as usize))
        }
    },
    dispatches: (
        "GPU dispatches",
        "Kernels that the trainer has sent to the graphics card since it started, counted by the worker. On the CPU there are none.",
    ),
    dispatched_on: ["all on the CPU", "since it started"],
    memory: (
        "Trainer memory",
        "WebAssembly memory of the trainer, in this device's RAM. Beside it: the ranker's.",
    ),
    beside_ranker: |size| format!("ranker {size}"),
    build: BuildWords {
        title: (
            "Where it trains",
            "There are two builds of the trainer. The CPU build is small. The WebGPU build is fetched where the graphics card is usable; then both are timed with the batches that training really uses, and each kind of work goes to the faster one.",
        ),
        rows: [
            (
                "Fine-tuning step",
                "Median milliseconds of one step of the adapter, after warming up, measured here.",
            ),
            (
                "Training step",
                "Median milliseconds of one step of “Train here”, 32 sequences of 50 choices, after warming up, measured here.",
            ),
        ],
        columns: ["Step", "cpu", "webgpu"],
        chosen: "in use",
        first: "The cpu build comes first: it is small and runs everywhere.",
        timing: "Timing both builds on this device.",
        forced: "The address of this page asks for this build.",
        none: |why| format!("On the cpu. No WebGPU here: {}", sentence(why)),
        software: |name| {
            format!("On the cpu. WebGPU is here only in software ({name}), which would be slower.")
        },
        measured: |adapter, earlier| {
            let when = if earlier {
                "on an earlier visit"
            } else {
                "just now"
            };
            format!("The faster build for each kind of step, timed {when} with {adapter}.")
        },
        failed: |why| {
            format!("On the cpu, because WebGPU failed. {}", sentence(why))
                .trim_end()
                .to_owned()
        },
        on_cpu: |why| {
            let why = match sentence(why) {
                why if why.is_empty() => "WebGPU stopped.".to_owned(),
                why => why,
            };
            format!("{why} Training goes on on the cpu. Nothing was lost.")
        },
        restarted: "The trainer was started again. Nothing was lost.",
    },
};

/// "Train here".
pub(super) const TRAIN: TrainWords = TrainWords {
    title: "Train here",
    busy: |percent| format!("Training {percent} %"),
    paused: "Paused",
    done: "Pack ready",
    lede: "A catalogue and a log of what people chose become a model, in this browser. No file leaves this device.",
    close: "Close",
    close_running: "Close, go on training",

    drop: "Drop a catalogue and logs here, or",
    choose: "choose files",
    formats: [
        (
            "Catalogue",
            ".csv or .json: id, title; year, creator, url, image if there are any. Every other column is a kind of tag.",
        ),
        (
            "Log",
            ".csv or .jsonl: visitor, item, time; value if there is one. Also .inter, ratings.dat and u.data.",
        ),
    ],
    remove: |name| format!("Remove {name}"),
    own_history: |n| match n {
        0 => "Also learn from my own history here".into(),
        n => format!("Also learn from my own history here ({})", events(n)),
    },
    own_history_tip: [
        "Your choices on this page, together with sequences that the pack's encoder makes up, which stand in for its visitors. Without files, this page's catalogue is used.",
        "This page's pack has no sequence encoder, so your history cannot be used here.",
    ],
    settings: "Settings",
    epochs: (
        "Most epochs",
        "Passes over the log. It ends sooner when validation has not improved for some.",
    ),
    batch: (
        "Sequences per step",
        "More of them use a graphics card better and need more memory.",
    ),
    history: (
        "Choices per sequence",
        "Longer histories are cut into pieces of this length.",
    ),
    start: "Start training",
    needs: "Add files, or tick your own history, to start.",
    fetches: |cpu, webgpu| match webgpu {
        None => format!("Starting fetches the trainer, {cpu}."),
        Some(webgpu) => format!(
            "Starting fetches the trainer, {cpu}, and for a usable graphics card another {webgpu}, to see which is faster here."
        ),
    },
    fetched: "The trainer is on this device already.",
    unreadable: |name| {
        format!("The browser could not read {name}. Has it been moved? Choose it again.")
    },
    not_built: "This page comes without a trainer. Build it with `cargo xtask dist`, or train with `honeyguide pretrain`.",

    offer: |stored| {
        if stored.name.is_empty() {
            return "A training was not finished.".into();
        }
        format!(
            "The training of {} was not finished: epoch {} of {}.",
            stored.name, stored.epoch, stored.epochs
        )
    },
    stored_ago: |minutes| match minutes {
        m if m < 1.5 => "Stored a minute ago on this device.".into(),
        m if m < 90.0 => format!("Stored {m:.0} minutes ago on this device."),
        m if m < 36.0 * 60.0 => format!("Stored {:.0} hours ago on this device.", m / 60.0),
        m => format!("Stored {:.0} days ago on this device.", m / 1440.0),
    },
    go_on: "Go on",
    discard: "Drop it",
    begin_anew: "Drop it, train the new one",
    open: "Show",

    preparing: [
        "Fetching the trainer.",
        "Timing both builds on this device.",
        "Looking for a training that was not finished.",
    ],
    phase: |phase, epoch, epochs| match phase {
        Phase::Reading => "Reading the files.".into(),
        Phase::Training => format!(
            "Training, epoch {} of at most {epochs}.",
            (epoch + 1).min(epochs)
        ),
        Phase::Validating => format!(
            "Ranking for the held-back visitors after epoch {}.",
            epoch.max(1)
        ),
        Phase::Paused => "Paused. It is stored on this device and outlasts a reload.".into(),
        Phase::Packing => "Writing the pack.".into(),
    },
    data: |items, visitors, choices| {
        format!(
            "{} items, {} visitors, {} choices",
            grouped(items as usize),
            grouped(visitors as usize),
            grouped(choices as usize)
        )
    },
    progress: "Progress of the training",
    steps: |done, all| {
        format!(
            "step {} of {}",
            grouped(done as usize),
            grouped(all as usize)
        )
    },
    loss: (
        "Training loss",
        "Mean cross-entropy of the next choice over the epoch so far, in nats per choice. Lower is better. The rightmost point is the running epoch.",
    ),
    ndcg: (
        "Validation NDCG@10",
        "For visitors whose last choice was held back: 1 / log2(1 + place) if it is among the ten best of the whole catalogue, else 0; the mean over them. Higher is better. The dashed line is the popularity order on the same visitors.",
    ),
    popularity: "popularity",
    epoch: "epoch",
    loss_text: |ends| match ends {
        None => "No training loss yet.".into(),
        Some((first, last)) => {
            format!("Training loss from {first:.2} to {last:.2} nats per choice.")
        }
    },
    ndcg_text: |values, popularity| match values {
        None => "Validation NDCG at 10 comes after the first epoch.".into(),
        Some((last, best)) => format!(
            "Validation NDCG at 10 is {last:.3}, best {best:.3}; the popularity order has {popularity:.3}."
        ),
    },
    rate: (
        "Rate",
        "Choices trained on per second, over the last steps.",
    ),
    left: (
        "Time left",
        "Steps left divided by the rate so far, with validation. Stopping early ends it sooner.",
    ),
    seconds: |seconds| match seconds {
        s if !s.is_finite() || s < 0.0 => "–".into(),
        s if s < 90.0 => format!("{s:.0} s"),
        s if s < 5400.0 => format!("{:.0} min", s / 60.0),
        s => format!("{:.1} h", s / 3600.0),
    },
    backend: (
        "Runs on",
        "cpu: WebAssembly with SIMD in a worker. webgpu: the graphics card.",
    ),
    memory: (
        "Memory",
        "WebAssembly memory of the trainer, in this device's RAM.",
    ),
    dispatches: (
        "GPU dispatches",
        "Kernels sent to the graphics card since the worker started.",
    ),
    pause: "Pause",
    resume: "Go on",
    finish: (
        "Finish now",
        "Ends the training and makes the pack from the best weights so far.",
    ),
    cancel: "Cancel",
    cancel_question: "Drop this training?",
    cancel_yes: "Drop it",
    cancel_no: "Go on",
    ending: "Ending after this step.",

    finished: "The pack is ready",
    verdict: |encoder, popularity| {
        if encoder > popularity {
            let times = encoder / popularity.max(1e-6);
            if times < 20.0 {
                format!(
                    "On held-back choices the encoder ranks {times:.1} times as well as popularity."
                )
            } else {
                "On held-back choices the encoder ranks better than popularity.".into()
            }
        } else {
            "On held-back choices the encoder ranks no better than popularity. More choices or more epochs may help; the pack's fusion weights say how much it counts.".into()
        }
    },
    encoder: "encoder",
    download: |size| format!("Download the pack, {size}"),
    use_it: |name| format!("Serve it with: honeyguide serve --pack {name}"),
    another: "Train another",
    dropped: "The training was dropped.",
    nothing_stored: "Nothing is stored to go on with. Choose the files again.",
    gave_up: |why| {
        format!(
            "{} The trainer does not run in this browser now. What was stored is kept: go on after a reload.",
            sentence(why)
        )
        .trim_start()
        .to_owned()
    },
    ready_notice: "The training is finished. The pack is ready for download.",
};

fn choices(n: u32) -> String {
    match n {
        1 => "1 choice".into(),
        n => format!("{} choices", grouped(n as usize)),
    }
}

fn events(n: u32) -> String {
    match n {
        1 => "1 event".into(),
        n => format!("{} events", grouped(n as usize)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_units_and_reasons_stay_sentences() {
        assert_eq!(
            (TUNING.tuned)(12, 6.124, 5.871),
            "Fine-tuned on your 12 choices: held-back loss 6.124 → 5.871 nats."
        );
        assert_eq!((TUNING.tuned)(1, 1.0, 0.5).matches("1 choice:").count(), 1);
        assert_eq!((TRAIN.seconds)(200.0), "3 min");
        assert_eq!((TRAIN.seconds)(f32::NAN), "–");
        assert!((TUNING.gave_up)("").starts_with("The trainer"));
        assert!((TRAIN.verdict)(0.2, 0.1).contains("2.0 times"));
        assert!((TRAIN.verdict)(0.1, 0.1).contains("no better"));
    }
}
