//! The envelope of everything that is stored: magic, version, length, checksum, then a body.
//!
//! ```text
//! offset  bytes  what
//! 0       6      magic: `HGPACK`, `HGPROF`, `HGEVNT`, `HGADPT` or `HGCKPT`
//! 6       2      version, little endian
//! 8       8      length of the body in bytes, little endian
//! 16      4      CRC-32 (IEEE) of the body, little endian
//! 20      …      body: postcard
//! ```
//!
//! The checksum finds accidents, not attackers: packs come over HTTPS from the site itself.

use std::fmt;

use crc::{CRC_32_ISO_HDLC, Crc, Table};
use serde::{Serialize, de::DeserializeOwned};

/// What a file claims to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A [`crate::pack::Pack`].
    Pack,
    /// A [`crate::profile::Profile`].
    Profile,
    /// One [`crate::event::Event`], a record of the log.
    Event,
    /// A [`crate::encoder::adapter::Snapshot`].
    Adapter,
    /// Training that goes on later.
    Checkpoint,
}

const KINDS: [Kind; 5] = [
    Kind::Pack,
    Kind::Profile,
    Kind::Event,
    Kind::Adapter,
    Kind::Checkpoint,
];

impl Kind {
    fn magic(self) -> &'static [u8; 6] {
        match self {
            Self::Pack => b"HGPACK",
            Self::Profile => b"HGPROF",
            Self::Event => b"HGEVNT",
            Self::Adapter => b"HGADPT",
            Self::Checkpoint => b"HGCKPT",
        }
    }

    /// The version that this build writes; it reads this and every older one.
    pub fn version(self) -> u16 {
        match self {
            Self::Pack => 2,
            Self::Profile | Self::Event | Self::Adapter | Self::Checkpoint => 1,
        }
    }

    /// Longest body that is read, in bytes.
    pub fn limit(self) -> usize {
        match self {
            Self::Pack => 512 << 20,
            Self::Checkpoint => 1 << 30,
            Self::Profile => 4 << 20,
            Self::Event => 16 << 10,
            Self::Adapter => 256 << 10,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Pack => "pack",
            Self::Profile => "profile",
            Self::Event => "event record",
            Self::Adapter => "adapter",
            Self::Checkpoint => "checkpoint",
        }
    }

    fn remedy(self) -> &'static str {
        match self {
            Self::Pack => "build the pack again with `honeyguide pack`, or fetch it again",
            Self::Profile | Self::Event => {
                "keep the file, and import another export or start afresh"
            }
            Self::Adapter => "it is trained again from the events",
            Self::Checkpoint => "start the training again without it",
        }
    }
}

const HEADER: usize = 20;

/// With the small table (1 KB): the fast ones are 16 KB of WASM that no compression shrinks.
static CRC: Crc<u32, Table<1>> = Crc::<u32, Table<1>>::new(&CRC_32_ISO_HDLC);

/// Why a file was refused. Nothing is ever guessed or repaired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormatError {
    /// What the file was read as.
    pub kind: Kind,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What is wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// Other bytes at the start.
    Foreign,
    /// A pack where a profile was expected, or the reverse.
    WrongKind(Kind),
    /// Written by a later release.
    Future {
        /// Version in the file.
        found: u16,
    },
    /// Fewer or more bytes than the header says.
    Length {
        /// Bytes of body that the header promises.
        promised: u64,
        /// Bytes of body there are.
        found: u64,
    },
    /// Over the limit of its kind.
    TooLong {
        /// Bytes.
        found: u64,
    },
    /// The checksum does not match.
    Checksum,
    /// The body is not what this version writes.
    Body(String),
}

