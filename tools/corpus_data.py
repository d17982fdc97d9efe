"""The part of the corpus about data with a symmetry: how the valid certificates are made, and the wrong ones as changes of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from corpus_changes import ROWS, Change, Json, drop, insert, put, row

from simcert.groups.transformations import parse_symmetry
from simcert.invariance.data import data_invariance
from simcert.models.builder import Builder
from simcert.models.datasets import parse_data
from simcert.models.program import Program
from simcert.models.spec import load_model

ODD = {"x": [[1, 2], [-1, -2], ["1/2", -1], ["-1/2", 1]], "y": [3, -3, 1, -1]}
EVEN = {"x": ODD["x"], "y": [3, 3, 1, 1]}
CROSS = {"x": [[1, 0, 0], [0, 1, 0], [0, 0, 1], [-1, 0, 0], [0, -1, 0], [0, 0, -1]], "y": [2, 2, 2, 5, 5, 5], "weight": ["1/3"] * 3 + [7] * 3}
WEAK = {"x": [[1, 2, 3], [1, 2, -3], [1, -2, 3], [1, -2, -3]], "y": [4, 4, 4, 4]}
QUARTER = "rotate(0,1; 0,1,1)"
TURNED = {"x": [[1, 0], [0, 1], [-1, 0], [0, -1]], "y": [[1, 2], [-2, 1], [-1, -2], [2, -1]]}
CHANNELS = {"x": [[[1, 2, 5], [3, 4, 6]], [[3, 4, 6], [1, 2, 5]]], "y": [1, 1]}
TOKENS = {"x": [[[1, 2], [3, 4]], [[-1, 2], [-3, 4]]], "y": [[[1, 2], [3, 4]], [[-1, 2], [-3, 4]]]}


def closed(model: str | Program, symmetry: str, data: Any, units: str = "auto") -> Json:
    """What `simcert data` finds."""
    program = load_model(model)
    return data_invariance(program, parse_symmetry(program, symmetry), parse_data(program, data), units).certificate


def pair_input() -> Program:
    """F = a·σ(U x + V z), two inputs."""
    b = Builder("two-inputs:2,1-2-1")
    h = b.parameter("U", 2, 2) @ b.input("x", 2) + b.parameter("V", 2, 1) @ b.input("z", 1)
    return b.program(b.parameter("a", 1, 2) @ b.apply("generic", h))


VALID: dict[str, Callable[[], Json]] = {
    "data-odd-relu": lambda: closed("mlp:2-4-1:relu", "flip; eps = -1", ODD),
    "data-odd-relu-identity": lambda: closed("mlp:2-2-1:relu", "flip; eps = -1", ODD, "identity"),
    "data-odd-tanh-bias": lambda: closed("mlp:2-2-1:tanh:bias", "flip; eps = -1", ODD),
    "data-odd-deep-relu": lambda: closed("mlp:2-2-2-1:relu", "flip; eps = -1", ODD),
    "data-even-generic": lambda: closed("mlp:2-4-1:generic", "flip", EVEN, "1: (0 1)(2 3)"),
    "data-even-abs": lambda: closed("mlp:2-2-1:abs:bias", "flip", EVEN),
    "data-weak-coordinates": lambda: closed("mlp:3-2-1:relu", "flip(1) | flip(2)", WEAK),
    "data-weak-paired": lambda: closed("mlp:3-4-1:silu", "flip(1); units = 1: (0 1)(2 3) | flip(2)", WEAK),
    "data-cube-group": lambda: closed("mlp:3-3-1:softplus", "swap(0,1); units = 1: (0 1) | cycle(0,1,2); units = 1: (0 1 2)", CROSS),
    "data-rational-reflection": lambda: closed("mlp:2-2-1:gelu", "reflect(0,1; 7,24,25)", {"x": [[1, 0], ["7/25", "24/25"]], "y": [2, 2]}),
    "data-quarter-turn": lambda: closed("linear:2-2-2", f"{QUARTER}; eps = {QUARTER}; units = 1: (0 -1 -0)", TURNED),
    "data-tokens": lambda: closed("attention:2-1:tokens=2", "flip(0); eps = flip(0) | x.0 = 1", TOKENS),
    "data-channels": lambda: closed("conv1d:2-2-1:arctan:kernel=2:length=3", "T.0 = swap(0,1)", CHANNELS),
    "data-two-inputs": lambda: closed(pair_input(), "x = flip; z = -1", {"x": [[1, 2], [-1, -2]], "z": [[3], [-3]], "y": [1, 1]}, "pairs"),
}  # fmt: skip

CLAIM, GENERATOR = "/claim/data", "/claim/generators/0"
INVALID: dict[str, Change] = {
    "data-target-changed": ("data-odd-relu", "the image of example 0", (put(f"{CLAIM}/0/y/0/0", "-4"),)),
    "data-input-changed": ("data-odd-relu", "is no example", (put(f"{CLAIM}/0/x/x/1", "-3"),)),
    "data-example-missing": ("data-odd-relu", "is no example", (drop(f"{CLAIM}/3"),)),
    "data-example-added": ("data-odd-relu", "the image of example 4", (insert(f"{CLAIM}/4", {"weight": "1", "x": {"x": ["5", "5"]}, "y": [["1"]]}),)),
    "data-weights-differ": ("data-cube-group", "has the weight", (put(f"{CLAIM}/5/weight", "1/2"),)),
    "data-another-transformation": ("data-even-generic", "is no example", (put(f"{GENERATOR}/actions/0/signs", [1, -1]),)),
    "data-output-not-moved": ("data-odd-relu", "the image of example 0", (drop(f"{GENERATOR}/nodes/3"),)),
    "data-output-moved-too": (
        "data-weak-coordinates", "the image of example 0",
        (insert(f"{GENERATOR}/actions/1", {"permutation": [0], "signs": [-1]}), insert(f"{GENERATOR}/nodes/2", [5, [1]])),
    ),
    "data-parameters-do-not-follow": ("data-odd-relu", "node 2 (contract)", (put(f"{GENERATOR}/nodes/1/1", [1, -1]),)),
    "data-inner-node-missing": ("data-odd-relu", "the actions at node", (drop("/proof/nodes/0/0"),)),
    "data-without-parity": ("data-odd-tanh-bias", "(apply)", (put("/claim/activations/tanh", []),)),
    "data-subspace-too-large": ("data-weak-coordinates", "not the fixed space", (drop(f"{ROWS}/0"), put("/claim/subspace/dimension", 5))),
    "data-subspace-too-small": ("data-odd-tanh-bias", "not the fixed space", (insert(f"{ROWS}/0", row((0, "1"))), put("/claim/subspace/dimension", 5))),
    "data-predictor-changed": ("data-odd-relu", "the polynomial of the predictor", (put("/claim/predictor/0/0/0", "2"),)),
    "data-predictor-of-another-unit": ("data-odd-relu", "the polynomial of the predictor", (put("/claim/predictor/0/0/1", [2, 10]),)),
    "data-predictor-not-affine": ("data-even-abs", "the polynomial of the predictor", (put("/claim/predictor", [[["1", [8], []]]]),)),
    "data-flip-at-the-kink": (
        "data-even-abs", "could not be shown to be nonzero",
        (insert(f"{CLAIM}/2", {"weight": "1", "x": {"x": ["0", "0"]}, "y": [["1"]]}),),
    ),
}  # fmt: skip
MALFORMED: dict[str, Change] = {
    "data-none": ("data-odd-relu", "at least one example", (put(CLAIM, []),)),
    "data-twice": ("data-odd-relu", "the examples increase", (insert(f"{CLAIM}/0", {"weight": "1", "x": {"x": ["-1", "-2"]}, "y": [["-3"]]}),)),
    "data-not-sorted": ("data-two-inputs", "the examples increase", (insert(f"{CLAIM}/0", {"weight": "1", "x": {"x": ["1", "3"], "z": ["3"]}, "y": [["1"]]}),)),
    "data-weight-zero": ("data-odd-relu", "a weight is positive", (put(f"{CLAIM}/0/weight", "0"),)),
    "data-weight-negative": ("data-odd-relu", "a weight is positive", (put(f"{CLAIM}/0/weight", "-1"),)),
    "data-input-missing": ("data-two-inputs", "exactly the inputs", (drop(f"{CLAIM}/0/x/z"),)),
    "data-input-too-short": ("data-odd-relu", "list of 2 items", (drop(f"{CLAIM}/0/x/x/1"),)),
    "data-target-too-long": ("data-odd-relu", "list of 1 items", (insert(f"{CLAIM}/0/y/0/1", "2"),)),
    "data-float": ("data-odd-relu", "not an exact number", (put(f"{CLAIM}/0/y/0/0", 0.5),)),
    "data-inner-node-in-claim": ("data-odd-relu", "only parameters, inputs and outputs", (insert(f"{GENERATOR}/nodes/2", [2, [-1]]),)),
    "data-matrix-not-orthogonal": ("data-rational-reflection", "not orthogonal", (put(f"{GENERATOR}/actions/0/matrix/0/0", "8/25"),)),
    "data-predictor-too-short": ("data-quarter-turn", "one for each of the 2", (put("/claim/predictor", [[]]),)),
    "data-predictor-not-sorted": ("data-odd-relu", "index lists of a term", (put("/claim/predictor/0/0/1", [9, 2]),)),
    "data-predictor-term-twice": ("data-odd-relu", "none occurs twice", (insert("/claim/predictor/0/0", ["1", [2, 9], [0]]),)),
    "data-predictor-zero": ("data-odd-relu", "zero coefficient", (put("/claim/predictor/0/0/0", "0"),)),
    "data-predictor-unknown-input": ("data-odd-relu", "expected an integer", (put("/claim/predictor/0/0/2", [2]),)),
}  # fmt: skip
INCOMPLETE: dict[str, Change] = {"data-without-proof": ("data-odd-relu", "without a proof", (put("/proof", {"method": "none"}),))}
UNSUPPORTED: dict[str, Change] = {"data-by-congruence": ("data-odd-relu", "does not know the method", (put("/proof", {"method": "congruence"}),))}
