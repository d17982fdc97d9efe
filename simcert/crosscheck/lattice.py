"""Lattices in floats: generators are symmetries, sampled subspaces are invariant, and sampled inclusions hold."""

from __future__ import annotations

from typing import Any

import numpy as np

from simcert.crosscheck.case import Case
from simcert.crosscheck.evidence import Finding, Panel, small
from simcert.crosscheck.invariant import several
from simcert.crosscheck.members import as_claimed
from simcert.crosscheck.network import FloatSubspace, Network
from simcert.crosscheck.symmetry import FloatGenerator, preserved

NODES, EDGES = 12, 200


def check(case: Case) -> tuple[list[Finding], list[Panel], str]:
    """A `lattice` claim: a sample of its subspaces and edges, all of its generators."""
    claim, program = case.claim, case.program
    network = Network(program, as_claimed(program, claim["activations"]))
    findings = preserved(case, network, [FloatGenerator.from_json(program, value) for value in claim["generators"]])
    listed: list[Any] = [*claim["nodes"], *claim["beyond"]]
    spaces = [FloatSubspace.from_json(program.size, listed[k]) for k in _sample(case, len(listed), NODES)]
    more, panel = several(case, network, spaces, f"{len(spaces)} of {len(listed)} subspaces")
    findings += more
    if claim["up_to"] == "equality":
        findings.append(_inclusions(case, listed))
    return findings, [panel], network.activations.words


def _sample(case: Case, total: int, most: int) -> list[int]:
    return sorted(case.rng.choice(total, size=min(total, most), replace=False).tolist())


def _inclusions(case: Case, listed: list[Any]) -> Finding:
    """A random point of the smaller subspace of an edge lies in the larger one, which has more dimensions."""
    edges = case.claim["edges"]
    worst, size = 0.0, case.program.size
    for k in _sample(case, len(edges), EDGES):
        low, high = (FloatSubspace.from_json(size, listed[i]) for i in edges[k])
        point = low.points(case.rng, 1)[0]
        off = np.abs(np.append(high.normals(point), 0.0) - np.append(high.constants / high.lengths, 0.0)).max()
        worst = max(worst, float(off), 1.0 if low.dimension >= high.dimension else 0.0)
    return small(f"distance of points from larger subspaces, {min(len(edges), EDGES)} of {len(edges)} edges", worst, 1e-10, 1e-6)
