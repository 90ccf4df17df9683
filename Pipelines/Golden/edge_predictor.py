#!/usr/bin/env python3
"""Fixtures for EdgePredictor from the package `avici`: input, logits, losses, gradients, and ten steps of training.

    python3 Pipelines/Golden/edge_predictor.py Reference/Golden/AVICI

Needs Python 3.11 with avici 1.0.7, jax 0.6.2 and safetensors. Weights are the package's own, made at random, stored
as a checkpoint of the form of the published ones and exported from there; every parameter is moved off its first
value, so that none of them is a plain 0 or 1.
"""
import hashlib
import importlib.metadata
import json
import math
import pathlib
import pickle
import subprocess
import sys
import tempfile

import jax
import numpy
import optax
from avici.backbone import Updater
from avici.model import BaseModel, InferenceModel
from avici.pretrain import load_pretrained
from avici.utils.data_jax import jax_standardize_count_simple, jax_standardize_default_simple
from safetensors.numpy import load_file, save_file

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "Weights"))
import export_avici as export  # noqa: E402

SEED = 20260
NETWORK = dict(layers=2, dim=16, key_size=12, num_heads=2, widening_factor=2, dropout=0.0, out_dim=10,
               cosine_temp_init=2.0)
ITERATIONS = 10
DUAL = 0.7


def float32(values):
    return numpy.asarray(values, numpy.float32)


def inference(mask_diag, acyclic, p_obs_only=0.0):
    return InferenceModel(
        model_class=BaseModel, model_kwargs=dict(NETWORK), train_p_obs_only=p_obs_only,
        acyclicity=(lambda penalty, t, dual: penalty * dual) if acyclic else None, acyclicity_pow_iters=ITERATIONS,
        mask_diag=mask_diag)


def random_parameters(draw):
    params = inference(True, False).net.init(jax.random.PRNGKey(SEED), float32(numpy.zeros((4, 3, 2))), False)
    return {
        module: {name: float32(value + 0.1 * draw.standard_normal(numpy.shape(value))) for name, value in part.items()}
        for module, part in jax.device_get(params).items()
    }


def checkpoint(folder, params, network, mask_diag):
    """A folder as `load_pretrained` reads them."""
    updater = Updater(net_init=lambda *_: params, loss_fn=None, opt=optax.identity(), acyclicity_dual_lr=0.0,
                      acyclicity_inner_step=1, acyclicity_burnin=0, acyclicity_warmup=False)
    state = updater.init(jax.random.PRNGKey(0), numpy.zeros(1, numpy.float32))._replace(step=300_000)
    folder.mkdir()
    with open(folder / "checkpoint_0300000.pkl", "wb") as file:
        pickle.dump(jax.device_get(state), file)
    arguments = dict(neural_net_kwargs=network,
                     inference_model_kwargs=dict(train_p_obs_only=0.5, acyclicity="f", mask_diag=mask_diag))
    (folder / "kwargs.json").write_text(json.dumps(arguments))


