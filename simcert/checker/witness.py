"""Disproofs of invariance: one point θ of the subspace, one input x, one output and one equation with C_i·∇F_c(θ)(x) ≠ 0."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from .canonical import Json, Rational, fields, integer, items, mapping, natural, rational, rationals
from .claim import Claim, read_point
from .evaluate import System, evaluate
from .interval import Balls
from .outcome import Budget, Invalid, Malformed
from .program import LEAVES, Activation, Gradient, Model, gradient
from .rational import Partial, Rationals
from .residue import Residues
from .series import Series
from .subspace import Subspace
from .vectors import read_members

T = TypeVar("T")
COMMON = ("equation", "input", "members", "method", "output", "value")
KEYS = {
    "rational": ("theta",),
    "residue": ("theta", "modulus"),
    "exponential": ("theta", "modulus", "denominator", "bases"),
    "series": ("curve", "modulus", "constants", "order"),
    "ball": ("theta", "precision"),
}


@dataclass(frozen=True, slots=True)
class Witness:
    """The part that all methods share, and the reader of the rest."""

    model: Model
    space: Subspace
    budget: Budget
    proof: dict[str, Json]
    functions: dict[str, Activation]
    input: dict[str, list[Rational]]
    equation: int
    output: tuple[int, int]

    def theta(self) -> list[Rational]:
        """The point θ, which must lie in the subspace."""
        theta = list(read_point(self.proof["theta"], "/proof/theta", self.model, self.budget))
        if not self.space.contains(theta):
            raise Invalid("theta does not lie in the subspace")
        return theta

    def leaves(self, theta: list[T], system: System[T], graph: Gradient | None = None) -> dict[int, list[T]]:
        """The values of the leaf nodes, and of the covectors: 1 at the output entry, 0 elsewhere."""
        out: dict[int, list[T]] = {}
        for i, node in enumerate(self.model.nodes):
            if node.op in LEAVES:
                out[i] = [theta[p] for p in self.model.indices(node)]
            elif node.op == "input":
                out[i] = [system.rational(q) for q in self.input[node.names[0]]]
        for k, i in enumerate(graph.covectors if graph is not None else ()):
            size = self.model.nodes[self.model.outputs[k]].size
            out[i] = [system.rational(int((k, entry) == self.output)) for entry in range(size)]
        return out

    def normal_slope(self, theta: list[T], system: System[T]) -> T:
        """The number C_i·∇F_c(θ)(x)."""
        graph = gradient(self.model)
        arrays = evaluate(graph.nodes, self.leaves(theta, system, graph), system)
        where = {p: (bar, e) for i, bar in graph.leaves.items() for e, p in enumerate(self.model.indices(self.model.nodes[i]))}
        row = [(system.rational(a), arrays[where[p][0]][where[p][1]]) for p, a in self.space.rows[self.equation] if p in where]
        return system.dot([a for a, _ in row], [b for _, b in row])

    def forward(self, theta: list[Rational]) -> list[list[Rational | None]]:
        """The exact values of the model's nodes at θ where they are known to be rational."""
        system = Partial(self.budget, self.functions)
        return evaluate(self.model.nodes, self.leaves(list[Rational | None](theta), system), system)

    def modulus(self) -> int:
        return natural(self.proof["modulus"], "/proof/modulus", self.budget, 2)

    def residues(self, value: Json, place: str, allowed: tuple[tuple[str, ...], ...], modulus: int) -> dict[str, int]:
        """An object of residues with one of the allowed sets of keys."""
        d = mapping(value, place)
        if not any(set(d) == set(keys) for keys in allowed):
            raise Malformed(f"{place}: unexpected or missing keys")
        return {key: natural(item, f"{place}/{key}", self.budget, 0, modulus) for key, item in d.items()}


def _check_rational(w: Witness) -> None:
    value = rational(w.proof["value"], "/proof/value", w.budget)
    _compare(w.normal_slope(w.theta(), Rationals(w.budget, w.functions)), value)


def _check_residue(w: Witness) -> None:
    m = w.modulus()
    value = natural(w.proof["value"], "/proof/value", w.budget, 0, m)
    system = Residues(w.budget, w.functions, m)
    _compare(w.normal_slope([system.rational(q) for q in w.theta()], system), value)


