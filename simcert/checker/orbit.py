"""The dimension of the orbit of a point: the dimension of Lie(V) there, from below (`lower.py`) and from above."""

from __future__ import annotations

from .canonical import Json, fields, show
from .claim import Claim, read_polynomials
from .curves import Start
from .gates import frozen
from .interval import Balls
from .invariance import check_embedded
from .laws import check_laws, jacobian, read_rows
from .local import read_numbers
from .lower import check_lower, check_minor, read_columns
from .normalform import Forms, parametrize, slopes
from .outcome import Budget, Invalid, Malformed, Unsupported
from .program import Model
from .subspace import Subspace, read_subspace
from .vectors import Fields, read_members

_LAWS = ("columns", "determinant", "law_proof", "laws", "numbers", "rows")
_KEYS = {"full": (), "gates": (*_LAWS, "frozen"), "laws": (*_LAWS, "subspace"), "module": ("field", "numbers")}


def _laws(f: Fields, claim: Claim, d: dict[str, Json]) -> int:
    """dim L − s: on the invariant subspace L the fields are tangent to L and to the level sets of s functions that are independent at the point.

    So are their brackets. The laws are conserved for every function of the claim, and the s derivatives do not depend on it.
    """
    model, budget, space = f.model, f.budget, Subspace(f.model.size, (), ())
    if d["subspace"] != {}:
        inner = fields(d["subspace"], "/proof/upper/subspace", "activations", "proof", "subspace")
        space = read_subspace(inner["subspace"], "/proof/upper/subspace/subspace", model.size, budget)
        check_embedded(model, space, inner["activations"], inner["proof"], "/proof/upper/subspace/proof", budget)
    if not space.contains(claim.point):
        raise Invalid("the point does not lie in the subspace")
    laws = read_polynomials(d["laws"], "/proof/upper/laws", model.size, budget)
    columns = read_columns(d["columns"], "/proof/upper/columns", model.size)
    if any(row[0][0] in columns for row in space.rows):
        raise Malformed("/proof/upper/columns: expected free coordinates of the subspace")
    check_laws(model, claim, laws, space, d["law_proof"], "/proof/upper/law_proof", budget)
    system = read_numbers(d["numbers"], "/proof/upper/numbers", model, f.functions, budget).system(budget, None)
    rows = jacobian(read_rows(d["rows"], "/proof/upper/rows", laws), claim.point, space, columns, system)
    check_minor(rows, len(columns), d["determinant"], "/proof/upper", system)
    return model.size - len(space.rows) - len(columns)


def _gates(f: Fields, claim: Claim, d: dict[str, Json]) -> int:
    """M minus the parameters that are frozen near the point because gates are fixed, minus the laws that are independent in the other ones."""
    model, budget, place = f.model, f.budget, "/proof/upper"
    still = read_columns(d["frozen"], f"{place}/frozen", model.size)
    wrong = set(still) - frozen(f, claim.point)
    if wrong:
        raise Invalid(f"parameter {min(wrong)} is not shown to be frozen near the point")
    columns, laws = read_columns(d["columns"], f"{place}/columns", model.size), read_polynomials(d["laws"], f"{place}/laws", model.size, budget)
    if set(columns) & set(still):
        raise Malformed(f"{place}/columns: expected parameters that are not frozen")
    whole = Subspace(model.size, (), ())
    check_laws(model, claim, laws, whole, d["law_proof"], f"{place}/law_proof", budget)
    system = read_numbers(d["numbers"], f"{place}/numbers", model, f.functions, budget).system(budget, None)
    rows = jacobian(read_rows(d["rows"], f"{place}/rows", laws), claim.point, whole, columns, system)
    check_minor(rows, len(columns), d["determinant"], place, system)
    return model.size - len(still) - len(columns)


def _module(f: Fields, claim: Claim, d: dict[str, Json]) -> int:
    """1: near the point every gradient G is a multiple of one field X.

    With X_j(θ0) ≠ 0, the identities G_i X_j = G_j X_i say G = (G_j/X_j)·X near θ0. Brackets of multiples of X are multiples of X. For a class X_j(θ0) ≠ 0
    is shown for one member; for another σ of it, all G and their brackets are parallel for almost all functions on the line from σ to the member, so for σ.
    """
    model, budget = f.model, f.budget
    numbers = read_numbers(d["numbers"], "/proof/upper/numbers", model, f.functions, budget)
    field = f.read(d["field"], "/proof/upper/field")
    if sum(model.nodes[k].size for k in model.outputs) != 1:
        raise Invalid("this method is for models with one output entry")
    system = Start(f, numbers, [field], claim.point).here(0)
    vector = f.gradient(field, [system.rational(q) for q in claim.point], system)
    nonzero = [not v[0] <= 0 <= v[1] if isinstance(system, Balls) else v != 0 for v in vector]
    if True not in nonzero:
        raise Invalid("the field is not shown to be different from 0 at the point")
    j = nonzero.index(True)
    forms = Forms(budget, model, claim, names=False)
    theta, every = parametrize(forms, Subspace(model.size, (), ())), range(model.size)
    x = slopes(model, forms, theta, every, {i: v for i, v in f.leaves(field, theta, forms).items() if i >= len(model.nodes) or model.nodes[i].op == "input"})
    g = slopes(model, forms, theta, every, {})
    for i in every:
        left, right = forms.dot([g.get(i, {})], [x.get(j, {})]), forms.dot([g.get(j, {})], [x.get(i, {})])
        if left != right:
            raise Invalid(f"entry {i} of a gradient is not the multiple of that of the field that entry {j} is")
    return 1


_METHODS = {"gates": _gates, "laws": _laws, "module": _module}


def check_orbit(model: Model, claim: Claim, proof: dict[str, Json], budget: Budget) -> None:
    """Check a proof of a claim of kind `orbit-dimension`.

    *Proves:* lower ≤ dim Lie(V)(θ0) ≤ upper, for a class the lower bound for an open dense set of jets. *Does not prove:* which points the orbit contains.
    Raises `Invalid` unless the proof shows exactly the bounds of the claim.
    """
    d = fields(proof, "/proof", "lower", "members", "method", "upper")
    f = Fields(model, read_members(d["members"], "/proof/members", model, claim, budget), budget)
    method = d["upper"].get("method") if isinstance(d["upper"], dict) else None
    if not isinstance(method, str):
        raise Malformed("/proof/upper: expected an object with a method")
    if method not in _KEYS:
        raise Unsupported(f"/proof/upper: this checker does not know the method {show(method)}")
    inner = fields(d["upper"], "/proof/upper", "method", *_KEYS[method])
    lower = check_lower(f, d["lower"], "/proof/lower", claim.point)
    upper = _METHODS[method](f, claim, inner) if method in _METHODS else model.size
    if (lower, upper) != claim.bounds:
        raise Invalid(f"the proof shows the bounds {lower} and {upper}, not those of the claim")
    if lower > upper:
        raise Invalid("the lower bound is above the upper one")
