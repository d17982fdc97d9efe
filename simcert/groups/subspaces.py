"""Affine subspaces of parameter space over Q, in reduced row echelon form.

A subspace {θ : Cθ = c} is stored as the unique reduced row echelon form of (C | c), sparse. Two subspaces are equal exactly when
their rows are equal.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from simcert.errors import SpecError
from simcert.exact.linalg import Number, rref, simplest
from simcert.models.program import Program, size_of

Form = dict[int, Number]  # a linear form Σ coefficient·θ_index; no zero coefficients; integers stay Python ints, for speed
SHORT = 3  # equations with more terms are eliminated together, by FLINT


@dataclass(frozen=True, slots=True)
class Row:
    """The equation θ_pivot + Σ rest·θ = constant; `entries` includes the pivot, first."""

    entries: tuple[tuple[int, Number], ...]
    constant: Number

    @property
    def pivot(self) -> int:
        return self.entries[0][0]


def add_multiple(form: Form, factor: Number, other: Iterable[tuple[int, Number]]) -> None:
    """form += factor · other, in place, without zero entries."""
    for k, v in other:
        value = form.get(k, 0) + factor * v
        if value:
            form[k] = simplest(value)
        else:
            form.pop(k, None)


class Echelon:
    """Incremental sparse elimination over Q: rows with distinct pivots, each pivot column clear of other rows."""

    def __init__(self) -> None:
        self.rows: dict[int, tuple[Form, Number]] = {}
        self.users: dict[int, set[int]] = {}  # non-pivot column -> pivots of the rows in which it occurs

    def reduce(self, form: Mapping[int, Number], constant: Number) -> tuple[Form, Number]:
        """The equation form·θ = constant with every pivot column eliminated."""
        out = {k: simplest(v) for k, v in form.items() if v}
        for k in [k for k in out if k in self.rows]:
            row, c = self.rows[k]
            factor = out[k]
            add_multiple(out, -factor, row.items())
            constant -= factor * c
        return out, constant

    def insert(self, form: Mapping[int, Number], constant: Number = 0) -> int | None:
        """Add an equation. Returns the new pivot, or None when it follows from the others; raises `ArithmeticError` when it contradicts them."""
        new, c = self.reduce(form, constant)
        if not new:
            if c:
                raise ArithmeticError("inconsistent")
            return None
        pivot = min(new)
        if new[pivot] != 1:
            scale = 1 / Fraction(new[pivot])
            new, c = {k: simplest(v * scale) for k, v in new.items()}, c * scale
        for other in self.users.pop(pivot, set()):
            row, d = self.rows[other]
            factor = row[pivot]
            before = set(row)
            add_multiple(row, -factor, new.items())
            self.rows[other] = (row, d - factor * c)
            for k in before ^ set(row):
                users = self.users.setdefault(k, set())
                (users.add if k in row else users.discard)(other)
        self.users.pop(pivot, None)
        self.rows[pivot] = (new, c)
        for k in new:
            if k != pivot:
                self.users.setdefault(k, set()).add(pivot)
        return pivot


@dataclass(frozen=True)
class Subspace:
    """L = {θ : Cθ = c}, rational, in canonical form.

    Arguments: `program` owns the parameters; `rows` is the reduced row echelon form, pivots increasing. Use `from_equations`.
    """

    program: Program
    rows: tuple[Row, ...]

    @classmethod
    def from_equations(cls, program: Program, equations: Iterable[tuple[Mapping[int, Number], Number]]) -> Subspace:
        """The solutions of Σ coefficient·θ_index = constant; raises `SpecError` when there are none."""
        echelon, long, last = Echelon(), list[tuple[int, Mapping[int, Number], Number]](), program.size
        number = 0
        try:
            for number, (form, constant) in enumerate(equations, 1):
                if len(form) > SHORT:
                    long.append((number, form, constant))
                else:
                    echelon.insert(form, constant)
            remainders: list[dict[int, Number]] = []
            for at, form, constant in long:
                number = at
                rest, c = echelon.reduce(form, constant)
                if c and not rest:
                    raise ArithmeticError
                remainders += [rest | ({last: c} if c else {})] if rest else []
            for row in rref(remainders) if remainders else []:
                c = row.pop(last, 0)
                echelon.insert(row, c)
        except ArithmeticError:
            raise SpecError(
                "the equations contradict each other: no parameter satisfies them all",
                f"scalar equation {number}",
                "remove or correct one of them",
            ) from None
        return cls.from_echelon(program, echelon)

    @classmethod
    def from_echelon(cls, program: Program, echelon: Echelon) -> Subspace:
        rows = (Row(tuple(sorted(form.items())), c) for _, (form, c) in sorted(echelon.rows.items()))
        return cls(program, tuple(rows))

    @property
    def dimension(self) -> int:
        return self.program.size - len(self.rows)

    @cached_property
    def pivots(self) -> dict[int, Row]:
        return {row.pivot: row for row in self.rows}

    @property
    def is_linear(self) -> bool:
        """Whether L passes through the origin."""
        return not any(row.constant for row in self.rows)

    @property
    def is_signed_polydiagonal(self) -> bool:
        """Whether the direction space of L is given by equations θ_p = ±θ_q and θ_p = 0."""
        return all(len(row.entries) == 1 or (len(row.entries) == 2 and abs(row.entries[1][1]) == 1) for row in self.rows)

    def optimizers(self) -> list[str]:
        """The discrete methods that keep L when gradient flow does (`math.md`, section 1), with optimizer state started at 0."""
        out = ["gd", "sgd", "momentum", "nesterov"]
        out += ["weight-decay"] if self.is_linear else []
        return out + (["adam", "rmsprop", "signsgd"] if self.is_signed_polydiagonal else [])

    def form(self, index: int) -> tuple[Form, Number]:
        """θ_index on L as an affine form (coefficients of the free coordinates, constant)."""
        row = self.pivots.get(index)
        if row is None:
            return {index: 1}, 0
        return {k: -v for k, v in row.entries[1:]}, row.constant

    def point(self, free: Mapping[int, Number] | Sequence[Number], *, direction: bool = False) -> list[Fraction]:
        """The point of L with these free coordinates (by parameter index); with `direction`, the vector of the direction space."""
        theta = [Fraction(0)] * self.program.size
        for k, v in free.items() if isinstance(free, Mapping) else enumerate(free):
            theta[k] = Fraction(v)
        for row in self.rows:
            theta[row.pivot] = Fraction(0 if direction else row.constant) - sum((v * theta[k] for k, v in row.entries[1:]), Fraction(0))
        return theta

    def random_point(self, rng: random.Random, bound: int = 9, *, direction: bool = False) -> list[Fraction]:
        """A point of L with random nonzero integers in −bound..bound as free coordinates."""
        signs = (-1, 1)
        free = {k: Fraction(rng.choice(signs) * rng.randint(1, bound)) for k in range(self.program.size) if k not in self.pivots}
        return self.point(free, direction=direction)

    def contains(self, theta: Sequence[Fraction]) -> bool:
        return all(sum((v * theta[k] for k, v in row.entries), Fraction(0)) == row.constant for row in self.rows)

    def includes(self, other: Subspace) -> bool:
        """Whether `other` ⊂ L."""
        echelon = Echelon()
        echelon.rows = {row.pivot: (dict(row.entries), row.constant) for row in other.rows}
        return all(echelon.reduce(dict(row.entries), row.constant) == ({}, 0) for row in self.rows)

    def intersection(self, other: Subspace) -> Subspace:
        """L ∩ other; raises `SpecError` when it is empty."""
        return Subspace.from_equations(self.program, [(dict(r.entries), r.constant) for r in (*self.rows, *other.rows)])

    def basis(self) -> list[list[Fraction]]:
        """A basis of the direction space: one vector of length M for each free coordinate."""
        return [self.point({k: 1}, direction=True) for k in range(self.program.size) if k not in self.pivots]

    def equations(self) -> list[str]:
        """The rows as a person writes them: `W1[0,0] = W1[1,0]`."""
        return [self._equation(row) for row in self.rows]

    def _equation(self, row: Row) -> str:
        scale = math.lcm(row.constant.denominator, *(v.denominator for _, v in row.entries))
        right = [(-v * scale, self.program.parameter_name(k)) for k, v in row.entries[1:]]
        left = self.program.parameter_name(row.pivot)
        text = ""
        for v, name in [*right, *([(row.constant * scale, "")] if row.constant or not right else [])]:
            sign = (" - " if v < 0 else " + ") if text else ("-" if v < 0 else "")
            size = str(abs(v)) if not name else "" if abs(v) == 1 else f"{abs(v)} "
            text += sign + size + name
        return f"{'' if scale == 1 else f'{scale} '}{left} = {text}"

    def to_json(self) -> dict[str, Any]:
        """The subspace part of a claim (`docs/format.md`, section 3)."""
        rows = [{"constant": str(r.constant), "entries": [[k, str(v)] for k, v in r.entries]} for r in self.rows]
        return {"dimension": self.dimension, "rows": rows}

    def named(self, theta: Sequence[Fraction]) -> dict[str, list[Fraction]]:
        """A point as flat lists by parameter name."""
        return {name: list(theta[start : start + size_of(shape)]) for name, (start, shape) in self.program.offsets().items()}
