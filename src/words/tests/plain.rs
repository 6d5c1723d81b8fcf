//! The texts that take nothing.

use super::{check, tables};
use crate::words::downloads::DownloadWords;
use crate::words::lab::{
    AttentionWords, CurveWords, ExplanationWords, LabWords, MapWords, PanelWords, TasteWords,
    TrialWords,
};
use crate::words::training::{BuildWords, Named, TrainWords, TuningWords};
use crate::words::{Language, NoticeWords, Words};

/// Names that are the same in every language.
const NAMES: [&str; 5] = ["Honeyguide", "NDCG@10", "cpu", "webgpu", "95 %"];

#[test]
fn every_text_is_in_its_language() {
    for language in Language::ALL {
        let (page, lab) = tables(language);
        let texts = [of_page(page), of_notices(&page.notices), of_lab(lab)].concat();
        assert!(texts.len() > 200, "{}", texts.len());
        for text in texts {
            if !NAMES.contains(&text) {
                check(language, text);
            }
            if language == Language::Chinese {
                // Names, file formats and a command may stand in it, a sentence may not.
                assert!(longest_latin_run(text) <= 3, "{text}");
            }
        }
    }
}

/// The most words of Latin letters that follow each other with nothing but a space between.
fn longest_latin_run(text: &str) -> usize {
    text.split(|c: char| !c.is_ascii_alphabetic() && c != ' ')
        .map(|stretch| stretch.split_whitespace().count())
        .max()
        .unwrap_or(0)
}

#[test]
fn runs_of_latin_words_are_counted() {
    assert_eq!(longest_latin_run("页面和 service worker 的 WASM"), 2);
    assert_eq!(longest_latin_run("Not a word of 中文 here"), 4);
}

fn pairs(named: &[Named]) -> Vec<&'static str> {
    named.iter().flat_map(|(name, tip)| [*name, *tip]).collect()
}

#[rustfmt::skip]
fn of_page(words: &Words) -> Vec<&'static str> {
    let Words {
        brand, lede, skip, for_you, catalogue, filter, nothing_found, nothing_left, new, updated, undo,
        redo, pause, resume, export, import, forget, forget_question, forget_yes, forget_no, explore,
        explore_low, explore_high, explore_tip, language, theme, themes, panel, backend, sent, train,
        loading,
        lang: _, notices: _,
        // Functions: see the other file.
        count: _, why: _, why_title: _, like: _, dislike: _, dismiss: _, done: _, moved: _, preview: _,
    } = words;
    let mut texts = vec![
        *brand, lede, skip, for_you, catalogue, filter, nothing_found, nothing_left, new, updated, undo,
        redo, pause, resume, export, import, forget, forget_question, forget_yes, forget_no, explore,
        explore_low, explore_high, explore_tip, language, theme, panel, train, loading,
    ];
    texts.extend(themes);
    texts.extend(pairs(&[*backend, *sent]));
    texts
}

#[rustfmt::skip]
fn of_notices(words: &NoticeWords) -> Vec<&'static str> {
    let NoticeWords {
        no_wasm, no_simd, no_script, not_loaded, trying, lab_away, restarted, stopped, protocol,
        other_tab, save_bytes, paused, forgotten, imported, unreadable, not_saved, offline, newer,
        use_newer, close,
        bad_link: _, failed: _, memory: _, set_aside: _, unknown_item: _,
    } = words;
    let mut texts = vec![
        *no_wasm, no_simd, no_script, not_loaded, lab_away, restarted, stopped, protocol, other_tab,
        save_bytes, paused, forgotten, imported, unreadable, not_saved, offline, newer, use_newer, close,
    ];
    texts.extend(pairs(&[*trying]));
    texts
}

#[rustfmt::skip]
fn of_lab(words: &LabWords) -> Vec<&'static str> {
    let LabWords {
        loading, close, not_saved, explanation, panel, curve, map, taste, trial, attention, tuning,
        downloads, train,
        no_analysis: _,
    } = words;
    [
        vec![*loading, close, not_saved],
        of_explanation(explanation), of_panel(panel), of_curve(curve), of_map(map), of_taste(taste),
        of_trial(trial), of_attention(attention), of_tuning(tuning), of_build(&tuning.build),
        of_downloads(downloads), of_train(train),
    ]
    .concat()
}

#[rustfmt::skip]
fn of_explanation(words: &ExplanationWords) -> Vec<&'static str> {
    let ExplanationWords {
        experts, history, no_history, tags, wishes, numbers, columns, score, remove, legend,
        standing: _, remove_title: _, expert: _, expert_tip: _, did: _,
    } = words;
    let texts = [*experts, history, no_history, tags, wishes, numbers, score, remove, legend];
    [&texts[..], &columns[..]].concat()
}

