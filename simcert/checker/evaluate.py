"""One evaluator for every number system.

A number system says how to embed a rational, to sum, to take a dot product and to apply an activation; this file says what each operation of
a program means in those terms. Arrays are flat lists.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from math import prod
from typing import Generic, TypeVar

from .canonical import Rational
from .outcome import Budget, Limit
from .program import Node

T = TypeVar("T")
_SMALL = 1 << 13  # plans for so many entries are kept


class System(ABC, Generic[T]):
    """A number system; `T` is the type of one number."""

    def __init__(self, budget: Budget) -> None:
        self.budget = budget

    @abstractmethod
    def rational(self, q: Rational) -> T:
        """The image of a rational number."""

    @abstractmethod
    def total(self, terms: Sequence[T]) -> T:
        """The sum."""

    @abstractmethod
    def dot(self, left: Sequence[T], right: Sequence[T]) -> T:
        """The sum of the products."""

    @abstractmethod
    def apply(self, node: Node, values: list[T]) -> list[T]:
        """The activation of an `apply` node, entry by entry."""

    def table(self, rows: Sequence[Sequence[T]], columns: Sequence[Sequence[T]]) -> list[T]:
        """The dot product of every row with every column, row by row; systems may do this faster than one by one."""
        out: list[T] = []
        for row in rows:
            self.budget.tick()
            out += [self.dot(row, column) for column in columns]
        return out

    def settle(self, value: T) -> T:
        """What becomes of an entry of a sum (a normal form may be given a name here)."""
        return value


def _positions(letters: str, sizes: Mapping[str, int], within: str) -> list[int]:
    """For every index over `letters`, row-major, the flat position in an array over the letters `within` (which may lack some)."""
    stride, strides = 1, dict[str, int]()
    for letter in reversed(within):
        strides[letter] = stride
        stride *= sizes[letter]
    out = [0]
    for letter in letters:
        steps = [k * strides.get(letter, 0) for k in range(sizes[letter])]
        out = [base + step for base in out for step in steps]
    return out


class _Order:
    """How the flat array over the letters `source` is rearranged to `target` and cut into rows of `length`."""

    def __init__(self, source: str, target: str, length: int, sizes: Mapping[str, int]) -> None:
        self._length, self._where = length, None if source == target else _positions(target, sizes, source)

    def rows(self, values: Sequence[T]) -> list[Sequence[T]]:
        n = self._length
        if self._where is None and n == len(values):
            return [values]
        flat = values if self._where is None else [values[k] for k in self._where]
        return [(v,) for v in flat] if n == 1 else [flat[k : k + n] for k in range(0, len(flat), n)]


class _Plan:
    """What a contraction does with arrays of given shapes: sums over letters of one array, then products of rows with columns, block by block."""

    def __init__(self, terms: Sequence[str], out: str, shapes: Sequence[tuple[int, ...]]) -> None:
        sizes = dict(zip("".join(terms) + out, [n for shape in shapes for n in shape], strict=True))

        def length(letters: str) -> int:
            return prod(sizes[letter] for letter in letters)

        kept: list[str] = []
        self.summed: list[_Order | None] = []
        for k, term in enumerate(terms):
            elsewhere = out + "".join((*terms[:k], *terms[k + 1 :]))
            stays, private = "".join(x for x in term if x in elsewhere), "".join(x for x in term if x not in elsewhere)
            kept.append(stays)
            self.summed.append(_Order(term, stays + private, length(private), sizes) if private else None)
        self.sums = any(letter not in out for term in terms for letter in term)
        self.orders: list[_Order] = []
        found = kept[0]
        if len(kept) == 2:
            a, b = kept
            batch = "".join(x for x in a if x in b and x in out)
            inner = "".join(x for x in a if x in b and x not in out)
            left, right = "".join(x for x in a if x not in b), "".join(x for x in b if x not in a)
            self.orders = [_Order(a, batch + left + inner, length(inner), sizes), _Order(b, batch + right + inner, length(inner), sizes)]
            self.left, self.right = length(left), length(right)
            found = batch + left + right
        self.where = None if found == out else _positions(out, sizes, found)


@lru_cache(maxsize=64)
def _small_plan(terms: tuple[str, ...], out: str, shapes: tuple[tuple[int, ...], ...]) -> _Plan:
    return _Plan(terms, out, shapes)


def contract(node: Node, arrays: Sequence[Sequence[T]], shapes: Sequence[tuple[int, ...]], system: System[T], only: Collection[int] | None = None) -> list[T]:
    """The contraction as dot products of rows; entries of the result that are not in `only` are 0."""
    every = (*shapes, node.shape)
    plan = (_small_plan if sum(map(prod, every)) <= _SMALL else _Plan)(node.terms, node.out, every)
    values = [array if order is None else [system.total(row) for row in order.rows(array)] for order, array in zip(plan.summed, arrays, strict=True)]
    if not plan.orders:
        flat = [system.settle(v) for v in values[0]] if plan.sums else list(values[0])
        return flat if plan.where is None else [flat[k] for k in plan.where]
    rows, columns = (order.rows(value) for order, value in zip(plan.orders, values, strict=True))
    n, m = plan.left, plan.right
    if only is None:
        blocks = (system.table(rows[k * n : k * n + n], columns[k * m : k * m + m]) for k in range(len(rows) // n))
        products = [value for block in blocks for value in block]
        products = [system.settle(value) for value in products] if plan.sums else products
        return products if plan.where is None else [products[k] for k in plan.where]
    where = range(len(rows) * m) if plan.where is None else plan.where
    needed, some, zero = {where[k] for k in only}, dict[int, T](), system.rational(0)
    for i, row in enumerate(rows):
        system.budget.tick()
        for j, column in enumerate(columns[i // n * m : (i // n + 1) * m], i * m):
            if j in needed:
                value = system.dot(row, column)
                some[j] = system.settle(value) if plan.sums else value
    return [some.get(k, zero) for k in where]


def evaluate(nodes: Sequence[Node], leaves: Mapping[int, list[T]], system: System[T], wanted: Mapping[int, Collection[int]] | None = None) -> list[list[T]]:
    """The value of every node.

    Arguments: `leaves` gives the values of the `parameter`, `stack`, `input` and `covector` nodes by node number; `wanted` names, for some nodes that are
    contractions and that no other node uses, the entries that are needed. Raises `Limit` when the arrays have too many entries or time is over.
    """
    if sum(node.size for node in nodes) > 4 * system.budget.limits.max_entries:
        raise Limit(f"the arrays of the gradient have more than {4 * system.budget.limits.max_entries} entries")
    arrays: list[list[T]] = []
    zero = system.rational(0)
    for i, node in enumerate(nodes):
        system.budget.tick()
        args = [arrays[a] for a in node.args]
        if i in leaves:
            value = leaves[i]
        elif node.op == "constant":
            value = [system.rational(q) for q in node.values]
        elif node.op == "add":
            value = [system.settle(system.total(terms)) for terms in zip(*args, strict=True)]
        elif node.op == "product":
            value = [system.dot((a,), (b,)) for a, b in zip(*args, strict=True)]
        elif node.op == "gather":
            value = [zero if k < 0 else args[0][k] for k in node.indices]
        elif node.op == "scatter":
            groups: dict[int, list[T]] = {}
            for k, entry in zip(node.indices, args[0], strict=True):
                groups.setdefault(k, []).append(entry)
            value = [system.total(groups[k]) if k in groups else zero for k in range(node.size)]
        elif node.op == "apply":
            value = system.apply(node, args[0])
        else:
            value = contract(node, args, [nodes[a].shape for a in node.args], system, (wanted or {}).get(i))
        arrays.append(value)
    return arrays
