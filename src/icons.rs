//! Small pictures on buttons, as SVG text. They are decoration: the button has the name.

/// Thumb up.
pub const LIKE: &str = r#"<svg viewBox="0 0 20 20" width="18" height="18" aria-hidden="true"><path fill="none" stroke="currentColor" stroke-width="1.6" stroke-linejoin="round" d="M3 9h3v8H3zM6 9l3.4-6.2c1.6-.4 2.4.9 2 2.6L10.8 8H16c1.2 0 1.9 1 1.6 2.1l-1.4 5.500c-.2.8-.9 1.4-1.800 1.4H6"/></svg>"#;
/// Thumb down.
pub const DISLIKE: &str = r#"<svg viewBox="0 0 20 20" width="18" height="18" aria-hidden="true"><path fill="none" stroke="currentColor" stroke-width="1.6" stroke-linejoin="round" transform="rotate(180 10 10)" d="M3 9h3v8H3zM6 9l3.4-6.2c1.6-.4 2.4.9 2 2.6L10.8 8H16c1.2 0 1.9 1 1.6 2.1l-1.4 5.500c-.2.8-.9 1.4-1.800 1.4H6"/></svg>"#;
/// A cross.
pub const DISMISS: &str = r#"<svg viewBox="0 0 20 20" width="18" height="18" aria-hidden="true"><path fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round" d="M5 5l10 10M15 5L5 15"/></svg>"#;
/// A small triangle that turns when its disclosure opens.
pub const DISCLOSE: &str = r#"<svg class="turn" viewBox="0 0 10 10" width="9" height="9" aria-hidden="true"><path fill="currentColor" d="M1.5 3h7L5 8z"/></svg>"#;
