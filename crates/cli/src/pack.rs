//! `honeyguide pack`: from a catalogue and a log to one file.

use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Result, bail};
use clap::Args;
use recommender::build::Counting;
use recommender::encoder::Model;
use recommender::evaluate::tune::{self, Tuned};
use recommender::log::InteractionLog;
use recommender::vectors::DIMENSION;
use recommender::{Expert, Hyper, Manifest, Pack, content};

use crate::data::{Dataset, Source};
use crate::{files, simulate, svd};

/// Metric of the whole learner in a manifest.
pub const FUSED: &str = "validation NDCG@10";

/// Options of `pack`, and the part of `pretrain` that it shares.
#[derive(Clone, Debug, Args)]
pub struct Options {
    #[command(flatten)]
    pub source: Source,
    /// The file to write.
    #[arg(long)]
    pub out: PathBuf,
    /// Name for people; the data's name unless given.
    #[arg(long)]
    name: Option<String>,
    /// Where the data comes from, in a sentence.
    #[arg(long)]
    about: Option<String>,
    /// Licence of the data.
    #[arg(long)]
    licence: Option<String>,
    /// Simulate visits of taste profiles instead of reading a log: for demos.
    #[arg(long, num_args = 0..=1, default_missing_value = "4000", value_name = "VISITORS")]
    pub simulate: Option<u32>,
    /// Fewest visitors behind any stored pair of items.
    #[arg(long, default_value_t = Counting::default().min_support)]
    min_support: u32,
    /// Neighbours kept per item.
    #[arg(long, default_value_t = Counting::default().keep)]
    neighbours: usize,
    /// Visitors that settings are tuned on; 0 keeps the defaults.
    #[arg(long, default_value_t = 1000)]
    tune_visitors: usize,
    /// Print every trial of the tuning.
    #[arg(long)]
    verbose: bool,
}

/// Makes and writes the pack.
///
/// # Errors
/// Unreadable data, nothing to recommend, an unwritable file.
pub fn run(options: &Options) -> Result<()> {
    let started = Instant::now();
    let data = options.read()?;
    options.write(&options.build(data, None), started)
}

impl Options {
    /// Reads the data set, or simulates its log, and says what was found.
    ///
    /// # Errors
    /// Unreadable data; `--simulate` for a catalogue with a log.
    pub fn read(&self) -> Result<Dataset> {
        let mut data = self.source.read()?;
        if let Some(visitors) = self.simulate {
            if data.log.visitors() > 0 {
                bail!(
                    "--simulate is for catalogues without a log, and {} has one",
                    data.name
                );
            }
            data.log = simulate::visits(&data.catalogue, visitors, self.source.seed);
        }
        println!(
            "{}: {} items, {} interactions of {} visitors",
            data.name,
            data.catalogue.len(),
            data.log.interactions().len(),
            data.log.visitors()
        );
        Ok(data)
    }

    /// Writes the pack and says how long it all took.
    ///
    /// # Errors
    /// An unwritable file.
    pub fn write(&self, pack: &Pack, started: Instant) -> Result<()> {
        let bytes = pack.encode();
        files::replace(&self.out, &bytes)?;
        println!(
            "{}: {} bytes in {:.1} s",
            self.out.display(),
            bytes.len(),
            started.elapsed().as_secs_f32()
        );
        Ok(())
    }

    /// Tunes with the encoder, where there is one, among the experts, and counts from everything.
    pub fn build(&self, data: Dataset, encoder: Option<Model>) -> Pack {
        let mut manifest = self.manifest(&data);
        if data.log.visitors() == 0 {
            return content::pack(manifest, data.catalogue);
        }
        let mut base = Pack::from_catalogue(Manifest::default(), data.catalogue);
        base.encoder = encoder;
        let counting = Counting {
            min_support: self.min_support,
            keep: self.neighbours,
            ..Counting::default()
        };
        let seed = self.source.seed;
        let tuned = tuned(
            &base,
            &data.log,
            &counting,
            self.tune_visitors,
            seed,
            self.verbose,
        );
        let (counting, hyper) = match &tuned {
            Some(tuned) => (&tuned.counting, &tuned.hyper),
            None => (&counting, &Hyper::default()),
        };
        if let Some(tuned) = &tuned {
            println!("{FUSED} {:.4}, counting {:?}", tuned.fused, tuned.counting);
            manifest.metrics.push((FUSED.into(), tuned.fused as f32));
            for expert in experts(&base) {
                let ndcg = tuned.alone[expert.index()] as f32;
                manifest.metrics.push((alone(expert), ndcg));
            }
        }
        let mut pack = tune::count(&base, &data.log, counting, hyper);
        pack.vectors = svd::item_vectors(&pack.catalogue, &data.log, DIMENSION, seed);
        pack.manifest = manifest;
        pack
    }

    fn manifest(&self, data: &Dataset) -> Manifest {
        let simulated = self.simulate.is_some();
        let about = self.about.clone().unwrap_or_else(|| match (simulated, data.log.visitors()) {
            (true, visitors) => format!(
                "Facts about each item were typed in. Popularity and co-occurrence come from {visitors} \
                 simulated visitors with made-up tastes, not from people."
            ),
            (false, 0) => "A catalogue without a log: content alone ranks it at first.".into(),
            (false, visitors) => format!("Counted from a log of {visitors} visitors."),
        });
        Manifest {
            catalogue_id: catalogue_id(&data.name),
            name: self.name.clone().unwrap_or_else(|| data.name.clone()),
            about,
            licence: self.licence.clone().unwrap_or_else(|| data.licence.clone()),
            events: data.log.interactions().len() as u64,
            visitors: data.log.visitors() as u64,
            simulated,
            min_support: self.min_support,
            inputs: data.inputs.clone(),
            metrics: Vec::new(),
            command: command_line(),
        }
    }
}

/// Metric of one expert in a manifest.
pub fn alone(expert: Expert) -> String {
    format!("{FUSED}, {} alone", expert.name())
}

/// The experts that a pack has: all, but for an encoder where there is none.
pub fn experts(pack: &Pack) -> impl Iterator<Item = Expert> {
    let encoder = pack.encoder.is_some();
    let there = move |expert: &Expert| encoder || *expert != Expert::Encoder;
    Expert::ALL.into_iter().filter(there)
}

/// The command that is running, for the manifest. A resumed training gives the pack of one that was
/// never interrupted, so it does not name itself.
pub fn command_line() -> String {
    std::env::args()
        .skip(1)
        .filter(|argument| argument != "--resume")
        .fold("honeyguide".into(), |all, one| format!("{all} {one}"))
}

/// Settings tuned on the last choice of each visitor; `None` when `visitors` is 0 or none has
/// enough choices.
pub fn tuned(
    base: &Pack,
    log: &InteractionLog,
    counting: &Counting,
    visitors: usize,
    seed: u64,
    verbose: bool,
) -> Option<Tuned> {
    let train = log.without_last(1);
    if visitors == 0 || train.visitors() == 0 {
        return None;
    }
    println!(
        "tuning on {} visitors; minutes for ten thousand items, --verbose shows every trial",
        visitors.min(train.visitors())
    );
    let mut pack = base.clone();
    pack.vectors = svd::item_vectors(&pack.catalogue, &train, DIMENSION, seed);
    Some(tune::tune(&pack, log, counting, visitors, |trial| {
        if verbose {
            println!("  {trial}");
        }
    }))
}

/// `ml-latest-small` stays, other characters become hyphens.
fn catalogue_id(name: &str) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_lowercase()
        } else {
            '-'
        }
    };
    name.chars().map(plain).collect()
}
