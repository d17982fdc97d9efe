"""The dimension of the orbit of a rational point: matching bounds, each with a proof.

Lower bounds are vectors of Lie(V) with a regular minor — gradients, bracket words, both along a curve in the orbit, or gradients pulled back from there;
upper bounds are conservation laws, an invariant subspace that contains the point, laws on it, or a single field of which all others are multiples (`math.md`,
section 4). A plateau of the bracket filtration is never taken for its end: the search goes on along the flow until the bounds meet, or a limit is reached.
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
from simcert.fields.flows import Curve
from simcert.fields.gradients import Fields, Flat
from simcert.models.activations import CLASSES, facts, minimal
from simcert.models.program import Activation, Program

TERMS = (8, 16, 32, 64)
METHODS = ("words", "transport", "pullback")
DENSE = 500  # up to so many parameters all candidate vectors are laid side by side
EXPONENTIAL = 2500  # the same with exponential activations, which need a large prime
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

    def __init__(self, point: Point, methods: Sequence[str] = METHODS) -> None:
        self.point, self.methods = point, methods
        m = point.program.size
        self.arithmetic = Arithmetic(point.fields, point.definitions, point.theta, point.rng, count=m + 12, spread=point.spread)
        self.best = Lower(0, {"method": "none"})
        self.kept: list[int] = []
        self._curves: dict[int, Curve | None] = {}

    def improve(self, target: int, most_terms: int = TERMS[-1]) -> Lower:
        """The best lower bound found; stops when it reaches `target`. Proofs are tried in the order of what they cost to check."""
        if self.arithmetic.kind == "ball":
            found = balls.lower(self.point.fields, self.point.definitions, self.point.theta, target, self.arithmetic.pool, self.point.rng)
            if found is not None and found[0] > self.best.bound:
                self.best = Lower(*found)
            return self.best
        if self.point.program.size > DENSE:
            self.try_large(target)
            return self.best
        if "words" in self.methods:
            for length in (1, 2):
                if self.best.bound < target:
                    self.try_words(self.spell(length, target), target)
        for method, terms, length in self.plans(target, most_terms):
            if self.best.bound >= target:
                return self.best
            if method == "transport":
                self.try_transport(terms, target, length)
            else:
                self.try_pullback(terms, target)
        if self.best.bound < target and self.point.program.size <= 60 and "words" in self.methods:
            self.try_words(self.spell(3, target), target)
        return self.best

    def plans(self, target: int, most_terms: int) -> list[tuple[str, int, int]]:
        """(method, terms, word length), cheapest first: multiplications that the checker has to do, in units of those of one entry of a power series.

        A gradient costs about 3 of these for each parameter, its derivative 9; a bracket is 4 derivatives, elimination of power series one product for each
        pair of rows and each column. A product of series of K terms costs K^1.6.
        """
        size, plans = self.point.program.size, list[tuple[float, tuple[str, int, int]]]()
        for terms in (k for k in TERMS if k <= most_terms):
            unit = target * size * terms**1.6
            if "transport" in self.methods and size * terms <= 40_000:
                plans += [(unit * (base + target), ("transport", terms, length)) for length, base in ((1, 3), (2, 36))]
            if "pullback" in self.methods and size * size * terms <= 1_000_000:
                controls = terms.bit_length() - 1
                plans.append((unit * (9 * controls + 3 + target) + target**3 / 3, ("pullback", terms, 1)))
        return [plan for _, plan in sorted(plans)]

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
        rows, columns = a.profile(matrix, target)
        if len(rows) > self.best.bound:
            self._keep_words(spelled, rows, columns, determinant(matrix[rows][:, columns], a.base.p))

    def try_large(self, target: int) -> None:
        """Many parameters: blocks of gradients until they bring little new, then blocks of brackets of two, into one elimination."""
        from simcert.exact.rank import BLOCK, SMALL, Eliminator

        a, rng, m = self.arithmetic, self.point.rng, self.point.program.size
        if a.base.p > SMALL:
            if m > EXPONENTIAL:
                raise ResourceLimit(f"{m} parameters with exponential activations", "", f"the limit is {EXPONENTIAL}; use a class or a polynomial")
            for length in (1, 2):
                if self.best.bound < target:
                    self.try_words(self.spell(length, target), target)
            return
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
        if rank > self.best.bound:
            self._keep_words(spelled, eliminator.rows[:rank], sorted(eliminator.pivots[:rank]), eliminator.determinant(rank))

    def _keep_words(self, spelled: list[Word], rows: list[int], columns: list[int], minor: int) -> None:
        chosen, words, _ = trim(self.arithmetic.pool, [spelled[i] for i in rows])
        self.kept = sorted({i for k in rows for i in spelled[k]})
        proof = {"method": "words", "fields": [f.to_json() for f in chosen], "words": words, "columns": columns, "determinant": str(minor)}
        self.best = Lower(len(rows), {**proof, "numbers": self.arithmetic.numbers()})

    def _curve(self, terms: int) -> Curve | None:
        """The curve of so many terms, the same for all methods."""
        if terms not in self._curves:
            self._curves[terms] = self.arithmetic.curve(terms)
        return self._curves[terms]

    def try_transport(self, terms: int, target: int, length: int) -> None:
        """Vectors of words up to a length along a curve in the orbit."""
        from simcert.exact.rank import series_rank

        a = self.arithmetic
        try:
            curve, spelled = self._curve(terms), self.spell(length, target)
            matrix = None if curve is None else a.along(curve, spelled)
        except UndefinedValueError:
            return
        if curve is None or matrix is None:
            return
        rank, rows, _ = series_rank(matrix, a.base.p)
        rank = min(rank, target)
        if rank > self.best.bound:
            chosen, words, control = trim(a.pool, [spelled[i] for i in rows[:rank]], curve.control)
            stated = {**curve.to_json(), "control": [[[str(c) for c in cs], i] for i, cs in control]}
            proof = {"method": "transport", "fields": [f.to_json() for f in chosen], "words": words, **stated}
            self.best = Lower(rank, {**proof, "numbers": a.numbers()})

    def try_pullback(self, terms: int, target: int) -> None:
        """Coefficients of gradients pulled back along a curve in the orbit."""
        a, p = self.arithmetic, self.arithmetic.base.p
        numbers = range(min(len(a.pool), target + 8))
        try:
            curve = self._curve(terms)
            found = None if curve is None else a.pulled(curve, numbers)
        except UndefinedValueError:
            return
        if curve is None or found is None:
            return
        inverse, values = found
        matrix = values.reshape(-1, self.point.program.size)
        rows, columns = a.profile(matrix, target)
        if len(rows) > self.best.bound:
            vectors = [(k % len(numbers), k // len(numbers)) for k in rows]
            kept = Curve(curve.control, curve.coefficients[: 1 + max(k for _, k in vectors)])
            chosen, words, control = trim(a.pool, [(i,) for i, _ in vectors], kept.control)
            proof = {
                **kept.to_json(),
                "method": "pullback",
                "fields": [f.to_json() for f in chosen],
                "control": [[[str(c) for c in cs], i] for i, cs in control],
                "adjoint": [[[str(int(v)) for v in u[c]] for u in inverse[1 : len(kept.coefficients)]] for c in columns],
                "vectors": [[i, k] for (i,), (_, k) in zip(words, vectors, strict=True)],
                "columns": columns,
                "determinant": str(determinant(matrix[rows][:, columns], p)),
            }
            self.best = Lower(len(rows), {**proof, "numbers": a.numbers()})
