"""From a symmetry (T, ε) of the data to maps of the parameters: g with F(gθ)(Tx) = εF(θ)(x), found by following T through the program.

Axes that the operations unify carry one permutation or one matrix; signs are solved for, one unit at a time, over GF(2). What is free is how hidden units
move along: g may be multiplied by any symmetry of F, and the choice decides which subspace is fixed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from simcert.errors import SpecError, UndecidedError
from simcert.groups.axes import Axis, IndexSpace, index_spaces, kept_axes, letter_axes, sign_equations, unify
from simcert.groups.generators import Action, Generator, Matrix, Monomial, fixed_points
from simcert.groups.transformations import Transformation
from simcert.models.program import Program, size_of

UNITS = 'write identity, pairs, auto, or cycles for each layer such as "1: (0 1)(2 3), 2: (0 -1)"'
MAX_FLIPS = 6  # so many independent flips are tried in all combinations
Choice = dict[int, Monomial]  # for every index space, by its number, how its units move


@dataclass(frozen=True, slots=True)
class Lift:
    """A map g of the parameters that belongs to a symmetry of the data.

    `units` says how hidden units move, `dimension` is that of its fixed space, and `vanishing` counts the parameter matrices that are 0 there.
    """

    generator: Generator
    units: str
    dimension: int
    vanishing: int

    @property
    def rank(self) -> tuple[int, int]:
        """What is compared where there is a choice."""
        return -self.vanishing, self.dimension


@dataclass(frozen=True, slots=True)
class Lifts:
    """The lift that was chosen, and others that were looked at."""

    chosen: Lift
    others: tuple[Lift, ...]


def lifts(program: Program, transformation: Transformation, units: str = "auto") -> Lifts:
    """The lift of one generator, chosen as `units` says.

    Arguments: `units` is `"identity"` (hidden units stay), `"pairs"` (units 0 and 1, 2 and 3, … of every hidden layer change places), `"auto"` (of these two
    the one on whose fixed space fewer matrices vanish, then the one with the larger fixed space), or signed cycles for each index space,
    `"1: (0 1)(2 3), 2: (0 -1)"`; the transformation's own word goes first. Unless cycles say so, all units of a layer change sign together where this makes
    the fixed space larger. Raises `UndecidedError` with the node that T cannot pass, `SpecError` for units that do not exist.
    """
    word = (transformation.units or units).strip()
    spaces = index_spaces(program)
    names = ["identity", "pairs"] if word == "auto" else [word]
    found: list[Lift] = []
    for name in names:
        base, flips = _choice(spaces, name)
        options = [_lift(program, transformation, base, chosen, name) for chosen in flips]
        best = max(options, key=lambda lift: lift.rank)  # of equal ones the first, without flips
        found.append(best)
    chosen = max(found, key=lambda lift: lift.rank)
    return Lifts(chosen, tuple(lift for lift in found if lift is not chosen))


Flips = tuple[tuple[int, frozenset[Axis]], ...]  # (number of the index space, axes that change sign)


def _choice(spaces: Sequence[IndexSpace], word: str) -> tuple[Choice, list[Flips]]:
    """The permutations of a word, and the combinations of flips of all units of a space that may go with them."""
    every = [(k, flip) for k, space in enumerate(spaces) for flip in space.flips]
    subsets = product(*([(), (item,)] for item in every)) if len(every) <= MAX_FLIPS else iter([((),), tuple((item,) for item in every)])
    combinations: list[Flips] = [tuple(item for part in subset for item in part) for subset in subsets]
    if word == "identity":
        return {}, combinations
    if word == "pairs":
        return {k: Monomial(tuple(_partner(i, space.size) for i in range(space.size)), (1,) * space.size) for k, space in enumerate(spaces)}, combinations
    return _cycles(spaces, word), [()]


def _partner(i: int, n: int) -> int:
    return i ^ 1 if i ^ 1 < n else i


def _cycles(spaces: Sequence[IndexSpace], text: str) -> Choice:
    """Signed cycles for each index space: `1: (0 1)(2 -2)`."""
    out: Choice = {}
    for part in text.split(","):
        match = re.fullmatch(r"\s*([0-9]{1,9})\s*:\s*((?:\([-0-9 ]+\)\s*)+)", part)
        if match is None:
            raise SpecError(f"{part.strip()!r} does not say how units move", "units", UNITS)
        k = int(match[1]) - 1
        if not 0 <= k < len(spaces) or k in out:
            known = f"they are 1 to {len(spaces)}, each once" if spaces else "this model has none"
            raise SpecError(f"there is no further index space {match[1]}", "units", known)
        n = spaces[k].size
        permutation, signs, seen = list(range(n)), [1] * n, set[int]()
        for cycle in re.findall(r"\(([-0-9 ]+)\)", match[2]):
            words = cycle.split()
            if not all(re.fullmatch(r"-?[0-9]{1,9}", w) for w in words) or not words:
                raise SpecError(f"({cycle}) is not a cycle", "units", UNITS)
            numbers, total = [(abs(int(w)), -1 if w.startswith("-") else 1) for w in words], 1
            if len(numbers) > 1 and numbers[-1] == (numbers[0][0], -1):
                numbers, total = numbers[:-1], -1
            if any(not 0 <= i < n or i in seen for i, _ in numbers) or len({i for i, _ in numbers}) != len(numbers) or numbers[0][1] < 0:
                raise SpecError(f"({cycle}) needs distinct units from 0 to {n - 1}, the first without sign", "units", UNITS)
            seen.update(i for i, _ in numbers)
            following = [*numbers[1:], (numbers[0][0], total)]
            for (i, s), (j, t) in zip(numbers, following, strict=True):
                permutation[i], signs[i] = j, s * t
        out[k] = Monomial(tuple(permutation), tuple(signs))
        if -1 in signs and len(spaces[k].flips) != 1:
            raise SpecError(f"units of index space {k + 1} have {len(spaces[k].flips)} kinds of sign flips", "units", "leave the signs out")
    return out


def _lift(p: Program, transformation: Transformation, base: Choice, flips: Flips, name: str) -> Lift:
    spaces = index_spaces(p)
    union, _ = unify(p)
    members: dict[Axis, list[Axis]] = {}
    for i, node in enumerate(p.nodes):
        for k in range(len(node.shape)):
            members.setdefault(union.find((i, k)), []).append((i, k))
    number = {axis: k for k, space in enumerate(spaces) for axis in space.axes}
    table: dict[Axis, Action] = {}
    words: list[str] = []
    for axes in members.values():
        if axes[0] in number:
            k = number[axes[0]]
            signed = [flip for j, flip in flips if j == k]
            table |= _free(spaces[k], base.get(k), signed)
            continue
        bound = {axis: transformation.actions.get(axis) for axis in axes if p.nodes[axis[0]].op == "input" or axis[0] in p.outputs}
        if any(action is not None for action in bound.values()):
            table |= _bound(p, axes, bound)
    for k in range(len(spaces)):
        signs = "".join(" all signs" for j, _ in flips if j == k)
        moved = base[k].words() if k in base else "identity"
        if signs or moved != "identity":
            words.append(f"{k + 1}: {(moved if moved != 'identity' else '') + signs}".replace(":  ", ": "))
    generator = assemble(p, table, transformation.text)
    space = fixed_points(p, [generator])
    zero = {row.pivot for row in space.rows if len(row.entries) == 1}
    vanishing = sum(zero.issuperset(range(start, start + size_of(shape))) for start, shape in p.offsets().values() if len(shape) > 1)
    return Lift(generator, ", ".join(words) or "identity", space.dimension, vanishing)


def _free(space: IndexSpace, chosen: Monomial | None, flips: Sequence[frozenset[Axis]]) -> dict[Axis, Action]:
    """The actions on a hidden index space: a permutation, with its own signs on the space's flip, and flips of all units."""
    base = chosen or Monomial(tuple(range(space.size)), (1,) * space.size)
    out: dict[Axis, Action] = {}
    for axis in space.axes:
        own = base.signs if space.flips and axis in space.flips[0] else (1,) * space.size
        sign = (-1) ** sum(axis in flip for flip in flips)
        out[axis] = Monomial(base.permutation, tuple(s * sign for s in own))
    return out


