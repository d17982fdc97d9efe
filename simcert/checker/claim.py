"""Reading a claim: what is said, about which activations, in the words of the format and nothing else."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from math import prod

from .canonical import Json, Rational, fields, integer, integers, items, mapping, rational, rationals, show, string
from .dataset import DataSet, read_data_set
from .functions import FACTS
from .outcome import Budget, Malformed, Unsupported
from .poset import Hierarchy, read_hierarchy
from .program import LEAVES, Model
from .reduction import Reduction, read_reduction
from .strata import INFINITE, Kind
from .subspace import Subspace, read_subspace

KEYS = {
    "invariant": ("subspace",),
    "not-invariant": ("subspace",),
    "symmetry": ("generators",),
    "fixed-space": ("generators", "subspace"),
    "orbit-dimension": ("lower", "point", "upper"),
    "conservation-laws": ("generic", "laws", "rank"),
    "hull": ("point", "subspace"),
    "quotient": ("map", "metric", "small", "subspace"),
    "data-invariant": ("data", "generators", "predictor", "subspace"),
    "lattice": ("beyond", "edges", "generators", "nodes", "up_to"),
    "classification": ("row", "strata", "symmetry_induced", "total"),
    "intrinsic": ("laws", "lower", "point", "rank", "upper", "where"),
    "not-intrinsic": ("lower", "point", "rank", "upper"),
}
FACTORISATIONS = ("intrinsic", "not-intrinsic")
PLACES = ("level", "near", "orbit")
_ITSELF = ("not-invariant", "orbit-dimension", "conservation-laws", "hull", "classification", *FACTORISATIONS)
ROWS = ("plain", "odd", "zero", "flat", "flat-zero")
Polynomial = dict[tuple[int, ...], Rational]


@dataclass(frozen=True, slots=True)
class Action:
    """An orthogonal map of R^n: (A v)[i] = signs[i]·v[permutation[i]], or a matrix (then the other two are empty)."""

    permutation: tuple[int, ...]
    signs: tuple[int, ...]
    matrix: tuple[tuple[Rational, ...], ...] = ()

    @property
    def size(self) -> int:
        return len(self.matrix or self.permutation)

    def rows(self) -> list[dict[int, Rational]]:
        """The rows of the map, sparse."""
        if self.matrix:
            return [{j: a for j, a in enumerate(row) if a} for row in self.matrix]
        return [{p: s} for p, s in zip(self.permutation, self.signs, strict=True)]


@dataclass(frozen=True, slots=True)
class Generator:
    """An action, or None for the identity, on every axis of some nodes."""

    actions: tuple[Action, ...]
    nodes: dict[int, tuple[Action | None, ...]]


@dataclass(frozen=True, slots=True)
class Stratum:
    """A type of strata: how many orbits there are of it, of which dimension; and points of some of the `patterns` in which its particles can lie."""

    kind: Kind
    count: int
    dimension: int
    patterns: int
    points: tuple[tuple[Rational, ...], ...]


@dataclass(frozen=True, slots=True)
class Classification:
    """The orbits of a two-layer network: the row of the table, the types of strata, the number of orbits (or `INFINITE`), and whether symmetry induces them."""

    row: str
    strata: tuple[Stratum, ...]
    total: int
    induced: bool


@dataclass(frozen=True, slots=True)
class Claim:
    """A theorem. `facts` has for every activation the closed list of facts that are assumed, or None for "itself".

    `bounds` are `lower` and `upper` of an orbit dimension, or `rank` and `generic` of conservation laws. For a factorisation φ, `rank` is that of ∂φ at the
    point, and `where` says at which θ it is intrinsic.
    """

    kind: str
    facts: dict[str, frozenset[str] | None]
    subspace: Subspace | None
    generators: tuple[Generator, ...]
    point: tuple[Rational, ...] = ()
    laws: tuple[Polynomial, ...] = ()
    bounds: tuple[int, int] = (0, 0)
    hierarchy: Hierarchy | None = None
    reduction: Reduction | None = None
    table: Classification | None = None
    rank: int = 0
    where: str = ""
    data: DataSet | None = None


def _action(value: Json, place: str, budget: Budget) -> Action:
    if isinstance(value, dict) and "matrix" in value:
        lists = items(fields(value, place, "matrix")["matrix"], place)
        if not lists:
            raise Malformed(f"{place}: an empty matrix")
        rows = [rationals(row, place, budget, len(lists)) for row in lists]
        for i, row in enumerate(rows):
            budget.tick()
            if any(sum((a * b for a, b in zip(row, rows[j], strict=True)), 0) != int(i == j) for j in range(i + 1)):
                raise Malformed(f"{place}: the matrix is not orthogonal")
        return Action((), (), tuple(tuple(row) for row in rows))
    d = fields(value, place, "permutation", "signs")
    permutation, signs = integers(d["permutation"], place, 0), integers(d["signs"], place, -1, 1)
    if not permutation or sorted(permutation) != list(range(len(permutation))) or len(signs) != len(permutation) or 0 in signs:
        raise Malformed(f"{place}: not a permutation with one sign for each point")
    return Action(permutation, signs)


def read_node_actions(value: Json, place: str, model: Model, actions: tuple[Action, ...], allowed: Collection[str]) -> dict[int, tuple[Action | None, ...]]:
    """A list of [node, [action number or −1 for every axis]]; the node numbers increase and the operations are in `allowed`."""
    out: dict[int, tuple[Action | None, ...]] = {}
    last = -1
    for item in items(value, place):
        pair = items(item, place, 2)
        last = integer(pair[0], place, last + 1, len(model.nodes) - 1)
        node = model.nodes[last]
        numbers = integers(pair[1], place, -1, len(actions) - 1)
        if node.op not in allowed or len(numbers) != len(node.shape):
            raise Malformed(f"{place}: node {last} ({node.op}) cannot carry {len(numbers)} actions here")
        if any(k >= 0 and actions[k].size != n for k, n in zip(numbers, node.shape, strict=True)):
            raise Malformed(f"{place}: an action on node {last} is of the wrong size")
        out[last] = tuple(None if k < 0 else actions[k] for k in numbers)
    return out


def read_generators(value: Json, place: str, model: Model, allowed: Collection[str], budget: Budget) -> tuple[Generator, ...]:
    """The generators of a claim or of a proof."""
    out: list[Generator] = []
    for k, item in enumerate(items(value, place)):
        where = f"{place}/{k}"
        d = fields(item, where, "actions", "nodes")
        actions = tuple(_action(a, f"{where}/actions/{n}", budget) for n, a in enumerate(items(d["actions"], where)))
        out.append(Generator(actions, read_node_actions(d["nodes"], f"{where}/nodes", model, actions, allowed)))
    return tuple(out)


def _facts(value: Json, place: str, model: Model, kind: str, name: str) -> frozenset[str] | None:
    definition = model.activations[name]
    if value == "itself":
        if definition.kind == "class":
            raise Malformed(f'{place}: "itself" needs a function, not a class')
        return None
    listed = [string(fact, place) for fact in items(value, place)]
    facts = definition.close(frozenset(listed))
    if any(fact not in FACTS for fact in listed) or sorted(set(listed)) != listed or not facts <= definition.facts:
        raise Malformed(f"{place}: {show(', '.join(listed))} is not a sorted list of facts that {name} has")
    if any(fact in definition.close(frozenset(listed) - {fact}) for fact in listed):
        raise Malformed(f"{place}: the list has a fact that follows from the others")
    if kind in _ITSELF and (definition.kind != "class" or facts != definition.facts):
        raise Malformed(f"{place}: a claim of kind {kind} lists exactly the facts of a class, or says itself")
    return facts


def read_facts(value: Json, place: str, model: Model, kind: str) -> dict[str, frozenset[str] | None]:
    """What is assumed of every activation of the model, as a claim of this kind may."""
    words = mapping(value, place)
    if set(words) != set(model.activations):
        raise Malformed(f"{place}: expected exactly the activations of the model")
    return {name: _facts(word, f"{place}/{name}", model, kind, name) for name, word in words.items()}


def read_point(value: Json, place: str, model: Model, budget: Budget) -> tuple[Rational, ...]:
    """A value for every parameter, by parameter index."""
    values = mapping(value, place)
    if set(values) != set(model.parameters):
        raise Malformed(f"{place}: expected exactly the parameters of the model")
    return tuple(q for name, (_, shape) in model.parameters.items() for q in rationals(values[name], f"{place}/{name}", budget, prod(shape)))


def _read_table(d: dict[str, Json], model: Model, budget: Budget) -> Classification:
    """The keys row, strata, symmetry_induced and total of a claim; every stratum has a point."""
    strata: list[Stratum] = []
    for k, item in enumerate(items(d["strata"], "/claim/strata")):
        place = f"/claim/strata/{k}"
        s = fields(item, place, "blocks", "count", "dimension", "patterns", "points", "zero")
        points = tuple(read_point(p, f"{place}/points/{i}", model, budget) for i, p in enumerate(items(s["points"], f"{place}/points")))
        numbers = [integer(s[key], f"{place}/{key}", low) for key, low in (("zero", 0), ("count", INFINITE), ("dimension", 0), ("patterns", 1))]
        if not points:
            raise Malformed(f"{place}/points: expected at least one point")
        strata.append(Stratum((numbers[0], integers(s["blocks"], f"{place}/blocks", 1)), numbers[1], numbers[2], numbers[3], points))
    if d["row"] not in ROWS or d["symmetry_induced"] not in ("yes", "no"):
        raise Malformed(f"/claim: expected a row ({', '.join(ROWS)}), and symmetry_induced yes or no")
    return Classification(str(d["row"]), tuple(strata), integer(d["total"], "/claim/total", INFINITE), d["symmetry_induced"] == "yes")


def read_polynomials(value: Json, place: str, size: int, budget: Budget) -> tuple[Polynomial, ...]:
    """Polynomials in `size` variables without constant term, each a list of terms in its one order."""
    out: list[Polynomial] = []
    for k, terms in enumerate(items(value, place)):
        p: Polynomial = {}
        last: tuple[int, tuple[int, ...]] = (0, ())
        for term in items(terms, f"{place}/{k}"):
            budget.tick()
            c, listed = items(term, f"{place}/{k}", 2)
            monomial = integers(listed, f"{place}/{k}", 0, size - 1)
            if not monomial or tuple(sorted(monomial)) != monomial or (len(monomial), monomial) <= last:
                raise Malformed(f"{place}/{k}: the index lists of a polynomial are sorted, as are its terms, and none is empty or occurs twice")
            last = (len(monomial), monomial)
            p[monomial] = rational(c, f"{place}/{k}", budget)
        if 0 in p.values():
            raise Malformed(f"{place}/{k}: a polynomial has no zero coefficient")
        out.append(p)
    return tuple(out)


def _claimed_generators(value: Json, kind: str, model: Model, budget: Budget) -> tuple[Generator, ...]:
    """The generators of a claim: actions on parameters, and for data with a symmetry also on inputs and outputs."""
    if kind != "data-invariant":
        return read_generators(value, "/claim/generators", model, LEAVES, budget)
    generators = read_generators(value, "/claim/generators", model, {node.op for node in model.nodes}, budget)
    for k, g in enumerate(generators):
        if any(i not in model.outputs and model.nodes[i].op not in (*LEAVES, "input") for i in g.nodes):
            raise Malformed(f"/claim/generators/{k}: only parameters, inputs and outputs carry actions in a claim")
    return generators


def read_claim(value: Json, model: Model, budget: Budget) -> Claim:
    """The claim; raises `Unsupported` for a kind that this checker does not know."""
    kind = value.get("kind") if isinstance(value, dict) else None
    if not isinstance(kind, str):
        raise Malformed("/claim: expected an object with a kind")
    if kind not in KEYS:
        raise Unsupported(f"this checker does not know claims of kind {show(kind)}")
    d = fields(value, "/claim", "activations", "kind", *KEYS[kind])
    facts = read_facts(d["activations"], "/claim/activations", model, kind)
    subspace = read_subspace(d["subspace"], "/claim/subspace", model.size, budget) if "subspace" in d else None
    generators = _claimed_generators(d["generators"], kind, model, budget) if "generators" in d else ()
    point = read_point(d["point"], "/claim/point", model, budget) if "point" in d else ()
    laws = read_polynomials(d["laws"], "/claim/laws", model.size, budget) if "laws" in d else ()
    bounds = [integer(d[key], f"/claim/{key}", -1 if key == "generic" else 0, model.size) for key in ("lower", "upper", "rank", "generic") if key in d]
    hierarchy = read_hierarchy(d, model.size, budget) if kind == "lattice" else None
    reduction = read_reduction(d, model, budget) if kind == "quotient" else None
    table = _read_table(d, model, budget) if kind == "classification" else None
    rank, where = _factorisation(d, model) if kind in FACTORISATIONS else (0, "")
    data = read_data_set(d, model, budget) if "data" in d else None
    found = (bounds[0], bounds[1]) if bounds else (0, 0)
    return Claim(kind, facts, subspace, generators, point, laws, found, hierarchy, reduction, table, rank, where, data)


def _factorisation(d: dict[str, Json], model: Model) -> tuple[int, str]:
    """`rank` and `where` of a claim about a factorisation: a polynomial function of the parameters alone."""
    if model.inputs or any(a.kind != "polynomial" for a in model.activations.values()):
        raise Malformed("/model: a factorisation has no inputs, and all its activations are polynomials")
    where = string(d.get("where", ""), "/claim/where")
    if "where" in d and where not in PLACES:
        raise Malformed(f"/claim/where: expected {', '.join(PLACES)}")
    return integer(d["rank"], "/claim/rank", 0, model.size), where
