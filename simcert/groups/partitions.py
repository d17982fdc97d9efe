"""Set partitions and their relatives: how many subspaces a group of (signed) permutations of n units fixes.

A permutation group fixes the set partitions (Bell numbers); with signs in every parameter of a unit, the partitions of type B, in which one block may be zero
(Dowling numbers). Used to predict the size of a lattice before it is computed, and as an independent count of it afterwards.

References: T. A. Dowling, A class of geometric lattices based on finite groups, J. Combin. Theory B 14 (1973); B. Simsek et al., Geometry of the loss
landscape in overparameterized neural networks, ICML 2021 (the numbers G and T).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache


def stirling2(n: int, k: int) -> int:
    """The number of partitions of a set of n into k blocks.

    >>> [stirling2(4, k) for k in range(5)]
    [0, 1, 7, 6, 1]
    """
    return sum((-1) ** (k - j) * math.comb(k, j) * j**n for j in range(k + 1)) // math.factorial(k)


def bell(n: int) -> int:
    """The number of set partitions.

    >>> [bell(n) for n in range(1, 8)]
    [1, 2, 5, 15, 52, 203, 877]
    """
    return sum(stirling2(n, k) for k in range(n + 1))


def whitney_b(n: int, k: int) -> int:
    """The number of signed partitions of n units with a zero block (which may be empty) and k other blocks: Whitney numbers of type B.

    >>> [whitney_b(3, k) for k in range(4)]
    [1, 13, 9, 1]
    """
    return sum(math.comb(n, z) * stirling2(n - z, k) * 2 ** (n - z - k) for z in range(n - k + 1))


def dowling(n: int) -> int:
    """The number of signed partitions with a zero block.

    >>> [dowling(n) for n in range(1, 6)]
    [2, 6, 24, 116, 648]
    """
    return sum(whitney_b(n, k) for k in range(n + 1))


@lru_cache
def twisted(n: int, flips: int) -> int:
    """The number of partitions of n units whose blocks carry a subgroup Z of (Z/2)^flips (the signs that vanish) and signs of their units modulo Z.

    An upper bound for the subspaces fixed by subgroups of the wreath product; for one flip that leaves some parameters alone (even activations) it is exact.

    >>> [twisted(n, 1) for n in (1, 2, 3)], [twisted(n, 0) for n in (1, 2, 3)]
    ([2, 7, 31], [1, 2, 5])
    """
    if n == 0:
        return 1
    return sum(math.comb(n - 1, b - 1) * _choices(b, flips) * twisted(n - b, flips) for b in range(1, n + 1))


def _choices(block: int, flips: int) -> int:
    """Σ over subgroups Z of (Z/2)^flips of |(Z/2)^flips / Z|^(block − 1)."""
    return sum(_subgroups(flips, k) * 2 ** ((flips - k) * (block - 1)) for k in range(flips + 1))


def _subgroups(n: int, k: int) -> int:
    """The number of k-dimensional subspaces of GF(2)^n."""
    above = math.prod(2**n - 2**i for i in range(k))
    return above // math.prod(2**k - 2**i for i in range(k))


@lru_cache
def classes(n: int, kinds: int, *, dead: bool = False) -> int:
    """The number of multisets of blocks that have n units together, with blocks of `kinds` kinds, and with `dead` also one block of dead units.

    >>> [classes(n, 1) for n in range(1, 6)], [classes(n, 1, dead=True) for n in range(1, 6)]
    ([1, 2, 3, 5, 7], [2, 4, 7, 12, 19])
    """
    if dead:
        return sum(classes(k, kinds) for k in range(n + 1))
    counts = [1] + [0] * n
    for size in range(1, n + 1):
        for _ in range(kinds):
            for total in range(size, n + 1):
                counts[total] += counts[total - size]
    return counts[n]


def set_partitions(n: int) -> Iterator[tuple[tuple[int, ...], ...]]:
    """All partitions of 0, …, n − 1 into blocks, each block increasing, blocks by their first unit.

    >>> len(list(set_partitions(5)))
    52
    """

    def extend(i: int, blocks: list[list[int]]) -> Iterator[tuple[tuple[int, ...], ...]]:
        if i == n:
            yield tuple(tuple(b) for b in blocks)
            return
        for block in blocks:
            block.append(i)
            yield from extend(i + 1, blocks)
            block.pop()
        blocks.append([i])
        yield from extend(i + 1, blocks)
        blocks.pop()

    return extend(0, [])


Block = tuple[tuple[int, int], ...]  # units with their signs; the first has the sign 1


@dataclass(frozen=True, slots=True)
class Blocking:
    """Units in blocks, up to sign, and dead units; as text they are counted from 1."""

    blocks: tuple[Block, ...]
    dead: tuple[int, ...]

    @property
    def ties(self) -> bool:
        """Whether it says anything: two units in one block, or a dead one."""
        return bool(self.dead) or any(len(block) > 1 for block in self.blocks)

    def __str__(self) -> str:
        def block(units: Block) -> str:
            plain = all(s > 0 for _, s in units) and max(u for u, _ in units) < 9
            return ("" if plain else ",").join(str(s * (u + 1)) for u, s in units)

        dead = "{0: " + ",".join(str(u + 1) for u in self.dead) + "}" if self.dead else ""
        return "".join(f"{{{block(b)}}}" for b in self.blocks) + dead


def alone(n: int) -> Blocking:
    """Every unit in a block of its own."""
    return Blocking(tuple(((u, 1),) for u in range(n)), ())


def blockings(n: int, signed: bool = False, dead: bool = False) -> Iterator[Blocking]:
    """All set partitions of n units, with all signs if `signed` and all sets of dead units if `dead`.

    >>> [sum(1 for _ in blockings(3, *kind)) for kind in ((False, False), (False, True), (True, True))]  # Bell, shifted Bell, Dowling
    [5, 15, 24]
    """
    for count in range(n + 1 if dead else 1):
        for gone in itertools.combinations(range(n), count):
            left = [u for u in range(n) if u not in gone]
            for partition in set_partitions(len(left)):
                choices = [itertools.product((1,), *[(1, -1) if signed else (1,)] * (len(block) - 1)) for block in partition]
                for signs in itertools.product(*choices):
                    yield Blocking(tuple(tuple((left[u], s) for u, s in zip(b, t, strict=True)) for b, t in zip(partition, signs, strict=True)), gone)


def integer_partitions(n: int, largest: int | None = None) -> Iterator[tuple[int, ...]]:
    """The multisets of block sizes that sum to n, each decreasing.

    >>> list(integer_partitions(4))
    [(4,), (3, 1), (2, 2), (2, 1, 1), (1, 1, 1, 1)]
    """
    if n == 0:
        yield ()
    for first in range(min(n, n if largest is None else largest), 0, -1):
        for rest in integer_partitions(n - first, first):
            yield (first, *rest)


def surjections(r: int, m: int) -> int:
    """G(r, m) = r! S(m, r): how often r neurons can be copied into m, all used [Simsek et al.].

    >>> surjections(2, 3)
    6
    """
    return math.factorial(r) * stirling2(m, r)


def expansions(r: int, m: int) -> int:
    """T(r, m) = Σ_u C(m, u) G(r, m − u) Bell(u): the affine subspaces of width m that a minimum of width r becomes [Simsek et al.].

    The u other units are tied in any way, with outgoing weights that cancel.

    >>> [expansions(1, m) for m in range(1, 6)]
    [1, 3, 10, 37, 151]
    """
    return sum(math.comb(m, u) * surjections(r, m - u) * bell(u) for u in range(m - r + 1))
