"""Small models, claims and certificates as JSON dictionaries, written without the producer."""

from __future__ import annotations

import json
import random
from fractions import Fraction
from itertools import pairwise
from math import prod
from typing import Any

from simcert.checker import Limits, Result, check_text

Json = dict[str, Any]
PRIME = (1 << 61) - 1


def print_text(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":")) + "\n"


def certificate(model: Json, claim: Json, proof: Json, meta: Json | None = None) -> Json:
    return {"claim": claim, "format": "simcert", "meta": meta or {}, "model": model, "proof": proof, "version": 1}


def check(model: Json, claim: Json, proof: Json, limits: Limits | None = None) -> Result:
    return check_text(print_text(certificate(model, claim, proof)), limits)


def status(model: Json, claim: Json, proof: Json) -> str:
    return check(model, claim, proof).status


class Program:
    """Collects nodes; every method returns the number of the node that it adds."""

    def __init__(self, **activations: Json) -> None:
        self.model: Json = {"activations": activations, "inputs": [], "nodes": [], "outputs": [], "parameters": []}

    def add(self, op: str, shape: list[int], **keys: Any) -> int:
        self.model["nodes"].append({"op": op, "shape": shape, **keys})
        return len(self.model["nodes"]) - 1

    def parameter(self, name: str, *shape: int) -> int:
        self.model["parameters"].append({"name": name, "shape": list(shape)})
        return self.add("parameter", list(shape), name=name)

    def stack(self, names: list[str], *shape: int) -> int:
        self.model["parameters"] += [{"name": name, "shape": list(shape)} for name in names]
        return self.add("stack", [len(names), *shape], names=names)

    def input(self, name: str, *shape: int) -> int:
        self.model["inputs"].append({"name": name, "shape": list(shape)})
        return self.add("input", list(shape), name=name)

    def shape(self, node: int) -> list[int]:
        return list(self.model["nodes"][node]["shape"])

    def contract(self, spec: str, *args: int, **sizes: int) -> int:
        terms, out = spec.split("->")
        for term, a in zip(terms.split(","), args, strict=True):
            sizes.update(zip(term, self.shape(a), strict=True))
        return self.add("contract", [sizes[x] for x in out], args=list(args), spec=spec)

    def apply(self, name: str, arg: int, order: int = 0) -> int:
        return self.add("apply", self.shape(arg), args=[arg], activation=name, order=order)

    def sum(self, *args: int) -> int:
        return self.add("add", self.shape(args[0]), args=list(args))

    def done(self, *outputs: int) -> Json:
        self.model["outputs"] = list(outputs)
        return self.model


def mlp(widths: list[int], definition: Json, bias: bool = False) -> Json:
    """Parameters W1, (b1,) W2, … with node numbers in order of use."""
    p = Program(s=definition)
    h = p.input("x", widths[0])
    for layer, (n, m) in enumerate(pairwise(widths), 1):
        h = p.contract("ij,j->i", p.parameter(f"W{layer}", m, n), h)
        if layer < len(widths) - 1:
            h = p.apply("s", p.sum(h, p.parameter(f"b{layer}", m)) if bias else h)
    return p.done(h)


def size_of(model: Json) -> int:
    return sum(prod(q["shape"]) for q in model["parameters"])


def index(model: Json, name: str, *where: int) -> int:
    """The parameter index of an entry."""
    start = 0
    for q in model["parameters"]:
        if q["name"] == name:
            flat = 0
            for k, n in zip(where, q["shape"], strict=True):
                flat = flat * n + k
            return start + flat
        start += prod(q["shape"])
    raise KeyError(name)


def echelon(size: int, equations: list[tuple[dict[int, Any], Any]]) -> Json:
    """The canonical form of {θ : Σ a_p θ_p = c} by Gauss–Jordan elimination."""
    rows = [({p: Fraction(a) for p, a in row.items()}, Fraction(c)) for row, c in equations]
    done: list[tuple[int, dict[int, Fraction], Fraction]] = []
    for column in range(size):
        hit = next((r for r in rows if r[0].get(column)), None)
        if hit is None:
            continue
        rows.remove(hit)
        row, c = {p: a / hit[0][column] for p, a in hit[0].items() if a}, hit[1] / hit[0][column]

        def clear(other: tuple[dict[int, Fraction], Fraction], row: dict[int, Fraction] = row, c: Fraction = c, column: int = column) -> Any:
            f = other[0].get(column, Fraction(0))
            merged = {p: other[0].get(p, Fraction(0)) - f * row.get(p, Fraction(0)) for p in {*other[0], *row}}
            return {p: a for p, a in merged.items() if a}, other[1] - f * c

        rows = [clear(r) for r in rows]
        done = [(p, *clear((r, b))) for p, r, b in done]
        done.append((column, row, c))
    done.sort(key=lambda item: item[0])
    out = [{"constant": str(c), "entries": [[p, str(a)] for p, a in sorted(row.items())]} for _, row, c in done]
    return {"dimension": size - len(out), "rows": out}


