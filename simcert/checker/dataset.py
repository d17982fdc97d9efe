"""A finite data set of rational inputs and targets with weights, and a predictor as polynomials, as a claim states them."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

from .canonical import Json, Rational, fields, integers, items, mapping, rational, rationals
from .outcome import Budget, Malformed
from .program import Model

Arrays = tuple[tuple[Rational, ...], ...]
Terms = dict[tuple[tuple[int, ...], tuple[int, ...]], Rational]


@dataclass(frozen=True, slots=True)
class Example:
    """One example: the flat inputs, in the order of the model's inputs, the flat targets, one for each output, and a weight."""

    x: Arrays
    y: Arrays
    weight: Rational


@dataclass(frozen=True, slots=True)
class DataSet:
    """All examples, and where a predictor is claimed for each output entry a polynomial in parameters and inputs.

    A polynomial maps a pair (sorted flat input indices, sorted parameter indices) to a nonzero coefficient.
    """

    examples: tuple[Example, ...]
    predictor: tuple[Terms, ...]


def _example(value: Json, place: str, model: Model, budget: Budget) -> Example:
    d = fields(value, place, "weight", "x", "y")
    given = mapping(d["x"], f"{place}/x")
    if set(given) != set(model.inputs):
        raise Malformed(f"{place}/x: expected exactly the inputs of the model")
    x = tuple(tuple(rationals(given[name], f"{place}/x/{name}", budget, prod(shape))) for name, shape in model.inputs.items())
    listed = items(d["y"], f"{place}/y", len(model.outputs))
    y = tuple(tuple(rationals(v, f"{place}/y/{k}", budget, model.nodes[i].size)) for k, (v, i) in enumerate(zip(listed, model.outputs, strict=True)))
    weight = rational(d["weight"], f"{place}/weight", budget)
    if weight <= 0:
        raise Malformed(f"{place}/weight: a weight is positive")
    return Example(x, y, weight)


def _order(indices: tuple[int, ...]) -> tuple[int, tuple[int, ...]]:
    return len(indices), indices


def _terms(value: Json, place: str, sizes: tuple[int, int], budget: Budget) -> Terms:
    """One polynomial: terms ["c", [parameter indices], [input indices]], sorted by the input indices, then by the parameter indices."""
    out: Terms = {}
    last: tuple[object, ...] = ()
    for item in items(value, place):
        budget.tick()
        c, thetas, inputs = items(item, place, 3)
        p, q = integers(thetas, place, 0, sizes[0] - 1), integers(inputs, place, 0, sizes[1] - 1)
        key = (*_order(q), *_order(p))
        if tuple(sorted(p)) != p or tuple(sorted(q)) != q or (last and key <= last):
            raise Malformed(f"{place}: the index lists of a term are sorted, as are the terms, and none occurs twice")
        last = key
        out[q, p] = rational(c, place, budget)
        if out[q, p] == 0:
            raise Malformed(f"{place}: a polynomial has no zero coefficient")
    return out


def read_data_set(claim: dict[str, Json], model: Model, budget: Budget) -> DataSet:
    """The data and the predictor of a claim.

    The examples are distinct as pairs (x, y) and increase in the order of their numbers, so that a data set has one spelling. Raises `Malformed`.
    """
    examples: list[Example] = []
    for k, item in enumerate(items(claim["data"], "/claim/data")):
        examples.append(_example(item, f"/claim/data/{k}", model, budget))
        if k and (examples[-2].x, examples[-2].y) >= (examples[-1].x, examples[-1].y):
            raise Malformed(f"/claim/data/{k}: the examples increase, inputs first, and none occurs twice")
    if not examples:
        raise Malformed("/claim/data: a data set has at least one example")
    count = sum(model.nodes[i].size for i in model.outputs)
    listed = items(claim["predictor"], "/claim/predictor")
    if listed and len(listed) != count:
        raise Malformed(f"/claim/predictor: expected no polynomial, or one for each of the {count} output entries")
    sizes = model.size, sum(prod(shape) for shape in model.inputs.values())
    return DataSet(tuple(examples), tuple(_terms(item, f"/claim/predictor/{k}", sizes, budget) for k, item in enumerate(listed)))
