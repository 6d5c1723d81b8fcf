//! English.

mod training;

use engine::messages::{EventKind, Why};

use super::{ExplanationWords, NoticeWords, PanelWords, Words};

/// The words in English.
pub static EN: Words = Words {
    lang: "en",
    brand: "Honeyguide",
    lede: "Click what you like. The list learns here, on your device. Nothing is sent.",
    skip: "Skip to the catalogue",

    for_you: "For you",
    catalogue: "Catalogue",
    filter: "Filter by title, maker, year or tag",
    count: |n| {
        if n == 1 {
            "1 item".into()
        } else {
            format!("{} items", grouped(n))
        }
    },
    nothing_found: "Nothing here has these words.",
    nothing_left: "You have seen everything here. Undo or forget to start again.",

    why,
    why_title: |title| format!("Why {title} is here:"),
    like: |title| format!("Like {title}"),
    dislike: |title| format!("Dislike {title}"),
    dismiss: |title| format!("Not interested in {title}"),
    done: |kind| match kind {
        EventKind::Like => "Liked",
        EventKind::Dislike => "Disliked",
        EventKind::Dismiss => "Dismissed",
        EventKind::Purchase => "Bought",
        _ => "Opened",
    },
    moved: |places| match places {
        1 => "up 1 place".into(),
        -1 => "down 1 place".into(),
        n if n < 0 => format!("down {} places", -n),
        n => format!("up {n} places"),
    },
    new: "new",
    updated: "Updated · show",

    undo: "Undo",
    pause: "Pause",
    resume: "Resume",
    export: "Export",
    import: "Import",
    forget: "Forget",
    forget_question: "Erase everything learnt on this device?",
    forget_yes: "Erase",
    forget_no: "Keep",
    explore: "Exploration",
    explore_low: "Best guess",
    explore_high: "Adventurous",
    explore_tip: "To the right, items the learner is unsure about are drawn further up, in proportion to how unsure it is.",

    theme: "Colours",
    themes: ["Auto", "Light", "Dark"],

    explanation: ExplanationWords {
        loading: "Asking the learner …",
        experts: "What each expert adds",
        history: "What your clicks add",
        no_history: "Nothing of yours speaks for or against it yet.",
        tags: "Tags in your taste",
        numbers: "The numbers",
        columns: ["Expert", "Score", "Weight", "Adds"],
        score: "Sum",
        standing: |rank, uncertainty| {
            let sure = match uncertainty {
                u if u > 0.85 => "Not enough clicks yet to be sure",
                u if u > 0.5 => "The taste expert is beginning to be sure",
                _ => "The taste expert is fairly sure",
            };
            let place = match rank {
                0 => "Not ranked, because you have seen or dismissed it.".into(),
                rank => format!("Place {} of the whole ranking.", grouped(rank as usize)),
            };
            format!("{place} {sure} (uncertainty {uncertainty:.2}; 1 = knows nothing).")
        },
        remove: "Remove",
        remove_title: |title| format!("Remove {title} from your history"),
        expert,
        expert_tip,
        did: |kind, title| {
            let did = match kind {
                EventKind::Like => "liked",
                EventKind::Dislike => "disliked",
                EventKind::Dismiss => "dismissed",
                EventKind::Purchase => "bought",
                EventKind::Search => "searched",
                EventKind::Impression => "passed over",
                EventKind::Dwell => "looked at",
                EventKind::Click => "opened",
            };
            format!("{title}, {did}")
        },
        legend: "Amber with + speaks for it, slate blue with − against it.",
    },

    panel: PanelWords {
        title: "How it learns",
        backend: (
            "Runs on",
            "Where the learner trains: cpu is a WebAssembly worker on this device, webgpu its graphics card. The list itself is always ranked on the cpu, beside the data.",
        ),
        sent: (
            "Bytes sent",
            "Counted from the browser's own list of requests: the query strings of every resource that page and worker asked for. Requests with a body do not exist in this page.",
        ),
        times: "Time per stage",
        time_columns: ["Stage", "Median", "95 %"],
        stages: [
            (
                "Learn",
                "Milliseconds in the worker to update every expert with one event, over the last 200 changes.",
            ),
            (
                "Rank",
                "Milliseconds in the worker to score, fuse and order the whole catalogue, over the last 200 changes.",
            ),
            (
                "Click to paint",
                "Milliseconds from the browser's timestamp of the click to the first task after the frame that shows its effect, over the last 200 clicks. A frame at 60 Hz is 16.7 ms.",
            ),
        ],
        samples: |n| {
            if n == 1 {
                "From 1 change.".into()
            } else {
                format!("From {n} changes.")
            }
        },
        no_samples: "Nothing measured yet.",
        weights: (
            "Weight of each expert",
            "The experts' votes are weighted by how well each predicted your last choices. The thin mark is the weight that the pack came with.",
        ),
        weight: |now, start| format!("{now:.2}, at first {start:.2}"),
        history: "Learnt from",
        no_history: "No clicks yet. The list is the most popular order.",
        stored: (
            "Stored here",
            "Size of profile and event log in this browser's storage.",
        ),
        memory: (
            "Worker memory",
            "WebAssembly memory of the ranker, in this device's RAM.",
        ),
        events: (
            "Events learnt",
            "Clicks, likes, dislikes, dismissals and searches that the profile holds.",
        ),
        seen: (
            "Seen",
            "Items that will not be recommended again because you opened, liked, disliked or dismissed them.",
        ),
        about: "About this catalogue",
        pack: |items, events, bytes| {
            format!(
                "{} items; popularity and neighbours from {} events; {} KB.",
                grouped(items as usize),
                grouped(events as usize),
                grouped(bytes.div_ceil(1000) as usize)
            )
        },
        licence: |licence| format!("Licence of the data: {licence}"),
        simulated: "Popularity and “chosen together” come from simulated visits, not from people.",
        storage: [
            "Your profile is kept on this device.",
            "Another tab writes your profile; this one hands its clicks over.",
            "Your profile is kept in memory and ends with this tab.",
        ],
    },

    tuning: training::TUNING,
    train: training::TRAIN,

    notices: NoticeWords {
        no_wasm: "This browser refuses WebAssembly, so here is the most popular order.",
        no_script: "Scripts are off, so here is the most popular order.",
        not_loaded: "A part of this page could not be loaded, so here is the most popular order. Reload to try again.",
        restarted: "The ranker was restarted. Nothing was lost.",
        stopped: "The ranker does not run in this browser now, so the list stays as it is. Reload to try again.",
        protocol: "This page is older than its ranker. Reload to get the new version.",
        failed: |what| what.to_owned(),
        memory: |reason| {
            let reason = reason.trim_end_matches('.');
            format!(
                "This browser refuses storage ({reason}). The list learns all the same, until you close the tab."
            )
        },
        other_tab: "Another tab of this page keeps the profile. Your clicks here are handed to it.",
        set_aside: |why| why.to_owned(),
        save_bytes: "Save it as a file",
        paused: "Learning is paused, so this was not learnt.",
        forgotten: "Everything is forgotten. The list begins again.",
        imported: "The profile was imported.",
        unreadable: "The browser could not read this file. Choose it again.",
        not_saved: "The browser refused to save the file.",
        unknown_item: |item| {
            format!(
                "The catalogue no longer has the item {item}. Reload to see its items of today."
            )
        },
        close: "Close",
    },
};

