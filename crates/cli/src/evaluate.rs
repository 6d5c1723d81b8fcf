//! `honeyguide evaluate`: leave-one-out, full ranking, beside every expert alone.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Result, bail};
use clap::Args;
use recommender::build::Counting;
use recommender::evaluate::leave_one_out::{self, Scored};
use recommender::evaluate::metrics::{self, CUTS, Report, paired_bootstrap};
use recommender::evaluate::tune::{self, Tuned};
use recommender::log::InteractionLog;
use recommender::vectors::DIMENSION;
use recommender::{Base, EXPERTS, Expert, Hyper, Manifest, Pack};

use crate::data::Source;
use crate::train::{self, Training};
use crate::{pack, svd};

/// Resamples of the paired bootstrap.
const RESAMPLES: usize = 10_000;

/// Options of `evaluate`.
#[derive(Clone, Debug, Args)]
pub struct Options {
    #[command(flatten)]
    source: Source,
    /// Fewest visitors behind any counted pair of items.
    #[arg(long, default_value_t = Counting::default().min_support)]
    min_support: u32,
    /// Neighbours kept per item.
    #[arg(long, default_value_t = Counting::default().keep)]
    neighbours: usize,
    /// Visitors that settings are tuned on.
    #[arg(long, default_value_t = 1000)]
    tune_visitors: usize,
    /// Print every trial of the tuning.
    #[arg(long)]
    verbose: bool,
    /// Train a sequence encoder on all but the last two choices of each visitor, stop it early on the
    /// last but one, and measure it with the others.
    #[arg(long)]
    encoder: bool,
    /// With --encoder: a file for the training's metrics, as JSON lines.
    #[arg(long, requires = "encoder")]
    metrics: Option<PathBuf>,
    #[command(flatten)]
    training: Training,
}

/// Tunes on validation (the last choice but one), tests on the last choice, prints the tables.
///
/// # Errors
/// Unreadable data, or none with a visitor of three choices.
pub fn run(options: &Options) -> Result<()> {
    let started = Instant::now();
    let seed = options.source.seed;
    let data = options.source.read()?;
    let train = data.log.without_last(1);
    let cases = leave_one_out::cases(&data.log, 1);
    if cases.iter().all(|case| case.history.len() < 2) {
        bail!(
            "{} has no visitor with three choices; leave-one-out needs some",
            data.name
        );
    }
    println!(
        "{}: {} items, {} interactions, {} visitors; leave-one-out, full ranking, seen excluded, ties {}, seed {seed}",
        data.name,
        data.catalogue.len(),
        data.log.interactions().len(),
        data.log.visitors(),
        options.source.ties,
    );
    let counting = Counting {
        min_support: options.min_support,
        keep: options.neighbours,
        ..Counting::default()
    };
    let mut base = Pack::from_catalogue(Manifest::default(), data.catalogue);
    if options.encoder {
        let model = train::once(
            &options.training,
            &base.catalogue,
            &train,
            seed,
            options.metrics.as_deref(),
        )?;
        base.encoder = Some(model);
    }
    let Some(tuned) = pack::tuned(
        &base,
        &train,
        &counting,
        options.tune_visitors,
        seed,
        options.verbose,
    ) else {
        bail!("--tune-visitors 0: nothing to tune on");
    };
    println!(
        "tuned on validation ({:.0} s): {:?}",
        started.elapsed().as_secs_f32(),
        tuned.counting
    );
    println!("  {:?}", tuned.hyper);
    let without = options
        .encoder
        .then(|| without_encoder(&base, &train, &tuned, options.tune_visitors, seed));
    let pack = counted(&base, &train, &tuned, seed);
    let weights = pack.hyper.weights;
    let table = Table::new(pack, &cases, seed);
    table.print(&weights);
    if let Some(without) = without {
        table.print_encoder(&weights, &without);
    }
    println!("\n{:.0} s", started.elapsed().as_secs_f32());
    Ok(())
}

/// The tuned pack with tables counted from `log`, and its fusion frozen.
fn counted(base: &Pack, log: &InteractionLog, tuned: &Tuned, seed: u64) -> Pack {
    let mut base = base.clone();
    base.vectors = svd::item_vectors(&base.catalogue, log, DIMENSION, seed);
    let frozen = Hyper {
        fusion_rate: 0.0,
        ..tuned.hyper.clone()
    };
    tune::count(&base, log, &tuned.counting, &frozen)
}

/// Fusion weights fitted on validation as if there were no encoder.
fn without_encoder(
    base: &Pack,
    log: &InteractionLog,
    tuned: &Tuned,
    visitors: usize,
    seed: u64,
) -> [f32; EXPERTS] {
    let mut pack = counted(base, &log.without_last(1), tuned, seed);
    pack.encoder = None;
    let base = Arc::new(Base::new(pack));
    let cases = leave_one_out::cases(log, 1);
    let stride = cases.len().div_ceil(visitors.max(1)).max(1);
    let cases = cases.iter().step_by(stride);
    let scored: Vec<Scored> = cases
        .map(|case| leave_one_out::score_case(&base, case))
        .collect();
    tune::fit_weights(&scored).0
}

