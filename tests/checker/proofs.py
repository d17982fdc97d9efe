"""Claims about orbits, laws and hulls, and proofs of them: by hand with exact arithmetic, or from the producer."""

from __future__ import annotations

import copy
import json
from fractions import Fraction
from functools import cache
from typing import Any

import sympy

from simcert.checker import Limits, Result, check_text
from simcert.checker.outcome import Budget
from simcert.checker.program import Activation, read_model
from simcert.checker.rational import Rationals
from simcert.checker.vectors import Brackets, Fields
from simcert.fields.orbits import METHODS, Point
from simcert.fields.uppers import orbit
from simcert.invariance.hull import hull
from simcert.laws.search import conservation_laws
from simcert.models.points import parse_point
from simcert.models.spec import load_model
from tests.checker.models import certificate, print_text

Json = dict[str, Any]
P = 4194301
FULL = {"method": "full"}
NONE = {"method": "none"}


def verdict(item: Json) -> Result:
    return check_text(print_text(item), Limits(seconds=60.0))


def changed(item: Json, path: str, value: Any) -> Json:
    """A copy with the value at a path such as "proof/lower/words/0" replaced, or removed for `...`."""
    out = copy.deepcopy(item)
    *steps, last = path.split("/")
    place: Any = out
    for step in steps:
        place = place[int(step) if isinstance(place, list) else step]
    key = int(last) if isinstance(place, list) else last
    if value is ...:
        del place[key]
    else:
        place[key] = value
    return out


def expect(item: Json, attacks: list[tuple[str, Any, str]]) -> None:
    """The certificate is valid, and no longer after each change."""
    result = verdict(item)
    assert result.status == "verified", result.message
    for path, value, status in attacks:
        result = verdict(changed(item, path, value))
        assert result.status == status, (path, value, result.status, result.message)


def field(*entries: list[Any], **inputs: list[str]) -> Json:
    return {"covector": [[k, i, str(c)] for k, i, c in entries or ([0, 0, 1],)], "input": inputs}


def vectors(model: Json, theta: Json, fields: list[Json], words: list[list[int]], members: Json) -> list[list[Fraction]]:
    """The vectors of words over Q."""
    budget = Budget(Limits())
    read = read_model(model, budget)
    functions = read.activations | {n: Activation("polynomial", "", tuple(Fraction(c) for c in cs), frozenset()) for n, cs in members.items()}
    f = Fields(read, functions, budget)
    point = [Fraction(v) for name in read.parameters for v in theta[name]]
    brackets = Brackets(f, f.read_all(fields, "/"), lambda _i: Rationals(budget, functions))
    return [brackets.vector(tuple(word), point) for word in words]


def determinant(rows: list[list[Fraction]], p: int = P) -> str:
    """The residue of the determinant, from its exact value."""
    exact = sympy.Matrix(len(rows), len(rows), lambda i, j: sympy.Rational(rows[i][j].numerator, rows[i][j].denominator)).det()
    return str(int(exact.p) * pow(int(exact.q), -1, p) % p)


def words_proof(model: Json, theta: Json, fields: list[Json], words: list[list[int]], columns: list[int], members: Json, p: int = P) -> Json:
    rows = [[row[c] for c in columns] for row in vectors(model, theta, fields, words, members)]
    numbers = {"modulus": str(p)}
    return {"columns": columns, "determinant": determinant(rows, p), "fields": fields, "method": "words", "numbers": numbers, "words": words}


def orbit_certificate(model: Json, facts: Json, theta: Json, bounds: tuple[int, int], lower: Json, upper: Json, members: Json | None = None) -> Json:
    claim = {"activations": facts, "kind": "orbit-dimension", "lower": bounds[0], "point": theta, "upper": bounds[1]}
    return certificate(model, claim, {"lower": lower, "members": members or {}, "method": "bounds", "upper": upper})


@cache
def _produced(kind: str, spec: str, point: str, methods: tuple[str, ...]) -> str:
    program = load_model(spec)
    at = parse_point(program, "generic") if point == "generic" else {n: [Fraction(v) for v in vs] for n, vs in json.loads(point).items()}
    if kind == "laws":
        return json.dumps(conservation_laws(program).certificate)
    return json.dumps(orbit(Point(program, at), methods=methods).certificate() if kind == "orbit" else hull(Point(program, at)).certificate)


def produced(kind: str, spec: str, point: Json | str = "generic", methods: tuple[str, ...] = METHODS) -> Json:
    """A certificate of the producer: kind "orbit" (with lower bounds by `methods`), "laws" or "hull"."""
    return json.loads(_produced(kind, spec, point if isinstance(point, str) else json.dumps(point), methods))
