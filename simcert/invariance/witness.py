"""Violations of invariance: found by search, stated as exact witnesses (`math.md` 3, "L is not a SIM").

A witness is a rational θ ∈ L, a rational x, an output entry c and a row C_i with C_i·∇F_c(θ)(x) ≠ 0. Every function here returns the `proof` object
of a certificate, or None: None proves nothing.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from simcert.errors import ResourceLimit
from simcert.exact.arrays import ArraySystem, UndefinedValueError
from simcert.exact.primefield import PrimeField, coefficients, prime_for
from simcert.exact.rationals import Rationals, to_fraction
from simcert.fields.gradients import Fields, Flat, Normals
from simcert.groups.subspaces import Echelon, Subspace
from simcert.models.activations import CLASSES, NAMED
from simcert.models.program import Activation, size_of

Proof = dict[str, Any]
RATIONAL_SIZE = 3000  # largest number of parameters for which a rational witness is written; beyond, a residue


@dataclass(frozen=True)
class Problem:
    """A subspace in question, its gradient fields, and the activations as the certificate will exhibit them.

    Arguments: `members` gives the polynomial that stands for each activation that is only known by its class; `definitions` has them filled in.
    """

    fields: Fields
    subspace: Subspace
    definitions: dict[str, Activation]
    members: dict[str, tuple[Fraction, ...]]

    @cached_property
    def prime(self) -> int:
        """A prime modulo which the points of the subspace and the model can be reduced; 1 modulo 4."""
        rows = [v for row in self.subspace.rows for v in (row.constant, *(v for _, v in row.entries))]
        return prime_for([*rows, *coefficients(self.fields.program, self.definitions)], residue=1)

    def values(self, system: ArraySystem, theta: Flat, x: Flat, entry: tuple[int, int]) -> Any | None:
        """C∇F_entry(θ)(x) in the number system, shape (…, rows), or None."""
        return _normal(self, system, theta, x, self.fields.covector(entry))


def member(facts: tuple[str, ...], degree: int, rng: random.Random) -> tuple[Fraction, ...]:
    """A random polynomial with small nonzero integer coefficients where the facts allow them."""
    coefficients = [rng.choice((-3, -2, -1, 1, 2, 3)) for _ in range(degree + 1)]
    for k in range(degree + 1):
        parity = ("odd" in facts and k % 2 == 0) or ("even" in facts and k % 2 == 1)
        if parity or ("zero" in facts and k == 0) or ("flat" in facts and k == 1):
            coefficients[k] = 0
    while coefficients[-1] == 0:
        coefficients.pop()
    return tuple(Fraction(c) for c in coefficients)


def random_inputs(fields: Fields, rng: random.Random, bound: int = 9, denominator: int = 1) -> dict[str, list[Fraction]]:
    """Random rational inputs without zeros."""
    return {
        name: [Fraction(rng.choice((-1, 1)) * rng.randint(1, bound), denominator) for _ in range(size_of(shape))]
        for name, shape in fields.program.inputs
    }  # fmt: skip


def _text(values: Mapping[str, Sequence[Fraction]]) -> dict[str, list[str]]:
    return {name: [str(v) for v in flat] for name, flat in values.items()}


def _common(problem: Problem, method: str, x: Flat, entry: tuple[int, int], row: int, value: object) -> Proof:
    members = {name: [str(c) for c in coefficients] for name, coefficients in problem.members.items()}
    return {"method": method, "equation": row, "output": list(entry), "input": _text(x), "members": members, "value": value}


def first_nonzero(values: Any) -> int | None:
    """The first row with a nonzero entry."""
    hits = np.flatnonzero(np.asarray(values != 0, dtype=bool).reshape(-1, values.shape[-1]).any(axis=0))
    return int(hits[0]) if hits.size else None


def pick_entry(problem: Problem, system: ArraySystem, violates: Callable[[tuple[int, int]], bool], rng: random.Random) -> tuple[int, int] | None:
    """An output entry for which a violation shows, trying all in random order (at most 64)."""
    entries = list(problem.fields.outputs)
    rng.shuffle(entries)
    return next((e for e in entries[:64] if violates(e)), None)


def violation(problem: Problem, rng: random.Random, draws: int = 3) -> Proof | None:
    """Search at random integer points of L, modulo a prime, and state what is found.

    *Proves* (the returned proof): that L is not invariant for the polynomial activations of `problem.definitions`. Piecewise functions are searched in exact
    rational arithmetic. Returns None when nothing was found or a function cannot be computed this way.
    """
    fields, subspace = problem.fields, problem.subspace
    piecewise = any(a.piecewise is not None for a in problem.definitions.values())
    system: ArraySystem = Rationals(problem.definitions) if piecewise else PrimeField(problem.definitions, problem.prime)
    for draw in range(draws * (4 if piecewise else 1)):
        theta = subspace.named(subspace.random_point(rng, 3 + 3 * draw))
        x = random_inputs(fields, rng, 3 + 3 * draw)
        mixed = {f"v{k}": [Fraction(rng.randint(1, 99)) for _ in range(size_of(fields.shapes[f"v{k}"]))] for k in range(len(fields.program.outputs))}
        try:
            normal = _normal(problem, system, theta, x, mixed)
            if normal is None:
                return None
            if first_nonzero(normal) is not None:
                return _state(problem, theta, x, _violating_entry(problem, system, theta, x, mixed))
        except UndefinedValueError:
            continue
    return None


def _normal(problem: Problem, system: ArraySystem, theta: Flat, x: Flat, covector: Flat) -> Any | None:
    """C∇(v·F)(θ)(x) for a covector v, or None where the system cannot compute it."""
    vector = problem.fields.flat(system, problem.fields.leaves(system, theta, x, covector))
    return None if vector is None else Normals(problem.subspace, system).apply(vector)


def _violating_entry(problem: Problem, system: ArraySystem, theta: Flat, x: Flat, mixed: dict[str, list[Fraction]]) -> tuple[int, int]:
    """An output entry e with C∇F_e ≠ 0, given C∇(v·F) ≠ 0 for the covector `mixed`: one half of v keeps a nonzero sum, down to one entry."""
    entries = list(problem.fields.outputs)
    while len(entries) > 1:
        half = entries[: len(entries) // 2]
        part = {name: [Fraction(0)] * len(values) for name, values in mixed.items()}
        for k, i in half:
            part[f"v{k}"][i] = mixed[f"v{k}"][i]
        normal = _normal(problem, system, theta, x, part)
        entries = half if normal is not None and first_nonzero(normal) is not None else entries[len(half) :]
    return entries[0]


def _state(problem: Problem, theta: Flat, x: Flat, entry: tuple[int, int]) -> Proof | None:
    """The rational witness where it is small or the only one, else the residue."""
    piecewise = any(a.piecewise is not None for a in problem.definitions.values())
    if piecewise or problem.subspace.program.size <= RATIONAL_SIZE:
        values = problem.values(Rationals(problem.definitions), theta, x, entry)
        row = None if values is None else first_nonzero(values)
        size = 0 if values is None or row is None else values[0, row].p.bit_length() + values[0, row].q.bit_length()
        if piecewise and size > 12_000:
            return None
        if values is not None and row is not None and (piecewise or size < 1200):
            return {**_common(problem, "rational", x, entry, row, str(to_fraction(values[0, row]))), "theta": _text(theta)}
    values = problem.values(PrimeField(problem.definitions, problem.prime), theta, x, entry)
    row = None if values is None else first_nonzero(values)
    if values is None or row is None:
        return None
    return {**_common(problem, "residue", x, entry, row, str(int(values[0, row]))), "theta": _text(theta), "modulus": str(problem.prime)}


def exponential(problem: Problem, rng: random.Random, draws: int = 3) -> Proof | None:
    """A witness in Q(T), T = e^(1/N): named exponential functions at rational arguments (one hidden layer, softmax of one attention layer)."""
    from simcert.exact.exponentials import Exponentials

    fields, subspace = problem.fields, problem.subspace
    for draw in range(draws):
        theta = subspace.named(subspace.random_point(rng, 2 + draw))
        x = random_inputs(fields, rng, 2 + draw)
        rational = Rationals(problem.definitions)
        try:
            exact = fields.leaves(rational, theta, x, fields.covector(fields.outputs[0]))
            system = Exponentials(problem.definitions, fields.gradient.nodes, exact, rng, problem.prime)

            def violates(entry: tuple[int, int], at: tuple[Flat, Flat] = (theta, x), system: ArraySystem = system) -> bool:
                values = problem.values(system, *at, entry)
                return values is not None and first_nonzero(values) is not None

            if problem.values(system, theta, x, fields.outputs[0]) is None:
                return None
            entry = pick_entry(problem, system, violates, rng)
            if entry is None:
                continue
            values = problem.values(system, theta, x, entry)
        except UndefinedValueError:
            continue
        row = None if values is None else first_nonzero(values)
        if values is None or row is None:
            continue
        bases = {name: str(residue) for name, residue in system.bases.items()}
        more = {"theta": _text(theta), "modulus": str(system.p), "denominator": str(system.denominator), "bases": bases}
        return {**_common(problem, "exponential", x, entry, row, str(int(values[0, row]))), **more}
    return None


def special_subspace(problem: Problem, x: Flat) -> Subspace | None:
    """The points of L at which, for this x, every named function has the argument 0, found layer by layer; None where that is not a linear condition."""
    from simcert.exact.normalforms import NormalForms, Poly

    p = problem.fields.program
    at_zero = {name: entry.value0 for name, entry in NAMED.items() if isinstance(entry.value0, Fraction)}
    echelon = Echelon()
    for row in problem.subspace.rows:
        echelon.insert(dict(row.entries), row.constant)

    class Halt(Exception):
        """Raised inside the run when an argument gave new conditions."""

    class Special(NormalForms):
        def apply(self, node: Any, x: Any) -> Any:
            named = self.definitions[node.activation].named
            if named is None or NAMED[named].partial:
                return super().apply(node, x)
            before = len(echelon.rows)
            for poly in x.ravel():
                if poly.degree() > 1 or any(v >= p.size for m in poly.terms for v in m):
                    raise ResourceLimit("an argument is not rational and affine in the parameters")
                form = {m[0]: Fraction(c) for m, c in poly.terms.items() if m}
                echelon.insert(form, -Fraction(poly.terms.get((), 0)))
            if len(echelon.rows) > before:
                raise Halt
            out = np.empty(x.size, dtype=object)
            for k in range(x.size):  # an unknown value for each entry: that log 2 − log 2 = 0 is beyond what a checker computes
                known = node.order == 0 and named in at_zero
                out[k] = self.number(at_zero[named]) if known else self.linear([(self.variable(), Fraction(1))], Fraction(0))
            return out.reshape(x.shape)

    def attempt() -> bool:
        from simcert.exact.arrays import run

        current = Subspace.from_echelon(p, echelon)
        system = Special(problem.definitions, dict.fromkeys(problem.definitions, "itself"), naming=False, max_work=5_000_000)
        system.count = p.size
        leaves: dict[str, Any] = {}
        for name, (start, shape) in p.offsets().items():
            theta = np.empty(size_of(shape), dtype=object)
            for j in range(size_of(shape)):
                form, constant = current.form(start + j)
                theta[j] = Poly({(k,): v for k, v in form.items()} | ({(): constant} if constant else {}))
            leaves[name] = theta.reshape(1, *shape)
        leaves |= {name: system.array(list(x[name]), shape) for name, shape in p.inputs}
        try:
            run(p.nodes, system, leaves)
        except Halt:
            return False
        return True

    try:
        while not attempt():
            pass
    except (ArithmeticError, ResourceLimit):
        return None
    return Subspace.from_echelon(p, echelon)


def _constants(problem: Problem, rng: random.Random) -> dict[str, int] | None:
    """Residues for the one transcendental constant that the series of these functions need, or None when they need two."""
    names = {a.named for a in problem.definitions.values()}
    wanted = {c for f, c in (("gelu", "one_over_sqrt_two_pi"), ("erf", "two_over_sqrt_pi"), ("softplus", "log2")) if f in names}
    return None if len(wanted) > 1 else {c: rng.randrange(2, problem.prime) for c in wanted}


def series(problem: Problem, rng: random.Random, max_terms: int = 16) -> Proof | None:
    """A witness along a curve θ_0 + tθ_1 in L on which all named functions start at 0: exact for deep networks of named activations."""
    from simcert.exact.series import Series

    fields, subspace = problem.fields, problem.subspace
    constants = _constants(problem, rng)
    if constants is None:
        return None
    for draw in range(3):
        x = random_inputs(fields, rng, 3 + draw)
        special = special_subspace(problem, x)
        if special is None:
            continue
        start = special.random_point(rng, 3)
        along = subspace.random_point(rng, 3, direction=True)
        curve = [subspace.named(start), subspace.named(along)]
        terms = 4
        while terms <= max_terms:
            system = Series(PrimeField(problem.definitions, problem.prime), terms, constants)
            proof = _series_at(problem, system, curve, x, constants, rng)
            if proof is not None:
                return proof
            terms *= 2
    return None


def _series_at(problem: Problem, system: Any, curve: list[dict[str, list[Fraction]]], x: Flat, constants: dict[str, int], rng: random.Random) -> Proof | None:
    fields = problem.fields

    def values(entry: tuple[int, int]) -> Any | None:
        try:
            leaves = fields.leaves(system, x, fields.covector(entry))
            for name, shape in fields.program.parameters:
                leaves[name] = system.series([system.base.array(part[name], shape) for part in curve])
            vector = fields.flat(system, leaves)
        except UndefinedValueError:
            return None
        return None if vector is None else Normals(problem.subspace, system).apply(vector)

    def violates(entry: tuple[int, int]) -> bool:
        found = values(entry)
        return found is not None and bool(np.any(found))

    entry = pick_entry(problem, system, violates, rng)
    found = None if entry is None else values(entry)
    if entry is None or found is None:
        return None
    order = next(k for k in range(system.terms) if np.any(found[k]))
    row = first_nonzero(found[order])
    if row is None:
        return None
    stated = {("log2" if c == "log2" else "pi"): str(residue) for c, residue in constants.items()}
    more = {"curve": [_text(part) for part in curve], "modulus": str(system.p), "constants": stated, "order": order}
    return {**_common(problem, "series", x, entry, row, str(int(found[order][0, row]))), **more}


def ball(problem: Problem, rng: random.Random, draws: int = 4, precision: int = 128) -> Proof | None:
    """A witness by rigorous enclosures at a dyadic point of L."""
    from simcert.exact.balls import Balls

    fields, subspace = problem.fields, problem.subspace
    for draw in range(draws):
        free = {k: Fraction(rng.choice((-1, 1)) * rng.randint(1, 7), 8) for k in range(subspace.program.size) if k not in subspace.pivots}
        theta = subspace.named(subspace.point(free))
        x = random_inputs(fields, rng, 7, 4)
        system = Balls(problem.definitions, precision << (draw // 2))
        with system.context():
            entries = list(fields.outputs)
            rng.shuffle(entries)
            for entry in entries[:16]:
                try:
                    values = problem.values(system, theta, x, entry)
                except UndefinedValueError:
                    break
                if values is None:
                    return None
                row = list(values[0])
                best = max(range(len(row)), key=[float(abs(v.mid())) for v in row].__getitem__)
                value = row[best]
                if not (value > 0 or value < 0) or float(abs(value.mid())) < 1e-9 or value.rel_accuracy_bits() < 48:
                    continue
                bounds = _widened(value)
                more = {"theta": _text(theta), "precision": system.precision}
                return {**_common(problem, "ball", x, entry, best, [str(b) for b in bounds]), **more}
    return None


def _widened(value: Any) -> tuple[Fraction, Fraction]:
    """Dyadic bounds of one sign, 2^-30 (relatively) around an enclosure that excludes 0."""
    mantissa, exponent = value.mid().man_exp()
    middle = Fraction(int(mantissa)) * Fraction(2) ** int(exponent)
    shift = middle.numerator.bit_length() - middle.denominator.bit_length()
    unit = Fraction(2) ** (shift - 32)
    low = (middle / unit).__floor__()
    return (low - 4) * unit, (low + 5) * unit


def class_problem(fields: Fields, subspace: Subspace, degree: int, rng: random.Random, *, exhibit: bool) -> Problem:
    """The problem with a random polynomial member for every class, and, unless `exhibit`, for every named function (search only)."""
    from simcert.models.activations import facts, minimal

    definitions, members = dict(fields.program.activations), dict[str, tuple[Fraction, ...]]()
    for name, a in fields.program.activations.items():
        if a.cls is not None:
            members[name] = member(CLASSES[a.cls], degree, rng)
            definitions[name] = Activation(polynomial=members[name])
        elif a.named is not None and a.named != "reciprocal" and not exhibit:
            definitions[name] = Activation(polynomial=member(minimal(facts(a)), degree, rng))
    return Problem(fields, subspace, definitions, members)
