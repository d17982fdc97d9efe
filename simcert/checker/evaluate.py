"""One evaluator for every number system.

A number system says how to embed a rational, to sum, to take a dot product and to apply an activation; this file says what each operation of
a program means in those terms. Arrays are flat lists.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from typing import Generic, TypeVar

from .canonical import Rational
from .outcome import Budget, Limit
from .program import Node

T = TypeVar("T")


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


def _rows(values: Sequence[T], source: str, target: str, length: int, sizes: Mapping[str, int]) -> list[Sequence[T]]:
    """The array over the letters `source`, rearranged to `target` and cut into rows of this length."""
    flat = values if source == target else [values[k] for k in _positions(target, sizes, source)]
    return [flat[k : k + length] for k in range(0, len(flat), length)]


def contract(node: Node, arrays: Sequence[Sequence[T]], shapes: Sequence[tuple[int, ...]], system: System[T], only: Collection[int] | None = None) -> list[T]:
    """The contraction as dot products of rows; entries of the result that are not in `only` are 0."""
    sizes = dict(zip("".join(node.terms) + node.out, [n for shape in (*shapes, node.shape) for n in shape], strict=True))

    def length(letters: str) -> int:
        n = 1
        for letter in letters:
            n *= sizes[letter]
        return n

    terms: list[str] = []
    values: list[Sequence[T]] = []
    sums = any(letter not in node.out for term in node.terms for letter in term)
    for k, (term, array) in enumerate(zip(node.terms, arrays, strict=True)):
        elsewhere = node.out + "".join(node.terms[:k] + node.terms[k + 1 :])
        kept, private = "".join(x for x in term if x in elsewhere), "".join(x for x in term if x not in elsewhere)
        terms.append(kept)
        values.append([system.total(row) for row in _rows(array, term, kept + private, length(private), sizes)] if private else array)
    if len(terms) == 1:
        order, flat = terms[0], {k: system.settle(v) if sums else v for k, v in enumerate(values[0])}
        where = _positions(node.out, sizes, order)
    else:
        a, b = terms
        batch = "".join(x for x in a if x in b and x in node.out)
        summed = "".join(x for x in a if x in b and x not in node.out)
        left, right = "".join(x for x in a if x not in b), "".join(x for x in b if x not in a)
        rows = _rows(values[0], a, batch + left + summed, length(summed), sizes)
        columns = _rows(values[1], b, batch + right + summed, length(summed), sizes)
        where = _positions(node.out, sizes, batch + left + right)
        needed = None if only is None else {where[k] for k in only}
        n, m, flat = length(left), length(right), dict[int, T]()
        if needed is None:
            blocks = (system.table(rows[k * n : k * n + n], columns[k * m : k * m + m]) for k in range(len(rows) // n))
            products = [value for block in blocks for value in block]
            products = [system.settle(value) for value in products] if sums else products
            return products if batch + left + right == node.out else [products[k] for k in where]
        for i, row in enumerate(rows):
            system.budget.tick()
            for j, column in enumerate(columns[i // n * m : (i // n + 1) * m], i * m):
                if j in needed:
                    value = system.dot(row, column)
                    flat[j] = system.settle(value) if sums else value
    zero = system.rational(0)
    return [flat.get(k, zero) for k in where]


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
