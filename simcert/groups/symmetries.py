"""The symmetries of a program, derived from its index spaces, as certificates."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from simcert.errors import SpecError
from simcert.groups.axes import Axis, IndexSpace, index_spaces
from simcert.groups.generators import Action, Generator, Matrix, Monomial, combine, fixed_points, on_space, signed_permutation
from simcert.groups.subspaces import Subspace
from simcert.models.activations import facts, minimal
from simcert.models.program import Program

if TYPE_CHECKING:
    from simcert.models.equations import Statement


@dataclass(frozen=True)
class SpaceSymmetry:
    """An index space with generators of the group that acts on it."""

    space: IndexSpace
    generators: tuple[Generator, ...]

    @property
    def words(self) -> list[str]:
        return [g.label for g in self.generators]


@dataclass(frozen=True)
class Symmetries:
    """The symmetries of F that come from its index spaces: orthogonal maps g of parameter space with F(gθ) = F(θ).

    *Proves* (with its certificate): that every generator is such a map. *Does not prove:* that there are no others (non-isometric symmetries, such as
    rescaling a ReLU unit, are never claimed: they give no invariant subspaces; with several heads, rotations of one head alone are not listed).
    """

    program: Program
    spaces: tuple[SpaceSymmetry, ...]

    @property
    def generators(self) -> list[Generator]:
        return [g for s in self.spaces for g in s.generators]

    @property
    def order(self) -> int | None:
        """Order of the group that is generated; None when it is infinite."""
        if any(s.space.order is None for s in self.spaces):
            return None
        permutations = math.prod(math.factorial(s.space.size) for s in self.spaces)
        return permutations * 2 ** _rank([_signs(self.program, f) for f in self._all_flips()])

    def _all_flips(self) -> list[Generator]:
        return [on_space(self.program, s.space, _flip(s.space.size, unit), flip) for s in self.spaces for flip in s.space.flips for unit in range(s.space.size)]

    def certificate(self, seed: int = 0) -> dict[str, Any]:
        """The symmetry certificate; raises `SpecError` when there is nothing to certify."""
        if not self.generators:
            raise SpecError("no symmetry was found: every index space of this model has one unit, or is pinned by inputs, outputs or constants")
        return _certificate(self.program, self.generators, None, seed)


def _signs(p: Program, g: Generator) -> int:
    found = signed_permutation(p, g)
    return int("".join("1" if s < 0 else "0" for s in found[1].tolist()), 2) if found else 0


def _rank(vectors: Sequence[int]) -> int:
    pivots: dict[int, int] = {}
    for v in vectors:
        while v:
            bit = v.bit_length()
            if bit not in pivots:
                pivots[bit] = v
                break
            v ^= pivots[bit]
    return len(pivots)


def _flip(size: int, unit: int) -> Monomial:
    return Monomial(tuple(range(size)), tuple(-1 if i == unit else 1 for i in range(size)))


def _swap(size: int, i: int, j: int, sign: int = 1) -> Monomial:
    permutation = list(range(size))
    permutation[i], permutation[j] = j, i
    return Monomial(tuple(permutation), tuple(sign if k in (i, j) else 1 for k in range(size)))


def _generators(p: Program, space: IndexSpace) -> tuple[Generator, ...]:
    """A transposition, a cycle, one flip of each kind, and on orthogonal spaces the rotation by (3, 4, 5)."""
    n, out = space.size, list[tuple[str, Action, frozenset[Axis]]]()
    if n > 1:
        out.append(("swap of units 0 and 1", _swap(n, 0, 1), frozenset()))
    if n > 2:
        out.append((f"cycle of all {n} units", Monomial((*range(1, n), 0), (1,) * n), frozenset()))
    for flip in space.flips:
        names = sorted({name for i, k in flip for name in _names(p, i)})
        out.append((f"sign flip of unit 0 on {', '.join(names)}", _flip(n, 0), flip))
    if space.kind == "orthogonal" and n > 1:
        c, s = Fraction(3, 5), Fraction(4, 5)
        rows = [[Fraction(i == j) for j in range(n)] for i in range(n)]
        rows[0][0], rows[0][1], rows[1][0], rows[1][1] = c, -s, s, c
        out.append(("rotation of units 0 and 1 by (3,4,5)", Matrix(tuple(tuple(r) for r in rows)), frozenset()))
    return tuple(on_space(p, space, action, flip, f"{space.name}: {label}") for label, action, flip in out)


def _names(p: Program, i: int) -> tuple[str, ...]:
    node = p.nodes[i]
    return (node.name,) if node.op == "parameter" else node.names if node.op == "stack" else ()


def derive(program: Program) -> Symmetries:
    """The symmetries of a model, derived by unifying its axes and solving for signs; nothing is written by hand.

    Source: permutations and signs of tanh networks are Sussmann's group (order 2^h h!); here they follow from the program.
    """
    return Symmetries(program, tuple(SpaceSymmetry(s, _generators(program, s)) for s in index_spaces(program)))


def exchange(program: Program, moves: Sequence[tuple[int, tuple[int, int], int]]) -> Generator:
    """The simultaneous exchange of pairs of units: `moves` lists (space, (i, j), sign), spaces counted from 1; the pairs of one space are disjoint.

    Raises `SpecError` when a sign is not a symmetry of that space, and for spaces and units that do not exist.
    """
    spaces, images = index_spaces(program), dict[int, dict[int, tuple[int, int]]]()
    for number, (i, j), sign in moves:
        if not 1 <= number <= len(spaces) or not 0 <= min(i, j) <= max(i, j) < spaces[number - 1].size:
            raise SpecError(f"there are no units {i} and {j} of an index space {number}")
        if sign < 0 and _whole_flip(program, spaces[number - 1]) is None:
            name = spaces[number - 1].name
            raise SpecError(f"units of {name} cannot change sign: no symmetry negates everything that belongs to one of them", "", "leave the sign out")
        image = images.setdefault(number, {})
        if i == j or i in image or j in image:
            raise SpecError(f"the pairs of units of index space {number} overlap", "", "exchange disjoint pairs")
        image |= {i: (j, sign), j: (i, sign)}
    parts: list[tuple[IndexSpace, Action, frozenset[Axis]]] = []
    for number, image in images.items():
        space = spaces[number - 1]
        moved = [image.get(k, (k, 1)) for k in range(space.size)]
        action = Monomial(tuple(k for k, _ in moved), tuple(sign for _, sign in moved))
        parts.append((space, action, _whole_flip(program, space) or frozenset[Axis]()))
    return combine(program, parts)


def _whole_flip(program: Program, space: IndexSpace) -> frozenset[Axis] | None:
    """The sign flip that changes every parameter axis of a space, as a sign in `swap(1: 0,-1)` means it; None where that is no symmetry."""
    leaves = {axis for axis in space.axes if program.nodes[axis[0]].op in ("parameter", "stack")}
    return next((flip for flip in space.flips if leaves <= flip), None)


def named_generators(program: Program, statements: Sequence[Statement]) -> list[Generator]:
    """The generators that `swap(…)` statements name; other statements name none.

    Raises `SpecError` when the exchange is not a symmetry.
    """
    out: list[Generator] = []
    for statement in statements:
        if statement.kind == "swap":
            moves = [(g.space + 1, (g.units[0], g.units[1]), g.signs[0] * g.signs[1]) for g in statement.groups]
            out.append(exchange(program, moves))
    return out


def fixed_space(program: Program, source: str, seed: int = 0) -> dict[str, Any]:
    """The certificate (kind fixed-space) of the common fixed space of the generators that `swap(…)` statements name.

    Raises `SpecError` unless every statement is a swap that is a symmetry.
    """
    from simcert.models.equations import read_statements

    statements = read_statements(program, source)
    if any(s.kind != "swap" for s in statements):
        raise SpecError("only swaps name generators", "", 'write for example "swap(1: 0,1)" or "swap(1: 0,1) * swap(2: 0,1)"')
    generators = named_generators(program, statements)
    if not generators:
        raise SpecError("no generators were given", "", 'write for example "swap(1: 0,1)"')
    return _certificate(program, generators, fixed_points(program, generators), seed)


def assumed(program: Program, generators: Sequence[Generator]) -> dict[str, Any]:
    """What the equivariance of these generators needs of each activation, as the claim says it.

    No facts when they are permutations; the parities when signs occur; the function itself for piecewise functions, and for polynomials when
    matrices act through them.
    """
    signed, mixed = set[str](), set[str]()
    for g in generators:
        for i, row in g.nodes:
            for j in _consumers(program, i):
                used = [g.actions[a] for a in row if a >= 0]
                if any(isinstance(a, Matrix) for a in used):
                    mixed.add(program.nodes[j].activation)
                elif any(-1 in a.signs for a in used if isinstance(a, Monomial)):
                    signed.add(program.nodes[j].activation)
    out: dict[str, Any] = {}
    for name, a in program.activations.items():
        parity = [f for f in minimal(facts(a)) if f in ("odd", "even")]
        out[name] = "itself" if a.piecewise is not None or name in mixed else parity if name in signed else []
    return out


def _consumers(program: Program, i: int) -> list[int]:
    """The `apply` nodes whose argument is node i."""
    return [j for j, node in enumerate(program.nodes) if node.op == "apply" and node.args == (i,)]


def fixed_space_certificate(program: Program, generators: Sequence[Generator], subspace: Subspace, seed: int = 0) -> dict[str, Any]:
    """The certificate (kind fixed-space) that these generators are symmetries and that they fix exactly the subspace."""
    return _certificate(program, generators, subspace, seed)


def _certificate(program: Program, generators: Sequence[Generator], subspace: Subspace | None, seed: int) -> dict[str, Any]:
    claim: dict[str, Any] = {"kind": "symmetry", "activations": assumed(program, generators)}
    claim["generators"] = [{"actions": [a.to_json() for a in g.actions], "nodes": g.part(program, leaves=True)} for g in generators]
    if subspace is not None:
        claim |= {"kind": "fixed-space", "subspace": subspace.to_json()}
    proof = {"method": "equivariance", "nodes": [g.part(program, leaves=False) for g in generators]}
    meta = {"created_by": "simcert", "family": program.family, "seed": str(seed), "title": program.title}
    return {"claim": claim, "format": "simcert", "meta": meta, "model": program.to_json(), "proof": proof, "version": 1}