#[rustfmt::skip]
fn of_panel(words: &PanelWords) -> Vec<&'static str> {
    let PanelWords {
        times, time_columns, stages, no_samples, tabs, tabs_label, shares, history, no_history, stored,
        memory, events, seen, about, simulated, storage,
        samples: _, share: _, pack: _, licence: _,
    } = words;
    let texts = [*times, no_samples, tabs_label, history, no_history, about, simulated];
    let named = pairs(&[*shares, *stored, *memory, *events, *seen]);
    [&texts[..], time_columns, &pairs(stages), tabs, &named, storage].concat()
}

#[rustfmt::skip]
fn of_curve(words: &CurveWords) -> Vec<&'static str> {
    let CurveWords {
        events, hit, ndcg, popular_key, chance_key, raw_key, nothing, note, csv,
        beside: _, text: _, own_key: _, drift: _,
    } = words;
    let texts = [*events, popular_key, chance_key, raw_key, nothing, note, csv];
    [&texts[..], &pairs(&[*hit, *ndcg])].concat()
}

fn of_map(words: &MapWords) -> Vec<&'static str> {
    let MapWords {
        tip,
        here,
        nowhere,
        nearest,
        axes: _,
        text: _,
    } = words;
    vec![*tip, here, nowhere, nearest]
}

#[rustfmt::skip]
fn of_taste(words: &TasteWords) -> Vec<&'static str> {
    let TasteWords {
        note, nothing, never,
        facet: _, more_bars: _, counts: _, steps: _, more: _, less: _, no_more: _, clear: _, forget: _,
    } = words;
    vec![*note, nothing, never]
}

#[rustfmt::skip]
fn of_trial(words: &TrialWords) -> Vec<&'static str> {
    let TrialWords {
        script, likes, then, speed, start, stop, flip, compare, rivals,
        per_second: _, standing: _, result: _,
    } = words;
    let texts = [*likes, then, speed, start, stop, flip];
    [&texts[..], &pairs(&[*script, *compare]), rivals].concat()
}

fn of_attention(words: &AttentionWords) -> Vec<&'static str> {
    let AttentionWords {
        title,
        field: _,
        text: _,
    } = words;
    pairs(&[*title])
}

#[rustfmt::skip]
fn of_tuning(words: &TuningWords) -> Vec<&'static str> {
    let TuningWords {
        title, no_encoder, not_built, waits, adapt_here, ready, again, loss, time, dispatches,
        dispatched_on, memory,
        build: _, saves_data: _, little_memory: _, loading: _, earlier: _, tuned: _, rejected: _,
        failed: _, stays: _, gave_up: _, nats: _, before: _, steps: _, beside_ranker: _,
    } = words;
    let texts = [*no_encoder, not_built, waits, adapt_here, ready, again];
    let named = pairs(&[*title, *loss, *time, *dispatches, *memory]);
    [&texts[..], &named, dispatched_on].concat()
}

#[rustfmt::skip]
fn of_build(words: &BuildWords) -> Vec<&'static str> {
    let BuildWords {
        title, rows, columns, chosen, first, timing, forced, restarted,
        none: _, software: _, measured: _, failed: _, on_cpu: _,
    } = words;
    let texts = [*chosen, first, timing, forced, restarted];
    [&texts[..], &pairs(&[*title]), &pairs(rows), columns].concat()
}

fn of_downloads(words: &DownloadWords) -> Vec<&'static str> {
    let DownloadWords {
        title,
        columns,
        total,
        note,
        part: _,
        files: _,
        source: _,
    } = words;
    [&[*title, total, note][..], columns].concat()
}

#[rustfmt::skip]
fn of_train(words: &TrainWords) -> Vec<&'static str> {
    let TrainWords {
        title, paused, done, lede, close, close_running, drop, choose, formats, own_history_tip,
        settings, epochs, batch, history, start, needs, fetched, not_built, go_on, discard, begin_anew,
        open, preparing, progress, loss, ndcg, popularity, epoch, rate, left, backend, memory,
        dispatches, pause, resume, finish, cancel, cancel_question, cancel_yes, cancel_no, ending,
        finished, encoder, another, dropped, nothing_stored, ready_notice,
        busy: _, remove: _, own_history: _, fetches: _, unreadable: _, offer: _, stored_ago: _, phase: _,
        data: _, steps: _, loss_text: _, ndcg_text: _, seconds: _, verdict: _, download: _, use_it: _,
        gave_up: _,
    } = words;
    let texts = [
        *title, paused, done, lede, close, close_running, drop, choose, settings, start, needs, fetched,
        not_built, go_on, discard, begin_anew, open, progress, popularity, epoch, pause, resume, cancel,
        cancel_question, cancel_yes, cancel_no, ending, finished, encoder, another, dropped,
        nothing_stored, ready_notice,
    ];
    let named = [
        *epochs, *batch, *history, *loss, *ndcg, *rate, *left, *backend, *memory, *dispatches, *finish,
    ];
    [&texts[..], &pairs(formats), own_history_tip, preparing, &pairs(&named)].concat()
}
