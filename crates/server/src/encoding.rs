//! Compressed bodies, made once, and the choice between them.

use std::io::{self, Read, Write};

use axum::{body::Bytes, http::HeaderValue};
use flate2::{Compression, write::GzEncoder};

/// Above this many bytes brotli's best quality takes seconds for a per cent or two.
const SLOW_BROTLI_FROM: usize = 2 << 20;

/// Ending of a file that holds another, without the ending, as brotli: made at build time, where
/// the best quality takes too long at start-up. Some static hosts serve such files, too.
pub(crate) const SIDECAR: &str = ".br";

/// Everything but the formats that are compressed already. Packs are not: they hold numbers and
/// titles as they are.
pub(crate) fn is_worth_it(content_type: &str) -> bool {
    !matches!(
        content_type,
        "image/png" | "image/jpeg" | "image/webp" | "font/woff2"
    )
}

/// How a body is encoded on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    Identity,
    Gzip,
    Brotli,
}

impl Encoding {
    /// The value of `Content-Encoding`; `None` for the plain body.
    pub(crate) fn header(self) -> Option<HeaderValue> {
        match self {
            Self::Identity => None,
            Self::Gzip => Some(HeaderValue::from_static("gzip")),
            Self::Brotli => Some(HeaderValue::from_static("br")),
        }
    }

    /// What tells this body's ETag from the others': a strong ETag names bytes, not a file.
    pub(crate) fn tag_suffix(self) -> &'static str {
        match self {
            Self::Identity => "",
            Self::Gzip => "-gz",
            Self::Brotli => "-br",
        }
    }
}

/// The encodings that a client takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Accepted {
    pub(crate) brotli: bool,
    pub(crate) gzip: bool,
}

impl Accepted {
    /// Reads the values of `Accept-Encoding` headers; a quality of 0 refuses an encoding.
    pub(crate) fn parse<'a>(headers: impl Iterator<Item = &'a HeaderValue>) -> Self {
        let mut accepted = Self::default();
        for value in headers.filter_map(|header| header.to_str().ok()) {
            for part in value.split(',') {
                let mut fields = part.split(';').map(str::trim);
                let name = fields.next().unwrap_or_default();
                let refused = fields
                    .filter_map(|field| field.strip_prefix("q="))
                    .any(|quality| quality.parse::<f32>().is_ok_and(|quality| quality <= 0.0));
                if refused {
                    continue;
                }
                if name.eq_ignore_ascii_case("br") {
                    accepted.brotli = true;
                } else if name.eq_ignore_ascii_case("gzip") {
                    accepted.gzip = true;
                }
            }
        }
        accepted
    }
}

/// Both compressed forms of a body; a form that is not smaller is left out.
#[derive(Debug)]
pub(crate) struct Compressed {
    pub(crate) brotli: Option<Bytes>,
    pub(crate) gzip: Option<Bytes>,
}

impl Compressed {
    /// `made`: a brotli form made before; one that does not unpack to `plain` is made again.
    pub(crate) fn of(plain: &[u8], made: Option<&Bytes>) -> Self {
        let smaller = |bytes: io::Result<Vec<u8>>| {
            bytes
                .ok()
                .filter(|bytes| bytes.len() < plain.len())
                .map(Bytes::from)
        };
        let made = made.filter(|made| unpacks_to(made, plain)).cloned();
        Self {
            brotli: made.or_else(|| smaller(brotli(plain))),
            gzip: smaller(gzip(plain)),
        }
    }

    /// Bytes of the smallest form.
    pub(crate) fn smallest(plain: &[u8]) -> usize {
        brotli(plain).map_or(plain.len(), |made| made.len().min(plain.len()))
    }
}

fn unpacks_to(made: &[u8], plain: &[u8]) -> bool {
    let mut unpacked = Vec::with_capacity(plain.len());
    // One byte more than expected is enough to know.
    let mut limited = brotli::Decompressor::new(made, 1 << 16).take(plain.len() as u64 + 1);
    limited.read_to_end(&mut unpacked).is_ok() && unpacked == plain
}

fn brotli(plain: &[u8]) -> io::Result<Vec<u8>> {
    let params = brotli::enc::BrotliEncoderParams {
        quality: if plain.len() < SLOW_BROTLI_FROM {
            11
        } else {
            9
        },
        size_hint: plain.len(),
        ..Default::default()
    };
    let mut out = Vec::new();
    brotli::BrotliCompress(&mut &*plain, &mut out, &params)?;
    Ok(out)
}

fn gzip(plain: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(plain)?;
    encoder.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted(value: &'static str) -> Accepted {
        Accepted::parse([HeaderValue::from_static(value)].iter())
    }

    #[test]
    fn reads_what_browsers_and_tools_send() {
        let both = Accepted {
            brotli: true,
            gzip: true,
        };
        assert_eq!(accepted("gzip, deflate, br, zstd"), both);
        assert_eq!(accepted("BR;q=1.0, GZIP; q=0.5"), both);
        assert_eq!(accepted("identity"), Accepted::default());
        assert_eq!(
            accepted("br;q=0, gzip"),
            Accepted {
                brotli: false,
                gzip: true
            }
        );
        assert_eq!(Accepted::parse([].iter()), Accepted::default());
    }

    #[test]
    fn both_forms_unpack_to_the_same_bytes() {
        let plain = "a honeyguide leads people to honey. ".repeat(50);
        let compressed = Compressed::of(plain.as_bytes(), None);
        let mut unpacked = String::new();
        brotli::Decompressor::new(&*compressed.brotli.expect("text shrinks"), 4096)
            .read_to_string(&mut unpacked)
            .expect("our own brotli unpacks");
        assert_eq!(unpacked, plain);
        unpacked.clear();
        flate2::read::GzDecoder::new(&*compressed.gzip.expect("text shrinks"))
            .read_to_string(&mut unpacked)
            .expect("our own gzip unpacks");
        assert_eq!(unpacked, plain);
    }

    #[test]
    fn a_form_that_does_not_shrink_is_left_out() {
        let compressed = Compressed::of(b"x", None);
        assert!(compressed.brotli.is_none() && compressed.gzip.is_none());
    }

    #[test]
    fn a_form_made_before_is_taken_if_it_is_of_this_body() {
        let plain = "a honeyguide leads people to honey. ".repeat(50);
        // Of another quality than ours, so that the two can be told apart.
        let mut made = Vec::new();
        let params = brotli::enc::BrotliEncoderParams {
            quality: 1,
            ..Default::default()
        };
        brotli::BrotliCompress(&mut plain.as_bytes(), &mut made, &params).expect("text packs");
        let made = Bytes::from(made);
        let ours = Compressed::of(plain.as_bytes(), None).brotli;
        assert_ne!(ours.as_ref(), Some(&made));
        let taken = Compressed::of(plain.as_bytes(), Some(&made)).brotli;
        assert_eq!(taken.as_ref(), Some(&made));
        let other = plain.replace("honey.", "money.");
        let refused = Compressed::of(other.as_bytes(), Some(&made)).brotli;
        assert_ne!(refused.as_ref(), Some(&made));
        let garbage = Bytes::from_static(b"no brotli at all");
        assert_eq!(
            Compressed::of(plain.as_bytes(), Some(&garbage)).brotli,
            ours
        );
    }
}
