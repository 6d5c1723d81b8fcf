//! Opening data sets: a folder in a known layout, or a catalogue file with or without a log.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;
use recommender::load::{self, Columns, Layout, Limits, RawLog};
use recommender::log::{InteractionLog, Ties};
use recommender::{Catalogue, Item};
use sha2::{Digest, Sha256};

/// Where the data is and how to read it.
#[derive(Clone, Debug, Args)]
pub struct Source {
    /// A folder (MovieLens latest/20M/25M, 1M/10M, 100k, RecBole, or events.csv|jsonl with
    /// catalogue.csv|tsv|json|jsonl|ndjson|xml|rss|atom) or a catalogue file (CSV, JSON, JSON Lines,
    /// RSS or Atom).
    pub data: PathBuf,
    /// A log (CSV, JSON Lines, .inter, .dat, u.data) for a catalogue file.
    #[arg(long)]
    pub events: Option<PathBuf>,
    /// Column of the log that says who.
    #[arg(long, default_value = "")]
    pub visitor_column: String,
    /// Column of the log that says what.
    #[arg(long, default_value = "")]
    pub item_column: String,
    /// Column of the log that says when.
    #[arg(long, default_value = "")]
    pub time_column: String,
    /// Column of the log that says how much.
    #[arg(long, default_value = "")]
    pub value_column: String,
    /// Order of interactions of one visitor at the same time: `shuffle` by the seed, or `file` to
    /// repeat published figures.
    #[arg(long, default_value = "shuffle", value_parser = ["shuffle", "file"])]
    pub ties: String,
    /// Seed of everything that is drawn.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
}

/// A data set that has been read.
pub struct Dataset {
    /// Name for people: of the folder or file.
    pub name: String,
    /// What there is.
    pub catalogue: Catalogue,
    /// Who chose what; empty without a log.
    pub log: InteractionLog,
    /// SHA-256 by file name.
    pub inputs: Vec<(String, String)>,
    /// Licence, where the data set is a known one.
    pub licence: String,
}

impl Source {
    /// Reads everything and says what was found.
    ///
    /// # Errors
    /// Missing files, unknown layouts, and everything the readers refuse.
    pub fn read(&self) -> Result<Dataset> {
        let mut reader = Reader {
            inputs: BTreeMap::new(),
        };
        let (items, raw, known) = if self.data.is_dir() {
            self.read_folder(&mut reader)?
        } else {
            let items = reader.catalogue(&self.data)?;
            let raw = match &self.events {
                Some(path) => Some(reader.log(path, &self.columns())?),
                None => None,
            };
            (items, raw, false)
        };
        let catalogue = Catalogue::new(items)
            .with_context(|| format!("{} is no usable catalogue", self.data.display()))?;
        let mut log = InteractionLog::default();
        if let Some(raw) = raw {
            let (found, unknown) = raw.on(&catalogue);
            if unknown > 0 {
                eprintln!(
                    "note: {unknown} of {} log rows name items that the catalogue lacks; they are left out",
                    raw.rows.len()
                );
            }
            log = found;
            log.break_ties(if self.ties == "file" {
                Ties::File
            } else {
                Ties::Shuffle(self.seed)
            });
            log.deduplicate();
        }
        let stem = if self.data.is_dir() {
            self.data.file_name()
        } else {
            self.data.file_stem()
        };
        Ok(Dataset {
            name: stem.map_or_else(
                || "catalogue".into(),
                |name| name.to_string_lossy().into_owned(),
            ),
            catalogue,
            log,
            inputs: reader.inputs.into_iter().collect(),
            licence: if known {
                "GroupLens data: research use, redistribution under the same terms, no commercial use".into()
            } else {
                String::new()
            },
        })
    }

