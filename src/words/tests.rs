//! Every language says everything. The tables are taken apart field by field, so that a word that is
//! added later does not compile until it is looked at here.

mod functions;
mod plain;

use super::lab::LabWords;
use super::{Language, Words, en, grouped, lab_words, sentence, speak, words, zh};

/// Both tables of a language.
fn tables(language: Language) -> (&'static Words, &'static LabWords) {
    match language {
        Language::English => (&en::EN, &en::lab::LAB),
        Language::Chinese => (&zh::ZH, &zh::lab::LAB),
    }
}

/// Is one of Chinese's characters or full-width marks in it?
fn is_chinese(text: &str) -> bool {
    text.chars()
        .any(|c| matches!(c, '\u{4e00}'..='\u{9fff}' | '\u{3000}'..='\u{303f}' | '\u{ff00}'..='\u{ffef}'))
}

/// Fails unless a text belongs to the language: Chinese has Chinese characters in it, full-width marks
/// after them, and a space between them and Latin letters or digits; English has none of them.
fn check(language: Language, text: &str) {
    assert!(!text.trim().is_empty(), "{language:?} has an empty text");
    assert!(!text.contains(['!', '！']), "{text}");
    match language {
        Language::English => assert!(!is_chinese(text), "{text}"),
        Language::Chinese => {
            assert!(is_chinese(text), "not Chinese: {text}");
            // Marks between Chinese characters are full-width.
            let all: Vec<char> = text.chars().collect();
            let half = all.windows(2).find(|pair| {
                is_chinese(&pair[0].to_string()) && matches!(pair[1], ',' | '.' | ';' | '?' | '(')
            });
            assert!(half.is_none(), "half-width {half:?} in {text}");
            // A letter or digit does not touch a Chinese character, nor the other way round.
            let touching = all.windows(2).find(|pair| {
                let han = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
                han(pair[0]) && pair[1].is_ascii_alphanumeric()
                    || pair[0].is_ascii_alphanumeric() && han(pair[1])
            });
            assert!(touching.is_none(), "{touching:?} touch in {text}");
        }
    }
}

#[test]
fn the_language_that_is_spoken_chooses_the_table() {
    assert_eq!(
        words().lang,
        "en",
        "the page says English before the app runs"
    );
    for language in Language::ALL {
        speak(language);
        assert_eq!(words().lang, language.tag());
        let (page, lab) = tables(language);
        assert_eq!(words().lede, page.lede);
        assert_eq!(lab_words().train.lede, lab.train.lede);
        assert_eq!(is_chinese(lab.train.lede), language == Language::Chinese);
    }
    speak(Language::English);
}

#[test]
fn languages_are_found_by_the_tags_of_browsers() {
    for (tag, expected) in [
        ("zh-CN", Some(Language::Chinese)),
        ("zh", Some(Language::Chinese)),
        ("ZH-hant-TW", Some(Language::Chinese)),
        ("en-GB", Some(Language::English)),
        ("de", None),
        ("zha", None),
        ("", None),
    ] {
        assert_eq!(Language::from_tag(tag), expected, "{tag}");
    }
    for language in Language::ALL {
        assert_eq!(Language::from_tag(language.tag()), Some(language));
        let stored = serde_json::to_string(&language).expect("a name is JSON");
        assert_eq!(stored, format!("\"{}\"", language.tag()));
    }
    assert_eq!(Language::English.next(), Language::Chinese);
    assert_eq!(Language::Chinese.next(), Language::English);
}

#[test]
fn what_all_languages_share() {
    assert_eq!(grouped(1_234_567), "1,234,567");
    assert_eq!(grouped(12), "12");
    assert_eq!(sentence("Too few choices"), "Too few choices.");
    assert_eq!(sentence("Too few choices."), "Too few choices.");
    assert_eq!(sentence(" "), "");
}
