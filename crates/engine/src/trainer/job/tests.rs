//! A whole small training, natively.

use super::*;
use crate::trainer::inputs::tests::{log, order, page};
use crate::trainer::tests::now;

fn inputs() -> Inputs {
    let order = order(vec![log(40, 20)], false);
    let mut inputs = Inputs::gather(&order, &page(20), &[], vec![], 5).expect("enough");
    inputs.config.shape.dim = 8;
    inputs.config.shape.hidden = 8;
    inputs
}

fn job() -> Job {
    Job::begin(inputs(), Backend::cpu()).expect("enough")
}

/// A clock that goes on by a millisecond with every look.
fn clock() -> impl Fn() -> f64 {
    let at = std::cell::Cell::new(0.0);
    move || {
        at.set(at.get() + 1.0);
        at.get()
    }
}

fn run(job: &mut Job) -> Vec<Slice> {
    let clock = clock();
    let mut slices = Vec::new();
    loop {
        slices.push(now(job.advance(&clock)).expect("the CPU works"));
        if slices.last() == Some(&Slice::Finished) {
            return slices;
        }
    }
}

#[test]
fn trains_validates_and_tells_where_it_stands() {
    let mut job = job();
    assert_eq!(job.phase(), Phase::Training);
    let before = job.view(Phase::Training);
    assert_eq!(
        (before.items, before.visitors, before.choices),
        (20, 40, 320)
    );
    assert_eq!(
        (before.step, before.steps, before.seconds_left),
        (0, 4, 0.0)
    );
    let slices = run(&mut job);
    let count = |kind| slices.iter().filter(|slice| **slice == kind).count();
    assert_eq!((count(Slice::Step), count(Slice::Validated)), (4, 2));
    let after = job.view(Phase::Packing);
    assert_eq!(
        (after.step, after.steps, after.epoch, after.epochs),
        (4, 4, 2, 2)
    );
    assert_eq!((after.losses.len(), after.ndcg.len()), (2, 2));
    // Near what guessing costs: four steps are too few for more.
    let guessing = 20.0f32.ln();
    let near = |loss: &f32| (loss - guessing).abs() < 2.0;
    assert!(after.losses.iter().all(near), "{:?}", after.losses);
    // 40 visitors with 6 targets each, in two steps of a millisecond.
    assert_eq!((after.rate, after.seconds_left), (120_000.0, 0.0));
    let (_, ndcg, epochs) = job.best().expect("numbers");
    assert_eq!(ndcg, after.ndcg[epochs - 1]);
}

#[test]
fn a_stored_training_goes_on_as_if_never_interrupted() {
    let mut whole = job();
    run(&mut whole);
    for interrupted_after in 0..6 {
        let mut first = job();
        let clock = clock();
        for _ in 0..interrupted_after {
            now(first.advance(&clock)).expect("the CPU works");
        }
        let (inputs, state) = (first.inputs.encode(), first.store());
        drop(first);
        let inputs = Inputs::decode(&inputs).expect("just stored");
        let mut second = Job::resume(inputs, &state, Backend::cpu()).expect("just stored");
        run(&mut second);
        assert_eq!(second.best(), whole.best());
        let (a, b) = (second.view(Phase::Packing), whole.view(Phase::Packing));
        assert_eq!((a.losses, a.ndcg, a.steps), (b.losses, b.ndcg, b.steps));
    }
}

#[test]
fn finishing_early_validates_once_more_and_no_more() {
    let mut job = job();
    let clock = clock();
    now(job.advance(&clock)).expect("the CPU works");
    job.finish();
    let slices = run(&mut job);
    assert!(!slices.contains(&Slice::Step) && slices.contains(&Slice::Validated));
    assert_eq!(job.view(Phase::Packing).ndcg.len(), 1);
    job.finish();
    assert_eq!(run(&mut job), [Slice::Finished]);
}

#[test]
fn foreign_and_damaged_states_are_refused() {
    let state = job().store();
    let refused = |inputs: Inputs, state: &[u8]| {
        let resumed = Job::resume(inputs, state, Backend::cpu());
        let problem = resumed.err().expect("it does not fit");
        assert_eq!(problem.fault, Fault::Checkpoint);
        problem.message
    };
    let other = Inputs { id: 7, ..inputs() };
    assert!(refused(other, &state).contains("another training"));
    let mut damaged = state.clone();
    *damaged.last_mut().expect("not empty") ^= 1;
    assert!(refused(inputs(), &damaged).contains("checksum"));
    let mut fewer = inputs();
    fewer.visits.pop();
    assert!(refused(fewer, &state).contains("other data"));
}

#[test]
fn popularity_is_ranked_with_what_was_seen_left_out_and_ties_shared() {
    let data = Sequences {
        items: 4,
        train: vec![vec![0, 1], vec![0, 1], vec![0, 2]],
        // 0 is seen; 1 is first. 2 comes after 1; 3 is met again and not counted.
        validation: vec![(vec![0], 1), (vec![0, 3], 2), (vec![3], 3)],
    };
    let second = 1.0 / 3.0_f32.log2();
    assert!((popularity_ndcg(&data) - (1.0 + second) / 2.0).abs() < 1e-6);
    let tied = Sequences {
        items: 3,
        train: vec![vec![0, 1, 2]],
        validation: vec![(vec![], 1)],
    };
    // Three share the places 1 to 3, so each is second.
    assert!((popularity_ndcg(&tied) - second).abs() < 1e-6);
}
