"""Many fields at one point together: a gradient program with one more axis, along which inputs and covectors change and parameters do not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from .program import Node

T = TypeVar("T")
_AXIS = "*"  # a letter that no certificate has
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_ENTRIES = 1 << 20


@dataclass(frozen=True, slots=True)
class Batch:
    """A program for `count` fields: `where` gives the place of each node of the program for one field, `varies` whether it has the new first axis."""

    nodes: tuple[Node, ...]
    where: tuple[int, ...]
    varies: tuple[bool, ...]
    count: int

    def together(self, arrays: Sequence[Sequence[Sequence[T]]]) -> list[Sequence[T]]:
        """The values of nodes here, where `arrays` has for each field those of the first nodes of the program for one."""
        out: list[Sequence[T]] = [()] * len(self.nodes)
        for i, values in enumerate(zip(*arrays, strict=True)):
            out[self.where[i]] = [v for array in values for v in array] if self.varies[i] else values[0]
        return out

    def slices(self, arrays: Sequence[Sequence[T]], i: int) -> list[Sequence[T]]:
        """The value of node i for each field, where `arrays` has the values here."""
        values = arrays[self.where[i]]
        if not self.varies[i]:
            return [values] * self.count
        size = len(values) // self.count
        return [values[b * size : (b + 1) * size] for b in range(self.count)]


def most(nodes: Sequence[Node]) -> int:
    """For how many fields together there is room."""
    return max(1, _ENTRIES // sum(node.size for node in nodes))


def batch(nodes: Sequence[Node], count: int) -> Batch:
    """The program for `count` fields: the same operations on every slice along the new axis."""
    new: list[Node] = []
    where: list[int] = []
    varies: list[bool] = []

    def emit(node: Node) -> int:
        new.append(node)
        return len(new) - 1

    def repeated(i: int) -> int:
        letters = _LETTERS[: len(nodes[i].shape)]
        return emit(Node("contract", (count, *nodes[i].shape), (where[i],), terms=(letters,), out=_AXIS + letters))

    for node in nodes:
        along = node.op in ("input", "covector") or any(varies[a] for a in node.args)
        args = tuple(repeated(a) if along and node.op != "contract" and not varies[a] else where[a] for a in node.args)
        node_here = replace(node, args=args)
        if along:
            sizes = [nodes[a].size for a in node.args]
            node_here = replace(
                node_here,
                shape=(count, *node.shape),
                terms=tuple(_AXIS + term if varies[a] else term for term, a in zip(node.terms, node.args, strict=False)),
                out=_AXIS + node.out,
                indices=_shifted(node, sizes, count),
            )
        where.append(emit(node_here))
        varies.append(along)
    return Batch(tuple(new), tuple(where), tuple(varies), count)


def _shifted(node: Node, sizes: Sequence[int], count: int) -> tuple[int, ...]:
    """The indices of `gather` and `scatter` on every slice; those of `gather` point into the argument, those of `scatter` into the result."""
    if not node.indices:
        return ()
    step = sizes[0] if node.op == "gather" else node.size
    return tuple(k + b * step if k >= 0 else -1 for b in range(count) for k in node.indices)
