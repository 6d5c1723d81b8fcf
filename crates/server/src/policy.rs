//! The headers that say what a page may do, the same for every answer: a worker is bound by the
//! policy of its own script's answer, not by the page's.

use axum::http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS},
};
use sha2::{Digest, Sha256};

/// Security headers beside the Content-Security-Policy.
const FIXED: [(HeaderName, &str); 6] = [
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (REFERRER_POLICY, "no-referrer"),
    (X_FRAME_OPTIONS, "DENY"),
    (
        HeaderName::from_static("permissions-policy"),
        "accelerometer=(), browsing-topics=(), camera=(), display-capture=(), \
         geolocation=(), gyroscope=(), hid=(), magnetometer=(), microphone=(), midi=(), \
         payment=(), serial=(), usb=()",
    ),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
];

/// All security headers for a site whose page is `index_html`.
pub(crate) fn headers(index_html: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in FIXED {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert(
        CONTENT_SECURITY_POLICY,
        HeaderValue::try_from(content_security_policy(index_html))
            .expect("directives and base64 are visible ASCII"),
    );
    headers
}

/// Nothing but what comes from this server, no inline script but those that the build wrote (the
/// one that starts the WASM), no inline style, no form, no frame.
fn content_security_policy(index_html: &str) -> String {
    let mut scripts = String::from("'self' 'wasm-unsafe-eval'");
    for script in inline_scripts(index_html) {
        // Browsers hash the text after the parser has made every line end a line feed.
        let text = script.replace("\r\n", "\n");
        let digest = base64(&Sha256::digest(text.as_bytes()));
        scripts.push_str(&format!(" 'sha256-{digest}'"));
    }
    format!(
        "default-src 'none'; script-src {scripts}; style-src 'self'; img-src 'self' data:; \
         connect-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'none'; \
         form-action 'none'{FRAMES}"
    )
}

/// The one directive that only a header can state: browsers complain of it in a meta element.
const FRAMES: &str = "; frame-ancestors 'none'";

/// The policy as the page can state it itself, where a host sends no header.
pub(crate) fn for_meta(index_html: &str) -> String {
    content_security_policy(index_html).replace(FRAMES, "")
}

/// The texts between `<script …>` and `</script>` of every script without `src`; blocks of JSON are
/// data, which no policy needs to allow.
fn inline_scripts(html: &str) -> Vec<&str> {
    // Lower-casing ASCII keeps every byte's place, so positions found in one hold in the other.
    let lower = html.to_ascii_lowercase();
    let mut scripts = Vec::new();
    let mut from = 0;
    while let Some(at) = lower[from..].find("<script").map(|at| from + at) {
        let Some(open) = lower[at..].find('>').map(|end| at + end) else {
            break;
        };
        let Some(close) = lower[open..].find("</script").map(|end| open + end) else {
            break;
        };
        let attributes = &lower[at + "<script".len()..open];
        let external_or_data = attributes.split_ascii_whitespace().any(|attribute| {
            attribute == "src"
                || attribute.starts_with("src=")
                || attribute == "type=\"application/json\""
        });
        if !external_or_data {
            scripts.push(&html[open + 1..close]);
        }
        from = close + "</script".len();
    }
    scripts
}

/// Standard base64 with padding. A dozen lines here spare a dependency for one hash.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let group = chunk
            .iter()
            .fold(0u32, |group, &byte| group << 8 | u32::from(byte))
            << (8 * (3 - chunk.len()));
        for place in 0..4 {
            out.push(if place <= chunk.len() {
                char::from(ALPHABET[(group >> (18 - 6 * place) & 63) as usize])
            } else {
                '='
            });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_of_the_rfc_4648_examples() {
        for (plain, encoded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(plain.as_bytes()), encoded);
        }
    }

    #[test]
    fn finds_inline_scripts_and_only_those() {
        let html = "<script>one</script><SCRIPT type=\"module\">\ntwo\n</SCRIPT>\
                    <script src=\"./three.js\"></script><script async src=4></script>\
                    <script type=\"application/json\" id=\"data\">{}</script>";
        assert_eq!(inline_scripts(html), ["one", "\ntwo\n"]);
        assert!(inline_scripts("<script>never closed").is_empty());
    }

    #[test]
    fn inline_scripts_are_allowed_by_their_hash_alone() {
        // The example of the CSP specification.
        let policy = content_security_policy("<script>alert('Hello, world.');</script>");
        assert!(policy.contains(
            "script-src 'self' 'wasm-unsafe-eval' \
             'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='; "
        ));
        assert!(!policy.contains("unsafe-inline"));
        assert!(policy.starts_with("default-src 'none'; "));
    }
}
