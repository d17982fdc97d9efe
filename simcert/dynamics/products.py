"""Explicit K for products of matrices: which levels have one, and what the proof has to name.

Relaxed balance W_{l+1}ᵀW_{l+1} − W_lW_lᵀ = λ_l·1 (Marcotte, Peyré, Gribonval, arXiv 2508.07370), and two factors whose S = UᵀU − VᵀV has rank n + m and two
nonzero eigenvalues (derived here; the case [U; V] = 1 shows that relaxed balance is not necessary when r > max(n, m)). Proofs: the checker's `balance.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations_with_replacement, pairwise
from typing import Any

from flint import fmpq, fmpq_mat

from simcert.exact.arrays import run
from simcert.exact.rationals import Rationals
from simcert.laws.polynomials import Index, Law
from simcert.models.program import Program

Json = dict[str, Any]
Flat = dict[str, list[Fraction]]


@dataclass(frozen=True)
class Factor:
    """A matrix parameter, as it is or transposed."""

    name: str
    turned: bool
    start: int
    shape: tuple[int, int]  # of the parameter itself

    @property
    def rows(self) -> int:
        return self.shape[1 if self.turned else 0]

    @property
    def columns(self) -> int:
        return self.shape[0 if self.turned else 1]

    def index(self, i: int, j: int) -> int:
        """The parameter index of entry [i, j]."""
        return self.start + (j * self.shape[1] + i if self.turned else i * self.shape[1] + j)

    def value(self, theta: Flat) -> fmpq_mat:
        """The matrix at a point."""
        flat = [fmpq(v.numerator, v.denominator) for v in theta[self.name]]
        out = fmpq_mat(*self.shape, flat)
        return out.transpose() if self.turned else out


Chain = list[Factor]


@dataclass(frozen=True)
class Block:
    """One product with an explicit K.

    `factors` from the left; `gaps` λ_{L−1}, …, λ_1 for relaxed balance, or `quadratic` (α, β) with S³ = αS² + βS; `sides` says for the left and the right
    end where it is determined by the product, "level" or "near".
    """

    factors: Chain
    gaps: tuple[Fraction, ...]
    quadratic: tuple[Fraction, Fraction] | None
    sides: tuple[str, str] = ("level", "level")

    @property
    def where(self) -> str:
        return "near" if "near" in self.sides else "level"

    @property
    def widths(self) -> list[int]:
        """n_L, …, n_0."""
        return [self.factors[0].rows, *(f.columns for f in self.factors)]

    def to_json(self, laws: Sequence[Law]) -> Json:
        """The block of the certificate."""
        named = [[f.name, int(f.turned)] for f in self.factors]
        if self.quadratic is not None:
            return {"factors": named, "coefficients": [str(c) for c in self.quadratic]}
        return {"factors": named, "identities": cofactors(self.factors, laws) if len(self.factors) == 2 else []}


def chains(p: Program) -> list[Chain] | None:
    """The products that the outputs of a program are, with no parameter in common, or None where it is not of that form."""
    used: set[str] = set()
    out: list[Chain] = []
    for node in p.outputs:
        found = _chain(p, node, turned=False)
        if found is None or any(f.name in used for f in found) or len({f.name for f in found}) < len(found):
            return None
        used |= {f.name for f in found}
        out.append(found)
    return out if used == {name for name, _ in p.parameters} else None


def _chain(p: Program, node: int, *, turned: bool) -> Chain | None:
    """The factors of a node, read off contractions of two matrices over one letter and transpositions; a stack of calls as deep as the product is long."""
    work, out = [(node, turned)], Chain()
    offsets = p.offsets()
    while work:
        i, flip = work.pop()
        n = p.nodes[i]
        if n.op == "parameter" and len(n.shape) == 2:
            out.append(Factor(n.name, flip, offsets[n.name][0], (n.shape[0], n.shape[1])))
            continue
        if n.op != "contract":
            return None
        left, _, result = n.spec.partition("->")
        terms = left.split(",")
        if len(result) != 2 or any(len(t) != 2 for t in terms):
            return None
        if len(terms) == 1:
            if sorted(terms[0]) != sorted(result):
                return None
            work.append((n.args[0], flip != (terms[0] != result)))
            continue
        places = {letter: [(k, t.index(letter)) for k, t in enumerate(terms) if letter in t] for letter in set(left) - {","}}
        first, last = result
        if len(places) != 3 or len(places[first]) != 1 or len(places[last]) != 1 or places[first][0][0] == places[last][0][0]:
            return None
        (a, at_a), (b, at_b) = places[first][0], places[last][0]
        ends = [(n.args[a], at_a == 1), (n.args[b], at_b == 0)]
        if flip:
            ends = [(k, not f) for k, f in reversed(ends)]
        work += reversed(ends)
    return out


def is_product(p: Program, theta: Flat, found: Sequence[Chain]) -> bool:
    """Whether the outputs at a point are the products of the chains (a test of `chains`, which the checker repeats as an identity)."""
    system = Rationals(p.activations)
    leaves = {name: system.array(theta[name], shape) for name, shape in p.parameters}
    values = run(p.nodes, system, leaves, p.outputs)
    return all(list(product(chain, theta).entries()) == list(values[o].ravel()) for chain, o in zip(found, p.outputs, strict=True))


def product(factors: Chain, theta: Flat) -> fmpq_mat:
    """The product of a chain at a point."""
    out = factors[0].value(theta)
    for factor in factors[1:]:
        out = out * factor.value(theta)
    return out


def differences(factors: Chain) -> list[list[Law]]:
    """For every pair of neighbours the entries on and above the diagonal of W_{l+1}ᵀW_{l+1} − W_lW_lᵀ, as polynomials."""
    out: list[list[Law]] = []
    for left, right in pairwise(factors):
        entries: list[Law] = []
        for j, k in combinations_with_replacement(range(right.rows), 2):
            terms: dict[Index, int] = {}
            for sign, pairs in (
                (1, [(left.index(i, j), left.index(i, k)) for i in range(left.rows)]),
                (-1, [(right.index(j, i), right.index(k, i)) for i in range(right.columns)]),
            ):
                terms |= {(p, q) if p <= q else (q, p): sign for p, q in pairs}
            entries.append(Law(terms))
        out.append(entries)
    return out


def block(factors: Chain, theta: Flat) -> Block | None:
    """The explicit K of a product on the level of a point, or None where none is known."""
    values = [f.value(theta) for f in factors]
    gaps: list[Fraction] = []
    for left, right in pairwise(values):
        s = left.transpose() * left - right * right.transpose()
        scalar = all(s[i, j] == (s[0, 0] if i == j else 0) for i in range(s.nrows()) for j in range(s.ncols()))
        if not scalar:
            return _quadratic(factors, s) if len(factors) == 2 else None
        gaps.append(Fraction(int(s[0, 0].p), int(s[0, 0].q)))
    out = Block(factors, tuple(gaps), None)
    if not gaps:
        return out
    rank, widths = product(factors, theta).rank(), out.widths
    sides = _side(widths, gaps, rank), _side(widths[::-1], [-g for g in reversed(gaps)], rank)
    return None if "" in sides else replace(out, sides=sides)


def _side(widths: Sequence[int], steps: Sequence[Fraction], rank: int) -> str:
    """Where the Gram matrix of the first factor is a function of the product: "level" by its spectrum, "near" by the rank, or nowhere."""
    partial = [sum(steps[:k], Fraction(0)) for k in range(1, len(steps) + 1)]
    descending = [all(a <= b for a, b in pairwise(widths[: k + 1])) for k in range(1, len(steps) + 1)]
    if all(total <= 0 or good for total, good in zip(partial, descending, strict=True)):
        return "level"
    return "near" if rank == min(widths[0], widths[1]) else ""


def _quadratic(factors: Chain, s: fmpq_mat) -> Block | None:
    """(α, β) with S³ = αS² + βS for a matrix S of rank n + m."""
    if s.rank() != factors[0].rows + factors[1].columns:
        return None
    n = s.nrows()
    entries = [(a, b, c) for i in range(n) for j in range(n) for a, b, c in [(s[i, j], (s * s)[i, j], (s * s * s)[i, j])]]
    system = fmpq_mat(len(entries), 3, [v for a, b, c in entries for v in (b, a, c)])
    reduced, rank = system.rref()
    if rank != 2 or reduced[0, 0] != 1 or reduced[1, 1] != 1:
        return None
    alpha, beta = (Fraction(int(q.p), int(q.q)) for q in (reduced[0, 2], reduced[1, 2]))
    return Block(factors, (), (alpha, beta)) if beta > 0 else None


def cofactors(factors: Chain, laws: Sequence[Law]) -> list[Any]:
    """The cofactors of (UUᵀ)² − λUUᵀ − ZZᵀ = U(S − λ)Uᵀ and of (VVᵀ)² + λVVᵀ − ZᵀZ = −V(S − λ)Vᵀ with respect to the laws, for Z = UVᵀ."""
    left, right = factors
    wanted = dict(zip(combinations_with_replacement(range(right.rows), 2), differences(factors)[0], strict=True))
    found = {pair: _multiple(laws, law) for pair, law in wanted.items()}
    out: list[Any] = []
    for sign, size, index in ((1, left.rows, left.index), (-1, right.columns, lambda i, j: right.index(j, i))):
        for i, o in combinations_with_replacement(range(size), 2):
            terms: list[Any] = []
            for (j, k), (number, scale) in found.items():
                p: dict[Index, Fraction] = {}
                for a, b in {(j, k), (k, j)}:
                    x, y = index(i, a), index(o, b)
                    key = (x, y) if x <= y else (y, x)
                    p[key] = p.get(key, Fraction(0)) + Fraction(sign) * scale
                terms.append([number, Law(p).to_json()])
            out.append(terms)
    return out


def _multiple(laws: Sequence[Law], law: Law) -> tuple[int, Fraction]:
    """The number of a law of which `law` is a multiple, and the factor."""
    for k, other in enumerate(laws):
        if other.terms.keys() == law.terms.keys():
            first = next(iter(law.terms))
            factor = Fraction(law.terms[first]) / Fraction(other.terms[first])
            if all(law.terms[m] == factor * c for m, c in other.terms.items()):
                return k, factor
    raise KeyError(law)
