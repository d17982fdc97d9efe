"""The part of the corpus about orbits, conservation laws and hulls: how the valid certificates are made, and the wrong ones as changes of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from corpus_changes import Change, Json, drop, put

from simcert.fields.orbits import METHODS, Point
from simcert.fields.uppers import orbit
from simcert.invariance.hull import hull
from simcert.laws.search import conservation_laws
from simcert.models.builder import Builder
from simcert.models.points import parse_point
from simcert.models.program import Program
from simcert.models.spec import load_model

TIED, MAGIC = [[1, 2], [1, 2], [7, 4]], {"W1": [[1, 2]] * 3, "W2": [[1, 5, 6], [6, 4, 2], [5, 3, 4]], "W3": [[3, 3, 3]]}
DEAD = {"W1": [[1], [2]], "b1": [1, 1], "W2": [[-1, -2]], "b2": [-1], "W3": [[1]], "b3": [1]}  # the second layer is off for all inputs
APART = {"W1": [[1], [2]], "b1": [1, 1], "W2": [[-1, -2], [3, 1]], "b2": [-1, 2], "W3": [[1, 2]], "b3": [1]}  # half of it is off, the other half on
ZEROS = {"W1": [[0, 0]] * 3, "W2": [[1, 2, 3]]}


def orbit_of(model: str, point: Any, methods: tuple[str, ...] = METHODS) -> Json:
    """The orbit of a point, bounded from below by one of the methods; the bounds must meet unless the file's name says otherwise."""
    program = load_model(model)
    return orbit(Point(program, parse_point(program, point)), methods=methods).certificate()


def laws_of(model: str, degree: int = 2) -> Json:
    return conservation_laws(load_model(model), degree).certificate


def softmax_layer() -> Program:
    """softmax(W2 relu(W1 x)) with 2 inputs, 3 hidden units and 3 outputs."""
    b = Builder("softmax")
    h = b.apply("relu", b.parameter("W1", 3, 2) @ b.input("x", 2))
    return b.program(b.softmax(b.parameter("W2", 3, 3) @ h))


def hull_of(model: str, point: Any) -> Json:
    program = load_model(model)
    found = hull(Point(program, parse_point(program, point)))
    if found.certificate is None:
        raise SystemExit(f"{model}: the hull is {found.reason}")
    return found.certificate


