"""Factorisations φ: programs without input, through which a network's function depends on its parameters.

Every network of a family below is F(θ)(x) = f_x(φ(θ)) (for ReLU: with f_x depending on the gates), so training moves z = φ(θ) by ż = −G(θ)∇ℓ(z),
G = ∂φ∂φᵀ. Source: Marcotte, Peyré, Gribonval, arXiv 2508.07370.
"""

from __future__ import annotations

import math
from dataclasses import replace

from simcert.errors import ResourceLimit, SpecError
from simcert.models.builder import LETTERS, Builder, Expr
from simcert.models.program import Program, Shape

MOST_PATHS = 1 << 14
KNOWN = (
    "linear (the product of its matrices), mlp with the activation linear (the same, with biases), relu, leaky_relu or abs (the path-lifting), "
    "attention (QᵀK and VᵀO of every head), conv1d with the activation linear (the composed kernel), lora (B·A of every layer), "
    "and any program without inputs"
)


def factorization(p: Program) -> Program:
    """The factorisation of a model: a program with the same parameters, no inputs, and the entries of φ as its outputs.

    A program without inputs is its own factorisation. Raises `SpecError` where none is known, `ResourceLimit` for more than 2¹⁴ paths.

    >>> from simcert.models.families import linear
    >>> z = factorization(linear(2, 3, 2))
    >>> z.inputs, z.nodes[z.outputs[0]].shape
    ((), (2, 2))
    """
    if not p.inputs:
        return _polynomial(p)
    build = {"linear": _product, "mlp": _mlp, "attention": _attention, "conv1d": _convolution, "lora": _updates}.get(p.family)
    if build is None:
        raise _unknown(p, f"no factorisation is known for {'this family' if p.family else 'a program with inputs'}")
    return replace(build(p), title=p.title, family=f"factorization of {p.family}")


def _unknown(p: Program, fact: str) -> SpecError:
    return SpecError(fact, p.title, f"known are {KNOWN}")


def _polynomial(p: Program) -> Program:
    for name, a in p.activations.items():
        if a.polynomial is None:
            raise SpecError(f"the activation {name} of a factorisation is not a polynomial", p.title, "write φ with polynomial activations only")
    return p


def _chain(b: Builder, factors: list[Expr]) -> Expr:
    """The product of matrices, from the left."""
    out = factors[0]
    for factor in factors[1:]:
        out = out @ factor
    return out


def _layers(p: Program, letter: str) -> list[tuple[str, Shape]]:
    """The weights of the layers, first to last."""
    return [(name, shape) for name, shape in p.parameters if name.startswith(letter)]


def _product(p: Program) -> Program:
    """Z = W_L⋯W_1."""
    b = Builder(p.title)
    matrices = [b.parameter(name, *shape) for name, shape in p.parameters]
    return b.program(_chain(b, matrices[::-1]))


def _mlp(p: Program) -> Program:
    (activation,) = p.activations.values() if p.activations else (None,)
    if activation is None or (activation.polynomial is not None and len(activation.polynomial) == 2 and activation.polynomial[0] == 0):
        scale = activation.polynomial[1] if activation is not None and activation.polynomial is not None else 1
        if scale != 1:
            raise _unknown(p, f"no factorisation is known for the activation {scale}·z")
        return _affine(p)
    if activation.piecewise is not None:
        return _paths(p)
    raise _unknown(p, "no factorisation is known: the function of this network depends on its parameters through no polynomial φ that is known here")


def _affine(p: Program) -> Program:
    """A network without activation: W_L⋯W_1, and with biases also Σ_l W_L⋯W_{l+1} b_l."""
    b = Builder(p.title)
    values = {name: b.parameter(name, *shape) for name, shape in p.parameters}
    weights = [values[name] for name, _ in _layers(p, "W")]
    outputs = [_chain(b, weights[::-1])]
    biases = [values[name] for name, _ in _layers(p, "b")]
    if biases:
        h = biases[0]
        for weight, bias in zip(weights[1:], biases[1:], strict=True):
            h = weight @ h + bias
        outputs.append(h)
    return b.program(outputs, parameters=[name for name, _ in p.parameters])


def _paths(p: Program) -> Program:
    """The path-lifting: for every path from an input, or from a bias, to an output the product of what stands along it."""
    b = Builder(p.title)
    values = {name: b.parameter(name, *shape) for name, shape in p.parameters}
    weights, biases = ([values[name] for name, _ in _layers(p, letter)] for letter in "Wb")
    widths = [weights[0].shape[1], *(w.shape[0] for w in weights)]
    count = sum(math.prod(widths[k:]) for k in range(len(widths) if biases else 1))
    if count > MOST_PATHS or len(weights) + 1 > len(LETTERS):
        raise ResourceLimit(f"{count} paths", p.title, f"the limit is {MOST_PATHS}")
    starts = [weights[0], *biases]
    outputs: list[Expr] = []
    for layer, start in enumerate(starts):
        path = start
        for weight in weights[max(layer, 1) :]:
            inner = LETTERS[1 : len(path.shape) + 1]
            path = b.contract(f"a{inner[0]},{inner}->a{inner}", weight, path)
        outputs.append(path)
    return b.program(outputs, parameters=[name for name, _ in p.parameters])


def _attention(p: Program) -> Program:
    """QᵀK and VᵀO of every head."""
    b = Builder(p.title)
    values = {name: b.parameter(name, *shape) for name, shape in p.parameters}
    heads = [name[1:] for name in values if name.startswith("Q")]
    outputs = [values[f"{first}{head}"].T @ values[f"{second}{head}"] for head in heads for first, second in ("QK", "VO")]
    return b.program(outputs, parameters=[name for name, _ in p.parameters])


def _convolution(p: Program) -> Program:
    """The kernel of the composed convolution: for two layers Σ_c C2[o, c, k]·C1[c, i, l] at position k + l."""
    if any(a.polynomial is None or [*map(int, a.polynomial)] != [0, 1] for a in p.activations.values()) or len(_layers(p, "b")) > 0:
        raise _unknown(p, "no factorisation is known for a convolution with biases or with an activation other than linear")
    b = Builder(p.title)
    kernels = [b.parameter(name, *shape) for name, shape in p.parameters]
    out = kernels[0]
    for kernel in kernels[1:]:
        pairs = b.contract("ock,cil->oikl", kernel, out)
        o, i, k, m = pairs.shape
        length = k + m - 1
        indices = tuple((r * length) + x + y for r in range(o * i) for x in range(k) for y in range(m))
        out = b.scatter(pairs, (o, i, length), indices)
    return b.program(out)


def _updates(p: Program) -> Program:
    """B_l A_l of every layer."""
    b = Builder(p.title)
    values = {name: b.parameter(name, *shape) for name, shape in p.parameters}
    layers = [name[1:] for name in values if name.startswith("A")]
    return b.program([values[f"B{layer}"] @ values[f"A{layer}"] for layer in layers], parameters=[name for name, _ in p.parameters])
