"""Parameters that are locally frozen because gates of piecewise linear functions are fixed, whatever the input.

At a point θ0 every node of the forward pass is enclosed between bounds (or none) that hold for all inputs. Where an argument of a piecewise function is
nowhere positive, it is negative at every input that is considered (at which no such argument is 0), so near θ0 the function is there z ↦ s·z; likewise above.
With these slopes, a parameter whose derivative is 0 by the pattern of zeros alone has derivative 0 in a neighbourhood of θ0 for every input considered: this
component of all fields, hence of their brackets, is 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .canonical import Rational
from .evaluate import System, evaluate
from .outcome import Budget, Unsupported
from .program import LEAVES, Activation, Node
from .vectors import Fields

Range = tuple[Rational | None, Rational | None]  # bounds, None where there is none
_ANY: Range = (None, None)


def _scaled(c: Rational, x: Range) -> Range:
    low, high = (None if x[0] is None else c * x[0]), (None if x[1] is None else c * x[1])
    return (0, 0) if c == 0 else (low, high) if c > 0 else (high, low)


class Ranges(System[Range]):
    """Bounds of values at a point for all inputs; nothing is said of products of two unknowns, and of functions that are not piecewise linear."""

    def __init__(self, budget: Budget, functions: Mapping[str, Activation]) -> None:
        super().__init__(budget)
        self._functions = functions

    def rational(self, q: Rational) -> Range:
        return q, q

    def total(self, terms: Sequence[Range]) -> Range:
        lows, highs = [low for low, _ in terms if low is not None], [high for _, high in terms if high is not None]
        return (sum(lows) if len(lows) == len(terms) else None), (sum(highs) if len(highs) == len(terms) else None)

    def dot(self, left: Sequence[Range], right: Sequence[Range]) -> Range:
        out: list[Range] = []
        for a, b in zip(left, right, strict=True):
            c, x = (a, b) if a[0] is not None and a[0] == a[1] else (b, a)
            out.append(_scaled(c[0], x) if c[0] is not None and c[0] == c[1] else _ANY)
        return self.total(out)

    def apply(self, node: Node, values: list[Range]) -> list[Range]:
        function = self._functions[node.names[0]]
        return [self._piecewise(function, x) if function.kind == "piecewise" else _ANY for x in values]

    def _piecewise(self, function: Activation, x: Range) -> Range:
        """The hull of the images of the parts below and above 0."""
        low, high = x
        below, above = function.numbers
        parts = [_scaled(below, (low, 0 if high is None or high > 0 else high))] if low is None or low < 0 else []
        parts += [_scaled(above, (0 if low is None or low < 0 else low, high))] if high is None or high > 0 else []
        lows, highs = [a for a, _ in parts if a is not None], [b for _, b in parts if b is not None]
        return (min(lows, default=0) if len(lows) == len(parts) else None), (max(highs, default=0) if len(highs) == len(parts) else None)


class Support(System[bool]):
    """Which values may be different from 0 somewhere near the point; `ranges` bound the arguments of the forward pass at the point."""

    def __init__(self, budget: Budget, functions: Mapping[str, Activation], ranges: Sequence[Sequence[Range]]) -> None:
        super().__init__(budget)
        self._functions, self._ranges = functions, ranges

    def rational(self, q: Rational) -> bool:
        return q != 0

    def total(self, terms: Sequence[bool]) -> bool:
        return any(terms)

    def dot(self, left: Sequence[bool], right: Sequence[bool]) -> bool:
        return any(a and b for a, b in zip(left, right, strict=True))

    def apply(self, node: Node, values: list[bool]) -> list[bool]:
        function = self._functions[node.names[0]]
        if function.kind != "piecewise":
            return [True] * len(values)
        below, above = function.numbers
        off = [high is not None and high <= 0 for _, high in self._ranges[node.args[0]]]
        on = [low is not None and low >= 0 for low, _ in self._ranges[node.args[0]]]
        return [not ((a and below == 0) or (b and above == 0)) for a, b in zip(off, on, strict=True)]


def frozen(f: Fields, point: Sequence[Rational]) -> set[int]:
    """The parameters that are frozen near the point.

    *Proves:* for every field X of an input at which no argument of a piecewise function is 0 at the point, these components of X are 0 near the point.
    *Does not prove:* that the others are not 0.
    """
    if any(a.partial for a in f.functions.values()):
        raise Unsupported("gates are not decided for models with partial functions")
    values: dict[int, list[Range]] = {}
    for i, node in enumerate(f.model.nodes):
        if node.op in LEAVES:
            values[i] = [(point[p], point[p]) for p in f.model.indices(node)]
        elif node.op == "input":
            values[i] = [_ANY] * node.size
    ranges = evaluate(f.model.nodes, values, Ranges(f.budget, f.functions))
    return {p for p, moves in enumerate(f.everywhere(True, Support(f.budget, f.functions, ranges))) if not moves}
