"""Is a claim true? Computed from docs/format.md alone, by dual numbers along the rows of a subspace, without the producer and without the checker.

A certificate's model is run forwards on pairs a + b·ε, ε² = 0: along the direction C_i the ε-part of F_c is C_i·∇F_c. Numbers are residues modulo a large prime
where all functions are polynomials (random ones with the facts assumed, where the claim is about all functions with these facts), fractions where piecewise
functions occur, and floats where a named function is meant itself. A positive answer is right except with negligible probability; so is a negative one.

`python -m tests.oracle` answers the same question symbolically with sympy, for the JSON list of certificates on stdin.
"""

from __future__ import annotations

import json
import math
import random
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from operator import mul
from typing import Any

Json = dict[str, Any]
Number = Any
Pair = tuple[Number, Number]
Function = Callable[[int, Number], Number]  # (order, argument) -> value of that derivative
PRIME = (1 << 61) - 1
CLASSES = {"generic": [], "odd": ["odd"], "even": ["even"], "generic0": ["zero"], "flat": ["flat"]}
TINY = 1e-9


class UndefinedError(ArithmeticError):
    """A function is not defined at an argument."""


@dataclass(frozen=True)
class Ring:
    """How to read a rational, to keep numbers small, and to draw one."""

    kind: str

    def read(self, q: Fraction | str | int) -> Number:
        q = Fraction(q)
        return float(q) if self.kind == "float" else q if self.kind == "fraction" else q.numerator * pow(q.denominator, -1, PRIME) % PRIME

    def small(self, a: Number) -> Number:
        return a % PRIME if self.kind == "residue" else a

    def invert(self, a: Number) -> Number:
        if not a:
            raise UndefinedError
        return pow(a, -1, PRIME) if self.kind == "residue" else 1 / a

    def draw(self, rng: random.Random) -> Number:
        if self.kind == "residue":
            return rng.randrange(1, PRIME)
        q = Fraction(rng.choice((-1, 1)) * rng.randint(8, 99), 64)
        return float(q) if self.kind == "float" else q


def powers(ring: Ring, coefficients: Sequence[Number]) -> Function:
    """A polynomial and its derivatives."""

    def value(order: int, z: Number) -> Number:
        out = ring.read(0)
        for k in range(len(coefficients) - 1, order - 1, -1):
            out = ring.small(out * z + coefficients[k] * math.perm(k, order))
        return out

    return value


def with_facts(ring: Ring, facts: Sequence[str], rng: random.Random) -> Function:
    """A random polynomial with these facts; in floats of low degree, with small coefficients."""
    c = [ring.draw(rng) for _ in range(12 if ring.kind == "residue" else 8)]
    if ring.kind != "residue":
        c = [a * ring.read(Fraction(1, math.factorial(k))) for k, a in enumerate(c)]
    for k in range(len(c)):
        if ("odd" in facts and k % 2 == 0) or ("even" in facts and k % 2) or ("zero" in facts and k == 0) or ("flat" in facts and k == 1):
            c[k] = ring.read(0)
    return powers(ring, c)


def function(ring: Ring, definition: Json, meant: Any, rng: random.Random) -> Function:
    """The function that stands for an activation: itself, or a random one with the facts."""
    if meant != "itself":
        return with_facts(ring, meant, rng)
    ((kind, body),) = definition.items()
    if kind == "polynomial":
        return powers(ring, [ring.read(c) for c in body])
    if kind == "piecewise":
        slopes, at_zero = [ring.read(s) for s in body], ring.draw(rng)

        def linear(order: int, z: Number) -> Number:
            slope = at_zero if abs(z) < 1e-12 else slopes[z > 0]
            return slope * z if order == 0 else slope if order == 1 else ring.read(0)

        return linear
    if body == "reciprocal":
        return lambda order, z: ring.small((-1) ** order * math.factorial(order) * ring.invert(z) ** (order + 1))
    from simcert.models.activations import float_function
    from simcert.models.program import Activation

    def named(order: int, z: float) -> float:
        if body == "rsqrt" and z <= 0:
            raise UndefinedError
        return float(float_function(Activation(named=body), order)(z))

    return named


def ring_for(model: Json, meaning: Mapping[str, Any]) -> Ring:
    """Residues if possible, else fractions, else floats."""
    meant = [model["activations"][name] for name, word in meaning.items() if word == "itself"]
    if any(d.get("named", "reciprocal") != "reciprocal" for d in meant):
        return Ring("float")
    return Ring("fraction" if any("piecewise" in d for d in meant) else "residue")


