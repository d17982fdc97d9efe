"""Lower bounds by rigorous enclosures, for named functions at points where no exact arithmetic applies."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import numpy as np

from simcert.exact.arrays import UndefinedValueError
from simcert.exact.balls import Balls
from simcert.fields.brackets import Field, Word, as_matrix, vectors
from simcert.fields.gradients import Fields, Flat
from simcert.models.program import Activation


def lower(
    fields: Fields, definitions: dict[str, Activation], theta: Flat, target: int, pool: Sequence[Field], rng: random.Random
) -> tuple[int, dict[str, Any]] | None:
    """A rank of vectors of Lie(V) at a point with a certified regular square matrix; brackets up to length 4 and precision up to 2,048 bits are tried.

    Returns the bound and the proof object, or None.
    """
    best: tuple[int, dict[str, Any]] | None = None
    precision, length = 128, 1
    while length <= 4:
        system = Balls(definitions, precision)
        n = len(pool)
        spelled: list[Word] = [tuple(rng.sample(range(n), k)) for k in range(1, length + 1) for _ in range(target + 6)]
        with system.context():
            try:
                shapes = dict(fields.program.parameters)
                start = {name: system.array(list(v), shapes[name]) for name, v in theta.items()}
                rows = vectors(fields, system, start, pool, spelled)
            except UndefinedValueError:
                return best
            if rows is None:
                return best
            matrix = as_matrix(rows)
            found = _certified(matrix, target)
        if found and (best is None or len(found[0]) > best[0]):
            chosen_rows, columns = found
            used = sorted({i for k in chosen_rows for i in spelled[k]})
            words = [[used.index(i) for i in spelled[k]] for k in chosen_rows]
            proof = {"method": "words", "fields": [pool[i].to_json() for i in used], "words": words, "columns": sorted(columns), "determinant": "regular"}
            best = len(chosen_rows), {**proof, "numbers": {"precision": 2 * precision}}
        if best is not None and best[0] >= target:
            return best
        if length >= 2 and precision < 512:
            precision *= 2
        length += 1
    return best


def _certified(matrix: Any, target: int) -> tuple[list[int], list[int]] | None:
    """Rows and columns of a square matrix that is certainly regular, by Gaussian elimination with the largest pivots first."""
    a = np.array(matrix, dtype=object)
    rows, columns = list(range(a.shape[0])), list(range(a.shape[1]))
    used: tuple[list[int], list[int]] = ([], [])
    while rows and columns and len(used[0]) < target:
        sizes = [(float(abs(a[i, j]).lower()), i, j) for i in rows for j in columns if not a[i, j].contains(0)]
        if not sizes:
            break
        _, i, j = max(sizes)
        used[0].append(i)
        used[1].append(j)
        rows.remove(i)
        columns.remove(j)
        for r in rows:
            factor = a[r, j] / a[i, j]
            a[r] = a[r] - factor * a[i]
    return used if used[0] else None
