"""What a certificate claims, in words: equations as a person writes them, the hypotheses, the theorem, and what follows from it.

A text here uses two marks, which `simcert.report` renders as plain text, LaTeX or HTML: `$…$` around mathematics and backquotes around names.
The words repeat the claim; whether it is proved is the checker's to say.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any, cast

from simcert.certificates.equations import Arrays, subspace_equations
from simcert.certificates.formula import formula

Json = dict[str, Any]

NEGATIVE = ("not-invariant", "orbit-dimension", "conservation-laws", "hull", "classification", "intrinsic", "not-intrinsic")  # of something not 0
LOCAL = ("orbit-dimension", "conservation-laws")
NAMED = {
    "gd": "gradient descent", "sgd": "SGD", "weight-decay": "weight decay", "nesterov": "Nesterov", "adam": "Adam", "rmsprop": "RMSProp", "signsgd": "signSGD",
}  # fmt: skip
SHOWN = 12  # longer lists of equations or generators are cut; the certificate has them all


def activation_phrase(name: str, definition: Json, meant: object) -> str:
    """Which functions the theorem speaks of in the place of one activation.

    >>> activation_phrase("tanh", {"named": "tanh"}, ["odd"])
    'every differentiable function that is odd in the place of `tanh`'
    """
    if meant == "itself":
        if "named" in definition:
            return f"`{name}` exactly as defined" if definition["named"] == name else f"`{name}` = {definition['named']}, exactly as defined"
        if "polynomial" in definition:
            return f"`{name}`, the polynomial with coefficients {', '.join(definition['polynomial'])} (constant term first)"
        low, high = definition["piecewise"]
        return f"`{name}`, the function {low}·z for z < 0 and {high}·z for z > 0"
    of = {"odd": "is odd", "even": "is even", "zero": "vanishes at 0", "flat": "has derivative 0 at 0"}
    facts = " and ".join(of.get(str(fact), str(fact)) for fact in cast(list[object], meant))
    return f"every differentiable function{f' that {facts}' if facts else ''} in the place of `{name}`"


def hypotheses(data: Json) -> list[str]:
    """One sentence for each activation of the model: which functions the theorem is about."""
    model, claim = cast(Json, data["model"]), cast(Json, data["claim"])
    out: list[str] = []
    for name, meant in sorted(cast(Json, claim["activations"]).items()):
        definition = cast(Json, model["activations"][name])
        if claim["kind"] in NEGATIVE and meant != "itself":
            above = "" if claim["kind"] == "not-invariant" else " (what bounds from above holds for every such function)"
            kind = {"generic": "", "odd": " odd", "even": " even", "generic0": " (vanishing at 0)", "flat": " (with derivative 0 at 0)"}
            of = kind.get(str(definition.get("class")), "")
            out.append(f"an open dense set of jets of analytic{of} functions in the place of `{name}`{above}")
        else:
            out.append(activation_phrase(name, definition, meant))
    return out


def network(model: Json) -> str:
    """The network as an object: its formula, its parameters, inputs and outputs with their shapes.

    >>> nodes = [{"op": "parameter", "shape": [1, 2], "name": "W"}, {"op": "input", "shape": [2], "name": "x"}]
    >>> nodes.append({"op": "contract", "shape": [1], "args": [0, 1], "spec": "ij,j->i"})
    >>> network({"parameters": nodes[:1], "inputs": nodes[1:2], "nodes": nodes, "outputs": [2]})
    'the network `F = W·x` with parameters $θ$ = `W` (1×2), 2 numbers in all, input `x` (2) and output of shape (1)'
    """

    def shape(sizes: list[int]) -> str:
        return f"({'×'.join(map(str, sizes)) or 'scalar'})"

    parameters = cast(list[Json], model["parameters"])
    inputs = cast(list[Json], model["inputs"])
    outputs = [shape(model["nodes"][k]["shape"]) for k in model["outputs"]]
    total = sum(math.prod(cast(list[int], p["shape"])) for p in parameters)
    listed = ", ".join(f"`{p['name']}` {shape(p['shape'])}" for p in parameters[:SHOWN]) + (", …" if len(parameters) > SHOWN else "")
    given = ", ".join(f"`{p['name']}` {shape(p['shape'])}" for p in inputs)
    *before, last = [f"`{line}`" for line in formula(model)] or [f"$F(θ)(x)$, a program of {len(model['nodes'])} nodes,"]
    written = last + (f", where {', '.join(before)}," if before else "")
    return (
        f"the network {written} with parameters $θ$ = {listed}, {total} numbers in all,"
        f"{f' input {given}' if inputs else ' no input'} and output{'s' if len(outputs) > 1 else ''} of shape {', '.join(outputs)}"
    )


def cut(items: Sequence[str], separator: str = "; ", shown: int = SHOWN) -> str:
    """The first items of a list and how many are left out."""
    more = len(items) - shown
    return separator.join(items[:shown]) + (f"{separator}… ({more} more)" if more > 0 else "")


def space_phrase(data: Json) -> str:
    """The subspace of a claim: its equations, its dimension, and the dimension of the whole parameter space."""
    model, subspace = cast(Json, data["model"]), cast(Json, data["claim"]["subspace"])
    total = sum(math.prod(cast(list[int], p["shape"])) for p in model["parameters"])
    equations = [f"`{equation}`" for equation in subspace_equations(model, subspace)]
    given = f"given by {cut(equations)}" if equations else "(the whole space)"
    kind = "subspace" if all(row["constant"] == "0" for row in subspace["rows"]) else "affine subspace"
    return f"the {kind} $L$ of dimension {subspace['dimension']} in $ℝ^{{{total}}}$ {given}"


def point_phrase(point: Json) -> str:
    """A point of parameter space, cut when it is long."""
    return cut([f"`{name}` = ({cut([str(v) for v in values], ', ', 9)})" for name, values in sorted(point.items())], ", ", 6)


def law_text(model: Json, law: list[Any]) -> str:
    """A conserved polynomial as a person writes it.

    >>> law_text({"parameters": [{"name": "a", "shape": [1]}, {"name": "w", "shape": [1]}]}, [["1", [0, 0]], ["-2", [1]]])
    'a[0]^2 - 2 w[0]'
    """
    arrays, out = Arrays.of(model), ""
    for coefficient, indices in law[:SHOWN]:
        size = coefficient.lstrip("-")
        powers = [arrays.entry(k) + (f"^{indices.count(k)}" if indices.count(k) > 1 else "") for k in sorted(set(indices))]
        sign = "-" if coefficient.startswith("-") else "+"
        out += (f" {sign} " if out else sign.replace("+", "")) + " ".join([*([] if size == "1" else [size]), *powers])
    return out + (f" + … ({len(law) - SHOWN} more terms)" if len(law) > SHOWN else "")


def restrictions(model: Json) -> str:
    """At which points a positive theorem about piecewise or partial functions holds, as a sentence; empty when there are none."""
    definitions = sorted(cast(dict[str, Json], model["activations"]).items())
    kinked = ", ".join(f"`{name}`" for name, definition in definitions if "piecewise" in definition)
    partial = ", ".join(f"`{name}`" for name, definition in definitions if definition.get("named") in ("reciprocal", "rsqrt"))
    out = f" This is about the points $θ$, $x$ at which no argument of {kinked} is 0, except arguments that are 0 on all of $L$." if kinked else ""
    return out + (f" This is about the points at which {partial} {'are' if ',' in partial else 'is'} defined." if partial else "")


def local(model: Json) -> str:
    """Which fields a theorem about orbits or laws is about when there are piecewise functions, as a sentence; empty when there are none."""
    kinked = ", ".join(f"`{name}`" for name, definition in sorted(cast(dict[str, Json], model["activations"]).items()) if "piecewise" in definition)
    return f" This is local: it is about the points and the inputs at which no argument of {kinked} is 0." if kinked else ""


def theorem(data: Json) -> str:
    """The theorem that a certificate states, as one paragraph."""
    kind = data["claim"]["kind"]
    return _theorem(data) + (local(data["model"]) if kind in LOCAL else restrictions(data["model"]) if kind != "not-invariant" else "")


def _theorem(data: Json) -> str:
    claim = cast(Json, data["claim"])
    kind = str(claim["kind"])
    about = hypotheses(data)
    setting = f"Let $F(θ)(x)$ be {network(data['model'])}" + (f", with {'; '.join(about)}" if about else "") + ". "
    if kind == "invariant":
        return setting + (
            f"Then {space_phrase(data)} is invariant under the gradient flow of every differentiable loss on every finite data set: "
            "training that starts in $L$ stays in $L$."
        )
    if kind == "not-invariant":
        return setting + (
            f"Then {space_phrase(data)} is not a structural invariant manifold: "
            "there are a point of $L$, an input and an output whose gradient is not tangent to $L$, so some loss and some data set drive training out of $L$."
        )
    if kind in ("symmetry", "fixed-space"):
        count = len(cast(list[object], claim["generators"]))
        maps = f"the {count} maps $g$ of the claim are orthogonal maps" if count != 1 else "the map $g$ of the claim is an orthogonal map"
        result = f"Then {maps} of parameter space with $F(gθ)=F(θ)$"
        if kind == "symmetry":
            return setting + result + "."
        fixed = f"the set of all $θ$ with $gθ=θ$ for every $g$ is {space_phrase(data)}"
        return setting + f"{result}, and {fixed}; so $L$ is invariant under every gradient flow of $F$."
    if kind == "orbit-dimension":
        low, high = int(claim["lower"]), int(claim["upper"])
        size = f"has dimension {low}" if low == high else f"has a dimension between {low} and {high}"
        return setting + (
            f"Let $θ_0$ be the point {point_phrase(claim['point'])}. The Lie algebra generated by the gradient fields $∇_θ F_c(·)(x)$ {size} at $θ_0$; "
            f"by the theorem of Hermann and Nagano this is the dimension of the orbit of $θ_0$: of all that gradient flows of any losses on any "
            f"data can reach from it."
        )
    if kind == "conservation-laws":
        laws = [f"`{law_text(data['model'], law)}`" for law in cast(list[Any], claim["laws"])]
        given = f"the {len(laws)} polynomials {cut(laws, '; ', 6)} are" if len(laws) != 1 else f"the polynomial {laws[0]} is"
        found = (
            f"Then {given} conserved by the gradient flow of every differentiable loss on every finite data set, and {claim['rank']} of them are independent"
        )
        whole = (
            f". The generic orbits have dimension {claim['generic']}, so every analytic conserved quantity is locally, at generic points, a function of these"
            if claim["generic"] >= 0
            else ""
        )
        return setting + (found if laws else "Then no conserved quantity is stated") + whole + "."
    if kind == "hull":
        return setting + (
            f"Let $θ_0$ be the point {point_phrase(claim['point'])}. The smallest affine subspace that contains $θ_0$ and is invariant under "
            f"the gradient flow of "
            f"every differentiable loss on every finite data set is {space_phrase(data)}."
        )
    if kind == "lattice":
        return setting + _lattice(claim)
    if kind == "quotient":
        return setting + _quotient(data)
    if kind == "classification":
        return setting + _classification(claim, data["model"])
    if kind in ("intrinsic", "not-intrinsic"):
        return setting + _intrinsic(data)
    if kind == "data-invariant":
        return setting + _with_data(data)
    return setting + f"(A claim of kind `{kind}`, for which this version has no words.)"


def _quotient(data: Json) -> str:
    """What a smaller network says after its setting."""
    claim = cast(Json, data["claim"])
    small = network(cast(Json, claim["small"]))
    for old, new in (("network `F = ", "network `G = "), ("$F(θ)(x)$", "$G(v)(x)$"), ("parameters $θ$", "parameters $v$")):
        small = small.replace(old, new, 1)
    count = sum(math.prod(cast(list[int], p["shape"])) for p in claim["small"]["parameters"])
    listed = [f"`{text}`" for text in map_equations(data)]
    groups = metric_groups(claim)
    metric = "$m$ = " + cut([m + where for m, where in groups], "; ")
    frozen = int(claim["subspace"]["dimension"]) - count
    still = f" The {frozen} independent directions of $L$ that do not change $v$ do not move." if frozen else ""
    return (
        f"Then {space_phrase(data)} is invariant under the gradient flow of every differentiable loss on every finite data set, and on $L$ the network is "
        f"$F(θ)(x)=G(v)(x)$ with {small}, where {cut(listed, ', ', 6)}. Along every gradient flow in $L$, $v'=−m∘∇_v$ of the loss of $G$, and every "
        f"step of gradient descent is $v↦v−η·m∘∇_v$, with the metric {metric}." + still
    )


def map_equations(data: Json) -> list[str]:
    """The parameters of the small network of a claim by those of the big one, as a person writes them: `W2[0,0] = W2[0,0] + W2[0,1]`."""
    big, small = Arrays.of(data["model"]), Arrays.of(data["claim"]["small"])
    out: list[str] = []
    for p, row in enumerate(cast(list[Json], data["claim"]["map"])):
        text = ""
        for q, c in cast(list[tuple[int, str]], row["entries"])[:SHOWN]:
            size, sign = c.lstrip("-"), "-" if c.startswith("-") else "+"
            text += (f" {sign} " if text else sign.replace("+", "")) + ("" if size == "1" else f"{size} ") + big.entry(q)
        text += " + …" * (len(row["entries"]) > SHOWN) + (f" + {row['constant']}" if row["constant"] != "0" else "")
        out.append(f"G.{small.entry(p)} = {text}")
    return out


def metric_groups(claim: Json) -> list[tuple[str, str]]:
    """The metric of a claim: each value, and where the small network's parameters have it (` on ...`, ` elsewhere`, or empty when everywhere)."""
    groups: dict[str, list[str]] = {}
    start = 0
    for parameter in cast(list[Json], claim["small"]["parameters"]):
        shape = cast(list[int], parameter["shape"])
        values = cast(list[str], claim["metric"])[start : start + math.prod(shape)]
        start += len(values)
        for value, where in _slices(str(parameter["name"]), shape, values):
            groups.setdefault(value, []).append(where)
    if len(groups) == 1:
        return [(value, "") for value in groups]
    others = [("1", " elsewhere")] if "1" in groups else []
    return [(value, f" on {cut([f'`{place}`' for place in where], ', ', 6)}") for value, where in groups.items() if value != "1"] + others


