"""How the table of theorems in `certificates/README.md` is arranged: sections in this order, each valid file in the first one that names it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatch


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, what the theorems below it have in common, and the patterns of their names."""

    title: str
    text: str
    patterns: tuple[str, ...]


SECTIONS = (
    Section(
        "Two layers, classified",
        "The five kinds of activation functions, and which minimal invariant sets a two-layer network has with them, for d = 2 inputs and m = 1, 2, 3 units.",
        ("classification-*",),
    ),
    Section(
        "Invariant, but not by symmetry",
        "From depth 3 on symmetries do not account for everything: where a matrix between tied layers has equal row sums and equal column sums, the rest of "
        "it is frozen at any value, although no symmetry fixes a generic such matrix. In two layers the units of silu, gelu and expm1 that are zero stay zero, "
        "because σ(0) = 0; and where σ'(0) = 0 some differences are frozen.",
        (
            "magic", "magic-frozen", "orbit-magic", "hull-magic", "dead-silu*", "dead-expm1*", "dead-generic0*", "flat-*", "frozen-*", "orbit-frozen*",
            "orbit-dead-silu", "lattice-beyond-*", "attention-without-scores", "lora-at-rest", "relu-rotated*", "one-layer-relu-for-two",
        ),
    ),
    Section(
        "Points where Lie brackets stall",
        "The rank of the brackets up to some length can stop growing and then grow again: there the dimension of an orbit needs longer words, or transport "
        "along a curve in the orbit.",
        ("orbit-stalled-*", "orbit-brackets-*", "orbit-all-zero-*", "orbit-deep-tanh-*", "orbit-pull*"),
    ),
    Section(
        "Symmetries that are no isometries",
        "σ(z) + σ(−z) = 1 flips a unit of a sigmoid network into the output bias. This shear is a symmetry of the function but not of the gradient: its fixed "
        "set is not invariant, and the orbits there are open, where those of tanh are not.",
        ("antitie-sigmoid", "antitie-softplus", "antitie-silu", "orbit-antitied-*", "orbit-shear-*", "dead-sigmoid", "dead-exp", "dead-incoming-*"),
    ),
    Section(
        "Conservation laws",
        "Polynomial conservation laws and, where the table says so, the proof that there are no others of any form.",
        ("laws-*",),
    ),
    Section("Orbits", "How much of parameter space training can reach from a point.", ("orbit-*",)),
    Section("Hulls", "The smallest invariant affine subspace through a point.", ("hull-*",)),
    Section("Lattices", "All subspaces that symmetries induce, and how they lie in each other.", ("lattice-*",)),
    Section("Reduced networks", "The smaller network that a network is on an invariant subspace.", ("quotient-*",)),
    Section(
        "Intrinsic dynamics",
        "Whether z = φ(θ) moves by an equation of its own. For products UVᵀ with S = UᵀU − VᵀV a multiple of 1 it does if the product has full rank, or S = 0, "
        "or the outer widths are no larger than the inner one (of low rank it may not); and S need not be a multiple of 1: in `intrinsic-frame`, [U; V] = 1 "
        "with S = diag(1, 1, −1, −1), and Ż = −(1 + ZZᵀ)^(1/2)E − E(1 + ZᵀZ)^(1/2).",
        ("intrinsic-*", "not-intrinsic-*"),
    ),
    Section("Symmetries of the data", "What is invariant because the data are symmetric.", ("data-*",)),
    Section("Symmetries and fixed spaces", "Orthogonal maps of parameter space that do not change the network.", ("symmetries-*", "fixed-*")),
    Section(
        "Invariant by symmetry, and by identities",
        "Units, channels, heads and components that are tied, up to sign or up to a rotation.",
        (
            "tie-*", "antitie-tanh", "antitie-cube-*", "antitie-residual-*", "antitie-odd-*", "dead-tanh", "dead-conv-*", "dead-leaky-*", "mirrored-*",
            "swap-*", "rank-*", "linear-rotated", "rotated-*", "rational-function-by-identity", "balanced-linear", "one-number-linear", "zero-incoming-cos",
        ),
    ),
    Section(
        "Not invariant",
        "Each with a point of the subspace, an input, and an exact number (or an enclosure) that shows how the gradient leaves.",
        ("*",),
    ),
)  # fmt: skip


def arranged(names: Iterable[str]) -> list[tuple[Section, list[str]]]:
    """The sections that have files, with these in the given order."""
    found: dict[str, list[str]] = {section.title: [] for section in SECTIONS}
    for name in names:
        found[next(s.title for s in SECTIONS if any(fnmatch(name, pattern) for pattern in s.patterns))].append(name)
    return [(section, found[section.title]) for section in SECTIONS if found[section.title]]
