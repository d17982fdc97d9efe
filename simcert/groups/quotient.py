"""The reduced network on an invariant subspace: fewer units, with a metric that says how often each counts.

On a block of s tied units with incoming weights w and outgoing weights a the small unit has w and s·a: the flow on the subspace is that of the small network
with the metric 1/s for w and s for s·a. In the coordinates v/√m it is the Euclidean flow of the rescaled small network.

Source: [ZLZ] for two layers; `math.md`, sections 3 and 6.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from simcert.errors import SpecError, UndecidedError
from simcert.exact.linalg import Number
from simcert.groups.axes import Axis, IndexSpace, index_spaces
from simcert.groups.blocks import LEAVES, AxisMap, Blocks, Refinement, fibres, modes
from simcert.groups.generators import Generator
from simcert.groups.shrink import ConstantError, NoReductionError, Shrink
from simcert.groups.subspaces import Form, Subspace
from simcert.invariance.decide import decide
from simcert.models.activations import facts, minimal
from simcert.models.program import Program, size_of

Json = dict[str, Any]


@dataclass(frozen=True)
class Layer:
    """One index space: its name, its size in the network and in the small one, and how many units each small unit stands for.

    `multiplicities` are the squared lengths of the directions where units are not tied but turned (orthogonal spaces); `blocks` are then empty. Units count
    from 1, with a minus sign where opposite; `dead` ones have gone.
    """

    name: str
    size: int
    width: int
    multiplicities: tuple[Number, ...]
    blocks: tuple[tuple[int, ...], ...]
    dead: tuple[int, ...]


@dataclass(frozen=True)
class Quotient:
    """The small network on an invariant subspace.

    `program`: the small network, a model like any other; `rows`, `constants`: v = Qθ, one linear form and constant for each of its parameters; `metric`: the
    squared lengths of the rows; `layers`: the index spaces; `frozen`: how many directions of the subspace do not move; `data`: the certificate object.
    """

    big: Program
    program: Program
    subspace: Subspace
    rows: tuple[Form, ...]
    constants: tuple[Number, ...]
    metric: tuple[Number, ...]
    layers: tuple[Layer, ...]
    data: Json

    @property
    def widths(self) -> list[int]:
        """The sizes of the index spaces in the small network, between those of input and output where these are one vector each."""
        inner = [layer.width for layer in self.layers]
        ends = [shape for _, shape in self.big.inputs], [self.big.nodes[k].shape for k in self.big.outputs]
        if any(len(shapes) != 1 or len(shapes[0]) != 1 for shapes in ends):
            return inner
        return [ends[0][0][0], *inner, ends[1][0][0]]

    @property
    def multiplicities(self) -> list[list[Number]]:
        """For every index space the number of tied units in each block."""
        return [list(layer.multiplicities) for layer in self.layers]

    @property
    def frozen(self) -> int:
        return self.subspace.dimension - self.program.size

    @cached_property
    def certificate(self) -> Any:
        """The certificate, checked."""
        from simcert.certificates import codec
        from simcert.certificates.claims import Certificate, require

        found = Certificate(codec.assemble(self.data["model"], self.data["claim"], self.data["proof"], self.data.get("meta", {})))
        require(found.verify())
        return found

    def image(self, theta: dict[str, list[Fraction]]) -> dict[str, list[Fraction]]:
        """The point Qθ of the small network for a point θ of the subspace, flat lists by name; raises `SpecError` for a point outside."""
        flat = [q for name, _ in self.big.parameters for q in theta[name]]
        if not self.subspace.contains(flat):
            raise SpecError("the point does not lie in the subspace", self.big.title)
        values = [sum((v * flat[k] for k, v in row.items()), Fraction(c)) for row, c in zip(self.rows, self.constants, strict=True)]
        return {name: values[start : start + size_of(shape)] for name, (start, shape) in self.program.offsets().items()}

    def metrics(self) -> dict[str, list[Number]]:
        """The metric by parameter of the small network, flat."""
        return {name: list(self.metric[start : start + size_of(shape)]) for name, (start, shape) in self.program.offsets().items()}


def _orthogonal_maps(p: Program, subspace: Subspace, space: IndexSpace, sums: frozenset[Axis]) -> dict[Axis, AxisMap] | None:
    """On an orthogonal index space: coordinates along an orthogonal basis of the directions that occur; None when there are none or all."""
    basis = fibres(p, subspace, space, sums)
    if not 0 < len(basis) < space.size:
        return None
    whole = [[int(x * math.lcm(*(y.denominator for y in b))) for x in b] for b in basis]
    columns = [[x // math.gcd(*b) for x in b] for b in whole]
    rows = tuple(tuple((j, b[u]) for j, b in enumerate(columns) if b[u]) for u in range(space.size))
    return {axis: AxisMap(rows, len(basis), axis in sums) for axis in space.axes}


def _attempts(p: Program, subspace: Subspace, seed: int) -> Iterator[tuple[str, dict[Axis, AxisMap], dict[str, Blocks]]]:
    """Axis maps to try, with the blocks that they come from by the name of the index space."""
    chosen = modes(p)
    found = {blocks.space.name: blocks for blocks in Refinement(p, subspace, random.Random(seed)).run()}
    tied = {axis: blocks.on(axis, axis in chosen.sums) for blocks in found.values() for axis in blocks.space.axes}
    turned = dict(tied)
    for space in index_spaces(p):
        if space.kind == "orthogonal":
            maps = _orthogonal_maps(p, subspace, space, chosen.sums)
            if maps is not None and space.name in found and maps[space.axes[0]].width < found[space.name].width:
                turned |= maps
    if turned != tied:
        yield "orthogonal directions", turned, found
    yield "blocks of tied units", tied, found
    yield "no blocks", {}, {}


def _layers(p: Program, maps: dict[Axis, AxisMap], found: dict[str, Blocks]) -> tuple[Layer, ...]:
    out: list[Layer] = []
    for space in index_spaces(p):
        axis = maps.get(space.axes[0])
        width, blocks = space.size if axis is None else axis.width, found.get(space.name)
        sizes = (1,) * width if axis is None else tuple(axis.squares())
        if axis is None or blocks is None or axis.rows != blocks.on(space.axes[0], axis.sums).rows:
            out.append(Layer(space.name, space.size, width, sizes, tuple((u + 1,) for u in range(space.size)) if axis is None else (), ()))
            continue
        signs = [min(s, default=1) for s in blocks.signs]
        units = [tuple(signs[u] * (u + 1) for u in range(space.size) if blocks.block[u] == k) for k in range(width)]
        out.append(Layer(space.name, space.size, width, sizes, tuple(units), tuple(u + 1 for u in range(space.size) if blocks.block[u] < 0)))
    return tuple(out)


def _titled(p: Program, layers: tuple[Layer, ...], small: Program) -> Program:
    """The small network with its family and shorthand where it has these."""
    from simcert.models.spec import load_model

    words = p.title.split(":")
    if p.family in ("mlp", "linear") and len(words) > 1 and len(layers) == len(words[1].split("-")) - 2:
        outer = words[1].split("-")
        words[1] = "-".join([outer[0], *(str(layer.width) for layer in layers), outer[-1]])
        known = load_model(":".join(words))
        if known == small:
            return known
    title = f"{p.title}, reduced to {small.size} parameters" if p.title else ""
    return Program(small.parameters, small.inputs, small.nodes, small.outputs, small.activations, title)


def quotient(program: Program, subspace: Subspace, seed: int = 0, hints: list[Generator] | None = None) -> Quotient:
    """The network that a network is on an invariant subspace.

    *Proves:* what the certificate (`data`) states; run a checker on it. *Does not prove:* that there is no smaller network.
    Arguments: `hints`, generators to try first for invariance. Raises `SpecError` when the subspace is not invariant, `UndecidedError` when that is not decided
    or when no small network was found.
    """
    decision = decide(program, subspace, seed, hints or [])
    if decision.verdict == "not-invariant":
        raise SpecError("the subspace is not invariant, so gradient flows leave it", program.title, "simcert prove MODEL SUBSPACE gives the proof")
    if decision.certificate is None:
        raise UndecidedError(f"undecided: whether the subspace is invariant ({decision.reason})", program.title, "try simcert prove")
    tried: list[str] = []
    zero = _zero_leaves(program, subspace)
    for name, maps, found in _attempts(program, subspace, seed):
        shrink = Shrink(subspace, maps, modes(program).weighted, zero)
        try:
            small = shrink.run()
        except ConstantError as reason:
            raise UndecidedError(f"no reduced network: {reason}", program.title) from None
        except NoReductionError as reason:
            tried.append(f"{name}: {reason}")
            continue
        layers = _layers(program, maps, found)
        small = _titled(program, layers, small)
        given = dict(decision.certificate["claim"]["activations"])
        every = {n: minimal(facts(a)) if given[n] != "itself" else "itself" for n, a in program.activations.items()}
        for about, method in ((given, "expansion"), (every, "expansion"), (every, "identity")):
            data = _certificate(program, subspace, small, shrink, decision.certificate["proof"], about, method, seed)
            message = _verdict(data)
            if not message:
                rows, constants = tuple(shrink.coordinates.rows), tuple(shrink.coordinates.constants)
                metric = tuple(sum(v * v for v in row.values()) for row in rows)
                return Quotient(program, small, subspace, rows, constants, metric, layers, data)
            tried.append(f"{name}, by {method}: {message}")
    raise UndecidedError(f"undecided: no reduced network was found on this invariant subspace (tried {'; '.join(dict.fromkeys(tried))})", program.title)


def _zero_leaves(p: Program, subspace: Subspace) -> set[int]:
    """The parameter and constant nodes that are 0 on the subspace."""
    offsets = p.offsets()

    def vanishes(name: str) -> bool:
        start, shape = offsets[name]
        return all(subspace.form(k) == ({}, 0) for k in range(start, start + size_of(shape)))

    out = {i for i, node in enumerate(p.nodes) if node.op in LEAVES and all(vanishes(n) for n in (node.names or (node.name,)))}
    return out | {i for i, node in enumerate(p.nodes) if node.op == "constant" and not any(node.values)}


def _certificate(p: Program, subspace: Subspace, small: Program, shrink: Shrink, invariance: Json, about: Json, method: str, seed: int) -> Json:
    """The certificate object."""
    coordinates = shrink.coordinates
    claim: Json = {
        "kind": "quotient", "subspace": subspace.to_json(), "small": small.to_json(),
        "activations": {n: a if isinstance(a, str) else list(a) for n, a in about.items()},
        "map": [
            {"constant": str(c), "entries": [[k, str(v)] for k, v in sorted(row.items())]}
            for row, c in zip(coordinates.rows, coordinates.constants, strict=True)
        ],
        "metric": [str(sum(v * v for v in row.values())) for row in coordinates.rows],
    }  # fmt: skip
    proof: Json = {"method": method, "invariance": invariance} | (shrink.proof() if method == "expansion" else {})
    return {"model": p.to_json(), "claim": claim, "proof": proof, "meta": {"created_by": "simcert", "seed": str(seed), "title": p.title}}


def _verdict(data: Json) -> str:
    """Empty when the checker verifies the certificate, else why it does not."""
    from simcert.certificates import codec
    from simcert.certificates.claims import verify_bytes
    from simcert.checker import Limits

    text = codec.canonical(codec.assemble(data["model"], data["claim"], data["proof"], data["meta"]))
    verdict = verify_bytes(text.encode("ascii"), "certificate", Limits(max_terms=1_000_000))
    return "" if verdict.status == "verified" else f"{verdict.status}, {verdict.message}"
