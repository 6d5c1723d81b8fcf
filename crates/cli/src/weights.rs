//! `honeyguide export` and `honeyguide import`: the encoder's weights as a safetensors file.
//!
//! Tensors have the names, shapes and order of [`Shape::tensors`], all f32, matrices as rows in ×
//! columns out. The metadata name the sizes, and the catalogue by a hash of its item ids in order,
//! since row i of `items.weight` is item i. A file from elsewhere may leave the metadata out.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::Args;
use recommender::encoder::{NamedTensor, Precision, Shape, Weights};
use recommender::{Catalogue, Expert};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};

use crate::{files, pack, train};

/// The layout that this build writes and reads.
const FORMAT: &str = "honeyguide-encoder-1";

/// Name of the item table.
const ITEMS: &str = "items.weight";

/// Options of `export`.
#[derive(Clone, Debug, Args)]
pub struct Export {
    /// A pack with an encoder.
    pack: PathBuf,
    /// The safetensors file to write.
    #[arg(long)]
    out: PathBuf,
}

/// Options of `import`.
#[derive(Clone, Debug, Args)]
pub struct Import {
    /// A safetensors file with the encoder's tensors.
    file: PathBuf,
    /// The pack that gets the encoder; it stays as it is.
    #[arg(long, value_name = "PACK")]
    into: PathBuf,
    /// The pack to write.
    #[arg(long)]
    out: PathBuf,
    /// Keep every weight as f32 instead of one byte per value of a matrix.
    #[arg(long)]
    full_precision: bool,
    /// Weight of the encoder in the fusion; as in the pack unless given.
    #[arg(long)]
    weight: Option<f32>,
    /// Seed of the replay pool that is sampled from the imported encoder.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// `honeyguide export`.
///
/// # Errors
/// An unreadable pack, one without an encoder, an unwritable file.
pub fn export(options: &Export) -> Result<()> {
    let (_, pack) = files::read_pack(&options.pack)?;
    let Some(model) = &pack.encoder else {
        bail!(
            "{} has no encoder; train one with `honeyguide pretrain`",
            options.pack.display()
        );
    };
    let bytes = to_safetensors(&model.weights, &pack.catalogue)?;
    files::replace(&options.out, &bytes)?;
    println!("{}: {} bytes", options.out.display(), bytes.len());
    if model.precision == Precision::Int8 {
        println!(
            "note: the pack keeps matrices in one byte per value; so these are rounded weights"
        );
    }
    Ok(())
}

/// `honeyguide import`.
///
/// # Errors
/// An unreadable file, tensors that do not fit (the message names them), an unwritable file.
pub fn import(options: &Import) -> Result<()> {
    let file = options.file.display();
    let into = options.into.display();
    let bytes = fs::read(&options.file).with_context(|| format!("{file} cannot be read"))?;
    let (_, mut target) = files::read_pack(&options.into)?;
    let weights = from_safetensors(&bytes, &target.catalogue)
        .with_context(|| format!("{file} cannot go into {into}"))?;
    if let Some(weight) = options.weight {
        if !(0.0..=1e4).contains(&weight) {
            bail!("--weight {weight} is not in 0..=10000");
        }
        target.hyper.weights[Expert::Encoder.index()] = weight;
    }
    let precision = if options.full_precision {
        Precision::Full
    } else {
        Precision::Int8
    };
    let mut model = train::model(weights, precision, options.seed);
    model.pool = train::pool(&model.weights, &target.counts, options.seed)?;
    // Measured with another encoder, or with none.
    target
        .manifest
        .metrics
        .retain(|(name, _)| name != pack::FUSED && *name != pack::alone(Expert::Encoder));
    let command = std::mem::take(&mut target.manifest.command);
    target.manifest.command = format!("{command} && {}", pack::command_line());
    let shape = model.weights.shape;
    target.encoder = Some(model);
    let bytes = target.encode();
    files::replace(&options.out, &bytes)?;
    println!(
        "{}: {} bytes, {}",
        options.out.display(),
        bytes.len(),
        describe(&shape)
    );
    if target.hyper.weights[Expert::Encoder.index()] == 0.0 {
        println!("note: its weight in the fusion is 0, so it changes no list; --weight sets it");
    }
    Ok(())
}

/// The sizes in words.
pub fn describe(shape: &Shape) -> String {
    format!(
        "{} blocks, d = {}, {} heads, {} hidden, window {}",
        shape.blocks, shape.dim, shape.heads, shape.hidden, shape.window
    )
}

/// The file's bytes; the same weights give the same bytes.
fn to_safetensors(weights: &Weights, catalogue: &Catalogue) -> Result<Vec<u8>> {
    let bytes: Vec<Vec<u8>> = weights
        .tensors()
        .iter()
        .map(|tensor| tensor.values.iter().flat_map(|x| x.to_le_bytes()).collect())
        .collect();
    let mut views = Vec::new();
    for (tensor, bytes) in weights.tensors().iter().zip(&bytes) {
        let view = TensorView::new(Dtype::F32, tensor.shape.clone(), bytes)?;
        views.push((tensor.name.as_str(), view));
    }
    with_metadata(
        &safetensors::serialize(views, None)?,
        &metadata(&weights.shape, catalogue),
    )
}

fn metadata(shape: &Shape, catalogue: &Catalogue) -> BTreeMap<&'static str, String> {
    BTreeMap::from([
        ("format", FORMAT.to_owned()),
        ("catalogue", catalogue_hash(catalogue)),
        ("dim", shape.dim.to_string()),
        ("heads", shape.heads.to_string()),
        ("hidden", shape.hidden.to_string()),
        ("blocks", shape.blocks.to_string()),
        ("window", shape.window.to_string()),
    ])
}