VALID: dict[str, Callable[[], Json]] = {
    "orbit-open-tanh": lambda: orbit_of("mlp:2-3-1:tanh", "generic"),
    "orbit-tied-generic": lambda: orbit_of("mlp:2-3-1:generic", {"W1": TIED, "W2": [[2, 2, 5]]}),
    "orbit-stalled-brackets": lambda: orbit_of("mlp:2-3-1:generic", {"W1": TIED, "W2": [[2, -2, 5]]}),
    "orbit-brackets-needed": lambda: orbit_of("mlp:2-3-1:generic", {"W1": TIED, "W2": [[2, 3, 5]]}),
    "orbit-all-zero-weights-tanh": lambda: orbit_of("mlp:2-3-1:tanh", ZEROS),
    "orbit-all-zero-weights-odd": lambda: orbit_of("mlp:2-3-1:odd", ZEROS),
    "orbit-fixed-point": lambda: orbit_of("mlp:2-3-1:tanh", {"W1": [[0, 0]] * 3, "W2": [[0, 0, 0]]}),
    "orbit-antitied-tanh": lambda: orbit_of("mlp:2-3-1:tanh", {"W1": [[1, 2], [-1, -2], [7, 4]], "W2": [[2, -2, 5]]}),
    "orbit-antitied-sigmoid": lambda: orbit_of("mlp:2-3-1:sigmoid", {"W1": [[1, 2], [-1, -2], [7, 4]], "W2": [[2, -2, 5]]}),
    "orbit-shear-tanh-bias": lambda: orbit_of("mlp:1-2-1:tanh:bias", {"W1": [["1/2"], ["-1/2"]], "b1": ["1/3", "-1/3"], "W2": [[2, -2]], "b2": [1]}),
    "orbit-shear-sigmoid-bias": lambda: orbit_of("mlp:1-2-1:sigmoid:bias", {"W1": [["1/2"], ["-1/2"]], "b1": ["1/3", "-1/3"], "W2": [[2, -2]], "b2": [1]}),
    "orbit-dead-silu": lambda: orbit_of("mlp:2-3-1:silu", {"W1": [[0, 0], [3, -5], [7, 4]], "W2": [[0, 3, 5]]}),
    "orbit-frozen-difference-cos": lambda: orbit_of("mlp:2-2-1:cos", {"W1": [[0, 0], [0, 0]], "W2": [[2, 3]]}),
    "orbit-gelu-by-balls": lambda: orbit_of("mlp:2-3-1:gelu", {"W1": [[1, 2]] * 3, "W2": [[2, 2, 2]]}),
    "orbit-magic": lambda: orbit_of("mlp:2-3-3-1:generic", MAGIC),
    "orbit-deep-tanh-from-zero": lambda: orbit_of("mlp:2-2-2-1:tanh", {"W1": [[0, 0]] * 2, "W2": [[1, 2], [4, -5]], "W3": [[1, 2]]}),
    "orbit-relu": lambda: orbit_of("mlp:2-3-1:relu", "generic"),
    "orbit-attention": lambda: orbit_of("attention:2-1", "generic"),
    "orbit-linear-rank-one": lambda: orbit_of("linear:2-2-2", {"W1": [[1, 2], [2, 4]], "W2": [[1, 2], [3, 6]]}),
    "orbit-one-field": lambda: orbit_of("linear:1-2-2-1", {"W1": [[1], [2]], "W2": [[1, 3], [-2, 5]], "W3": [[2, 7]]}),
    "orbit-pulled-back-odd": lambda: orbit_of("mlp:2-3-1:odd", ZEROS, ("pullback",)),
    "orbit-pulled-back-tanh": lambda: orbit_of("mlp:2-3-1:tanh", {"W1": TIED, "W2": [[2, -2, 5]]}, ("pullback",)),
    "orbit-bounds-apart": lambda: orbit_of("mlp:1-2-2-1:relu:bias", APART),
    "orbit-dead-relu": lambda: orbit_of("mlp:1-2-1-1:relu:bias", DEAD),
    "orbit-dead-relu-and-laws": lambda: orbit_of("mlp:2-3-1:relu:bias", {"W1": [[0, 0], [1, 2], [3, -1]], "b1": [-1, 1, 1], "W2": [[5, 1, 2]], "b2": [-1]}),
    "laws-linear": lambda: laws_of("linear:2-3-2"),
    "laws-deep-linear": lambda: laws_of("linear:2-2-3-2-2"),
    "laws-relu": lambda: laws_of("mlp:2-3-1:relu"),
    "laws-relu-bias": lambda: laws_of("mlp:3-2-2-2:relu:bias"),
    "laws-attention": lambda: laws_of("attention:2-2"),
    "laws-attention-heads": lambda: laws_of("attention:2-2-2"),
    "laws-relu-before-softmax": lambda: conservation_laws(softmax_layer()).certificate,
    "laws-cube": lambda: laws_of("mlp:2-2-1:cube:bias"),
    "laws-linear-activation": lambda: laws_of("mlp:2-2-1:poly(0,3)"),
    "laws-exp-bias": lambda: laws_of("mlp:1-2-1:exp:bias"),
    "laws-none-tanh": lambda: laws_of("mlp:2-3-1:tanh"),
    "laws-lora": lambda: laws_of("lora:3-4-2:tanh:rank=1"),
    "laws-residual": lambda: laws_of("residual:2-2-1:relu:blocks=1"),
    "laws-conv": lambda: laws_of("conv1d:1-2-2:relu:kernel=2:length=4"),
    "laws-perhaps-more": lambda: laws_of("linear:1-2-2-1"),
    "hull-tied-generic": lambda: hull_of("mlp:2-3-1:generic", {"W1": TIED, "W2": [[2, 2, 5]]}),
    "hull-antitied-tanh": lambda: hull_of("mlp:2-3-1:tanh", {"W1": [[1, 2], [-1, -2], [7, 4]], "W2": [[2, -2, 5]]}),
    "hull-magic": lambda: hull_of("mlp:2-3-3-1:generic", MAGIC),
    "hull-relu": lambda: hull_of("mlp:2-3-1:relu", {"W1": [[1, 2], [1, 2], [3, 4]], "W2": [[2, 2, 5]]}),
    "hull-gelu-by-balls": lambda: hull_of("mlp:2-3-1:gelu", {"W1": [[1, 2]] * 3, "W2": [[2, 2, 2]]}),
    "hull-fixed-point": lambda: hull_of("mlp:2-2-1:tanh", {"W1": [[0, 0], [0, 0]], "W2": [[0, 0]]}),
}

