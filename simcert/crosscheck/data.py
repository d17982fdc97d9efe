"""Symmetries of data in floats: the data are closed, networks move with them, full-batch training keeps L, and predictors are polynomials on L."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from simcert.crosscheck.arrays import compiled
from simcert.crosscheck.case import Case
from simcert.crosscheck.evidence import Finding, Line, Panel, small
from simcert.crosscheck.invariant import SCALE, STAYS, TANGENT, TIMES, largest, staying, tame, train
from simcert.crosscheck.members import Coefficients, as_claimed
from simcert.crosscheck.network import Array, Floats, FloatSubspace, Network
from simcert.crosscheck.symmetry import SAME, FloatGenerator, action_matrix, difference, fixed
from simcert.crosscheck.training import DATA, METHODS, Problem, Training
from simcert.models.program import size_of

SYMMETRIC = ("square", "Cauchy", "pseudo-Huber", "logistic")  # functions of |z − y|² and z·y: any orthogonal map of both leaves them unchanged


@dataclass(frozen=True)
class Symmetric(Training):
    """Training on weighted data, `shares` (n,), with the losses `SYMMETRIC`."""

    shares: Floats

    def loss(self, theta: Array, x: Array, y: Array, weights: Array, which: Array, coefficients: Coefficients) -> Array:
        import jax.numpy as jnp

        outputs = self.network.forward(theta, x, coefficients)
        apart, along = ((outputs - y) ** 2).sum(axis=1), (outputs * y).sum(axis=1)
        each = jnp.stack([apart / 2, jnp.log1p(apart), jnp.sqrt(1 + apart), jnp.logaddexp(0.0, -along)])
        return (each[which] * weights * self.shares).sum()


@dataclass(frozen=True)
class Data:
    """The examples of a claim: inputs (n, D), targets (n, K), and weights (n,)."""

    x: Floats
    y: Floats
    weights: Floats

    @classmethod
    def from_claim(cls, case: Case) -> Data:
        """Inputs in the order of the model, targets in the order of its outputs."""
        examples = case.claim["data"]
        x = [[float(Fraction(v)) for name, _ in case.program.inputs for v in example["x"][name]] for example in examples]
        y = [[float(Fraction(v)) for output in example["y"] for v in output] for example in examples]
        return cls(np.array(x), np.array(y), np.array([float(Fraction(example["weight"])) for example in examples]))


def check(case: Case) -> tuple[list[Finding], list[Panel], str]:
    """A `data-invariant` claim."""
    program, claim = case.program, case.claim
    network, data, space = Network(program, as_claimed(program, claim["activations"])), Data.from_claim(case), case.subspace
    generators = [FloatGenerator.from_json(program, value) for value in claim["generators"]]
    maps = [(_map(case, value, _inputs(case)), _map(case, value, list(program.outputs))) for value in claim["generators"]]
    findings = [_closed(data, maps), _moves(case, network, generators, maps), *fixed(case, generators, space)]
    more, panel = _training(case, network, data, space)
    findings += more
    if claim["predictor"]:
        findings.append(_predicted(case, network, space))
    return findings, [panel], network.activations.words


def _inputs(case: Case) -> list[int]:
    numbers = {node.name: k for k, node in enumerate(case.program.nodes) if node.op == "input"}
    return [numbers[name] for name, _ in case.program.inputs]


def _map(case: Case, generator: dict[str, Any], numbers: list[int]) -> Floats:
    """The orthogonal map of the concatenated entries of some nodes: on each the Kronecker product of the actions on its axes."""
    listed: dict[int, list[int]] = dict(generator["nodes"])
    sizes = [size_of(case.program.nodes[number].shape) for number in numbers]
    out, start = np.eye(sum(sizes)), 0
    for number, size in zip(numbers, sizes, strict=True):
        block = np.eye(1)
        for n, a in zip(case.program.nodes[number].shape, listed.get(number, [-1] * len(case.program.nodes[number].shape)), strict=True):
            block = np.kron(block, np.eye(n) if a < 0 else action_matrix(generator["actions"][a]))
        out[start : start + size, start : start + size] = block
        start += size
    return out


def _closed(data: Data, maps: list[tuple[Floats, Floats]]) -> Finding:
    """How far the image of an example is from the nearest example, with its weight."""
    rows = np.concatenate([data.x, data.y, data.weights[:, None]], axis=1)
    worst = 0.0
    for t, epsilon in maps:
        moved = np.concatenate([data.x @ t.T, data.y @ epsilon.T, data.weights[:, None]], axis=1)
        worst = max(worst, float(np.abs(moved[:, None] - rows[None]).max(axis=2).min(axis=1).max()))
    return small("distance of (Tx, εy) from the nearest example of the same weight", worst, *SAME)


def _moves(case: Case, network: Network, generators: list[FloatGenerator], maps: list[tuple[Floats, Floats]]) -> Finding:
    everywhere = FloatSubspace.from_json(case.program.size, {"dimension": case.program.size, "rows": []})
    starts, x = everywhere.points(case.rng, case.seeds, SCALE), case.rng.normal(size=(case.seeds, DATA, network.inputs))
    coefficients = network.activations.draw(case.rng, case.seeds, pure=True)
    values = np.asarray(network.many_outputs(starts, x, coefficients))
    worst = [0.0]
    for g, (t, epsilon) in zip(generators, maps, strict=True):
        worst.append(difference(np.asarray(network.many_outputs(g(starts), x @ t.T, coefficients)), values @ epsilon.T))
    return small("F(gθ)(Tx) − εF(θ)(x)", float(np.max(worst)), *SAME)


def _training(case: Case, network: Network, data: Data, space: FloatSubspace) -> tuple[list[Finding], Panel]:
    """Gradients of symmetric losses at points of L, and full-batch training from there."""
    import jax

    methods, count = ("gd", "momentum"), case.seeds
    training = Symmetric(network, data.weights / data.weights.mean())
    starts, drawn = space.points(case.rng, count, SCALE), network.activations.draw(case.rng, count, pure=True)

    def repeated(array: Floats) -> Floats:
        return np.tile(array, (len(methods), *[1] * (array.ndim - 1)))

    each = [np.tile(part, (2 * count, 1, 1)) for part in (data.x, data.y)]
    which, method = np.arange(count) % len(SYMMETRIC), np.repeat([METHODS.index(name) for name in methods], count)
    coefficients = {name: repeated(array) for name, array in drawn.items()}
    task = Problem(repeated(starts), each[0], each[1], repeated(which), method, coefficients, np.arange(2 * count))
    even = np.full((count, len(data.x)), 1 / len(data.x))
    gradients = np.asarray(compiled(jax.vmap(jax.grad(training.loss)))(starts, each[0][:count], each[1][:count], even, which, drawn))
    good = np.isfinite(gradients).all(axis=1)
    across = space.distance(gradients[good]) / (np.linalg.norm(gradients[good], axis=1) + 1e-6)
    findings = [small("components across L of gradients of symmetric losses", float(across.max()) if good.mean() >= 0.5 else np.nan, *TANGENT)]
    lines = []
    for name, ways, others in train(case, training, task, methods):
        usable = tame(space, ways, others)
        findings.append(staying(f"distance from L, training on the data: {name}", space, ways, usable))
        lines.append(Line(name, TIMES, tuple(largest(space.distance(ways), usable))))
    panel = Panel("Training on the data from L", "step (flow: time in steps)", "greatest distance from L", tuple(lines), marks=(("agrees below", STAYS[0]),))
    return findings, panel


def _predicted(case: Case, network: Network, space: FloatSubspace) -> Finding:
    """F(θ)(x) against the polynomial of the claim, at points of L and random x."""
    starts, x = space.points(case.rng, case.seeds, SCALE), case.rng.normal(size=(case.seeds, DATA, network.inputs))
    values = np.asarray(network.many_outputs(starts, x, network.activations.draw(case.rng, case.seeds, pure=True)))
    wanted = np.zeros_like(values)
    for entry, polynomial in enumerate(case.claim["predictor"]):
        for c, parameters, inputs in polynomial:
            wanted[..., entry] += float(Fraction(c)) * starts[:, parameters].prod(axis=1)[:, None] * x[..., inputs].prod(axis=-1)
    return small("F(θ)(x) − the predictor, at points of L", difference(values, wanted), *SAME)
