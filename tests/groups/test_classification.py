"""Orbits of two-layer networks: numbers against Bell and Dowling numbers, strata against brute force, and every listed point against the orbit command."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction
from functools import cache

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

import simcert as sc
from simcert.errors import ResourceLimit, SpecError
from simcert.fields.orbits import Point
from simcert.fields.uppers import orbit
from simcert.groups.classification import Classification, row_of, two_layers
from simcert.groups.particles import Row, count, kinds, particles, pattern_count, patterns
from simcert.groups.partitions import whitney_b
from simcert.models.activations import lookup
from simcert.models.program import from_json
from simcert.models.spec import load_model

ROWS = {
    "generic": Row("plain", ""), "odd": Row("odd", "odd"), "generic0": Row("zero", ""), "even": Row("flat", "even"), "flat": Row("flat", ""),
    "logcosh": Row("flat-zero", "even"),
}  # fmt: skip


def dowling_b(m: int) -> int:
    """Dowling numbers by the recurrence of the type-B Whitney numbers W(m, k) = W(m−1, k−1) + (2k+1) W(m−1, k)."""
    row = [1]
    for _ in range(m):
        row = [(row[k - 1] if k else 0) + ((2 * k + 1) * row[k] if k < len(row) else 0) for k in range(len(row) + 1)]
    return sum(row)


def structures(row: Row, m: int) -> set[tuple[object, ...]]:
    """All structures of m units by brute force: every assignment of an idle mark or of a block with a sign to each unit."""
    out: set[tuple[object, ...]] = set()
    marks = [(b, s) for b in range(m) for s in ((1, -1) if row.parity else (1,))]
    for chosen in itertools.product([*([None] if row.idle else []), *marks], repeat=m):
        blocks: dict[int, list[tuple[int, int]]] = {}
        for unit, mark in enumerate(chosen):
            if mark is not None:
                blocks.setdefault(mark[0], []).append((unit, mark[1]))
        idle = tuple(u for u, mark in enumerate(chosen) if mark is None)
        out.add((idle, frozenset(tuple((u, s * members[0][1]) for u, s in members) for members in blocks.values())))
    return out


@pytest.mark.parametrize("name", ["generic", "exp", "sigmoid", "softplus"])
@pytest.mark.parametrize("m", [1, 2, 3, 4])
def test_totals_without_parity_are_bell_numbers(name: str, m: int) -> None:
    for d in (1, 2, 3):
        found = sc.classify(f"mlp:{d}-{m}-1:{name}", "one")
        assert (found.total, found.symmetry_induced, found.row.name) == (sympy.bell(m), True, "plain")


@pytest.mark.parametrize("name", ["odd", "tanh", "sin", "erf", "arctan", "sinh"])
@pytest.mark.parametrize("m", [1, 2, 3, 4])
def test_totals_of_odd_functions_are_dowling_numbers(name: str, m: int) -> None:
    for d in (1, 2, 3):
        found = sc.classify(f"mlp:{d}-{m}-1:{name}", "one")
        assert (found.total, found.symmetry_induced) == (dowling_b(m), True)
        for k in range(m + 1):
            assert sum(s.count or 0 for s in found.strata if s.dimension == k * (d + 1)) == whitney_b(m, k)


@pytest.mark.parametrize("name", ["generic0", "silu", "gelu", "expm1"])
@pytest.mark.parametrize("m", [1, 2, 3, 4])
def test_totals_with_dead_units_are_the_next_bell_numbers(name: str, m: int) -> None:
    for d in (1, 2):
        found = sc.classify(f"mlp:{d}-{m}-1:{name}", "one")
        assert (found.total, found.symmetry_induced) == (sympy.bell(m + 1), False)


@pytest.mark.parametrize("name", ["even", "cos", "cosh", "gaussian", "flat", "logcosh"])
def test_infinite_families(name: str) -> None:
    for d, m in itertools.product((1, 2, 3), (1, 2, 3)):
        found = sc.classify(f"mlp:{d}-{m}-1:{name}", "one")
        finite = m == 1 and name != "logcosh"
        assert found.total == ((3 if d == 1 else 2) if finite else None)
        assert found.symmetry_induced == (finite and name != "flat")
        frozen = [s for s in found.strata if s.zero > (name != "logcosh")]
        assert all(s.count is None for s in frozen) and all(s.count is not None for s in found.strata if s not in frozen)


@pytest.mark.parametrize("name", ROWS)
@pytest.mark.parametrize("m", [1, 2, 3])
def test_counts_agree_with_brute_force(name: str, m: int) -> None:
    row = ROWS[name]
    found = structures(row, m)
    for zero, blocks in kinds(row, m):
        same = [s for s in found if len(s[0]) == zero and sorted((len(b) for b in s[1]), reverse=True) == list(blocks)]  # type: ignore[arg-type]
        number = count(row, zero, blocks, 2)
        assert number is None or number == len(same)
    assert {(len(s[0]), tuple(sorted((len(b) for b in s[1]), reverse=True))) for s in found} == set(kinds(row, m))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ROWS)
@pytest.mark.parametrize("k", range(6))
def test_patterns_are_as_many_as_counted_and_different(name: str, k: int) -> None:
    row = ROWS[name]
    found = [(zero, tuple(sorted(map(str, others)))) for zero, others in patterns(row, k)]
    assert len(found) == len(set(found)) == pattern_count(row, k)


@pytest.mark.parametrize("name", ROWS)
def test_particles_are_inequivalent(name: str) -> None:
    import random

    row, rng = ROWS[name], random.Random(1)
    for d, k in itertools.product((1, 2), (1, 2, 3)):
        for pattern in patterns(row, k):
            found = particles(pattern, d, rng)
            classes = {frozenset({p, _partner(row, p)}) for p in found}
            assert len(found) == len(classes) == k
            assert not any(row.name in ("odd", "zero") and not a and not any(w) for a, w in found)


def _partner(row: Row, p: tuple[int, tuple[int, ...]]) -> tuple[int, tuple[int, ...]]:
    a, w = p
    opposite = tuple(-c for c in w)
    return (-a, opposite) if row.parity == "odd" else (a, opposite) if row.parity == "even" else p


@cache
def small(model: str) -> Classification:
    return sc.classify(model, "all")


MODELS = ["mlp:1-3-1:tanh", "mlp:2-3-1:odd", "mlp:2-3-1:generic", "mlp:1-3-1:silu", "mlp:3-2-1:sigmoid", "mlp:2-3-1:cos", "mlp:1-3-1:flat", "mlp:3-3-1:tanh"]


@pytest.mark.parametrize("model", MODELS)
def test_every_pattern_of_every_stratum_has_a_point_with_an_exact_orbit(model: str) -> None:
    found = small(model)
    assert all(len(s.points) == s.patterns for s in found.strata)
    assert found.certificate.verify().status == "verified"


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.data())
def test_the_orbit_command_agrees(data: st.DataObject) -> None:
    found = small(data.draw(st.sampled_from(MODELS)))
    s = data.draw(st.sampled_from(found.strata))
    theta = data.draw(st.sampled_from(s.points))
    answer = orbit(Point(found.program, s.subspace.named(theta), 5))
    assert answer.lower.bound <= s.dimension <= answer.upper.bound
    assert s.subspace.contains(theta) and s.subspace.dimension == s.dimension


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.sampled_from(["tanh", "sigmoid", "silu", "cos"]), st.lists(st.tuples(st.integers(-1, 1), st.integers(-1, 1)), min_size=2, max_size=3))
def test_orbits_at_arbitrary_points_have_the_dimension_of_the_theorem(name: str, units: list[tuple[int, int]]) -> None:
    row = row_of(lookup(name))
    program = load_model(f"mlp:1-{len(units)}-1:{name}")
    alive = [(a, (w,)) for a, w in units if not (row.frozen and w == 0) and not (row.idle and not a and not w)]
    k = len({frozenset({p, _partner(row, p)}) for p in alive})
    expected = 2 * k + (row.name == "flat" and any(w == 0 for _, w in units))
    theta = {"W1": [Fraction(w) for _, w in units], "W2": [Fraction(a) for a, _ in units]}
    assert orbit(Point(program, theta)).dimension == expected


@pytest.mark.parametrize("polynomial", ["0,1,1", "0,1,0,1/3", "1,1,0,2", "1/2,-1,3"])
def test_polynomials_of_degree_two_or_more(polynomial: str) -> None:
    found = sc.classify(f"mlp:1-2-1:poly({polynomial})", "all")
    row = found.row.name
    assert found.total == {"plain": sympy.bell(2), "zero": sympy.bell(3), "odd": dowling_b(2)}[row]
    assert all(s.points for s in found.strata) and found.certificate.verify().status == "verified"


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        ("mlp:2-3-3-1:tanh", "applies activations 2 times"),
        ("mlp:2-3-1:tanh:bias", "biases"),
        ("mlp:2-3-2:tanh", "2 outputs"),
        ("mlp:2-3-1:relu", "analytic everywhere"),
        ("mlp:2-3-1:reciprocal", "analytic everywhere"),
        ("mlp:2-3-1:square", "not polynomials"),
        ("mlp:2-3-1:linear", "not polynomials"),
        ("linear:2-3-1", "another form"),
        ("attention:2-2", "applies activations"),
    ],
)
def test_refusals_say_why(model: str, reason: str) -> None:
    with pytest.raises(SpecError, match=reason) as caught:
        sc.classify(model)
    assert caught.value.remedy


def test_limits_are_known_before_anything_is_computed() -> None:
    with pytest.raises(ResourceLimit, match="215,308 types"):
        sc.classify("mlp:2-40-1:tanh")
    with pytest.raises(ResourceLimit, match="patterns"):
        sc.classify("mlp:2-6-1:tanh", "all")


def test_other_programs_of_the_same_form_are_recognised() -> None:
    data = load_model("mlp:2-3-1:tanh").to_json()
    data["parameters"][1]["shape"] = [3]
    data["nodes"][4]["shape"] = [3]
    data["nodes"][5] |= {"shape": [], "args": [3, 4], "spec": "k,k->"}
    net = two_layers(from_json(data))
    assert (net.inputs, len(net.units), net.units[1]) == (2, 3, (7, (2, 3)))
    assert sc.classify(from_json(data), "one").certificate.verify().status == "verified"


def test_labels_and_numbers_of_a_large_table() -> None:
    found = sc.classify("mlp:2-6-1:tanh")
    assert found.total == 4088 and math.prod(len(s.points) for s in found.strata) == 1
    assert found.strata[0].label == "{1}{2}{3}{4}{5}{6}" and found.strata[-1].label == "{0: 1,2,3,4,5,6}"