def _stopped(p: Program, i: int, what: str) -> UndecidedError:
    node = p.nodes[i]
    detail = next((str(word) for word in (node.name, ", ".join(node.names), node.activation, node.spec) if word), "")
    fact = f"no induced action on the parameters: node {i} ({node.op}{' ' + detail if detail else ''}) {what}"
    return UndecidedError(fact, p.title, "T and eps have to be absorbed by trained weights: try another axis, or another symmetry")


def _held(p: Program, axes: list[Axis]) -> list[tuple[int, Axis]]:
    """Axes along which a node tells entries apart: of constants with different slices, and where a gather or scatter does not act slice by slice."""
    out: list[tuple[int, Axis]] = []
    for i, node in enumerate(p.nodes):
        if node.op == "constant":
            values = np.array(node.values, dtype=object).reshape(node.shape)
            out += [(i, (i, k)) for k in range(len(node.shape)) if (i, k) in axes and np.any(values != np.take(values, [0], axis=k))]
        elif node.op in ("gather", "scatter"):
            (a,) = node.args
            pairs = kept_axes(node, p.nodes[a].shape)
            kept = {(a, k) for k, _ in pairs} | {(i, k) for _, k in pairs}
            out += [(i, axis) for axis in axes if axis[0] in (a, i) and axis not in kept]
    return out


