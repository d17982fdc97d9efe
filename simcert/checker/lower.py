"""Lower bounds for the dimension of Lie(V): independent vectors of words at a point, or along a curve in its orbit.

Vectors of words are values of elements of Lie(V); their rank is shown in residues or intervals (`local.py`, `rank.py`), and rank Lie(V) is constant on an
orbit (Hermann–Nagano), so independent vectors at points θ(t) of the orbit of θ0 bound it at θ0.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from .canonical import Json, Rational, fields, integer, integers, items, natural, rationals, show
from .evaluate import System
from .interval import Balls
from .local import Along, Exact, Local, Numbers, read_numbers
from .outcome import Invalid, Limit, Malformed, Unsupported
from .rank import determinant, regular, series_rank
from .residue import Residues, inverse, reduce
from .vectors import Brackets, Field, Fields


def read_columns(value: Json, place: str, size: int) -> tuple[int, ...]:
    """Increasing parameter indices."""
    columns = integers(value, place, 0, size - 1)
    if any(a >= b for a, b in pairwise(columns)):
        raise Malformed(f"{place}: expected increasing parameter indices")
    return columns


def check_minor(rows: Sequence[Sequence[Any]], width: int, stated: Json, place: str, system: System[Any]) -> None:
    """Check that a matrix with `width` columns is square and regular, its determinant the residue that is stated ("regular" for a matrix of intervals).

    Raises `Invalid` where elimination does not show it.
    """
    if len(rows) != width:
        raise Malformed(f"{place}: expected as many rows as columns")
    if isinstance(system, Balls):
        if stated != "regular":
            raise Malformed(f'{place}/determinant: expected "regular"')
        shown = regular(rows, system.bits, system.budget)
    else:
        value = determinant(rows, system.modulus, system.budget) if isinstance(system, Residues) else 0
        shown = value != 0 and natural(stated, f"{place}/determinant", system.budget) == value
    if not shown:
        raise Invalid(f"{place}: the matrix is not shown to be regular with the determinant that is stated")


class Start:
    """The fields of a proof at the point where it starts, each with its exact forward pass there if the numbers need it."""

    def __init__(self, f: Fields, numbers: Numbers, chosen: Sequence[Field], point: Sequence[Rational]) -> None:
        if numbers.refused:
            raise Invalid(numbers.refused)
        self.f, self.numbers, self.chosen, self.point = f, numbers, chosen, point
        self._exact: dict[int, Exact] = {}

    def _known(self, i: int) -> Exact | None:
        if i not in self._exact and self.numbers.exact:
            self._exact[i] = self.f.exact(self.chosen[i], self.point)
        return self._exact.get(i)

    def here(self, i: int) -> System[Any]:
        """The system at the point for one field."""
        return self.numbers.system(self.f.budget, self._known(i))

    def along(self, i: int, terms: int) -> Along:
        """Power series in t with this many terms, along a curve that starts at the point, for one field."""
        return Along(Local(self.f.budget, self.numbers, self._known(i)), terms)

    def check_curve(self, control: Json, curve: Json, place: str) -> list[list[int]]:
        """The residues of the Taylor coefficients θ_0, …, θ_{K−1} of the solution of θ' = Σ c_i(t) X_i(θ), θ(0) = θ0, a curve in the orbit.

        The equation determines them one by one, (k+1)·θ_{k+1} being the coefficient of t^k on the right, which depends on θ_0, …, θ_k only. Dividing by
        2, …, K − 1 stays in the ring that is reduced when these are units, so the stated residues, which satisfy the reduced equation up to t^(K−2) with the
        reduced θ0, are those of the solution over the reals. Raises `Invalid` where they do not.
        """
        f, m = self.f, self.numbers.modulus
        if self.numbers.precision:
            raise Invalid("a curve in the orbit needs residues")
        steps = [[natural(a, place, f.budget, 0, m) for a in items(row, place, f.model.size)] for row in items(curve, place)]
        for k in range(2, len(steps) + 1):
            inverse(k, m)
        theta = [[reduce(q, m) for q in self.point], *steps]
        series = list(zip(*theta, strict=True))
        right: list[int] = [0] * f.model.size
        for item in items(control, place):
            c, number = items(item, place, 2)
            coefficients, i = rationals(c, place, f.budget), integer(number, place, 0, len(self.chosen) - 1)
            if steps:
                system = self.along(i, len(steps))
                factor = system.pack([reduce(q, m) for q in coefficients])
                x = f.gradient(self.chosen[i], [system.pack(a) for a in series], system)
                right = [system.dot((1, factor), (a, b)) for a, b in zip(right, x, strict=True)]
        if steps:
            system = Along(Local(f.budget, self.numbers, None), len(steps))
            for a, b in zip(series, right, strict=True):
                if system.unpack(b) != [k * a[k] % m for k in range(1, len(a))]:
                    raise Invalid("the curve does not solve its differential equation")
        return theta


def _words(f: Fields, d: dict[str, Json], place: str, point: Sequence[Rational]) -> int:
    """The square matrix of the vectors of words at the point, in the columns listed, is regular."""
    numbers = read_numbers(d["numbers"], f"{place}/numbers", f.model, f.functions, f.budget)
    start = Start(f, numbers, f.read_all(d["fields"], f"{place}/fields"), point)
    words = f.read_words(d["words"], f"{place}/words", len(start.chosen))
    columns = read_columns(d["columns"], f"{place}/columns", f.model.size)
    if len(words) != len(columns):
        raise Malformed(f"{place}: expected as many words as columns")
    brackets = Brackets(f, start.chosen, start.here)
    system = numbers.system(f.budget, None)
    theta = [system.rational(q) for q in point]
    vectors = [brackets.vector(word, theta) for word in words]
    check_minor([[vector[c] for c in columns] for vector in vectors], len(columns), d["determinant"], place, system)
    return len(words)


def _transport(f: Fields, d: dict[str, Json], place: str, point: Sequence[Rational]) -> int:
    """The number of pivots of the matrix of the vectors of words along a curve in the orbit."""
    numbers = read_numbers(d["numbers"], f"{place}/numbers", f.model, f.functions, f.budget)
    start = Start(f, numbers, f.read_all(d["fields"], f"{place}/fields"), point)
    words = f.read_words(d["words"], f"{place}/words", len(start.chosen))
    theta = start.check_curve(d["control"], d["curve"], place)
    if len(words) * f.model.size * len(theta) > f.budget.limits.max_entries:
        raise Limit("the matrix along the curve has too many coefficients")
    brackets = Brackets(f, start.chosen, lambda i: start.along(i, len(theta)))
    series = Along(Local(f.budget, numbers, None), len(theta))
    packed = [series.pack(a) for a in zip(*theta, strict=True)]
    rows = [[series.unpack(a) for a in brackets.vector(word, packed)] for word in words]
    return series_rank(rows, numbers.modulus, f.budget)


_KEYS = {"none": (), "words": ("columns", "determinant", "fields", "numbers", "words"), "transport": ("control", "curve", "fields", "numbers", "words")}


def check_lower(f: Fields, value: Json, place: str, point: Sequence[Rational]) -> int:
    """The lower bound for the dimension of Lie(V) at the point that a proof object shows.

    *Proves:* as many elements of Lie(V) as this number are independent there (for a class, for an open dense set of jets: a minor that does not vanish at
    the exhibited members is a polynomial in the jets that is not 0). *Does not prove:* that no more are. Raises `Invalid` where it shows nothing.
    """
    method = value.get("method") if isinstance(value, dict) else None
    if not isinstance(method, str):
        raise Malformed(f"{place}: expected an object with a method")
    if method not in _KEYS:
        raise Unsupported(f"{place}: this checker does not know the method {show(method)}")
    d = fields(value, place, "method", *_KEYS[method])
    return 0 if method == "none" else (_words if method == "words" else _transport)(f, d, place, point)
