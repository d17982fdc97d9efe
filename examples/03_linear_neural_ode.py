"""A deep linear network of ever more layers under relaxed balance: its end-to-end matrix follows the closed equation of a linear neural ODE.

Depth L: Z = W_L⋯W_1, W_l' = −(1/L)∂f/∂W_l, started with W_{l+1}ᵀW_{l+1} − W_lW_lᵀ = (λ/L²)·1. Limit, for any λ:
Ż = −∫₀¹ (ZZᵀ)^{1−u} E (ZᵀZ)^u du with E = ∂f/∂Z.
Numbers in floats, evidence and no proof; the equation at every fixed depth is what `simcert intrinsic` proves.

Run it with `python examples/03_linear_neural_ode.py [--plot FILE]`. Seed 0, n = 3, f = ½|Z − T|², time 1, Runge–Kutta of order 4 with 50 steps.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import simcert as sc
from simcert.dynamics.flow import neural_ode_flow

Array = Any
SIZE, STEPS, TIME = 3, 50, 1.0
GAPS = (0.0, 3.0, -2.0)


def runge_kutta(velocity: Callable[[Array], Array], x: Array) -> Array:
    """The solution of x' = velocity(x) after the time 1."""
    dt = TIME / STEPS
    for _ in range(STEPS):
        a = velocity(x)
        b = velocity(x + dt / 2 * a)
        c = velocity(x + dt / 2 * b)
        x = x + dt / 6 * (a + 2 * b + 2 * c + velocity(x + dt * c))
    return x


def start(depth: int, gap: float, generator: Array) -> Array:
    """W_l = ((1 + A/L)² + lλ/L²)^{1/2} for l = 0, …, L − 1, A symmetric: commuting factors in relaxed balance."""
    values, vectors = np.linalg.eigh(generator)
    layers = [np.sqrt((1 + values / depth) ** 2 + k * gap / depth**2) for k in range(depth)]
    return np.array([(vectors * w) @ vectors.T for w in layers])


def product(layers: Array) -> Array:
    """Z = W_L⋯W_1."""
    z = np.eye(SIZE)
    for w in layers:
        z = w @ z
    return z


def descend(layers: Array, target: Array) -> Array:
    """W_l' = −(1/L)·(W_L⋯W_{l+1})ᵀ E (W_{l−1}⋯W_1)ᵀ."""
    depth = len(layers)
    below = [np.eye(SIZE)]
    for w in layers:
        below.append(w @ below[-1])
    above, e, out = np.eye(SIZE), below[-1] - target, np.empty_like(layers)
    for k in reversed(range(depth)):
        out[k] = -(above.T @ e @ below[k].T) / depth
        above = above @ layers[k]
    return out


def errors(gap: float, depths: Sequence[int], generator: Array, target: Array) -> list[float]:
    """The distance between the end-to-end matrix at every depth and the neural ODE, after the time 1."""
    values, vectors = np.linalg.eigh(generator)
    limit = runge_kutta(lambda z: neural_ode_flow(z, z - target), (vectors * np.exp(values + gap / 4)) @ vectors.T)
    return [float(np.linalg.norm(product(runge_kutta(lambda w: descend(w, target), start(depth, gap, generator))) - limit)) for depth in depths]


def rate(depths: Sequence[int], found: Sequence[float]) -> float:
    """The exponent of the error between the two largest depths."""
    return float(np.log(found[-2] / found[-1]) / np.log(depths[-1] / depths[-2]))


def plot(depths: Sequence[int], table: dict[float, list[float]], path: str) -> None:
    """The errors against the depth."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 4.2), layout="constrained")
    axes = figure.add_subplot()
    for (gap, found), marker in zip(table.items(), "osD", strict=False):
        axes.loglog(depths, found, marker=marker, markersize=5, linewidth=1.4, label=f"λ = {gap:g}, rate {rate(depths, found):.2f}")
    guide = np.array([depths[0], depths[-1]], dtype=float)
    axes.loglog(guide, 0.5 * min(found[0] for found in table.values()) * guide[0] / guide, color="0.6", linestyle="--", linewidth=1, label="1/L")
    axes.set_xlabel("depth L")
    axes.set_ylabel("distance of Z at time 1 from the neural ODE")
    axes.set_xticks(list(depths), [str(d) for d in depths])
    axes.minorticks_off()
    axes.grid(alpha=0.25)
    axes.legend(frameon=False)
    figure.savefig(path, metadata={"Date": None} if path.endswith(".svg") else None)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--plot", default="")
    parser.add_argument("--deepest", type=int, default=64)
    given = parser.parse_args(arguments)
    found = sc.intrinsic("linear:2-2-2-2", {f"W{k}": [[w, 0], [0, w]] for k, w in ((1, 1), (2, 1), (3, 1))})
    print(f"depth 3, balanced: {found.verdict} on the whole {found.where}\n  {found.flow[0]}")
    rng = np.random.default_rng(0)
    generator = rng.normal(size=(SIZE, SIZE)) / 3
    generator, target = (generator + generator.T) / 2, rng.normal(size=(SIZE, SIZE)) + np.eye(SIZE)
    depths = [2**k for k in range(2, 20) if 2**k <= given.deepest]
    table = {gap: errors(gap, depths, generator, target) for gap in GAPS}
    print("distance from the neural ODE after the time 1\n   L  " + "  ".join(f"λ = {gap:<8g}" for gap in GAPS))
    for k, depth in enumerate(depths):
        print(f"{depth:>4}  " + "  ".join(f"{table[gap][k]:<12.3e}" for gap in GAPS))
    print("rate  " + "  ".join(f"{rate(depths, table[gap]):<12.3f}" for gap in GAPS))
    if given.plot:
        plot(depths, table, given.plot)


if __name__ == "__main__":
    main()
