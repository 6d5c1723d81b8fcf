//! The finished pack, natively.

use super::*;
use crate::trainer::inputs::tests::{log, order, page};
use crate::trainer::job::Slice;
use crate::trainer::tests::now;
use crate::training::Pretrain;
use recommender::Expert;
use trainer::Backend;

fn pack(order: &Pretrain, tokens: &[u32]) -> (Packed, Pack) {
    let mut inputs = Inputs::gather(order, &page(20), tokens, vec![], 5).expect("enough");
    inputs.config.shape.dim = 8;
    inputs.config.shape.hidden = 8;
    let mut job = Job::begin(inputs, Backend::cpu()).expect("enough");
    while now(job.advance(|| 0.0)).expect("the CPU works") != Slice::Finished {}
    let mut packing = Packing::begin(job).expect("numbers");
    let packed = loop {
        if let Some(packed) = packing.advance().expect("it can be sampled from") {
            break packed;
        }
    };
    let pack = Pack::decode(&packed.bytes).expect("a pack");
    (packed, pack)
}

#[test]
fn a_log_gives_tables_weights_pool_and_a_manifest_that_says_where_it_was_made() {
    let (packed, pack) = pack(&order(vec![log(40, 20)], false), &[]);
    assert_eq!(packed.file_name, "page.hgpack");
    let manifest = &pack.manifest;
    assert_eq!((manifest.visitors, manifest.events), (40, 320));
    assert!(
        manifest
            .about
            .contains("log of 40 visitors; trained in the browser")
    );
    assert!(
        manifest
            .metrics
            .contains(&("training, best validation NDCG@10".into(), packed.ndcg))
    );
    let sum: f32 = pack.counts.iter().sum();
    assert_eq!(sum, 320.0, "everything is counted, the last choices too");
    let weight = |a, b| {
        pack.next
            .weight(recommender::ItemIndex(a), recommender::ItemIndex(b))
    };
    assert!(weight(3, 4) > 0.0 && weight(3, 4) > weight(4, 3));
    assert_ne!(pack.hyper.weights, Hyper::default().weights);
    assert_eq!(pack.hyper.fusion_rate, Hyper::default().fusion_rate);
    let model = pack.encoder.as_ref().expect("trained");
    assert_eq!((model.pool.len(), model.weights.shape.dim), (POOL.0, 8));
    assert!(
        model.pool.iter().all(|sequence| sequence.len() == 20),
        "each item once"
    );
    assert_ne!(
        model.pool[0], model.pool[SAMPLED],
        "slices draw differently"
    );
}

#[test]
fn the_own_history_keeps_the_pages_tables_and_weights() {
    let before = page(20);
    let (_, pack) = pack(&order(vec![], true), &[1, 2, 3, 4]);
    assert_eq!(pack.hyper.weights, before.hyper.weights);
    assert_eq!(pack.counts, before.counts);
    let about = &pack.manifest.about;
    assert!(
        about.starts_with("Made up. The encoder was trained"),
        "{about}"
    );
    assert!(about.contains("history of the visitor"), "{about}");
    let encoder = pack.hyper.weights[Expert::Encoder.index()];
    assert!(encoder > 0.0 && pack.encoder.is_some());
}