fn why(why: &Why) -> String {
    match why {
        Why::Because { kind, titles } => {
            let did = match kind {
                EventKind::Like => "liked",
                EventKind::Purchase => "bought",
                EventKind::Dislike => "disliked",
                EventKind::Dismiss => "dismissed",
                EventKind::Search => "searched for",
                EventKind::Dwell | EventKind::Impression => "looked at",
                EventKind::Click => "opened",
            };
            format!("Because you {did} {}", titles.join(" and "))
        }
        Why::Tags { tags } => {
            let values: Vec<&str> = tags.iter().map(|(_, value)| value.as_str()).collect();
            format!("You lean to {}", values.join(", "))
        }
        Why::Popular => "High in the popularity order".into(),
        Why::Exploring => "Not sure yet, shown to find out".into(),
    }
}

fn expert(name: &str) -> String {
    match name {
        "popularity" => "Popularity",
        "recent" => "Popular of late",
        "content" => "Alike in content",
        "neighbours" => "Chosen together",
        "next" => "Chosen next",
        "taste" => "Your taste",
        "encoder" => "Your sequence",
        other => other,
    }
    .into()
}

fn expert_tip(name: &str) -> &'static str {
    match name {
        "popularity" => {
            "How often an item was chosen in the pack's events, on a logarithmic scale."
        }
        "recent" => "The same, for the newest of the pack's events.",
        "content" => "How near an item's tags, maker and title are to those of your choices.",
        "neighbours" => "Items that visitors of the pack chose together with yours.",
        "next" => "Items that visitors of the pack chose soon after yours.",
        "taste" => "A linear model of your likes and dislikes, updated exactly with each event.",
        "encoder" => {
            "A small Transformer reads your choices in their order and says what tends to come next. It was trained with the pack, and is fine-tuned on your choices here."
        }
        _ => "",
    }
}

/// Digits in groups of three.
pub(crate) fn grouped(n: usize) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_sentences_without_noise() {
        let because = Why::Because {
            kind: EventKind::Like,
            titles: vec!["Alien".into(), "Solaris".into()],
        };
        assert_eq!((EN.why)(&because), "Because you liked Alien and Solaris");
        assert_eq!((EN.moved)(-1), "down 1 place");
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(grouped(12), "12");
    }
}