def flat(shape: Sequence[int]) -> Iterator[tuple[int, ...]]:
    return product(*(range(n) for n in shape))


def run(model: Json, ring: Ring, functions: Mapping[str, Function], leaves: Mapping[str, Sequence[Pair]]) -> tuple[list[Pair], Number]:
    """All output entries, as pairs, from the pairs of all parameters and inputs; and the largest float on the way, for comparison with errors."""
    values: list[list[Pair]] = []
    zero = ring.read(0)
    for node in model["nodes"]:
        args = [values[a] for a in node.get("args", [])]
        shapes = [model["nodes"][a]["shape"] for a in node.get("args", [])]
        op, size = node["op"], math.prod(node["shape"])
        out: list[Pair] = [(zero, zero)] * size
        if op in ("parameter", "input"):
            out = list(leaves[node["name"]])
        elif op == "stack":
            out = [pair for name in node["names"] for pair in leaves[name]]
        elif op == "constant":
            out = [(ring.read(v), zero) for v in node["values"]]
        elif op == "add":
            out = [(ring.small(sum(a for a, _ in pairs)), ring.small(sum(b for _, b in pairs))) for pairs in zip(*args, strict=True)]
        elif op == "gather":
            out = [args[0][k] if k >= 0 else (zero, zero) for k in node["indices"]]
        elif op == "scatter":
            for k, (a, b) in zip(node["indices"], args[0], strict=True):
                if k >= 0:
                    out[k] = (ring.small(out[k][0] + a), ring.small(out[k][1] + b))
        elif op == "apply":
            f, order = functions[node["activation"]], node["order"]
            out = [(f(order, a), ring.small(f(order + 1, a) * b) if b else zero) for a, b in args[0]]
        else:
            out = _contract(node, args, shapes, ring)
        values.append(out)
    scale = max([1.0, *(abs(v) for array in values for pair in array for v in pair)]) if ring.kind == "float" else 1
    return [pair for k in model["outputs"] for pair in values[k]], scale


def _contract(node: Json, args: list[list[Pair]], shapes: list[list[int]], ring: Ring) -> list[Pair]:
    left, right = node["spec"].split("->")
    terms = left.split(",")
    sizes = dict(zip("".join(terms) + right, [n for shape in (*shapes, node["shape"]) for n in shape], strict=True))
    letters = sorted(sizes)

    def weights(term: str) -> list[int]:
        steps = dict.fromkeys(letters, 0)
        step = 1
        for letter in reversed(term):
            steps[letter], step = step, step * sizes[letter]
        return [steps[letter] for letter in letters]

    strides, target = [weights(term) for term in terms], weights(right)
    out: list[Pair] = [(ring.read(0), ring.read(0))] * math.prod(node["shape"])
    for index in flat([sizes[letter] for letter in letters]):
        pairs = [arg[sum(i * s for i, s in zip(index, stride, strict=True))] for arg, stride in zip(args, strides, strict=True)]
        a, b = pairs[0]
        for c, d in pairs[1:]:
            a, b = ring.small(a * c), ring.small(a * d + b * c)
        k = sum(i * s for i, s in zip(index, target, strict=True))
        out[k] = (ring.small(out[k][0] + a), ring.small(out[k][1] + b))
    return out


def sizes(declared: Sequence[Json]) -> dict[str, int]:
    return {item["name"]: math.prod(item["shape"]) for item in declared}


def named(model: Json, vector: Sequence[Number]) -> dict[str, list[Number]]:
    """A point of parameter space by parameter."""
    out, start = dict[str, list[Number]](), 0
    for name, size in sizes(model["parameters"]).items():
        out[name] = list(vector[start : start + size])
        start += size
    return out


def point_of(model: Json, subspace: Json, ring: Ring, rng: random.Random) -> list[Number]:
    """A random point of the subspace."""
    theta = [ring.draw(rng) for _ in range(sum(sizes(model["parameters"]).values()))]
    for row in subspace["rows"]:
        theta[row["entries"][0][0]] = ring.small(ring.read(row["constant"]) - sum(ring.read(c) * theta[p] for p, c in row["entries"][1:]))
    return theta


