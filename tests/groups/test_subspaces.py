"""Affine subspaces: the canonical form against sympy, and every operation against its definition."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from simcert.errors import SpecError
from simcert.groups.subspaces import SHORT, Echelon, Subspace
from simcert.models.equations import parse_subspace
from simcert.models.families import mlp
from tests.exact.reference import examples

PROGRAM = mlp(2, 3, 2, activation="tanh")
M = PROGRAM.size
Equations = list[tuple[dict[int, Fraction], Fraction]]
VALUE = st.one_of(st.sampled_from([Fraction(1), Fraction(-1)]), st.builds(Fraction, st.integers(-5, 5), st.integers(1, 4)).filter(bool))
SOLUTION = [Fraction(k * k - 7 * k + 3, 1 + k % 3) for k in range(M)]


@st.composite
def systems(draw: st.DrawFn, solvable: bool | None = None) -> Equations:
    """Sparse and dense equations, the dense ones too long for the sparse elimination; solvable ones vanish at SOLUTION."""
    out: Equations = []
    consistent = draw(st.booleans()) if solvable is None else solvable
    for _ in range(draw(st.integers(1, 7))):
        terms = draw(st.sampled_from([1, 2, 2, 3, 5, M]))
        columns = draw(st.lists(st.integers(0, M - 1), min_size=terms, max_size=terms, unique=True))
        form = {k: draw(VALUE) for k in columns}
        constant = sum((v * SOLUTION[k] for k, v in form.items()), Fraction(0)) if consistent else Fraction(draw(st.integers(-1, 1)))
        out.append((form, constant))
    if not consistent:
        (a, c), (b, d) = draw(st.sampled_from(out)), draw(st.sampled_from(out))
        total = {k: a.get(k, Fraction(0)) - 2 * b.get(k, Fraction(0)) for k in {*a, *b}}
        dependent = {k: v for k, v in total.items() if v}
        out += [(dependent, c - 2 * d + draw(st.integers(0, 1)))] if dependent else []
    return out


def rational(q: Any) -> sympy.Rational:
    return sympy.Rational(q.numerator, q.denominator)


def oracle(equations: Equations) -> list[tuple[list[Fraction], Fraction]] | None:
    """The nonzero rows of sympy's reduced row echelon form of (C | c), or None when the equations contradict each other."""
    matrix = sympy.Matrix([[rational(form.get(k, Fraction(0))) for k in range(M)] + [rational(c)] for form, c in equations])
    reduced, pivots = matrix.rref()
    if M in pivots:
        return None
    rows = [[Fraction(int(v.p), int(v.q)) for v in reduced.row(i)] for i in range(len(pivots))]
    return [(row[:-1], row[-1]) for row in rows]


def dense(space: Subspace) -> list[tuple[list[Fraction], Fraction]]:
    return [([Fraction(dict(row.entries).get(k, 0)) for k in range(M)], Fraction(row.constant)) for row in space.rows]


def solve(equations: Equations) -> Subspace | None:
    try:
        return Subspace.from_equations(PROGRAM, equations)
    except SpecError:
        return None


def test_the_canonical_form_is_sympys() -> None:
    """Random systems, sparse and dense: the same rows, or a contradiction in both."""
    outcomes = {True: 0, False: 0}

    @examples(250)
    @given(systems())
    def check(equations: Equations) -> None:
        wanted, got = oracle(equations), solve(equations)
        outcomes[wanted is None] += 1
        assert (got is None) == (wanted is None)
        if got is not None and wanted is not None:
            assert dense(got) == wanted
            assert got.dimension == M - len(wanted)
            assert all(v for row in got.rows for _, v in row.entries)
            assert [row.pivot for row in got.rows] == sorted(row.pivot for row in got.rows)

    check()
    assert min(outcomes.values()) >= 30, outcomes


@examples(100)
@given(systems(solvable=True), st.randoms(use_true_random=False))
def test_the_canonical_form_depends_on_the_subspace_only(equations: Equations, rng: random.Random) -> None:
    """Not on order, scale, or repeated and redundant equations."""
    first = Subspace.from_equations(PROGRAM, equations)
    changed = []
    for form, c in [*equations, rng.choice(equations)]:
        scale = Fraction(rng.choice((-3, -1, 1, 2)), rng.randint(1, 5))
        other, d = rng.choice(equations)
        mixed = {k: form.get(k, Fraction(0)) * scale + other.get(k, Fraction(0)) for k in {*form, *other}}
        changed += [({k: v * scale for k, v in form.items()}, c * scale), ({k: v for k, v in mixed.items() if v}, c * scale + d)]
    rng.shuffle(changed)
    second = Subspace.from_equations(PROGRAM, [e for e in changed if e[0]])
    assert second == first
    assert second.to_json() == first.to_json()
    assert Subspace.from_equations(PROGRAM, [(dict(r.entries), r.constant) for r in reversed(first.rows)]) == first


def test_long_equations_alone_contradict_each_other() -> None:
    """Contradictions among equations that are eliminated together name the place and the remedy."""
    form = {k: Fraction(1) for k in range(SHORT + 2)}
    doubled = {k: 2 * v for k, v in form.items()}
    for equations in ([(form, Fraction(0)), (doubled, Fraction(1))], [({0: Fraction(1)}, Fraction(0)), ({0: Fraction(3)}, Fraction(1))]):
        with pytest.raises(SpecError, match="contradict each other") as caught:
            Subspace.from_equations(PROGRAM, equations)
        assert caught.value.place == "scalar equation 2"
        assert caught.value.remedy


