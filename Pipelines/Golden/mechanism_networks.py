#!/usr/bin/env python3
"""Golden values of the published network of mechanisms, Cond-FiP, from its equations in PyTorch at double precision.

usage: mechanism_networks.py OUTPUT_FOLDER (pip install torch safetensors numpy)
Writes weights.safetensors, values.safetensors, losses.safetensors and provenance.json. Attention is dense with a mask, generation is the
plain iteration of d rounds that embeds the data set anew in each: nothing is left out or done once.
"""
import hashlib
import json
import math
import pathlib
import sys

import numpy
import torch
from safetensors.numpy import save_file
from torch.nn import functional

SEED = 2410
ROWS, QUERIES = 12, 7
ENCODER = dict(width=16, heads=2, keySize=6, hidden=20, layers=2, dropout=0.0)
DECODER = dict(width=12, heads=3, keySize=4, hidden=18, layers=3, dropout=0.1)
HEAD, DATA_LAYERS = 14, 1
# The parents of each of the six nodes; 0 and 4 are roots, 5 has three.
PARENTS = [[], [0], [0, 1], [2], [], [1, 3, 4]]
NODES = len(PARENTS)
SET_NODE, SET_VALUE = 2, 0.8

torch.set_default_dtype(torch.float64)
random = numpy.random.default_rng(SEED)
weights = {}


def linear(name, inputs, outputs, bias=True):
    weights[f"{name}.weight"] = random.normal(size=(inputs, outputs)) * 1.3 / math.sqrt(inputs)
    if bias:
        weights[f"{name}.bias"] = random.normal(size=outputs) * 0.2


def norm(name, width):
    weights[f"{name}.scale"] = 1 + 0.3 * random.normal(size=width)
    weights[f"{name}.shift"] = 0.3 * random.normal(size=width)


def block(name, size, adaptive=False):
    width, inner = size["width"], size["heads"] * size["keySize"]
    for part in ("query", "key", "value"):
        norm(f"{name}.{part}Norm", width)
        linear(f"{name}.{part}", width, inner)
    linear(f"{name}.output", inner, width)
    norm(f"{name}.feedForwardNorm", width)
    linear(f"{name}.expansion", width, size["hidden"])
    linear(f"{name}.contraction", size["hidden"], width)
    if adaptive:
        linear(f"{name}.modulation", width, 6 * width)


linear("encoder.input", 1, ENCODER["width"])
for index in range(2 * ENCODER["layers"]):
    block(f"encoder.block{index}", ENCODER)
norm("encoder.norm", ENCODER["width"])
for index, (inputs, outputs) in enumerate([(ENCODER["width"], HEAD), (HEAD, HEAD), (HEAD, 1)]):
    linear(f"encoder.head{index}", inputs, outputs)
linear("decoder.input", ENCODER["width"], DECODER["width"])
for index in range(2 * DATA_LAYERS):
    block(f"decoder.data{index}", DECODER)
norm("decoder.rowNorm", DECODER["width"])
norm("decoder.nodeNorm", DECODER["width"])
for part in ("scale", "offset", "condition"):
    linear(f"decoder.{part}", DECODER["width"], DECODER["width"], bias=False)
    norm(f"decoder.{part}Norm", DECODER["width"])
for index in range(DECODER["layers"]):
    block(f"decoder.block{index}", DECODER, adaptive=True)
norm("decoder.norm", DECODER["width"])
linear("decoder.output", DECODER["width"], 1)
weights = {name: value.astype(numpy.float32) for name, value in weights.items()}
tensors = {name: torch.tensor(value.astype(numpy.float64), requires_grad=True) for name, value in weights.items()}


def apply(name, x):
    return functional.linear(x, tensors[f"{name}.weight"].T, tensors.get(f"{name}.bias"))


def normalise(name, x):
    return functional.layer_norm(x, x.shape[-1:], tensors[f"{name}.scale"], tensors[f"{name}.shift"], 1e-5)


def heads_of(x, heads):
    return x.unflatten(-1, (heads, -1)).transpose(-2, -3)


def attention(q, k, v, heads, mask=None):
    """… × tokens × channels; with a mask the shares are exp(S) / max(1, sum of exp(S)) over its ones."""
    q, k, v = (heads_of(part, heads) for part in (q, k, v))
    scores = q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])
    if mask is None:
        shares = torch.softmax(scores, dim=-1)
    else:
        exponentials = torch.exp(scores) * mask
        shares = exponentials / exponentials.sum(dim=-1, keepdim=True).clamp(min=1)
    return (shares @ v).transpose(-2, -3).flatten(-2)


mask = torch.zeros(NODES, NODES)
for node, parents in enumerate(PARENTS):
    for parent in parents:
        mask[node, parent] = 1


def attention_block(name, z, size, among_rows):
    z = z.transpose(0, 1) if among_rows else z
    q, k, v = (apply(f"{name}.{part}", normalise(f"{name}.{part}Norm", z)) for part in ("query", "key", "value"))
    z = z + apply(f"{name}.output", attention(q, k, v, size["heads"], None if among_rows else mask))
    hidden = torch.relu(apply(f"{name}.expansion", normalise(f"{name}.feedForwardNorm", z)))
    z = z + apply(f"{name}.contraction", hidden)
    return z.transpose(0, 1) if among_rows else z


