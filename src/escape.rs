//! Escaping of text for HTML and XML.

use std::fmt;

/// Displays text so that it is safe between tags and inside quoted attributes, in HTML and in XML.
pub struct Escaped<'a>(pub &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        while let Some(at) = rest.find(['&', '<', '>', '"', '\'']) {
            f.write_str(&rest[..at])?;
            f.write_str(match rest.as_bytes()[at] {
                b'&' => "&amp;",
                b'<' => "&lt;",
                b'>' => "&gt;",
                b'"' => "&quot;",
                _ => "&#39;",
            })?;
            rest = &rest[at + 1..];
        }
        f.write_str(rest)
    }
}

#[cfg(test)]
mod tests {
    use super::Escaped;

    #[test]
    fn markup_becomes_text() {
        assert_eq!(
            Escaped(r#"é <b a="1">Tom's & co</b>"#).to_string(),
            "é &lt;b a=&quot;1&quot;&gt;Tom&#39;s &amp; co&lt;/b&gt;"
        );
    }
}
