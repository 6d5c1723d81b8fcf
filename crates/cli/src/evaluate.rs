//! `honeyguide evaluate`: leave-one-out, full ranking, beside every expert alone.

use std::sync::Arc;
use std::time::Instant;

use anyhow::{Result, bail};
use clap::Args;
use recommender::build::Counting;
use recommender::evaluate::leave_one_out::{self, Scored};
use recommender::evaluate::metrics::{self, CUTS, Report, paired_bootstrap};
use recommender::evaluate::tune;
use recommender::vectors::DIMENSION;
use recommender::{Base, EXPERTS, Expert, Hyper, Manifest, Pack};

use crate::data::Source;
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
    base.vectors = svd::item_vectors(&base.catalogue, &train, DIMENSION, seed);
    let frozen = Hyper {
        fusion_rate: 0.0,
        ..tuned.hyper.clone()
    };
    let base = Arc::new(Base::new(tune::count(
        &base,
        &train,
        &tuned.counting,
        &frozen,
    )));
    let scored: Vec<Scored> = cases
        .iter()
        .map(|case| leave_one_out::score_case(&base, case))
        .collect();
    let untied: Vec<&Scored> = scored.iter().filter(|case| case.untied).collect();
    let weights = frozen.weights;

    let all = |weights: &[f32; EXPERTS]| leave_one_out::evaluate(&scored, weights, true);
    let whole = all(&weights);
    println!(
        "\n{} visitors, {} of them untied",
        whole.places.len(),
        untied.len()
    );
    header();
    row("whole learner", &whole, &base, &untied, &weights);
    for expert in Expert::ALL {
        let alone = only(expert);
        row(expert.name(), &all(&alone), &base, &untied, &alone);
    }

    println!(
        "\npaired bootstrap over visitors, {RESAMPLES} resamples, seed {seed}: NDCG@10 of the whole learner minus"
    );
    let gains = |report: &Report| {
        report
            .places
            .iter()
            .map(|&p| metrics::ndcg(p, 10))
            .collect::<Vec<f64>>()
    };
    let own = gains(&whole);
    for expert in Expert::ALL {
        let other = gains(&all(&only(expert)));
        println!(
            "  {:<22} {}",
            expert.name(),
            paired_bootstrap(&own, &other, RESAMPLES, seed)
        );
    }

    println!(
        "\nablation: NDCG@10 of the whole learner minus the same without (weights not refitted)"
    );
    for expert in Expert::ALL {
        let mut without = weights;
        without[expert.index()] = 0.0;
        let paired = paired_bootstrap(&own, &gains(&all(&without)), RESAMPLES, seed);
        let verdict = if weights[expert.index()] == 0.0 {
            "  adds nothing here: tuning gave it weight 0"
        } else if paired.interval.0 <= 0.0 {
            "  no gain that the interval confirms"
        } else {
            ""
        };
        println!("  {:<22} {paired}{verdict}", expert.name());
    }
    println!("\n{:.0} s", started.elapsed().as_secs_f32());
    Ok(())
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

fn row(name: &str, report: &Report, base: &Base, untied: &[&Scored], weights: &[f32; EXPERTS]) {
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
    let untied = leave_one_out::evaluate(untied.iter().copied(), weights, false).ndcg10();
    let coverage = report.coverage(base.pack.catalogue.len());
    println!(
        " {coverage:>8.4} {:>8.4} {untied:>8.4}",
        report.diversity(&base.pack.vectors)
    );
}
