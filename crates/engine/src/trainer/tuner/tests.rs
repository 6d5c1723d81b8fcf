//! Adapting, natively.

use super::*;
use crate::trainer::inputs::tests::page;
use crate::trainer::tests::now;

fn tuner() -> Tuner {
    let model = page(20).encoder.expect("it has one");
    Tuner::new(Backend::cpu(), Arc::new(model), 1).expect("a valid model")
}

fn choices(tuner: &Tuner, count: u32, revision: u32) -> Choices {
    Choices {
        tokens: (0..count).collect(),
        revision,
        adapter: Vec::new(),
        base: tuner.base.clone(),
    }
}

#[test]
fn trains_once_per_change_and_from_a_few_choices_on() {
    let mut tuner = tuner();
    let few = choices(&tuner, 3, 1);
    assert_eq!(tuner.hear(&few), Ok(false));
    let more = choices(&tuner, 12, 1);
    assert_eq!(tuner.hear(&more), Ok(true));
    let (adapted, found) = now(tuner.attempt(|| 0.0)).expect("the CPU works");
    assert_eq!((adapted.steps, adapted.choices), (2, 12));
    assert_eq!(adapted.accepted, adapted.reason.is_empty());
    assert_eq!(adapted.accepted, found.is_some());
    assert_eq!(tuner.hear(&more), Ok(false), "nothing new");
    let one = choices(&tuner, 13, 1);
    assert_eq!(tuner.hear(&one), Ok(true));
}

#[test]
fn an_accepted_adapter_lowers_the_loss_and_names_its_choices() {
    let mut tuner = tuner();
    let mut accepted = 0;
    for count in 8..40 {
        let tokens: Vec<u32> = (0..count).map(|at| at % 4).collect();
        let all = Choices {
            tokens,
            ..choices(&tuner, 0, 6)
        };
        tuner.hear(&all).expect("it fits");
        let (adapted, found) = now(tuner.attempt(|| 0.0)).expect("the CPU works");
        if let Some(ToRanker::Adapter {
            values,
            revision,
            base,
        }) = found
        {
            assert!(adapted.loss_after <= adapted.loss_before, "{adapted:?}");
            assert_eq!((revision, &base), (6, &tuner.base));
            assert_eq!(values, tuner.adaptation.values());
            assert!(values.iter().any(|value| *value != 0.0));
            accepted += 1;
        }
    }
    assert!(accepted > 4, "{accepted} of 32");
}

#[test]
fn taken_back_choices_void_what_was_trained() {
    let mut tuner = tuner();
    let all = choices(&tuner, 12, 1);
    tuner.hear(&all).expect("it fits");
    now(tuner.adaptation.step()).expect("the CPU works");
    assert!(
        tuner
            .adaptation
            .candidate()
            .iter()
            .any(|value| *value != 0.0)
    );
    let mut in_use = vec![0.0; tuner.adaptation.values().len()];
    in_use[3] = 0.5;
    let after = Choices {
        adapter: in_use.clone(),
        ..choices(&tuner, 11, 2)
    };
    assert_eq!(tuner.hear(&after), Ok(true));
    assert_eq!(tuner.adaptation.values(), in_use);
    // The same revision again is no reason to lose what was trained since.
    now(tuner.adaptation.step()).expect("the CPU works");
    tuner.hear(&after).expect("it fits");
    assert_ne!(tuner.adaptation.candidate(), in_use);
}

#[test]
fn another_base_is_refused() {
    let mut tuner = tuner();
    let other = Choices {
        base: "0".into(),
        ..choices(&tuner, 12, 1)
    };
    let problem = tuner.hear(&other).expect_err("another model");
    assert_eq!(problem.fault, Fault::Pack);
}

#[test]
fn steps_follow_the_time_that_they_take() {
    let mut tuner = tuner();
    assert_eq!(tuner.steps(1), 2);
    tuner.step_ms = 5.0;
    assert_eq!((tuner.steps(1), tuner.steps(3)), (5, 15));
    tuner.step_ms = 3_000.0;
    assert_eq!(tuner.steps(1), 1);
    tuner.step_ms = 0.01;
    assert_eq!(tuner.steps(1), MOST_STEPS);
}
