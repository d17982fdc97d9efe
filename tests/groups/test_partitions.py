"""Counts of set partitions against enumeration and against the tables of the literature."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simcert.groups.partitions import (
    bell,
    classes,
    dowling,
    expansions,
    integer_partitions,
    set_partitions,
    stirling2,
    surjections,
    twisted,
    whitney_b,
)  # fmt: skip


@pytest.mark.parametrize("n", range(7))
def test_enumerated_partitions_are_all_and_different(n: int) -> None:
    found = list(set_partitions(n))
    assert len(set(found)) == len(found) == bell(n)
    for blocks in found:
        assert sorted(itertools.chain.from_iterable(blocks)) == list(range(n))
        assert all(list(b) == sorted(b) for b in blocks) and list(blocks) == sorted(blocks)


def test_tables() -> None:
    assert [bell(n) for n in range(1, 9)] == [1, 2, 5, 15, 52, 203, 877, 4140]
    assert [dowling(n) for n in range(1, 9)] == [2, 6, 24, 116, 648, 4088, 28640, 219920]
    table = {1: [1, 1], 2: [1, 4, 1], 3: [1, 13, 9, 1], 4: [1, 40, 58, 16, 1], 5: [1, 121, 330, 170, 25, 1]}
    assert {m: [whitney_b(m, k) for k in range(m + 1)] for m in table} == table
    assert [[expansions(r, m) for m in range(r, r + 5)] for r in (1, 2)] == [[1, 3, 10, 37, 151], [2, 12, 62, 320, 1712]]
    assert [expansions(3, m) for m in (3, 4, 5)] == [6, 60, 450]


@given(st.integers(0, 9), st.integers(0, 3))
def test_recurrences(n: int, flips: int) -> None:
    assert bell(n + 1) == sum(math.comb(n, k) * bell(k) for k in range(n + 1))
    assert all(stirling2(n + 1, k) == k * stirling2(n, k) + (stirling2(n, k - 1) if k else 0) for k in range(1, n + 2))
    assert all(whitney_b(n + 1, k) == (2 * k + 1) * whitney_b(n, k) + (whitney_b(n, k - 1) if k else 0) for k in range(n + 2) if n)
    assert twisted(n, 0) == bell(n)
    assert twisted(n, 1) >= dowling(n) if n else True
    assert surjections(min(n, 2), n) == sum(1 for f in itertools.product(range(min(n, 2)), repeat=n) if len(set(f)) == min(n, 2))
    assert twisted(n, flips) <= twisted(n, flips + 1)


@given(st.integers(0, 12))
def test_types(n: int) -> None:
    found = list(integer_partitions(n))
    assert len(set(found)) == len(found) == classes(n, 1)
    assert all(sum(sizes) == n and list(sizes) == sorted(sizes, reverse=True) for sizes in found)
    assert classes(n, 1, dead=True) == sum(classes(k, 1) for k in range(n + 1))
    assert classes(n, 2) == sum(classes(k, 1) * classes(n - k, 1) for k in range(n + 1))
