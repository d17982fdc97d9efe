"""Targets that depend on few coordinates: a certificate for finite data, and the wide limit in numbers (needs `simcert[jax]`).

Run it with `python examples/05_low_dimensional_target.py [FIGURE.svg]`. Seed 0; the target is f*(x) = |x_H| for H of dimension d_H in R^40, x ~ N(0, 1), units
start with b uniform on the unit sphere and a = ±1 in equal parts; the full flow has 500 units in R^10. Tolerances are printed.
"""

from __future__ import annotations

import sys

import numpy as np

import simcert as sc
from simcert.crosscheck import wide

DIMENSION, SMALL, UNITS, SEED = 40, 10, 500, 0
LATE = 100.0
AUTHORS = {2: (3.40828, 0.11264), 5: (5.47813, 0.06298), 10: (7.82312, 0.04032), 20: (11.13857, 0.02558), 30: (13.67733, 0.01881)}


def certificate() -> None:
    """Data that do not change when x_1 or x_2 changes its sign: units that do not look at these coordinates never will."""
    data = {"x": [[1, 2, 3], [1, 2, -3], [1, -2, 3], [1, -2, -3]], "y": [4, 4, 4, 4]}
    for symmetry in ("flip(1) | flip(2)", "flip(1); units = 1: (0 1)(2 3) | flip(2); units = 1: (0 2)(1 3)"):
        found = sc.data_invariant("mlp:3-4-1:relu", symmetry, data)
        print(f"{symmetry}: group of order {found.order}, dimension {found.dimension} of {found.parameters}: {'; '.join(found.certificate.equations)}")


def main(figure: str = "") -> None:
    certificate()
    times = np.concatenate([[0.0], np.geomspace(0.25, LATE, 60)])
    print(f"\nsigned mass of the one-angle dynamics in R^{DIMENSION} at t = {LATE:.0f}, against 2√π Γ((d_H+1)/2)/Γ(d_H/2) (tolerance 1 %)")
    runs = {}
    for inside in (2, 3, 5):
        runs[inside] = wide.reduced_flow(inside, DIMENSION, times, angles=16, nodes=(16, 8))
        mass, limit = runs[inside].positive[-1] - runs[inside].negative[-1], wide.limit_mass(inside)
        print(f"  d_H = {inside}: {mass:.4f}, limit {limit:.4f}, {100 * (mass / limit - 1):+.2f} %")
    print("\nmasses τ⁺ / τ⁻ at the time at which they are nearest to the authors' finite-time simulation, of unknown time, steps and number of units")
    for inside, (positive, negative) in AUTHORS.items():
        early = np.arange(0.5, 15.01, 0.25)
        run = wide.reduced_flow(inside, DIMENSION, early, angles=16, nodes=(16, 8))
        distance = np.abs(run.positive / positive - 1) + np.abs(run.negative / negative - 1)
        k = int(distance.argmin())
        print(f"  d_H = {inside:2d}: t = {early[k]:5.2f}: {run.positive[k]:.5f} / {run.negative[k]:.5f}, authors {positive:.5f} / {negative:.5f}")
    print(f"\none angle against {UNITS} units in R^{SMALL}, d_H = 3, seed {SEED}: τ⁺, τ⁻ (tolerance 3 % of α)")
    shown = np.array([0.0, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0])
    smooth = wide.reduced_flow(3, SMALL, np.linspace(0, 20, 81), angles=16, nodes=(16, 12)) if figure else None
    reduced, full = wide.reduced_flow(3, SMALL, shown, angles=16, nodes=(16, 12)), wide.full_flow(3, SMALL, UNITS, shown, SEED)
    for k, t in enumerate(shown):
        print(f"  t = {t:4.1f}: {reduced.positive[k]:.4f}, {reduced.negative[k]:.4f}   {full.positive[k]:.4f}, {full.negative[k]:.4f}")
    worst = max(np.abs(reduced.positive - full.positive).max(), np.abs(reduced.negative - full.negative).max()) / wide.limit_mass(3)
    print(f"  largest difference: {100 * worst:.2f} % of α")
    if smooth is not None:
        draw(figure, runs, smooth, full)


def draw(path: str, runs: dict[int, wide.MassRun], reduced: wide.MassRun, full: wide.MassRun) -> None:
    """Three panels: signed masses against their limits, angles of the positive units, one angle against all coordinates."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    mpl.rcParams["svg.hashsalt"] = "simcert"
    fig, (left, middle, right) = plt.subplots(1, 3, figsize=(12, 3.6), layout="constrained")
    for inside, run in runs.items():
        (line,) = left.plot(run.times[1:], run.positive[1:] - run.negative[1:], label=f"d_H = {inside}")
        left.axhline(wide.limit_mass(inside), color=line.get_color(), linestyle="--", linewidth=0.8)
        half = run.angles.shape[1] // 2
        mean = (run.masses[:, :half] * run.angles[:, :half]).sum(axis=1) / run.positive
        middle.plot(run.times[1:], np.degrees(mean[1:]), label=f"d_H = {inside}")
    left.set(xlabel="t", xscale="log", title="τ⁺ − τ⁻ and its limit α (dashed)")
    left.legend()
    middle.set(xlabel="t", xscale="log", ylabel="degrees", title="mean angle of positive mass to H")
    middle.legend()
    right.plot(reduced.times, reduced.positive, "C0", label="τ⁺, one angle")
    right.plot(full.times, full.positive, "C0o", label=f"τ⁺, {UNITS} units in ℝ^{SMALL}")
    right.plot(reduced.times, reduced.negative, "C3", label="τ⁻, one angle")
    right.plot(full.times, full.negative, "C3o", label=f"τ⁻, {UNITS} units in ℝ^{SMALL}")
    right.set(xlabel="t", title="reduction, d_H = 3", ylim=(0, 4.6))
    right.legend(loc="center right")
    fig.savefig(path, dpi=120, metadata={"Date": None} if path.endswith(".svg") else None)


if __name__ == "__main__":
    main(*sys.argv[1:2])