def space(model: Json, *equations: dict[tuple[Any, ...], Any]) -> Json:
    """The linear subspace of equations such as {("W1", 0, 0): 1, ("W1", 1, 0): -1}."""
    return echelon(size_of(model), [({index(model, *key): a for key, a in e.items()}, 0) for e in equations])


def tied(model: Json, i: int = 0, j: int = 1, sign: int = 1) -> Json:
    """Units i and j of the first hidden layer of an mlp tied, or tied up to a sign."""
    w1, w2 = (next(q["shape"] for q in model["parameters"] if q["name"] == name) for name in ("W1", "W2"))
    rows = [{("W1", i, k): 1, ("W1", j, k): -sign} for k in range(w1[1])] + [{("W2", k, i): 1, ("W2", k, j): -sign} for k in range(w2[0])]
    if any(q["name"] == "b1" for q in model["parameters"]):
        rows.append({("b1", i): 1, ("b1", j): -sign})
    return space(model, *rows)


def swap(n: int, i: int = 0, j: int = 1, sign: int = 1) -> Json:
    permutation, signs = list(range(n)), [1] * n
    permutation[i], permutation[j], signs[i], signs[j] = j, i, sign, sign
    return {"permutation": permutation, "signs": signs}


def random_point(model: Json, subspace: Json, seed: int, key: str = "parameters", bound: int = 4, direction: bool = False) -> Json:
    """Small integers for the inputs, or a point on the subspace for the parameters."""
    rng = random.Random(seed)
    if key == "inputs":
        return {q["name"]: [str(rng.choice([-1, 1]) * rng.randint(1, bound)) for _ in range(prod(q["shape"]))] for q in model["inputs"]}
    theta: list[Any] = [rng.randint(-bound, bound) for _ in range(size_of(model))]
    for row in subspace["rows"]:
        constant = 0 if direction else Fraction(row["constant"])
        theta[row["entries"][0][0]] = constant - sum(Fraction(a) * theta[p] for p, a in row["entries"][1:])
    return flat_to_point(model, theta)


def flat_to_point(model: Json, theta: list[Any]) -> Json:
    out, start = {}, 0
    for q in model["parameters"]:
        n = prod(q["shape"])
        out[q["name"]] = [str(v) for v in theta[start : start + n]]
        start += n
    return out


def random_model(seed: int, definitions: list[Json] | None = None) -> Json:
    """A random program of all operations with small arrays, one or two outputs."""
    rng = random.Random(seed)
    definitions = definitions or [{"polynomial": ["1", "-1/2", "2"]}, {"polynomial": ["0", "1", "0", "1/3"]}]
    p = Program(**{f"s{k}": d for k, d in enumerate(definitions)})
    nodes = [p.input("x", 2), p.parameter("A", 2, 2), p.parameter("b", 2), p.stack(["u", "v"], 2)]
    values = ["2", "-1", "1/3", "0"]
    nodes.append(p.add("constant", [2, 2], values=values))
    for _ in range(rng.randint(3, 8)):
        choice = rng.randint(0, 6)
        a, b = rng.choice(nodes), rng.choice(nodes)
        la, lb = "ab"[: len(p.shape(a))], "".join(rng.sample("abc", len(p.shape(b))))
        if choice == 0:
            out = "".join(rng.sample(sorted({*la, *lb, "z"}), rng.randint(0, min(2, len({*la, *lb})))))
            nodes.append(p.contract(f"{la},{lb}->{out}", a, b, z=2))
        elif choice == 1:
            nodes.append(p.contract(f"{la}->{rng.choice([la[::-1], la[:1], '', la + 'z'])}", a, z=2))
        elif choice == 2:
            nodes.append(p.apply(f"s{rng.randrange(len(definitions))}", a, rng.choice([0, 0, 0, 1])))
        elif choice == 3:
            same = [k for k in nodes if p.shape(k) == p.shape(a)]
            nodes.append(p.sum(a, *rng.choices(same, k=rng.randint(1, 2))))
        elif choice in (4, 5):
            op, size = ("gather", prod(p.shape(a))) if choice == 4 else ("scatter", 2)
            length, bound = (2, size) if op == "gather" else (prod(p.shape(a)), 2)
            nodes.append(p.add(op, [2], args=[a], indices=[rng.randint(-1, bound - 1) for _ in range(length)]))
        else:
            nodes.append(p.contract("ij,j->i", nodes[1], rng.choice([k for k in nodes if p.shape(k) == [2]])))
        if len(p.shape(nodes[-1])) > 2 or any(n > 2 for n in p.shape(nodes[-1])):
            nodes.pop()
    last = [nodes[-1]] + ([nodes[-2]] if rng.random() < 0.3 and nodes[-2] != nodes[-1] else [])
    return p.done(*last)
