"""The equations of a certificate's subspace as a person writes them, in the language that `simcert prove` reads.

The file has the reduced row echelon form; here equal rows and columns of arrays are said as such. What is said is equivalent to the file, not a copy of it.
"""

from __future__ import annotations

import itertools
import math
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, cast

Json = dict[str, Any]
Term = tuple[int, Fraction]  # parameter index, coefficient
Row = tuple[list[Term], Fraction]
Value = tuple[int, int]  # sign and root: an entry is sign times the first entry of its class
Slice = tuple[str, tuple[int, ...], Fraction, int]  # parameter, position with 0 on the running axis, coefficient, running axis


@dataclass(frozen=True, slots=True)
class Arrays:
    """The parameters of a model: names, shapes, and the first parameter index of each."""

    names: list[str]
    shapes: list[tuple[int, ...]]
    starts: list[int]

    @classmethod
    def of(cls, model: Json) -> Arrays:
        names = [str(p["name"]) for p in model["parameters"]]
        shapes = [tuple(cast(list[int], p["shape"])) for p in model["parameters"]]
        return cls(names, shapes, [0, *itertools.accumulate(math.prod(shape) for shape in shapes)])

    def locate(self, index: int) -> tuple[int, tuple[int, ...]]:
        """The array and the position of an entry."""
        k = bisect_right(self.starts, index) - 1
        rest, where = index - self.starts[k], list[int]()
        for n in reversed(self.shapes[k]):
            rest, position = divmod(rest, n)
            where.append(position)
        return k, tuple(reversed(where))

    def entry(self, index: int) -> str:
        """The entry as a person writes it: `W1[0,1]`."""
        k, where = self.locate(index)
        return f"{self.names[k]}[{','.join(map(str, where))}]" if where else self.names[k]


def subspace_equations(model: Json, subspace: Json) -> list[str]:
    """The equations of a subspace, whole arrays, rows and columns first.

    >>> model = {"parameters": [{"name": "W1", "shape": [2, 2]}]}
    >>> rows = [{"constant": "0", "entries": [[0, "1"], [2, "-1"]]}, {"constant": "0", "entries": [[1, "1"], [3, "-1"]]}]
    >>> subspace_equations(model, {"dimension": 2, "rows": rows})
    ['W1[0,:] = W1[1,:]']
    """
    arrays = Arrays.of(model)
    rows = [([(int(k), Fraction(str(c))) for k, c in row["entries"]], Fraction(str(row["constant"]))) for row in subspace["rows"]]
    if all(not constant and (len(terms) == 1 or (len(terms) == 2 and abs(terms[1][1]) == 1)) for terms, constant in rows):
        return _ties(arrays, rows)
    return _general(arrays, rows)


class _Ties:
    """Entries that are known to be equal up to sign, or 0: union-find with signs. Entry −1 is the number 0."""

    def __init__(self) -> None:
        self.parent: dict[int, Value] = {}

    def find(self, i: int) -> Value:
        """The sign and the first entry of the class of entry i."""
        path, sign = list[int](), 1
        while i in self.parent:
            path.append(i)
            i = self.parent[i][1]
        for k in reversed(path):
            sign *= self.parent[k][0]
            self.parent[k] = (sign, i)
        return (self.parent[path[0]][0] if path else 1), i

    def join(self, i: int, j: int, sign: int) -> bool:
        """Note that entry i is sign times entry j; say whether that is new."""
        (s, a), (t, b) = self.find(i), self.find(j)
        if a != b:
            self.parent[max(a, b)] = (s * t * sign, min(a, b))
        return a != b


def _ties(arrays: Arrays, rows: Sequence[Row]) -> list[str]:
    """The equations when each says that two entries are equal up to sign, or that one is 0."""
    goal, said = _Ties(), _Ties()
    for terms, _ in rows:
        second = terms[1] if len(terms) == 2 else (-1, Fraction(-1))
        goal.join(terms[0][0], second[0], int(-second[1]))
    out: list[tuple[int, str]] = []

    def say(members: Sequence[tuple[str, int, Sequence[int]]]) -> None:
        """Say that several slices (in words, their sign, their entries) are equal, unless that is known; no entries means 0."""
        (_, first, head), *others = members
        new = [said.join(i, j, first * sign) for _, sign, entries in others for i, j in zip(head, entries or [-1] * len(head), strict=True)]
        if any(new):
            out.append((head[0], " = ".join(text if sign == first else f"-{text}" for text, sign, _ in members)))

    tied = sorted({*goal.parent, *(root for _, root in goal.parent.values())} - {-1})
    for k, (name, shape) in enumerate(zip(arrays.names, arrays.shapes, strict=True)):
        indices = range(arrays.starts[k], arrays.starts[k + 1])
        if all(goal.find(i)[1] < 0 for i in indices):
            say([(name, 1, indices), ("0", 1, [])])
        for axis in range(len(shape)) if len(shape) > 1 else ():
            for members in _equal_slices(name, shape, indices, axis, tied, goal):
                say(members)
    classes: dict[int, list[int]] = {}
    for i in tied:
        classes.setdefault(goal.find(i)[1], []).append(i)
    for root, entries in classes.items():
        if root < 0:
            for i in entries:
                say([(arrays.entry(i), 1, [i]), ("0", 1, [])])
            continue
        heads: dict[int, int] = {}
        for i in entries:
            heads.setdefault(said.find(i)[1], i)
        if len(heads) > 1:
            say([(arrays.entry(i), goal.find(i)[0], [i]) for i in heads.values()])
    return [text for _, text in sorted(out)]


