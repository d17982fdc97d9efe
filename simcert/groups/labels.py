"""What a person calls a subspace that symmetries fix: the blocks of tied units on every index space.

Units count from 1: `{12}{3}` ties units 1 and 2; `{1,-2}` ties unit 1 to minus unit 2; `{0: 3}` has unit 3 dead, all its parameters zero;
`{W1=0: 12}` ties units 1 and 2 and has their entries of W1 zero. Index spaces are separated by ` | `.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from simcert.groups.axes import Axis, IndexSpace
from simcert.groups.mirrors import Group, Mirror, Values, meet, moved, satisfies, sign_mark
from simcert.models.program import Program


@dataclass(frozen=True, slots=True)
class Block:
    """Tied units, in increasing order.

    `twists` are their flips relative to the first, `stabiliser` the flips that fix the block, `zero` the parameters that vanish; `dead` says that all do.
    """

    units: tuple[int, ...]
    twists: tuple[int, ...]
    stabiliser: frozenset[int]
    zero: tuple[str, ...]
    dead: bool

    @property
    def kind(self) -> tuple[bool, tuple[int, ...], int]:
        """What the group does not change; blocks are listed in this order."""
        return self.dead, tuple(sorted(self.stabiliser)), -len(self.units)

    def __str__(self) -> str:
        names = [sign_mark(t) + str(u + 1) for u, t in zip(self.units, self.twists, strict=True)]
        plain = all(len(name) == 1 for name in names)
        text = ("" if plain and not self.dead else ",").join(names)
        return f"{{0: {text}}}" if self.dead else f"{{{','.join(self.zero)}=0: {text}}}" if self.zero else f"{{{text}}}"


@dataclass(frozen=True, slots=True)
class Structure:
    """The blocks of each index space."""

    spaces: tuple[tuple[Block, ...], ...]

    @property
    def widths(self) -> tuple[int, ...]:
        """The number of blocks that are not dead, for each index space."""
        return tuple(sum(not b.dead for b in blocks) for blocks in self.spaces)

    def __str__(self) -> str:
        listed = (sorted(blocks, key=lambda b: (b.dead, b.units)) for blocks in self.spaces)
        return " | ".join("".join(map(str, blocks)) for blocks in listed) or "all"


def leaf_names(program: Program, axes: Sequence[Axis]) -> tuple[str, ...]:
    """The parameters on these axes, in program order."""
    out: dict[str, None] = {}
    for i, _ in sorted(axes):
        node = program.nodes[i]
        if node.op in ("parameter", "stack"):
            out |= dict.fromkeys([node.name] if node.op == "parameter" else node.names)
    return tuple(out)


def leaf_axes(program: Program, space: IndexSpace) -> tuple[Axis, ...]:
    """The axes of parameters that run over an index space."""
    return tuple(axis for axis in space.axes if program.nodes[axis[0]].op in ("parameter", "stack"))


def _odd(flips: Sequence[frozenset[Axis]], axis: Axis, twist: int) -> bool:
    """Whether these flips together change the sign along an axis."""
    return sum(axis in flip for bit, flip in enumerate(flips) if twist >> bit & 1) % 2 == 1


class Labels:
    """The structure of subspaces, read off from the reflections that fix them; and with it the classes under the whole group.

    The largest product of groups of the index spaces that fixes a subspace determines its structure; a fixed space of such a product is determined by it.
    """

    def __init__(self, group: Group, mirrors: Sequence[Mirror]) -> None:
        self.group, self.mirrors = group, mirrors
        self.swaps = {(m.space, *m.units, m.twist): r for r, m in enumerate(mirrors) if len(m.units) == 2}
        self.turns = {(m.space, *m.units, m.twist): r for r, m in enumerate(mirrors) if len(m.units) == 1}
        self.structure = lru_cache(maxsize=100_000)(self._structure)

    def _structure(self, values: Values) -> Structure:
        fixed = {r for r, m in enumerate(self.mirrors) if satisfies(values, m.relations)}
        return Structure(tuple(self._blocks(k, fixed) for k in range(len(self.group.spaces))))

    def _blocks(self, k: int, fixed: set[int]) -> tuple[Block, ...]:
        program, space, flips = self.group.program, self.group.spaces[k], self.group.flips[k]
        leaves, every = leaf_axes(program, space), range(1 << len(flips))
        out, placed = list[Block](), set[int]()
        for u in range(space.size):
            if u in placed:
                continue
            stabiliser = frozenset(t for t in every if t and self.turns[k, u, t] in fixed)
            units, twists = [u], [0]
            for v in range(u + 1, space.size):
                twist = next((t for t in every if self.swaps[k, u, v, t] in fixed), None)
                if twist is not None:
                    units.append(v)
                    twists.append(twist)
            placed.update(units)
            gone = [axis for axis in leaves if any(_odd(flips, axis, t) for t in stabiliser)]
            dead = bool(leaves) and len(gone) == len(leaves)
            out.append(Block(tuple(units), tuple(twists), stabiliser, () if dead else leaf_names(program, gone), dead))
        return tuple(out)

    def product_of(self, values: Values) -> Values:
        """The smallest fixed space of a product of groups of the index spaces that contains a subspace."""
        whole = tuple(range(1, self.group.program.size + 1))
        return meet(whole, (relation for m in self.mirrors if satisfies(values, m.relations) for relation in m.relations))

    def label(self, structure: Structure, values: Values, mask: int, mirrors: Sequence[Mirror]) -> str:
        """The label of a node; where the structure does not determine it, with elements that fix it and that do (`fix` in cycles of units counted from 1)."""
        reached = self.product_of(values)
        extra = list[str]()
        for r, m in enumerate(mirrors):
            if reached == values:
                break
            closer = meet(reached, m.relations) if mask >> r & 1 else reached
            if closer != reached:
                reached = closer
                extra.append(m.generator.label)
        plain = all(len(b.units) == 1 and not b.stabiliser for blocks in structure.spaces for b in blocks)
        return " ".join([*([] if plain and extra else [str(structure)]), *([f"fix {', '.join(extra)}"] if extra else [])])

    def classify(self, values: Values) -> tuple[Values, list[int]]:
        """The representative of the class of a fixed space of a product, and a word in the reflections (the last acts first) that carries it there.

        The representative has the units of each block side by side, with equal signs, larger blocks first.
        """
        word: list[int] = []
        current = values

        def act(r: int) -> None:
            nonlocal current
            current = moved(current, self.mirrors[r].source, self.mirrors[r].sign)
            word.append(r)

        for k, blocks in enumerate(self.structure(values).spaces):
            ordered = sorted(blocks, key=lambda b: b.kind)
            for b in ordered:
                for u, t in zip(b.units, b.twists, strict=True):
                    if t:
                        act(self.turns[k, u, t])
            at = list(range(self.group.spaces[k].size))
            for place, unit in enumerate(u for b in ordered for u in b.units):
                here = at.index(unit)
                if here != place:
                    act(self.swaps[k, place, here, 0])
                    at[place], at[here] = at[here], at[place]
        return current, word

    def class_size(self, values: Values) -> int:
        """The number of images of a fixed space of a product under the whole group."""
        out = 1
        for k, blocks in enumerate(self.structure(values).spaces):
            kinds = Counter(b.kind for b in blocks)
            out *= math.factorial(self.group.spaces[k].size)
            for (_, stabiliser, size), count in kinds.items():
                signs = (1 << len(self.group.flips[k])) // (len(stabiliser) + 1)
                out = out * signs ** ((-size - 1) * count) // (math.factorial(-size) ** count * math.factorial(count))
        return out
