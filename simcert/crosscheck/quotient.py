"""Reduced networks in floats: the same outputs, gradients related by the map, and training of both side by side."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from simcert.crosscheck.arrays import compiled
from simcert.crosscheck.case import Case
from simcert.crosscheck.evidence import Finding, Line, Panel, small
from simcert.crosscheck.invariant import GROWTH, NUDGE, SCALE, STAYS, TIMES, largest, tangency
from simcert.crosscheck.members import Activations, as_claimed
from simcert.crosscheck.network import Array, Floats, Network
from simcert.crosscheck.symmetry import SAME, difference
from simcert.crosscheck.training import DATA, SNAPSHOTS, STEPS, Problem, Training, integrate, problem
from simcert.models.program import from_json, size_of


@dataclass(frozen=True)
class Reduction:
    """Qθ = Aθ + b with the small network G, the metric m, and the order in which G takes the input entries of F."""

    large: Network
    small: Network
    matrix: Floats
    constants: Floats
    metric: Floats
    order: Floats

    @classmethod
    def from_claim(cls, case: Case) -> Reduction:
        """The reduction of a `quotient` claim."""
        activations = as_claimed(case.program, case.claim["activations"])
        program = from_json(case.claim["small"])
        names = set(program.activations)
        fixed = {name: activation for name, activation in activations.fixed.items() if name in names}
        families = {name: family for name, family in activations.families.items() if name in names}
        matrix = np.zeros((program.size, case.program.size))
        for p, row in enumerate(case.claim["map"]):
            for q, a in row["entries"]:
                matrix[p, q] = float(Fraction(a))
        constants = np.array([float(Fraction(row["constant"])) for row in case.claim["map"]])
        starts = dict(zip((n for n, _ in case.program.inputs), np.cumsum([0, *(size_of(s) for _, s in case.program.inputs)]), strict=False))
        order = np.concatenate([np.zeros(0, dtype=np.int64), *(starts[n] + np.arange(size_of(s)) for n, s in program.inputs)])
        metric = np.array([float(Fraction(m)) for m in case.claim["metric"]])
        return cls(Network(case.program, activations), Network(program, Activations(fixed, families)), matrix, constants, metric, order.astype(np.int64))

    def __call__(self, theta: Floats) -> Floats:
        """Qθ, (…, M) to (…, M')."""
        return theta @ self.matrix.T + self.constants


def check(case: Case) -> tuple[list[Finding], list[Panel], str]:
    """A `quotient` claim."""
    reduction, rng = Reduction.from_claim(case), case.rng
    large, little = reduction.large, reduction.small
    starts = case.subspace.points(rng, case.seeds, SCALE)
    task = problem(large, rng, starts, pure=True)
    points, x, v = reduction(starts), task.inputs, rng.normal(size=(case.seeds, DATA, large.outputs))
    values = [np.asarray(large.many_outputs(starts, x, task.coefficients)), np.asarray(little.many_outputs(points, x[..., reduction.order], task.coefficients))]
    slopes = np.asarray(large.many_gradients(starts, x, v, task.coefficients)) @ reduction.matrix.T
    wanted = np.asarray(little.many_gradients(points, x[..., reduction.order], v, task.coefficients)) * reduction.metric
    findings = [
        tangency(large, case.subspace, starts, rng),
        small("A Aᵀ − diag(m)", float(np.abs(reduction.matrix @ reduction.matrix.T - np.diag(reduction.metric)).max()), 1e-12, 1e-6),
        small("F(θ) − G(Qθ) at points of L", difference(*values), *SAME),
        small("A∇F − m∇G at points of L", difference(slopes, wanted), *SAME),
    ]
    lines = []
    for name, run in (("gradient flow", _flow), ("gradient descent", _descent)):
        ways, apart, usable = _side_by_side(reduction, task, points, run, rng)
        usual = np.where(usable, ways, 0.0).max(axis=1, keepdims=True) + 1e-4
        worst = float(np.where(usable, apart / usual, 0.0).max()) if usable.any(axis=1).mean() >= 0.5 else np.nan
        findings.append(small(f"distance of the reduced from the full trajectory: {name}", worst, *STAYS))
        lines.append(Line(name, TIMES, tuple(largest(apart, usable))))
    panel = Panel("Reduced and full training side by side", "step (flow: time in steps)", "|Qθ − v|", tuple(lines), marks=(("agrees below", STAYS[0]),))
    return findings, [panel], large.activations.words


def _side_by_side(reduction: Reduction, task: Problem, points: Floats, run: Any, rng: np.random.Generator) -> tuple[Floats, Floats, Floats]:
    """Ways of the full trajectories in the coordinates Qθ, their distances from the reduced ones, and which are usable; each (seeds, snapshots)."""
    import jax

    trainings = Training(reduction.large), Training(reduction.small)

    def both(theta: Array, point: Array, x: Array, y: Array, which: Array, coefficients: Any, metric: Array) -> tuple[Array, Array]:
        even = np.full(DATA, 1.0 / DATA)
        gradients = [jax.grad(training.loss) for training in trainings]
        step = trainings[0].scale(theta, lambda at: gradients[0](at, x, y, even, which, coefficients))[1]

        def change(state: tuple[Array, Array]) -> tuple[Array, Array]:
            full = gradients[0](theta + state[0], x, y, even, which, coefficients)
            return full, metric * gradients[1](point + state[1], x[:, reduction.order], y, even, which, coefficients)

        return run(change, step, (0 * theta, 0 * point))

    run_both = compiled(jax.vmap(both, (0, 0, 0, 0, 0, 0, None)))
    rest = (task.inputs, task.targets, task.loss, task.coefficients, reduction.metric)
    full, reduced = map(np.asarray, run_both(task.starts, points, *rest))
    beside = np.asarray(run_both(task.starts, points + NUDGE * rng.normal(size=points.shape), *rest)[1])
    with np.errstate(invalid="ignore"):
        ways = full @ reduction.matrix.T
        apart, growth = np.abs(ways - reduced).max(axis=-1), np.abs(beside - reduced).max(axis=-1) / NUDGE
    usable = np.logical_and.accumulate(np.isfinite(apart) & (np.nan_to_num(growth, nan=np.inf) < GROWTH), axis=1)
    return np.abs(ways).max(axis=-1), apart, usable


def _flow(change: Any, step: Array, zero: Any) -> Any:
    import diffrax
    import jax
    import jax.numpy as jnp

    field = diffrax.ODETerm(lambda t, state, _: jax.tree.map(lambda g: -STEPS * step * g, change(state)))
    return integrate(field, diffrax.Tsit5(), zero, jnp.linspace(0.0, 1.0, SNAPSHOTS + 1)[1:], 1e-11)


def _descent(change: Any, step: Array, zero: Any) -> Any:
    import jax

    def move(state: Any, _: Any) -> tuple[Any, None]:
        return jax.tree.map(lambda at, g: at - step * g, state, change(state)), None

    def several(state: Any, _: Any) -> tuple[Any, Any]:
        state = jax.lax.scan(move, state, None, STEPS // SNAPSHOTS)[0]
        return state, state

    return jax.lax.scan(several, zero, None, SNAPSHOTS)[1]
