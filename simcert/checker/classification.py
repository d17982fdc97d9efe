"""The classification of the orbits of two-layer networks: the table is recomputed, and exact orbit dimensions are checked at the points of the claim.

That the table has all orbits is the theorem of `docs/classification.md`, whose hypotheses are checked here.
"""

from __future__ import annotations

from math import prod

from .canonical import Json, fields, items
from .claim import Claim, Classification, Stratum
from .invariance import check_embedded
from .lower import check_lower
from .outcome import Budget, Invalid
from .program import Model, Node
from .strata import INFINITE, Kind, Particle, Row, dimension, kinds, orbits, pattern, patterns, read_row, structure
from .subspace import Subspace, read_subspace
from .vectors import Fields, read_members


def _matrix(model: Model, node: Node, arg: int, unit: str, place: str) -> list[list[int]]:
    """The parameter indices of every unit of a parameter that is an argument of a contraction, where `unit` is the letter of the units."""
    leaf, term = model.nodes[node.args[arg]], node.terms[arg]
    if leaf.op != "parameter" or unit not in term:
        raise Invalid(f"{place} is not a parameter with one slice for each hidden unit")
    axis = term.index(unit)
    inner = prod(leaf.shape[axis + 1 :])
    out: list[list[int]] = [[] for _ in range(leaf.shape[axis])]
    for e, p in enumerate(model.indices(leaf)):
        out[e // inner % leaf.shape[axis]].append(p)
    return out


def two_layers(model: Model) -> tuple[str, list[tuple[int, list[int]]]]:
    """The activation of F = Σ a_i σ(w_i·x), and for every unit the parameter index of a_i and those of w_i.

    Raises `Invalid` unless the program is: a parameter and the input contracted to the vector of all w_i·x, the activation of it, and its contraction with
    another parameter to the only output entry.
    """
    nodes = model.nodes
    last = nodes[model.outputs[0]]
    if len(nodes) != 6 or len(model.outputs) != 1 or last.op != "contract" or last.size != 1 or len(last.args) != 2:
        raise Invalid("the model is not Σ a_i σ(w_i·x): expected one hidden layer without biases and one output entry")
    upper = next((k for k in (0, 1) if nodes[last.args[k]].op == "apply"), -1)
    hidden = nodes[last.args[upper]]
    if upper < 0 or hidden.order != 0 or len(hidden.shape) != 1:
        raise Invalid("the output is not a contraction of a parameter with the activation of a vector")
    first = nodes[hidden.args[0]]
    lower = next((k for k in (0, 1) if first.op == "contract" and len(first.args) == 2 and nodes[first.args[k]].op == "input"), -1)
    if lower < 0 or len(first.out) != 1 or set(first.terms[1 - lower]) != {first.out, *first.terms[lower]} or first.out in first.terms[lower]:
        raise Invalid("the argument of the activation is not the product of a matrix and the input")
    outer = _matrix(model, last, 1 - upper, last.terms[upper], "the factor of the hidden units")
    inner = _matrix(model, first, 1 - lower, first.out, "the factor of the input")
    if any(len(a) != 1 for a in outer) or len(outer) != len(inner):
        raise Invalid("a hidden unit does not have exactly one outgoing weight")
    if sorted(p for unit in (*outer, *inner) for p in unit) != list(range(model.size)):
        raise Invalid("some parameter is not a weight of exactly one hidden unit, or is used twice")
    return hidden.names[0], [(a[0], w) for a, w in zip(outer, inner, strict=True)]


def _check_table(row: Row, table: Classification, units: int, inputs: int, budget: Budget) -> None:
    """The strata of the claim are all types, each once, in order, with their numbers; their sum is the total."""
    if table.row != row.name:
        raise Invalid(f"the activation satisfies the hypotheses of row {row.name}, not of row {table.row}")
    expected, listed = kinds(row, units, budget), [s.kind for s in table.strata]
    if listed != expected:
        raise Invalid(f"the claim lists {len(listed)} types of strata; expected exactly the {len(expected)} types of {units} units, in order")
    for k, s in enumerate(table.strata):
        right = orbits(row, s.kind, inputs), dimension(row, s.kind, inputs), patterns(row, len(s.kind[1]))
        if (s.count, s.dimension, s.patterns) != right:
            raise Invalid(f"stratum {k}: expected count, dimension and patterns {right}, got {(s.count, s.dimension, s.patterns)}")
    total = INFINITE if any(s.count == INFINITE for s in table.strata) else sum(s.count for s in table.strata)
    if (table.total, table.induced) != (total, row.induced(units)):
        raise Invalid(f"expected the total {total} and symmetry_induced {row.induced(units)}, got {table.total} and {table.induced}")


def _check_points(row: Row, s: Stratum, weights: list[tuple[int, list[int]]], place: str) -> None:
    """The points of a stratum are of its type, and no two have the same pattern."""
    seen: dict[tuple[object, ...], int] = {}
    for i, point in enumerate(s.points):
        particles: list[Particle] = [(point[a], tuple(point[p] for p in w)) for a, w in weights]
        kind, blocks = structure(row, particles)
        if kind != s.kind:
            raise Invalid(f"{place}/points/{i}: the point is of type {_show(kind)}, not {_show(s.kind)}")
        found = pattern(row, blocks)
        if found in seen:
            raise Invalid(f"{place}/points/{i}: a point of the pattern of point {seen[found]}")
        seen[found] = i


def _show(kind: Kind) -> str:
    return f"zero {kind[0]}, blocks {list(kind[1])}"


def _upper(model: Model, s: Stratum, value: Json, place: str, budget: Budget) -> int:
    """The dimension of an invariant subspace that contains all points of the stratum."""
    if value == {}:
        return model.size
    d = fields(value, place, "activations", "proof", "subspace")
    space: Subspace = read_subspace(d["subspace"], f"{place}/subspace", model.size, budget)
    check_embedded(model, space, d["activations"], d["proof"], f"{place}/proof", budget)
    for i, point in enumerate(s.points):
        if not space.contains(point):
            raise Invalid(f"{place}: point {i} does not lie in the subspace")
    return model.size - len(space.rows)


def check_classification(model: Model, claim: Claim, table: Classification, proof: dict[str, Json], budget: Budget) -> None:
    """Check a classification.

    *Proves:* the model is Σ a_i σ(w_i·x) and σ satisfies the hypotheses of the row; the strata of the claim are all types, with their numbers; at every point
    of the claim the orbit has exactly the dimension of its stratum (for a class, for an open dense set of jets). *Cites:* the theorem of
    `docs/classification.md`, that these are all orbits. Raises `Invalid` with the stratum at fault.
    """
    d = fields(proof, "/proof", "members", "method", "strata")
    name, weights = two_layers(model)
    row = read_row(model.activations[name])
    _check_table(row, table, len(weights), len(weights[0][1]), budget)
    f = Fields(model, read_members(d["members"], "/proof/members", model, claim, budget), budget)
    for k, (s, item) in enumerate(zip(table.strata, items(d["strata"], "/proof/strata", len(table.strata)), strict=True)):
        place = f"/proof/strata/{k}"
        part = fields(item, place, "lower", "upper")
        _check_points(row, s, weights, f"/claim/strata/{k}")
        above = _upper(model, s, part["upper"], f"{place}/upper", budget)
        if above != s.dimension:
            raise Invalid(f"{place}/upper: an invariant subspace of dimension {above}, expected {s.dimension}")
        for i, (point, lower) in enumerate(zip(s.points, items(part["lower"], f"{place}/lower", len(s.points)), strict=True)):
            budget.tick()
            below = check_lower(f, lower, f"{place}/lower/{i}", point)
            if below != s.dimension:
                raise Invalid(f"{place}/lower/{i}: the orbit is only shown to have at least dimension {below}, expected {s.dimension}")
