//! The operations on the CPU: matrix products by Burn's Flex backend, everything else as loops over
//! rows that touch memory once and that compilers vectorise.

pub(super) mod attention;
pub(super) mod loss;
pub(super) mod rows;

use burn::backend::flex::{FlexTensor, Layout};
use burn::tensor::{Bytes, DType, Shape};

/// Numbers summed side by side, so that a sum needs no strict order.
const LANES: usize = 16;

/// Runs `body` compiled for the widest vectors that this machine has. The closure and what it
/// calls must be inlined.
#[inline(always)]
fn vectorised<T>(body: impl FnOnce() -> T) -> T {
    #[cfg(target_arch = "x86_64")]
    {
        pulp::Arch::new().dispatch(body)
    }
    // Elsewhere the vectors are known when compiling.
    #[cfg(not(target_arch = "x86_64"))]
    {
        body()
    }
}

/// A tensor of its own, rows in order.
fn tensor<const D: usize>(values: Vec<f32>, shape: [usize; D]) -> FlexTensor {
    let layout = Layout::contiguous(Shape::from(shape));
    FlexTensor::new(Bytes::from_elems(values), layout, DType::F32)
}

/// The same tensor with its values in order in memory.
fn contiguous(x: FlexTensor) -> FlexTensor {
    if x.is_contiguous() {
        x
    } else {
        x.to_contiguous()
    }
}

/// The values of a contiguous tensor.
pub(super) fn values(x: &FlexTensor) -> &[f32] {
    x.as_slice().expect("contiguous floats")
}

/// Changes a tensor's values in place; they are copied first if another tensor shares them.
fn edit(x: FlexTensor, change: impl FnOnce(&mut [f32])) -> FlexTensor {
    let mut x = contiguous(x);
    let (start, end) = x.layout().contiguous_offsets().expect("contiguous");
    change(&mut x.storage_mut::<f32>()[start..end]);
    x
}

/// A view of sequences × heads × length × columns on rows of `stride` numbers, beginning at column
/// `start` of a contiguous tensor.
fn heads_of(x: &FlexTensor, shape: [usize; 4], stride: usize, start: usize) -> FlexTensor {
    let [_, _, length, columns] = shape;
    let strides = [length * stride, columns, stride, 1].map(|stride| stride as isize);
    let (offset, _) = x.layout().contiguous_offsets().expect("contiguous");
    let layout = Layout::new(Shape::from(shape), strides.into(), offset + start);
    FlexTensor::from_arc(x.data_arc(), layout, DType::F32)
}

/// Σ of a term per place, in lanes.
#[inline(always)]
fn sum_of(length: usize, term: impl Fn(usize) -> f32) -> f32 {
    let mut lanes = [0.0_f32; LANES];
    let whole = length - length % LANES;
    for start in (0..whole).step_by(LANES) {
        for (lane, sum) in lanes.iter_mut().enumerate() {
            *sum += term(start + lane);
        }
    }
    let mut total = 0.0;
    for place in whole..length {
        total += term(place);
    }
    let mut half = LANES / 2;
    while half > 0 {
        for lane in 0..half {
            lanes[lane] += lanes[lane + half];
        }
        half /= 2;
    }
    total + lanes[0]
}

#[inline(always)]
fn sum(x: &[f32]) -> f32 {
    sum_of(x.len(), |place| x[place])
}

#[inline(always)]
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let b = &b[..a.len()];
    sum_of(a.len(), |place| a[place] * b[place])
}

/// The largest value, in lanes.
#[inline(always)]
fn largest(x: &[f32]) -> f32 {
    let mut lanes = [f32::NEG_INFINITY; LANES];
    let chunks = x.chunks_exact(LANES);
    let mut most = f32::NEG_INFINITY;
    for &value in chunks.remainder() {
        most = if value > most { value } else { most };
    }
    for chunk in chunks {
        for (lane, &value) in lanes.iter_mut().zip(chunk) {
            *lane = if value > *lane { value } else { *lane };
        }
    }
    for value in lanes {
        most = if value > most { value } else { most };
    }
    most
}