impl fmt::Display for FormatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.kind.name();
        match &self.problem {
            Problem::Foreign => write!(f, "this is not a Honeyguide {name}")?,
            Problem::WrongKind(found) => {
                write!(f, "this is a Honeyguide {}, not a {name}", found.name())?;
            }
            Problem::Future { found } => {
                return write!(
                    f,
                    "this {name} has format version {found}, but this Honeyguide reads version {}; \
                     update Honeyguide, the file is untouched",
                    self.kind.version()
                );
            }
            Problem::Length { promised, found } => write!(
                f,
                "this {name} is damaged: it should have {promised} bytes after its header and has {found}"
            )?,
            Problem::TooLong { found } => write!(
                f,
                "this {name} has {found} bytes, more than the limit of {}",
                self.kind.limit()
            )?,
            Problem::Checksum => write!(f, "this {name} is damaged: its checksum does not match")?,
            Problem::Body(what) => write!(f, "this {name} cannot be used: {what}")?,
        }
        write!(f, "; {}", self.kind.remedy())
    }
}

impl std::error::Error for FormatError {}

/// Puts `body` into an envelope.
pub fn encode<T: Serialize>(kind: Kind, body: &T) -> Vec<u8> {
    // Behind room for the header, so that a large body is not copied.
    let Ok(mut bytes) = postcard::to_extend(body, vec![0; HEADER]) else {
        unreachable!("writing plain data to memory cannot fail");
    };
    let (header, body) = bytes.split_at_mut(HEADER);
    header[..6].copy_from_slice(kind.magic());
    header[6..8].copy_from_slice(&kind.version().to_le_bytes());
    header[8..16].copy_from_slice(&(body.len() as u64).to_le_bytes());
    header[16..].copy_from_slice(&CRC.checksum(body).to_le_bytes());
    bytes
}

/// Opens an envelope.
///
/// # Errors
/// Foreign, wrong kind, future version, wrong length, over the limit, damaged, or a body that does
/// not parse.
pub fn decode<T: DeserializeOwned>(kind: Kind, bytes: &[u8]) -> Result<T, FormatError> {
    let (_, body) = open(kind, bytes)?;
    let (value, rest) = parse(kind, body)?;
    finished(kind, rest)?;
    Ok(value)
}

/// Opens an envelope: its version and its body.
///
/// # Errors
/// Foreign, wrong kind, future version, wrong length, over the limit, damaged.
pub fn open(kind: Kind, bytes: &[u8]) -> Result<(u16, &[u8]), FormatError> {
    let error = |problem| FormatError { kind, problem };
    let magic = bytes.get(..6).unwrap_or_default();
    if magic != kind.magic() {
        let other = KINDS.into_iter().find(|k| k.magic() == magic);
        return Err(error(other.map_or(Problem::Foreign, Problem::WrongKind)));
    }
    let Some(header) = bytes.first_chunk::<HEADER>() else {
        return Err(error(Problem::Length {
            promised: 0,
            found: 0,
        }));
    };
    let version = u16::from_le_bytes([header[6], header[7]]);
    if version > kind.version() {
        return Err(error(Problem::Future { found: version }));
    }
    if version == 0 {
        return Err(error(Problem::Foreign));
    }
    let body = &bytes[HEADER..];
    let promised = u64::from_le_bytes(header[8..16].try_into().expect("eight bytes"));
    if body.len() as u64 != promised {
        return Err(error(Problem::Length {
            promised,
            found: body.len() as u64,
        }));
    }
    if body.len() > kind.limit() {
        return Err(error(Problem::TooLong { found: promised }));
    }
    if CRC.checksum(body).to_le_bytes() != header[16..20] {
        return Err(error(Problem::Checksum));
    }
    Ok((version, body))
}

/// Reads a value from the start of a body, and returns the rest.
///
/// # Errors
/// A body that does not parse.
pub fn parse<T: DeserializeOwned>(kind: Kind, body: &[u8]) -> Result<(T, &[u8]), FormatError> {
    postcard::take_from_bytes(body).map_err(|cause| FormatError {
        kind,
        problem: Problem::Body(format!("its body does not parse ({cause})")),
    })
}

/// Is a body read to its end?
///
/// # Errors
/// Bytes are left.
pub fn finished(kind: Kind, rest: &[u8]) -> Result<(), FormatError> {
    if rest.is_empty() {
        return Ok(());
    }
    Err(FormatError {
        kind,
        problem: Problem::Body("bytes are left over after its body".into()),
    })
}
