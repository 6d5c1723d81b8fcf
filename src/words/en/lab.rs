//! English, of the lab.

use engine::messages::EventKind;

use super::downloads::DOWNLOADS;
use super::training::{TRAIN, TUNING};
use crate::words::grouped;
use crate::words::lab::{
    AttentionWords, CurveWords, ExplanationWords, LabWords, MapWords, PanelWords, TasteWords,
    TrialWords,
};

/// The lab's words in English.
pub static LAB: LabWords = LabWords {
    loading: "Asking the learner …",
    close: "Close",
    no_analysis: |why| match why {
        "" => {
            "The part of the page that draws this could not be loaded. Reload to try again.".into()
        }
        why => format!("This cannot be drawn: {why}."),
    },
    explanation: ExplanationWords {
        experts: "What each expert adds",
        history: "What your clicks add",
        no_history: "Nothing of yours speaks for or against it yet.",
        tags: "Tags in your taste",
        wishes: "What you asked for",
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
        tabs: ["Curve", "Map", "Taste", "Try", "Inside", "Trust"],
        tabs_label: "Views of the learner",
        shares: (
            "What moves the list",
            "How much each expert moves the ranking now: its weight times the spread of its scores, as a share of all. Weights follow how well each foresaw your choices.",
        ),
        share: |now, start| format!("{:.0} %, at first {:.0} %", now * 100.0, start * 100.0),
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

    curve: CurveWords {
        events: "events",
        hit: (
            "Hit rate at 10",
            "Share of your choices that were among the first ten of the whole ranking, just before you chose them. What you had seen by then is left out of every ranking.",
        ),
        ndcg: (
            "NDCG at 10",
            "The same with the place: a choice at place 1 counts 1, at place 2 0.63, at place 10 0.29, further down 0.",
        ),
        beside: |popularity, chance| format!("popularity {popularity:.2}, chance {chance:.3}"),
        text: |choices, now, popularity, chance| {
            format!(
                "Over {choices} choices: {now:.2} in the last window, popularity {popularity:.2}, chance {chance:.3}."
            )
        },
        own_key: |window| format!("the learner, mean of {window} choices"),
        popular_key: "the popular order, the same",
        chance_key: "chance",
        raw_key: "each choice",
        drift: |events| {
            let events: Vec<String> = events.iter().map(u32::to_string).collect();
            format!(
                "A change of taste was noticed at event {}. The taste expert let most of what it held go, to learn anew.",
                events.join(", ")
            )
        },
        nothing: "No choices yet. Each one is ranked first and learnt after, so the curve starts with your first click.",
        note: "Every choice is ranked before it is learnt, without fine-tuning. Choices from the list favour the learner; choices from the top of the catalogue favour the popular order, since that is its order.",
        csv: "Save as CSV",
    },
    map: MapWords {
        tip: "Each dot is an item; near means alike in what is known about it. The amber trail is where your choices have led.",
        here: "You are at the amber dot; the trail is how you came there. Point at a dot to see its name.",
        nowhere: "Choose something and the amber dot appears. Point at a dot to see its name.",
        nearest: "Nearest to your taste",
        axes: |points, [first, second]| {
            format!(
                "{} items. The axes are the two directions in which items differ most: {:.0} % and {:.0} % of all differences. They never move.",
                grouped(points),
                first * 100.0,
                second * 100.0
            )
        },
        text: |nearest| match nearest {
            [] => "Map of the catalogue. You are not on it yet.".into(),
            titles => format!("Map of the catalogue. You are near {}.", titles.join(", ")),
        },
    },
    taste: TasteWords {
        note: "How far the learner puts the average item with a tag above the average item, in log-odds: +0.7 is twice as likely, −0.7 half. One step of yours adds 1.",
        nothing: "No choices yet, so there is nothing to lean to.",
        facet: |facet| match facet {
            "creator" => "Makers".into(),
            "genre" => "Genres".into(),
            "keyword" => "Keywords".into(),
            "country" => "Countries".into(),
            "tag" => "Tags".into(),
            "category" => "Categories".into(),
            other => {
                let mut letters = other.chars();
                letters.next().map_or_else(String::new, |first| {
                    first.to_uppercase().chain(letters).collect()
                })
            }
        },
        more_bars: |n| format!("{n} more"),
        counts: |items, chosen| format!("{items} items, {chosen} of your choices"),
        steps: |steps| match steps {
            0 => String::new(),
            n if n > 0 => format!("you: +{n}"),
            n => format!("you: −{}", -n),
        },
        never: "you: never",
        more: |tag| format!("More {tag}"),
        less: |tag| format!("Less {tag}"),
        no_more: |tag| format!("Not interested in {tag}"),
        clear: |tag| format!("Take back what you said about {tag}"),
        forget: |tag, chosen| format!("Forget what {chosen} choices with {tag} taught"),
    },
    trial: TrialWords {
        script: (
            "Watch it learn",
            "A scripted visitor clicks by a taste, and changes it after 25 clicks. It takes what it likes from the list if it finds it there, else from the catalogue. Your own profile is put aside meanwhile.",
        ),
        likes: "Likes",
        then: "Then",
        speed: "Speed",
        per_second: |speed| match speed {
            speed if speed < 1.0 => "a click every 2 s".into(),
            speed if speed < 1.5 => "a click a second".into(),
            speed => format!("{speed:.0} clicks a second"),
        },
        start: "Start",
        stop: "Stop",
        flip: "Change the taste now",
        standing: |clicks, found, runs| match (clicks, runs) {
            (0, false) => String::new(),
            (0, true) => "It looks around.".into(),
            (clicks, _) => {
                format!("{clicks} clicks; the list had something for it before {found} of them.")
            }
        },
        compare: (
            "Compare two rankings",
            "The list is drawn from both by turns, without saying which item is whose. Each of your choices from it is a point for the ranking that put it there.",
        ),
        rivals: [
            "No comparison",
            "Learner or the popular order",
            "Learner or a more adventurous learner",
            "Learner or a more varied list",
        ],
        result: |own, rival, chance, sure| {
            let verdict = match (own + rival, sure) {
                (0, _) => return "No choices from the list yet.".into(),
                (_, true) if own > rival => "The learner's own ranking is chosen more.",
                (_, true) => "The other ranking is chosen more.",
                _ => "Not enough clicks yet to be sure.",
            };
            format!(
                "{own} for the learner, {rival} for the other. {verdict} (If both were equal, a result like this would come with probability {chance:.2}.)"
            )
        },
    },
    attention: AttentionWords {
        title: (
            "What the sequence expert looks at",
            "One row per attention head, one column per choice, newest on the left. The darker a field, the more of that choice goes into the encoder's view of you.",
        ),
        field: |title, block, head, share| {
            format!(
                "{title}: {:.0} % in head {head} of block {block}",
                share * 100.0
            )
        },
        text: |title, share| format!("Most on {title}, {:.0} % on average.", share * 100.0),
    },
    tuning: TUNING,
    downloads: DOWNLOADS,
    train: TRAIN,
    not_saved: "The browser refused to save the file.",
};

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
