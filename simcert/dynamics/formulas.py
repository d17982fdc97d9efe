"""The intrinsic flow of a product of matrices in words: ż = −K(z)∇f(z) as a person writes it."""

from __future__ import annotations

from fractions import Fraction

from simcert.dynamics.decide import Intrinsic
from simcert.dynamics.products import Block


def formula(found: Intrinsic) -> list[str]:
    """The intrinsic flow, one line for each output; empty where it is not known to be intrinsic.

    E stands for ∂f/∂Z; `sqrt` of a symmetric matrix is the positive semidefinite one, and P the orthogonal projection onto the image of Z (Q, of Zᵀ).
    """
    if found.verdict != "intrinsic":
        return []
    if found.blocks:
        return [line for k, block in enumerate(found.blocks) for line in _block(block, "" if len(found.blocks) == 1 else str(k))]
    return ["ż = −G(θ(z))∇f(z), with θ(z) the solution of φ(θ) = z, h(θ) = h(θ0) near θ0"]


def _block(block: Block, number: str) -> list[str]:
    z, e = f"Z{number}", f"E{number}"
    if len(block.factors) == 1:
        return [f"Ż{number} = −{e}"]
    scalar = block.widths[0] == block.widths[-1] == 1
    if block.quadratic is not None:
        alpha, beta = block.quadratic
        a, b = _root(alpha, beta, f"{z}{z}ᵀ"), _root(-alpha, beta, f"{z}ᵀ{z}")
    elif len(block.factors) == 2:
        gap = block.gaps[0]
        if scalar and block.where == "level":
            return [f"ż = −sqrt({_plus(gap * gap)}4z²)·f'(z)"]
        a, b = _root(gap, Fraction(0), f"{z}{z}ᵀ"), _root(-gap, Fraction(0), f"{z}ᵀ{z}")
        if block.where == "near":
            a, b = (f"P·({a})", b) if gap > 0 else (a, f"({b})·Q")
    else:
        return _deep(block, z, e, number)
    return [f"Ż{number} = −A·{e} − {e}·B", f"A = {a}", f"B = {b}"]


def _root(linear: Fraction, constant: Fraction, square: str) -> str:
    """The larger root of a² − linear·a − constant = s, at the matrix s."""
    inner = linear * linear / 4 + constant
    return f"{_plus(linear / 2)}sqrt({_plus(inner)}{square})"


def _plus(q: Fraction) -> str:
    return f"{q} + " if q else ""


def _deep(block: Block, z: str, e: str, number: str) -> list[str]:
    gaps, depth = block.gaps, len(block.factors)
    left = [Fraction(0)] + [sum(gaps[: k + 1], Fraction(0)) for k in range(depth - 1)]
    right = [Fraction(0)] + [-sum(gaps[-k - 1 :], Fraction(0)) for k in range(depth - 1)]
    if not any(gaps):
        return [f"Ż{number} = −Σ_l ({z}{z}ᵀ)^((L−l)/L)·{e}·({z}ᵀ{z})^((l−1)/L), l = 1, …, L = {depth}"]
    a, b = (_product(roots, letter) for roots, letter in ((left, "A"), (right, "B")))
    lines = [f"Ż{number} = −Σ_l D_(L−l)(A)·{e}·D'_(l−1)(B), with D_j, D'_j the products of the first j factors of"]
    on = " on the image of Z, 0 on the complement" if block.where == "near" else ""
    return [*lines, f"{z}{z}ᵀ = {a}, A its largest solution{on}", f"{z}ᵀ{z} = {b}, B its largest solution{on.replace('Z', 'Zᵀ')}"]


def _product(roots: list[Fraction], letter: str) -> str:
    return "·".join(letter if not r else f"({letter} {'−' if r > 0 else '+'} {abs(r)})" for r in roots)
