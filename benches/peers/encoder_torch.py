"""The sequence encoder in PyTorch: a fixture for the importer and a second opinion on the forward.

    python benches/peers/encoder_torch.py --out crates/cli/tests/golden

needs torch, numpy and safetensors. It draws a tiny log, trains the encoder on it for a few dozen
steps on the CPU, and writes

    encoder.safetensors   the weights (float32), with the shape in the file's metadata
    encoder.json          histories, some longer than twice the window, and the scores of all items

The test `an_encoder_of_pytorch_ranks_the_same` in crates/cli/tests/command/weights.rs imports the weights and
compares scores and order. The same seed on the same version of PyTorch gives the same files; other
versions may differ in the last digits, which is why the files are stored.

Row vectors times matrices [in, out], pre-norm blocks, banded causal attention with one learned number
per head and distance, item table tied between input and output:

    x_t  = sqrt(d) E[item_t]
    x   += concat_h(softmax_j(q_t k_j / sqrt(d_h) + distance[h][t - j]) v_j) W_o,  t - W < j <= t
    x   += relu(LN(x) W_up + b_up) W_down + b_down
    y_t  = LN(x_t),  score of item i after token t = y_t E[i]
"""

import argparse
import json
import math
import pathlib

import numpy
import torch
from safetensors.torch import save

ITEMS, DIM, HEADS, HIDDEN, BLOCKS, WINDOW = 60, 16, 2, 32, 2, 8
SEED, STEPS, BATCH, LENGTH = 3, 120, 32, 24
EPSILON = 1e-5


def shapes():
    """Names and shapes in the canonical order."""
    yield "items.weight", (ITEMS, DIM)
    for block in range(BLOCKS):
        at = f"blocks.{block}"
        yield f"{at}.attention.norm.gain", (DIM,)
        yield f"{at}.attention.norm.bias", (DIM,)
        for name in ("query", "key", "value", "output"):
            yield f"{at}.attention.{name}", (DIM, DIM)
        yield f"{at}.attention.distance", (HEADS, WINDOW)
        yield f"{at}.feedforward.norm.gain", (DIM,)
        yield f"{at}.feedforward.norm.bias", (DIM,)
        yield f"{at}.feedforward.up", (DIM, HIDDEN)
        yield f"{at}.feedforward.up_bias", (HIDDEN,)
        yield f"{at}.feedforward.down", (HIDDEN, DIM)
        yield f"{at}.feedforward.down_bias", (DIM,)
    yield "norm.gain", (DIM,)
    yield "norm.bias", (DIM,)


def initial(generator):
    weights = {}
    for name, shape in shapes():
        if name.endswith("gain"):
            value = torch.ones(shape)
        elif name.endswith("bias"):
            value = torch.zeros(shape)
        else:
            scale = DIM**-0.5 if len(shape) == 2 else 0.1
            value = torch.randn(shape, generator=generator) * scale
        weights[name] = value.requires_grad_()
    return weights


def norm(x, weights, at):
    return torch.nn.functional.layer_norm(
        x, (DIM,), weights[f"{at}.gain"], weights[f"{at}.bias"], EPSILON
    )


def forward(weights, items):
    """User vectors after every token: items [B, T] -> [B, T, DIM]."""
    batch, length = items.shape
    back = torch.arange(length)[:, None] - torch.arange(length)[None, :]
    band = (back >= 0) & (back < WINDOW)
    x = math.sqrt(DIM) * weights["items.weight"][items]
    for block in range(BLOCKS):
        at = f"blocks.{block}.attention"
        a = norm(x, weights, f"{at}.norm")
        heads = lambda m: (a @ m).view(batch, length, HEADS, DIM // HEADS).transpose(1, 2)
        q, k, v = (heads(weights[f"{at}.{name}"]) for name in ("query", "key", "value"))
        scores = q @ k.transpose(2, 3) / math.sqrt(DIM // HEADS)
        scores = scores + weights[f"{at}.distance"][:, back.clamp(0, WINDOW - 1)]
        scores = scores.masked_fill(~band, -torch.inf)
        mixed = (scores.softmax(-1) @ v).transpose(1, 2).reshape(batch, length, DIM)
        x = x + mixed @ weights[f"{at}.output"]
        at = f"blocks.{block}.feedforward"
        m = norm(x, weights, f"{at}.norm")
        up = (m @ weights[f"{at}.up"] + weights[f"{at}.up_bias"]).relu()
        x = x + up @ weights[f"{at}.down"] + weights[f"{at}.down_bias"]
    return norm(x, weights, "norm")


def store(path, tensors, metadata):
    """Writes a safetensors file whose metadata is in order, so that the same weights are the same bytes."""
    file = save(tensors, metadata)
    length = int.from_bytes(file[:8], "little")
    header = json.loads(file[8 : 8 + length])
    header["__metadata__"] = dict(sorted(metadata.items()))
    text = json.dumps(header, separators=(",", ":")).encode().ljust(length)
    path.write_bytes(len(text).to_bytes(8, "little") + text + file[8 + length :])


def visit(rng, length):
    """Items are on a ring of six themes; a visitor stays in a theme and mostly steps forward."""
    theme, place, items = rng.integers(6), rng.integers(10), []
    for _ in range(length):
        if rng.random() < 0.15:
            theme = rng.integers(6)
        place = (place + rng.choice([1, 2, 7], p=[0.6, 0.3, 0.1])) % 10
        items.append(int(theme * 10 + place))
    return items


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=pathlib.Path, required=True, help="folder of the two files")
    out = parser.parse_args().out
    torch.use_deterministic_algorithms(True)
    torch.set_num_threads(1)
    rng = numpy.random.default_rng(SEED)
    weights = initial(torch.Generator().manual_seed(SEED))
    optimizer = torch.optim.Adam(weights.values(), lr=5e-3)
    for step in range(STEPS):
        batch = torch.tensor([visit(rng, LENGTH + 1) for _ in range(BATCH)])
        logits = forward(weights, batch[:, :-1]) @ weights["items.weight"].T
        loss = torch.nn.functional.cross_entropy(logits.reshape(-1, ITEMS), batch[:, 1:].reshape(-1))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % 20 == 0 or step == STEPS - 1:
            print(f"step {step}: loss {loss.item():.4f}, of a uniform guess {math.log(ITEMS):.4f}")

    # Lengths around the edges of the window of one block and of both, and far past them.
    cases = []
    with torch.no_grad():
        for length in (1, 2, WINDOW - 1, WINDOW, WINDOW + 1, 2 * WINDOW - 1, 2 * WINDOW, 19, 30, 50):
            history = visit(rng, length)
            user = forward(weights, torch.tensor([history]))[0, -1]
            scores = (weights["items.weight"] @ user).numpy().astype(numpy.float32)
            cases.append({"history": history, "scores": [float(str(s)) for s in scores]})
    out.mkdir(parents=True, exist_ok=True)
    metadata = {
        "format": "honeyguide-encoder-1",
        "dim": str(DIM),
        "heads": str(HEADS),
        "hidden": str(HIDDEN),
        "blocks": str(BLOCKS),
        "window": str(WINDOW),
    }
    tensors = {name: value.detach().contiguous() for name, value in weights.items()}
    store(out / "encoder.safetensors", tensors, metadata)
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    (out / "encoder.json").write_text(f'{{"cases":[\n{lines}\n]}}\n')
    print(f"{out}: {sum(p.stat().st_size for p in out.glob('encoder.*'))} bytes")


if __name__ == "__main__":
    main()
