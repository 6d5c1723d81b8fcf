//! The texts that take what they talk about: it is in what they say.

use engine::messages::{EventKind, Why};
use engine::training::{Phase, StoredTraining};

use super::{check, is_chinese, tables};
use crate::downloads::{Part, Source};
use crate::words::Language;
use crate::words::lab::LabWords;

const KINDS: [EventKind; 8] = [
    EventKind::Impression,
    EventKind::Click,
    EventKind::Dwell,
    EventKind::Like,
    EventKind::Dislike,
    EventKind::Dismiss,
    EventKind::Purchase,
    EventKind::Search,
];
const EXPERTS: [&str; 7] = [
    "popularity",
    "recent",
    "content",
    "neighbours",
    "next",
    "taste",
    "encoder",
];

/// Fails unless the text is in the language and has all parts.
fn says(language: Language, text: &str, parts: &[&str]) {
    check(language, text);
    for part in parts {
        assert!(
            text.contains(part),
            "{language:?} leaves {part} out of {text}"
        );
    }
}

#[test]
fn the_page_says_what_it_is_about() {
    for language in Language::ALL {
        let (w, _) = tables(language);
        says(language, &(w.count)(1234), &["1,234"]);
        says(language, &(w.count)(1), &["1"]);
        for text in [w.why_title, w.like, w.dislike, w.dismiss] {
            says(language, &text("Alien"), &["Alien"]);
        }
        for kind in KINDS {
            check(language, (w.done)(kind));
            let titles = vec!["Alien".into(), "Solaris".into()];
            let because = Why::Because { kind, titles };
            says(language, &(w.why)(&because), &["Alien", "Solaris"]);
        }
        let tags: Vec<(String, String)> = [("genre", "Western"), ("country", "Italy")]
            .map(|(facet, value)| (facet.into(), value.into()))
            .into();
        let wished = Why::Wished { tags: tags.clone() };
        for why in [Why::Tags { tags }, wished] {
            says(language, &(w.why)(&why), &["Western", "Italy"]);
        }
        says(language, &(w.why)(&Why::Popular), &[]);
        says(language, &(w.why)(&Why::Exploring), &[]);
        says(language, &(w.moved)(3), &["3"]);
        says(language, &(w.moved)(-4), &["4"]);
        assert!(!(w.moved)(-4).contains('-'), "down is a word");
        assert_ne!((w.moved)(1), (w.moved)(-1));
        says(language, &(w.preview)("Alien", &[]), &["Alien"]);
        let rising = [("Solaris".to_owned(), 0, 7), ("Stalker".to_owned(), 12, 5)];
        let parts = ["Alien", "Solaris", "7", "Stalker", "12 → 5"];
        says(language, &(w.preview)("Alien", &rising), &parts);

        let n = &w.notices;
        says(language, &(n.bad_link)("explore=9"), &["explore=9"]);
        says(language, &(n.memory)("denied."), &["denied"]);
        says(language, &(n.unknown_item)("film-1"), &["film-1"]);
        assert_eq!((n.failed)("It is so."), "It is so.");
        assert_eq!((n.set_aside)("It is so."), "It is so.");
    }
}

#[test]
fn the_lab_says_what_it_is_about() {
    for language in Language::ALL {
        let (_, lab) = tables(language);
        says(language, &(lab.no_analysis)(""), &[]);
        says(language, &(lab.no_analysis)("no pack"), &["no pack"]);
        explanation_and_panel(language, lab);
        views(language, lab);
        trial(language, lab);
        for part in [
            Part::Page,
            Part::App,
            Part::Ranker,
            Part::Small,
            Part::Other,
        ] {
            check(language, (lab.downloads.part)(part));
        }
        for part in [Part::TrainerCpu, Part::TrainerWebgpu] {
            says(language, (lab.downloads.part)(part), &["PU"]);
        }
        for source in [
            Source::Network,
            Source::Confirmed,
            Source::Cache,
            Source::Kept,
            Source::Unknown,
        ] {
            check(language, (lab.downloads.source)(source));
        }
        assert_eq!((lab.downloads.files)(1), "");
        says(language, &(lab.downloads.files)(3), &["3"]);
    }
}

