"""Symmetries in floats: F(gθ) = F(θ), gradients move with g, and fixed spaces are fixed."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from simcert.certificates import words
from simcert.crosscheck.case import Case
from simcert.crosscheck.evidence import Finding, Panel, small
from simcert.crosscheck.invariant import SCALE, evidence
from simcert.crosscheck.members import as_claimed
from simcert.crosscheck.network import Floats, FloatSubspace, Network
from simcert.crosscheck.training import DATA
from simcert.crosscheck.transport import PARAMETERS, rank
from simcert.models.program import Program, size_of

SAME = (1e-9, 1e-5)  # relative differences


@dataclass(frozen=True)
class FloatGenerator:
    """A linear map g of parameter space: for every node that it moves, the parameter indices of the node's entries and a matrix or None for each axis."""

    moves: tuple[tuple[Floats, tuple[Floats | None, ...]], ...]

    @classmethod
    def from_json(cls, program: Program, value: dict[str, Any]) -> FloatGenerator:
        """The generator of a claim; of its nodes only parameters and stacks are read."""
        matrices = [action_matrix(action) for action in value["actions"]]
        moves = []
        for number, axes in value["nodes"]:
            node = program.nodes[number]
            if node.op not in ("parameter", "stack"):
                continue
            offsets = program.offsets()
            parts = [np.arange(size_of(offsets[n][1])).reshape(offsets[n][1]) + offsets[n][0] for n in (node.names or (node.name,))]
            indices = np.stack(parts) if node.op == "stack" else parts[0]
            moves.append((indices, tuple(None if a < 0 else matrices[a] for a in axes)))
        return cls(tuple(moves))

    def __call__(self, theta: Floats) -> Floats:
        """gθ, (…, M) to (…, M)."""
        out = theta.copy()
        for indices, matrices in self.moves:
            block = theta[..., indices]
            for axis, matrix in enumerate(matrices):
                if matrix is not None:
                    position = axis - len(matrices)
                    block = np.moveaxis(np.tensordot(block, matrix, ([position], [1])), -1, position)
            out[..., indices] = block
        return out


def action_matrix(action: dict[str, Any]) -> Floats:
    """The orthogonal matrix of an action, n × n."""
    if "matrix" in action:
        return np.array([[float(Fraction(v)) for v in row] for row in action["matrix"]])
    size = len(action["permutation"])
    out = np.zeros((size, size))
    out[np.arange(size), action["permutation"]] = action["signs"]
    return out


def check(case: Case) -> tuple[list[Finding], list[Panel], str]:
    """A `symmetry` or `fixed-space` claim."""
    activations = as_claimed(case.program, case.claim["activations"])
    generators = [FloatGenerator.from_json(case.program, value) for value in case.claim["generators"]]
    findings = preserved(case, Network(case.program, activations), generators)
    if case.claim["kind"] == "symmetry":
        return findings, [], activations.words
    findings += fixed(case, generators, case.subspace)
    more, panels, about = evidence(case, activations, case.subspace, tuple(words.optimizers(case.claim["subspace"])))
    return findings + more, panels, about


def preserved(case: Case, network: Network, generators: list[FloatGenerator]) -> list[Finding]:
    """F(gθ) = F(θ) and ∇F(gθ) = g∇F(θ) at random points, for the worst generator."""
    everywhere = FloatSubspace.from_json(case.program.size, {"dimension": case.program.size, "rows": []})
    starts = everywhere.points(case.rng, case.seeds, SCALE)
    shape = (case.seeds, DATA)
    x, v = case.rng.normal(size=(*shape, network.inputs)), case.rng.normal(size=(*shape, network.outputs))
    coefficients = network.activations.draw(case.rng, case.seeds, pure=True)
    values, gradients = np.asarray(network.many_outputs(starts, x, coefficients)), np.asarray(network.many_gradients(starts, x, v, coefficients))
    outputs, slopes, lengths = [0.0], [0.0], [0.0]
    for g in generators:
        moved = g(starts)
        outputs.append(difference(np.asarray(network.many_outputs(moved, x, coefficients)), values))
        slopes.append(difference(np.asarray(network.many_gradients(moved, x, v, coefficients)), g(gradients)))
        lengths.append(difference(np.linalg.norm(moved, axis=1), np.linalg.norm(starts, axis=1)))
    return [
        small("F(gθ) − F(θ)", _worst(outputs), *SAME), small("∇F(gθ) − g∇F(θ)", _worst(slopes), *SAME), small("|gθ| − |θ|", _worst(lengths), *SAME),
    ]  # fmt: skip


def _worst(values: list[float]) -> float:
    """The greatest, or not a number where one of them is not."""
    return float(np.max(values))


def difference(a: Floats, b: Floats) -> float:
    """The greatest relative difference over the seeds for which both are finite; not a number where these are fewer than half."""
    a, b = a.reshape(len(a), -1), b.reshape(len(b), -1)
    good = np.isfinite(a).all(axis=1) & np.isfinite(b).all(axis=1)
    return float((np.abs(a - b).max(axis=1) / (1 + np.abs(b).max(axis=1)))[good].max()) if good.mean() >= 0.5 else np.nan


def fixed(case: Case, generators: list[FloatGenerator], space: FloatSubspace) -> list[Finding]:
    """Points of L are fixed, and nothing else is: g − 1 for all g together has the rank M − dim L."""
    starts = space.points(case.rng, case.seeds, SCALE)
    findings = [small("gθ − θ at points of L", _worst([difference(g(starts), starts) for g in generators]), *SAME)]
    size = case.program.size
    if size <= PARAMETERS:
        basis = np.eye(size)
        differences = np.concatenate([g(basis) - basis for g in generators], axis=1).T
        findings.append(rank(differences).finding("rank of g − 1 for all g together", size - space.dimension, size - space.dimension))
    return findings
