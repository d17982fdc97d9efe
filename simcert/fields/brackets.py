"""Lie brackets of gradient fields, by nested dual numbers; no symbolic expansion anywhere.

[X, Y] = DY·X − DX·Y. A word [i, j, …] is the right-normed bracket [X_i, [X_j, …]]. Many words of one length are evaluated in one run: batch axis = words.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from simcert.exact.arrays import ArraySystem, Value
from simcert.exact.duals import Duals
from simcert.fields.gradients import Fields
from simcert.models.program import size_of

Word = tuple[int, ...]


@dataclass(frozen=True)
class Field:
    """The gradient field ∇_θ(v·F)(x): `covector` lists (output, entry, coefficient), `inputs` flat rationals by name; `key` tells fields apart."""

    covector: tuple[tuple[int, int, Fraction], ...]
    inputs: dict[str, tuple[Fraction, ...]]
    key: int = 0

    def to_json(self) -> dict[str, Any]:
        return {"covector": [[k, i, str(c)] for k, i, c in self.covector], "input": {n: [str(v) for v in vs] for n, vs in self.inputs.items()}}


def random_field(fields: Fields, rng: random.Random, bound: int = 9, *, dense: bool = False, key: int = 0) -> Field:
    """A field at a random integer input without zeros: one output entry, or with `dense` a random combination of all (at most 4)."""
    entries = fields.outputs
    chosen = rng.sample(entries, min(len(entries), 4)) if dense else [rng.choice(entries)]
    covector = tuple((k, i, Fraction(rng.choice((-1, 1)) * rng.randint(1, 3) if dense else 1)) for k, i in sorted(chosen))
    signed = {n: tuple(Fraction(rng.choice((-1, 1)) * rng.randint(1, bound)) for _ in range(size_of(s))) for n, s in fields.program.inputs}
    return Field(covector, signed, key)


def leaves(fields: Fields, system: ArraySystem, chosen: Sequence[Field]) -> dict[str, Value]:
    """Inputs and covectors of several fields, stacked along the batch axis."""
    out: dict[str, Any] = {}
    for name, shape in fields.program.inputs:
        flat = [v for field in chosen for v in field.inputs[name]]
        out[name] = (flat, shape)
    for k, node in enumerate(fields.program.outputs):
        shape = fields.program.nodes[node].shape
        size = size_of(shape)
        flat = [Fraction(0)] * (size * len(chosen))
        for j, field in enumerate(chosen):
            for output, i, c in field.covector:
                if output == k:
                    flat[j * size + i] += c
        out[f"v{k}"] = (flat, shape)
    arrays: dict[str, Any] = {name: system.batch(flat, (len(chosen), *shape)) for name, (flat, shape) in out.items()}
    return {**arrays, "": [field.key for field in chosen]}


def words(fields: Fields, system: ArraySystem, theta: dict[str, Value], letters: Sequence[Sequence[Field]]) -> Any | None:
    """The vectors of several words of one length at θ: `letters[k]` lists the k-th field of every word. Shape (…, words, M), or None where the system fails."""
    own = [leaves(fields, system, chosen) for chosen in letters]
    return _word(fields, system, theta, own)


def _lift(own: Sequence[dict[str, Value]]) -> list[dict[str, Value]]:
    return [{name: (value, None) if name else value for name, value in table.items()} for table in own]


def _word(fields: Fields, system: ArraySystem, theta: dict[str, Value], own: Sequence[dict[str, Value]]) -> Any | None:
    if len(own) == 1:
        return fields.flat(system, {**theta, **own[0]})
    first = _word(fields, system, theta, own[:1])
    rest = _word(fields, system, theta, own[1:])
    if first is None or rest is None:
        return None
    along_first = derivative(fields, system, theta, first, own[1:])
    along_rest = derivative(fields, system, theta, rest, own[:1])
    return None if along_first is None or along_rest is None else system.add([along_first, system.negate(along_rest)])


def derivative(fields: Fields, system: ArraySystem, theta: dict[str, Value], direction: Any, own: Sequence[dict[str, Value]]) -> Any | None:
    """The derivative of a word along a vector field value."""
    duals = Duals(system)
    moving = {name: (theta[name], part) for name, part in fields.split(system, direction).items()}
    value = _word(fields, duals, moving, _lift(own))
    if value is None:
        return None
    return system.zero_like(direction) if value[1] is None else value[1]


def vectors(fields: Fields, system: ArraySystem, theta: dict[str, Value], chosen: Sequence[Field], spelled: Sequence[Word]) -> list[Any] | None:
    """The vectors of words of any lengths, in order, each of shape (…, M)."""
    out: list[Any] = [None] * len(spelled)
    for length in sorted({len(w) for w in spelled}):
        where = [k for k, w in enumerate(spelled) if len(w) == length]
        block = words(fields, system, theta, [[chosen[spelled[k][j]] for k in where] for j in range(length)])
        if block is None:
            return None
        for position, k in enumerate(where):
            out[k] = block[..., position, :]
    return out


def as_matrix(rows: Sequence[Any]) -> Any:
    """Vectors of shape (…, M) as one array (…, rows, M)."""
    return np.stack(list(rows), axis=-2)
