"""Certificates of reduced networks for the corpus: how the valid ones are made, and the wrong ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from corpus_changes import Change, drop, insert, put

from simcert.certificates import codec
from simcert.groups.quotient import quotient
from simcert.invariance.decide import read
from simcert.models.builder import Builder
from simcert.models.program import Program
from simcert.models.spec import load_model

Json = dict[str, Any]
SWAPPED = "swap(1: 0,1) * swap(2: 0,1)"
MAGIC = (
    "W1[0,:] = W1[1,:] = W1[2,:]; W3[:,0] = W3[:,1] = W3[:,2]; W2[0,0] + W2[0,1] + W2[0,2] = W2[1,0] + W2[1,1] + W2[1,2]; "
    "W2[0,0] + W2[0,1] + W2[0,2] = W2[2,0] + W2[2,1] + W2[2,2]; W2[0,0] + W2[1,0] + W2[2,0] = W2[0,1] + W2[1,1] + W2[2,1]; "
    "W2[0,0] + W2[1,0] + W2[2,0] = W2[0,2] + W2[1,2] + W2[2,2]"
)


def reduced(model: str | Program, text: str, method: str = "expansion") -> Json:
    """What `simcert quotient` finds, with the method named (an identity is stated in the place of an expansion)."""
    program = load_model(model)
    space, hints = read(program, text)
    data = quotient(program, space, hints=hints).data
    proof = data["proof"] if method == "expansion" else {"method": method, "invariance": data["proof"]["invariance"]}
    return codec.assemble(data["model"], data["claim"], proof, data["meta"])


def normalised() -> Program:
    """F = a·h/√(1 + |h|²), h = W x: the norm needs the sizes of the blocks."""
    b = Builder("rms:2-3-1")
    h = b.parameter("W", 3, 2) @ b.input("x", 2)
    scale = b.apply("rsqrt", b.contract("i,i->", h, h) + 1)
    return b.program(b.contract("i,i->", b.parameter("a", 3), h) * scale)


def gated() -> Program:
    """F = a·(tanh(U x)∘V x)."""
    b = Builder("gated:2-3-1")
    x = b.input("x", 2)
    return b.program(b.parameter("a", 3) @ (b.apply("tanh", b.parameter("U", 3, 2) @ x) * (b.parameter("V", 3, 2) @ x)))


def joined() -> Program:
    """F = A σ([W x; V x]), two blocks of hidden units put one after the other (scatter), σ odd."""
    b = Builder("blocks:2-2+2-1")
    x = b.input("x", 2)
    h = b.concatenate([b.parameter("W", 2, 2) @ x, b.parameter("V", 2, 2) @ x])
    return b.program(b.parameter("A", 1, 4) @ b.apply("odd", h))


VALID: dict[str, Callable[[], Json]] = {
    "quotient-tied-tanh": lambda: reduced("mlp:2-3-1:tanh", "tie(1: 0,1)"),
    "quotient-antitied-bias": lambda: reduced("mlp:1-3-2:tanh:bias", "tie(1: 0,-2)"),
    "quotient-dead-silu": lambda: reduced("mlp:2-3-1:silu", "dead(1: 0)"),
    "quotient-deep": lambda: reduced("mlp:2-4-4-1:generic", "tie(1: 0,1); tie(2: 1,2,3)"),
    "quotient-swapped": lambda: reduced("mlp:2-2-2-1:generic", SWAPPED),
    "quotient-magic": lambda: reduced("mlp:2-3-3-1:tanh", MAGIC),
    "quotient-zero-incoming": lambda: reduced("mlp:2-3-1:cos", "W1[0,:] = 0; W1[1,:] = 0"),
    "quotient-frozen-difference": lambda: reduced("mlp:2-3-1:cos", "W1[0,:] = 0; W1[1,:] = 0; W2[0,0] - W2[0,1] = 5"),
    "quotient-linear-turned": lambda: reduced("linear:2-2-1", "3*W1[0,:] = 4*W1[1,:]; 3*W2[:,0] = 4*W2[:,1]"),
    "quotient-balanced-linear": lambda: reduced("linear:1-1-1-1", "W1 = W2; W2 = W3"),
    "quotient-relu-turned": lambda: reduced("mlp:2-2-1:relu", "3*W1[0,:] = 4*W1[1,:]; 3*W2[:,0] = 4*W2[:,1]"),
    "quotient-stream": lambda: reduced("residual:2-3-1:generic:hidden=2", "tie(1: 0,1)"),
    "quotient-conv": lambda: reduced("conv1d:1-2-2-1:gelu:kernel=2:length=4", "tie(1: 0,1); tie(2: 0,1)"),
    "quotient-heads": lambda: reduced("attention:2-1-2:tokens=2", "tie(heads: 0,1)"),
    "quotient-attention-at-rest": lambda: reduced("attention:2-2:tokens=2", "Q = 0; K = 0"),
    "quotient-norm": lambda: reduced(normalised(), "W[0,:] = W[1,:]; a[0] = a[1]"),
    "quotient-gated": lambda: reduced(gated(), "tie(1: 0,2)"),
    "quotient-joined": lambda: reduced(joined(), "W[0,:] = -W[1,:]; A[0,0] = -A[0,1]"),
    "quotient-by-identity": lambda: reduced("mlp:2-2-1:tanh", "tie(1: 0,-1)", "identity"),
    "quotient-square-by-identity": lambda: reduced("mlp:1-2-1:square", "tie(1: 0,1)", "identity"),
}

RELATIONS, AXES, ROWS = "/proof/relations", "/proof/axes", "/claim/subspace/rows"
INVALID: dict[str, Change] = {
    "quotient-of-no-invariant-subspace": (
        "quotient-tied-tanh", "not the fixed space", (drop(f"{ROWS}/2"), put("/claim/subspace/dimension", 7)),
    ),
    "quotient-metric-wrong": ("quotient-tied-tanh", "metric of parameter 0", (put("/claim/metric/0", "1"),)),
    "quotient-map-not-a-direction": ("quotient-tied-tanh", "row 0 of the map is not a direction", (put("/claim/map/0/entries", [[0, "1"]]),)),
    "quotient-map-not-orthogonal": (
        "quotient-dead-silu", "not orthogonal", (put("/claim/map/0/entries", [[2, "1"], [3, "1"]]), put("/claim/metric/0", "2")),
    ),
    "quotient-map-scaled": (
        "quotient-tied-tanh", "node 1 (parameter)", (put("/claim/map/0/entries", [[0, "1"], [2, "1"]]), put("/claim/metric/0", "2")),
    ),
    "quotient-map-shifted": ("quotient-tied-tanh", "node 1 (parameter)", (put("/claim/map/0/constant", "1"),)),
    "quotient-without-parity": ("quotient-antitied-bias", "node 5 (apply)", (put("/claim/activations/tanh", []),)),
    "quotient-dead-without-the-fact": ("quotient-dead-silu", "node 3 (apply)", (put("/claim/activations/silu", []),)),
    "quotient-multiples-through-tanh": (
        "quotient-relu-turned", "node 3 (apply)", (put("/model/activations", {"relu": {"named": "tanh"}}),
        put("/claim/small/activations", {"relu": {"named": "tanh"}})),
    ),
    "quotient-of-another-function": (
        "quotient-deep", "node 3 (apply)", (put("/claim/small/nodes/3/order", 1),),
    ),
    "quotient-sums-not-formed": ("quotient-tied-tanh", "node 4 (parameter)", (put(f"{AXES}/1/mode", "copy"),)),
    "quotient-relation-missing": ("quotient-tied-tanh", "node 3 (apply)", (drop(f"{RELATIONS}/2"),)),
    "quotient-output-missing": ("quotient-tied-tanh", "output at node 5", (drop(f"{RELATIONS}/5"),)),
    "quotient-weights-wrong": ("quotient-norm", "node 2 (contract)", (put("/claim/small/nodes/3/values/0", "3"),)),
    "quotient-constant-wrong": ("quotient-frozen-difference", "(parameter)", (put(f"{ROWS}/2/constant", "9/2"),)),
    "quotient-nonzero-taken-for-zero": ("quotient-attention-at-rest", "node 1 (parameter)", (put(ROWS + "/0/constant", "1"),)),
    "quotient-identity-false": ("quotient-square-by-identity", "the normal forms", (put("/claim/map/1/constant", "1"),)),
    "quotient-invariance-by-another-proof": ("quotient-tied-tanh", "not the fixed space", (put("/proof/invariance/generators", []),)),
}  # fmt: skip
MALFORMED: dict[str, Change] = {
    "quotient-of-other-inputs": ("quotient-tied-tanh", "the inputs are not", (put("/claim/small/inputs/0/name", "y"), put("/claim/small/nodes/0/name", "y"))),
    "quotient-of-other-outputs": ("quotient-tied-tanh", "the outputs do not have", (put("/claim/small/outputs", [3]),)),
    "quotient-activation-redefined": ("quotient-tied-tanh", "is not that of the model", (put("/claim/small/activations/tanh", {"named": "sin"}),)),
    "quotient-metric-not-positive": ("quotient-tied-tanh", "positive", (put("/claim/metric/0", "-1/2"),)),
    "quotient-metric-too-short": ("quotient-tied-tanh", "list of 6 items", (drop("/claim/metric/0"),)),
    "quotient-map-row-empty": ("quotient-tied-tanh", "at least one", (put("/claim/map/0/entries", []),)),
    "quotient-axis-of-wrong-size": ("quotient-tied-tanh", "wrong size", (drop(f"{AXES}/0/rows/0"),)),
    "quotient-axis-mode": ("quotient-tied-tanh", "copy or sum", (put(f"{AXES}/0/mode", "mean"),)),
    "quotient-relations-not-increasing": ("quotient-tied-tanh", "do not increase", (insert(f"{RELATIONS}/0", [0, 0, [-1]]),)),
    "quotient-relation-too-short": ("quotient-tied-tanh", "one axis for each axis", (put(f"{RELATIONS}/1/2", [0]),)),
    "quotient-small-shape": ("quotient-tied-tanh", "/claim/small/nodes/2", (put("/claim/small/nodes/2/shape", [3]),)),
}  # fmt: skip
INCOMPLETE: dict[str, Change] = {"quotient-without-proof": ("quotient-tied-tanh", "without a proof", (put("/proof", {"method": "none"}),))}
UNSUPPORTED: dict[str, Change] = {
    "quotient-method-unknown": ("quotient-tied-tanh", "does not know the method", (put("/proof/method", "numerics"),)),
    "quotient-invariance-method-unknown": ("quotient-tied-tanh", "does not know the method", (put("/proof/invariance", {"method": "authority"}),)),
}
