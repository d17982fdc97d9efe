"""Explicit intrinsic dynamics of products of matrices Z = W_L⋯W_1: relaxed balance, and signatures.

With widths n_0, …, n_L (W_l is n_l × n_{l−1}), G sends E to Σ_l (W_L⋯W_{l+1})(…)ᵀ E (W_{l−1}⋯W_1)ᵀ(…).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations_with_replacement, pairwise
from math import prod

from .canonical import Fraction, Json, Rational, fields, integer, items, name, rationals
from .claim import Claim, Polynomial, read_polynomials
from .evaluate import evaluate
from .normalform import Forms, Poly, parametrize
from .outcome import Budget, Invalid, Malformed
from .program import LEAVES, Model
from .subspace import Subspace, null_space

Table = list[list[int]]  # parameter indices of a matrix
Rows = list[list[Rational]]


def _read_factors(model: Model, value: Json, place: str, used: set[str]) -> list[Table]:
    """The matrices W_L, …, W_1, as tables of parameter indices: parameters of the model that no other block has, as they are or transposed."""
    tables: list[Table] = []
    for item in items(value, place):
        pair = items(item, place, 2)
        word, turned = name(pair[0], place), integer(pair[1], place, 0, 1)
        start, shape = model.parameters.get(word, (0, ()))
        if word in used or len(shape) != 2:
            raise Malformed(f"{place}: expected matrices among the parameters, each once in all blocks")
        used.add(word)
        table = [[start + i * shape[1] + j for j in range(shape[1])] for i in range(shape[0])]
        tables.append([list(column) for column in zip(*table, strict=True)] if turned else table)
    if not tables or any(len(a[0]) != len(b) for a, b in pairwise(tables)):
        raise Malformed(f"{place}: expected matrices whose shapes fit, at least one")
    return tables


def _multiply(forms: Forms, a: list[list[Poly]], b: list[list[Poly]]) -> list[list[Poly]]:
    columns = list(zip(*b, strict=True))
    return [[forms.dot(row, column) for column in columns] for row in a]


def _transposed(a: list[list[Poly]]) -> list[list[Poly]]:
    return [list(column) for column in zip(*a, strict=True)]


def _product(forms: Forms, theta: list[Poly], factors: list[Table]) -> list[list[Poly]]:
    """The product of the factors, as polynomials."""
    product = [[theta[p] for p in row] for row in factors[0]]
    for table in factors[1:]:
        product = _multiply(forms, product, [[theta[p] for p in row] for row in table])
    return product


def _difference(left: Table, right: Table, j: int, k: int) -> Polynomial:
    """Entry [j, k] of W_{l+1}ᵀW_{l+1} − W_lW_lᵀ, for the factors W_{l+1} and W_l."""
    out: Polynomial = {}
    for sign, pairs in ((1, [(row[j], row[k]) for row in left]), (-1, list(zip(right[j], right[k], strict=True)))):
        for p, q in pairs:
            key = (p, q) if p <= q else (q, p)
            out[key] = out.get(key, 0) + sign
    return out


def _monic(p: Polynomial) -> frozenset[tuple[tuple[int, ...], Rational]]:
    first = Fraction(p[min(p)])
    return frozenset((m, a / first) for m, a in p.items())


def _values(table: Table, point: Sequence[Rational]) -> Rows:
    return [[point[p] for p in row] for row in table]


def _times(a: Rows, b: Rows) -> Rows:
    columns = list(zip(*b, strict=True))
    return [[sum((x * y for x, y in zip(row, column, strict=True)), 0) for column in columns] for row in a]


def _rank(a: Rows, budget: Budget) -> int:
    return len(null_space(len(a[0]), ({k: x for k, x in enumerate(row) if x} for row in a), budget).rows)


def _level(claim: Claim, left: Table, right: Table) -> Rows:
    """The matrix W_{l+1}ᵀW_{l+1} − W_lW_lᵀ at θ0. Its entries are multiples of laws of the claim, so it is the same on the whole level."""
    u, v, n = _values(left, claim.point), _values(right, claim.point), len(right)
    gram, other = _times([list(c) for c in zip(*u, strict=True)], u), _times(v, [list(c) for c in zip(*v, strict=True)])
    laws = {_monic(law) for law in claim.laws if law}
    for j, k in combinations_with_replacement(range(n), 2):
        if _monic(_difference(left, right, j, k)) not in laws:
            raise Invalid(f"entry [{j}, {k}] of a difference of Gram matrices is no multiple of a law of the claim, so the level does not fix it")
    return [[gram[j][k] - other[j][k] for k in range(n)] for j in range(n)]


def _side(widths: Sequence[int], steps: Sequence[Rational], rank: int) -> str:
    """Where one end of the product is determined by Z: on the level, or near θ0; raises `Invalid` where neither is shown (see `check_balance`)."""
    total, chain, level = Fraction(0), True, True
    for k, step in enumerate(steps):
        total += step
        chain = chain and widths[k] <= widths[k + 1]
        level = level and (total <= 0 or chain)
    if level:
        return "level"
    if rank != min(widths[0], widths[1]):
        raise Invalid("an outer factor is not determined by the product: neither its spectrum nor the rank of the product is as it has to be")
    return "near"


def _balance(claim: Claim, tables: list[Table], forms: Forms, theta: list[Poly], product: list[list[Poly]], identities: Json, place: str) -> str:
    """Check a block by relaxed balance, W_{l+1}ᵀW_{l+1} − W_lW_lᵀ = λ_l·1 at θ0 for l = 1, …, L−1; returns "level" or "near".

    *Proves:* G is a function of Z = φ(θ) for all θ of the level, or for those near θ0. Let A = W_LW_Lᵀ and μ_k = λ_{L−1} + … + λ_{L−k}. On the level
    (W_L⋯W_{L−j+1})(…)ᵀ = D_j := A(A − μ_1)⋯(A − μ_{j−1}), by induction from W_l W_lᵀ = W_{l+1}ᵀW_{l+1} − λ_l; so ZZᵀ = D_L = p(A), and the left
    factors of G are polynomials of A. The right ones are polynomials of B = W_1ᵀW_1 in the same way, with steps −λ_1, −λ_2, …. So it is enough that A and B are
    determined by Z. For A (B is alike): *level*: if A ≥ μ_k for k = 1, …, L−1, all roots of p are ≤ every eigenvalue of A, where p is strictly increasing, so A
    is the inverse of p on that ray, applied to ZZᵀ. And A ≥ μ_k holds if μ_k ≤ 0, or if n_L ≤ n_{L−1} ≤ … ≤ n_{L−k}: then the spectrum of W_lW_lᵀ lies in that
    of W_lᵀW_l = λ_{l−1} + W_{l−1}W_{l−1}ᵀ, for l = L, …, L−k+1. *near*: if rank Z = min(n_L, n_{L−1}) at θ0, then rank W_L = rank Z and im W_L = im Z at all
    θ near θ0, A vanishes on the complement of im Z, and on im Z all D_j are positive (they are ≥ 0, and factors of D_L > 0), hence so are their quotients
    A − μ_j, and p is inverted there as before. For two factors the identities (UUᵀ)² − λUUᵀ = ZZᵀ and (VVᵀ)² + λVVᵀ = ZᵀZ, U = W_2, V = W_1ᵀ, are
    moreover checked as polynomials: their cofactors with respect to the laws stand in the proof.
    """
    steps: list[Rational] = []
    for left, right in pairwise(tables):
        s = _level(claim, left, right)
        if any(x != (s[0][0] if j == k else 0) for j, row in enumerate(s) for k, x in enumerate(row)):
            raise Invalid("the difference of two Gram matrices at the point is not a multiple of the identity")
        steps.append(s[0][0])
    given = items(identities, place)
    if len(tables) == 2:
        _check_identities(claim, forms, theta, tables, product, steps[0], given, place)
    elif given:
        raise Malformed(f"{place}: expected no identities unless there are two factors")
    z = _values(tables[0], claim.point)
    for table in tables[1:]:
        z = _times(z, _values(table, claim.point))
    rank, widths = _rank(z, forms.budget), [len(tables[0]), *(len(table[0]) for table in tables)]
    sides = {_side(widths, steps, rank), _side(widths[::-1], [-step for step in reversed(steps)], rank)}
    return "near" if "near" in sides else "level"


def _check_identities(
    claim: Claim, forms: Forms, theta: list[Poly], tables: list[Table], z: list[list[Poly]], gap: Rational, given: list[Json], place: str
) -> None:
    """A² − λA − ZZᵀ and B² + λB − ZᵀZ, entry by entry on and above the diagonal, are Σ (cofactor)·(h_k − h_k(θ0))."""
    u, v = ([[theta[p] for p in row] for row in table] for table in tables)
    values = [sum((c * prod(claim.point[p] for p in m) for m, c in law.items()), Fraction(0)) for law in claim.laws]
    targets: list[Poly] = []
    for a, w, factor in ((u, z, -gap), (_transposed(v), _transposed(z), gap)):
        gram, square = _multiply(forms, a, _transposed(a)), _multiply(forms, w, _transposed(w))
        twice, n = _multiply(forms, gram, gram), len(gram)
        for i, j in combinations_with_replacement(range(n), 2):
            targets.append(forms.total([twice[i][j], forms.dot([gram[i][j]], [forms.rational(factor)]), _negative(square[i][j])]))
    if len(given) != len(targets):
        raise Malformed(f"{place}: expected {len(targets)} identities")
    for n, (target, terms) in enumerate(zip(targets, given, strict=True)):
        where, parts = f"{place}/{n}", [_negative(target)]
        for term in items(terms, where):
            k, cofactor = items(term, where, 2)
            number = integer(k, where, 0, len(claim.laws) - 1)
            (p,) = read_polynomials([cofactor], where, len(theta), forms.budget)
            shifted = forms.total([_form(claim.laws[number], theta, forms), forms.rational(-values[number])])
            parts.append(forms.dot([_form(p, theta, forms)], [shifted]))
        if forms.total(parts):
            raise Invalid(f"identity {n} does not hold: the cofactors times the laws do not give it")


def _negative(p: Poly) -> Poly:
    return {m: -a for m, a in p.items()}


def _form(p: Polynomial, theta: list[Poly], forms: Forms) -> Poly:
    """A polynomial in the parameters as a normal form."""
    terms: list[Poly] = []
    for m, c in p.items():
        product = forms.rational(c)
        for k in m:
            product = forms.dot([product], [theta[k]])
        terms.append(product)
    return forms.total(terms)


def _signature(claim: Claim, tables: list[Table], coefficients: Sequence[Rational], budget: Budget) -> str:
    """Check a block of two factors Z = UVᵀ whose S = UᵀU − VᵀV has rank n + m and satisfies S³ = αS² + βS with β > 0 at θ0; returns "level".

    *Proves:* G is a function of Z on the whole level. Let X be U on top of V, (n+m) × r, and J = diag(1_n, −1_m), so S = XᵀJX, constant on the level. It
    has rank n + m, so X has, and XᵀJ is injective. With N = XXᵀ, XᵀJ(NJN − αN − βJ)JX = S³ − αS² − βS = 0, hence NJN = αN + βJ. Its diagonal
    blocks say A² − αA − β = ZZᵀ and B² + αB − β = ZᵀZ for A = UUᵀ ≥ 0 and B = VVᵀ ≥ 0. As β > 0, a² − αa − β = s ≥ 0 has exactly one root a ≥ 0, so A is
    that function of ZZᵀ, and B is one of ZᵀZ; G(E) = AE + EB.
    """
    if len(tables) != 2:
        raise Malformed("/proof/blocks: a signature is for two factors")
    s = _level(claim, tables[0], tables[1])
    alpha, beta = coefficients
    square = _times(s, s)
    cube = _times(square, s)
    if beta <= 0 or any(c != alpha * b + beta * a for row in zip(s, square, cube, strict=True) for a, b, c in zip(*row, strict=True)):
        raise Invalid("the matrix S does not satisfy its cubic equation with a positive last coefficient")
    if _rank(s, budget) != len(tables[0]) + len(tables[1][0]):
        raise Invalid("the rank of the matrix S is not the sum of the numbers of rows and columns of the product")
    return "level"


def check_products(model: Model, claim: Claim, blocks: Json, budget: Budget) -> str:
    """Check that φ consists of products of matrices, one for each output, with no parameter in common, and that each is intrinsic; returns where.

    *Proves:* G, which is block diagonal, is a function of φ for all θ of the level ("level"), or for those near θ0 ("near"). A block of one factor W has the
    constant G = 1. Raises `Invalid` where a block is not shown to be intrinsic.
    """
    forms = Forms(budget, model, claim, names=False)
    theta = parametrize(forms, Subspace(model.size, (), ()))
    leaves = {i: [theta[p] for p in model.indices(node)] for i, node in enumerate(model.nodes) if node.op in LEAVES}
    arrays, used, places = evaluate(model.nodes, leaves, forms), set[str](), set[str]()
    for k, (item, output) in enumerate(zip(items(blocks, "/proof/blocks", len(model.outputs)), model.outputs, strict=True)):
        place = f"/proof/blocks/{k}"
        key = "coefficients" if isinstance(item, dict) and "coefficients" in item else "identities"
        d = fields(item, place, "factors", key)
        tables = _read_factors(model, d["factors"], f"{place}/factors", used)
        product = _product(forms, theta, tables)
        if arrays[output] != [entry for row in product for entry in row]:
            raise Invalid(f"output {k} is not the product of the factors")
        if key == "coefficients":
            places.add(_signature(claim, tables, rationals(d[key], f"{place}/coefficients", budget, 2), budget))
        elif len(tables) > 1:
            places.add(_balance(claim, tables, forms, theta, product, d[key], f"{place}/identities"))
        elif d[key] != []:
            raise Malformed(f"{place}/identities: expected none for one factor")
    if used != set(model.parameters):
        raise Invalid("a parameter is in no block")
    return "near" if "near" in places else "level"
