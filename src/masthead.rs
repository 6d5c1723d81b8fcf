//! The head of the page: mark, names, the one sentence, and the choices of language and colours.
//!
//! It stays when the language changes, so that the focus stays on the switch; only its words follow.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::preferences;
use crate::state::State;

/// The visitor's choice of colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Theme {
    Light,
    Dark,
}

/// Mark, name of the catalogue, sentence, language, colours.
#[component]
pub fn Masthead(
    /// The page's state.
    state: State,
) -> impl IntoView {
    view! {
        <header class="masthead">
            <img class="mark" src="./mark.svg" alt="" width="44" height="44"/>
            <div class="names">
                <h1>{move || state.words().brand}</h1>
                <p class="catalogue-name">{move || state.name.get()}</p>
            </div>
            <p class="lede">{move || state.words().lede}</p>
            <div class="theme"><LanguageButton state/><ThemeButton state/></div>
        </header>
    }
}

/// One button that names the language it changes to, in that language.
#[component]
fn LanguageButton(state: State) -> impl IntoView {
    let next = move || state.language.get().next();
    view! {
        <button
            type="button" class="quiet" data-testid="language"
            on:click=move |_| state.speak(state.language.get_untracked().next())
        >
            <span class="hidden-text">{move || state.words().language} " "</span>
            <span lang=move || next().tag()>{move || next().name()}</span>
        </button>
    }
}

/// One button that goes through the three choices and names the current one.
#[component]
fn ThemeButton(state: State) -> impl IntoView {
    let theme = RwSignal::new(preferences::get::<Theme>(preferences::THEME));
    Effect::new(move || {
        let theme = theme.get();
        preferences::set(preferences::THEME, theme);
        let Some(root) = document().document_element() else {
            return;
        };
        // Setting and removing an attribute of a valid name cannot fail.
        let _ = match theme {
            None => root.remove_attribute("data-theme"),
            Some(Theme::Light) => root.set_attribute("data-theme", "light"),
            Some(Theme::Dark) => root.set_attribute("data-theme", "dark"),
        };
    });
    let name = move || {
        state.words().themes[match theme.get() {
            None => 0,
            Some(Theme::Light) => 1,
            Some(Theme::Dark) => 2,
        }]
    };
    let next = move |_| {
        theme.update(|theme| {
            *theme = match theme {
                None => Some(Theme::Light),
                Some(Theme::Light) => Some(Theme::Dark),
                Some(Theme::Dark) => None,
            };
        });
    };
    view! {
        <button type="button" class="quiet" data-testid="theme" on:click=next>
            <span class="half" aria-hidden="true"></span>
            <span class="hidden-text">{move || state.words().theme} ": "</span>
            <span class="theme-name">{name}</span>
        </button>
    }
}
