//! The CPU's loops against the operations composed of Burn's own, at odd sizes.

use burn::backend::Flex;
use burn::backend::flex::FlexTensor;
use burn::tensor::TensorData;
use recommender::random::Rng;

use super::{Attention, Labels, NEVER, Primitives, portable};

/// Largest difference allowed between the two, of numbers of about 1.
const TOLERANCE: f32 = 2e-5;

fn random<const D: usize>(shape: [usize; D], rng: &mut Rng) -> FlexTensor {
    let size = shape.iter().product();
    let values: Vec<f32> = (0..size).map(|_| rng.normal()).collect();
    FlexTensor::from_data(TensorData::new(values, shape))
}

fn close(a: &FlexTensor, b: &FlexTensor) {
    assert_eq!(a.layout().shape(), b.layout().shape());
    let (a, b) = (a.to_contiguous(), b.to_contiguous());
    let (a, b) = (super::flex::values(&a), super::flex::values(&b));
    for (at, (a, b)) in a.iter().zip(b).enumerate() {
        assert!((a - b).abs() < TOLERANCE * (1.0 + b.abs()), "{at}: {a} {b}");
    }
}

#[test]
fn norms() {
    let mut rng = Rng::new(1);
    for (rows, d) in [(1, 4), (7, 20), (33, 64)] {
        let x = random([rows, d], &mut rng);
        let [gain, bias] = [random([d], &mut rng), random([d], &mut rng)];
        let grad = random([rows, d], &mut rng);
        close(
            &Flex::norm_forward(x.clone(), gain.clone(), bias.clone()),
            &portable::norm_forward::<Flex>(x.clone(), gain.clone(), bias),
        );
        let ours = Flex::norm_backward(x.clone(), gain.clone(), grad.clone());
        let theirs = portable::norm_backward::<Flex>(x, gain, grad);
        ours.iter().zip(&theirs).for_each(|(a, b)| close(a, b));
    }
}

#[test]
fn attention() {
    let mut rng = Rng::new(2);
    for (sequences, length, window, heads, d) in [
        (1, 1, 1, 1, 4),
        (3, 7, 3, 2, 16),
        (2, 40, 25, 2, 64),
        (2, 9, 50, 4, 32),
    ] {
        let sizes = Attention {
            heads,
            length,
            window,
        };
        let rows = sequences * length;
        let qkv = random([rows, 3 * d], &mut rng);
        let mut band = vec![NEVER; heads * length * length];
        for (at, row) in band.chunks_exact_mut(length).enumerate() {
            let t = at % length;
            let from = (t + 1).saturating_sub(window);
            row[from..=t].iter_mut().for_each(|x| *x = rng.normal());
        }
        let band = FlexTensor::from_data(TensorData::new(band, [heads, length, length]));
        let grad = random([rows, d], &mut rng);
        let [ours, shares] = Flex::attend_forward(qkv.clone(), band.clone(), sizes);
        let [theirs, same] = portable::attend_forward::<Flex>(qkv.clone(), band, sizes);
        close(&ours, &theirs);
        close(&shares, &same);
        let ours = Flex::attend_backward(qkv.clone(), shares, grad.clone(), sizes);
        let theirs = portable::attend_backward::<Flex>(qkv, same, grad, sizes);
        ours.iter().zip(&theirs).for_each(|(a, b)| close(a, b));
    }
}

#[test]
fn feed_forward() {
    let mut rng = Rng::new(3);
    for (rows, d, f) in [(1, 4, 4), (9, 20, 24), (30, 64, 128)] {
        let x = random([rows, d], &mut rng);
        let [up, bias] = [random([d, f], &mut rng), random([f], &mut rng)];
        let hidden = Flex::up_forward(x.clone(), up.clone(), bias.clone());
        close(&hidden, &portable::up_forward::<Flex>(x, up, bias));
        let [down, bias] = [random([f, d], &mut rng), random([d], &mut rng)];
        close(
            &Flex::down_forward(hidden.clone(), down.clone(), bias.clone()),
            &portable::down_forward::<Flex>(hidden.clone(), down, bias),
        );
        let grad = random([rows, f], &mut rng);
        close(
            &Flex::row_sums(grad.clone()),
            &portable::row_sums::<Flex>(grad.clone()),
        );
        let ours = Flex::relu_backward_sums(hidden.clone(), grad.clone());
        let theirs = portable::relu_backward_sums::<Flex>(hidden, grad);
        ours.iter().zip(&theirs).for_each(|(a, b)| close(a, b));
    }
}

#[test]
fn losses() {
    let mut rng = Rng::new(4);
    for (positions, count, d) in [(1, 1, 4), (10, 37, 16), (25, 300, 64)] {
        let user = random([positions, d], &mut rng);
        let target = random([positions, d], &mut rng);
        let candidates = random([count, d], &mut rng);
        let column = |values: Vec<f32>| {
            let rows = values.len();
            FlexTensor::from_data(TensorData::new(values, [rows, 1]))
        };
        let row = |values: Vec<f32>| {
            let columns = values.len();
            FlexTensor::from_data(TensorData::new(values, [1, columns]))
        };
        let labels = Labels::<Flex> {
            // Some targets are among the candidates.
            targets: column((0..positions).map(|at| (at % 7) as f32).collect()),
            items: row((0..count).map(|_| rng.below(20) as f32).collect()),
            offsets: row((0..count).map(|_| rng.normal()).collect()),
            weights: column((0..positions).map(|at| (at % 3) as f32).collect()),
        };
        let ours = Flex::choose_forward(
            user.clone(),
            target.clone(),
            candidates.clone(),
            labels.clone(),
        );
        let theirs = portable::choose_forward::<Flex>(user, target, candidates, labels);
        close(&ours.loss, &theirs.loss);
        close(&ours.candidates, &theirs.candidates);
        close(&ours.target, &theirs.target);
    }
}
