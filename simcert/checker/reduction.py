"""The smaller network of a claim of kind `quotient`: its program, the map Q from the subspace to its parameters, and the metric."""

from __future__ import annotations

from dataclasses import dataclass

from .canonical import Json, Rational, fields, integer, items, rational, rationals
from .outcome import Budget, Malformed
from .program import Model, read_model
from .subspace import Row


@dataclass(frozen=True, slots=True)
class Reduction:
    """`small` has the parameters v = Qθ: entry p is the sum of a·θ_q over rows[p], plus constants[p]; `metric` has one positive number for each."""

    small: Model
    rows: tuple[Row, ...]
    constants: tuple[Rational, ...]
    metric: tuple[Rational, ...]


def read_reduction(d: dict[str, Json], model: Model, budget: Budget) -> Reduction:
    """The keys small, map and metric of a claim; the two networks have the same inputs, the same shapes of outputs, and activations in common."""
    small = read_model(d["small"], budget, "/claim/small")
    if small.inputs != model.inputs:
        raise Malformed("/claim/small/inputs: the inputs are not those of the model")
    if [small.nodes[k].shape for k in small.outputs] != [model.nodes[k].shape for k in model.outputs]:
        raise Malformed("/claim/small/outputs: the outputs do not have the shapes of those of the model")
    if any(model.activations.get(name) != definition for name, definition in small.activations.items()):
        raise Malformed("/claim/small/activations: an activation is not that of the model")
    rows: list[Row] = []
    constants: list[Rational] = []
    for p, item in enumerate(items(d["map"], "/claim/map", small.size)):
        place = f"/claim/map/{p}"
        budget.tick()
        line = fields(item, place, "constant", "entries")
        constants.append(rational(line["constant"], place, budget))
        row: Row = {}
        last = -1
        for entry in items(line["entries"], place):
            pair = items(entry, place, 2)
            last = integer(pair[0], place, last + 1, model.size - 1)
            row[last] = rational(pair[1], place, budget)
        if not row or 0 in row.values():
            raise Malformed(f"{place}: a row has nonzero coefficients, at least one")
        rows.append(row)
    metric = rationals(d["metric"], "/claim/metric", budget, small.size)
    if any(m <= 0 for m in metric):
        raise Malformed("/claim/metric: the numbers of a metric are positive")
    return Reduction(small, tuple(rows), tuple(constants), tuple(metric))