def tokens_of(x):
    z = apply("encoder.input", x.unsqueeze(-1))
    for index in range(2 * ENCODER["layers"]):
        z = attention_block(f"encoder.block{index}", z, ENCODER, among_rows=index % 2 == 0)
    return normalise("encoder.norm", z)


def head(tokens):
    for index in range(2):
        tokens = functional.leaky_relu(apply(f"encoder.head{index}", tokens), 0.01)
    return apply("encoder.head2", tokens).squeeze(-1)


def embedding(tokens):
    z = apply("decoder.input", tokens)
    for index in range(2 * DATA_LAYERS):
        z = attention_block(f"decoder.data{index}", z, DECODER, among_rows=index % 2 == 0)
    nodes = normalise("decoder.nodeNorm", normalise("decoder.rowNorm", z).max(dim=0).values)
    return [normalise(f"decoder.{part}Norm", apply(f"decoder.{part}", nodes))
            for part in ("scale", "offset", "condition")]


def decoded(z, tokens):
    scale, offset, condition = embedding(tokens)
    k = z.unsqueeze(-1) * scale + offset
    q = offset.expand(k.shape)
    for index in range(DECODER["layers"]):
        name = f"decoder.block{index}"
        shift1, scale1, gate1, shift2, scale2, gate2 = apply(
            f"{name}.modulation", functional.silu(condition)).chunk(6, dim=-1)
        parts = [apply(f"{name}.{part}", normalise(f"{name}.{part}Norm", x) * (1 + scale1) + shift1)
                 for part, x in (("query", q), ("key", k), ("value", k))]
        q = q + gate1 * apply(f"{name}.output", attention(*parts, DECODER["heads"], mask))
        hidden = torch.relu(apply(
            f"{name}.expansion", normalise(f"{name}.feedForwardNorm", q) * (1 + scale2) + shift2))
        q = q + gate2 * apply(f"{name}.contraction", hidden)
    return apply("decoder.output", normalise("decoder.norm", q)).squeeze(-1)


def iterated(noise, tokens, setting=None):
    z = noise.clone()
    for _ in range(NODES):
        z = decoded(z, tokens) + noise
        if setting is not None:
            z[:, setting[0]] = setting[1]
    return z


def losses(x, truth):
    """The published losses, with the gradients of the encoder's for itself and of the decoder's for itself."""
    half = ROWS // 2
    errors = {"encoder": torch.sqrt(((head(tokens_of(x)) - truth) ** 2).mean(dim=-1)).mean(),
              "decoder": torch.sqrt(((decoded(x[half:], tokens_of(x[:half]).detach()) - truth[half:]) ** 2).mean())}
    result = {"truth": truth}
    for part, loss in errors.items():
        own = {name: tensor for name, tensor in tensors.items() if name.startswith(part)}
        result[part] = loss.reshape(1)
        gradients = torch.autograd.grad(loss, list(own.values()))
        result.update({f"{part}/{name}": gradient for name, gradient in zip(own, gradients)})
    return result


def float32(x):
    return numpy.ascontiguousarray(x.detach().numpy().astype(numpy.float32))


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    # Of mean 0 and standard deviation 1, so that nothing is left to standardise.
    x = random.normal(size=(ROWS, NODES)) @ (numpy.eye(NODES) + 0.5 * numpy.eye(NODES, k=1))
    x = torch.tensor(((x - x.mean(0)) / x.std(0, ddof=1)).astype(numpy.float32).astype(numpy.float64))
    points = torch.tensor((1.2 * random.normal(size=(QUERIES, NODES))).astype(numpy.float32).astype(numpy.float64))
    noise = torch.tensor((0.7 * random.normal(size=(QUERIES, NODES))).astype(numpy.float32).astype(numpy.float64))
    tokens = tokens_of(x)
    scale, offset, condition = embedding(tokens)
    own = points - decoded(points, tokens)
    values = dict(
        rows=x, points=points, noise=noise, tokens=tokens, head=head(tokens), scale=scale, offset=offset,
        condition=condition, means=decoded(points, tokens), own_noise=own, generated=iterated(noise, tokens),
        intervened=iterated(noise, tokens, (SET_NODE, SET_VALUE)),
        counterfactual=iterated(own, tokens, (SET_NODE, SET_VALUE)))
    truth = torch.tensor((0.8 * random.normal(size=(ROWS, NODES))).astype(numpy.float32).astype(numpy.float64))
    files = {"weights": weights, "values": {name: float32(value) for name, value in values.items()},
             "losses": {name: float32(value) for name, value in losses(x, truth).items()}}
    for name, entries in files.items():
        save_file(entries, folder / f"{name}.safetensors")
    provenance = dict(
        peer="the published equations in PyTorch at double precision", version=torch.__version__,
        command="python3 Pipelines/Golden/mechanism_networks.py Reference/Golden/MechanismNetworks", seed=SEED,
        encoder=ENCODER, headWidth=HEAD, decoder=DECODER, dataLayers=DATA_LAYERS, parents=PARENTS,
        setNode=SET_NODE, setValue=SET_VALUE,
        sha256={f"{name}.safetensors": hashlib.sha256((folder / f"{name}.safetensors").read_bytes()).hexdigest()
                for name in files},
        tolerance={"values": 2e-5, "losses": "2e-6; gradients 1e-4 of a parameter's largest one"},
        reason="values of order 1 to 10 in single precision through ten blocks and up to six rounds; losses of order 1, and "
        "gradients that are sums of single precision in another order")
    (folder / "provenance.json").write_text(json.dumps(provenance, indent=2) + "\n")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
