"""A small fluent way to write a model as a `Program`.

Arrays are `Expr` objects; operators append nodes to the program that the `Builder` holds. Only exact numbers come in.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Any

from simcert.errors import ResourceLimit, SpecError
from simcert.exact.border import read_rational, to_fraction
from simcert.models.program import MAX_ENTRIES, NAME, Activation, Node, Program, Shape, size_of, split_spec

LETTERS = "abcdefghijklmnopqrstuvwxyz"
MAX_LISTED = 1 << 22  # entries of one constant, gather or scatter node, which lists every one of them
MAX_PARAMETERS = 1 << 30


def polynomial(coefficients: Sequence[object], place: str = "") -> Activation:
    """The activation Σ c_k z^k; raises `SpecError` when there is no coefficient or the last of several is 0.

    >>> polynomial([0, 1, "1/3"]).to_json()
    {'polynomial': ['0', '1', '1/3']}
    """
    numbers = tuple(to_fraction(c, place) for c in coefficients)
    if not numbers:
        raise SpecError("a polynomial needs coefficients", place, "write for example poly(0,1,1/3) for z + z²/3")
    if numbers[-1] == 0 and len(numbers) > 1:
        raise SpecError("the last coefficient of the polynomial is 0", place, "leave trailing zeros out")
    return Activation(polynomial=numbers)


def as_activation(value: str | Activation, place: str = "activation") -> tuple[str, Activation]:
    """The name and the definition of an activation given as a word, as `poly(0,1,1/3)`, or as a definition.

    Raises `SpecError` for an unknown word, with close matches, and for a definition that is not well formed.

    >>> as_activation("poly(0,1)")[0]
    'poly'
    """
    from simcert.models import activations

    if isinstance(value, str):
        word = value.strip()
        if word.startswith("poly"):
            inside = word[len("poly") :].strip()
            if not (inside.startswith("(") and inside.endswith(")")):
                raise SpecError(f"cannot read the polynomial {_short(word)!r}", place, "write for example poly(0,1,1/3) for z + z²/3")
            return "poly", polynomial([read_rational(c.strip(), place) for c in inside[1:-1].split(",")], place)
        return word, activations.lookup(word, place)
    if not isinstance(value, Activation):
        raise SpecError(f"an activation is a word or an Activation, got {_short(repr(value))}", place, 'write for example "tanh" or "poly(0,1,1/3)"')
    activations.validate(value, place)
    if value.polynomial is not None:
        return "poly", value
    return value.cls or value.named or "piecewise", value


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."


@dataclass(frozen=True, slots=True, eq=False)
class Expr:
    """An array of a model under construction: a node of a `Builder`.

    Operators: `@` (matrix or vector products), `+`, `-`, `*` (entrywise for equal shapes, or with an exact scalar), `/` by an exact scalar, `.T`,
    `[...]` (integers, slices, `...`), `.reshape`, `.sum`.
    """

    builder: Builder
    node: int
    shape: Shape

    __array_ufunc__ = None  # so that a NumPy array on the left leaves the operation to this class

    def __add__(self, other: Any) -> Expr:
        return self.builder.add(self, other)

    __radd__ = __add__

    def __neg__(self) -> Expr:
        return self * -1

    def __sub__(self, other: Any) -> Expr:
        return self.builder.add(self, -other if isinstance(other, Expr) else self.builder.operand(other) * -1)

    def __rsub__(self, other: Any) -> Expr:
        return self.builder.add(-self, other)

    def __mul__(self, other: Any) -> Expr:
        b, factor = self.builder, self.builder.operand(other)
        mine, its = LETTERS[: len(self.shape)], LETTERS[: len(factor.shape)]
        if self.shape != factor.shape and () not in (self.shape, factor.shape):
            raise SpecError(f"cannot multiply arrays of shapes {self.shape} and {factor.shape} entrywise", b.title, 'use b.contract, for example "ij,j->ij"')
        return b.contract(f"{mine},{its}->{mine or its}", self, factor)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Expr:
        if isinstance(other, Expr):
            raise SpecError("division by an array is not an operation", self.builder.title, 'multiply by b.apply("reciprocal", …)')
        divisor = to_fraction(other, "a divisor")
        if divisor == 0:
            raise SpecError("division by 0", self.builder.title)
        return self * (1 / divisor)

    def __matmul__(self, other: Any) -> Expr:
        b = self.builder
        right = b.operand(other)
        spec = {(2, 1): "ij,j->i", (2, 2): "ij,jk->ik", (1, 2): "i,ij->j", (1, 1): "i,i->"}.get((len(self.shape), len(right.shape)))
        if spec is None or self.shape[-1] != right.shape[0]:
            raise SpecError(
                f"cannot multiply arrays of shapes {self.shape} @ {right.shape}", b.title, "the inner sizes must agree; for more axes use b.contract"
            )
        return b.contract(spec, self, right)

    def __rmatmul__(self, other: Any) -> Expr:
        return self.builder.operand(other) @ self

    @property
    def T(self) -> Expr:
        """The array with its axes in reverse order."""
        letters = LETTERS[: len(self.shape)]
        return self if len(letters) < 2 else self.builder.contract(f"{letters}->{letters[::-1]}", self)

    def sum(self, axis: int | Sequence[int] | None = None) -> Expr:
        """The sum over one axis, over several, or over all."""
        every = range(len(self.shape))
        axes = every if axis is None else [axis] if isinstance(axis, int) else axis
        gone = {_axis(k, len(self.shape), self.builder.title) for k in axes}
        letters = LETTERS[: len(self.shape)]
        return self.builder.contract(f"{letters}->{''.join(letters[k] for k in every if k not in gone)}", self)

    def reshape(self, *shape: int) -> Expr:
        """The same entries, row-major, in another shape; one size may be −1."""
        known = size_of(tuple(n for n in shape if n != -1))
        sizes = tuple(size_of(self.shape) // known if n == -1 and known > 0 else n for n in shape)
        if size_of(sizes) != size_of(self.shape) or any(n < 1 for n in sizes):
            raise SpecError(f"cannot reshape {self.shape} to {shape}", self.builder.title, "the number of entries must stay the same")
        return self if sizes == self.shape else self.builder.gather(self, sizes, range(size_of(sizes)))

    def __getitem__(self, key: Any) -> Expr:
        keys = list(key) if isinstance(key, tuple) else [key]
        at = next((k for k, item in enumerate(keys) if item is Ellipsis), None)
        if at is not None:
            keys[at : at + 1] = [slice(None)] * (len(self.shape) - len(keys) + 1)
        if len(keys) > len(self.shape):
            raise SpecError(f"{len(keys)} indices for an array of shape {self.shape}", self.builder.title)
        ranges, shape = [], []
        for n, k in zip(self.shape, keys + [slice(None)] * (len(self.shape) - len(keys)), strict=True):
            if isinstance(k, slice):
                ranges.append(range(n)[k])
                shape.append(len(ranges[-1]))
            else:
                index = _axis(k, n, self.builder.title, "index")
                ranges.append(range(index, index + 1))
        if 0 in shape:
            raise SpecError(f"an empty slice of an array of shape {self.shape}", self.builder.title)
        if tuple(shape) == self.shape and all(r == range(n) for r, n in zip(ranges, self.shape, strict=True)):
            return self
        _listed(tuple(shape), self.builder.title)
        strides = [size_of(self.shape[k + 1 :]) for k in range(len(self.shape))]
        flat = (sum(s * i for s, i in zip(strides, where, strict=True)) for where in product(*ranges))
        return self.builder.gather(self, tuple(shape), flat)

    def __len__(self) -> int:
        if not self.shape:
            raise SpecError("a scalar has no length", self.builder.title)
        return self.shape[0]

    def __iter__(self) -> Iterator[Expr]:
        return (self[k] for k in range(len(self)))


def _axis(k: Any, n: int, title: str, what: str = "axis") -> int:
    if isinstance(k, bool) or not hasattr(k, "__index__"):
        raise SpecError(f"{what} {k!r} is not an integer", title)
    if not -n <= k < n:
        raise SpecError(f"{what} {k} is out of range 0..{n - 1}", title)
    return int(k) % n


def _listed(shape: Shape, title: str) -> None:
    if math.prod(shape) > MAX_LISTED:
        raise ResourceLimit(f"an array of shape {shape} would have to be listed entry by entry", title, f"the limit is {MAX_LISTED} entries")


class Builder:
    """Collects the nodes of one model.

    Arguments: `title` names the model in messages and reports.

    >>> b = Builder("two units")
    >>> x, W, a = b.input("x", 2), b.parameter("W", 2, 2), b.parameter("a", 2)
    >>> b.program(a @ b.apply("tanh", W @ x)).size
    6
    """

    def __init__(self, title: str = "") -> None:
        self.title = title
        self._nodes: list[Node] = []
        self._parameters: dict[str, Shape] = {}
        self._inputs: dict[str, Shape] = {}
        self._activations: dict[str, Activation] = {}
        self._size = 0
        self._scalars: dict[Fraction, Expr] = {}

    def _emit(self, node: Node) -> Expr:
        if any(n < 1 for n in node.shape):
            raise SpecError(f"shape {node.shape} is not of positive sizes", node.name or self.title)
        if size_of(node.shape) > MAX_ENTRIES:
            raise ResourceLimit(f"an array of shape {node.shape}", node.name or self.title, f"the limit is {MAX_ENTRIES} entries")
        self._nodes.append(node)
        return Expr(self, len(self._nodes) - 1, node.shape)

    def _declare(self, kind: str, table: dict[str, Shape], names: Sequence[str], shape: Sequence[int]) -> Shape:
        if any(isinstance(n, bool) or not hasattr(n, "__index__") or n < 1 for n in shape):
            raise SpecError(f"shape {tuple(shape)} is not of positive integers", str(names[0]))
        sizes = tuple(int(n) for n in shape)
        if size_of(sizes) * len(names) > MAX_ENTRIES:
            raise ResourceLimit(f"an array of shape {sizes}", str(names[0]), f"the limit is {MAX_ENTRIES} entries")
        if kind == "parameter" and self._size + size_of(sizes) * len(names) > MAX_PARAMETERS:
            raise ResourceLimit("too many parameters", self.title or str(names[0]), f"the limit is {MAX_PARAMETERS}")
        for name in names:
            if not isinstance(name, str) or not NAME.match(name):
                raise SpecError(f"{name!r} cannot name a {kind}", self.title, "use a letter, then letters, digits and _")
            if name in table:
                raise SpecError(f"the {kind} {name} exists already", self.title, "keep the first one in a variable and use it again")
            table[name] = sizes
            self._size += size_of(sizes) if kind == "parameter" else 0
        return sizes

    def input(self, name: str, *shape: int) -> Expr:
        """An input array."""
        return self._emit(Node("input", self._declare("input", self._inputs, [name], shape), name=name))

    def parameter(self, name: str, *shape: int) -> Expr:
        """A trainable array."""
        return self._emit(Node("parameter", self._declare("parameter", self._parameters, [name], shape), name=name))

    def stack(self, names: Sequence[str], *shape: int) -> Expr:
        """Trainable arrays of one shape, stacked along a new first axis: their number becomes an index space (heads, experts)."""
        if not names:
            raise SpecError("a stack needs at least one parameter", self.title)
        sizes = self._declare("parameter", self._parameters, list(names), shape)
        return self._emit(Node("stack", (len(names), *sizes), names=tuple(names)))

    def constant(self, values: Any) -> Expr:
        """An array of exact numbers: nested lists of ints, Fractions or strings, or one number. Floats raise `InexactInputError`."""
        flat, shape = [values.tolist() if hasattr(values, "tolist") else values], []
        while isinstance(flat[0], list | tuple):
            n = len(flat[0])
            if any(not isinstance(row, list | tuple) or len(row) != n for row in flat) or n == 0:
                raise SpecError(f"the nested lists of a constant are not rectangular at depth {len(shape)}", self.title)
            shape.append(n)
            _listed((len(flat), n), self.title)
            flat = [item for row in flat for item in row]
        if not shape:
            value = to_fraction(flat[0], "a constant")
            if value not in self._scalars:
                self._scalars[value] = self._emit(Node("constant", (), values=(value,)))
            return self._scalars[value]
        return self._emit(Node("constant", tuple(shape), values=tuple(to_fraction(v, "a constant") for v in flat)))

    def operand(self, value: Any) -> Expr:
        """`value` as an array of this builder: an `Expr` itself, anything else as a constant."""
        if isinstance(value, Expr):
            if value.builder is not self:
                raise SpecError("arrays of two builders cannot be combined", self.title)
            return value
        return self.constant(value)

    def add(self, *terms: Any) -> Expr:
        """The sum of arrays of one shape; a scalar is added to every entry."""
        parts = [self.operand(t) for t in terms]
        shape = max((part.shape for part in parts), key=len)
        for k, part in enumerate(parts):
            if part.shape == () != shape:
                letters = LETTERS[: len(shape)]
                parts[k] = self.contract(f"->{letters}", part, sizes=dict(zip(letters, shape, strict=True)))
            elif part.shape != shape:
                raise SpecError(f"cannot add arrays of shapes {shape} and {part.shape}", self.title, 'broadcast with b.contract("j->ij", …, sizes={"i": n})')
        return parts[0] if len(parts) == 1 else self._emit(Node("add", shape, tuple(p.node for p in parts)))

    def contract(self, spec: str, *args: Any, sizes: Mapping[str, int] | None = None) -> Expr:
        """An einsum of one or two arrays, such as `"ij,jk->ik"`; `sizes` gives the sizes of letters that occur only in the output (broadcast)."""
        parts = [self.operand(a) for a in args]
        terms, out = split_spec(spec)
        known = dict(sizes or {})
        if len(terms) != len(parts) or len(parts) not in (1, 2) or "->" not in spec:
            raise SpecError(f"spec {spec!r} does not fit {len(parts)} arrays", self.title, 'write for example "ij,jk->ik" for two arrays')
        for term, part in zip(terms, parts, strict=True):
            if len(term) != len(part.shape):
                raise SpecError(f"term {term!r} of {spec!r} does not fit an array of shape {part.shape}", self.title)
            for letter, n in zip(term, part.shape, strict=True):
                if known.setdefault(letter, n) != n:
                    raise SpecError(f"letter {letter!r} of {spec!r} has sizes {known[letter]} and {n}", self.title)
        if any(letter not in LETTERS for letter in spec if letter not in ",->") or any(len(set(t)) != len(t) for t in (*terms, out)):
            raise SpecError(f"spec {spec!r} has a letter twice in one term, or a letter not in a–z", self.title, "take a diagonal with [...] and .sum")
        if any(letter not in known for letter in out):
            raise SpecError(f"a letter of the output of {spec!r} has no size", self.title, 'give it, for example sizes={"i": 3}')
        return self._emit(Node("contract", tuple(known[letter] for letter in out), tuple(p.node for p in parts), spec=spec))

    def gather(self, source: Expr, shape: Sequence[int], indices: Any) -> Expr:
        """The array of this shape with entry i (flat) = entry `indices[i]` of `source` (flat), or 0 where that is −1."""
        _listed(tuple(shape), self.title)
        return self._emit(Node("gather", tuple(shape), (self.operand(source).node,), indices=tuple(indices)))

    def scatter(self, source: Expr, shape: Sequence[int], indices: Any) -> Expr:
        """The array of this shape in which entry i (flat) of `source` is added at `indices[i]` (flat), or dropped where that is −1."""
        _listed(tuple(shape), self.title)
        return self._emit(Node("scatter", tuple(shape), (self.operand(source).node,), indices=tuple(indices)))

    def concatenate(self, parts: Sequence[Any], axis: int = 0) -> Expr:
        """The arrays one after the other along `axis`; their other sizes agree."""
        arrays = [self.operand(part) for part in parts]
        if not arrays:
            raise SpecError("nothing to concatenate", self.title)
        k = _axis(axis, len(arrays[0].shape), self.title)
        rests = {(*a.shape[:k], *a.shape[k + 1 :]) for a in arrays}
        if len(rests) != 1 or len({len(a.shape) for a in arrays}) != 1:
            raise SpecError(f"cannot concatenate arrays of shapes {[a.shape for a in arrays]} along axis {k}", self.title)
        total = sum(a.shape[k] for a in arrays)
        shape = (*arrays[0].shape[:k], total, *arrays[0].shape[k + 1 :])
        if len(arrays) == 1:
            return arrays[0]
        _listed(shape, self.title)
        inner, start, out = size_of(shape[k + 1 :]), 0, []
        for a in arrays:
            own = a.shape[k] * inner
            indices = tuple(i // own * total * inner + start * inner + i % own for i in range(size_of(a.shape)))
            out.append(self._emit(Node("scatter", shape, (a.node,), indices=indices)))
            start += a.shape[k]
        return self.add(*out)

    def apply(self, activation: str | Activation, source: Any) -> Expr:
        """An activation, entrywise: a word such as `"tanh"`, `"poly(0,1,1/3)"`, or an `Activation`."""
        word, definition = as_activation(activation, self.title or "activation")
        argument = self.operand(source)
        return self._emit(Node("apply", argument.shape, (argument.node,), activation=self._named(word, definition)))

    def _named(self, word: str, definition: Activation) -> str:
        for name, known in self._activations.items():
            if known == definition:
                return name
        base = word if NAME.match(word) else "activation"
        name, k = base, 1
        while name in self._activations:
            k += 1
            name = f"{base}{k}"
        self._activations[name] = definition
        return name

    def softmax(self, source: Any) -> Expr:
        """exp(z) / Σ exp(z) over the last axis."""
        raised = self.apply("exp", source)
        letters = LETTERS[: len(raised.shape)]
        if not letters:
            raise SpecError("softmax of a scalar", self.title)
        return self.contract(f"{letters},{letters[:-1]}->{letters}", raised, self.apply("reciprocal", raised.sum(-1)))

    def program(self, outputs: Expr | Sequence[Expr], *, parameters: Sequence[str] | None = None, family: str = "") -> Program:
        """The finished program.

        Arguments: `outputs`, one array or several; `parameters`, the names in another order than that of creation, when the numbering matters.
        """
        listed = [outputs] if isinstance(outputs, Expr) else list(outputs)
        names = list(self._parameters) if parameters is None else list(parameters)
        if sorted(names) != sorted(self._parameters):
            raise SpecError("the parameters listed are not those of the model", self.title, f"list {', '.join(self._parameters)} in any order")
        return Program(
            tuple((name, self._parameters[name]) for name in names), tuple(self._inputs.items()), tuple(self._nodes),
            tuple(self.operand(out).node for out in listed), dict(self._activations), self.title, family,
        )  # fmt: skip