fn catalogue_hash(catalogue: &Catalogue) -> String {
    let items = catalogue.items().iter();
    files::sha256(items.flat_map(|item| [item.id.as_bytes(), b"\n"]))
}

/// Puts the metadata into the header in order; the library would write them in a random one.
fn with_metadata(file: &[u8], metadata: &BTreeMap<&str, String>) -> Result<Vec<u8>> {
    let (length, rest) = file.split_first_chunk::<8>().context("a header")?;
    let (header, data) = rest.split_at(u64::from_le_bytes(*length) as usize);
    let header = std::str::from_utf8(header)?.trim_end();
    let tensors = header.strip_prefix('{').context("a JSON object")?;
    let metadata = serde_json::to_string(metadata)?;
    let mut header = format!("{{\"__metadata__\":{metadata},{tensors}");
    while !header.len().is_multiple_of(8) {
        header.push(' ');
    }
    Ok([
        &(header.len() as u64).to_le_bytes(),
        header.as_bytes(),
        data,
    ]
    .concat())
}

/// Reads and checks the encoder's tensors.
///
/// # Errors
/// No safetensors file; metadata of another format, other sizes or another catalogue; a tensor that
/// is missing, unknown, of another type or shape, or not finite.
fn from_safetensors(bytes: &[u8], catalogue: &Catalogue) -> Result<Weights> {
    let items = catalogue.len();
    let file = SafeTensors::deserialize(bytes).context(
        "it is no safetensors file; `honeyguide export` and safetensors' save_file write such",
    )?;
    let shape = shape_of(&file)?;
    let (_, header) = SafeTensors::read_metadata(bytes)?;
    let said = header.metadata().clone().unwrap_or_default();
    for (name, ours) in metadata(&shape, catalogue) {
        match said.get(name) {
            Some(theirs) if *theirs != ours => bail!(
                "{}",
                match name {
                    "format" => format!(
                        "its metadata say `format` {theirs}, but this Honeyguide reads {ours}; \
                         update Honeyguide, or write the file again"
                    ),
                    "catalogue" => "it was made for another catalogue (the ids of the items or \
                         their order differ); import it into a pack of its own catalogue"
                        .to_owned(),
                    _ => format!(
                        "its metadata say `{name}` {theirs}, but its tensors are made for {ours}; \
                         correct one of them"
                    ),
                }
            ),
            _ => {}
        }
    }
    let rows = file.tensor(ITEMS)?.shape()[0];
    if rows != items {
        bail!(
            "the tensor `{ITEMS}` has {rows} rows, but the catalogue has {items} items; it needs one \
             row per item, in the catalogue's order"
        );
    }
    let mut tensors = Vec::new();
    for (name, view) in file.iter() {
        if view.dtype() != Dtype::F32 {
            bail!(
                "the tensor `{name}` is {:?}, but F32 is needed; convert it before saving (`.float()`)",
                view.dtype()
            );
        }
        let (values, _) = view.data().as_chunks::<4>();
        tensors.push(NamedTensor {
            name: name.to_owned(),
            shape: view.shape().to_vec(),
            values: values.iter().map(|x| f32::from_le_bytes(*x)).collect(),
        });
    }
    Weights::new(shape, items, tensors).context(
        "tensors need the names and shapes that `honeyguide export` writes, matrices as rows in × \
         columns out (the transpose of torch.nn.Linear)",
    )
}

/// The sizes, as the tensors have them.
fn shape_of(file: &SafeTensors<'_>) -> Result<Shape> {
    let size = |name: &str, at: usize, rank: usize| match file.tensor(name) {
        Ok(view) if view.shape().len() == rank => Ok(view.shape()[at]),
        Ok(view) => bail!(
            "the tensor `{name}` has the shape {:?}, but {rank} sizes are needed",
            view.shape()
        ),
        Err(_) => {
            bail!("the tensor `{name}` is missing; name the tensors as `honeyguide export` does")
        }
    };
    let blocks = (0..).take_while(|block| {
        let query = format!("blocks.{block}.attention.query");
        file.tensor(&query).is_ok()
    });
    let shape = Shape {
        dim: size(ITEMS, 1, 2)?,
        heads: size("blocks.0.attention.distance", 0, 2)?,
        hidden: size("blocks.0.feedforward.up", 1, 2)?,
        blocks: blocks.count(),
        window: size("blocks.0.attention.distance", 1, 2)?,
    };
    shape.check()?;
    Ok(shape)
}
