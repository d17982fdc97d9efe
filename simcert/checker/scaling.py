"""Proofs of quadratic laws by scaling: a symmetric infinitesimal linear symmetry of F, checked node by node.

Along θ' = Aθ every node's value changes by Σ_axes (w S)·value, an axis at a time; the output's by 0. So ∇F·Aθ = 0, and where A is symmetric Aθ is the
gradient of h = ½θᵀAθ, which is therefore conserved. The rules compare actions axis by axis (letter by letter), which is enough. With a slice the action is
the given one on one slice of each node (one head, say) and 0 on its other slices: the same rules hold slice by slice, where the slices of a contraction belong
to one letter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .canonical import Fraction, Json, Rational, fields, integer, items, mapping, rational
from .claim import Claim, Polynomial
from .outcome import Budget, Invalid, Malformed
from .program import LEAVES, Model, Node

Symmetric = dict[tuple[int, int], Rational]  # a symmetric matrix by its entries (i, j), i ≤ j; empty for 0
Actions = Sequence[Symmetric]


@dataclass(frozen=True, slots=True)
class Generator:
    """The action on every axis of the nodes on which there is one; `slices` gives the axis of these nodes along which it acts on the slice `unit` only."""

    actions: dict[int, list[Symmetric]]
    slices: dict[int, int]
    unit: int

    def on(self, n: int, rank: int) -> list[Symmetric]:
        """The actions on a node."""
        return self.actions.get(n, [Symmetric()] * rank)


def _symmetric(value: Json, place: str, budget: Budget) -> Symmetric:
    out: Symmetric = {}
    last = (-1, -1)
    for item in items(value, place):
        i, j, c = items(item, place, 3)
        row = integer(i, place, 0)
        entry = row, integer(j, place, row)
        out[entry] = rational(c, place, budget)
        if entry <= last or not out[entry]:
            raise Malformed(f"{place}: the entries of a symmetric matrix increase and are not 0")
        last = entry
    return out


def _read_slice(value: Json, place: str, model: Model, actions: dict[int, list[Symmetric]]) -> tuple[dict[int, int], int]:
    """The axis of the slices of every node of a generator, and the number of the slice. There is no action on this axis."""
    d = fields(value, place, "axes", "index")
    unit, slices = integer(d["index"], place, 0), dict[int, int]()
    for item, n in zip(items(d["axes"], f"{place}/axes", len(actions)), sorted(actions), strict=True):
        node, axis = items(item, f"{place}/axes", 2)
        shape = model.nodes[n].shape
        slices[integer(node, f"{place}/axes", n, n)] = integer(axis, f"{place}/axes", 0, len(shape) - 1)
        if unit >= shape[slices[n]] or actions[n][slices[n]]:
            raise Malformed(f"{place}/axes: node {n} has no such slice, or an action on the axis of its slices")
    return slices, unit


def _read(value: Json, place: str, model: Model, budget: Budget) -> Generator:
    """The action w·S on every axis of the nodes of a generator."""
    d = fields(value, place, "actions", "nodes", *({"slice"} & set(mapping(value, place))))
    matrices = [_symmetric(item, f"{place}/actions/{k}", budget) for k, item in enumerate(items(d["actions"], f"{place}/actions"))]
    out: dict[int, list[Symmetric]] = {}
    last = -1
    for item in items(d["nodes"], f"{place}/nodes"):
        n, axes = items(item, f"{place}/nodes", 2)
        last = integer(n, f"{place}/nodes", last + 1, len(model.nodes) - 1)
        out[last] = []
        for axis, size in zip(items(axes, f"{place}/nodes", len(model.nodes[last].shape)), model.nodes[last].shape, strict=True):
            a, w = items(axis, f"{place}/nodes", 2)
            number, weight = integer(a, f"{place}/nodes", -1, len(matrices) - 1), rational(w, f"{place}/nodes", budget)
            if number < 0 and weight:
                raise Malformed(f"{place}/nodes: expected the weight 0 where there is no action")
            action = {e: weight * c for e, c in matrices[number].items()} if weight else Symmetric()
            if any(j >= size for _, j in action):
                raise Malformed(f"{place}/nodes: an action on node {last} is of the wrong size")
            out[last].append(action)
    slices, unit = _read_slice(d["slice"], f"{place}/slice", model, out) if "slice" in d else ({}, 0)
    return Generator({n: actions for n, actions in out.items() if any(actions)}, slices, unit)


def _sum(actions: Actions) -> Symmetric:
    out: Symmetric = {}
    for action in actions:
        for e, c in action.items():
            out[e] = out.get(e, 0) + c
    return {e: c for e, c in out.items() if c}


def _diagonal(actions: Actions) -> bool:
    return all(i == j for action in actions for i, j in action)


def _inside(n: int, node: Node, g: Generator) -> list[bool]:
    """Which entries of a node lie in the slice on which the generator acts."""
    out = [True]
    for axis, size in enumerate(node.shape):
        allowed = [k == g.unit or g.slices.get(n) != axis for k in range(size)]
        out = [a and b for a in out for b in allowed]
    return out


def _flat(n: int, node: Node, g: Generator) -> list[Rational]:
    """The weight of every entry under diagonal actions."""
    out: list[Rational] = [0]
    for action, size in zip(g.on(n, len(node.shape)), node.shape, strict=True):
        weights = [action.get((k, k), 0) for k in range(size)]
        out = [a + b for a in out for b in weights]
    return [w if inside else 0 for w, inside in zip(out, _inside(n, node, g), strict=True)]


def _check_contract(node: Node, args: Sequence[Actions], out: Actions) -> bool:
    """Letters act independently: with the sum over the arguments on one side, the output's action, or 0 for a summed letter, on the other."""
    ins: dict[str, list[Symmetric]] = {letter: [] for letter in node.out}
    for term, actions in zip(node.terms, args, strict=True):
        for letter, action in zip(term, actions, strict=True):
            ins.setdefault(letter, []).append(action)
    outs = {letter: [action] for letter, action in zip(node.out, out, strict=True)}
    for letter, inside in ins.items():
        outside = outs.get(letter, [])
        if _sum(inside) != _sum(outside) or not (_diagonal([*inside, *outside]) or len(inside) + len(outside) == 2):
            return False
    return True


