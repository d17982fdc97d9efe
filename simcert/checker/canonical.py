"""From bytes to JSON values: one canonical form, no floats, no depth, and strict readers for every kind of leaf."""

from __future__ import annotations

import json
import re
from fractions import Fraction
from math import gcd
from typing import NoReturn

from .outcome import Budget, Limit, Malformed

Json = None | bool | int | str | list["Json"] | dict[str, "Json"]
Rational = int | Fraction

MAX_DEPTH = 32
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_RATIONAL = re.compile(r"(-?)(0|[1-9][0-9]*)(?:/([1-9][0-9]*))?")
_NATURAL = re.compile(r"0|[1-9][0-9]*")
_UNPRINTED = re.compile(rb"[^ -~]|\\")  # control characters and the backslash: nothing in a certificate needs an escape
_NOT_BRACKETS = re.compile(rb'"[^"]*"|[^][{}"]+')


def show(value: object) -> str:
    """A short printable form of something that the certificate's author chose."""
    text = ascii(value) if isinstance(value, str | int) and not (isinstance(value, int) and value.bit_length() > 99) else type(value).__name__
    return text if len(text) <= 60 else text[:57] + "..."


def print_canonical(value: Json) -> str:
    """The one text of a JSON value, without the final newline."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def parse(data: bytes, budget: Budget) -> Json:
    """The JSON value whose canonical text is `data`.

    Raises `Malformed` unless printing the value gives `data` again, byte for byte, and for floats, NaN, duplicate keys and more than 32 levels;
    `Limit` for too many bytes or an integer of too many digits.
    """
    if len(data) > budget.limits.max_bytes:
        raise Limit(f"the text has more than {budget.limits.max_bytes} bytes")
    if _UNPRINTED.search(data.removesuffix(b"\n")):
        raise Malformed("not printable ASCII without escapes")
    depth = 0
    for bracket in _NOT_BRACKETS.sub(b"", data):
        depth += 1 if bracket in b"[{" else -1
        if depth > MAX_DEPTH:
            raise Malformed(f"nested more than {MAX_DEPTH} levels deep")

    def integer_literal(text: str) -> int:
        if len(text) > budget.limits.max_digits:
            raise Limit(f"a number of {len(text)} digits, the limit is {budget.limits.max_digits}")
        return int(text)

    def refuse(text: str) -> NoReturn:
        raise Malformed(f"{show(text)} is not an exact number; write rationals as strings")

    def unique(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
        if len(dict(pairs)) != len(pairs):
            raise Malformed("an object has a key twice")
        return dict(pairs)

    try:
        text = data.decode("ascii")
        value: Json = json.loads(text, parse_int=integer_literal, parse_float=refuse, parse_constant=refuse, object_pairs_hook=unique)
    except (ValueError, RecursionError) as error:
        raise Malformed(f"not JSON in ASCII: {type(error).__name__}") from error
    if print_canonical(value) + "\n" != text:
        raise Malformed("not the canonical text (sorted keys, no white space, one final newline)")
    return value


def fields(value: Json, place: str, *names: str) -> dict[str, Json]:
    """An object with exactly these keys."""
    if not isinstance(value, dict) or set(value) != set(names):
        raise Malformed(f"{place}: expected an object with the keys {', '.join(names)}")
    return value


def mapping(value: Json, place: str) -> dict[str, Json]:
    """An object whose keys are names."""
    if not isinstance(value, dict) or not all(_NAME.fullmatch(key) for key in value):
        raise Malformed(f"{place}: expected an object whose keys are names")
    return value


def items(value: Json, place: str, length: int | None = None) -> list[Json]:
    """A list, of this length if one is given."""
    if not isinstance(value, list) or (length is not None and len(value) != length):
        raise Malformed(f"{place}: expected a list" + ("" if length is None else f" of {length} items"))
    return value


def string(value: Json, place: str) -> str:
    """Any string."""
    if not isinstance(value, str):
        raise Malformed(f"{place}: expected a string")
    return value


def name(value: Json, place: str) -> str:
    """A string of letters, digits and _ that starts with a letter."""
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise Malformed(f"{place}: expected a name")
    return value


def integer(value: Json, place: str, low: int, high: int | None = None) -> int:
    """A JSON integer (not a truth value) of at least `low` and at most `high`."""
    if type(value) is not int or value < low or (high is not None and value > high):
        raise Malformed(f"{place}: expected an integer from {low} to {'any' if high is None else high}, got {show(value)}")
    return value


def integers(value: Json, place: str, low: int, high: int | None = None) -> tuple[int, ...]:
    """A list of JSON integers."""
    return tuple(integer(item, place, low, high) for item in items(value, place))


def rational(value: Json, place: str, budget: Budget) -> Rational:
    """A rational in lowest terms, as an int where it is one."""
    if not isinstance(value, str):
        raise Malformed(f"{place}: expected a rational as a string")
    if len(value) > budget.limits.max_digits:
        raise Limit(f"{place}: a rational of {len(value)} characters, the limit is {budget.limits.max_digits}")
    match = _RATIONAL.fullmatch(value)
    if match is None or value == "-0":
        raise Malformed(f"{place}: {show(value)} is not a canonical rational")
    numerator, below = int(match[1] + match[2]), match[3]
    if below is None:
        return numerator
    if below == "1" or gcd(numerator, int(below)) != 1:
        raise Malformed(f"{place}: {show(value)} is not in lowest terms")
    return Fraction(numerator, int(below))


def rationals(value: Json, place: str, budget: Budget, length: int | None = None) -> list[Rational]:
    """A list of rationals in lowest terms."""
    return [rational(item, place, budget) for item in items(value, place, length)]


def natural(value: Json, place: str, budget: Budget, low: int = 0, below: int | None = None) -> int:
    """A natural number written as a string: a modulus or a residue."""
    if not isinstance(value, str):
        raise Malformed(f"{place}: expected a natural number as a string")
    if len(value) > budget.limits.max_digits:
        raise Limit(f"{place}: a number of {len(value)} digits, the limit is {budget.limits.max_digits}")
    if not _NATURAL.fullmatch(value) or int(value) < low or (below is not None and int(value) >= below):
        raise Malformed(f"{place}: {show(value)} is not a natural number in its range")
    return int(value)