def _check_exponential(w: Witness) -> None:
    m = w.modulus()
    value = natural(w.proof["value"], "/proof/value", w.budget, 0, m)
    denominator = natural(w.proof["denominator"], "/proof/denominator", w.budget, 1)
    circular = any(w.functions[node.names[0]].name in ("sin", "cos") for node in w.model.nodes if node.op == "apply")
    bases = w.residues(w.proof["bases"], "/proof/bases", (("real", "imaginary", "i"),) if circular else (("real",),), m)
    system, theta = Residues(w.budget, w.functions, m), w.theta()
    system.exponentials(bases, denominator, w.forward(theta))
    _compare(w.normal_slope([system.rational(q) for q in theta], system), value)


def _check_series(w: Witness) -> None:
    m = w.modulus()
    value = natural(w.proof["value"], "/proof/value", w.budget, 0, m)
    order = integer(w.proof["order"], "/proof/order", 0)
    constants = w.residues(w.proof["constants"], "/proof/constants", ((), ("pi",), ("log2",)), m)
    curve = [read_point(item, f"/proof/curve/{k}", w.model, w.budget) for k, item in enumerate(items(w.proof["curve"], "/proof/curve"))]
    names = {a.name for a in w.functions.values()}
    if not curve:
        raise Malformed("/proof/curve: expected at least one point")
    if names >= {"gelu", "erf"}:
        raise Invalid("gelu and erf in one model: their constants are not algebraically independent")
    if not w.space.contains(curve[0]) or not all(w.space.contains(step, direction=True) for step in curve[1:]):
        raise Invalid("the curve does not lie in the subspace")
    exact = w.forward(list(curve[0]))
    for node in w.model.nodes:
        function = w.functions[node.names[0]] if node.op == "apply" else None
        if function is not None and function.kind == "named" and function.name != "reciprocal" and any(z != 0 for z in exact[node.args[0]]):
            raise Invalid(f"an argument of {node.names[0]} is not known to be 0 at t = 0")
    system = Series(w.budget, w.functions, m, order, constants)
    theta = [system.pack([system.rational(step[p]) for step in curve]) for p in range(w.space.size)]
    _compare(system.unpack(w.normal_slope(theta, system))[order], value)


def _check_ball(w: Witness) -> None:
    precision = integer(w.proof["precision"], "/proof/precision", 1)
    lower, upper = rationals(w.proof["value"], "/proof/value", w.budget, 2)
    if any(q.denominator & (q.denominator - 1) for q in (lower, upper)):
        raise Malformed("/proof/value: expected dyadic rationals")
    system = Balls(w.budget, w.functions, precision)
    lo, hi = w.normal_slope([system.rational(q) for q in w.theta()], system)
    if not (lower > 0 or upper < 0) or not (lower * 2**system.bits <= lo and hi <= upper * 2**system.bits):
        raise Invalid("the enclosure is not between the stated bounds of one sign")


def _compare(found: Rational, stated: Rational) -> None:
    if found != stated:
        raise Invalid("the number C_i·∇F_c(θ)(x) is not the stated value")
    if found == 0:
        raise Invalid("the number C_i·∇F_c(θ)(x) is 0")


_CHECKS = {"rational": _check_rational, "residue": _check_residue, "exponential": _check_exponential, "series": _check_series, "ball": _check_ball}


def check_witness(model: Model, claim: Claim, space: Subspace, proof: Mapping[str, Json], method: str, budget: Budget) -> None:
    """Check that C_i·∇F_c is not 0 somewhere on the subspace.

    *Proves:* the subspace is not invariant: the gradient flow of some loss on one data point leaves it. For an activation that is a class: for an open
    dense set of jets, because the number is a polynomial in them that does not vanish at the exhibited member. *Does not prove:* that no flow stays.
    Raises `Invalid` where the witness fails.
    """
    d = fields(dict(proof), "/proof", *COMMON, *KEYS[method])
    equation = integer(d["equation"], "/proof/equation", 0, len(space.rows) - 1)
    k, entry = items(d["output"], "/proof/output", 2)
    number = integer(k, "/proof/output", 0, len(model.outputs) - 1)
    output = number, integer(entry, "/proof/output", 0, model.nodes[model.outputs[number]].size - 1)
    given = mapping(d["input"], "/proof/input")
    if set(given) != set(model.inputs):
        raise Malformed("/proof/input: expected exactly the inputs of the model")
    sizes = {node.names[0]: node.size for node in model.nodes if node.op == "input"}
    inputs = {name: rationals(values, f"/proof/input/{name}", budget, sizes[name]) for name, values in given.items()}
    functions = read_members(d["members"], "/proof/members", model, claim, budget)
    _CHECKS[method](Witness(model, space, budget, d, functions, inputs, equation, output))