def _degree(node: Node, model: Model) -> int | None:
    """k with z·σ'(z) = k·σ(z) for the function of an `apply` node as defined."""
    definition = model.activations[node.names[0]]
    if node.order or definition.kind not in ("piecewise", "polynomial"):
        return None
    powers = [1] if definition.kind == "piecewise" else [k for k, c in enumerate(definition.numbers) if c]
    return powers[0] if len(powers) == 1 else None


def _one_slice(i: int, node: Node, g: Generator) -> bool:
    """Whether the slices of all arguments that are acted on, and of the node if it is, are along one letter of a contraction, else along one axis."""
    terms = (*node.terms, node.out) if node.op == "contract" else None
    along: set[str | int] = set()
    for position, n in enumerate((*node.args, i)):
        if n in g.actions:
            along.add(g.slices[n] if terms is None else terms[position][g.slices[n]])
    return len(along) <= 1


def _check_node(i: int, model: Model, claim: Claim, g: Generator) -> bool:
    """The local rule of one node."""
    node = model.nodes[i]
    out = g.on(i, len(node.shape))
    args = [g.on(a, len(model.nodes[a].shape)) for a in node.args]
    if g.slices and node.op in ("add", "contract", "apply") and not _one_slice(i, node, g):
        return False
    if node.op in LEAVES:
        return True
    if node.op in ("input", "constant"):
        return not any(out)
    if node.op == "add":
        return all(actions == out for actions in args)
    if node.op == "contract":
        return _check_contract(node, args, out)
    if node.op == "apply":
        k = _degree(node, model) if claim.facts[node.names[0]] is None else None
        if k is None:
            return not any(out) and not any(args[0])
        if k == 1 and model.activations[node.names[0]].kind == "polynomial":  # c·z commutes with every linear map
            return args[0] == out
        return _diagonal(args[0]) and all(b == ({e: k * c for e, c in a.items()} if k else {}) for a, b in zip(args[0], out, strict=True))
    if not _diagonal([*args[0], *out]):
        return False
    inside, outside = _flat(node.args[0], model.nodes[node.args[0]], g), _flat(i, node, g)
    if node.op == "gather":
        return all(k < 0 or outside[e] == inside[k] for e, k in enumerate(node.indices))
    return all(k < 0 or outside[k] == inside[e] for e, k in enumerate(node.indices))


def _law(model: Model, g: Generator, budget: Budget) -> Polynomial:
    """½θᵀAθ."""
    out: Polynomial = {}
    for n, actions in g.actions.items():
        node = model.nodes[n]
        index = [p if inside else -1 for p, inside in zip(model.indices(node), _inside(n, node, g), strict=True)] if node.op in LEAVES else []
        stride = node.size
        for action, size in zip(actions, node.shape, strict=True):
            stride //= size
            for (i, j), c in action.items():
                budget.tick()
                for k in range(0, len(index), stride * size):
                    for p, q in zip(index[k + i * stride : k + (i + 1) * stride], index[k + j * stride : k + (j + 1) * stride], strict=True):
                        m = (min(p, q), max(p, q))
                        if p < 0:  # then q is outside the slice too
                            continue
                        out[m] = out.get(m, 0) + (Fraction(c) / 2 if i == j else c)
    return {m: c for m, c in out.items() if c}


def check_scaling(model: Model, claim: Claim, laws: Sequence[Polynomial], generators: Json, place: str, budget: Budget) -> None:
    """Check one infinitesimal generator for each law.

    *Proves:* ∇h·∇F_c(θ)(x) = 0 for all θ, x and c, for every law h and every function of the claim (where a piecewise function has a slope). Raises
    `Invalid` with the node where a local rule fails.
    """
    for k, (law, item) in enumerate(zip(laws, items(generators, place, len(laws)), strict=True)):
        g = _read(item, f"{place}/{k}", model, budget)
        for i, node in enumerate(model.nodes):
            budget.tick()
            if (i in g.actions or any(a in g.actions for a in node.args)) and not _check_node(i, model, claim, g):
                raise Invalid(f"generator {k}: the actions at node {i} ({node.op}) do not follow from those of its arguments")
        if any(i in g.actions for i in model.outputs):
            raise Invalid(f"generator {k}: an output is not invariant")
        if _law(model, g, budget) != law:
            raise Invalid(f"law {k} is not the one of its generator")
