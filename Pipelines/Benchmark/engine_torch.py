"""The network of AVICI (Lorch et al. 2022) in plain modules of PyTorch, its loss and LAMB, from the parameters of the package."""
import torch
from torch import nn
from torch.nn import functional

HEADS, WIDTH, KEY = 8, 128, 32


def numbered(name, number):
    return f"BaseModel/{name}_{number}" if number else f"BaseModel/{name}"


class Weights:
    """Makes modules from the package's parameters."""

    def __init__(self, parameters):
        self.parameters = parameters

    def norm(self, number):
        module, values = nn.LayerNorm(WIDTH), self.parameters[numbered("layer_norm", number)]
        module.weight.data, module.bias.data = torch.tensor(values["scale"]), torch.tensor(values["offset"])
        return module

    def linear(self, name):
        values = self.parameters[name]
        module = nn.Linear(*values["w"].shape)  # inputs × outputs
        module.weight.data, module.bias.data = torch.tensor(values["w"].T.copy()), torch.tensor(values["b"])
        return module

    def scalar(self, name):
        return nn.Parameter(torch.tensor(self.parameters["BaseModel"][name].item()))


def composed_attention(q, k, v):
    """The products and the softmax one after another, with all scores in memory, as the package computes them."""
    return torch.softmax(q @ k.mT / KEY**0.5, dim=-1) @ v


class Block(nn.Module):
    """Attention along the last axis but one and a feed-forward layer, each on normalised values and added to them."""

    attention = staticmethod(functional.scaled_dot_product_attention)

    def __init__(self, weights, index):
        super().__init__()
        attention = numbered("multi_head_attention", index)
        self.query_norm, self.key_norm, self.value_norm, self.norm = (weights.norm(4 * index + i) for i in range(4))
        self.query, self.key, self.value, self.output = (
            weights.linear(f"{attention}/{name}") for name in ("query", "key", "value", "linear"))
        self.up = weights.linear(numbered("linear", 2 * index + 1))
        self.down = weights.linear(numbered("linear", 2 * index + 2))

    def forward(self, z):  # groups × tokens × width
        def heads(x):  # groups × heads × tokens × key
            return x.unflatten(-1, (HEADS, KEY)).transpose(-3, -2)

        y = self.attention(
            heads(self.query(self.query_norm(z))), heads(self.key(self.key_norm(z))), heads(self.value(self.value_norm(z))))
        z = z + self.output(y.transpose(-3, -2).flatten(-2))
        return z + self.down(functional.relu(self.up(self.norm(z))))


class Blocks(nn.Module):
    """Blocks in turn over the variables and over the observations: … × rows × variables × width."""

    def __init__(self, parameters, count):
        super().__init__()
        weights = Weights(parameters)
        self.blocks = nn.ModuleList(Block(weights, index) for index in range(count))

    def forward(self, z):
        for block in self.blocks:
            z = block(z.flatten(0, -3)).view_as(z).transpose(-3, -2)
        return z


class Network(nn.Module):
    """Values and interventions … × rows × variables × 2 → logits … × variables × variables."""

    def __init__(self, parameters):
        super().__init__()
        weights = Weights(parameters)
        count = sum(module.endswith("/query") for module in parameters)
        self.input = weights.linear("BaseModel/linear")
        self.blocks = Blocks(parameters, count)
        self.norm, self.left_norm, self.right_norm = (weights.norm(4 * count + i) for i in range(3))
        self.left, self.right = (weights.linear(numbered("linear", 2 * count + i)) for i in (1, 2))
        self.temperature, self.bias = weights.scalar("learned_temp"), weights.scalar("final_matrix_bias")

    def forward(self, x):
        h = self.norm(self.blocks(self.input(x))).amax(-3)
        u = functional.normalize(self.left(self.left_norm(h)), dim=-1, eps=0)
        v = functional.normalize(self.right(self.right_norm(h)), dim=-1, eps=0)
        return u @ v.mT * self.temperature.exp() + self.bias


def standardised(x):
    """Each variable over its rows to mean 0 and deviation 1; the mark of interventions stays."""
    values, marks = x.unbind(-1)
    deviation, mean = torch.std_mean(values, dim=-2, keepdim=True, correction=0)
    return torch.stack([(values - mean) / deviation.where(deviation != 0, 1), marks], dim=-1)


def loss(logits, graph, dual):
    """Mean cross-entropy over ordered pairs, and the spectral radius (Lee et al. 2020) times its multiplier."""
    d = logits.shape[-1]
    diagonal = torch.eye(d, dtype=torch.bool)
    raw = functional.binary_cross_entropy_with_logits(logits, graph, reduction="none").masked_fill(diagonal, 0)
    p = logits.sigmoid().masked_fill(diagonal, 0)
    with torch.no_grad():
        u, v = torch.randn(2, *logits.shape[:-2], d, 1)
        for _ in range(10):
            u, v = (functional.normalize(x, dim=-2) for x in (p.mT @ u, p @ v))
    radius = ((u.mT @ p @ v) / (u.mT @ v)).mean()
    return raw.sum((-1, -2)).mean() / (d * (d - 1)) + dual * radius


class Lamb:
    """LAMB (You et al. 2020) as in optax, without weight decay."""

    def __init__(self, parameters, rate):
        self.parameters, self.rate, self.steps = list(parameters), rate, 0
        self.first = [torch.zeros_like(p) for p in self.parameters]
        self.second = [torch.zeros_like(p) for p in self.parameters]

    @torch.no_grad()
    def step(self):
        self.steps += 1
        gradients = [p.grad for p in self.parameters]
        torch._foreach_lerp_(self.first, gradients, 0.1)
        torch._foreach_mul_(self.second, 0.999)
        torch._foreach_addcmul_(self.second, gradients, gradients, 0.001)
        scale = torch._foreach_div(self.second, 1 - 0.999**self.steps)
        torch._foreach_sqrt_(scale)
        torch._foreach_add_(scale, 1e-6)
        change = torch._foreach_div(torch._foreach_div(self.first, 1 - 0.9**self.steps), scale)
        for p, c, size, length in zip(
                self.parameters, change, torch._foreach_norm(self.parameters), torch._foreach_norm(change)):
            ratio = torch.where((size > 0) & (length > 0), size / length, 1.0)
            p.sub_(c * (self.rate * ratio))
