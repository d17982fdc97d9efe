"""Invariance in floats: gradients at points of L are tangent to L, and training that starts in L stays in L up to rounding."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from simcert.certificates import words
from simcert.crosscheck.case import Case
from simcert.crosscheck.evidence import ORDER, Finding, Line, Panel, small
from simcert.crosscheck.members import Activations, as_claimed
from simcert.crosscheck.network import Floats, FloatSubspace, Network
from simcert.crosscheck.training import DATA, METHODS, SNAPSHOTS, STEPS, Problem, Training, nearby, problem

TANGENT = (1e-10, 1e-6)  # relative components across L: agrees below the first, disagrees above the second
STAYS = (1e-8, 1e-5)
SCALE = 0.7  # of random parameters
STARTS = 2  # in each of several subspaces
NUDGE, GROWTH = 1e-9, 1e4  # a trajectory is followed as long as a nudge has not grown more than this
TIMES = tuple(float(k * STEPS // SNAPSHOTS) for k in range(1, SNAPSHOTS + 1))


def check(case: Case) -> tuple[list[Finding], list[Panel], str]:
    """An `invariant` claim: fields at random points of L, gradient flows, and every discrete method that keeps L."""
    activations = as_claimed(case.program, case.claim["activations"])
    methods = tuple(words.optimizers(case.claim["subspace"]))
    return evidence(case, activations, case.subspace, methods)


def evidence(case: Case, activations: Activations, space: FloatSubspace, methods: tuple[str, ...]) -> tuple[list[Finding], list[Panel], str]:
    """The findings that L is kept by gradient flow and by these methods."""
    network = Network(case.program, activations)
    starts = space.points(case.rng, case.seeds, SCALE)
    task = problem(network, case.rng, starts, methods, pure=True)
    findings = [tangency(network, space, starts, case.rng)]
    lines: list[Line] = []
    runs = train(case, Training(network), task, methods)
    for name, ways, others in runs:
        usable = tame(space, ways, others)
        if name == words.NAMED["signsgd"]:  # jumps, and takes what is nearly 0 for 0
            usable = np.asarray(np.isfinite(ways).all(axis=-1))
        findings.append(staying(f"distance from L: {name}", space, ways, usable))
        lines.append(Line(name, TIMES, tuple(largest(space.distance(ways), usable))))
    _, flows, others = runs[0]
    lines.append(Line("way from the start (flow)", TIMES, tuple(largest(np.linalg.norm(flows, axis=-1), tame(space, flows, others)))))
    panel = Panel("Training that starts in L", "step (flow: time in steps)", "greatest distance from L", tuple(lines), marks=(("agrees below", STAYS[0]),))
    return findings, [panel], activations.words


def train(case: Case, training: Training, task: Problem, methods: tuple[str, ...]) -> list[tuple[str, Floats, Floats]]:
    """(method, displacements, those from nudged starts) for gradient flow and each method; displacements are (starts, snapshots, M)."""
    count = len(task.starts) // len(methods)
    both = (task, nearby(task, task.starts + NUDGE * case.rng.normal(size=task.starts.shape)))
    flows, others = (np.asarray(training.flow(*first(each, count).arguments)) for each in both)
    discrete, beside = (np.asarray(training.discrete(*each.arguments)) for each in both)
    parts = [slice(k * count, (k + 1) * count) for k in range(len(methods))]
    return [("gradient flow", flows, others), *((words.NAMED.get(m, m), discrete[part], beside[part]) for m, part in zip(methods, parts, strict=True))]


def several(case: Case, network: Network, spaces: list[FloatSubspace], of: str) -> tuple[list[Finding], Panel]:
    """The findings that each of several subspaces is kept, from `STARTS` points of each, with all of them in one batch; `of` says what they are."""
    methods = ("gd", "momentum")
    starts = np.concatenate([space.points(case.rng, STARTS, SCALE) for space in spaces])
    task = problem(network, case.rng, starts, methods, pure=True)
    coefficients = {name: array[: len(starts)] for name, array in task.coefficients.items()}
    sticking, stays, curves = [], {}, {}
    runs = train(case, Training(network), task, methods)
    for place, space in enumerate(spaces):
        part = slice(place * STARTS, (place + 1) * STARTS)
        sticking.append(sticking_out(network, space, starts[part], case.rng, {name: array[part] for name, array in coefficients.items()}))
        for name, ways, others in runs:
            usable = tame(space, ways[part], others[part])
            stays.setdefault(name, []).append(staying(f"distance from {of}: {name}", space, ways[part], usable))
            curves.setdefault(name, []).append(largest(space.distance(ways[part]), usable))
    findings = [small(f"components of gradients across {of}", float(np.max(sticking)), *TANGENT)]
    findings += [max(each, key=lambda finding: (-ORDER.index(finding.status), finding.measured)) for each in stays.values()]
    lines = tuple(Line(name, TIMES, tuple(np.max(each, axis=0))) for name, each in curves.items())
    return findings, Panel("Training in sampled subspaces", "step", "greatest distance", lines, marks=(("agrees below", STAYS[0]),))


def first(task: Problem, count: int) -> Problem:
    """The first `count` problems: those of the first method."""
    return Problem(
        task.starts[:count], task.inputs[:count], task.targets[:count], task.loss[:count], np.zeros(count, dtype=int) + METHODS.index("gd"),
        {name: array[:count] for name, array in task.coefficients.items()}, task.keys[:count],
    )  # fmt: skip


def tangency(network: Network, space: FloatSubspace, starts: Floats, rng: np.random.Generator, *, pure: bool = True) -> Finding:
    """How far gradients at points of L stick out of L, relative to their length."""
    value = sticking_out(network, space, starts, rng, network.activations.draw(rng, len(starts), pure=pure))
    return small("components of gradients across L", value, *TANGENT)


def sticking_out(network: Network, space: FloatSubspace, starts: Floats, rng: np.random.Generator, coefficients: Mapping[str, Any]) -> float:
    """The greatest relative component across L of gradients at random inputs; not a number where fewer than half are finite."""
    x, v = rng.normal(size=(len(starts), DATA, network.inputs)), rng.normal(size=(len(starts), DATA, network.outputs))
    gradients = np.asarray(network.many_gradients(starts, x, v, dict(coefficients)))
    good = np.isfinite(gradients).all(axis=-1)
    if good.mean() < 0.5:
        return np.nan
    gradients = gradients[good]
    return float((space.distance(gradients) / (np.linalg.norm(gradients, axis=-1) + 1e-4)).max())


def tame(space: FloatSubspace, ways: Floats, others: Floats) -> Floats:
    """Until when each trajectory is finite and does not multiply a nudge at the start so much that rounding becomes visible; (B, snapshots)."""
    finite = np.isfinite(ways).all(axis=-1) & np.isfinite(others).all(axis=-1)
    with np.errstate(invalid="ignore"):
        growth = space.distance(ways - others) / NUDGE
    return np.logical_and.accumulate(finite & (np.nan_to_num(growth, nan=np.inf) < GROWTH), axis=1)


def staying(what: str, space: FloatSubspace, ways: Floats, usable: Floats) -> Finding:
    """How far trajectories from points of L get away from L, relative to how far they go; inconclusive where most are too unstable to tell."""
    if usable.any(axis=1).mean() < 0.5:
        return small(what, np.nan, *STAYS)
    lengths = np.linalg.norm(np.where(usable[..., None], ways, 0.0), axis=-1).max(axis=1)
    return small(what, float((np.where(usable, space.distance(ways), 0.0) / (lengths[:, None] + 1e-4)).max()), *STAYS)


def largest(values: Floats, usable: Floats) -> Floats:
    """The greatest of the usable values at every snapshot, and at least 1e-18 for a logarithmic axis."""
    return np.maximum(np.where(usable, values, 0.0).max(axis=0), 1e-18)
