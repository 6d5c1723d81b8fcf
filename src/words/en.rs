//! English.

mod downloads;
pub mod lab;
mod training;

use engine::messages::{EventKind, Why};

use super::{NoticeWords, Words, grouped};

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
    preview: |title, rising| match rising {
        [] => format!("{title}: nothing would rise."),
        rising => {
            let moves: Vec<String> = rising
                .iter()
                .take(3)
                .map(|(title, from, to)| match from {
                    0 => format!("{title} to {to}"),
                    from => format!("{title} {from} → {to}"),
                })
                .collect();
            format!("{title} would bring up {}", moves.join(", "))
        }
    },
    updated: "Updated · show",

    undo: "Undo",
    redo: "Redo",
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

    language: "Change to",
    theme: "Colours",
    themes: ["Auto", "Light", "Dark"],

    panel: "How it learns",
    backend: (
        "Runs on",
        "Where the learner trains: cpu is a WebAssembly worker on this device, webgpu its graphics card. The list itself is always ranked on the cpu, beside the data.",
    ),
    sent: (
        "Bytes sent",
        "Counted from the browser's own list of requests: the query strings of every resource that page and worker asked for. Requests with a body do not exist in this page.",
    ),
    train: "Train here",
    loading: "One moment …",

    notices: NoticeWords {
        no_wasm: "This browser refuses WebAssembly, so here is the most popular order.",
        no_simd: "This browser is too old for the fast arithmetic of the learner (WebAssembly SIMD), so here is the most popular order.",
        no_script: "Scripts are off, so here is the most popular order.",
        not_loaded: "A part of this page could not be loaded, so here is the most popular order. Reload to try again.",
        bad_link: |what| {
            format!("This link says {what}, which this page does not know. It was left out.")
        },
        trying: (
            "Back to my list",
            "This is a scripted visitor. Nothing of it is kept, and your own profile is untouched.",
        ),
        lab_away: "This part of the page could not be loaded. Check the connection and try again.",
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
        offline: "There is no connection. The page goes on: all it needs is on this device.",
        newer: "A newer version of this page is ready.",
        use_newer: "Load it",
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
        Why::Wished { tags } => {
            let values: Vec<&str> = tags.iter().map(|(_, value)| value.as_str()).collect();
            format!("You asked for more {}", values.join(", "))
        }
        Why::Popular => "High in the popularity order".into(),
        Why::Exploring => "Not sure yet, shown to find out".into(),
    }
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
    }
}
