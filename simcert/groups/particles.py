"""The combinatorics of the orbits of two-layer networks: types of strata, their numbers, and the patterns in which particles lie.

A *particle* is a pair (a, w) of outgoing and incoming weights of a unit; the words are those of `docs/classification.md`.
"""

from __future__ import annotations

import itertools
import math
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from simcert.groups.partitions import classes, integer_partitions

Particle = tuple[int, tuple[int, ...]]
Class = tuple[tuple[int, bool], ...]  # of particles with one w up to sign: for w, and for −w where that differs, their number and whether one has a = 0


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table of `docs/classification.md`: its name, and the parity of σ ("odd", "even" or "")."""

    name: str
    parity: str

    @property
    def idle(self) -> bool:
        """Whether there are idle units."""
        return self.name != "plain"

    @property
    def frozen(self) -> bool:
        """Whether units with w = 0 are idle, whatever their a."""
        return self.name in ("flat", "flat-zero")


def kinds(row: Row, units: int) -> list[tuple[int, tuple[int, ...]]]:
    """All types of strata: the number of idle units and the sizes of the blocks."""
    return sorted((z, blocks) for z in range(units + 1 if row.idle else 1) for blocks in integer_partitions(units - z))


def count(row: Row, zero: int, blocks: tuple[int, ...], inputs: int) -> int | None:
    """The number of orbits of a type; None for infinitely many.

    >>> [count(Row("odd", "odd"), z, b, 2) for z, b in kinds(Row("odd", "odd"), 2)]
    [1, 2, 2, 1]
    """
    if row.frozen and zero > (row.name == "flat"):
        return None
    units, out = zero + sum(blocks), 1
    for size in (zero, *blocks):
        out *= math.comb(units, size)
        units -= size
    out //= math.prod(math.factorial(n) for n in Counter(blocks).values())
    signs = sum(b - 1 for b in blocks) if row.parity else 0
    return out * 2**signs * (2 ** len(blocks) if row.frozen and inputs == 1 else 1)


def particle_classes(row: Row, size: int) -> list[Class]:
    """The ways in which `size` inequivalent particles share one w ≠ 0 up to sign."""

    def side(n: int) -> list[tuple[int, bool]]:
        return [(n, False), (n, True)] if n else [(0, False)]

    if row.parity:
        return [(s,) for s in side(size)]
    return sorted({tuple(sorted(pair, reverse=True)) for n in range(size + 1) for pair in itertools.product(side(n), side(size - n))})


def patterns(row: Row, k: int) -> Iterator[tuple[tuple[int, bool], list[Class]]]:
    """All patterns of k particles: how many have w = 0 (and whether one of them has a = 0), and the classes of the others; the generic one first."""
    for r in range(1 if row.frozen else k + 1):
        for at_zero in [(r, False)] + ([(r, True)] if r and row.name == "plain" else []):
            for sizes in sorted(integer_partitions(k - r)):
                groups = [list(itertools.combinations_with_replacement(particle_classes(row, s), n)) for s, n in Counter(sizes).items()]
                for chosen in itertools.product(*groups):
                    yield at_zero, [c for group in chosen for c in group]


def particles(pattern: tuple[tuple[int, bool], list[Class]], inputs: int, rng: random.Random) -> list[Particle]:
    """Particles with small integers that lie in a pattern and no other way."""
    (r, vanishing), others = pattern
    heights = itertools.count(1)

    def outgoing(n: int, zero: bool) -> list[int]:
        return [0 if zero and i == 0 else next(heights) for i in range(n)]

    out: list[Particle] = [(a, (0,) * inputs) for a in outgoing(r, vanishing)]
    taken: set[tuple[int, ...]] = {(0,) * inputs}
    for sides in others:
        w, bound = (0,) * inputs, 2 + len(taken)
        while w in taken:
            w = tuple(rng.randint(-bound, bound) if inputs > 1 else len(taken) // 2 + 1 for _ in range(inputs))
        opposite = tuple(-c for c in w)
        taken |= {w, opposite}
        for (n, zero), direction in zip(sides, (w, opposite), strict=False):
            out += [(a, direction) for a in outgoing(n, zero)]
    return out


def pattern_count(row: Row, k: int) -> int:
    """How many patterns k particles have.

    >>> [pattern_count(Row("odd", "odd"), k) for k in range(5)], [pattern_count(Row("plain", ""), k) for k in range(4)]
    ([1, 3, 8, 18, 38], [1, 4, 14, 42])
    """
    at_zero = [1] + [0 if row.frozen else 2 if row.name == "plain" else 1] * k
    if row.parity:
        return sum(at_zero[r] * classes(k - r, 2) for r in range(k + 1))
    series = [1] + [0] * k
    for size in range(1, k + 1):
        for _ in particle_classes(row, size):
            for n in range(size, k + 1):
                series[n] += series[n - size]
    return sum(at_zero[r] * series[k - r] for r in range(k + 1))