@examples(100)
@given(systems(solvable=True), systems(solvable=True))
def test_intersection_and_inclusion(one: Equations, two: Equations) -> None:
    a, b = Subspace.from_equations(PROGRAM, one), Subspace.from_equations(PROGRAM, two)
    both = a.intersection(b)
    assert dense(both) == oracle(one + two)
    assert a.includes(both)
    assert b.includes(both)
    for left, right in ((a, b), (b, a), (both, a)):
        inside = all(right_form(left, vector) for vector in right.basis()) and left.contains(right.point({}))
        assert left.includes(right) == inside
    assert (a == b) == (a.includes(b) and b.includes(a))


def right_form(space: Subspace, vector: list[Fraction]) -> bool:
    """Whether a vector lies in the direction space."""
    return all(sum((v * vector[k] for k, v in row.entries), Fraction(0)) == 0 for row in space.rows)


@examples(100)
@given(systems(solvable=True), st.randoms(use_true_random=False))
def test_points_and_bases(equations: Equations, rng: random.Random) -> None:
    """Points lie in L and are determined by their free coordinates; directions satisfy Cv = 0; a basis has full rank and the right size."""
    space = Subspace.from_equations(PROGRAM, equations)
    free = [k for k in range(M) if k not in space.pivots]
    point = space.random_point(rng)
    for theta in (point, SOLUTION, space.point({}), space.point({k: SOLUTION[k] for k in free})):
        assert space.contains(theta)
        assert all(sum(v * theta[k] for k, v in form.items()) == c for form, c in equations)
    assert space.point({k: point[k] for k in free}) == point == space.point(point)
    assert all(point[k] for k in free)
    assert right_form(space, space.random_point(rng, direction=True))
    basis = space.basis()
    assert len(basis) == space.dimension == len(free)
    assert all(right_form(space, vector) for vector in basis)
    if basis:
        assert sympy.Matrix([[rational(v) for v in vector] for vector in basis]).rank() == len(basis)
    for k in range(M):
        form, constant = space.form(k)
        assert constant + sum((v * point[j] for j, v in form.items()), Fraction(0)) == point[k]
        assert all(j in free for j in form)
    moved = list(point)
    row = space.rows[rng.randrange(len(space.rows))]
    moved[row.pivot] += 1
    assert not space.contains(moved)


@examples(120)
@given(systems(solvable=True))
def test_equations_parse_back_to_the_same_rows(equations: Equations) -> None:
    space = Subspace.from_equations(PROGRAM, equations)
    assert parse_subspace(PROGRAM, "; ".join(space.equations())).rows == space.rows


@pytest.mark.parametrize(
    ("text", "linear", "polydiagonal"),
    [
        ("W1[0,:] = W1[1,:]", True, True),
        ("W1[0,:] = -W1[1,:]; W2 = 0", True, True),
        ("W1[0,:] = 2 W1[1,:]", True, False),
        ("W1[0,0] + W1[0,1] + W1[1,0] = 0", True, False),
        ("W1[0,0] = 3", False, True),
        ("W1[0,0] = W1[0,1] + 1/2", False, True),
        ("W1[0,0] + 3 W1[0,1] = 1", False, False),
    ],
)
def test_which_optimizers_keep_a_subspace(text: str, linear: bool, polydiagonal: bool) -> None:
    """Weight decay keeps linear subspaces, elementwise methods signed polydiagonals; checked on a step of each at a random point."""
    space = parse_subspace(PROGRAM, text)
    assert (space.is_linear, space.is_signed_polydiagonal) == (linear, polydiagonal)
    rng = random.Random(4)
    theta, gradient = space.random_point(rng), space.random_point(rng, direction=True)
    decayed = [v - Fraction(1, 7) * v for v in theta]
    signs = [v - Fraction(1, 7) * ((g > 0) - (g < 0)) for v, g in zip(theta, gradient, strict=True)]
    assert space.contains([v - g / 3 for v, g in zip(theta, gradient, strict=True)])
    assert space.contains(decayed) == ("weight-decay" in space.optimizers()) == linear
    assert space.contains(signs) == ("signsgd" in space.optimizers()) == ("adam" in space.optimizers()) == polydiagonal
    assert set(space.optimizers()) >= {"gd", "sgd", "momentum", "nesterov"}


@examples(80)
@given(systems(solvable=True))
def test_incremental_elimination_reports_what_is_new(equations: Equations) -> None:
    """`insert` returns a pivot exactly when the rank grows, and reduced equations avoid all pivots."""
    echelon, seen = Echelon(), list[tuple[dict[int, Fraction], Fraction]]()
    for form, c in equations:
        before = len(oracle(seen) or []) if seen else 0
        seen.append((form, c))
        after = len(oracle(seen) or [])
        pivot = echelon.insert(form, c)
        assert (pivot is not None) == (after > before)
        assert len(echelon.rows) == after
        rest, constant = echelon.reduce(form, c)
        assert (rest, constant) == ({}, 0)
    with pytest.raises(ArithmeticError, match="inconsistent"):
        echelon.insert(equations[0][0], equations[0][1] + 1)


def test_json_is_the_format_of_claims() -> None:
    space = parse_subspace(PROGRAM, "2 W1[0,0] = W1[1,1] - 3; W2[1,2] = 0")
    assert space.to_json() == {
        "dimension": M - 2,
        "rows": [{"constant": "-3/2", "entries": [[0, "1"], [3, "-1/2"]]}, {"constant": "0", "entries": [[11, "1"]]}],
    }
    assert space.named(space.point({}))["W1"][0] == Fraction(-3, 2)