def slopes(
    model: Json, subspace: Json, ring: Ring, functions: Mapping[str, Function], theta: Sequence[Number], x: Mapping[str, Sequence[Number]]
) -> list[Number]:
    """C_i·∇F_c(θ)(x) for all i and c; in floats divided by the scale of the computation."""
    out: list[Number] = []
    inputs = {name: [(v, ring.read(0)) for v in values] for name, values in x.items()}
    for row in subspace["rows"]:
        direction = [ring.read(0)] * len(theta)
        for p, c in row["entries"]:
            direction[p] = ring.read(c)
        moved = {name: list(zip(a, b, strict=True)) for (name, a), b in zip(named(model, theta).items(), named(model, direction).values(), strict=True)}
        values, scale = run(model, ring, functions, moved | inputs)
        out += [b / scale if ring.kind == "float" else b for _, b in values]
    return out


def inputs_of(model: Json, ring: Ring, rng: random.Random) -> dict[str, list[Number]]:
    return {name: [ring.draw(rng) for _ in range(size)] for name, size in sizes(model["inputs"]).items()}


def largest(model: Json, subspace: Json, meaning: Mapping[str, Any], ring: Ring, seed: int = 0, points: int = 4) -> float:
    """The largest |C_i·∇F_c(θ)(x)| at random points of the subspace; for exact numbers 1.0 if any is not 0."""
    rng = random.Random(seed)
    best, found = 0.0, 0
    for _ in range(8 * points):
        functions = {name: function(ring, d, meaning[name], rng) for name, d in model["activations"].items()}
        try:
            values = slopes(model, subspace, ring, functions, point_of(model, subspace, ring, rng), inputs_of(model, ring, rng))
        except UndefinedError:
            continue
        best = max([best, *(float(abs(v) if ring.kind == "float" else v != 0) for v in values)])
        found += 1
        if found == points:
            return best
    raise UndefinedError


def moved(model: Json, generator: Json, vector: Sequence[Number], read: Callable[[Any], Number]) -> list[Number]:
    """gθ for a generator of a claim."""
    theta = named(model, vector)
    for number, actions in generator["nodes"]:
        node = model["nodes"][number]
        names = [node["name"]] if node["op"] == "parameter" else node["names"]
        values = [v for name in names for v in theta[name]]
        for axis, a in enumerate(actions):
            if a < 0:
                continue
            action, old = generator["actions"][a], dict(zip(flat(node["shape"]), values, strict=True))
            values = []
            for index in flat(node["shape"]):
                if "matrix" in action:
                    terms = [(j, read(c)) for j, c in enumerate(action["matrix"][index[axis]])]
                else:
                    terms = [(action["permutation"][index[axis]], read(action["signs"][index[axis]]))]
                values.append(sum(c * old[(*index[:axis], j, *index[axis + 1 :])] for j, c in terms))
        size = len(values) // len(names)
        theta |= {name: values[k * size : (k + 1) * size] for k, name in enumerate(names)}
    return [v for values in theta.values() for v in values]


def rank(rows: Sequence[Sequence[Fraction]]) -> int:
    """The rank of a rational matrix."""
    work, found = [list(row) for row in rows], 0
    for column in range(len(work[0]) if work else 0):
        pivot = next((k for k in range(found, len(work)) if work[k][column]), None)
        if pivot is None:
            continue
        work[found], work[pivot] = work[pivot], work[found]
        for k in range(found + 1, len(work)):
            factor = work[k][column] / work[found][column]
            if factor:
                work[k] = [a - factor * b for a, b in zip(work[k], work[found], strict=True)]
        found += 1
    return found


def is_symmetric(model: Json, generators: Sequence[Json], meaning: Mapping[str, Any]) -> bool:
    """Whether every generator is an orthogonal map with F(gθ) = F(θ) at a random θ and x."""
    ring, rng = ring_for(model, meaning), random.Random(1)
    size = sum(sizes(model["parameters"]).values())
    for g in generators:
        columns = [moved(model, g, [int(k == j) for k in range(size)], Ring("residue").read) for j in range(size)]
        if any((sum(map(mul, u, v)) - (i == j)) % PRIME for i, u in enumerate(columns) for j, v in enumerate(columns[: i + 1])):
            return False
        theta, x = [ring.draw(rng) for _ in range(size)], inputs_of(model, ring, rng)
        functions = {name: function(ring, d, meaning[name], rng) for name, d in model["activations"].items()}
        values, bound = [], 0
        for point in (theta, moved(model, g, theta, ring.read)):
            leaves = {**named(model, [ring.small(v) for v in point]), **x}
            out, scale = run(model, ring, functions, {k: [(v, ring.read(0)) for v in vs] for k, vs in leaves.items()})
            values.append([a for a, _ in out])
            bound = TINY * scale if ring.kind == "float" else 0
        if any(abs(a - b) > bound for a, b in zip(*values, strict=True)):
            return False
    return True