fn explanation_and_panel(language: Language, lab: &LabWords) {
    let w = &lab.explanation;
    for (rank, uncertainty) in [(0, 0.9), (1234, 0.6), (1, 0.1)] {
        let place = if rank == 0 { "" } else { "1" };
        let sure = format!("{uncertainty:.2}");
        says(language, &(w.standing)(rank, uncertainty), &[place, &sure]);
    }
    says(language, &(w.standing)(1234, 0.5), &["1,234"]);
    says(language, &(w.remove_title)("Alien"), &["Alien"]);
    for name in EXPERTS {
        check(language, &(w.expert)(name));
        check(language, (w.expert_tip)(name));
    }
    assert_eq!((w.expert)("unheard-of"), "unheard-of");
    assert_eq!((w.expert_tip)("unheard-of"), "");
    for kind in KINDS {
        says(language, &(w.did)(kind, "Alien"), &["Alien"]);
    }
    let w = &lab.panel;
    says(language, &(w.samples)(1), &["1"]);
    says(language, &(w.samples)(17), &["17"]);
    says(language, &(w.share)(0.34, 0.2), &["34 %", "20 %"]);
    says(
        language,
        &(w.pack)(1000, 2_000_000, 340_000),
        &["1,000", "2,000,000", "340 KB"],
    );
    says(language, &(w.licence)("CC0"), &["CC0"]);
}

fn views(language: Language, lab: &LabWords) {
    let w = &lab.curve;
    says(language, &(w.beside)(0.25, 0.004), &["0.25", "0.004"]);
    says(
        language,
        &(w.text)(8, 0.5, 0.25, 0.004),
        &["8", "0.50", "0.25", "0.004"],
    );
    says(language, &(w.own_key)(25), &["25"]);
    says(language, &(w.drift)(&[26, 51]), &["26", "51"]);
    let w = &lab.map;
    says(
        language,
        &(w.axes)(1500, [0.34, 0.12]),
        &["1,500", "34 %", "12 %"],
    );
    says(language, &(w.text)(&[]), &[]);
    let near = ["Alien".to_owned(), "Solaris".to_owned()];
    says(language, &(w.text)(&near), &["Alien", "Solaris"]);
    let w = &lab.taste;
    for facet in ["creator", "genre", "keyword", "country", "tag", "category"] {
        check(language, &(w.facet)(facet));
    }
    assert_eq!(
        (w.facet)("size").to_lowercase(),
        "size",
        "one of the data's own"
    );
    says(language, &(w.more_bars)(9), &["9"]);
    says(language, &(w.counts)(120, 7), &["120", "7"]);
    assert_eq!((w.steps)(0), "");
    says(language, &(w.steps)(2), &["+2"]);
    says(language, &(w.steps)(-2), &["−2"]);
    for text in [w.more, w.less, w.no_more, w.clear] {
        says(language, &text("Western"), &["Western"]);
    }
    says(language, &(w.forget)("Western", 7), &["Western", "7"]);
    let w = &lab.attention;
    says(
        language,
        &(w.field)("Alien", 2, 3, 0.34),
        &["Alien", "2", "3", "34 %"],
    );
    says(language, &(w.text)("Alien", 0.34), &["Alien", "34 %"]);
}

fn trial(language: Language, lab: &LabWords) {
    let w = &lab.trial;
    says(language, &(w.per_second)(0.5), &["2"]);
    says(language, &(w.per_second)(5.0), &["5"]);
    assert_eq!((w.standing)(0, 0, false), "");
    says(language, &(w.standing)(0, 0, true), &[]);
    says(language, &(w.standing)(25, 17, true), &["25", "17"]);
    says(language, &(w.result)(0, 0, 1.0, false), &[]);
    for (own, rival, sure) in [(12, 3, true), (3, 12, true), (3, 2, false)] {
        let parts = [&*own.to_string(), &*rival.to_string(), "0.04"];
        says(language, &(w.result)(own, rival, 0.04, sure), &parts);
    }
    assert_ne!(
        (w.result)(12, 3, 0.04, true),
        (w.result)(12, 3, 0.04, false)
    );
}

#[test]
fn training_says_what_it_is_about() {
    for language in Language::ALL {
        let (_, lab) = tables(language);
        tuning(language, lab);
        sheet(language, lab);
    }
}

