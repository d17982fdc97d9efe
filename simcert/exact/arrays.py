"""What all number systems share: the ops of a program on numpy arrays, and the loop that runs a program.

A number system subclasses `ArraySystem` and says how to read a rational, how to reduce after a sum or product, how to multiply
matrices, and how to apply an activation; add, contract, gather and scatter are written once, here. Every array has one leading
**batch axis** of size 1 or B, so that one run serves B inputs (or B points).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from simcert.models.program import Activation, Node, Shape, split_spec

Array = Any  # numpy array with a leading batch axis; int64 or object dtype
Value = Any  # an Array, or what else the number system works with (a list of Arrays for series); None: not computable in this system


class UndefinedValueError(ArithmeticError):
    """A partial operation at a point where it is not defined: a reciprocal of 0, a piecewise function at its kink."""


class ArraySystem(ABC):
    """A number system in which any program runs.

    Arguments: `definitions` gives the definition of every activation that the program names (classes already replaced by a member where
    the system needs values).
    """

    dtype: Any = object

    def __init__(self, definitions: dict[str, Activation]) -> None:
        self.definitions = definitions

    @abstractmethod
    def number(self, value: Fraction) -> Any:
        """The image of a rational number."""

    @abstractmethod
    def apply(self, node: Node, x: Value) -> Value:
        """The activation of an `apply` node, entrywise; None where the system cannot compute it."""

    def begin(self, keys: Sequence[int]) -> None:
        """Told before a run which fields are in the batch; only systems that keep something for each field (gates) listen."""

    def reduce(self, x: Array) -> Array:
        """Bring sums and products back to canonical form."""
        return x

    def negate(self, x: Value) -> Value:
        return self.reduce(-x)

    def zero_like(self, x: Value) -> Value:
        return self.zeros(x.shape)

    def matmul(self, a: Array, b: Array) -> Array:
        return self.reduce(np.matmul(a, b))

    def entrywise(self, a: Array, b: Array) -> Array:
        """Products entry by entry, broadcast; not reduced yet."""
        return a * b

    def zeros(self, shape: Shape) -> Array:
        out: Any = np.empty(shape, dtype=self.dtype)
        out.fill(self.number(Fraction(0)))
        return out

    def array(self, values: Sequence[Fraction], shape: Shape) -> Value:
        """Flat row-major rationals as an array with batch axis 1."""
        out: Any = np.empty(len(values), dtype=self.dtype)
        for i, value in enumerate(values):
            out[i] = self.number(value)
        return out.reshape(1, *shape)

    def batch(self, values: Sequence[Fraction], shape: Shape) -> Value:
        """Like `array`, for values whose first axis is the batch."""
        return self.array(values, shape)[0]

    def stack(self, parts: Sequence[Value]) -> Value:
        return np.stack(parts, axis=1)

    def add(self, parts: Sequence[Value]) -> Value:
        out = parts[0]
        for part in parts[1:]:
            out = self.reduce(out + part)
        return out

    def gather(self, node: Node, x: Value) -> Value:
        padded = np.concatenate([x.reshape(x.shape[0], -1), self.zeros((x.shape[0], 1))], axis=1)
        return padded[:, np.asarray(node.indices, dtype=np.int64)].reshape(x.shape[0], *node.shape)

    def scatter(self, node: Node, x: Value) -> Value:
        out = self.zeros((x.shape[0], int(np.prod(node.shape, dtype=np.int64)) + 1))
        flat = x.reshape(x.shape[0], -1)
        where: Any = (slice(None), np.asarray(node.indices, dtype=np.int64))
        np.add.at(out, where, flat)
        return self.reduce(out[:, :-1]).reshape(x.shape[0], *node.shape)

    def contract(self, node: Node, parts: Sequence[Value]) -> Value:
        terms, out = split_spec(node.spec)
        sizes = {"Z": max(part.shape[0] for part in parts), **dict(zip(out, node.shape, strict=True))}
        letters = ["Z" + term for term in terms]
        arrays = list(parts)
        for k in range(len(arrays)):
            elsewhere = out + "Z" + "".join(terms[:k] + terms[k + 1 :])
            gone = tuple(i for i, letter in enumerate(letters[k]) if letter not in elsewhere)
            if gone:
                arrays[k] = self.reduce(arrays[k].sum(axis=gone))
                letters[k] = "".join(letter for letter in letters[k] if letter in elsewhere)
        if len(arrays) == 1:
            return _arrange(arrays[0], letters[0], "Z" + out, sizes)
        return self._product(arrays[0], letters[0], arrays[1], letters[1], "Z" + out, sizes)

    def _product(self, a: Array, la: str, b: Array, lb: str, out: str, sizes: dict[str, int]) -> Array:
        summed = [letter for letter in la if letter in lb and letter not in out]
        if not summed:
            ones = dict.fromkeys(sizes, 1)
            left, right = (_arrange(x, lx, out, ones, keep=True) for x, lx in ((a, la), (b, lb)))
            return np.broadcast_to(self.reduce(self.entrywise(left, right)), tuple(sizes[letter] for letter in out))
        if a.shape[0] == 1 or b.shape[0] == 1:  # the batch axis belongs to at most one factor
            if b.shape[0] == 1:
                b, lb = b[0], lb[1:]
            else:
                a, la = a[0], la[1:]
        both = [letter for letter in la if letter in lb and letter in out]
        free_a = [letter for letter in la if letter not in lb]
        free_b = [letter for letter in lb if letter not in la]
        size = {**dict(zip(la, a.shape, strict=True)), **dict(zip(lb, b.shape, strict=True))}

        def block(x: Array, lx: str, groups: list[list[str]]) -> Array:
            x = x.transpose([lx.index(letter) for group in groups for letter in group])
            return x.reshape([int(np.prod([size[letter] for letter in group], dtype=np.int64)) for group in groups])

        product = self.matmul(block(a, la, [both, free_a, summed]), block(b, lb, [both, summed, free_b]))
        order = both + free_a + free_b
        return _arrange(product.reshape([size[letter] for letter in order]), "".join(order), out, sizes)


def _arrange(x: Array, letters: str, out: str, sizes: dict[str, int], *, keep: bool = False) -> Array:
    """`x`, whose axes are named by `letters`, with the axes `out`: transposed, and broadcast along letters that it lacks."""
    present = [letter for letter in out if letter in letters]
    x = x.transpose([letters.index(letter) for letter in present])
    x = x.reshape([x.shape[present.index(letter)] if letter in present else 1 for letter in out])
    if keep:
        return x
    return np.broadcast_to(x, tuple(x.shape[i] if letter in present else sizes[letter] for i, letter in enumerate(out)))


def run(nodes: Sequence[Node], system: ArraySystem, leaves: dict[str, Value], wanted: Sequence[int] | None = None) -> list[Value]:
    """The values of all nodes, in order.

    Arguments: `leaves` gives the value of every parameter and input by name (None: unknown); `wanted`, where given, names the only nodes
    whose values are needed. Returns a list with None for nodes that were not needed or that the system cannot compute.
    """
    needed = [wanted is None] * len(nodes)
    for i in wanted or ():
        needed[i] = True
    for i in reversed(range(len(nodes))):
        for a in nodes[i].args if needed[i] else ():
            needed[a] = True
    values: list[Value] = [None] * len(nodes)
    for i, node in enumerate(nodes):
        if not needed[i] or any(values[a] is None for a in node.args):
            continue
        parts = [values[a] for a in node.args]
        if node.op in ("parameter", "input"):
            values[i] = leaves[node.name]
        elif node.op == "stack":
            values[i] = system.stack([leaves[name] for name in node.names])
        elif node.op == "constant":
            values[i] = system.array(node.values, node.shape)
        elif node.op == "add":
            values[i] = system.add(parts)
        elif node.op == "contract":
            values[i] = system.contract(node, parts)
        elif node.op == "apply":
            values[i] = system.apply(node, parts[0])
        else:
            values[i] = system.gather(node, parts[0]) if node.op == "gather" else system.scatter(node, parts[0])
    return values
