//! How an item is shown, for the app and for the page that ships before it.

use engine::messages::ItemView;

use crate::cover;
use crate::escape::Escaped;

/// Where a click on the item leads: an address of the web or of this site, else nothing. Other
/// schemes, such as `javascript:`, are not followed, wherever the catalogue came from.
pub fn link(item: &ItemView) -> Option<&str> {
    let url = item.url.trim();
    let scheme = url.split(['/', '?', '#']).next().unwrap_or_default();
    let lower = scheme.to_ascii_lowercase();
    let web = lower == "http:" || lower == "https:";
    (!url.is_empty() && (web || !scheme.contains(':'))).then_some(url)
}

/// The item's picture as markup: its own image, or a drawn cover.
pub fn picture(item: &ItemView) -> String {
    if item.image.is_empty() {
        return cover::svg(item);
    }
    format!(
        r#"<img class="cover-art" src="{}" alt="{}" width="120" height="180" loading="lazy" decoding="async">"#,
        Escaped(&item.image),
        Escaped(&cover::label(item)),
    )
}

/// Year and creator in one line.
pub fn byline(item: &ItemView) -> String {
    match (item.year, item.creator.as_str()) {
        (Some(year), "") => year.to_string(),
        (Some(year), creator) => format!("{year} · {creator}"),
        (None, creator) => creator.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_addresses_are_followed() {
        let with = |url: &str| ItemView {
            id: "1".into(),
            title: "T".into(),
            year: None,
            creator: String::new(),
            url: url.into(),
            image: String::new(),
            facets: vec![],
        };
        for good in [
            "https://example.org/a",
            "HTTP://example.org",
            "/a:b",
            "film/7",
            "./x?y=a:b",
        ] {
            assert!(link(&with(good)).is_some(), "{good}");
        }
        for bad in [
            "",
            "javascript:alert(1)",
            " JavaScript:x",
            "data:text/html,x",
            "blob:x",
        ] {
            assert!(link(&with(bad)).is_none(), "{bad}");
        }
    }
}