LOWER, UPPER = "/proof/lower", "/proof/upper"
INVALID: dict[str, Change] = {
    "orbit-claims-more-below": ("orbit-bounds-apart", "the proof shows the bounds", (put("/claim/lower", 9),)),
    "orbit-claims-less-above": ("orbit-bounds-apart", "the proof shows the bounds", (put("/claim/upper", 8),)),
    "orbit-words-wrong-determinant": ("orbit-open-tanh", "determinant", (put(f"{LOWER}/determinant", "12345"),)),
    "orbit-words-repeated": ("orbit-tied-generic", "not shown to be regular", (put(f"{LOWER}/words/1", [0]), put(f"{LOWER}/words/0", [0]))),
    "orbit-modulus-shares-a-factor": ("orbit-tied-generic", "not shown to be regular", (put(f"{LOWER}/numbers/modulus", "6"),)),
    "orbit-exponential-at-wrong-denominator": ("orbit-shear-tanh-bias", "not a multiple of 1/denominator", (put(f"{LOWER}/numbers/denominator", "1"),)),
    "orbit-curve-is-no-flow": ("orbit-all-zero-weights-odd", "differential equation", (put(f"{LOWER}/curve/1/0", "1"),)),
    "orbit-adjoint-is-no-solution": ("orbit-pulled-back-odd", "does not solve its differential equation", (put(f"{LOWER}/adjoint/2/0/1", "1"),)),
    "orbit-pulled-back-twice": ("orbit-pulled-back-odd", "not shown to be regular", (put(f"{LOWER}/vectors/1", [0, 0]), put(f"{LOWER}/vectors/0", [0, 0]))),
    "orbit-pulled-back-wrong-determinant": ("orbit-pulled-back-tanh", "determinant", (put(f"{LOWER}/determinant", "12345"),)),
    "orbit-unit-not-dead": ("orbit-dead-relu", "not shown to be frozen", (put("/claim/point/b2/0", "1"),)),
    "orbit-frozen-too-much": ("orbit-dead-relu", "not shown to be frozen", (put(f"{UPPER}/frozen/7", 8), put("/claim/upper", 1))),
    "orbit-of-another-point": ("orbit-magic", "determinant", (put("/claim/point/W2/0", "2"),)),
    "orbit-subspace-not-invariant": ("orbit-dead-silu", "normal form that is not 0", (put(f"{UPPER}/subspace/activations/silu", []),)),
    "orbit-law-not-conserved": ("orbit-relu", "not the one of its generator", (put(f"{UPPER}/laws/0/0/0", "-2"),)),
    "orbit-fields-not-parallel": ("orbit-one-field", "not shown to be different from 0", (put(f"{UPPER}/field/input/x/0", "0"),)),
    "orbit-intervals-of-one-word": ("orbit-gelu-by-balls", "not shown to be regular", (put(f"{LOWER}/words/1", [0]), put(f"{LOWER}/words/0", [0]))),
    "laws-wrong-sign": ("laws-linear", "not the one of its generator", (put("/claim/laws/0/0/0", "1"),)),
    "laws-generator-of-another-law": ("laws-relu", "not the one of its generator", (put("/proof/law_proof/generators/0/actions/0/0/2", "4"),)),
    "laws-of-another-head": ("laws-attention-heads", "not the one of its generator", (put("/proof/law_proof/generators/0/slice/index", 1),)),
    "laws-scaled-by-identity-parts": ("laws-relu-before-softmax", "normal form that is not 0", (put("/claim/laws/3/0/1", [0]),)),
    "laws-rank-too-large": ("laws-deep-linear", "number of columns", (put("/claim/rank", 10),)),
    "laws-not-complete": ("laws-perhaps-more", "only shown to be at least 0", (put("/claim/generic", 2),)),
    "laws-identity-does-not-hold": ("laws-exp-bias", "normal form that is not 0", (put("/claim/laws/0/0/0", "-3"),)),
    "laws-wrong-determinant": ("laws-attention", "determinant", (put("/proof/determinant", "7"),)),
    "hull-not-the-smallest": ("hull-tied-generic", "not shown to span", (drop("/proof/minimal/steps/5"),)),
    "hull-without-the-point": ("hull-magic", "does not lie in the subspace", (put("/claim/point/W3/0", "4"),)),
    "hull-not-invariant": ("hull-antitied-tanh", "node 3 (apply)", (put("/proof/activations/tanh", []),)),
}

