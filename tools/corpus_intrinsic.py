"""The part of the corpus about intrinsic dynamics: how the valid certificates are made, and the wrong ones as changes of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from corpus_changes import Change, Json, drop, put

from simcert.dynamics.decide import intrinsic
from simcert.dynamics.factorizations import factorization
from simcert.models.builder import Builder
from simcert.models.points import parse_point
from simcert.models.program import Program
from simcert.models.spec import load_model


def intrinsic_of(model: str | Program, point: Any) -> Json:
    """The verdict at a point, which must be decided."""
    program = factorization(load_model(model))
    found = intrinsic(program, parse_point(program, point))
    if found.certificate is None:
        raise SystemExit(f"{program.title}: {found.reason}")
    return found.certificate


def times(n: int, value: str = "1") -> list[list[str]]:
    """A multiple of the identity."""
    return [[value if i == j else "0" for j in range(n)] for i in range(n)]


def monomials() -> Program:
    """φ = (a²b, ab²), of the user's own: no laws but those of its two gradients."""
    b = Builder("monomials a^2 b, a b^2")
    x, y = b.parameter("a", 1), b.parameter("b", 1)
    return b.program([b.apply("square", x) * y, x * b.apply("square", y)])


def sphere() -> Program:
    """φ = a² + b² + c²: orbits are rays, and there is no polynomial law for that."""
    b = Builder("sum of squares")
    return b.program(b.apply("square", b.parameter("a", 3)).sum())


FRAME = {"W2": [[1, 0, 0, 0], [0, 1, 0, 0]], "W1": [[0, 0], [0, 0], [1, 0], [0, 1]]}
VALID: dict[str, Callable[[], Json]] = {
    "intrinsic-balanced": lambda: intrinsic_of("linear:2-2-2", {"W2": times(2), "W1": times(2)}),
    "intrinsic-relaxed-balanced": lambda: intrinsic_of("linear:2-2-2", {"W2": times(2, "5/4"), "W1": times(2, "3/4")}),
    "intrinsic-relaxed-balanced-tall": lambda: intrinsic_of("linear:2-2-3", {"W2": [["5/4", "0"], ["0", "5/4"], ["0", "0"]], "W1": times(2, "3/4")}),
    "intrinsic-frame": lambda: intrinsic_of("linear:2-4-2", FRAME),
    "intrinsic-deep-balanced": lambda: intrinsic_of("linear:2-2-2-2", {"W3": times(2, "13/5"), "W2": times(2, "12/5"), "W1": times(2)}),
    "intrinsic-scalars": lambda: intrinsic_of("linear:1-1-1-1", {"W3": [["1/2"]], "W2": [["-2"]], "W1": [["3"]]}),
    "intrinsic-rank-one": lambda: intrinsic_of("linear:2-1-2", {"W2": [[1], [2]], "W1": [[3, 1]]}),
    "intrinsic-relu-paths": lambda: intrinsic_of("mlp:2-2-2-1:relu:bias", "generic"),
    "intrinsic-attention": lambda: intrinsic_of("attention:2-2", {"Q": times(2), "K": times(2), "V": times(2, "5/4"), "O": times(2, "3/4")}),
    "intrinsic-one-function": lambda: intrinsic_of(sphere(), {"a": [1, 2, "-1/2"]}),
    "intrinsic-own-factorisation": lambda: intrinsic_of(monomials(), {"a": [2], "b": [3]}),
    "not-intrinsic-square": lambda: intrinsic_of("linear:2-2-2", {"W2": [[1, 2], [3, 5]], "W1": [[2, 1], [1, 1]]}),
    "not-intrinsic-column": lambda: intrinsic_of("linear:1-2-2", {"W2": [[1, 3], [2, 5]], "W1": [[4], [1]]}),
    "not-intrinsic-wide": lambda: intrinsic_of("linear:2-4-2", "generic"),
    "not-intrinsic-relaxed-balanced-of-low-rank": lambda: intrinsic_of("linear:2-2-3", {"W2": [[1, 0], [0, 1], [0, 0]], "W1": [[0, 0], [0, 0]]}),
    "not-intrinsic-convolution": lambda: intrinsic_of("conv1d:1-2-1:linear:kernel=2:length=4", "generic"),
    "not-intrinsic-lora": lambda: intrinsic_of("lora:2-2-1:tanh:rank=2", {"A1": times(2), "B1": [[1, 2], [0, 1]], "A2": [[1, 2], [1, 1]], "B2": [[1, 3]]}),
}