def exported_checkpoint(target, params, name, network, mask_diag):
    """Writes a checkpoint, exports it by the script, and checks that the package reads the same out of both."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch) / "model"
        checkpoint(folder, params, network, mask_diag)
        subprocess.run([sys.executable, export.__file__, folder, target, "--name", name], check=True)
        # The package looks for the arguments one folder higher, too.
        (folder.parent / "kwargs.json").write_text((folder / "kwargs.json").read_text())
        theirs = load_pretrained(checkpoint_dir=folder, expects_counts=False, verbose=False).params
    ours = export.imported(load_file(target), NETWORK["layers"])
    for module, part in theirs.items():
        for parameter, value in part.items():
            assert numpy.array_equal(numpy.asarray(value), ours[module][parameter]), (module, parameter)


def cells(draw, rows, genes):
    """Values of a small linear world with an outlier, and interventions on its first two genes."""
    x = numpy.zeros((rows, genes, 2))
    for row in range(rows):
        for gene in range(genes):
            parent = x[row, gene - 1, 0] if gene else 0
            x[row, gene, 0] = 1.5 * parent + draw.normal(gene, 0.3 + gene)
            if row % 4 == gene and gene < 2:
                x[row, gene] = [4.0, 1.0]
    x[0, -1, 0] *= 20
    return float32(x)


def counts(draw, rows, genes):
    """Counts with an empty cell, a gene never seen, and interventions on the first two genes."""
    x = numpy.zeros((rows, genes, 2))
    x[..., 0] = draw.poisson(numpy.outer(draw.lognormal(2, 1, rows), draw.lognormal(0, 1, genes)))
    x[: rows // 4, 0] = [0.0, 1.0]
    x[rows // 4: rows // 2, 1] = [0.0, 1.0]
    x[-1, :, 0] = 0
    x[:, 3, 0] = 0
    return float32(x)


def starts(key, shape):
    """The start vectors of the power iteration that `InferenceModel.loss` draws from a key."""
    key, _ = jax.random.split(key)
    key, _ = jax.random.split(key)
    _, key = jax.random.split(key)
    key, first = jax.random.split(key)
    _, second = jax.random.split(key)
    return jax.random.normal(first, shape), jax.random.normal(second, shape)


def spectral_radius(probabilities, u, v):
    """What the published penalty says of one matrix, in double precision."""
    for _ in range(ITERATIONS):
        u, v = u @ probabilities, probabilities @ v
        u, v = u / numpy.linalg.norm(u), v / numpy.linalg.norm(v)
    return u @ probabilities @ v / (u @ v)


def input_cases(draw, params, result):
    net = inference(True, False).net
    for name, x, standardise in [
        ("observational", cells(draw, 12, 5) * float32([1, 0]), jax_standardize_default_simple),
        ("interventional", cells(draw, 12, 5), jax_standardize_default_simple),
        ("counts", counts(draw, 16, 6), jax_standardize_count_simple),
    ]:
        if name == "interventional":
            x[:, 2, 0] = 2.5  # no spread at all
        standardised = standardise(jax.numpy.asarray(x))
        result[f"{name}/x"], result[f"{name}/standardised"] = x, float32(standardised)
        result[f"{name}/logits"] = float32(net.apply(params, jax.random.PRNGKey(0), standardised, False))


def loss_cases(draw, params, result):
    x = cells(draw, 12, 5)
    graph = numpy.triu(draw.random((5, 5)) < 0.5, 1)[:, draw.permutation(5)]
    data = dict(g=graph.astype(numpy.int32)[None], x_obs=x[None, :8], x_int=x[None, 8:],
                is_count_data=numpy.zeros(1, bool))
    key = jax.random.PRNGKey(SEED + 1)
    u, v = starts(key, (1, 5))
    result["loss/x"], result["loss/graph"] = x, float32(graph)
    result["loss/u"], result["loss/v"], result["loss/dual"] = float32(u[0]), float32(v[0]), float32(DUAL)
    for mask_diag in (True, False):
        for acyclic in (True, False):
            case = "loss/" + ("masked" if mask_diag else "whole") + (", acyclic" if acyclic else "")
            model = inference(mask_diag, acyclic)
            (loss, aux), gradient = jax.value_and_grad(model.loss, has_aux=True)(params, DUAL, key, data, 0, False)
            result[case] = float32(loss)
            for name, value in export.exported(jax.device_get(gradient), NETWORK["layers"]).items():
                result[f"{case}/{name}"] = value
            if acyclic:
                result[f"{case}/penalty"] = float32(aux["acyc"])
                logits = model.net.apply(params, key, jax_standardize_default_simple(jax.numpy.asarray(x)), False)
                matrix = 1 / (1 + numpy.exp(-numpy.asarray(logits, float)))
                if mask_diag:
                    numpy.fill_diagonal(matrix, 0)
                expected = spectral_radius(matrix, numpy.asarray(u[0], float), numpy.asarray(v[0], float))
                assert abs(expected - aux["acyc"]) < 1e-5 * abs(expected), "these are not its start vectors"


def training(draw, params, result):
    """Ten steps of the package's `Updater`, whose dual variable is made to matter."""
    steps, batch = 10, 3
    x = numpy.stack([cells(draw, 12, 5) for _ in range(batch)])
    graphs = numpy.stack([numpy.triu(draw.random((5, 5)) < 0.5, 1) for _ in range(batch)])
    data = dict(g=graphs.astype(numpy.int32), x_obs=x, x_int=x[:, :0], is_count_data=numpy.zeros(batch, bool))
    model = inference(True, True, p_obs_only=1.0)
    rate = 3e-5 * math.sqrt(216)
    optimiser = optax.chain(optax.clip_by_global_norm(1.0), optax.lamb(lambda _: rate))
    updater = Updater(
        net_init=lambda *_: params, loss_fn=model.loss, opt=optimiser, acyclicity_dual_lr=2.0, acyclicity_inner_step=2,
        acyclicity_burnin=4, acyclicity_warmup=True, polyak_rate=0.1)
    state = updater.init(jax.random.PRNGKey(SEED + 2), x)
    record = {"loss": [], "acyc": [], "dual": [], "grad_norm": []}
    u, v = [], []
    for step in range(steps):
        _, key = jax.random.split(state.rng)
        first, second = starts(key, (batch, 5))
        u.append(first)
        v.append(second)
        state, metrics = updater.update(state, data, step)
        for name, values in record.items():
            values.append(metrics[name])
    result["training/x"], result["training/graph"] = x, float32(graphs)
    result["training/u"], result["training/v"] = float32(u), float32(v)
    result["training/rate"] = float32(rate)
    for name, values in record.items():
        result[f"training/{name}"] = float32(values)
    for name, value in export.exported(jax.device_get(state.params), NETWORK["layers"]).items():
        result[f"training/after/{name}"] = value


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    draw = numpy.random.default_rng(SEED)
    params = random_parameters(draw)
    exported_checkpoint(folder / "weights.safetensors", params, "neurips-linear", NETWORK, True)
    # Older checkpoints keep the network's arguments one level lower, and some that are no longer known.
    exported_checkpoint(folder / "count_weights.safetensors", params, "neurips-grn",
                        dict(model_kwargs=dict(NETWORK, ln_style="pre")), False)
    results = {"inputs": input_cases, "losses": loss_cases, "training": training}
    for name, make in results.items():
        result = {}
        make(draw, params, result)
        save_file({key: numpy.ascontiguousarray(value) for key, value in result.items()},
                  folder / f"{name}.safetensors")
    files = sorted(folder.glob("*.safetensors"))
    provenance = {
        "peer": "avici, jax, dm-haiku, optax",
        "version": ", ".join(importlib.metadata.version(name) for name in ("avici", "jax", "dm-haiku", "optax")),
        "command": "python3 Pipelines/Golden/edge_predictor.py Reference/Golden/AVICI",
        "seed": SEED,
        "sha256": {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files},
        "tolerance": TOLERANCE,
    }
    (folder / "provenance.json").write_text(json.dumps(provenance, indent=2) + "\n")


TOLERANCE = {
    "inputs: standardised": "1e-5: single-precision sums over few values in both",
    "inputs: logits": "3e-5: single precision through four blocks in both",
    "losses": "2e-6 for values of order 1; gradients 1e-4 of a parameter's largest one: single-precision sums in "
    "another order",
    "training": "1e-5 for losses, 1e-2 of what ten steps changed for parameters: LAMB divides gradients by their own "
    "size, so the rounding of small ones is a step of full length",
}

if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