MALFORMED: dict[str, Change] = {
    "orbit-word-of-unknown-field": ("orbit-tied-generic", "/proof/lower/words", (put(f"{LOWER}/words/0", [99]),)),
    "orbit-empty-word": ("orbit-tied-generic", "/proof/lower/words", (put(f"{LOWER}/words/0", []),)),
    "orbit-columns-not-increasing": ("orbit-tied-generic", "increasing", (put(f"{LOWER}/columns/1", 0),)),
    "orbit-power-beyond-the-curve": ("orbit-pulled-back-odd", "power of t below", (put(f"{LOWER}/vectors/0/1", 64),)),
    "orbit-adjoint-too-short": ("orbit-pulled-back-odd", "as many coefficients", (drop(f"{LOWER}/adjoint/0/0"),)),
    "orbit-minor-of-frozen-parameters": ("orbit-dead-relu-and-laws", "not frozen", (put(f"{UPPER}/columns/0", 0),)),
    "orbit-point-too-short": ("orbit-tied-generic", "/claim/point", (drop("/claim/point/W1/0"),)),
    "orbit-zero-coefficient": ("orbit-tied-generic", "/proof/lower/fields", (put(f"{LOWER}/fields/0/covector/0/2", "0"),)),
    "laws-minor-without-rows": ("laws-attention", "rows", (put("/proof/rows", []), put("/proof/determinant", "1"))),
    "orbit-minor-without-rows": ("orbit-relu", "rows", (put(f"{UPPER}/rows", []), put(f"{UPPER}/determinant", "1"))),
    "laws-slice-of-too-few-nodes": ("laws-attention-heads", "slice/axes", (drop("/proof/law_proof/generators/0/slice/axes/0"),)),
    "laws-parts-prove-too-few": ("laws-relu-before-softmax", "of 6 laws", (drop("/proof/law_proof/parts/1"),)),
    "laws-terms-out-of-order": ("laws-exp-bias", "/claim/laws", (put("/claim/laws/0/0/1", [9, 0]),)),
    "laws-constant-term": ("laws-exp-bias", "/claim/laws", (put("/claim/laws/0/0/1", []),)),
    "hull-step-with-too-many-numbers": ("hull-tied-generic", "/proof/minimal/steps", (put("/proof/minimal/steps/0/1", ["1"]),)),
}

UNSUPPORTED: dict[str, Change] = {
    "orbit-by-oracle": ("orbit-tied-generic", "does not know the method", (put(f"{LOWER}", {"method": "oracle"}),)),
}