/// What is measured on the test choices.
struct Table {
    scored: Vec<Scored>,
    base: Arc<Base>,
    seed: u64,
}

impl Table {
    fn new(pack: Pack, cases: &[leave_one_out::Case<'_>], seed: u64) -> Self {
        let base = Arc::new(Base::new(pack));
        let score = |case| leave_one_out::score_case(&base, case);
        Self {
            scored: cases.iter().map(score).collect(),
            base,
            seed,
        }
    }

    fn report(&self, weights: &[f32; EXPERTS]) -> Report {
        leave_one_out::evaluate(&self.scored, weights, true)
    }

    fn experts(&self) -> impl Iterator<Item = Expert> {
        pack::experts(&self.base.pack)
    }

    /// Paired bootstrap of NDCG@10, first minus second.
    fn paired(&self, a: &[f32; EXPERTS], b: &[f32; EXPERTS]) -> metrics::Paired {
        let gains = |weights| -> Vec<f64> {
            let places = leave_one_out::evaluate(&self.scored, weights, false).places;
            places.into_iter().map(|p| metrics::ndcg(p, 10)).collect()
        };
        paired_bootstrap(&gains(a), &gains(b), RESAMPLES, self.seed)
    }

    fn print(&self, weights: &[f32; EXPERTS]) {
        let untied = self.scored.iter().filter(|case| case.untied).count();
        println!(
            "\n{} visitors, {untied} of them untied",
            self.report(weights).places.len()
        );
        header();
        self.row("whole learner", weights);
        for expert in self.experts() {
            self.row(expert.name(), &only(expert));
        }

        println!(
            "\npaired bootstrap over visitors, {RESAMPLES} resamples, seed {}: NDCG@10 of the whole learner minus",
            self.seed
        );
        for expert in self.experts() {
            let paired = self.paired(weights, &only(expert));
            println!("  {:<22} {paired}", expert.name());
        }

        println!(
            "\nablation: NDCG@10 of the whole learner minus the same without (weights not refitted)"
        );
        for expert in self.experts() {
            let mut without = *weights;
            without[expert.index()] = 0.0;
            let paired = self.paired(weights, &without);
            let verdict = verdict(weights[expert.index()], &paired);
            println!("  {:<22} {paired}{verdict}", expert.name());
        }
    }

    /// What the encoder adds to a learner that was fitted without it.
    fn print_encoder(&self, weights: &[f32; EXPERTS], without: &[f32; EXPERTS]) {
        println!(
            "\nthe encoder: the whole learner beside one whose weights were fitted without it"
        );
        header();
        self.row("whole learner", weights);
        self.row("without the encoder", without);
        let paired = self.paired(weights, without);
        let verdict = verdict(weights[Expert::Encoder.index()], &paired);
        println!("  NDCG@10, difference    {paired}{verdict}");
    }

    fn row(&self, name: &str, weights: &[f32; EXPERTS]) {
        let report = self.report(weights);
        print!("{name:<22}");
        for metric in [
            metrics::hit as fn(f32, usize) -> f64,
            metrics::ndcg,
            metrics::mrr,
        ] {
            for k in CUTS {
                print!(" {:>8.4}", report.mean(|place| metric(place, k)));
            }
        }
        let untied = self.scored.iter().filter(|case| case.untied);
        let untied = leave_one_out::evaluate(untied, weights, false).ndcg10();
        let pack = &self.base.pack;
        println!(
            " {:>8.4} {:>8.4} {untied:>8.4}",
            report.coverage(pack.catalogue.len()),
            report.diversity(&pack.vectors)
        );
    }
}

fn verdict(weight: f32, paired: &metrics::Paired) -> &'static str {
    if weight == 0.0 {
        "  adds nothing here: tuning gave it weight 0"
    } else if paired.interval.0 <= 0.0 {
        "  no gain that the interval confirms"
    } else {
        ""
    }
}

fn only(expert: Expert) -> [f32; EXPERTS] {
    let mut weights = [0.0; EXPERTS];
    weights[expert.index()] = 1.0;
    weights
}

fn header() {
    print!("{:<22}", "");
    for (metric, k) in ["HR", "NDCG", "MRR"]
        .iter()
        .flat_map(|m| CUTS.map(|k| (m, k)))
    {
        print!(" {:>8}", format!("{metric}@{k}"));
    }
    println!(" {:>8} {:>8} {:>8}", "cover@10", "diver@10", "untied");
}