    /// How the data are read, for a checkpoint.
    pub fn settings(&self) -> Vec<(String, String)> {
        [
            ("--visitor-column", self.visitor_column.clone()),
            ("--item-column", self.item_column.clone()),
            ("--time-column", self.time_column.clone()),
            ("--value-column", self.value_column.clone()),
            ("--ties", self.ties.clone()),
            ("--seed", self.seed.to_string()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }

    fn columns(&self) -> Columns {
        Columns {
            visitor: self.visitor_column.clone(),
            item: self.item_column.clone(),
            time: self.time_column.clone(),
            value: self.value_column.clone(),
        }
    }

    fn read_folder(&self, reader: &mut Reader) -> Result<(Vec<Item>, Option<RawLog>, bool)> {
        let folder = &self.data;
        let mut names = Vec::new();
        for entry in fs::read_dir(folder)
            .with_context(|| format!("{} cannot be listed", folder.display()))?
        {
            names.push(entry?.file_name().to_string_lossy().into_owned());
        }
        names.sort();
        let Some(layout) = load::detect(&names) else {
            bail!(
                "{} holds no known data set (found {}); it needs ratings.csv + movies.csv, \
                 ratings.dat + movies.dat, u.data + u.item, NAME.inter, or events.csv|jsonl with \
                 catalogue.csv|tsv|json|jsonl|ndjson|xml|rss|atom",
                folder.display(),
                names.join(", ")
            );
        };
        let columns = self.columns();
        Ok(match layout {
            Layout::MovieLensCsv { tags } => {
                let mut items =
                    load::movielens_items("movies.csv", reader.open(&folder.join("movies.csv"))?)?;
                if tags {
                    load::movielens_tags(
                        "tags.csv",
                        reader.open(&folder.join("tags.csv"))?,
                        &mut items,
                    )?;
                }
                (
                    items,
                    Some(reader.log(&folder.join("ratings.csv"), &columns)?),
                    true,
                )
            }
            Layout::MovieLensDat => {
                let items =
                    load::movielens_items("movies.dat", reader.open(&folder.join("movies.dat"))?)?;
                (
                    items,
                    Some(reader.log(&folder.join("ratings.dat"), &columns)?),
                    true,
                )
            }
            Layout::MovieLens100k => {
                let items = load::movielens_items("u.item", reader.open(&folder.join("u.item"))?)?;
                (
                    items,
                    Some(reader.log(&folder.join("u.data"), &columns)?),
                    true,
                )
            }
            Layout::RecBole {
                interactions,
                items,
            } => {
                let log = reader.log(&folder.join(interactions), &columns)?;
                let items = match items {
                    Some(name) => load::recbole_items(&name, reader.open(&folder.join(&name))?)?,
                    None => bare_items(&log),
                };
                (items, Some(log), false)
            }
            Layout::Plain { events, catalogue } => {
                let log = match events {
                    Some(name) => Some(reader.log(&folder.join(name), &columns)?),
                    None => None,
                };
                let items = match (catalogue, &log) {
                    (Some(name), _) => reader.catalogue(&folder.join(name))?,
                    (None, Some(log)) => bare_items(log),
                    (None, None) => Vec::new(),
                };
                (items, log, false)
            }
        })
    }
}

/// Items that are known by nothing but their ids.
fn bare_items(log: &RawLog) -> Vec<Item> {
    let item = |id: &String| Item {
        id: id.clone(),
        title: id.clone(),
        ..Item::default()
    };
    log.items.iter().map(item).collect()
}

struct Reader {
    inputs: BTreeMap<String, String>,
}

impl Reader {
    /// Opens a file and notes its hash.
    fn open(&mut self, path: &Path) -> Result<BufReader<File>> {
        let open =
            || File::open(path).with_context(|| format!("{} cannot be opened", path.display()));
        let mut hasher = Sha256::new();
        let mut input = open()?;
        let mut chunk = vec![0; 1 << 16];
        loop {
            let read = input.read(&mut chunk);
            match read.with_context(|| format!("{} cannot be read", path.display()))? {
                0 => break,
                n => hasher.update(&chunk[..n]),
            }
        }
        let hash = hasher
            .finalize()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        self.inputs.insert(file_name(path), hash);
        Ok(BufReader::new(open()?))
    }

    fn catalogue(&mut self, path: &Path) -> Result<Vec<Item>> {
        let mut bytes = Vec::new();
        self.open(path)?.read_to_end(&mut bytes)?;
        let file = load::catalogue(&file_name(path), bytes, Limits::PACK)?;
        if !file.left_out.is_empty() {
            eprintln!("note: not used: {}", file.left_out.join(", "));
        }
        Ok(file.items)
    }

    fn log(&mut self, path: &Path, columns: &Columns) -> Result<RawLog> {
        let name = file_name(path);
        let input = self.open(path)?;
        Ok(match name.rsplit('.').next().unwrap_or_default() {
            "csv" => load::events_csv(&name, input, columns)?,
            "jsonl" | "ndjson" => load::events_json_lines(&name, input, columns)?,
            "inter" => load::recbole_interactions(&name, input)?,
            "dat" => load::movielens_dat(&name, input)?,
            "data" => load::movielens_data(&name, input)?,
            _ => bail!(
                "{name} is no known kind of log; name it .csv, .jsonl, .inter, .dat or u.data"
            ),
        })
    }
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}
