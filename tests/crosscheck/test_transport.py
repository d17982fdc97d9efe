"""Numerical ranks, and tangent spaces of orbits against exact dimensions."""

from __future__ import annotations

import numpy as np
import pytest

import simcert as sc
from simcert.crosscheck.arrays import double_precision
from simcert.crosscheck.members import as_defined
from simcert.crosscheck.network import Network, flat_point
from simcert.crosscheck.transport import FLOOR, Transport, rank, tangents
from simcert.errors import CertificateFormatError

pytest.importorskip("diffrax", reason="cross-checks need simcert[jax]")

RNG = np.random.default_rng(0)


def test_ranks_of_known_matrices() -> None:
    for r in range(6):
        found = rank(RNG.normal(size=(30, r)) @ RNG.normal(size=(r, 5)) / 10)
        assert found.rank == r and found.gap > 1e10
    found = rank(np.diag([1.0, 0.1, 1e-8, 1e-9]))
    assert found.rank == 2 and found.finding("rank", 2, 2).status == "agrees"
    steady = rank(np.diag(10.0 ** -np.arange(13.0)))
    assert steady.gap < 30 and steady.finding("rank", 13, 13).status == "inconclusive"
    assert found.finding("rank", 3, 3).status == "disagrees"
    assert rank(np.diag([1.0, 1e-1, 1e-8, 1e-10])).spectrum.min() >= FLOOR


def test_pulled_back_fields_of_a_product_are_tangent_to_the_hyperbola() -> None:
    """For W2·W1·x the orbit of (a, b) is a branch of b² − a² = const."""
    program = sc.load_model("linear:1-1-1")
    with double_precision():
        transport = Transport(Network(program, as_defined(program)))
        start = np.array([2.0, 3.0])
        points, frames = transport.curves(start[None], np.random.default_rng(1), 0.7, np.ones((1, 1)), {})
    assert np.allclose(points[0, :, 1] ** 2 - points[0, :, 0] ** 2, 5.0, atol=1e-9) and np.linalg.norm(points[0, -1] - start) > 1e-3
    for point, frame in zip(points[0], frames[0], strict=True):  # the flow is linear: a hyperbolic rotation with its own matrix as frame
        assert np.allclose(frame @ start, point) and np.isclose(np.linalg.det(frame), 1.0)


@pytest.mark.parametrize("seed", range(3))
def test_dimensions_are_those_of_exact_arithmetic(seed: int) -> None:
    net = sc.load_model("linear:2-2-1")
    rng = np.random.default_rng(seed)
    at = net.point(W1=rng.integers(-1, 2, (2, 2)).tolist(), W2=rng.integers(-1, 2, (1, 2)).tolist())
    exact = sc.orbit_dimension(net, at).dimension
    network = Network(net, as_defined(net))
    theta = flat_point(net, {name: [str(v) for v in values] for name, values in at.items()})
    with double_precision():
        assert rank(tangents(Transport(network), theta, {}, rng, 3)[1]).rank == exact


def test_points_that_do_not_fit() -> None:
    net = sc.load_model("linear:1-1")
    for point in ({}, {"W1": ["1", "2"]}, {"W1": ["x"]}, {"W1": ["1"], "W2": ["1"]}, {"W1": ["1/0"]}, {"W1": 3}):
        with pytest.raises(CertificateFormatError):
            flat_point(net, point)
