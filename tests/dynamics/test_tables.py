"""The numbers of the literature: dimensions, verdicts and law counts of factorisations, at the points that the papers and the notes name."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

import simcert as sc
from simcert.dynamics.decide import intrinsic
from simcert.dynamics.factorizations import factorization
from simcert.fields.orbits import Point
from simcert.fields.uppers import orbit
from simcert.models.points import generic_point, parse_point
from simcert.models.spec import load_model


def times(n: int, value: str = "1") -> list[list[str]]:
    return [[value if i == j else "0" for j in range(n)] for i in range(n)]


# model, point, dim Lie, rank ∂φ, dim of the intersection, verdict, where
INTRINSIC: list[tuple[str, Any, int, int, int, str, str]] = [
    ("linear:2-2-2", {"W2": times(2, "5/4"), "W1": times(2, "3/4")}, 5, 4, 1, "intrinsic", "level"),
    ("linear:2-2-2", {"W2": times(2), "W1": times(2)}, 5, 4, 1, "intrinsic", "level"),
    ("linear:2-2-2", {"W2": [[1, 2], [3, 5]], "W1": [[2, 1], [1, 1]]}, 5, 4, 1, "not-intrinsic", ""),
    ("linear:2-1-2", {"W2": [[1], [2]], "W1": [[3, 1]]}, 3, 3, 0, "intrinsic", "near"),
    ("linear:1-2-2", {"W2": [[1, 3], [2, 5]], "W1": [[4], [1]]}, 3, 2, 1, "not-intrinsic", ""),
    ("linear:2-4-2", "generic", 6, 4, 2, "not-intrinsic", ""),
    ("linear:2-4-2", {"W2": [[1, 0, 0, 0], [0, 1, 0, 0]], "W1": [[0, 0], [0, 0], [1, 0], [0, 1]]}, 6, 4, 2, "intrinsic", "level"),
    ("linear:2-4-2", {"W2": [[2, 0, 0, 0], [0, 2, 0, 0]], "W1": [[0, 0], [0, 0], [1, 0], [0, 1]]}, 6, 4, 2, "intrinsic", "level"),
    ("linear:2-2-3", {"W2": [["5/4", "0"], ["0", "5/4"], ["0", "0"]], "W1": times(2, "3/4")}, 7, 6, 1, "intrinsic", "near"),
    ("linear:2-2-3", {"W2": [[1, 0], [0, 1], [0, 0]], "W1": [[0, 0], [0, 0]]}, 7, 4, 3, "not-intrinsic", ""),
    ("linear:2-2-2", {"W2": [[0, 0], [0, 0]], "W1": [[0, 0], [0, 0]]}, 0, 0, 0, "intrinsic", "level"),
    ("linear:2-2-2", {"W2": [[1, 0], [0, 0]], "W1": [[1, 0], [0, 0]]}, 3, 3, 0, "intrinsic", "level"),
    ("linear:1-1-1", {"W2": [[2]], "W1": [[0]]}, 1, 1, 0, "intrinsic", "level"),
    ("linear:1-1-2", {"W2": [[0], [0]], "W1": [[3]]}, 2, 2, 0, "intrinsic", "level"),
    ("linear:2-2-2-2", {"W3": times(2, "13/5"), "W2": times(2, "12/5"), "W1": times(2)}, 6, 4, 2, "intrinsic", "level"),
    ("linear:3-3-3", "generic", 12, 9, 3, "not-intrinsic", ""),
    ("mlp:2-3-1:relu", "generic", 6, 6, 0, "intrinsic", "near"),
    ("mlp:2-3-2-1:relu:bias", "generic", 15, 15, 0, "intrinsic", "near"),
    ("mlp:2-2-1:leaky_relu", "generic", 4, 4, 0, "intrinsic", "near"),
    ("attention:2-2", {"Q": times(2), "K": times(2), "V": times(2, "5/4"), "O": times(2, "3/4")}, 10, 8, 2, "intrinsic", "level"),
    ("attention:2-2", "generic", 10, 8, 2, "not-intrinsic", ""),
    ("conv1d:1-1-1:linear:kernel=2:length=4", {"C1": [[[1, 2]]], "C2": [[[3, 5]]]}, 3, 3, 0, "intrinsic", "near"),
]  # fmt: skip


@pytest.mark.parametrize(("model", "point", "lie", "rank", "kernel", "verdict", "where"), INTRINSIC)
def test_dimensions_and_verdict(model: str, point: Any, lie: int, rank: int, kernel: int, verdict: str, where: str) -> None:
    found = sc.intrinsic(model, at=point)
    assert (found.lie_dimension, found.rank_phi, found.kernel_dimension, found.verdict, found.where) == (lie, rank, kernel, verdict, where)
    assert found.certificate is not None and found.certificate.kind == verdict  # it was verified when it was made


# two-layer linear networks: (n, m, r), parameters, orbit, laws; and the orbit at points where [U; V] has rank k
@pytest.mark.parametrize(
    ("n", "m", "r", "size", "orbit_dimension", "laws"),
    [(1, 1, 2, 4, 1, 3), (2, 1, 2, 6, 3, 3), (2, 2, 3, 12, 6, 6), (2, 2, 4, 16, 6, 10), (3, 2, 2, 10, 7, 3), (3, 3, 3, 18, 12, 6)],
)
def test_laws_of_two_matrices(n: int, m: int, r: int, size: int, orbit_dimension: int, laws: int) -> None:
    found = sc.conservation_laws(factorization(load_model(f"linear:{m}-{r}-{n}")))
    low = min(r, n + m)
    assert (found.count, found.complete, found.orbit_dimension) == (laws, True, orbit_dimension) and laws == low * (2 * r + 1 - low) // 2
    assert size == orbit_dimension + laws


@pytest.mark.parametrize(("n", "m", "r", "k", "dimension"), [(2, 2, 3, 1, 3), (2, 2, 3, 2, 5), (3, 2, 4, 2, 7)])
def test_orbits_where_the_factors_have_low_rank(n: int, m: int, r: int, k: int, dimension: int) -> None:
    program = factorization(load_model(f"linear:{m}-{r}-{n}"))
    columns = [[(3 * i + 5 * j * j + i * j) % 11 + 1 for j in range(k)] for i in range(n + m)]
    mixing = [[(2 * i + 3 * j + i * i * j) % 7 + 1 for j in range(r)] for i in range(k)]
    stacked = [[sum(a[t] * mixing[t][j] for t in range(k)) for j in range(r)] for a in columns]
    point = {"W2": stacked[:n], "W1": [[row[j] for row in stacked[n:]] for j in range(r)]}
    found = orbit(Point(program, parse_point(program, point)))
    assert found.dimension == dimension == (n + m) * k - k * (k + 1) // 2


@pytest.mark.parametrize(("widths", "size", "laws"), [("5-3-2", 21, 6), ("3-4-2-4", 28, 13), ("4-4-4-4", 48, 20), ("5-4-4-4-3", 64, 30), ("2-2-5-2-4", 32, 20)])
def test_laws_of_deep_linear_networks(widths: str, size: int, laws: int) -> None:
    program = factorization(load_model(f"linear:{widths}"))
    found = orbit(Point(program, generic_point(program)))
    assert program.size == size and found.dimension == size - laws


@pytest.mark.parametrize("depth", [2, 3, 4, 5])
def test_laws_of_a_product_of_numbers(depth: int) -> None:
    found = sc.conservation_laws(factorization(load_model("linear:" + "-".join("1" * (depth + 1)))))
    assert found.complete and found.count == depth - 1


@pytest.mark.parametrize("model", ["mlp:2-3-1:relu", "mlp:3-2-2-2:relu:bias", "mlp:2-3-2-1:relu", "mlp:1-4-3:relu:bias"])
def test_path_liftings_have_a_law_for_every_hidden_unit(model: str) -> None:
    program = factorization(load_model(model))
    widths = [int(n) for n in model.split(":")[1].split("-")]
    found = intrinsic(program, generic_point(program))
    assert found.lie == program.size - sum(widths[1:-1]) == found.rank and len(found.laws) == sum(widths[1:-1])


MOMENTUM = {(2, 1): [0, 1, 3, 6, 10, 15, 21, 27, 33, 39], (2, 2): [0, 1, 3, 6, 10, 15, 21, 28, 36, 44]}


@pytest.mark.parametrize(("n", "m", "r", "count"), [(n, m, r, count) for (n, m), row in MOMENTUM.items() for r, count in enumerate(row, 1)])
def test_laws_of_momentum(n: int, m: int, r: int, count: int) -> None:
    assert sc.momentum_laws(f"linear:{m}-{r}-{n}").count == count


@pytest.mark.parametrize("model", ["mlp:2-3-1:relu", "mlp:2-2-2-1:relu:bias", "mlp:1-2-2:relu"])
def test_momentum_keeps_no_law_of_a_relu_network(model: str) -> None:
    assert sc.momentum_laws(model, seed=5).count == 0


@pytest.mark.parametrize(("n", "m", "r"), [(2, 2, 2), (3, 3, 2), (1, 2, 3), (2, 2, 5)])
def test_the_entropic_mirror_flow_keeps_differences_of_column_sums(n: int, m: int, r: int) -> None:
    """d/dt Σ_i U_ik = −Σ_ij U_ik E_ij V_jk = d/dt Σ_j V_jk, one law for each of the r components."""
    found = sc.momentum_laws(f"linear:{m}-{r}-{n}", flow="mirror")
    assert found.count == r and found.state == (n + m) * r


def test_the_laws_of_momentum_are_laws() -> None:
    """e^{τt}(WᵀẆ − ẆᵀW) along a momentum flow of f = ½|UVᵀ − T|², U on top of V, in floats."""
    import numpy as np

    rng = np.random.default_rng(2)
    n, r, friction, target = 2, 3, 0.7, np.array([[1.0, -2.0], [0.5, 1.5]])

    def velocity(state: Any) -> Any:
        w, v = state
        e = w[:n] @ w[n:].T - target
        return np.array([v, -friction * v - np.concatenate([e @ w[n:], e.T @ w[:n]])])

    def law(state: Any) -> Any:
        return state[0].T @ state[1] - state[1].T @ state[0]

    state, step = rng.normal(size=(2, 2 * n, r)), 1e-3
    before = law(state)
    for _ in range(1000):
        a = velocity(state)
        b = velocity(state + step / 2 * a)
        c = velocity(state + step / 2 * b)
        state = state + step / 6 * (a + 2 * b + 2 * c + velocity(state + step * c))
    assert np.abs(before).max() > 0.1 and np.allclose(np.exp(friction) * law(state), before, atol=1e-9)


def test_numbers_come_as_exact_rationals() -> None:
    found = sc.intrinsic("linear:2-2-2", at={"W1": [[Fraction(3, 4), 0], [0, Fraction(3, 4)]], "W2": [["5/4", 0], [0, "5/4"]]})
    assert found.flow == ("Ż = −A·E − E·B", "A = 1/2 + sqrt(1/4 + ZZᵀ)", "B = -1/2 + sqrt(1/4 + ZᵀZ)")
