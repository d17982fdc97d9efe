"""The theorem in words, what it must not be mistaken for, and what its proof rests on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from math import prod

from .canonical import Json, Rational
from .claim import FACTORISATIONS, Action, Claim, Classification, Generator, Polynomial
from .dataset import Arrays, DataSet, Terms
from .functions import CONSTANTS, PARTIAL
from .poset import Hierarchy
from .program import Activation, Model, Shape
from .reduction import Reduction
from .subspace import Row, Subspace

SHOWN = 12
_POINTS = ("orbit-dimension", "conservation-laws", "hull")
_LOWER = (*_POINTS, "classification")
_WORDS = {"odd": "odd", "even": "even", "zero": "0 at 0", "flat": "of slope 0 at 0"}


def _times(shape: Shape) -> str:
    return "×".join(map(str, shape)) if shape else "scalar"


def _number(q: Rational) -> str:
    return str(q) if max(abs(q.numerator), q.denominator) < 10**12 else "(a rational number)"


def parameter_names(model: Model) -> list[str]:
    """The name of every parameter index, such as `W1[0,1]`."""
    out: list[str] = []
    for name, (_, shape) in model.parameters.items():
        indices: list[tuple[int, ...]] = [()]
        for n in shape:
            indices = [(*index, k) for index in indices for k in range(n)]
        out += [f"{name}[{','.join(map(str, index))}]" if index else name for index in indices]
    return out


def equations(space: Subspace, names: list[str]) -> str:
    """The equations of a subspace, each solved for its pivot; after the twelfth only their number."""
    out: list[str] = []
    for row, constant in list(zip(space.rows, space.constants, strict=True))[:SHOWN]:
        terms = [(constant, "")] if constant or len(row) == 1 else []
        right = ""
        for a, name in terms + [(-a, names[p]) for p, a in row[1 : SHOWN + 1]]:
            factor = _number(abs(a)) if not name else name if abs(a) == 1 else f"{_number(abs(a))}·{name}"
            right += (" − " if right else "−") + factor if a < 0 else (" + " if right else "") + factor
        out.append(f"{names[row[0][0]]} = {right}" + (" + …" if len(row) > SHOWN + 1 else ""))
    if len(space.rows) > SHOWN:
        out.append(f"… and {len(space.rows) - SHOWN} more")
    return ", ".join(out)


def _definition(name: str, a: Activation) -> str:
    if a.kind == "named":
        return f"the activation {name}" if name == a.name else f"the activation {name} = {a.name}"
    if a.kind == "piecewise":
        return f"the activation {name}(z) = {_number(a.numbers[0])}·z for z < 0 and {_number(a.numbers[1])}·z for z > 0"
    terms = [f"{_number(c)}·z^{k}" if k else _number(c) for k, c in enumerate(a.numbers) if c][:SHOWN]
    return f"the activation {name}(z) = {' + '.join(terms) or '0'}"


def _functions(model: Model, claim: Claim) -> str:
    words: list[str] = []
    for name, a in model.activations.items():
        facts = claim.facts[name]
        if facts is None:
            words.append(_definition(name, a))
            continue
        said = [_WORDS[f] for f in sorted(facts) if f not in a.close(facts - {f})]
        which = f" that is {' and '.join(said)}" if said else ""
        generic = claim.kind == "not-invariant"
        if claim.kind in _LOWER:
            words.append(f"any analytic function{which} as the activation {name} (lower bounds and minimality: for an open dense set of jets)")
            continue
        function = f"a generic function{which} (an open dense set of jets)" if generic else f"any differentiable function{which}"
        words.append(f"{function} as the activation {name}")
    return f", with {' and '.join(words)}" if words else ""


def network(model: Model, letter: str = "F") -> str:
    """The architecture, from the program only."""
    parameters = ", ".join(f"{n} {_times(shape)}" for n, (_, shape) in list(model.parameters.items())[:SHOWN])
    more = f" and {len(model.parameters) - SHOWN} more" if len(model.parameters) > SHOWN else ""
    inputs = ", ".join(f"{n} {_times(shape)}" for n, shape in list(model.inputs.items())[:SHOWN]) or "none"
    outputs = sum(model.nodes[k].size for k in model.outputs)
    return f"the network {letter} with {model.size} parameters ({parameters}{more}), inputs {inputs} and {outputs} output entries"


def _subspace(space: Subspace, names: list[str]) -> str:
    if not space.rows:
        return f"the whole parameter space R^{space.size}"
    kind = "affine" if any(space.constants) else "linear"
    return f"the {kind} subspace of dimension {space.size - len(space.rows)} given by {equations(space, names)}"


def discrete_methods(space: Subspace) -> str:
    """Which discrete training methods keep an invariant affine subspace exactly."""
    kept = "gradient descent, SGD, momentum and Nesterov" + ("" if any(space.constants) else ", also with weight decay")
    if all(len(row) == 1 or (len(row) == 2 and abs(row[1][1]) == 1) for row in space.rows):
        kept += ", and by Adam, RMSProp and signSGD (its directions are given by equations θp = ±θq and θp = 0)"
    return f"It is also kept exactly by {kept}, started with zero or tangent buffers."


def _point(claim: Claim, names: list[str]) -> str:
    shown = ", ".join(f"{name} = {_number(q)}" for name, q in list(zip(names, claim.point, strict=True))[:SHOWN])
    return f"the point θ0 with {shown}" + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")


def _polynomial(law: Polynomial, names: list[str]) -> str:
    terms = [f"{_number(c)}·{'·'.join(names[p] for p in monomial[:SHOWN])}{'·…' if len(monomial) > SHOWN else ''}" for monomial, c in list(law.items())[:SHOWN]]
    return " + ".join(terms or ["0"]) + (f" + {len(law) - SHOWN} more terms" if len(law) > SHOWN else "")


def _at_points(model: Model, claim: Claim, names: list[str]) -> str:
    """The theorems about orbits, conserved functions and hulls."""
    if claim.kind == "orbit-dimension":
        low, high = claim.bounds
        bounds = f"is {low}" if low == high else f"is at least {low} and at most {high}"
        orbit = f"the orbit of {_point(claim, names)} under all gradient flows"
        return f"the dimension of {orbit} (the rank of the Lie algebra of the gradient fields there) {bounds}."
    if claim.kind == "hull" and claim.subspace is not None:
        smallest = "is the smallest affine subspace that is invariant under the gradient flow of every differentiable loss and every finite data set"
        return f"{_subspace(claim.subspace, names)} {smallest} and contains {_point(claim, names)}."
    rank, generic = claim.bounds
    shown = "; ".join(_polynomial(law, names) for law in claim.laws[:SHOWN]) + (f"; and {len(claim.laws) - SHOWN} more" if len(claim.laws) > SHOWN else "")
    text = f"the {len(claim.laws)} polynomials {shown} are constant along every gradient flow, and at some point at least {rank} of them are independent."
    if generic < 0:
        return text
    near = " near the point of the proof" if _local(model) else ""
    return f"{text} Generic orbits{near} have dimension {generic}, so every analytic conserved function is there, locally, a function of these."


def _lattice(claim: Claim, hierarchy: Hierarchy) -> str:
    """The theorem about the intersections of fixed spaces."""
    dimensions = Counter(space.size - len(space.rows) for space in hierarchy.nodes)
    sizes = ", ".join(f"{count} of dimension {d}" for d, count in sorted(dimensions.items(), reverse=True)[:SHOWN])
    listed = f"the {len(hierarchy.nodes)} subspaces of the claim ({sizes}{', …' if len(dimensions) > SHOWN else ''})"
    text = f"each of the {len(claim.generators)} generators g is an orthogonal map of parameter space with F(gθ) = F(θ); "
    flow = "invariant under the gradient flow of every differentiable loss and every finite data set"
    if hierarchy.classes:
        text += (
            f"every intersection of fixed spaces of generators (the whole space included) is the image of exactly one of {listed} under the group "
            f"that the generators generate, and is {flow}; the {len(hierarchy.edges)} pairs [i, j] are exactly the covering relations of "
            "“some image of subspace i lies in subspace j”."
        )
        return text
    text += f"{listed} are exactly the intersections of fixed spaces of generators (the whole space included), hence {flow}; "
    if hierarchy.beyond:
        text += f"the {len(hierarchy.beyond)} subspaces beyond symmetry are {flow} too; "
    return text + f"the {len(hierarchy.edges)} pairs [i, j] are exactly the covering relations of inclusion among all subspaces of the claim."


def _quotient(space: Subspace, reduction: Reduction, names: list[str]) -> str:
    """The theorem about a smaller network."""
    flow = "is invariant under the gradient flow of every differentiable loss and every finite data set"
    of = parameter_names(reduction.small)
    shown = [f"{of[p]} = {_affine(row, reduction.constants[p], names)}" for p, row in enumerate(reduction.rows[:SHOWN])]
    more = f", … and {reduction.small.size - SHOWN} more" if reduction.small.size > SHOWN else ""
    metric = ", ".join(f"{of[p]}: {_number(m)}" for p, m in enumerate(reduction.metric[:SHOWN])) + more
    frozen = space.size - len(space.rows) - reduction.small.size
    still = f" The {frozen} independent directions of it that do not change v do not move." if frozen else ""
    return (
        f"{_subspace(space, names)} {flow}. On it F(θ)(x) = G(v)(x) for all inputs x, with {network(reduction.small, 'G')}, "
        f"the program `small` of the claim, and v = Qθ: {', '.join(shown)}{more}. Along every gradient flow in it v' = −diag(m)·∇_v of the loss of G(v), "
        f"and every step of gradient descent is v ↦ v − η·diag(m)·∇_v, with the metric m ({metric}).{still}"
    )


def _affine(row: Row, constant: Rational, names: list[str]) -> str:
    terms = [f"{'' if a == 1 else '−' if a == -1 else _number(a) + '·'}{names[q]}" for q, a in list(row.items())[:SHOWN]]
    return " + ".join(terms + ["…"] * (len(row) > SHOWN) + [_number(constant)] * (constant != 0))


_HYPOTHESES = {
    "plain": "σ(0) ≠ 0 and σ'(0) ≠ 0",
    "odd": "σ is odd and σ'(0) ≠ 0",
    "zero": "σ(0) = 0, σ'(0) ≠ 0 and σ is not odd",
    "flat": "σ'(0) = 0 and σ(0) ≠ 0",
    "flat-zero": "σ(0) = σ'(0) = 0",
}
THEOREM = "the classification theorem of docs/classification.md"


def _classification(model: Model, claim: Claim, table: Classification) -> str:
    """The theorem about the orbits of a two-layer network: first what is computed, then what is cited."""
    assumed = any(facts is not None for facts in claim.facts.values())
    points, every = sum(len(s.points) for s in table.strata), sum(s.patterns for s in table.strata)
    which = "one in each pattern" if points == every else f"in as many of the {every} patterns"
    kinds = "; ".join(
        f"{'infinitely many' if s.count < 0 else s.count} of dimension {s.dimension} with block sizes {', '.join(map(str, s.kind[1])) or 'none'}"
        f"{f' and {s.kind[0]} idle units' if s.kind[0] else ''}"
        for s in table.strata[:SHOWN]
    )
    more = f"; and {len(table.strata) - SHOWN} more types" if len(table.strata) > SHOWN else ""
    parity = ", and σ is even," if any("even" in a.facts for a in model.activations.values()) else ", and σ is not even," if table.row == "flat" else ""
    number = "infinitely many" if table.total < 0 else str(table.total)
    polynomial = any(a.kind == "polynomial" for a in model.activations.values())
    kind = "a polynomial of degree at least 2" if polynomial else "not a polynomial"
    return (
        f"F is Σ a_i σ(w_i·x) and {_HYPOTHESES[table.row]}{parity} where σ is analytic and {kind} ({'assumed of the class' if assumed else 'checked'}). "
        f"Computed: at each of the {points} points of the claim ({which} in which inequivalent pairs (a, w) share w up to sign or have a = 0), the orbit "
        f"(the rank of the Lie algebra of the gradient fields) has exactly the dimension of its stratum. "
        f"Cited, from {THEOREM}: the orbits are {kinds}{more}; they are {number} in all, and {'all' if table.induced else 'not all'} of them are relatively "
        "open in fixed spaces of groups of isometric symmetries of F."
    )


def _intrinsic(model: Model, claim: Claim, names: list[str]) -> str:
    """The theorem about a factorisation."""
    low, high = claim.bounds
    size = f"{low}" if low == high else f"between {low} and {high}"
    entries = sum(model.nodes[k].size for k in model.outputs)
    text = f"let φ be its output ({entries} entries), G = ∂φ∂φᵀ. At {_point(claim, names)} the Lie algebra generated by the gradients of the entries of φ "
    text += f"has the dimension {size}, and ∂φ the rank {claim.rank}. "
    if claim.kind == "not-intrinsic":
        none = "map K at all" if claim.rank == entries else "map K that is defined and differentiable near φ(θ0)"
        return f"{text}There is no {none} with G(θ) = K(φ(θ)) for all θ near θ0 in the orbit of θ0 under the gradient flows of all functions of φ."
    shown = "; ".join(_polynomial(law, names) for law in claim.laws[:SHOWN]) + (f"; and {len(claim.laws) - SHOWN} more" if len(claim.laws) > SHOWN else "")
    are = f"{len(claim.laws)} polynomials {shown} are" if len(claim.laws) != 1 else f"polynomial {shown} is"
    laws = f"The {are} constant along every flow θ' = −∂φᵀ∇f(φ(θ)). " if claim.laws else ""
    level = "at which all these polynomials have the values that they have at θ0"
    where = {
        "level": f"for all θ {level}",
        "near": f"for all θ in a neighbourhood of θ0 {level}",
        "orbit": "for all θ in a neighbourhood of θ0 in the orbit of θ0 under all these flows",
    }[claim.where]
    flow = "As long as such a flow stays there, z = φ(θ) obeys z' = −K(z)∇f(z)."
    return f"{text}{laws}There is a function K with G(θ) = K(φ(θ)) {where}. {flow}"


def _action(action: Action) -> str:
    """An action in words: the images of the coordinates of a signed permutation, or the rows of a matrix."""
    shown = range(min(action.size, SHOWN))
    more = ", …" if action.size > SHOWN else ""
    if not action.matrix:
        images = [("−" if action.signs[i] < 0 else "") + f"v{action.permutation[i]}" for i in shown]
        return f"({', '.join(images)}{more})"
    return f"[{'; '.join(', '.join(_number(q) for q in action.matrix[i][:SHOWN]) for i in shown)}{more}]"


def _transformation(model: Model, generator: Generator) -> str:
    """What a generator does to inputs and outputs."""
    names = {i: node.names[0] for i, node in enumerate(model.nodes) if node.op == "input"} | {i: f"output {k}" for k, i in enumerate(model.outputs)}
    said = [f"{names[i]}, axis {j}: v ↦ {_action(a)}" for i, row in sorted(generator.nodes.items()) if i in names for j, a in enumerate(row) if a is not None]
    return "; ".join(said) or "nothing moves"


def _arrays(arrays: Arrays) -> str:
    return " ".join(f"({', '.join(map(_number, part[:SHOWN]))}{', …' if len(part) > SHOWN else ''})" for part in arrays)


def _terms(terms: Terms, names: list[str], inputs: list[str]) -> str:
    """A polynomial in parameters and input entries."""
    listed = list(terms.items())
    shown = ["·".join([_number(c), *(names[k] for k in p[:SHOWN]), *(inputs[j] for j in q[:SHOWN])]) for (q, p), c in listed[:SHOWN]]
    return " + ".join(shown or ["0"]) + (f" + {len(listed) - SHOWN} more terms" if len(listed) > SHOWN else "")


def _with_data(model: Model, claim: Claim, data: DataSet, space: Subspace, names: list[str]) -> str:
    """The theorem about data with a symmetry, the data included."""
    examples = ", ".join(f"x = {_arrays(e.x)}, y = {_arrays(e.y)}, weight {_number(e.weight)}" for e in data.examples[:SHOWN])
    more = f", and {len(data.examples) - SHOWN} more that the certificate lists" if len(data.examples) > SHOWN else ""
    maps = " | ".join(_transformation(model, g) for g in claim.generators[:SHOWN]) + (" | …" if len(claim.generators) > SHOWN else "")
    text = (
        f"the {len(data.examples)} examples ({examples}{more}) are closed, with their weights, under (x, y) ↦ (Tx, εy) for each of the "
        f"{len(claim.generators)} generators ({maps}); each comes with an orthogonal map g of parameter space such that F(gθ)(Tx) = εF(θ)(x), and the θ with "
        f"gθ = θ for all of them form {_subspace(space, names)}. For every loss ℓ(z, y) that is differentiable in z and has ℓ(εz, εy) = ℓ(z, y) for these ε "
        "it is therefore invariant under the gradient flow of the sum of weight·ℓ(F(θ)(x), y) over these examples, and kept by full-batch gradient descent."
    )
    if data.predictor:
        inputs: list[str] = []
        for name, shape in model.inputs.items():
            inputs += [f"{name}[{k}]" for k in range(prod(shape))]
        shown = "; ".join(_terms(terms, names, inputs) for terms in data.predictor[:SHOWN]) + ("; …" if len(data.predictor) > SHOWN else "")
        text += f" On it F(θ)(x), entry by entry, is the polynomial {shown} (inputs numbered flat)."
    return text


def _local(model: Model) -> bool:
    return any(a.kind == "piecewise" or a.partial for a in model.activations.values())


def state(model: Model, claim: Claim) -> str:
    """The theorem that a claim states."""
    names = parameter_names(model)
    where = f"For {network(model)}{_functions(model, claim)}: "
    space = claim.subspace
    if claim.kind in _POINTS:
        return where + _at_points(model, claim, names)
    if claim.kind in FACTORISATIONS:
        return where + _intrinsic(model, claim, names)
    if claim.hierarchy is not None:
        return where + _lattice(claim, claim.hierarchy)
    if claim.reduction is not None and space is not None:
        return where + _quotient(space, claim.reduction, names)
    if claim.table is not None:
        return where + _classification(model, claim, claim.table)
    if claim.data is not None and space is not None:
        return where + _with_data(model, claim, claim.data, space, names)
    if claim.kind in ("symmetry", "fixed-space") or space is None:
        text = f"{where}each of the {len(claim.generators)} generators g is an orthogonal map of parameter space with F(gθ) = F(θ)."
        if space is None:
            return text
        return f"{text} The θ with gθ = θ for all of them form {_subspace(space, names)}, which is therefore invariant. {discrete_methods(space)}"
    if claim.kind == "invariant":
        flow = "is invariant under the gradient flow of every differentiable loss and every finite data set (C∇F_c(θ)(x) = 0 on it)."
        return f"{where}{_subspace(space, names)} {flow} {discrete_methods(space)}"
    leaves = "C∇F_c(θ)(x) ≠ 0 for some θ in it, some x and c, so the flow of some loss on one data point leaves it."
    return f"{where}{_subspace(space, names)} is not invariant: {leaves}"


def not_claimed(model: Model, claim: Claim) -> tuple[str, ...]:
    """What the theorem must not be mistaken for."""
    out = {
        "invariant": ["that the subspace is one orbit, or the smallest invariant set", "that trajectories outside the subspace approach it"],
        "not-invariant": ["that every gradient flow leaves the subspace", "which equations fail besides the one of the witness"],
        "symmetry": ["that these are all symmetries of F"],
        "fixed-space": ["that these are all symmetries of F", "that the subspace is one orbit, or the smallest invariant set"],
        "orbit-dimension": ["which points the orbit contains", "that one gradient flow comes near all of it"],
        "conservation-laws": ["that the functions are conserved by discrete training"],
        "hull": ["that the subspace is the orbit of the point, which may be smaller", "that curved invariant sets are not smaller still"],
        "quotient": ["that there is no smaller network that does the same", "anything about trajectories outside the subspace"],
        "data-invariant": ["anything for other data, for mini-batches that are not closed under the generators, or for losses without the symmetry"],
        "lattice": ["that the generators generate all symmetries of F", "that there are no other invariant sets"],
        "classification": [f"a check of {THEOREM}, which is cited", "exact orbit dimensions at points other than those listed, without that theorem"],
        "intrinsic": ["a formula for K, or that it is differentiable", "anything about other levels", "that discrete training obeys the equation"],
        "not-intrinsic": ["anything about other points of the orbit", "that no equation for z with further unknowns exists"],
    }[claim.kind]
    if claim.hierarchy is not None and claim.hierarchy.classes:
        out.append("how many subspaces a class has")
    if claim.kind == "conservation-laws":
        out.append("that there are no other conserved functions" if claim.bounds[1] < 0 else "completeness at special points, or globally")
    if claim.kind in ("not-invariant", *_LOWER) and any(facts is not None for facts in claim.facts.values()):
        out.append(("lower bounds or minimality for" if claim.kind in _LOWER else "anything about") + " one particular function of the class")
    if claim.kind in _POINTS and _local(model):
        out.append("anything global: only inputs for which F is analytic at the point, and small neighbourhoods of it, are meant")
    if any(a.kind == "piecewise" for a in model.activations.values()):
        out.append("anything at points where an argument of a piecewise function is 0, unless it is identically 0 on the subspace (then for every slope at 0)")
    if any(a.partial for a in model.activations.values()):
        out.append("anything at points where 1/z or z^(−1/2) is not defined")
    return tuple(out)


_RESTS = {
    "symmetry": "the chain rule; F(gθ) = F(θ) with g orthogonal makes the gradient equivariant",
    "congruence": "the chain rule; rewriting by equal expressions",
    "identity": "the chain rule; rewriting by equal expressions",
    "equivariance": "F(gθ) = F(θ) with g orthogonal makes the gradient equivariant",
    "data": "a risk R with R(gθ) = R(θ) and g orthogonal has an equivariant gradient; a sum over data does not depend on their order",
    "rational": "exact rational arithmetic",
    "residue": "reduction modulo an integer is a ring map",
    "exponential": "reduction modulo an integer is a ring map; Lindemann–Weierstrass: e^(1/N) and e^(i/N) are algebraically independent over Q",
    "series": "reduction modulo an integer is a ring map; a power series with a nonzero coefficient is not 0 for small t",
    "ball": "interval arithmetic with outward rounding, in integers",
    "bounds": "elements of Lie(V) that are independent at a point, and functions that all of them annihilate",
    "laws": "the chain rule; independence of derivatives at one point",
    "hull": "an invariant affine subspace contains the gradients at its points",
    "expansion": "the chain rule; copies and sums are followed through both networks node by node",
    "closure": "F(gθ) = F(θ) with g orthogonal makes the gradient equivariant; a list closed under intersection with each fixed space has all intersections",
    "table": "elements of Lie(V) that are independent at a point, and invariant subspaces that contain it",
    "orbits": "F(gθ) = F(θ) with g orthogonal makes the gradient equivariant; what the group carries into each other has the same invariants",
    "immersion": "the inverse function theorem on the orbit, whose tangent space contains the rows of ∂φ",
    "recoverable": "the inverse function theorem for (φ, h)",
    "products": "functional calculus of symmetric matrices: a function that is one-to-one on its spectrum determines a matrix",
    "vector": "the chain rule along a curve in the orbit; exact rational arithmetic",
}


def _arithmetic(proof: Mapping[str, Json]) -> set[str]:
    """The keys of the `numbers` objects of a proof."""
    minimal = proof.get("minimal")
    lie = proof.get("lie")
    inner = [proof.get("lower"), proof.get("upper"), minimal.get("lower") if isinstance(minimal, dict) else None]
    strata = proof.get("strata")
    for stratum in strata if isinstance(strata, list) else []:
        lower = stratum.get("lower") if isinstance(stratum, dict) else None
        inner += lower if isinstance(lower, list) else []
    inner += [lie.get("lower"), lie.get("upper")] if isinstance(lie, dict) else []
    parts = [proof, *(part for part in inner if isinstance(part, dict))]
    return {key for numbers in (part.get("numbers") for part in parts) if isinstance(numbers, dict) for key in numbers}


def trust(model: Model, claim: Claim, proof: Mapping[str, Json]) -> tuple[str, ...]:
    """The trust base: named theorems and programs."""
    method, numbers = str(proof.get("method")), _arithmetic(proof)
    rests = "data" if claim.data is not None and method == "equivariance" else method
    out = ["checker 1 of simcert (Python, standard library only) and the Python interpreter", _RESTS.get(rests, "no proof was given")]
    constants = {CONSTANTS[a.name] for a in model.activations.values() if a.name in CONSTANTS}
    if claim.table is not None:
        out.append(f"{THEOREM}, with its proof there (Zhao, Luo and Zhang, arXiv 2510.09564, for generic σ): that there are no other orbits")
    if claim.kind in ("orbit-dimension", "conservation-laws", "classification", *FACTORISATIONS):
        out.append("Hermann–Nagano: the orbit of a point has the dimension of the Lie algebra of the analytic gradient fields there")
    out += [_RESTS[name] for key, name in (("modulus", "residue"), ("bases", "exponential"), ("precision", "ball")) if key in numbers]
    if (method == "series" or "constants" in numbers) and constants:
        out.append("Lindemann: 1/√(2π), 2/√π and log 2 are transcendental")
    if claim.kind in ("invariant", "fixed-space", "hull", "lattice", "quotient", "classification", "data-invariant"):
        out.append("from C∇F = 0 to flows: uniqueness of solutions (Picard–Lindelöf) where the gradient is locally Lipschitz")
    tables = {a.name for name, a in model.activations.items() if a.kind == "named" and claim.facts[name] is None}
    if tables - set(PARTIAL):
        out.append(f"the table of facts and derivatives of {', '.join(sorted(tables))}")
    return tuple(out)


def describe(model: Model, claim: Claim, proof: Mapping[str, Json]) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """Statement, what is not claimed, and trust base."""
    return state(model, claim), not_claimed(model, claim), trust(model, claim, proof)
