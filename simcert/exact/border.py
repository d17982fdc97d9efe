"""The border: what a person may hand in as a number, and how it becomes a `Fraction`.

Nothing past this file is a float. A float is refused with the remedy named; `exact` reads it, on purpose, as the dyadic
rational that it is.
"""

from __future__ import annotations

import math
import numbers
import operator
import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Any, cast

from simcert.errors import InexactInputError, SpecError
from simcert.models.program import parse_rational

SHORT_DECIMAL = re.compile(r"-?(?=\.?[0-9])[0-9]{0,18}(\.[0-9]{0,18})?([eE][+-]?[0-9]{1,2})?\Z")
DECIMAL = re.compile(r"-?(?=\.?[0-9])[0-9]*(\.[0-9]*)?([eE][+-]?[0-9]+)?\Z")


class InexactLiteral:
    """A number with a point or an exponent as it stands in a file; it is refused where it is used."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text


def exact(x: Any) -> Any:
    """The exact rational value of a number, or of every number in nested lists, tuples or an array.

    A float becomes the dyadic rational it is, m·2^e: no rounding and no guess at what was meant. NumPy scalars and arrays, torch tensors and
    nested lists become (nested lists of) `Fraction`; exact numbers pass.

    Raises `SpecError` for NaN, infinities, complex numbers, booleans and anything else that is not a number.

    >>> exact(0.1)
    Fraction(3602879701896397, 36028797018963968)
    >>> exact([[0.5, 2]])
    [[Fraction(1, 2), Fraction(2, 1)]]
    """
    if isinstance(x, list | tuple):
        return [exact(item) for item in cast(Sequence[Any], x)]
    if isinstance(x, float):
        if not math.isfinite(x):
            raise SpecError(f"{x} is not a rational number", "", "remove NaN and infinite entries")
        return Fraction(x)
    value = _rational(x)
    if value is not None:
        return value
    inner = _unwrapped(x)
    if inner is not x:
        return exact(inner)
    if not isinstance(x, bool) and isinstance(x, numbers.Real) and hasattr(x, "as_integer_ratio"):
        try:
            numerator, denominator = cast(Any, x).as_integer_ratio()
        except (ValueError, OverflowError):
            raise SpecError(f"{x} is not a rational number", "", "remove NaN and infinite entries") from None
        return Fraction(int(numerator), int(denominator))
    return to_fraction(x)


def to_fraction(x: object, place: str = "") -> Fraction:
    """The `Fraction` that an exact number is: int, Fraction, canonical string, sympy Rational, flint fmpz or fmpq, NumPy integer.

    Raises `InexactInputError` for floats of every kind, naming the remedy, and `SpecError` for anything else.

    >>> to_fraction("2/7") + to_fraction(1)
    Fraction(9, 7)
    """
    if isinstance(x, str):
        return parse_rational(x, place)
    value = _rational(x)
    if value is not None:
        return value
    inner = _unwrapped(x)
    if inner is not x and not isinstance(inner, list | tuple):
        return to_fraction(inner, place)
    if not isinstance(x, bool) and isinstance(x, float | numbers.Real):
        remedy = f"write a Fraction, or sc.exact({x}) for the dyadic rational it is"
        raise InexactInputError(f"{x} is a float, and only exact numbers can be used in a proof", place, remedy)
    shown = repr(x)
    raise SpecError(
        f"expected an exact rational, got {shown if len(shown) <= 60 else type(x).__name__}", place, 'write an int, a Fraction, or a string such as "2/7"'
    )


def _rational(x: object) -> Fraction | None:
    """The value of an exact rational of any library, None for everything else."""
    if isinstance(x, bool):
        return None
    if isinstance(x, int | Fraction):
        return Fraction(x)
    if isinstance(x, numbers.Rational):
        return Fraction(int(x.numerator), int(x.denominator))
    if hasattr(x, "dtype") or hasattr(x, "__len__"):
        return None
    if hasattr(x, "__index__"):
        return Fraction(operator.index(cast(Any, x)))
    if type(x).__module__.partition(".")[0] == "flint" and hasattr(x, "p") and hasattr(x, "q"):
        return Fraction(int(cast(Any, x).p), int(cast(Any, x).q))
    return None


def _unwrapped(x: Any) -> Any:
    """A NumPy or torch scalar or array as Python numbers in nested lists; any other object itself."""
    if not hasattr(x, "dtype") or not hasattr(x, "tolist"):
        return x
    inner: Any = x.tolist()
    return x if type(inner) is type(x) else inner


def inexact(text: str, place: str, form: str = 'write the string "{}"') -> InexactInputError:
    """The error for the decimal literal `text`, with the rational to write instead where that is short."""
    remedy = form.format(Fraction(text)) if SHORT_DECIMAL.match(text) else f"use an exact rational: {form.format('1/3')}"
    return InexactInputError(f"{text[:40]} is a float, and only exact numbers can be used in a proof", place, remedy)


def no_floats(value: object, place: str) -> None:
    """Raise `InexactInputError` at the place of the first decimal literal in nested lists and objects."""
    todo: list[tuple[object, str]] = [(value, place)]
    while todo:
        item, at = todo.pop()
        if isinstance(item, InexactLiteral):
            raise inexact(item.text, at)
        if isinstance(item, dict):
            todo += [(v, f"{at}/{k}") for k, v in reversed(cast(dict[str, object], item).items())]
        elif isinstance(item, list):
            todo += [(v, f"{at}/{k}") for k, v in reversed(list(enumerate(cast(list[object], item))))]


def read_rational(text: str, place: str = "") -> Fraction:
    """`parse_rational` for text that a person typed: a decimal such as `0.5` is refused as a float, with the rational to write instead."""
    if len(text) <= 60 and DECIMAL.match(text) and not text.removeprefix("-").isdigit():
        raise inexact(text, place, "write {}")
    return parse_rational(text, place)
