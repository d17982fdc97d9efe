"""All orbits of two-layer networks F = Σ a_i σ(w_i·x), with exact orbit dimensions at rational points of every kind.

Which orbits there are is the theorem of `docs/classification.md` ([ZLZ] for generic σ). A pair (a, w) is a *particle*; units whose particles are equivalent
(equal, or equal up to the symmetry of an odd or even σ) are tied for ever; *idle* units stay as they are (dead ones for σ(0) = 0; those with w = 0 for
σ'(0) = 0).
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

from simcert.errors import ResourceLimit, SpecError, UndecidedError
from simcert.exact.linalg import Number
from simcert.fields.orbits import Lower, Point, Search
from simcert.groups.particles import Particle, Row, count, kinds, particles, pattern_count, patterns
from simcert.groups.partitions import classes
from simcert.groups.subspaces import Subspace
from simcert.invariance.decide import decide
from simcert.models.activations import exactness, facts
from simcert.models.program import Activation, Program, size_of, split_spec

if TYPE_CHECKING:
    from simcert.certificates.claims import Certificate

INFINITE = -1
LIMIT = 400  # points
HARD = 20  # points of functions that are computed with enclosures, which take a second each
TRIES = 5  # of points of a type, until one has a certain orbit dimension
LONGEST = 6, 8  # brackets of polynomials, whose few gradient fields need long ones: for every point, and where a type has no point yet
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class TwoLayer:
    """F = Σ a_i σ(w_i·x): the names of the parameters, and for every unit the parameter index of a_i and those of w_i."""

    activation: str
    inner: str
    outer: str
    units: tuple[tuple[int, tuple[int, ...]], ...]

    @property
    def inputs(self) -> int:
        return len(self.units[0][1])


@dataclass(frozen=True, slots=True)
class Stratum:
    """A type of strata: `zero` idle units, and `blocks` of tied units, largest first.

    `label` is that of one of them, units counted from 1; `count` the number of orbits of the type, None when there are infinitely many; `dimension` that
    of each; `points` are rational points of different patterns of coincidence, out of `patterns`; `lower` holds the lower bounds there; `subspace`
    contains them, and `invariance` proves that it is invariant.
    """

    zero: int
    blocks: tuple[int, ...]
    label: str
    count: int | None
    dimension: int
    patterns: int
    points: tuple[tuple[Fraction, ...], ...]
    lower: tuple[Lower, ...]
    subspace: Subspace
    invariance: dict[str, Any]


@dataclass(frozen=True)
class Classification:
    """The orbits of a two-layer network.

    *Proves* (with `certificate`): the hypotheses on σ, the list of types, and that the orbit of each listed point has exactly the dimension of its stratum.
    *Cites:* the theorem of `docs/classification.md`, that these are all orbits; `total` (None: infinitely many) and `symmetry_induced` follow from it.
    """

    program: Program
    row: Row
    strata: tuple[Stratum, ...]
    symmetry_induced: bool
    members: Mapping[str, tuple[Fraction, ...]]
    activations: dict[str, Any]
    seed: int = 0

    @property
    def total(self) -> int | None:
        """The number of orbits, or None for infinitely many."""
        counts = [s.count for s in self.strata]
        return None if None in counts else sum(c for c in counts if c is not None)

    def data(self) -> dict[str, Any]:
        """The certificate object, not yet checked."""
        p = self.program
        strata = [
            {
                "blocks": list(s.blocks), "zero": s.zero, "count": INFINITE if s.count is None else s.count, "dimension": s.dimension, "patterns": s.patterns,
                "points": [{n: [str(v) for v in vs] for n, vs in s.subspace.named(point).items()} for point in s.points],
            }
            for s in self.strata
        ]  # fmt: skip
        claim = {
            "kind": "classification", "activations": self.activations, "row": self.row.name, "strata": strata,
            "symmetry_induced": "yes" if self.symmetry_induced else "no", "total": INFINITE if self.total is None else self.total,
        }  # fmt: skip
        parts = [
            {"lower": [lower.proof for lower in s.lower], "upper": {**s.invariance, "subspace": s.subspace.to_json()} if s.subspace.rows else {}}
            for s in self.strata
        ]
        members = {n: [str(c) for c in cs] for n, cs in self.members.items()}
        meta = {"created_by": "simcert", "family": p.family, "seed": str(self.seed), "title": p.title}
        proof = {"members": members, "method": "table", "strata": parts}
        return {"claim": claim, "format": "simcert", "meta": meta, "model": p.to_json(), "proof": proof, "version": 1}

    @cached_property
    def certificate(self) -> Certificate:
        """The certificate, verified by the independent checker."""
        from simcert.certificates import claims, codec

        data = self.data()
        certificate = claims.Certificate(codec.assemble(data["model"], data["claim"], data["proof"], data["meta"]))
        claims.require(certificate.verify())
        return certificate

    def __repr__(self) -> str:
        total = "infinitely many" if self.total is None else self.total
        return f"<classification of {self.program.title}: {total} orbits, {len(self.strata)} types>"


def two_layers(program: Program) -> TwoLayer:
    """The parts of a network of the form F = Σ a_i σ(w_i·x); raises `SpecError` for every other one, with the reason."""
    layers = [node for node in program.nodes if node.op == "apply"]
    size = sum(size_of(program.nodes[k].shape) for k in program.outputs)
    place, remedy = program.title, "simcert lattice --beyond lists invariant subspaces of any network"
    if len(layers) > 1:
        raise SpecError(f"a network that applies activations {len(layers)} times: only two-layer networks are classified", place, remedy)
    if size > 1:
        raise SpecError(f"a network with {size} outputs: only those with one output are classified", place, remedy)
    found = _parts(program)
    if found is None:
        biased = any(node.op == "add" for node in program.nodes)
        reason = "a network with biases" if biased else "a network of another form than F = Σ a_i σ(w_i·x)"
        raise SpecError(f"{reason}: only one hidden layer without biases is classified", place, remedy)
    return found


def _parts(program: Program) -> TwoLayer | None:
    nodes = program.nodes
    last = nodes[program.outputs[0]]
    if len(nodes) != 6 or last.op != "contract" or len(last.args) != 2:
        return None
    above = {nodes[k].op: (nodes[k], term) for k, term in zip(last.args, split_spec(last.spec)[0], strict=True)}
    if set(above) != {"apply", "parameter"} or len(above["apply"][0].shape) != 1 or above["apply"][0].order:
        return None
    hidden = above["apply"][0]
    first = nodes[hidden.args[0]]
    if first.op != "contract" or len(first.args) != 2:
        return None
    terms, letter = split_spec(first.spec)
    below = {nodes[k].op: (nodes[k], term) for k, term in zip(first.args, terms, strict=True)}
    if set(below) != {"input", "parameter"} or set(below["parameter"][1]) != {letter, *below["input"][1]} or letter in below["input"][1]:
        return None
    (a, outer), (w, inner), unit = above["parameter"], below["parameter"], above["apply"][1]
    offsets = program.offsets()
    if a.name == w.name or unit not in outer:
        return None
    count = hidden.shape[0]
    a_at, w_at = ([[p for p in range(start, start + size_of(shape)) if (p - start) // size_of(shape[axis + 1 :]) % count == u] for u in range(count)]
                  for (start, shape), axis in ((offsets[a.name], outer.index(unit)), (offsets[w.name], inner.index(letter))))  # fmt: skip
    if any(len(entries) != 1 for entries in a_at):
        return None
    return TwoLayer(hidden.activation, w.name, a.name, tuple((x[0], tuple(y)) for x, y in zip(a_at, w_at, strict=True)))


def row_of(activation: Activation, place: str = "") -> Row:
    """The row whose hypotheses an activation satisfies; raises `SpecError` where the theorem does not apply."""
    known = facts(activation)
    if activation.piecewise is not None or activation.named in ("reciprocal", "rsqrt"):
        raise SpecError("the classification is about activations that are analytic everywhere", place, "simcert lattice lists what symmetries induce")
    flat, zero = "flat" in known, "zero" in known
    if activation.polynomial is not None and (flat or len(activation.polynomial) < 3):
        raise SpecError(
            "the classification is about activations that are not polynomials, or polynomials of degree at least 2 with σ'(0) ≠ 0", place,
            "simcert orbit and simcert laws tell what this one conserves",
        )  # fmt: skip
    parity = "odd" if "odd" in known else "even" if "even" in known else ""
    name = ("flat-zero" if zero else "flat") if flat else "plain" if not zero else "odd" if parity == "odd" else "zero"
    return Row(name, parity)


def _quiet(done: int, total: int) -> None:
    """No progress is shown."""


class _Builder:
    """Points, subspaces and bounds for the types of one network."""

    def __init__(self, program: Program, net: TwoLayer, row: Row, seed: int) -> None:
        self.program, self.net, self.row, self.seed = program, net, row, seed
        self.rng = random.Random(seed)
        self.degree = 4 * len(net.units) + 3
        self.scale = 8 if exactness(program.activations[net.activation]) == "ball" else 1  # enclosures are sharper where σ is not near its limits
        self.spread = program.size if net.inputs == 1 and self.scale == 1 else 3  # enough different inputs on a line
        self.polynomial = program.activations[net.activation].polynomial is not None

    def label(self, zero: int, blocks: tuple[int, ...]) -> str:
        """The label of the representative: larger blocks first, idle units last."""
        names, out = iter(range(1, len(self.net.units) + 1)), ""
        between = "," if len(self.net.units) > 9 else ""
        for size in blocks:
            out += f"{{{between.join(str(next(names)) for _ in range(size))}}}"
        mark = f"{self.net.inner}=0" if self.row.frozen else "0"
        return out + (f"{{{mark}: {','.join(str(next(names)) for _ in range(zero))}}}" if zero else "")

    def point(self, blocks: tuple[int, ...], chosen: list[Particle]) -> tuple[Fraction, ...]:
        """The point of the representative with these particles in its blocks; idle units have a = 1, 2, … where that is possible."""
        theta = [Fraction(0)] * self.program.size
        units = iter(self.net.units)
        for size, (a, w) in zip(blocks, chosen, strict=True):
            for _ in range(size):
                at, into = next(units)
                theta[at] = Fraction(a)
                for p, c in zip(into, w, strict=True):
                    theta[p] = Fraction(c, self.scale)
        for value, (at, _) in enumerate(units, 1):
            theta[at] = Fraction(value if self.row.frozen else 0)
        return tuple(theta)

    def subspace(self, zero: int, blocks: tuple[int, ...]) -> Subspace:
        """The affine hull of the orbits of the representative that contain the points of `point`."""
        equations = list[tuple[dict[int, Number], Number]]()
        units = iter(self.net.units)
        for size in blocks:
            a, w = next(units)
            for _ in range(size - 1):
                b, v = next(units)
                equations.extend(({p: 1, q: -1}, 0) for p, q in zip((a, *w), (b, *v), strict=True))
        idle = list(units)
        equations.extend(({p: 1}, 0) for _, w in idle for p in w)
        for value, (a, _) in enumerate(idle, 1):
            if self.row.name == "flat":
                equations.extend([({a: 1, idle[0][0]: -1}, value - 1)] if value > 1 else [])
            else:
                equations.append(({a: 1}, value if self.row.frozen else 0))
        return Subspace.from_equations(self.program, equations)

    def lower(self, theta: tuple[Fraction, ...], target: int, longest: int) -> Lower:
        """The best lower bound at a point, with the same member of a class at every point."""
        named = Subspace(self.program, ()).named(theta)
        search = Search(Point(self.program, named, self.seed, self.degree, self.spread))
        if not self.polynomial:
            return search.improve(target)
        best, fields = search.improve(target, 0), range(len(search.arithmetic.pool))
        for length in range(3, longest + 1):
            if best.bound < target:
                spelled = [(i,) for i in fields] + [tuple(self.rng.sample(fields, k)) for k in range(2, length + 1) for _ in range(target)]
                search.try_words(spelled, target)
                best = search.best
        return best

    def stratum(self, zero: int, blocks: tuple[int, ...], every: bool, step: Callable[[], None]) -> Stratum:
        net, k = self.net, len(blocks)
        space = self.subspace(zero, blocks)
        dimension = k * (net.inputs + 1) + (self.row.name == "flat" and zero > 0)
        invariance = self._invariance(space) if space.rows else {}
        points, bounds = list[tuple[Fraction, ...]](), list[Lower]()
        for pattern in itertools.islice(patterns(self.row, k), None if every else 1):
            for _ in range(TRIES):
                theta = self.point(blocks, particles(pattern, net.inputs, self.rng))
                bound = self.lower(theta, dimension, LONGEST[not points])
                if points or bound.bound == dimension:
                    break
            else:
                continue
            step()
            if bound.bound == dimension == space.dimension:
                points.append(theta)
                bounds.append(bound)
        label = self.label(zero, blocks)
        if not points:
            raise UndecidedError(f"no point of {label} was found whose orbit certainly has dimension {dimension}", self.program.title, "try another --seed")
        total = pattern_count(self.row, k)
        return Stratum(zero, blocks, label, count(self.row, zero, blocks, net.inputs), dimension, total, tuple(points), tuple(bounds), space, invariance)

    def _invariance(self, space: Subspace) -> dict[str, Any]:
        decision = decide(self.program, space, self.seed)
        if decision.verdict != "invariant" or decision.certificate is None:
            raise UndecidedError("a subspace of the table could not be proved to be invariant", "; ".join(space.equations()[:6]))
        return {"activations": decision.certificate["claim"]["activations"], "proof": decision.certificate["proof"]}


def classification(program: Program, points: str = "auto", *, limit: int = LIMIT, seed: int = 0, progress: Progress = _quiet) -> Classification:
    """All orbits of a two-layer network, with exact orbit dimensions at rational points.

    Arguments: `points` "all": one in each pattern of coincidences of the particles of each type; "one": one in each type; "auto": all, unless these are more
    than the limit, or than `HARD` for functions that need enclosures. `limit` is the greatest number of points. Raises `SpecError` for a network or an
    activation that the theorem does not cover, `ResourceLimit` for too many points, `UndecidedError` when no orbit dimension of some type is certain.
    """
    if points not in ("auto", "all", "one"):
        raise SpecError(f"there are no points {points!r}", "", "auto, all or one")
    net = two_layers(program)
    row = row_of(program.activations[net.activation], net.activation)
    units = len(net.units)
    expected = sum(classes(n, 1) for n in range(units + 1)) if row.idle else classes(units, 1)
    if expected > limit:
        raise ResourceLimit(f"the table has {expected:,} types of strata, the limit is {limit:,}", program.title, "raise --limit")
    types = kinds(row, units)
    wanted = sum(pattern_count(row, len(blocks)) for _, blocks in types)
    if points == "all" and wanted > limit:
        raise ResourceLimit(f"there are {wanted:,} patterns, the limit is {limit:,} points", program.title, "raise --limit, or use --points one")
    hard = exactness(program.activations[net.activation]) == "ball"
    every = points == "all" or (points == "auto" and wanted <= (min(limit, HARD) if hard else limit))
    build, done = _Builder(program, net, row, seed), itertools.count(1)
    todo = wanted if every else len(types)
    strata = tuple(build.stratum(zero, blocks, every, lambda: progress(next(done), todo)) for zero, blocks in types)
    sample = Point(program, Subspace(program, ()).named((Fraction(0),) * program.size), seed, build.degree)
    induced = row.name in ("plain", "odd") or (row.name == "flat" and units == 1 and row.parity == "even")
    return Classification(program, row, strata, induced, sample.members, sample.assumed(), seed)