def is_fixed_space(model: Json, generators: Sequence[Json], subspace: Json) -> bool:
    """Whether the subspace is {θ : gθ = θ for all g}."""
    size = sum(sizes(model["parameters"]).values())
    units = [[Fraction(k == j) for k in range(size)] for j in range(size)]
    equations: list[list[Fraction]] = []
    for g in generators:
        images = [moved(model, g, unit, Fraction) for unit in units]
        equations += [[images[j][i] - (i == j) for j in range(size)] for i in range(size)]
    rows = [[Fraction(dict(map(tuple, row["entries"])).get(p, "0")) for p in range(size)] for row in subspace["rows"]]
    return not any(row["constant"] != "0" for row in subspace["rows"]) and rank(equations) == len(rows) == rank(equations + rows)


def holds(data: Json) -> bool:
    """Whether the claim of a certificate is true."""
    model, claim = data["model"], data["claim"]
    if claim["kind"] in ("symmetry", "fixed-space"):
        fixed = claim["kind"] == "symmetry" or is_fixed_space(model, claim["generators"], claim["subspace"])
        return fixed and is_symmetric(model, claim["generators"], claim["activations"])
    ring = ring_for(model, claim["activations"])
    value = largest(model, claim["subspace"], claim["activations"], ring, points=4 if claim["kind"] == "invariant" else 12)
    return (value < TINY) == (claim["kind"] == "invariant")


def symbolic(data: Json) -> bool:
    """Whether C∇F vanishes on the subspace as an expression; classes are undefined functions, with the values that their facts give."""
    import sympy

    model, subspace = data["model"], data["claim"]["subspace"]
    symbols = {name: sympy.symbols(f"{name}_0:{size}") for name, size in sizes(model["parameters"] + model["inputs"]).items()}
    theta = [s for item in model["parameters"] for s in symbols[item["name"]]]

    def apply(name: str, z: Any) -> Any:
        ((kind, body),) = model["activations"][name].items()
        if kind == "polynomial":
            return sum(sympy.Rational(c) * z**k for k, c in enumerate(body))
        special = {"gaussian": lambda z: sympy.exp(-(z**2)), "sigmoid": lambda z: 1 / (1 + sympy.exp(-z)), "reciprocal": lambda z: 1 / z}
        special |= {"expm1": lambda z: sympy.exp(z) - 1, "silu": lambda z: z / (1 + sympy.exp(-z)), "arctan": sympy.atan}
        return sympy.Function(name)(z) if kind == "class" else special[body](z) if body in special else getattr(sympy, body)(z)

    values: list[list[Any]] = []
    for node in model["nodes"]:
        args = [values[a] for a in node.get("args", [])]
        if node["op"] in ("parameter", "input"):
            values.append(list(symbols[node["name"]]))
        elif node["op"] == "constant":
            values.append([sympy.Rational(v) for v in node["values"]])
        elif node["op"] == "add":
            values.append([sum(parts) for parts in zip(*args, strict=True)])
        elif node["op"] == "apply":
            values.append([apply(node["activation"], z) for z in args[0]])
        else:
            shapes = [model["nodes"][a]["shape"] for a in node["args"]]
            values.append([a for a, _ in _contract(node, [[(a, 0) for a in arg] for arg in args], shapes, Ring("fraction"))])
    on = {theta[r["entries"][0][0]]: sympy.Rational(r["constant"]) - sum(sympy.Rational(c) * theta[p] for p, c in r["entries"][1:]) for r in subspace["rows"]}
    for row in subspace["rows"]:
        for k in model["outputs"]:
            for entry in values[k]:
                slope = sum(sympy.Rational(c) * sympy.diff(entry, theta[p]) for p, c in row["entries"])
                if sympy.expand(slope.subs(on, simultaneous=True).doit()) != 0:
                    return False
    return True


if __name__ == "__main__":
    from sympy.external.gmpy import GROUND_TYPES

    json.dump({"ground": GROUND_TYPES, "vanishes": [symbolic(data) for data in json.load(sys.stdin)]}, sys.stdout)
