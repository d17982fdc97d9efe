"""Lower bounds for the dimension of Lie(V): independent vectors of words at a point, or along a curve in its orbit.

Vectors of words are values of elements of Lie(V); their rank is shown in residues or intervals (`local.py`, `rank.py`), and rank Lie(V) is constant on an
orbit (Hermann–Nagano), so independent vectors at points θ(t) of the orbit of θ0 bound it at θ0. For fields that are carried back from there see `pullback.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from .canonical import Json, Rational, fields, integers, natural, show
from .curves import Start
from .evaluate import System
from .interval import Balls
from .local import Along, Local, read_numbers
from .outcome import Invalid, Limit, Malformed, Unsupported
from .pullback import pulled_back
from .rank import determinant, regular, series_rank
from .residue import Residues, inverse
from .vectors import Brackets, Fields


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
    single = sorted({word[0] for word in words if len(word) == 1})
    values = dict(zip(single, start.together(theta, single), strict=True))
    vectors = [values[word[0]] if len(word) == 1 else brackets.vector(word, theta) for word in words]
    minor = vectors if len(columns) == f.model.size else [[vector[c] for c in columns] for vector in vectors]
    check_minor(minor, len(columns), d["determinant"], place, system)
    return len(words)


def _transport(f: Fields, d: dict[str, Json], place: str, point: Sequence[Rational]) -> int:
    """The number of pivots of the matrix of the vectors of words along a curve in the orbit.

    The coefficient of t^k along the curve has no denominators but those of the fields, and 2, …, k: where these are units up to the valuation of the minor
    of the pivots, the minor can be reduced, and it is not 0.
    """
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
    rank, valuation = series_rank(rows, numbers.modulus, f.budget)
    for k in range(len(theta), valuation + 1):
        inverse(k, numbers.modulus)
    return rank


def _pullback(f: Fields, d: dict[str, Json], place: str, point: Sequence[Rational]) -> int:
    """The square matrix of coefficients of pulled-back fields, in the columns listed, is regular."""
    numbers = read_numbers(d["numbers"], f"{place}/numbers", f.model, f.functions, f.budget)
    start = Start(f, numbers, f.read_all(d["fields"], f"{place}/fields"), point)
    columns = read_columns(d["columns"], f"{place}/columns", f.model.size)
    matrix = pulled_back(start, d, columns, place)
    check_minor(matrix, len(columns), d["determinant"], place, numbers.system(f.budget, None))
    return len(columns)


_KEYS = {
    "none": (),
    "words": ("columns", "determinant", "fields", "numbers", "words"),
    "transport": ("control", "curve", "fields", "numbers", "words"),
    "pullback": ("adjoint", "columns", "control", "curve", "determinant", "fields", "numbers", "vectors"),
}
_METHODS = {"words": _words, "transport": _transport, "pullback": _pullback}


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
    return _METHODS[method](f, d, place, point) if method in _METHODS else 0
