"""What `tie`, `dead` and `swap` mean: scalar equations on the parameters that run over an index space.

A space meets a parameter along axes (`parameter_axes`), or it runs over whole parameters (`stacked`: attention heads).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from simcert.models.program import Program, Shape, size_of

if TYPE_CHECKING:
    from simcert.groups.axes import IndexSpace
    from simcert.models.equations import Equation, Group

Spend = Callable[[int], None]  # told how many coefficients are about to be listed; raises past the limit
ONE, ZERO = Fraction(1), Fraction(0)


def _slice(start: int, shape: Shape, axis: int, unit: int) -> Iterator[int]:
    """The parameter indices of the entries of a parameter whose index along `axis` is `unit`."""
    inner = size_of(shape[axis + 1 :])
    outer = inner * shape[axis]
    return (start + a * outer + unit * inner + b for a in range(size_of(shape[:axis])) for b in range(inner))


def _slices(program: Program, space: IndexSpace, unit: int) -> Iterator[tuple[int, Iterator[int]]]:
    """All that belongs to one unit: for each parameter axis and each stack its size and its parameter indices."""
    offsets = program.offsets()
    for name, axis in space.parameter_axes:
        start, shape = offsets[name]
        yield size_of(shape) // shape[axis], _slice(start, shape, axis, unit)
    for names in space.stacked:
        start, shape = offsets[names[unit]]
        yield size_of(shape), iter(range(start, start + size_of(shape)))


def tie(program: Program, spaces: Sequence[IndexSpace], groups: Sequence[Group], spend: Spend) -> Iterator[Equation]:
    """slice of the first unit = sign · slice of each other unit, along each axis separately."""
    for group in groups:
        space = spaces[group.space]
        for unit, sign in zip(group.units[1:], group.signs[1:], strict=True):
            pairs = zip(_slices(program, space, group.units[0]), _slices(program, space, unit), strict=True)
            for (count, first), (_, other) in pairs:
                spend(2 * count)
                for p, q in zip(first, other, strict=True):
                    yield {p: ONE, q: -ONE * sign * group.signs[0]}, ZERO


def dead(program: Program, spaces: Sequence[IndexSpace], groups: Sequence[Group], spend: Spend) -> Iterator[Equation]:
    """Every slice of every unit is 0."""
    seen: set[int] = set()
    for group in groups:
        for unit in group.units:
            for count, entries in _slices(program, spaces[group.space], unit):
                spend(count)
                for p in entries:
                    if p not in seen:
                        seen.add(p)
                        yield {p: ONE}, ZERO


def swap(program: Program, spaces: Sequence[IndexSpace], groups: Sequence[Group], spend: Spend) -> Iterator[Equation]:
    """θ = gθ, where g exchanges the two units of every group at the same time, along all axes, with the product of their signs."""
    moved: dict[int, dict[int, tuple[int, int]]] = {}
    for group in groups:
        (u, v), sign = group.units, group.signs[0] * group.signs[1]
        moved.setdefault(group.space, {}).update({u: (v, sign), v: (u, sign)})
    offsets = program.offsets()
    axes: dict[str, dict[int, dict[int, tuple[int, int]]]] = {}
    partner: dict[str, tuple[str, int]] = {}
    for k, image in moved.items():
        for name, axis in spaces[k].parameter_axes:
            axes.setdefault(name, {})[axis] = image
        for names in spaces[k].stacked:
            for u, (v, sign) in image.items():
                partner[names[u]] = (names[v], sign)
    for name, (start, shape) in offsets.items():
        if name not in axes and name not in partner:
            continue
        own = axes.get(name, {})
        target, sign = partner.get(name, (name, 1))
        candidates = (
            [range(start, start + size_of(shape))] if name in partner else [_slice(start, shape, axis, u) for axis, image in own.items() for u in image]
        )
        spend(2 * (size_of(shape) if name in partner else sum(len(image) * size_of(shape) // shape[axis] for axis, image in own.items())))
        seen: set[int] = set()
        for p in (p for entries in candidates for p in entries):
            shift, s = offsets[target][0] - start, sign
            for axis, image in own.items():
                inner = size_of(shape[axis + 1 :])
                unit = (p - start) // inner % shape[axis]
                if unit in image:
                    v, flip = image[unit]
                    shift, s = shift + (v - unit) * inner, s * flip
            q = p + shift  # never p itself: an entry listed lies in a unit that moves
            if p < q and p not in seen:
                seen.add(p)
                yield {p: ONE, q: Fraction(-s)}, ZERO
