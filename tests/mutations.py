"""Small changes of certificates, and whether the claim of a changed one is true as far as another computation can tell."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from typing import Any

from simcert.models.program import from_json
from tests import afresh, hierarchies, oracle, oracle_data, oracle_quotient

Json = Any
Path_ = tuple[str | int, ...]
WORDS = [
    ["itself", ["odd"], ["even"], ["zero"], ["flat"], []],
    ["invariant", "not-invariant", "symmetry", "fixed-space", "orbit-dimension", "hull", "lattice", "quotient", "data-invariant"],
    ["equality", "conjugacy"],
    ["intrinsic", "not-intrinsic"],
    ["level", "near", "orbit"],
    ["immersion", "recoverable", "products", "vector"],
    ["symmetry", "congruence", "identity", "rational", "residue", "exponential", "series", "ball", "equivariance", "expansion", "none"],
    ["tanh", "sin", "cos", "silu", "sigmoid", "exp", "gelu", "erf", "reciprocal"],
    ["generic", "odd", "even", "generic0", "flat"],
    ["copy", "sum"],
    ["apply", "add", "contract", "gather", "scatter", "parameter", "stack", "input", "constant"],
]  # fmt: skip


def holds(data: Json) -> bool:
    """Whether the claim of a certificate is true, as far as another computation can tell."""
    if data["claim"]["kind"] == "quotient":
        return oracle_quotient.reduces(data)
    if data["claim"]["kind"] in afresh.KINDS:
        return afresh.agrees(from_json(data["model"]), data["claim"])
    if data["claim"]["kind"] == "lattice":
        return hierarchies.holds(data)
    return oracle_data.holds(data) if data["claim"]["kind"] == "data-invariant" else oracle.holds(data)


def places(value: Json, path: Path_) -> Iterator[Path_]:
    """Every value inside a value, containers and leaves."""
    yield path
    for key, child in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places(child, (*path, key))


def at(value: Json, path: Path_) -> Json:
    for key in path:
        value = value[key]
    return value


def variants(value: Json) -> Iterator[Json]:
    """Small changes of one value: numbers by 1 and by sign, digits, words among their likes, lists shortened, lengthened and permuted."""
    if isinstance(value, int):
        yield from (value + 1, value - 1, -value, 0)
    elif isinstance(value, str) and re.fullmatch(r"-?[0-9/]+", value):
        number, _, below = value.partition("/")
        rest = f"/{below}" if below else ""
        yield from (f"{int(number) + 1}{rest}", f"{int(number) - 1}{rest}", f"{-int(number)}{rest}", "0", "1")
        for k, digit in enumerate(value):
            if digit.isdigit():
                yield value[:k] + str((int(digit) + 3) % 10) + value[k + 1 :]
    elif isinstance(value, str):
        yield from (word for words in WORDS if value in words for word in words)
        if "->" in value:
            yield from (value.replace("i", "k"), value.replace("ij,", "ji,"), value[:-1])
    elif isinstance(value, list):
        if value in WORDS[0]:
            yield from WORDS[0]
        for k in range(len(value)):
            yield value[:k] + value[k + 1 :]
            yield [*value[:k], value[k], *value[k:]]
            yield [*value[:k], *value[k + 1 : k + 2], value[k], *value[k + 2 :]]
        yield from ([], value[::-1])
    else:
        yield from ({key: child for key, child in value.items() if key != gone} for gone in value)


def changed(data: Json, path: Path_, value: Json) -> Json:
    out = copy.deepcopy(data)
    at(out, path[:-1])[path[-1]] = value
    return out
