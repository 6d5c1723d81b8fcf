//! Learning, ranking, explaining, folding and opening at one size of catalogue.

use std::sync::Arc;

use recommender::profile::MAX_EVENTS;
use recommender::{Base, Event, Learner, Pack, Placed, Profile, RankRequest, Session};

use crate::report::{Report, Times};
use crate::world;

/// Clicks that the visitor has made before anything is measured.
const BEFORE: usize = 100;
const SAMPLES: usize = 200;

/// The page's list: its length, its variety, and how deep places are remembered for the marks.
const LIST: usize = 10;
const DIVERSITY: f32 = 0.2;
const DEPTH: usize = 200;
const EXPLORE: f32 = 0.5;
const SEED: u64 = 7;

/// The size that the budgets name, and what they allow there, in microseconds; with an encoder, too.
const BUDGETED: usize = 10_000;
const BUDGET: f64 = 1_000.0;
const BUDGET_ENCODED: f64 = 1_500.0;

/// Measures everything on a pack; `kind` is added to the names.
pub fn measure(report: &mut Report, pack: &Pack, kind: &str) {
    let items = pack.catalogue.len();
    let bytes = pack.encode();
    let name = |what: &str| format!("{what}, {} items{kind}", thousands(items));

    let open = || Pack::decode(&bytes).map(Base::new);
    report.row(&name("open a pack"), &report.times(5, 1, open));

    let base = Arc::new(Base::new(pack.clone()));
    let clicks = world::clicks(items, MAX_EVENTS);
    let (before, after) = clicks.split_at(BEFORE);
    let after = &after[..SAMPLES];
    let mut learner = Learner::new(Arc::clone(&base));
    for click in before {
        learner.learn(click);
    }

    let learn = {
        let mut learner = learner.clone();
        Times::new(each(after, |click| report.time(|| learner.learn(click))))
    };
    report.row(&name("learn a click"), &learn);
    for (what, explore) in [("", 0.0), (", exploring", EXPLORE)] {
        let times = report.times(SAMPLES, 1, || learner.rank(&list(explore)));
        report.row(&name(&format!("rank a varied list{what}")), &times);
    }
    for (what, explore) in [("", 0.0), (", exploring", EXPLORE)] {
        let mut learner = learner.clone();
        let stage = each(after, |click| {
            report.time(|| {
                learner.learn(click);
                desk(&learner, explore)
            })
        });
        let name = name(&format!("stage 1{what}"));
        let times = Times::new(stage);
        if items == BUDGETED {
            let encoded = base.pack.encoder.is_some();
            let budget = if encoded { BUDGET_ENCODED } else { BUDGET };
            report.row_with_target(&name, &times, budget);
        } else {
            report.row(&name, &times);
        }
    }
    let item = learner.rank(&list(0.0))[0].item;
    let explain = report.times(SAMPLES, 8, || learner.explain(item));
    report.row(&name("explain one item after 100 clicks"), &explain);

    let profile = Profile {
        events: clicks.clone(),
        ..Profile::new("bench")
    };
    let fold = report.times(10, 1, || {
        Session::new(Arc::clone(&base), profile.clone()).map(|session| session.learner().events())
    });
    report.row(&name("fold a full profile of 1,024 events"), &fold);
}

/// What the ranker's desk asks for after each click: the varied list with the places below it for the
/// marks, and a reason for each item shown.
fn desk(learner: &Learner, explore: f32) -> usize {
    let placed: Vec<Placed> = learner.rank_deep(&list(explore), DEPTH);
    let draw = learner.draw(explore, SEED);
    for placed in placed.iter().take(LIST) {
        std::hint::black_box(learner.reason(placed.item, draw.as_deref()));
    }
    placed.len()
}

fn list(explore: f32) -> RankRequest {
    RankRequest {
        limit: LIST,
        diversity: DIVERSITY,
        explore,
        seed: SEED,
        ..RankRequest::default()
    }
}

fn each(clicks: &[Event], time: impl FnMut(&Event) -> f64) -> Vec<f64> {
    clicks.iter().map(time).collect()
}

/// 10000 as 10,000.
fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let (mut text, length) = (String::new(), digits.len());
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (length - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
