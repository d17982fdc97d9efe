"""Proofs by symmetry: an orthogonal map g of parameter space with F(gθ) = F(θ), checked node by node, and its fixed space.

For every node, value(gθ, x) = (A_0⊗…⊗A_{r−1}) value(θ, x) with A_j the action on axis j. F(gθ) = F(θ) and g orthogonal give ∇F(gθ) = g∇F(θ), so the
gradient is fixed by g wherever θ is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product

from .canonical import Rational
from .claim import Action, Claim, Generator
from .evaluate import evaluate
from .interval import Ball, Balls
from .outcome import Budget, Invalid
from .program import LEAVES, Model, Node
from .subspace import Row, Subspace, null_space, signed_fixed_space

Actions = Sequence[Action | None]


def _monomial(action: Action | None, n: int) -> tuple[Sequence[int], Sequence[int]]:
    """Permutation and signs of an action without matrix (None: the identity)."""
    return (tuple(range(n)), (1,) * n) if action is None else (action.permutation, action.signs)


def _equal(a: Action | None, b: Action | None, n: int) -> bool:
    """Whether two actions are the same map of R^n."""
    if a is b:
        return True
    if (a is None or not a.matrix) and (b is None or not b.matrix):
        return _monomial(a, n) == _monomial(b, n)
    identity = Action(tuple(range(n)), (1,) * n)
    return (a or identity).rows() == (b or identity).rows()


def _flat(actions: Actions, shape: Sequence[int]) -> tuple[list[int], list[int]]:
    """The signed permutation of the flat entries of an array: entry e of the image is sign[e] times entry permutation[e]."""
    permutation, signs = [0], [1]
    for action, n in zip(actions, shape, strict=True):
        p, s = _monomial(action, n)
        permutation = [a * n + b for a in permutation for b in p]
        signs = [a * b for a in signs for b in s]
    return permutation, signs


def _sparse(actions: Actions, shape: Sequence[int], budget: Budget) -> Iterator[Row]:
    """The rows of the Kronecker product of any actions."""
    for steps in product(*([{k: 1} for k in range(n)] if action is None else action.rows() for action, n in zip(actions, shape, strict=True))):
        budget.tick()
        row: Row = {0: 1}
        for step, n in zip(steps, shape, strict=True):
            row = {a * n + b: c * d for a, c in row.items() for b, d in step.items()}
        yield row


def image(actions: Actions, shape: Sequence[int], values: Sequence[Rational], budget: Budget) -> list[Rational]:
    """The flat entries of an array under actions on its axes."""
    return [sum((c * values[k] for k, c in row.items()), 0) for row in _sparse(actions, shape, budget)]


def _check_letter(occurrences: list[Action | None], out: list[Action | None], n: int) -> bool:
    """One letter of a contraction, with its actions in the arguments and in the output."""
    everywhere = occurrences + out
    if any(a is not None and a.matrix for a in everywhere):
        paired = (len(occurrences), len(out)) in ((2, 0), (1, 1))
        return paired and _equal(everywhere[0], everywhere[1], n)
    maps = [_monomial(a, n) for a in everywhere]
    if any(p != maps[0][0] for p, _ in maps):
        return False
    signs = [1] * n
    for _, s in maps:
        signs = [a * b for a, b in zip(signs, s, strict=True)]
    return all(s == 1 for s in signs)


def _check_contract(node: Node, shapes: Sequence[Sequence[int]], args: Sequence[Actions], out: Actions) -> bool:
    sizes = dict(zip("".join(node.terms) + node.out, [n for shape in (*shapes, node.shape) for n in shape], strict=True))
    ins: dict[str, list[Action | None]] = {letter: [] for letter in sizes}
    for term, actions in zip(node.terms, args, strict=True):
        for letter, action in zip(term, actions, strict=True):
            ins[letter].append(action)
    outs = {letter: [action] for letter, action in zip(node.out, out, strict=True)}
    return all(_check_letter(occurrences, outs.get(letter, []), sizes[letter]) for letter, occurrences in ins.items())


def _check_moves(node: Node, arg: Node, actions: Actions, out: Actions) -> bool:
    """`gather` and `scatter`: the flat signed permutations commute with the moves."""
    p, s = _flat(actions, arg.shape)
    q, t = _flat(out, node.shape)
    if node.op == "gather":
        pairs = ((k, node.indices[q[i]], i) for i, k in enumerate(node.indices))
        return all((other < 0) if k < 0 else (other == p[k] and t[i] == s[k]) for k, other, i in pairs)
    moved = ((k, node.indices[p[i]], i) for i, k in enumerate(node.indices))
    return all((other < 0) if k < 0 else (other == q[k] and s[i] == t[k]) for k, other, i in moved)


def _check_apply(node: Node, model: Model, claim: Claim, actions: Actions, out: Actions) -> bool:
    name = node.names[0]
    definition, facts = model.activations[name], claim.facts[name]
    if definition.kind == "polynomial" and len(definition.numbers) == 2 and definition.numbers[0] == 0 and facts is None and node.order == 0:
        return all(_equal(a, b, n) for a, b, n in zip(actions, out, node.shape, strict=True))
    if any(a is not None and a.matrix for a in (*actions, *out)):
        return False
    if any(_monomial(a, n)[0] != _monomial(b, n)[0] for a, b, n in zip(actions, out, node.shape, strict=True)):
        return False
    signs, target = _flat(actions, node.shape)[1], _flat(out, node.shape)[1]
    known = definition.facts if facts is None else facts
    powers = [node.order + (parity == "odd") for parity in ("odd", "even") if parity in known]
    if any(target == [sign**k for sign in signs] for k in powers):
        return True
    return all(sign == 1 for sign in (*signs, *target))


def _check_node(i: int, model: Model, claim: Claim, at: Mapping[int, Actions], budget: Budget, moving: bool = False) -> bool:
    """The local rule of one node; with `moving` the inputs may carry actions, which are then part of what is claimed."""
    node = model.nodes[i]
    out = at.get(i, (None,) * len(node.shape))
    args = [at.get(a, (None,) * len(model.nodes[a].shape)) for a in node.args]
    if node.op == "parameter":
        return True
    if node.op == "stack":
        return out[0] is None or not out[0].matrix
    if node.op == "input":
        return moving or all(_equal(a, None, n) for a, n in zip(out, node.shape, strict=True))
    if node.op == "constant":
        if all(a is None for a in out):
            return True
        return image(out, node.shape, node.values, budget) == list(node.values)
    if node.op == "add":
        return all(_equal(a, b, n) for actions in args for a, b, n in zip(actions, out, node.shape, strict=True))
    if node.op == "contract":
        return _check_contract(node, [model.nodes[a].shape for a in node.args], args, out)
    if node.op == "apply":
        return _check_apply(node, model, claim, args[0], out)
    if any(a is not None and a.matrix for a in (*args[0], *out)):
        return False
    return _check_moves(node, model.nodes[node.args[0]], args[0], out)


def check_equivariance(model: Model, claim: Claim, generators: Sequence[Generator], budget: Budget, moving: bool = False) -> None:
    """Check that every generator g is an orthogonal map with F(gθ)(x) = F(θ)(x) for all θ and x.

    With `moving` a generator may act on inputs and outputs too, by T and ε, and F(gθ)(Tx) = εF(θ)(x) is checked.
    *Proves:* the symmetry, for every σ of the claim. *Does not prove:* that the generators generate all symmetries. Raises `Invalid` with the node where
    a local rule fails.
    """
    for k, generator in enumerate(generators):
        for i, node in enumerate(model.nodes):
            budget.tick()
            if not _check_node(i, model, claim, generator.nodes, budget, moving):
                raise Invalid(f"generator {k}: the actions at node {i} ({node.op}) do not follow from those of its arguments")
        for i in () if moving else model.outputs:
            if any(not _equal(a, None, n) for a, n in zip(generator.nodes.get(i, ()), model.nodes[i].shape, strict=False)):
                raise Invalid(f"generator {k}: the output at node {i} is not invariant")


def fixed_space(model: Model, generators: Sequence[Generator], budget: Budget) -> Subspace:
    """{θ : gθ = θ for every generator g}, in reduced row echelon form."""
    leaves = [(i, node, model.indices(node)) for i, node in enumerate(model.nodes) if node.op in LEAVES]

    def signed() -> Iterator[tuple[int, int, int]]:
        for g in generators:
            for i, node, index in leaves:
                budget.tick()
                if i in g.nodes:
                    yield from ((index[e], s, index[p]) for e, (p, s) in enumerate(zip(*_flat(g.nodes[i], node.shape), strict=True)))

    def linear() -> Iterator[Row]:
        for g in generators:
            for i, node, index in leaves:
                for e, row in enumerate(_sparse(g.nodes[i], node.shape, budget) if i in g.nodes else ()):
                    yield {index[k]: c for k in {*row, e} if (c := row.get(k, 0) - int(k == e))}

    if any(action.matrix for g in generators for action in g.actions):
        return null_space(model.size, linear(), budget)
    return signed_fixed_space(model.size, signed())


def check_slopes(
    model: Model, claim: Claim, generators: Sequence[Generator], space: Subspace, budget: Budget, given: Mapping[int, Sequence[Rational]] | None = None
) -> None:
    """Check that no even piecewise function changes the sign of an argument that is identically 0 on the subspace.

    There σ'(0) may have any value, and σ'(−z) = −σ'(z) fails. An argument is not identically 0 if its enclosure at one point of the subspace excludes 0.
    Inputs may vary too, unless the values of the input nodes are `given`.
    Raises `Invalid` where no such point is found.
    """
    wanted: dict[int, set[int]] = {}
    for node in model.nodes:
        definition = model.activations[node.names[0]] if node.op == "apply" else None
        if definition is not None and definition.kind == "piecewise" and definition.numbers[0] != definition.numbers[1]:
            for g in generators:
                signs = _flat(g.nodes.get(node.args[0], (None,) * len(node.shape)), node.shape)[1]
                wanted.setdefault(node.args[0], set()).update(e for e, sign in enumerate(signs) if sign < 0)
    for attempt in range(4):
        if not any(wanted.values()):
            return
        if any(facts is not None and model.activations[name].kind != "piecewise" for name, facts in claim.facts.items()):
            break
        system = Balls(budget, model.activations, 64, hull=True)
        sample = _sample(model, space, attempt, system)
        for i, values in (given or {}).items():
            sample[i] = [system.rational(q) for q in values]
        arrays = evaluate(model.nodes, sample, system)
        for i, entries in wanted.items():
            entries -= {e for e in entries if not arrays[i][e][0] <= 0 <= arrays[i][e][1]}
    if any(wanted.values()):
        raise Invalid("an even piecewise function changes the sign of an argument that could not be shown to be nonzero somewhere on the subspace")


def _sample(model: Model, space: Subspace, attempt: int, system: Balls) -> dict[int, list[Ball]]:
    """Parameters on the subspace and inputs, spread over small integers by multiplication with primes."""

    def spread(k: int) -> Rational:
        return (k * 7919 + attempt * 104729 + 31) % 211 - 105 or 1

    theta = space.point([spread(p) for p in range(space.size)])
    out: dict[int, list[Ball]] = {}
    for i, node in enumerate(model.nodes):
        if node.op in LEAVES:
            out[i] = [system.rational(theta[p]) for p in model.indices(node)]
        elif node.op == "input":
            out[i] = [system.rational(spread(k + 1000 * i)) for k in range(node.size)]
    return out
