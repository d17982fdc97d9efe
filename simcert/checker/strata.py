"""The combinatorics of two-layer networks F = Σ a_i σ(w_i·x): hypotheses on σ, types of strata with their numbers, and the structure of a point.

A particle is a pair p = (a, w). Equivalent particles stay equivalent along all flows, and idle ones stay idle; the theorem of `docs/classification.md` says
that there are no other orbits than those. Nothing here depends on the proof of a certificate.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import comb, factorial, prod

from .canonical import Rational
from .functions import taylor
from .outcome import Budget, Invalid, Limit
from .program import Activation

INFINITE = -1
MAX_UNITS = 30
Vector = tuple[Rational, ...]
Particle = tuple[Rational, Vector]
Kind = tuple[int, tuple[int, ...]]  # the number of units in the zero block, and the sizes of the other blocks, largest first


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table. `zero`: σ(0) = 0; `flat`: σ'(0) = 0; `parity`: "odd", "even" or "" (neither)."""

    zero: bool
    flat: bool
    parity: str

    @property
    def name(self) -> str:
        """The name of the row in a claim."""
        if self.flat:
            return "flat-zero" if self.zero else "flat"
        return "plain" if not self.zero else "odd" if self.parity == "odd" else "zero"

    def induced(self, units: int) -> bool:
        """Whether all orbits are induced by symmetry."""
        return self.name in ("plain", "odd") or (self.name == "flat" and units == 1 and self.parity == "even")


def read_row(a: Activation) -> Row:
    """The row whose hypotheses σ satisfies, read off its definition; for a class the hypotheses that its facts leave open are part of the theorem.

    Named functions are not polynomials; that a number is not 0, or a parity does not hold, is read off Taylor coefficients at 0 (a + b·κ with κ
    transcendental). Raises `Invalid` where the theorem does not apply.
    """
    if a.kind == "piecewise" or a.partial:
        raise Invalid("the classification is about functions that are analytic everywhere")
    facts = a.facts
    row = Row("zero" in facts, "flat" in facts, "odd" if "odd" in facts else "even" if "even" in facts else "")
    if a.kind == "polynomial" and (row.flat or len(a.numbers) < 3):
        raise Invalid("the classification is about polynomials of degree at least 2 with σ'(0) ≠ 0, and functions that are not polynomials")
    if a.kind == "named":
        series = [pair != (0, 0) for pair in taylor(a.name, 0, 8) or ()]
        even, odd = any(series[0::2]), any(series[1::2])
        if series[:2] != [not row.zero, not row.flat] or (row.parity == "" and not (even and odd)):
            raise Invalid(f"the facts of {a.name} at 0 could not be confirmed")
    return row


def kinds(row: Row, units: int, budget: Budget) -> list[Kind]:
    """All types of strata, in increasing order."""
    if units > MAX_UNITS:
        raise Limit(f"{units} hidden units, the limit is {MAX_UNITS}")
    zeros = range(units + 1) if row.zero or row.flat else range(1)
    table: list[list[tuple[int, ...]]] = [[()]]
    for n in range(1, units + 1):
        budget.tick()
        table.append([(first, *rest) for first in range(1, n + 1) for rest in table[n - first] if not rest or rest[0] <= first])
    return sorted((z, blocks) for z in zeros for blocks in table[units - z])


def dimension(row: Row, kind: Kind, inputs: int) -> int:
    """The dimension of the orbits of a type."""
    zero, blocks = kind
    return len(blocks) * (inputs + 1) + int(row.name == "flat" and zero > 0)


def orbits(row: Row, kind: Kind, inputs: int) -> int:
    """The number of orbits of a type, or `INFINITE`: choices of the zero block, of the blocks, of relative signs, and components where w ≠ 0 on a line."""
    zero, blocks = kind
    if (row.name == "flat" and zero > 1) or (row.name == "flat-zero" and zero > 0):
        return INFINITE
    units, k = zero + sum(blocks), len(blocks)
    count = comb(units, zero) * factorial(units - zero) // prod(map(factorial, blocks)) // prod(map(factorial, Counter(blocks).values()))
    if row.parity:
        count *= 2 ** (units - zero - k)
    return count * 2**k if row.flat and inputs == 1 else count


def patterns(row: Row, k: int) -> int:
    """The number of patterns of k particles that are not idle, no two of them equivalent (see `pattern`)."""
    sides = [1 if r == 0 else 2 for r in range(k + 1)]  # r particles with one w: at most one a is 0
    classes = [0] * (k + 1)
    for r in range(1, k + 1):
        ordered = sum(sides[i] * sides[r - i] for i in range(r + 1))
        classes[r] = sides[r] if row.parity else (ordered + (sides[r // 2] if r % 2 == 0 else 0)) // 2
    multisets = [1] + [0] * k
    for r in range(1, k + 1):
        for _ in range(classes[r]):
            for total in range(r, k + 1):
                multisets[total] += multisets[total - r]
    at_zero = [1] + [0 if row.flat else 2 if row.name == "plain" else 1] * k
    return sum(at_zero[r] * multisets[k - r] for r in range(k + 1))


def _opposite(w: Vector) -> Vector:
    return tuple(-c for c in w)


def structure(row: Row, particles: Sequence[Particle]) -> tuple[Kind, list[Particle]]:
    """The type of a point, and one particle for each block, with its sign chosen."""
    zero, blocks = 0, Counter[Particle]()
    for a, w in particles:
        if not any(w) and (row.flat or (row.zero and a == 0)):
            zero += 1
        elif row.parity == "odd":
            w, a = max((w, a), (_opposite(w), -a))
            blocks[a, w] += 1
        else:
            blocks[a, max(w, _opposite(w)) if row.parity == "even" else w] += 1
    return (zero, tuple(sorted(blocks.values(), reverse=True))), list(blocks)


def pattern(row: Row, particles: Sequence[Particle]) -> tuple[object, ...]:
    """How the w of inequivalent particles coincide up to sign, and which a are 0.

    For every w ≠ 0 up to sign: how many particles have it, and how many of these have a = 0 (where the sign matters, for w and −w); and the same for w = 0.
    """
    found: dict[Vector, Counter[tuple[bool, bool]]] = {}
    for a, w in particles:
        found.setdefault(max(w, _opposite(w)), Counter())[bool(row.parity) or w >= _opposite(w), a == 0] += 1
    at_zero, others = (0, 0), list[tuple[tuple[int, int], ...]]()
    for w, seen in found.items():
        sides = [(seen[side, False] + seen[side, True], seen[side, True]) for side in (False, True)]
        if any(w):
            others.append(tuple(sorted(sides)))
        else:
            at_zero = sides[1]
    return at_zero, *sorted(others)