fn tuning(language: Language, lab: &LabWords) {
    let w = &lab.tuning;
    for text in [w.saves_data, w.little_memory, w.loading, w.beside_ranker] {
        says(language, &text("1.4 MB"), &["1.4 MB"]);
    }
    for text in [w.earlier, w.stays, w.steps] {
        says(language, &text(1), &["1"]);
        says(language, &text(1200), &["1,200"]);
    }
    says(
        language,
        &(w.tuned)(12, 6.124, 5.871),
        &["12", "6.124 → 5.871 nats"],
    );
    says(
        language,
        &(w.rejected)(12, "It forgets"),
        &["12", "It forgets."],
    );
    assert_eq!((w.failed)("It is so"), "It is so.");
    says(language, &(w.gave_up)(""), &[]);
    says(
        language,
        &(w.gave_up)("Out of memory"),
        &["Out of memory. "],
    );
    assert_eq!((w.nats)(5.8712), "5.871 nats");
    says(language, &(w.before)(6.1), &["6.100"]);
    let w = &w.build;
    says(language, &(w.none)("no adapter"), &["no adapter."]);
    says(language, &(w.software)("SwiftShader"), &["SwiftShader"]);
    says(language, &(w.measured)("Apple M2", true), &["Apple M2"]);
    assert_ne!((w.measured)("M2", true), (w.measured)("M2", false));
    for text in [w.failed, w.on_cpu] {
        says(language, &text(""), &["cpu"]);
        says(language, &text("It was lost"), &["cpu", "It was lost."]);
    }
}

fn sheet(language: Language, lab: &LabWords) {
    let w = &lab.train;
    says(language, &(w.busy)(34), &["34 %"]);
    for text in [w.remove, w.unreadable, w.download, w.use_it] {
        says(language, &text("films.csv"), &["films.csv"]);
    }
    says(language, &(w.own_history)(0), &[]);
    says(language, &(w.own_history)(1200), &["1,200"]);
    says(language, &(w.fetches)("1.4 MB", None), &["1.4 MB"]);
    says(
        language,
        &(w.fetches)("1.4 MB", Some("9.2 MB")),
        &["1.4 MB", "9.2 MB"],
    );
    let mut stored = StoredTraining {
        name: "Films".into(),
        epoch: 3,
        epochs: 20,
        at: 0.0,
    };
    says(language, &(w.offer)(&stored), &["Films", "3", "20"]);
    stored.name.clear();
    says(language, &(w.offer)(&stored), &[]);
    for (minutes, part) in [(0.5, ""), (34.0, "34"), (600.0, "10"), (2880.0, "2")] {
        says(language, &(w.stored_ago)(minutes), &[part]);
    }
    for phase in [Phase::Reading, Phase::Paused, Phase::Packing] {
        says(language, &(w.phase)(phase, 3, 20), &[]);
    }
    says(language, &(w.phase)(Phase::Training, 3, 20), &["4", "20"]);
    says(language, &(w.phase)(Phase::Validating, 3, 20), &["3"]);
    says(
        language,
        &(w.data)(1000, 2000, 30_000),
        &["1,000", "2,000", "30,000"],
    );
    says(language, &(w.steps)(1200, 3400), &["1,200", "3,400"]);
    says(language, &(w.loss_text)(None), &[]);
    says(
        language,
        &(w.loss_text)(Some((6.5, 5.25))),
        &["6.50", "5.25", "nats"],
    );
    says(language, &(w.ndcg_text)(None, 0.1), &[]);
    let values = (w.ndcg_text)(Some((0.21, 0.22)), 0.1);
    says(language, &values, &["0.210", "0.220", "0.100"]);
    for (seconds, part) in [(12.0, "12"), (200.0, "3"), (7200.0, "2.0")] {
        let text = (w.seconds)(seconds);
        assert!(text.contains(part), "{text}");
        assert_eq!(is_chinese(&text), language == Language::Chinese, "{text}");
    }
    assert_eq!((w.seconds)(f32::NAN), "–");
    says(language, &(w.verdict)(0.2, 0.1), &["2.0"]);
    says(language, &(w.verdict)(0.2, 0.0), &[]);
    assert_ne!((w.verdict)(0.2, 0.0), (w.verdict)(0.1, 0.1));
    says(language, &(w.gave_up)(""), &[]);
    says(
        language,
        &(w.gave_up)("Out of memory"),
        &["Out of memory. "],
    );
}
