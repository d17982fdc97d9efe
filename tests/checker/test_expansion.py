"""The rule for contractions in proofs by expansion: whatever it accepts is true for random arrays that obey the relations of the arguments."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from simcert.checker.expansion import Axis, _check_letters, _check_moves, _flat  # pyright: ignore[reportPrivateUsage]
from simcert.checker.outcome import Invalid
from simcert.checker.program import Node

MAPS = [
    None,
    [[(0, 1)], [(0, 1)]], [[(0, 1)], [(0, -1)]], [[(0, 1)], []], [[(1, 1)], [(0, -1)]], [[(0, 1)], [(1, 1)], [(0, 1)]], [[(0, 3)], [(0, 4)]],
    [[(0, 2)], [(1, 1)], [(0, -3)]],
    [[(0, 1)], [(1, 1)], []], [[], [(0, 1)], [(0, -1)]],
]  # fmt: skip


def axis(number: int, sums: bool) -> Axis | None:
    rows = MAPS[number]
    if rows is None:
        return None
    width = max(j for row in rows for j, _ in row) + 1
    neutral = len(rows) == width and all(len(row) == 1 and abs(row[0][1]) == 1 for row in rows) and len({row[0][0] for row in rows}) == width
    return Axis(tuple(tuple(row) for row in rows), width, sums and not neutral)


def matrix(a: Axis | None, n: int) -> np.ndarray:
    if a is None:
        return np.eye(n)
    out = np.zeros((len(a.rows), a.width))
    for i, row in enumerate(a.rows):
        for j, c in row:
            out[i, j] = float(c)
    return out


def along(array: np.ndarray, maps: list[np.ndarray]) -> np.ndarray:
    for k, m in enumerate(maps):
        array = np.moveaxis(np.tensordot(m, array, axes=([1], [k])), 0, k)
    return array


def related(small: np.ndarray, axes: list[Axis | None], sizes: list[int], rng: np.random.Generator) -> np.ndarray | None:
    """A random big array in the relation, or None where there is none."""
    maps = [matrix(a, n) for a, n in zip(axes, sizes, strict=True)]
    sums = [a is not None and a.sums for a in axes]
    big = along(small, [np.linalg.pinv(m.T) if s else m for m, s in zip(maps, sums, strict=True)])
    noise = rng.normal(size=tuple(sizes))
    kernel = along(noise, [m @ np.linalg.pinv(m) if s else np.eye(n) for m, s, n in zip(maps, sums, sizes, strict=True)])
    if any(sums):
        big = big + noise - kernel
    return big if holds(big, small, axes, sizes) else None


def holds(big: np.ndarray, small: np.ndarray, axes: list[Axis | None], sizes: list[int]) -> bool:
    maps = [matrix(a, n) for a, n in zip(axes, sizes, strict=True)]
    sums = [a is not None and a.sums for a in axes]
    left = along(big, [m.T if s else np.eye(n) for m, s, n in zip(maps, sums, sizes, strict=True)])
    right = along(small, [np.eye(m.shape[1]) if s else m for m, s in zip(maps, sums, strict=True)])
    return left.shape == right.shape and np.allclose(left, right)


SPECS = [
    "ij,j->i",
    "ij,jk->ik",
    "ij,ij->ij",
    "ij,ij->",
    "ij,j->ij",
    "ij->i",
    "i->ij",
    "ij,ji->",
    "ij,i->j",
    "hij,hj->hi",
    "i,i->i",
    "ij->",
    "i,j->ij",
    "ij,ij->i",
]


@settings(max_examples=3000, deadline=None, derandomize=True)
@given(st.sampled_from(SPECS), st.data(), st.integers(0, 10**6))
def test_accepted_contractions_keep_the_relation(spec: str, data: st.DataObject, seed: int) -> None:
    rng = np.random.default_rng(seed)
    left, out = spec.split("->")
    terms = left.split(",")
    kinds = {letter: data.draw(st.sampled_from(range(len(MAPS)))) for letter in sorted(set(left + out) - {","})}

    def draw(letter: str) -> Axis | None:
        return axis(kinds[letter], data.draw(st.booleans())) if data.draw(st.integers(0, 9)) else axis(data.draw(st.sampled_from(range(len(MAPS)))), False)

    size = {letter: 2 if MAPS[k] is None else len(MAPS[k] or []) for letter, k in kinds.items()}
    axes, target = [[draw(letter) for letter in term] for term in terms], [draw(letter) for letter in out]
    small_size: dict[str, int] = {}
    for term, chosen in zip([*terms, out], [*axes, target], strict=True):
        for letter, a in zip(term, chosen, strict=True):
            if (a is not None and len(a.rows) != size[letter]) or small_size.setdefault(letter, size[letter] if a is None else a.width) != (
                size[letter] if a is None else a.width
            ):
                return
    shapes = [tuple(size[x] for x in term) for term in terms]
    node = Node("contract", tuple(size[x] for x in out), tuple(range(len(terms))), terms=tuple(terms), out=out)
    try:
        accepted = _check_letters(node, [tuple(a) for a in axes], tuple(target), shapes)
    except Invalid:
        accepted = False
    event(f"{'accepted' if accepted else 'refused'}")
    if not accepted:
        return
    little = [rng.normal(size=tuple(small_size[x] for x in term)) for term in terms]
    big = [related(s, a, list(shape), rng) for s, a, shape in zip(little, axes, shapes, strict=True)]
    if any(b is None for b in big):
        return
    whole = contract(terms, out, [b for b in big if b is not None], size)
    part = contract(terms, out, little, small_size)
    assert holds(whole, part, target, [size[x] for x in out]), (spec, axes, target)


def contract(terms: list[str], out: str, arrays: list[np.ndarray], sizes: dict[str, int]) -> np.ndarray:
    kept = "".join(x for x in out if x in "".join(terms))
    value = np.einsum(f"{','.join(terms)}->{kept}", *arrays)
    for k, x in enumerate(out):
        if x not in kept:
            value = np.repeat(np.expand_dims(value, k), sizes[x], axis=k)
    return value


def test_sums_of_both_factors_with_the_copies_of_the_other_are_refused() -> None:
    """Σ_jk A_jk B_jk is not determined by the sums of A over j and of B over k."""
    pair = Axis((((0, 1),), ((0, 1),)), 1, False)
    total = Axis(pair.rows, 1, True)
    node = Node("contract", (), (0, 1), terms=("jk", "jk"), out="")
    assert not _check_letters(node, [(total, pair), (pair, total)], (), [(2, 2), (2, 2)])
    assert _check_letters(node, [(total, total), (pair, pair)], (), [(2, 2), (2, 2)])


@pytest.mark.parametrize("op", ["gather", "scatter"])
def test_moves_are_followed_entry_by_entry(op: str) -> None:
    pair = Axis((((0, 1),), ((0, -1),), ((1, 1),)), 2, False)
    big, small = Node(op, (3,), (0,), indices=(0, 1, 2)), Node(op, (2,), (0,), indices=(0, 1))
    assert _check_moves(big, small, _flat((pair,), (3,), (2,)), _flat((pair,), (3,), (2,)))
    for indices in product((-1, 0, 1), repeat=2):
        other = Node(op, (2,), (0,), indices=indices)
        assert _check_moves(big, other, _flat((pair,), (3,), (2,)), _flat((pair,), (3,), (2,))) == (indices == (0, 1))
