"""Proofs of quadratic laws by scaling: a symmetric infinitesimal linear symmetry of F, checked node by node.

Along θ' = Aθ every node's value changes by Σ_axes (w S)·value, an axis at a time; the output's by 0. So ∇F·Aθ = 0, and where A is symmetric Aθ is the
gradient of h = ½θᵀAθ, which is therefore conserved. The rules compare actions axis by axis (letter by letter), which is enough.
"""

from __future__ import annotations

from collections.abc import Sequence

from .canonical import Fraction, Json, Rational, fields, integer, items, rational
from .claim import Claim, Polynomial
from .outcome import Budget, Invalid, Malformed
from .program import LEAVES, Model, Node

Symmetric = dict[tuple[int, int], Rational]  # a symmetric matrix by its entries (i, j), i ≤ j; empty for 0
Actions = Sequence[Symmetric]


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


def _read(value: Json, place: str, model: Model, budget: Budget) -> dict[int, list[Symmetric]]:
    """The action w·S on every axis of the nodes of a generator."""
    d = fields(value, place, "actions", "nodes")
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
    return out


def _sum(actions: Actions) -> Symmetric:
    out: Symmetric = {}
    for action in actions:
        for e, c in action.items():
            out[e] = out.get(e, 0) + c
    return {e: c for e, c in out.items() if c}


def _diagonal(actions: Actions) -> bool:
    return all(i == j for action in actions for i, j in action)


def _flat(actions: Actions, shape: Sequence[int]) -> list[Rational]:
    """The weight of every entry under diagonal actions."""
    out: list[Rational] = [0]
    for action, n in zip(actions, shape, strict=True):
        weights = [action.get((k, k), 0) for k in range(n)]
        out = [a + b for a in out for b in weights]
    return out


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


def _check_node(i: int, model: Model, claim: Claim, at: dict[int, list[Symmetric]]) -> bool:
    """The local rule of one node."""
    node = model.nodes[i]
    shapes = [model.nodes[a].shape for a in node.args]
    out = at.get(i, [Symmetric()] * len(node.shape))
    args = [at.get(a, [Symmetric()] * len(shape)) for a, shape in zip(node.args, shapes, strict=True)]
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
    inside, outside = _flat(args[0], shapes[0]), _flat(out, node.shape)
    if node.op == "gather":
        return all(k < 0 or outside[e] == inside[k] for e, k in enumerate(node.indices))
    return all(k < 0 or outside[k] == inside[e] for e, k in enumerate(node.indices))


def _law(model: Model, at: dict[int, list[Symmetric]], budget: Budget) -> Polynomial:
    """½θᵀAθ."""
    out: Polynomial = {}
    for n, actions in at.items():
        node = model.nodes[n]
        index = model.indices(node) if node.op in LEAVES else []
        stride = node.size
        for action, size in zip(actions, node.shape, strict=True):
            stride //= size
            for (i, j), c in action.items():
                budget.tick()
                for k in range(0, len(index), stride * size):
                    for p, q in zip(index[k + i * stride : k + (i + 1) * stride], index[k + j * stride : k + (j + 1) * stride], strict=True):
                        m = (min(p, q), max(p, q))
                        out[m] = out.get(m, 0) + (Fraction(c) / 2 if i == j else c)
    return {m: c for m, c in out.items() if c}


def check_scaling(model: Model, claim: Claim, laws: Sequence[Polynomial], generators: Json, place: str, budget: Budget) -> None:
    """Check one infinitesimal generator for each law.

    *Proves:* ∇h·∇F_c(θ)(x) = 0 for all θ, x and c, for every law h and every function of the claim (where a piecewise function has a slope). Raises
    `Invalid` with the node where a local rule fails.
    """
    for k, (law, item) in enumerate(zip(laws, items(generators, place, len(laws)), strict=True)):
        at = {n: actions for n, actions in _read(item, f"{place}/{k}", model, budget).items() if any(actions)}
        for i, node in enumerate(model.nodes):
            budget.tick()
            if (i in at or any(a in at for a in node.args)) and not _check_node(i, model, claim, at):
                raise Invalid(f"generator {k}: the actions at node {i} ({node.op}) do not follow from those of its arguments")
        if any(i in at for i in model.outputs):
            raise Invalid(f"generator {k}: an output is not invariant")
        if _law(model, at, budget) != law:
            raise Invalid(f"law {k} is not the one of its generator")
