"""The wide limit: short versions of examples 5 and 6, and the ingredients against independent numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest

from simcert.crosscheck import wide
from simcert.errors import SpecError

pytest.importorskip("diffrax", reason="the wide limit needs simcert[jax]")

DIMENSION = 8
BEST = np.arange(1.0, DIMENSION + 1) / 2
TIMES = np.linspace(0, 14, 57)


def test_the_arc_cosine_forces_are_those_of_sampled_inputs() -> None:
    """The closed form of (1/m) Σ a_l E[max(b_j·x,0) max(b_l·x,0)] and of its gradient, against 400,000 Gaussian inputs (standard error below 0.3 %)."""
    import jax

    rng = np.random.default_rng(0)
    a, b, x = rng.standard_normal(3), rng.standard_normal((3, 2)), rng.standard_normal((400_000, 2)) * 0.5
    with jax.enable_x64(True):
        force, slope = (np.asarray(v) for v in wide._own_forces(jax.numpy, jax.numpy.asarray(a), jax.numpy.asarray(b), 0.25))
    hidden = np.maximum(x @ b.T, 0)
    network = hidden @ a / 3
    assert force == pytest.approx((network[:, None] * hidden).mean(axis=0), abs=3e-3)
    assert slope == pytest.approx(np.einsum("n,nj,nk->jk", network, (hidden > 0).astype(float), x) / len(x), abs=3e-3)


def test_paired_units_stay_linear_and_follow_their_second_moments() -> None:
    run = wide.odd_flow(BEST, 1 / DIMENSION, 40, TIMES, seed=0)
    assert np.abs(run.even).max() < 1e-12
    assert run.weights == pytest.approx(wide.moments_flow(run.moments, BEST, 1 / DIMENSION, TIMES), abs=1e-5)
    assert np.all(np.diff(run.excess) < 0) and run.excess[-1] < 1e-3 * run.excess[0]


def test_the_limit_equation_and_its_rate() -> None:
    size = float(np.linalg.norm(BEST))
    times = np.linspace(0, 30, 121)
    limit = wide.limit_flow(size, DIMENSION, 1 / DIMENSION, times)
    isotropic = np.diag([1.0, *[1 / DIMENSION] * DIMENSION])
    closed = wide.moments_flow(isotropic, BEST, 1 / DIMENSION, times)
    assert closed @ BEST / size == pytest.approx(limit, abs=1e-5)  # the scalar equation is the matrix equation from an isotropic start
    assert wide.fitted_rate(times, (size - limit) ** 2) == pytest.approx(wide.limit_rate(size, DIMENSION, 1 / DIMENSION), rel=0.02)


def test_units_without_twins_are_not_linear() -> None:
    loose = wide.odd_flow(BEST, 1 / DIMENSION, 40, TIMES, seed=0, paired=False)
    assert loose.even.max() > 1e-4
    with pytest.raises(SpecError, match="too few values"):
        wide.fitted_rate(loose.times, np.ones(len(TIMES)))


@pytest.mark.parametrize("inside", [1, 2, 3, 5])
def test_the_limit_mass_makes_the_network_of_units_in_h_the_norm(inside: int) -> None:
    """|x_H| = α E_u[max(u·x, 0)]: at a unit vector, by quadrature in the angle."""
    nodes, weights = wide._cosines(inside, 4000)
    assert wide.limit_mass(inside) * float(weights @ np.maximum(nodes, 0)) == pytest.approx(1, rel=1e-3)


@pytest.mark.parametrize("inside", [2, 3, 5])
def test_the_signed_mass_tends_to_its_limit(inside: int) -> None:
    run = wide.reduced_flow(inside, 10, [0.0, 60.0], angles=12, nodes=(12, 10))
    assert (run.positive[0], run.negative[0]) == pytest.approx((0.5, 0.5))
    assert run.positive[1] - run.negative[1] == pytest.approx(wide.limit_mass(inside), rel=0.01)


def test_starting_angles_are_those_of_uniform_unit_vectors() -> None:
    angles, weights = wide.starting_angles(3, 10, 12)
    drawn = wide.sphere(200_000, 10, np.random.default_rng(0))
    assert float(weights @ np.cos(angles) ** 2) == pytest.approx(0.3)
    assert float(weights @ np.cos(angles) ** 4) == pytest.approx(float(((drawn[:, :3] ** 2).sum(axis=1) ** 2).mean()), rel=0.02)
    with pytest.raises(SpecError, match="proper subspace"):
        wide.starting_angles(3, 3, 5)


def test_one_angle_against_all_coordinates() -> None:
    times = [0.0, 1.0, 4.0, 10.0]
    reduced, full = wide.reduced_flow(2, 6, times, angles=12, nodes=(12, 10)), wide.full_flow(2, 6, 300, times, seed=0)
    assert full.positive == pytest.approx(reduced.positive, abs=0.03 * wide.limit_mass(2))
    assert full.negative == pytest.approx(reduced.negative, abs=0.03 * wide.limit_mass(2))
    assert full.masses[-1, :150].sum() == pytest.approx(full.positive[-1]) and np.all(full.angles <= math.pi / 2)


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "diffrax", None)
    with pytest.raises(SpecError, match=r"install simcert\[jax\]"):
        wide.limit_flow(1.0, 2, 1.0, [1.0])