def _slices(name: str, shape: list[int], values: list[str]) -> list[tuple[str, str]]:
    """An array by the slices along one axis on which its entries are equal; the array itself, or its entries, where that says it."""
    if len(set(values)) == 1:
        return [(values[0], name)]
    for axis, n in enumerate(shape):
        inner = math.prod(shape[axis + 1 :])
        slices = [{v for k, v in enumerate(values) if k // inner % n == i} for i in range(n)]
        if all(len(s) == 1 for s in slices):
            labels = [f"{name}[{','.join(str(i) if j == axis else ':' for j in range(len(shape)))}]" for i in range(n)]
            return [(min(s), label) for s, label in zip(slices, labels, strict=True)]
    return [(v, f"{name}[{','.join(map(str, where))}]") for v, where in zip(values, itertools.product(*(range(n) for n in shape)), strict=True)]


def _intrinsic(data: Json) -> str:
    """What a claim about a factorisation says after its setting."""
    claim, model = cast(Json, data["claim"]), cast(Json, data["model"])
    low, high = int(claim["lower"]), int(claim["upper"])
    size = f"{low}" if low == high else f"between {low} and {high}"
    entries = sum(math.prod(cast(list[int], model["nodes"][k]["shape"])) for k in model["outputs"])
    image = f"{entries} output entries" if entries > 1 else "output"
    out = (
        f"Let $φ(θ)$ be its {image}, $G=∂φ∂φ^T$ and $θ_0$ the point {point_phrase(claim['point'])}. At $θ_0$ the Lie algebra that the "
        f"gradients of the entries of $φ$ generate has dimension {size}, and $∂φ$ has rank {claim['rank']}. "
    )
    if claim["kind"] == "not-intrinsic":
        none = "map $K$" if claim["rank"] == entries else "map $K$, defined and differentiable near $φ(θ_0)$,"
        return out + (f"No {none} satisfies $G(θ)=K(φ(θ))$ for all $θ$ near $θ_0$ in the orbit of $θ_0$: training moves $z=φ(θ)$ by no equation of its own.")
    laws = [f"`{law_text(model, law)}`" for law in cast(list[Any], claim["laws"])]
    if laws:
        are = f"{len(laws)} polynomials {cut(laws, '; ', 6)} are" if len(laws) > 1 else f"polynomial {laws[0]} is"
        out += f"The {are} conserved by the gradient flow of every function of $φ$. "
    where = {
        "level": "at which the conserved polynomials have their values at $θ_0$",
        "near": "in a neighbourhood of $θ_0$ at which the conserved polynomials have their values at $θ_0$",
        "orbit": "in a neighbourhood of $θ_0$ in its orbit",
    }[str(claim["where"])]
    return out + f"There is a function $K$ with $G(θ)=K(φ(θ))$ for all $θ$ {where}, so there $z=φ(θ)$ obeys $z'=−K(z)∇f(z)$, whatever the loss $f$."


def _lattice(claim: Json) -> str:
    """What a lattice says after its setting."""
    nodes, beyond, edges = (len(cast(list[object], claim[key])) for key in ("nodes", "beyond", "edges"))
    maps = len(cast(list[object], claim["generators"]))
    out = f"The {maps} maps $g$ of the claim are orthogonal maps of parameter space with $F(gθ)=F(θ)$" if maps else "The claim names no symmetries"
    flow = "invariant under the gradient flow of every differentiable loss on every finite data set"
    if claim["up_to"] == "conjugacy":
        return (
            f"{out}. Every intersection $L$ of their fixed spaces is {flow}, and is the image of exactly one of the {nodes} subspaces of the claim under the "
            f"group that the maps generate; the {edges} edges are the covering relations among these classes."
        )
    more = f" Each of the {beyond} further subspaces $L$ of the claim is {flow} too, though no intersection of fixed spaces." if beyond else ""
    return (
        f"{out}, and the intersections $L$ of their fixed spaces, the whole space included, are exactly the {nodes} subspaces of the claim; each is "
        f"{flow}.{more} The {edges} edges are the covering relations of inclusion."
    )


_ROWS = {
    "plain": "$σ(0)≠0$ and $σ'(0)≠0$",
    "odd": "$σ$ is odd and $σ'(0)≠0$",
    "zero": "$σ(0)=0$, $σ'(0)≠0$ and $σ$ is not odd",
    "flat": "$σ'(0)=0$ and $σ(0)≠0$",
    "flat-zero": "$σ(0)=σ'(0)=0$",
}


def _type(stratum: Json) -> str:
    """A type of strata in a few words."""
    number, idle = ("infinitely many" if stratum["count"] < 0 else stratum["count"]), stratum["zero"]
    blocks = ", ".join(map(str, stratum["blocks"])) or "none"
    return f"{number} of dimension {stratum['dimension']} (block sizes {blocks}{f', {idle} idle' if idle else ''})"


def _classification(claim: Json, model: Json) -> str:
    """What a classification says after its setting: first what is computed, then what is cited."""
    strata = cast(list[Json], claim["strata"])
    points, every = sum(len(s["points"]) for s in strata), sum(int(s["patterns"]) for s in strata)
    definition = next(iter(cast(dict[str, Json], model["activations"]).values()))
    kind = "a polynomial of degree at least 2" if "polynomial" in definition else "not a polynomial"
    even = definition.get("class") == "even" or definition.get("named") in ("cos", "cosh", "gaussian")
    parity = f", {'even' if even else 'not even'}" if claim["row"] == "flat" else ""
    listed = cut([_type(s) for s in strata])
    total = "infinitely many" if claim["total"] < 0 else str(claim["total"])
    induced = "all" if claim["symmetry_induced"] == "yes" else "not all"
    assumed = " (assumed of the class)" if "class" in definition else ""
    return (
        f"Then $F=Σ_i a_iσ(w_i·x)$, where $σ$ is analytic, {kind}{parity}, and {_ROWS[claim['row']]}{assumed}. "
        f"Computed: at each of the {points} points of the claim (of {every} patterns in which inequivalent pairs $(a,w)$ share $w$ up to sign or have $a=0$) "
        "the orbit has exactly the dimension of its stratum. "
        f"Cited, from the theorem of `docs/classification.md`: the orbits are {listed}; there are {total}, and {induced} of them are relatively open in fixed "
        "spaces of isometric symmetries."
    )


def example_text(example: Json) -> str:
    """One example of a data set as a person writes it.

    >>> example_text({"weight": "2", "x": {"x": ["1", "-1/2"]}, "y": [["3"]]})
    'x = (1, -1/2), y = (3), weight 2'
    """
    x = ", ".join(f"{name} = ({cut([str(v) for v in part], ', ', 9)})" for name, part in sorted(cast(Json, example["x"]).items()))
    y = ", ".join(f"y = ({cut([str(v) for v in part], ', ', 9)})" for part in cast(list[list[str]], example["y"]))
    return f"{x}, {y}" + (f", weight {example['weight']}" if example["weight"] != "1" else "")


def _moves(model: Json, generator: Json) -> str:
    """What a generator does to inputs and outputs, axis by axis."""
    nodes, actions = cast(list[Json], model["nodes"]), cast(list[Json], generator["actions"])
    outputs = cast(list[int], model["outputs"])
    out: list[str] = []
    for n, row in cast(list[tuple[int, list[int]]], generator["nodes"]):
        if nodes[n]["op"] != "input" and n not in outputs:
            continue
        name = str(nodes[n]["name"]) if nodes[n]["op"] == "input" else "y" if len(outputs) == 1 else f"y{outputs.index(n)}"
        for axis, a in enumerate(row):
            where = name if len(row) == 1 else f"{name}, axis {axis}"
            out += [f"`{where} ↦ {_image(actions[a])}`"] if a >= 0 else []
    return ", ".join(out) or "nothing moves"


def _image(action: Json) -> str:
    """The image of (v0, v1, …) under an action."""
    if "matrix" in action:
        rows = [cut([str(v) for v in row], " ", 9) for row in cast(list[list[str]], action["matrix"])]
        return f"[{cut(rows, '; ', 9)}]·v"
    entries = [("-" if s < 0 else "") + f"v{p}" for p, s in zip(action["permutation"], action["signs"], strict=True)]
    return f"({cut(entries, ', ')})"


def predictor_text(model: Json, terms: list[Any]) -> str:
    """The polynomial of a predictor as a person writes it; input entries are numbered flat.

    >>> net = {"parameters": [{"name": "a", "shape": []}, {"name": "w", "shape": [2]}], "inputs": [{"name": "x", "shape": [2]}]}
    >>> predictor_text(net, [["1/2", [0, 1], [0]], ["-1", [0, 2], [1]]])
    '1/2 a w[0] x[0] - a w[1] x[1]'
    """
    arrays, names = Arrays.of(model), list[str]()
    for item in cast(list[Json], model["inputs"]):
        size = math.prod(cast(list[int], item["shape"]))
        names += [f"{item['name']}[{k}]" if item["shape"] else str(item["name"]) for k in range(size)]
    out = ""
    for coefficient, parameters, inputs in cast(list[tuple[str, list[int], list[int]]], terms[:SHOWN]):
        size = str(coefficient).lstrip("-")
        factors = [*([] if size == "1" and (parameters or inputs) else [size]), *(arrays.entry(k) for k in parameters), *(names[j] for j in inputs)]
        sign = "-" if str(coefficient).startswith("-") else "+"
        out += (f" {sign} " if out else sign.replace("+", "")) + " ".join(factors)
    return (out or "0") + (f" + … ({len(terms) - SHOWN} more terms)" if len(terms) > SHOWN else "")


def _with_data(data: Json) -> str:
    """What a claim about data with a symmetry says after its setting."""
    model, claim = cast(Json, data["model"]), cast(Json, data["claim"])
    examples = [f"`{example_text(example)}`" for example in cast(list[Json], claim["data"])]
    generators = [_moves(model, g) for g in cast(list[Json], claim["generators"])]
    count = len(generators)
    out = (
        f"The data are the {len(examples)} examples {cut(examples, '; ', 6)}. They are closed under $(x,y)↦(Tx,εy)$ for "
        f"{f'each of the {count} generators' if count != 1 else 'the generator'} {cut(generators, '; ', 6)}. With every generator comes an orthogonal map "
        f"$g$ of parameter space with $F(gθ)(Tx)=εF(θ)(x)$, and the set of all $θ$ with $gθ=θ$ for every $g$ is {space_phrase(data)}. "
        "So $L$ is invariant under the gradient flow, on these data, of every loss $ℓ(z,y)$ that is differentiable in $z$ and has $ℓ(εz,εy)=ℓ(z,y)$."
    )
    texts = [f"`{predictor_text(model, terms)}`" for terms in cast(list[list[Any]], claim["predictor"])]
    return out + (f" On $L$ the network is $F(θ)(x)$ = ({cut(texts, ', ', 6)}) for every $x$." if texts else "")


def consequences(data: Json) -> list[str]:
    """What follows from an invariant subspace for discrete training: the optimizers that keep it, read off the equations."""
    claim = cast(Json, data["claim"])
    if claim["kind"] == "data-invariant":
        kept = [NAMED.get(name, name) for name in optimizers(claim["subspace"], full_batch=True)]
        return [f"$L$ is also kept, exactly, by full-batch {', '.join(kept)} (with optimizer state that starts at 0), not by SGD with other batches."]
    if claim["kind"] not in ("invariant", "fixed-space"):
        return []
    kept = [NAMED.get(name, name) for name in optimizers(claim["subspace"])]
    return [f"$L$ is also kept, exactly, by {', '.join(kept)} (with optimizer state that starts at 0)."]


def optimizers(subspace: Json, full_batch: bool = False) -> list[str]:
    """The discrete methods that keep an invariant subspace, read off its equations; optimizer state starts at 0. SGD does so unless only `full_batch` is meant.

    Gradient descent, SGD, momentum and Nesterov keep every affine one, and weight decay does when it contains 0. Where the direction space is a signed
    polydiagonal (equations θ_p = ±θ_q, θ_p = 0) the elementwise methods Adam, RMSProp and signSGD keep it too.
    """
    rows = cast(list[Json], subspace["rows"])
    out = ["gd", *([] if full_batch else ["sgd"]), "momentum", "nesterov"]
    out += ["weight-decay"] if all(row["constant"] == "0" for row in rows) else []
    elementwise = all(len(row["entries"]) <= 2 and all(c in ("1", "-1") for _, c in row["entries"]) for row in rows)
    return out + (["adam", "rmsprop", "signsgd"] if elementwise else [])


def difference(asked: Json, found: Json) -> str:
    """What differs between the model asked for and the model of a certificate, in one phrase; empty when they are equal."""
    for key in ("parameters", "inputs"):
        theirs, ours = ({str(item["name"]): cast(list[int], item["shape"]) for item in cast(list[Json], model[key])} for model in (found, asked))
        for name in [*ours, *theirs]:
            if ours.get(name) != theirs.get(name):
                return f"{key[:-1]} {name} has shape {theirs.get(name, 'none')} there and {ours.get(name, 'none')} here"
        if list(theirs) != list(ours):
            return f"the {key} stand in another order: {', '.join(theirs)} there and {', '.join(ours)} here"
    for name in sorted({*asked["activations"], *found["activations"]}):
        theirs, ours = found["activations"].get(name), asked["activations"].get(name)
        if theirs != ours:
            return f"activation {name} is {theirs or 'absent'} there and {ours or 'absent'} here"
    for number, (theirs, ours) in enumerate(itertools.zip_longest(cast(list[Json], found["nodes"]), cast(list[Json], asked["nodes"]))):
        if theirs != ours:
            return f"node {number} is {_node(theirs)} there and {_node(ours)} here"
    return "" if asked == found else f"the outputs are nodes {found['outputs']} there and {asked['outputs']} here"


def _node(node: Json | None) -> str:
    if node is None:
        return "absent"
    more = next((f" {node[key]}" for key in ("name", "spec", "activation") if key in node), "")
    return f"{node['op']}{more} of shape {node['shape']}"