INVALID: dict[str, Change] = {
    "intrinsic-on-the-level-from-near": ("intrinsic-relaxed-balanced-tall", "shows the theorem with near", (put("/claim/where", "level"),)),
    "intrinsic-of-an-unbalanced-point": ("intrinsic-relaxed-balanced", "determinant", (put("/claim/point/W1/0", "1"),)),
    "intrinsic-wrong-rank": ("intrinsic-rank-one", "the rank of the derivative", (put("/claim/rank", 2),)),
    "intrinsic-wrong-dimension": ("intrinsic-balanced", "the proof shows the bounds", (put("/claim/upper", 6),)),
    "intrinsic-wrong-cofactor": ("intrinsic-relaxed-balanced", "identity 0 does not hold", (put("/proof/blocks/0/identities/0/0/1/0/0", "2"),)),
    "intrinsic-without-a-law": ("intrinsic-frame", "no multiple of a law", (drop("/claim/laws/9"), drop("/proof/law_proof/generators/9"))),
    "intrinsic-wrong-coefficients": ("intrinsic-frame", "cubic equation", (put("/proof/blocks/0/coefficients/1", "2"),)),
    "intrinsic-of-another-product": ("intrinsic-relaxed-balanced", "not the product", (put("/proof/blocks/0/factors", [["W1", 0], ["W2", 0]]),)),
    "intrinsic-law-not-conserved": ("intrinsic-scalars", "not the one of its generator", (put("/claim/laws/0/0/0", "3"),)),
    "intrinsic-wrong-minor": ("intrinsic-relu-paths", "determinant", (put("/proof/determinant", "5"),)),
    "intrinsic-by-immersion-with-a-kernel": (
        "intrinsic-balanced", "no larger dimension", (put("/proof/method", "immersion"), drop("/proof/blocks"), drop("/proof/law_proof"))
    ),
    "not-intrinsic-vector-that-moves-the-image": ("not-intrinsic-square", "along the vector is not 0", (put("/proof/combination/0", "17"),)),
    "not-intrinsic-entry-that-rests": ("not-intrinsic-column", "the number that is stated", (put("/proof/value", "0"),)),
    "not-intrinsic-another-value": ("not-intrinsic-wide", "the number that is stated", (put("/proof/value", "1/3"),)),
}  # fmt: skip

MALFORMED: dict[str, Change] = {
    "intrinsic-somewhere": ("intrinsic-balanced", "/claim/where", (put("/claim/where", "everywhere"),)),
    "intrinsic-factor-twice": ("intrinsic-balanced", "/proof/blocks/0/factors", (put("/proof/blocks/0/factors/1", ["W2", 0]),)),
    "intrinsic-identity-missing": ("intrinsic-balanced", "identities", (drop("/proof/blocks/0/identities/5"),)),
    "intrinsic-identities-of-three-factors": ("intrinsic-deep-balanced", "identities", (put("/proof/blocks/0/identities", [[]]),)),
    "intrinsic-of-a-class": ("intrinsic-one-function", "/claim/activations", (put("/model/activations/square", {"class": "even"}),)),
    "intrinsic-of-a-named-function": ("intrinsic-one-function", "polynomials", (put("/model/activations/square", {"named": "cosh"}),)),
    "not-intrinsic-combination-too-short": ("not-intrinsic-square", "/proof/combination", (drop("/proof/combination/0"),)),
    "not-intrinsic-entry-of-no-output": ("not-intrinsic-square", "/proof/entry", (put("/proof/entry/0", 4),)),
    "scaling-weight-without-action": ("laws-linear", "weight 0", (put("/proof/law_proof/generators/0/nodes/0/1/1/1", "5"),)),
}

UNSUPPORTED: dict[str, Change] = {
    "intrinsic-by-simulation": ("intrinsic-balanced", "does not know the method", (put("/proof", {"method": "simulation"}),)),
    "not-intrinsic-by-simulation": ("not-intrinsic-square", "does not know the method", (put("/proof/method", "simulation"),)),
}