def _bound(p: Program, axes: list[Axis], bound: Mapping[Axis, Action | None]) -> dict[Axis, Action]:
    """The actions on the axes that are unified with axes of inputs and outputs."""
    size = p.nodes[axes[0][0]].shape[axes[0][1]]
    identity = Monomial(tuple(range(size)), (1,) * size)
    given = {axis: action or identity for axis, action in bound.items()}
    held = _held(p, axes)
    matrices = [action for action in given.values() if isinstance(action, Matrix)]
    first = matrices[0] if matrices else next(iter(given.values()))
    for axis, action in given.items():
        same = action == first if isinstance(first, Matrix) else isinstance(action, Monomial) and action.permutation == first.permutation
        if not same:
            raise _stopped(p, axis[0], "is joined to the transformed axis by the network but transformed in another way")
    if held and (isinstance(first, Matrix) or first.permutation != identity.permutation):
        raise _stopped(p, held[0][0], "tells the entries of the transformed axis apart")
    if isinstance(first, Matrix):
        blocked = _blocks_matrices(p, set(axes))
        if blocked is not None:
            raise _stopped(p, blocked, "passes signed permutations only, and T or eps is a rotation here")
        return dict.fromkeys(axes, first)
    fixed = [(i, axis) for i, axis in held if axis not in given]
    for i, axis in held:
        action = given.get(axis)
        if isinstance(action, Monomial) and -1 in action.signs:
            raise _stopped(p, i, "tells the entries of the transformed axis apart")
    signs = [_solve(p, axes, {axis: action.signs[unit] for axis, action in given.items() if isinstance(action, Monomial)}, fixed) for unit in range(size)]
    return {axis: Monomial(first.permutation, tuple(signs[unit][axis] for unit in range(size))) for axis in axes}


def _solve(p: Program, axes: list[Axis], known: Mapping[Axis, int], fixed: Sequence[tuple[int, Axis]]) -> dict[Axis, int]:
    """Signs on the axes of a space at one unit that extend the known ones, 1 where fixed; raises `UndecidedError` with the node that has no solution."""
    top = len(axes)
    equations = [(axis[0], 1 << k | (known[axis] < 0) << top) for k, axis in enumerate(axes) if axis in known]
    equations += sorted([*sign_equations(p, axes), *((i, 1 << axes.index(axis)) for i, axis in fixed)])
    pivots: dict[int, int] = {}
    for i, row in equations:
        for bit, other in pivots.items():
            if row >> bit & 1:
                row ^= other
        if row == 1 << top:
            raise _stopped(p, i, "cannot pass on the change of sign")
        if row:
            bit = (row & -row).bit_length() - 1
            pivots = {b: other ^ row if other >> bit & 1 else other for b, other in pivots.items()} | {bit: row}
    return {axis: -1 if k in pivots and pivots[k] >> top & 1 else 1 for k, axis in enumerate(axes)}


def _blocks_matrices(p: Program, inside: set[Axis]) -> int | None:
    """The first node that a rotation of these axes cannot pass, or None."""
    for i, node in enumerate(p.nodes):
        own = any((i, k) in inside for k in range(len(node.shape)))
        before = any((a, k) in inside for a in node.args for k in range(len(p.nodes[a].shape)))
        if not (own or before) or node.op in ("parameter", "input", "add"):
            continue
        fine = False
        if node.op == "contract":
            pairs = [pair for pair in letter_axes(p.nodes, i).values() if (pair[0] + pair[1])[0] in inside]
            fine = all((len(args), len(out)) in ((2, 0), (1, 1)) for args, out in pairs)
        elif node.op == "apply":
            polynomial = p.activations[node.activation].polynomial
            fine = polynomial is not None and len(polynomial) == 2 and not polynomial[0] and node.order == 0
        elif node.op == "stack":
            fine = (i, 0) not in inside
        if not fine:
            return i
    return None


def assemble(p: Program, table: Mapping[Axis, Action], label: str) -> Generator:
    """The generator with these actions on axes; identities are left out."""
    actions: list[Action] = []
    nodes: list[tuple[int, tuple[int, ...]]] = []
    for i, node in enumerate(p.nodes):
        row = []
        for k in range(len(node.shape)):
            action = table.get((i, k))
            if action is None or action.is_identity:
                row.append(-1)
                continue
            if action not in actions:
                actions.append(action)
            row.append(actions.index(action))
        if any(a >= 0 for a in row):
            nodes.append((i, tuple(row)))
    return Generator(tuple(actions), tuple(nodes), label)
