"""Invariance for data with a symmetry: the data are closed under (x, y) ↦ (Tx, εy), and F(gθ)(Tx) = εF(θ)(x) with g orthogonal.

For a loss with ℓ(εz, εy) = ℓ(z, y) the risk R(θ) = Σ weight·ℓ(F(θ)(x), y) satisfies R(gθ) = R(θ), so ∇R(gθ) = g∇R(θ) and the gradient is fixed by g
wherever θ is.
"""

from __future__ import annotations

from dataclasses import replace

from .canonical import Json, Rational, fields, items
from .claim import Claim, Generator, read_node_actions
from .dataset import Arrays, DataSet, Terms
from .evaluate import evaluate
from .invariance import OPS
from .normalform import Forms, Poly, Symbol, parametrize
from .outcome import Budget, Invalid
from .program import LEAVES, Model
from .subspace import Subspace
from .symmetry import Actions, check_equivariance, check_slopes, fixed_space, image


def _moved(model: Model, numbers: tuple[int, ...], arrays: Arrays, generator: Generator, budget: Budget) -> Arrays:
    """The arrays that stand at these nodes, each under the actions of the generator there."""
    out: list[tuple[Rational, ...]] = []
    for i, values in zip(numbers, arrays, strict=True):
        node = model.nodes[i]
        actions: Actions = generator.nodes.get(i, (None,) * len(node.shape))
        out.append(tuple(image(actions, node.shape, values, budget)))
    return tuple(out)


def _input_nodes(model: Model) -> tuple[int, ...]:
    """The node of every input, in the order in which the model declares them."""
    where = {node.names[0]: i for i, node in enumerate(model.nodes) if node.op == "input"}
    return tuple(where[name] for name in model.inputs)


def _check_closed(model: Model, data: DataSet, generators: tuple[Generator, ...], budget: Budget) -> None:
    """Every generator carries every example to an example of the same weight; being injective it then permutes them."""
    weights = {(example.x, example.y): example.weight for example in data.examples}
    inputs = _input_nodes(model)
    for k, generator in enumerate(generators):
        for n, example in enumerate(data.examples):
            budget.tick()
            moved = _moved(model, inputs, example.x, generator, budget), _moved(model, model.outputs, example.y, generator, budget)
            if weights.get(moved) != example.weight:
                found = "is no example" if moved not in weights else f"has the weight {weights[moved]}, not {example.weight}"
                raise Invalid(f"generator {k}: the image of example {n} {found}")


def _read_proof(model: Model, claim: Claim, proof: dict[str, Json]) -> tuple[Generator, ...]:
    """The generators of the claim, with the actions on inner nodes that the proof adds."""
    lists = items(fields(proof, "/proof", "method", "nodes")["nodes"], "/proof/nodes", len(claim.generators))
    out: list[Generator] = []
    for k, (g, listed) in enumerate(zip(claim.generators, lists, strict=True)):
        more = read_node_actions(listed, f"/proof/nodes/{k}", model, g.actions, tuple(op for op in OPS if op not in (*LEAVES, "input")))
        if any(i in model.outputs for i in more):
            raise Invalid(f"generator {k}: the action on an output is part of the claim, not of the proof")
        out.append(replace(g, nodes=g.nodes | more))
    return tuple(out)


def _polynomial(terms: Terms, theta: list[Poly], inputs: list[Poly], forms: Forms) -> Poly:
    """The normal form of a polynomial in parameters and input entries."""
    products: list[Poly] = []
    for (q, p), c in terms.items():
        product = forms.rational(c)
        for factor in (*(inputs[j] for j in q), *(theta[j] for j in p)):
            product = forms.dot([product], [factor])
        products.append(product)
    return forms.total(products)


def _check_predictor(model: Model, claim: Claim, space: Subspace, predictor: tuple[Terms, ...], budget: Budget) -> None:
    """On the subspace every output entry is the claimed polynomial, as an identity of normal forms."""
    forms = Forms(budget, model, claim, names=False)
    theta = parametrize(forms, space)
    leaves: dict[int, list[Poly]] = {}
    for i, node in enumerate(model.nodes):
        if node.op in LEAVES:
            leaves[i] = [theta[p] for p in model.indices(node)]
        elif node.op == "input":
            leaves[i] = [{forms.symbol(Symbol()): 1} for _ in range(node.size)]
    inputs = [entry for i in _input_nodes(model) for entry in leaves[i]]
    arrays = evaluate(model.nodes, leaves, forms)
    entries = [entry for i in model.outputs for entry in arrays[i]]
    for k, (entry, terms) in enumerate(zip(entries, predictor, strict=True)):
        opposite = forms.dot([forms.rational(-1)], [_polynomial(terms, theta, inputs, forms)])
        if forms.simplify(forms.total([entry, opposite])):
            raise Invalid(f"output entry {k} is not shown to be the polynomial of the predictor on the subspace")


def check_data(model: Model, claim: Claim, space: Subspace, data: DataSet, proof: dict[str, Json], budget: Budget) -> None:
    """Check a claim of kind `data-invariant`.

    *Proves:* the data are closed under every generator; g is orthogonal with F(gθ)(Tx) = εF(θ)(x); the subspace is the common fixed space of the g, hence
    invariant for these data and every loss with ℓ(εz, εy) = ℓ(z, y); on it F is the predictor, where one is claimed. *Does not prove:* anything for other
    data. Raises `Invalid` with the generator, the example or the node at fault.
    """
    generators = _read_proof(model, claim, proof)
    _check_closed(model, data, generators, budget)
    check_equivariance(model, claim, generators, budget, moving=True)
    if fixed_space(model, generators, budget) != space:
        raise Invalid("the subspace is not the fixed space of the generators")
    inputs = _input_nodes(model)
    for example in data.examples:
        check_slopes(model, claim, generators, space, budget, dict(zip(inputs, example.x, strict=True)))
    if data.predictor:
        _check_predictor(model, claim, space, data.predictor, budget)
