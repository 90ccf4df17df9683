"""The peers of `engine`: one work of one peer, timed; and the weights and data that all contenders get.

    engine_peers.py weights FILE BLOCKS
    engine_peers.py data FILE ROWS VARIABLES BATCH
    engine_peers.py PEER WORK MODE WEIGHTS DATA THREADS RESULT

PEER is jax, torch, torch-composed or torch-compiled. Weights are as the package `avici` initialises them, at the published
width, with biases and scales moved off their constants; data are random. A peer carries its work out once, with all that it compiles, then again for
each line on standard input; every time gives a line of JSON with its seconds. RESULT gets the numbers of the first time.
"""
import json, math, os, sys, time, warnings

warnings.filterwarnings("ignore")
threads = int(sys.argv[6]) if len(sys.argv) == 8 else 1
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = str(threads)
import numpy as np
from safetensors.numpy import load_file, save_file

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Weights"))
import export_avici

# The size of the published models (beside their 16 blocks), without dropout as in the LINEAR one.
SIZE = dict(dim=128, key_size=32, num_heads=8, widening_factor=4, dropout=0.0, cosine_temp_init=2.0)
RATE = 3e-5 * math.sqrt(8 * 27)


def inference_model(blocks):
    from avici.model import BaseModel, InferenceModel

    return InferenceModel(
        model_class=BaseModel, model_kwargs=dict(SIZE, layers=blocks // 2),
        acyclicity=lambda h, step, dual: dual * h)


def write_weights(file, blocks):
    import jax

    tree = inference_model(blocks).net.init(jax.random.PRNGKey(0), np.zeros((10, 5, 2), np.float32), False)
    random = np.random.default_rng(0)
    moved = lambda values: values + 0.1 * random.standard_normal(values.shape, np.float32) if values.ndim == 1 else values
    export_avici.write(
        file, jax.tree_util.tree_map(lambda values: moved(np.array(values)), tree),
        export_avici.network_arguments(dict(SIZE, layers=blocks // 2)), masks_diagonal=True, name="random", version="1",
        genes=(2, 100), cells=(2, 10_000), counts=False, worlds="none", steps=0)


def write_data(file, rows, variables, batch):
    random = np.random.default_rng(1)
    values = random.standard_normal((batch, rows, variables))
    interventions = random.random((batch, rows, variables)) < 0.25 / variables
    graph = (random.random((batch, variables, variables)) < 4 / variables) & np.tri(variables, k=-1, dtype=bool)
    tokens = (rows, variables, SIZE["dim"])
    save_file({
        "x": np.stack([values, interventions], axis=-1).astype(np.float32), "graph": graph.astype(np.float32),
        "z": random.standard_normal(tokens, np.float32), "cotangent": random.standard_normal(tokens, np.float32)}, file)


class Jax:
    """The modules of the package as they are, compiled."""

    def __init__(self, parameters, data):
        import jax

        self.jax, self.parameters, self.data = jax, parameters, data
        self.versions = {name: module_version(name) for name in ("avici", "jax", "jaxlib", "dm-haiku", "optax")}

    def done(self, result):
        return self.jax.block_until_ready(result)

    def block(self, mode):
        import haiku
        from avici.model import BaseModel

        jax = self.jax

        class Pair(BaseModel):
            def __call__(self, z):
                for _ in range(2):
                    z = jax.numpy.swapaxes(self._block(z, 0.0), -3, -2)
                return z

        net = haiku.transform(lambda z: Pair(**SIZE, name="BaseModel")(z))
        z, cotangent, key = self.data["z"], self.data["cotangent"], jax.random.PRNGKey(0)
        # Without the layer before the blocks, the linear layers are counted from 0.
        weights = {}
        for module in jax.eval_shape(net.init, key, z):
            name, _, number = module.rpartition("_")
            linear = module.endswith("/linear") and "attention" not in module
            theirs = f"BaseModel/linear_{1 if linear else int(number) + 1}" if linear or name == "BaseModel/linear" else module
            weights[module] = self.parameters[theirs]
        weights, z, cotangent = jax.device_put((weights, z, cotangent))
        if mode == "forward":
            forward = jax.jit(lambda weights, z: net.apply(weights, key, z))
            return lambda: self.done(forward(weights, z))
        loss = lambda weights, z, cotangent: (net.apply(weights, key, z) * cotangent).sum()
        gradient = jax.jit(jax.grad(loss, argnums=(0, 1)))
        return lambda: self.done(gradient(weights, z, cotangent))[1]

    def network(self, mode):
        jax, model = self.jax, inference_model(sum("/query" in module for module in self.parameters))
        if mode == "inference":
            from avici.pretrain import AVICIModel

            predictor = AVICIModel(params=jax.device_put(self.parameters), model=model, expects_counts=False)
            x, intervened = np.moveaxis(self.data["x"][0], -1, 0).copy()
            return lambda: log_odds(predictor(x=x, interv=intervened))
        import optax

        optimiser = optax.chain(optax.clip_by_global_norm(1.0), optax.lamb(RATE))
        x = self.data["x"]
        data = dict(
            g=self.data["graph"], x_obs=x, x_int=np.zeros((*x.shape[:-3], 0, *x.shape[-2:]), np.float32),
            is_count_data=np.zeros(len(x), bool))

        def update(weights, state, dual, key):
            (loss, _), gradient = jax.value_and_grad(model.loss, has_aux=True)(weights, dual, key, data, 0, False)
            change, state = optimiser.update(gradient, state, weights)
            return optax.apply_updates(weights, change), state, loss

        update = jax.jit(update, donate_argnums=(0, 1))
        weights = jax.device_put(self.parameters)
        place = [weights, optimiser.init(weights), jax.random.PRNGKey(0)]

        def step():
            place[2], key = jax.random.split(place[2])
            place[0], place[1], loss = self.done(update(place[0], place[1], jax.numpy.zeros(()), key))
            return np.array([loss])

        return step


class Torch:
    """The same network in plain modules of PyTorch, with its fused attention or, "composed", with two products and a softmax."""

    def __init__(self, parameters, data, compiled, composed):
        import torch

        import engine_torch

        if composed:
            engine_torch.Block.attention = staticmethod(engine_torch.composed_attention)
        torch.set_num_threads(threads)
        self.torch, self.parameters = torch, parameters
        self.data = {name: torch.from_numpy(values) for name, values in data.items()}
        self.compile = torch.compile if compiled else lambda function: function
        self.versions = {"torch": torch.__version__, "instructions": torch.backends.cpu.get_cpu_capability()}

    def block(self, mode):
        from engine_torch import Blocks

        blocks = self.compile(Blocks(self.parameters, 2))
        z, cotangent = self.data["z"], self.data["cotangent"]
        if mode == "forward":
            def forward():
                with self.torch.inference_mode():
                    return blocks(z)

            return forward
        z.requires_grad_()

        def gradient():
            blocks.zero_grad(set_to_none=True)
            z.grad = None
            (blocks(z) * cotangent).sum().backward()
            return z.grad

        return gradient

    def network(self, mode):
        from engine_torch import Lamb, Network, loss, standardised

        network, x = self.compile(Network(self.parameters)), self.data["x"]
        if mode == "inference":
            def infer():
                with self.torch.inference_mode():
                    return log_odds(self.torch.sigmoid(network(standardised(x[0]))).numpy())

            return infer
        graph, optimiser = self.data["graph"], Lamb(network.parameters(), rate=RATE)

        def step():
            network.zero_grad(set_to_none=True)
            value = loss(network(standardised(x)), graph, dual=0.0)
            value.backward()
            self.torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
            return value.detach().reshape(1)

        return step


def log_odds(probabilities):
    """Logits without the diagonal, which the package sets to probability 0."""
    p = np.asarray(probabilities, np.float64)[~np.eye(len(probabilities), dtype=bool)]
    return np.log(p) - np.log1p(-p)


def module_version(name):
    from importlib.metadata import version

    return version(name)


def say(value):
    print(json.dumps(value), flush=True)


def timed(step):
    wall, processor = time.perf_counter(), time.process_time()
    result = step()
    times = {"seconds": time.perf_counter() - wall, "processor_seconds": time.process_time() - processor}
    if result.shape == (1,):
        times["loss"] = float(result[0])
    return times, result


def serve(peer, work, mode, weights, data, _, result):
    tensors, data = load_file(weights), load_file(data)
    layers = sum(name.endswith(".query.weight") for name in tensors) // 2
    parameters = export_avici.imported(tensors, layers)
    if peer == "jax":
        peer = Jax(parameters, data)
    else:
        peer = Torch(parameters, data, compiled=peer == "torch-compiled", composed=peer == "torch-composed")
    step = getattr(peer, work)(mode)
    times, value = timed(step)
    say(times)
    np.asarray(value).astype(np.float32).tofile(result)
    say({"ready": True, "versions": {"python": sys.version.split()[0], "numpy": np.__version__, **peer.versions}})
    for _ in sys.stdin:
        say(timed(step)[0])


if __name__ == "__main__":
    if sys.argv[1] == "weights":
        write_weights(sys.argv[2], int(sys.argv[3]))
    elif sys.argv[1] == "data":
        write_data(sys.argv[2], *map(int, sys.argv[3:]))
    else:
        serve(*sys.argv[1:])
