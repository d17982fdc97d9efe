"""Proofs by symmetry: generators are found for every fixed space, and never for anything else."""

from __future__ import annotations

import random
from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simcert.groups.axes import index_spaces
from simcert.groups.generators import Generator, Matrix, Monomial, combine, fixed_points
from simcert.groups.subspaces import Subspace
from simcert.invariance.decide import decide
from simcert.invariance.symmetry import Forms, find
from simcert.models.equations import parse_subspace
from simcert.models.families import attention, conv1d, linear, lora, mlp, residual
from simcert.models.program import Program
from tests.exact.reference import examples

MODELS = [
    mlp(2, 4, 1, activation="tanh", bias=True),
    mlp(2, 3, 3, 1, activation="sin"),
    mlp(2, 4, 1, activation="cos"),
    mlp(1, 3, 2, 1, activation="sigmoid"),
    conv1d(1, 3, 2, activation="arctan", kernel=2, length=3),
    residual(2, 3, 1, activation="tanh", hidden=3),
    linear(2, 3, 2),
    attention(2, 2, tokens=2),
    attention(2, 1, heads=3, tokens=2),
    lora(2, 3, 1, activation="tanh", rank=3),
]


@st.composite
def tied(draw: st.DrawFn, program: Program) -> Generator:
    """One generator that permutes and flips units of several spaces, or reflects in a line of an orthogonal one."""
    parts = []
    for space in index_spaces(program):
        kind = draw(st.integers(0, 3))
        if kind == 0 or (space.kind == "orthogonal" and kind > 1 and space.size > 1):
            if space.kind == "orthogonal" and space.size > 1:
                line = [Fraction(draw(st.integers(-3, 3))) for _ in range(space.size)]
                square = sum(v * v for v in line)
                if square:
                    rows = tuple(tuple(2 * a * b / square - (i == j) for j, b in enumerate(line)) for i, a in enumerate(line))
                    parts.append((space, Matrix(rows), frozenset()))
            continue
        flip = space.flips[0] if space.flips else frozenset()
        signs = tuple(draw(st.sampled_from([1, 1, -1])) if flip else 1 for _ in range(space.size))
        parts.append((space, Monomial(tuple(draw(st.permutations(range(space.size)))), signs), flip))
    return combine(program, parts)


def test_every_space_by_space_fixed_space_is_found() -> None:
    """The fixed space of independent generators on the single spaces is recognised, and the generators returned fix exactly it."""
    outcomes = Counter[bool]()

    @examples(200)
    @given(st.data())
    def check(data: st.DataObject) -> None:
        program = data.draw(st.sampled_from(MODELS))
        whole = data.draw(tied(program))
        singles = []
        for space in index_spaces(program):
            own = {(i, k) for i, k in space.axes}
            nodes = [(i, tuple(a if (i, k) in own else -1 for k, a in enumerate(row))) for i, row in whole.nodes]
            singles.append(Generator(whole.actions, tuple((i, row) for i, row in nodes if any(a >= 0 for a in row))))
        subspace = fixed_points(program, singles)
        if not subspace.rows:
            return
        found = find(subspace)
        outcomes[found is not None] += 1
        assert found is not None, (program.title, subspace.equations())
        assert fixed_points(program, found) == subspace
        decision = decide(program, subspace)
        assert decision.method == "symmetry"

    check()
    assert outcomes[True] >= 100, outcomes


def test_a_simultaneous_exchange_is_found_from_its_hint() -> None:
    """One generator on two spaces at once: congruence or the hint prove it; the hint is used when its fixed space is the subspace."""
    program = mlp(2, 3, 3, 1, activation="generic")
    g = combine(program, [(space, Monomial((1, 0, 2), (1, 1, 1)), frozenset()) for space in index_spaces(program)])
    subspace = fixed_points(program, [g])
    assert find(subspace, [g]) == [g]
    assert find(subspace) is None
    assert decide(program, subspace).method == "congruence"
    assert decide(program, subspace, hints=[g]).method == "symmetry"


UNFIXED = ["W1[0,:] = W1[1,:]", "W1[0,:] = 2 W1[1,:]; W2[0,0] = 2 W2[0,1]", "tie(1: 0,1); W2[0,2] = 1", "W1[0,0] = W1[0,1]", "tie(1: 0,1); W2 = 0"]


@pytest.mark.parametrize("text", UNFIXED)
def test_other_subspaces_are_not_fixed_spaces(text: str) -> None:
    program = mlp(2, 3, 1, activation="tanh")
    assert find(parse_subspace(program, text)) is None


@examples(60)
@given(st.randoms(use_true_random=False))
def test_forms_number_equal_and_opposite_entries(rng: random.Random) -> None:
    """Two entries have equal (opposite) numbers exactly when they are equal (opposite) on all of the subspace, and 0 exactly when they vanish."""
    program = mlp(2, 3, 1, activation="tanh")
    equations = []
    for _ in range(rng.randint(1, 6)):
        columns = rng.sample(range(program.size), rng.randint(1, 3))
        equations.append(({k: Fraction(rng.choice((1, 1, -1, 2))) for k in columns}, Fraction(0)))
    space = Subspace.from_equations(program, equations)
    numbers = Forms(space).numbers.tolist()
    vectors = list(zip(*space.basis(), strict=True)) or [()] * program.size
    for i in range(program.size):
        assert (numbers[i] == 0) == (not any(vectors[i]))
        for j in range(i):
            assert (numbers[i] == numbers[j]) == (vectors[i] == vectors[j])
            assert (numbers[i] == -numbers[j]) == (vectors[i] == tuple(-v for v in vectors[j]))