def _equal_slices(name: str, shape: tuple[int, ...], indices: range, axis: int, tied: list[int], ties: _Ties) -> Iterable[list[tuple[str, int, Sequence[int]]]]:
    """The slices of an array at the positions of one axis, in groups that are equal up to sign; a slice that is 0 with the number 0."""
    inner, n = math.prod(shape[axis + 1 :]), shape[axis]
    counts = Counter((i - indices.start) // inner % n for i in tied[bisect_left(tied, indices.start) : bisect_left(tied, indices.stop)])
    groups: dict[tuple[Value, ...], list[tuple[str, int, Sequence[int]]]] = {}
    for position in sorted(p for p, count in counts.items() if n > 1 and count == len(indices) // n):  # all entries are tied to something
        entries = [indices[(outer * n + position) * inner + k] for outer in range(math.prod(shape[:axis])) for k in range(inner)]
        values = [ties.find(i) for i in entries]
        text = f"{name}[{','.join(str(position) if k == axis else ':' for k in range(len(shape)))}]"
        sign = next((s for s, root in values if root >= 0), 0)
        if not sign:
            yield [(text, 1, entries), ("0", 1, [])]
        else:
            groups.setdefault(tuple((s * sign if root >= 0 else 0, root) for s, root in values), []).append((text, sign, entries))
    yield from (members for members in groups.values() if len(members) > 1)


def _general(arrays: Arrays, rows: Sequence[Row]) -> list[str]:
    """The rows one by one, those that say the same along a whole axis together."""
    out: dict[int, str] = {}
    done: set[int] = set()
    for slices, constant, members in _runs(arrays, rows):
        if not done & members:
            done |= members
            out[min(members)] = _equation([(_slice(name, where, axis), coefficient) for name, where, coefficient, axis in slices], constant)
    for number, (terms, constant) in enumerate(rows):
        if number not in done:
            out[number] = _equation([(arrays.entry(index), coefficient) for index, coefficient in terms], constant)
    return [out[number] for number in sorted(out)]


def _runs(arrays: Arrays, rows: Sequence[Row]) -> Iterable[tuple[tuple[Slice, ...], Fraction, set[int]]]:
    """The sets of rows that say the same thing for every position along one axis of each of their entries, largest first."""
    found: dict[tuple[tuple[Slice, ...], Fraction], dict[int, int]] = {}
    sizes = dict(zip(arrays.names, arrays.shapes, strict=True))
    for number, (terms, constant) in enumerate(rows):
        if len(terms) > 4:
            continue
        located = [(arrays.names[k], where, coefficient) for (k, where), coefficient in ((arrays.locate(index), c) for index, c in terms)]
        for axes in itertools.product(*(range(len(where)) for _, where, _ in located)):
            positions = {where[axis] for (_, where, _), axis in zip(located, axes, strict=True)}
            lengths = {sizes[name][axis] for (name, _, _), axis in zip(located, axes, strict=True)}
            if len(positions) == 1 and len(lengths) == 1 and lengths != {1}:
                key = tuple((name, (*w[:axis], 0, *w[axis + 1 :]), c, axis) for (name, w, c), axis in zip(located, axes, strict=True))
                found.setdefault((key, constant), {})[positions.pop()] = number
    whole = [(key, numbers) for key, numbers in found.items() if len(numbers) == sizes[key[0][0][0]][key[0][0][3]]]
    for (slices, constant), numbers in sorted(whole, key=lambda item: -len(item[1])):
        yield slices, constant, set(numbers.values())


def _slice(name: str, where: Sequence[int], axis: int) -> str:
    return f"{name}[{','.join(':' if k == axis else str(p) for k, p in enumerate(where))}]"


def _equation(terms: list[tuple[str, Fraction]], constant: Fraction) -> str:
    """`pivot = …` for a row whose first coefficient is 1: the other terms go to the right side."""
    (left, _), *rest = terms
    right = "".join(f" {'+' if c < 0 else '-'} {'' if abs(c) == 1 else f'{abs(c)}*'}{entry}" for entry, c in rest)
    if constant or not rest:
        right = f"{right} {'-' if constant < 0 else '+'} {abs(constant)}"
    right = right[1:]
    return f"{left} = {right[2:] if right.startswith('+ ') else '-' + right[2:]}"
