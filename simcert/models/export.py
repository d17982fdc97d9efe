"""A program as a torch module: one readable Python file that needs only torch."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Mapping, Sequence
from fractions import Fraction

from simcert.errors import MissingExtraError, SpecError
from simcert.models.program import Activation, Node, Program, Shape, size_of, split_spec

_NAMED = {
    "tanh": "torch.tanh({z})",
    "sin": "torch.sin({z})", "erf": "torch.erf({z})", "arctan": "torch.arctan({z})", "sinh": "torch.sinh({z})", "cos": "torch.cos({z})",
    "cosh": "torch.cosh({z})", "gaussian": "torch.exp(-{z} * {z})", "logcosh": "torch.logaddexp({z}, -{z}) - math.log(2.0)", "silu": "{z} * torch.sigmoid({z})",
    "gelu": "{z} * (1.0 + torch.erf({z} / math.sqrt(2.0))) / 2.0", "expm1": "torch.expm1({z})", "exp": "torch.exp({z})", "sigmoid": "torch.sigmoid({z})",
    "softplus": "torch.logaddexp({z}, 0.0 * {z})", "reciprocal": "1.0 / {z}", "rsqrt": "torch.rsqrt({z})",
}  # fmt: skip

_HEAD = '''"""{title}, written by simcert.

The network has {size} parameters. `METRIC` has one number for every entry of every parameter: on the subspace of the certificate, plain gradient descent of the
original network is here `v -= rate * METRIC * gradient`, which `Reduced.descend` does. Theorem {theorem}.
Inputs are single examples; `torch.vmap` takes batches.
"""

import math

import torch
from torch import nn

METRIC = {metric}


class Reduced(nn.Module):
    def __init__(self{functions}):
        super().__init__()
{held}        self.values = nn.ParameterDict({{
{parameters}
        }})

    def forward(self, {inputs}):
        p = self.values
        like = p[{first!r}]
{body}
        return {outputs}

    def descend(self, rate):
        """One step of gradient descent of the original network, from the gradients that `backward` left."""
        with torch.no_grad():
            for name, value in self.values.items():
                value -= rate * torch.tensor(METRIC[name], dtype=value.dtype).reshape(value.shape) * value.grad
'''


def target(option: str) -> str:
    """The file that `torch` or `torch:FILE.py` means; raises `SpecError` for other words and `MissingExtraError` without torch."""
    kind, _, path = option.partition(":")
    if kind != "torch":
        raise SpecError(f"cannot export to {kind!r}", "--export", "write torch, or torch:FILE.py")
    if path and not path.endswith(".py"):
        raise SpecError(f"{path!r} is not a Python file", "--export", "write torch:FILE.py")
    if importlib.util.find_spec("torch") is None:
        raise MissingExtraError("torch", "torch")
    return path or "reduced.py"


def _function(name: str, activation: Activation, z: str) -> str:
    """An activation at the value named `z`."""
    if activation.named is not None:
        return _NAMED[activation.named].format(z=z)
    if activation.piecewise is not None:
        low, high = (float(c) for c in activation.piecewise)
        return f"torch.where({z} < 0, {low!r} * {z}, {high!r} * {z})"
    if activation.polynomial is None:
        return f"self.{name}({z})"
    out = f"0.0 * {z} + {float(activation.polynomial[-1])!r}"
    for c in reversed(activation.polynomial[:-1]):
        out = f"({out}) * {z} + {float(c)!r}"
    return out


def _contract(node: Node, args: Sequence[str]) -> str:
    terms, out = split_spec(node.spec)
    inside = "".join(terms)
    kept = "".join(letter for letter in out if letter in inside)
    text = f'torch.einsum("{",".join(terms)}->{kept}", {", ".join(args)})'
    if kept == out:
        return text
    shape = tuple(n if letter in inside else 1 for letter, n in zip(out, node.shape, strict=True))
    return f"{text}.reshape({shape}).expand({node.shape})"


def _array(values: Sequence[Fraction], shape: Shape) -> str:
    return f"like.new_tensor({[float(v) for v in values]}).reshape({shape})"


def _line(p: Program, i: int, node: Node) -> str:
    """One node as an assignment to n<i>."""
    args = [f"n{a}" for a in node.args]
    if node.op == "parameter":
        text = f'p["{node.name}"]'
    elif node.op == "stack":
        listed = ", ".join(f'p["{name}"]' for name in node.names)
        text = f"torch.stack([{listed}])"
    elif node.op == "input":
        text = f"in_{node.name}"
    elif node.op == "constant":
        text = _array(node.values, node.shape)
    elif node.op == "add":
        text = " + ".join(args)
    elif node.op == "contract":
        text = _contract(node, args)
    elif node.op == "gather":
        text = f"torch.cat([{args[0]}.reshape(-1), like.new_zeros(1)])[{list(node.indices)}].reshape({node.shape})"
    elif node.op == "scatter":
        size = size_of(node.shape)
        places = [k if k >= 0 else size for k in node.indices]
        text = f"like.new_zeros({size + 1}).index_add(0, torch.tensor({places}), {args[0]}.reshape(-1))[:{size}].reshape({node.shape})"
    elif node.order:
        raise SpecError(f"the derivative of order {node.order} of {node.activation} cannot be exported", f"/nodes/{i}")
    else:
        text = _function(node.activation, p.activations[node.activation], args[0])
    return f"        n{i} = {text}"


def torch_module(p: Program, metric: Mapping[str, Sequence[Fraction]], theorem: str = "") -> str:
    """The text of a Python file with an `nn.Module` for a program.

    Arguments: `metric`, for every parameter its flat metric, written as floats; `theorem`, the name of the certificate. An activation that is a class becomes
    an argument of the constructor, a function on tensors. Parameters start as standard normal numbers over the square root of their last dimension.
    Raises `SpecError` for derivatives of activations.
    """
    classes = sorted(name for name, a in p.activations.items() if a.cls is not None)
    parameters = "\n".join(
        f'            "{name}": nn.Parameter(torch.randn({shape}) / {max(1, shape[-1] if shape else 1)} ** 0.5),' for name, shape in p.parameters
    )
    outputs = [f"n{k}" for k in p.outputs]
    return _HEAD.format(
        title=p.title or "A network", size=p.size, theorem=theorem, metric=json.dumps({name: [float(m) for m in values] for name, values in metric.items()}),
        functions="".join(f", {name}" for name in classes), held="".join(f"        self.{name} = {name}\n" for name in classes), parameters=parameters,
        inputs=", ".join(f"in_{name}" for name, _ in p.inputs), first=p.parameters[0][0], body="\n".join(_line(p, i, node) for i, node in enumerate(p.nodes)),
        outputs=", ".join(outputs),
    )  # fmt: skip
