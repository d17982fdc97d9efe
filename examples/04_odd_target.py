"""Odd data make a wide ReLU network linear: a certificate for finite data, and the wide limit in numbers (needs `simcert[jax]`).

Run it with `python examples/04_odd_target.py [FIGURE.svg]`. Seed 0; d = 60 inputs x ~ N(0, 1/d), 400 units in 200 pairs; tolerances are printed.
The target is the one of Hajjar and Chizat: f*(x) = C Σ z_k x_k³ with C = √(2d³/15)/|z|, here z = (1, …, 1); w* = √(6d/5) z/|z| is its best linear predictor.
"""

from __future__ import annotations

import sys

import numpy as np

import simcert as sc
from simcert.crosscheck import wide

DIMENSION, UNITS, SEED = 60, 400, 0
RESTS = (40, 160, 640)


def certificate() -> None:
    """Four odd examples, four ReLU units: on the invariant subspace the network is a linear function of x."""
    data = {"x": [[1, 2], [-1, -2], ["1/2", -1], ["-1/2", 1]], "y": [3, -3, 1, -1]}
    found = sc.data_invariant("mlp:2-4-1:relu", "flip; eps = -1", data)
    print(f"four odd examples: dimension {found.dimension} of {found.parameters}, units {found.units[0]}; {'; '.join(found.certificate.equations)}")
    print(f"there F(x) = {found.predictor[0]}: {found.certificate.verify().status}")


def main(figure: str = "") -> None:
    certificate()
    variance = 1 / DIMENSION
    best = np.full(DIMENSION, np.sqrt(6 * DIMENSION / 5) / np.sqrt(DIMENSION))
    size, times = float(np.linalg.norm(best)), np.linspace(0, 100, 101)
    run = wide.odd_flow(best, variance, UNITS, times, SEED)
    closed = wide.moments_flow(run.moments, best, variance, times)
    limit = wide.limit_flow(size, DIMENSION, variance, times)
    rate, fitted = wide.limit_rate(size, DIMENSION, variance), wide.fitted_rate(times, run.along(best))
    print(f"\nd = {DIMENSION}, {UNITS // 2} pairs of units, seed {SEED}, |w*| = {size:.4f}")
    print(f"the predictor stays linear: E|f - w·x|² is at most {np.abs(run.even).max():.1e} (tolerance 1e-12)")
    print(f"w(t) against the closed equation of second moments: {np.abs(closed - run.weights).max():.1e} (tolerance 1e-5)")
    print(f"w(t)·w*/|w*| against the equation for infinitely many units: {np.abs(run.weights @ best / size - limit).max():.3f} (of {size:.3f}; tolerance 2 %)")
    print(f"excess risk {run.excess[0]:.4f} at the start, {run.excess[-1]:.1e} at t = {times[-1]:.0f}")
    print(f"exponential rate along w*: fitted {fitted:.4f}, derived {rate:.4f} (tolerance 2 %)")
    print("\nwithout pairs, half of the output weights 1 and half -1: the largest E|f - w·x|² up to t = 60")
    rests = []
    for units in RESTS:
        loose = wide.odd_flow(best, variance, units, np.linspace(0, 60, 31), SEED, paired=False)
        rests.append(float(loose.even.max()))
        print(f"  {units:4d} units: {rests[-1]:.2e}")
    slope = np.polyfit(np.log(RESTS), np.log(rests), 1)[0]
    print(f"  it decays like m^{slope:.2f} (law of large numbers: -1, tolerance 0.4)")
    if figure:
        draw(figure, run, limit, size, best, rate, rests)


def draw(path: str, run: wide.OddRun, limit: np.ndarray, size: float, best: np.ndarray, rate: float, rests: list[float]) -> None:
    """Three panels: w against its limit, the decay of the risk, the nonlinear rest against the number of units."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    mpl.rcParams["svg.hashsalt"] = "simcert"
    fig, (left, middle, right) = plt.subplots(1, 3, figsize=(12, 3.6), layout="constrained")
    left.plot(run.times, run.weights @ best / size, label=f"{UNITS} units")
    left.plot(run.times, limit, "k--", label="infinitely many units")
    left.axhline(size, color="0.6", linewidth=0.8)
    left.text(2, size - 0.15, "|w*|", va="top")
    left.set(xlabel="t", ylabel="w along w*", title="the linear predictor")
    left.legend(loc="lower right")
    along = run.along(best) / (2 * DIMENSION)
    middle.semilogy(run.times, run.excess, label="excess risk")
    middle.semilogy(run.times, along, label="its part along w*")
    chosen = run.times > 40
    middle.semilogy(run.times[chosen], along[60] * np.exp(-rate * (run.times[chosen] - run.times[60])) * 3, "k--", label=f"slope -{rate:.3f}")
    middle.set(xlabel="t", title="exponential decay", ylim=(1e-10, 2))
    middle.legend()
    right.loglog(RESTS, rests, "o", label="largest E|f − w·x|²")
    right.loglog(RESTS, rests[0] * RESTS[0] / np.array(RESTS), "k--", label="slope -1")
    right.set(xlabel="units, not in pairs", title="nonlinear rest", ylim=(1e-5, 2e-3))
    right.set_xticks(RESTS, [str(units) for units in RESTS])
    right.set_xticks([], minor=True)
    right.legend()
    fig.savefig(path, dpi=120, metadata={"Date": None} if path.endswith(".svg") else None)


if __name__ == "__main__":
    main(*sys.argv[1:2])
