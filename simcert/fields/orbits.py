"""The dimension of the orbit of a rational point: matching bounds, each with a proof.

Lower bounds are vectors of Lie(V) with a regular minor — gradients, bracket words, or both along a curve in the orbit; upper bounds are conservation
laws, an invariant
subspace that contains the point, laws on it, or a single field of which all others are multiples (`math.md`, section 4). A plateau of the bracket
filtration is never
taken for its end: the search goes on along the flow until the bounds meet or a stated limit is reached.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from simcert.errors import ResourceLimit
from simcert.exact.arrays import UndefinedValueError
from simcert.exact.linalg import determinant
from simcert.fields import balls
from simcert.fields.arithmetic import Arithmetic
from simcert.fields.brackets import Field, Word
from simcert.fields.gradients import Fields, Flat
from simcert.models.activations import CLASSES, facts, minimal
from simcert.models.program import Activation, Program

TERMS = (8, 16, 32, 64)
DENSE = 500  # up to so many parameters all candidate vectors are laid side by side
Json = dict[str, Any]


@dataclass(frozen=True)
class Lower:
    """A lower bound and the proof object of the certificate."""

    bound: int
    proof: Json


@dataclass(frozen=True)
class Upper:
    """An upper bound, the proof object, and in words what holds the orbit back."""

    bound: int
    proof: Json
    words: list[str] = field(default_factory=list[str])


@dataclass
class Point:
    """A point whose orbit is in question, with polynomial members for the classes.

    Arguments: `theta` flat rationals by name; `degree` of the members; `spread`, the largest entry of inputs of transcendental functions.
    """

    program: Program
    theta: Flat
    seed: int = 0
    degree: int = 7
    spread: int = 3

    def __post_init__(self) -> None:
        from simcert.invariance.witness import member

        self.rng = random.Random(self.seed)
        self.fields = Fields(self.program)
        self.definitions = dict(self.program.activations)
        self.members: dict[str, tuple[Fraction, ...]] = {}
        for name, a in self.program.activations.items():
            if a.cls is not None:
                self.members[name] = member(CLASSES[a.cls], self.degree, self.rng)
                self.definitions[name] = Activation(polynomial=self.members[name])

    @property
    def vector(self) -> list[Fraction]:
        return [v for name, _ in self.program.parameters for v in self.theta[name]]

    def assumed(self) -> dict[str, Any]:
        """What the claim says of each activation: the facts of a class, or the function itself."""
        return {n: "itself" if a.cls is None else list(minimal(facts(a))) for n, a in self.program.activations.items()}


def trim(
    chosen: Sequence[Field], spelled: Sequence[Word], control: Sequence[tuple[int, Any]] = ()
) -> tuple[list[Field], list[list[int]], list[tuple[int, Any]]]:
    """Only the fields that are used, renumbered."""
    used = sorted({i for w in spelled for i in w} | {i for i, _ in control})
    number = {old: new for new, old in enumerate(used)}
    return [chosen[i] for i in used], [[number[i] for i in w] for w in spelled], [(number[i], c) for i, c in control]


class Search:
    """The search for a lower bound of a given target: cheap proofs first."""

    def __init__(self, point: Point) -> None:
        self.point = point
        m = point.program.size
        self.arithmetic = Arithmetic(point.fields, point.definitions, point.theta, point.rng, count=m + 12, spread=point.spread)
        self.best = Lower(0, {"method": "none"})
        self.kept: list[int] = []

    def improve(self, target: int, most_terms: int = TERMS[-1]) -> Lower:
        """The best lower bound found; stops when it reaches `target`."""
        if self.arithmetic.kind == "ball":
            found = balls.lower(self.point.fields, self.point.definitions, self.point.theta, target, self.arithmetic.pool, self.point.rng)
            if found is not None and found[0] > self.best.bound:
                self.best = Lower(*found)
            return self.best
        if self.point.program.size > DENSE:
            self.try_large(target)
            return self.best
        for length in (1, 2):
            if self.best.bound >= target:
                return self.best
            self.try_words(self.spell(length, target), target)
        for terms in TERMS:
            if self.best.bound >= target or terms > most_terms or self.point.program.size * terms > 40_000:
                return self.best
            self.try_transport(terms, target)
        if self.best.bound < target and self.point.program.size <= 60:
            self.try_words(self.spell(3, target), target)
        return self.best

    def spell(self, length: int, target: int) -> list[Word]:
        """Words: enough single fields, and above length 1 as many random brackets."""
        n, rng = len(self.arithmetic.pool), self.point.rng
        single: list[Word] = [(i,) for i in range(min(n, target + 8) if self.point.program.inputs else n)]
        if length == 1:
            return single
        longer: list[Word] = [tuple(rng.sample(range(n), min(n, k))) for k in range(2, length + 1) for _ in range(target + 8)] if n > 1 else []
        return single + longer

    def matrix(self, spelled: list[Word]) -> Any:
        """The vectors of words, numbered as in the proof that was kept, one for each row."""
        used = self.kept
        return self.arithmetic.words([tuple(used[i] for i in w) for w in spelled])

    def try_words(self, spelled: list[Word], target: int) -> None:
        """Vectors at the point itself."""
        a = self.arithmetic
        try:
            matrix = a.words(spelled)
        except UndefinedValueError:
            return
        if matrix is None:
            return
        rank, rows, columns = a.profile(matrix)
        rank = min(rank, target)
        self._keep_words(spelled, rank, rows, columns, determinant(matrix[rows[:rank]][:, sorted(columns[:rank])], a.base.p))

    def try_large(self, target: int) -> None:
        """Many parameters: blocks of gradients until they bring little new, then blocks of brackets of two, into one elimination."""
        from simcert.exact.rank import BLOCK, SMALL, Eliminator

        a, rng, m = self.arithmetic, self.point.rng, self.point.program.size
        if a.base.p > SMALL:
            raise ResourceLimit(f"{m} parameters with exponential activations", "", f"the limit is {DENSE}; use a class or a polynomial")
        eliminator, spelled = Eliminator(m, a.base.p), list[Word]()
        n = len(a.pool)
        for length in (1, 2):
            start, quiet = 0, 0
            while eliminator.rank < target and quiet < 2 and (length > 1 or start < n):
                size = min(BLOCK, target - eliminator.rank + 4, n - start if length == 1 else BLOCK)
                block: list[Word] = [(start + k,) if length == 1 else tuple(rng.sample(range(n), 2)) for k in range(size)]
                start += size
                matrix = a.words(block)
                if matrix is None:
                    return
                spelled += block
                new = eliminator.add(matrix)
                quiet = quiet + 1 if new < size // 4 else 0
        rank = min(eliminator.rank, target)
        self._keep_words(spelled, rank, eliminator.rows, eliminator.pivots, eliminator.determinant(rank))

    def _keep_words(self, spelled: list[Word], rank: int, rows: list[int], columns: list[int], minor: int) -> None:
        if rank <= self.best.bound:
            return
        chosen, words, _ = trim(self.arithmetic.pool, [spelled[i] for i in rows[:rank]])
        self.kept = sorted({i for k in rows[:rank] for i in spelled[k]})
        proof = {"method": "words", "fields": [f.to_json() for f in chosen], "words": words, "columns": sorted(columns[:rank]), "determinant": str(minor)}
        self.best = Lower(rank, {**proof, "numbers": self.arithmetic.numbers()})

    def try_transport(self, terms: int, target: int) -> None:
        """Vectors along a curve in the orbit."""
        a = self.arithmetic
        try:
            curve = a.curve(terms)
            if curve is None:
                return
            for length in (1, 2):
                spelled = self.spell(length, target)
                matrix = a.along(curve, spelled)
                if matrix is None:
                    return
                from simcert.exact.rank import series_rank

                rank, rows, _ = series_rank(matrix, a.base.p)
                if min(rank, target) > self.best.bound:
                    rank = min(rank, target)
                    chosen, words, control = trim(a.pool, [spelled[i] for i in rows[:rank]], curve.control)
                    stated = {**curve.to_json(), "control": [[[str(c) for c in cs], i] for i, cs in control]}
                    proof = {"method": "transport", "fields": [f.to_json() for f in chosen], "words": words, **stated}
                    self.best = Lower(rank, {**proof, "numbers": a.numbers()})
                if self.best.bound >= target:
                    return
        except UndefinedValueError:
            return
