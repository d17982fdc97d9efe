"""Write `certificates/`: the gallery of valid certificates and the corpus of wrong ones that every checker must refuse.

`python tools/make_corpus.py` rewrites the folder byte for byte; with `--check` it only says what would change. The table `VALID` says how every valid
certificate is made; `corpus_changes.py` says how the wrong ones are made from them, which status a checker must give, and a word of its message.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import corpus_classification
import corpus_data
import corpus_intrinsic
import corpus_lattices
import corpus_orbits
import corpus_quotients
import gallery
from corpus_changes import GARBLED, INCOMPLETE, INVALID, MALFORMED, UNSUPPORTED

from simcert.certificates import codec, words
from simcert.certificates.claims import Certificate
from simcert.checker import check_text
from simcert.fields.gradients import Fields
from simcert.groups import symmetries
from simcert.groups.axes import index_spaces
from simcert.groups.generators import Generator, Matrix, Monomial, fixed_points, on_space
from simcert.groups.subspaces import Subspace
from simcert.invariance import witness
from simcert.invariance.decide import decide, read
from simcert.models.activations import CLASSES
from simcert.models.builder import Builder
from simcert.models.program import Program
from simcert.models.spec import load_model

Json = dict[str, Any]
FOLDER = Path(__file__).resolve().parent.parent / "certificates"
FOLDERS = {"verified": "valid", "invalid": "invalid", "malformed": "malformed", "incomplete": "incomplete", "unsupported": "unsupported"}
LARGEST = 60_000
ATTRIBUTES = b"* -text\n"  # some files end with a carriage return, and all are compared byte for byte


@dataclass(frozen=True, slots=True)
class Item:
    """One file: its name without suffix, its bytes, the status that a checker gives it and a word of the message."""

    name: str
    data: bytes
    status: str
    word: str

    @property
    def path(self) -> str:
        return f"{FOLDERS[self.status]}/{self.name}.json"


# Networks that have no shorthand.


def normalised() -> Program:
    """F = a·h/√(1 + |h|²), h = W x."""
    b = Builder("rms:2-2-1")
    h = b.parameter("W", 2, 2) @ b.input("x", 2)
    scale = b.apply("rsqrt", b.contract("i,i->", h, h) + 1)
    return b.program(b.contract("i,i->", b.parameter("a", 2), h) * scale)


def fraction() -> Program:
    """F = a·h/(1 + Σ u_i h_i²), h = W x: a rational function."""
    b = Builder("rational:2-2-1")
    h = b.parameter("W", 2, 2) @ b.input("x", 2)
    below = b.contract("i,i->", b.parameter("u", 2), b.apply("square", h)) + 1
    return b.program(b.contract("i,i->", b.parameter("a", 2), h) * b.apply("reciprocal", below))


def mixed() -> Program:
    """F = a·tanh(W x) + c·relu(V x): two activations in one network."""
    b = Builder("mixed:2-2+2-1")
    x = b.input("x", 2)
    smooth = b.parameter("a", 1, 2) @ b.apply("tanh", b.parameter("W", 2, 2) @ x)
    return b.program(smooth + b.parameter("c", 1, 2) @ b.apply("relu", b.parameter("V", 2, 2) @ x))


def doubled() -> Program:
    """F = A σ([W x; V x]), two blocks of hidden units put one after the other (scatter), σ odd."""
    b = Builder("blocks:2-2+2-1")
    x = b.input("x", 2)
    h = b.concatenate([b.parameter("W", 2, 2) @ x, b.parameter("V", 2, 2) @ x])
    return b.program(b.parameter("A", 1, 4) @ b.apply("odd", h))


def shared() -> Program:
    """F_1 = a·σ(W x), F_2 = b·τ(W x): two outputs of different shapes over one layer, σ generic and τ flat."""
    b = Builder("shared:2-2-1,2")
    h = b.parameter("W", 2, 2) @ b.input("x", 2)
    first, second = b.contract("i,i->", b.parameter("a", 2), b.apply("generic", h)), b.parameter("b", 2, 2) @ b.apply("flat", h)
    return b.program([first, second])


def joined_swap() -> Generator:
    """Units 0 and 1 of the first block of `doubled` change places, with a sign: on the joined layer through both scatters."""
    swap, longer = Monomial((1, 0), (-1, -1)), Monomial((1, 0, 2, 3), (-1, -1, 1, 1))
    return Generator((swap, longer), ((1, (0, -1)), (2, (0,)), (5, (1,)), (6, (1,)), (7, (1,)), (8, (-1, 1)), (9, (1,))))


# How valid certificates are made. Each function takes a model (a shorthand or a program) and equations, and returns the certificate object.


def question(model: str | Program, text: str) -> tuple[Program, Subspace, list[Generator]]:
    program = load_model(model)
    return program, *read(program, text)


def finished(program: Program, claim: Json, proof: Json) -> Json:
    return codec.assemble(program.to_json(), claim, proof, {"created_by": "simcert", "seed": "0", "title": program.title})


def decided(model: str | Program, text: str, method: str) -> Json:
    """What `simcert prove` finds; the method must be the one named."""
    program, space, hints = question(model, text)
    found = decide(program, space, hints=hints)
    if found.method != method or found.certificate is None:
        raise SystemExit(f"{program.title}, {text}: decided by {found.method}, not by {method}")
    return finished(program, found.certificate["claim"], found.certificate["proof"])


def stated(model: str | Program, text: str, method: str, meaning: Any) -> Json:
    """Invariance by congruence or identity, with one meaning for all activations or an object of meanings."""
    program, space, _ = question(model, text)
    about = meaning if isinstance(meaning, dict) else dict.fromkeys(program.activations, meaning)
    return finished(program, {"kind": "invariant", "activations": about, "subspace": space.to_json()}, {"method": method})


def symmetric(model: str | Program, generators: Sequence[Generator]) -> Json:
    """Invariance of the fixed space of generators."""
    program = load_model(model)
    claim = {"kind": "invariant", "activations": symmetries.assumed(program, generators), "subspace": fixed_points(program, generators).to_json()}
    return finished(program, claim, {"method": "symmetry", "generators": [g.to_json() for g in generators]})


def hinted(model: str | Program, text: str) -> Json:
    """Invariance of the fixed space of the generators that swaps name, by symmetry."""
    program, _, hints = question(model, text)
    return symmetric(program, hints)


def witnessed(model: str | Program, text: str, method: str, modulus: int = 0) -> Json:
    """Non-invariance with a witness of this method, whatever `simcert prove` would choose."""
    program, space, _ = question(model, text)
    rng, fields = random.Random(0), Fields(program)
    problem = witness.class_problem(fields, space, 5, rng, exhibit=True)
    if method in ("rational", "residue"):
        proof = witness.violation(problem, rng)
    else:
        proof = {"exponential": witness.exponential, "series": witness.series, "ball": witness.ball}[method](problem, rng)
    if proof is None:
        raise SystemExit(f"{program.title}, {text}: no {method} witness found")
    if method == "residue":
        q = Fraction(proof["value"])
        proof |= {"method": "residue", "modulus": str(modulus), "value": str(q.numerator * pow(q.denominator, -1, modulus) % modulus)}
    about = {name: "itself" if a.cls is None else list(CLASSES[a.cls]) for name, a in program.activations.items()}
    return finished(program, {"kind": "not-invariant", "activations": about, "subspace": space.to_json()}, proof)


def group(model: str | Program) -> Json:
    """The symmetries of a model."""
    program = load_model(model)
    found = symmetries.derive(program).certificate()
    return finished(program, found["claim"], found["proof"])


def fixed(model: str | Program, text: str) -> Json:
    """The fixed space of swaps."""
    program = load_model(model)
    found = symmetries.fixed_space(program, text)
    return finished(program, found["claim"], found["proof"])


def reflected(model: str) -> Json:
    """The fixed space of a rational reflection of the first index space."""
    program = load_model(model)
    reflection = Matrix(((Fraction(7, 25), Fraction(24, 25)), (Fraction(24, 25), Fraction(-7, 25))))
    g = on_space(program, index_spaces(program)[0], reflection)
    found = symmetric(program, [g])
    claim = found["claim"] | {"kind": "fixed-space", "generators": [{"actions": [reflection.to_json()], "nodes": g.part(program, leaves=True)}]}
    return finished(program, claim, {"method": "equivariance", "nodes": [g.part(program, leaves=False)]})


MAGIC = (
    "W1[0,:] = W1[1,:]; W1[0,:] = W1[2,:]; W2[0,0] + W2[0,1] + W2[0,2] = W2[1,0] + W2[1,1] + W2[1,2]; "
    "W2[0,0] + W2[0,1] + W2[0,2] = W2[2,0] + W2[2,1] + W2[2,2]; W3[0,0] = W3[0,1]; W3[0,0] = W3[0,2]"
)
COLUMNS = "; W2[0,0] + W2[1,0] + W2[2,0] = W2[0,1] + W2[1,1] + W2[2,1]; W2[0,0] + W2[1,0] + W2[2,0] = W2[0,2] + W2[1,2] + W2[2,2]"
SWAPPED = "W1[0,:] = W1[1,:]; W2[0,0] = W2[1,1]; W2[0,1] = W2[1,0]; W3[0,0] = W3[0,1]"
ROTATED = "3*W1[0,:] = 4*W1[1,:]; 3*W2[:,0] = 4*W2[:,1]"
TIED_FRACTION = "W[0,:] = W[1,:]; a[0] = a[1]; u[0] = u[1]"
FIRST = "W1[0,:] = W1[1,:]"
PRIME = 2**61 - 1

VALID: dict[str, Callable[[], Json]] = {
    # invariant by symmetry: permutations, signs, matrices, heads
    "tie-tanh": lambda: decided("mlp:2-3-1:tanh", "tie(1: 0,1)", "symmetry"),
    "antitie-tanh": lambda: decided("mlp:2-3-1:tanh", "tie(1: 0,-1)", "symmetry"),
    "dead-tanh": lambda: decided("mlp:2-3-1:tanh", "dead(1: 0)", "symmetry"),
    "zero-incoming-cos": lambda: decided("mlp:2-3-1:cos", "W1[0,:] = 0", "symmetry"),
    "tie-relu": lambda: decided("mlp:2-3-1:relu", "tie(1: 0,1)", "symmetry"),
    "tie-deep-generic": lambda: decided("mlp:4-8-8-1:generic", "tie(1: 0,1); tie(2: 3,4,5)", "symmetry"),
    "swap-both-layers-by-symmetry": lambda: hinted("mlp:2-2-2-1:generic", "swap(1: 0,1) * swap(2: 0,1)"),
    "rank-reduced-linear": lambda: decided("linear:3-2-3", "W1[0,:] = 0; W2[:,0] = 0", "symmetry"),
    "linear-rotated": lambda: decided("linear:3-2-3", ROTATED, "symmetry"),
    "rotated-through-linear": lambda: decided("mlp:2-2-1:linear", ROTATED, "symmetry"),
    "tie-softplus-bias": lambda: decided("mlp:2-3-2:softplus:bias", "tie(1: 0,2)", "symmetry"),
    "tie-three-layers-sin": lambda: decided("mlp:1-2-2-2-1:sin", "tie(1: 0,-1); tie(2: 0,1); tie(3: 0,-1)", "symmetry"),
    "antitie-cube-bias": lambda: decided("mlp:2-2-1:cube:bias", "tie(1: 0,-1)", "symmetry"),
    "mirrored-abs": lambda: decided("mlp:2-3-1:abs", "W1[0,:] = -W1[1,:]; W2[:,0] = W2[:,1]", "symmetry"),
    "mirrored-even": lambda: decided("mlp:2-2-2:even", "W1[0,:] = -W1[1,:]; W2[:,0] = W2[:,1]", "symmetry"),
    "tie-residual-stream": lambda: decided("residual:2-3-1:generic:blocks=2:hidden=2", "tie(1: 0,1)", "symmetry"),
    "antitie-residual-hidden-bias": lambda: decided("residual:2-2-1:erf:hidden=3:bias", "tie(2: 0,-1)", "symmetry"),
    "tie-conv-channels": lambda: decided("conv1d:1-2-2-1:gelu:kernel=2:length=4", "tie(1: 0,1); tie(2: 0,1)", "symmetry"),
    "dead-conv-channel": lambda: decided("conv1d:2-2-1:arctan:kernel=2:length=3:bias", "dead(1: 1)", "symmetry"),
    "tie-heads": lambda: decided("attention:2-1-2:tokens=2", "tie(heads: 0,1)", "symmetry"),
    "rotated-attention-head": lambda: decided(
        "attention:2-2:tokens=2", "3*Q[0,:] = 4*Q[1,:]; 3*K[0,:] = 4*K[1,:]; 3*V[0,:] = 4*V[1,:]; 3*O[0,:] = 4*O[1,:]", "symmetry"
    ),
    "tie-lora-components": lambda: decided("lora:2-3-2:silu:rank=2", "tie(1: 0,1)", "symmetry"),
    "tie-joined-blocks": lambda: symmetric(doubled(), [joined_swap()]),
    # invariant by congruence
    "dead-silu": lambda: decided("mlp:2-3-1:silu", "dead(1: 0)", "congruence"),
    "swap-both-layers": lambda: decided("mlp:2-2-2-1:generic", SWAPPED, "congruence"),
    "magic": lambda: decided("mlp:2-3-3-1:generic", MAGIC + COLUMNS, "congruence"),
    "magic-frozen": lambda: decided("mlp:2-3-3-1:tanh", MAGIC + COLUMNS + "; W2[0,0] - W2[0,1] - W2[1,0] + W2[1,1] = 5/3", "congruence"),
    "frozen-output-logcosh": lambda: decided("mlp:2-2-1:logcosh", "W1[0,:] = 0; W2[0,0] = 7/2", "congruence"),
    "dead-expm1-deep": lambda: decided("mlp:2-2-2-1:expm1:bias", "W1[0,:] = 0; b1[0] = 0; W2[:,0] = 0", "congruence"),
    "dead-generic0-residual": lambda: decided("residual:2-2-1:generic0", "A1 = 0; B1 = 0", "congruence"),
    "flat-incoming": lambda: decided("mlp:2-2-2:flat", "W1[0,:] = 0", "congruence"),
    "relu-rotated": lambda: decided("mlp:3-2-3:relu", ROTATED, "congruence"),
    "dead-leaky-conv": lambda: stated("conv1d:1-2-1:leaky_relu:kernel=2:length=3", "dead(1: 0)", "congruence", "itself"),
    "attention-without-scores": lambda: stated("attention:2-2:tokens=2", "Q = 0; K = 0", "congruence", []),
    "lora-at-rest": lambda: stated("lora:2-2-1:gaussian:rank=1", "A1 = 0; B1 = 0; A2 = 0; B2 = 0", "congruence", []),
    "one-layer-relu-for-two": lambda: stated(mixed(), "W[0,:] = W[1,:]; a[0,0] = a[0,1]; V[0,:] = 0; c[0,0] = 0", "congruence", {"tanh": [], "relu": "itself"}),
    # invariant by identity
    "one-number-linear": lambda: stated("linear:1-1-1-1", "W1 = W2; W2 = W3", "identity", []),
    "balanced-linear": lambda: stated("linear:1-3-1", "W1[0,0] = W2[0,0]; W1[1,0] = W2[0,1]; W1[2,0] = W2[0,2]", "identity", []),
    "relu-rotated-by-identity": lambda: stated("mlp:3-2-3:relu", ROTATED, "identity", "itself"),
    "tie-square-by-identity": lambda: stated("mlp:2-2-1:square", "tie(1: 0,1)", "identity", "itself"),
    "mirrored-cube-by-identity": lambda: stated("mlp:2-2-1:poly(0,1,0,-1/3)", "tie(1: 0,-1)", "identity", "itself"),
    "dead-silu-by-identity": lambda: stated("mlp:2-2-1:silu", "dead(1: 1)", "identity", ["zero"]),
    "antitie-odd-by-identity": lambda: stated("residual:1-1-1:odd:hidden=2", "tie(2: 0,-1)", "identity", ["odd"]),
    "rational-function-by-identity": lambda: stated(fraction(), TIED_FRACTION, "identity", {"square": "itself", "reciprocal": []}),
    # not invariant: one witness of every method
    "magic-without-columns": lambda: decided("mlp:2-3-3-1:generic", MAGIC, "rational"),
    "rows-only-odd": lambda: witnessed("mlp:2-2-1:odd", FIRST, "rational"),
    "antitie-of-no-parity": lambda: witnessed("mlp:2-2-1:poly(1/2,1,1/3)", "tie(1: 0,-1)", "rational"),
    "incoming-relu": lambda: decided("mlp:2-2-1:relu", FIRST, "rational"),
    "affine-linear": lambda: decided("linear:2-2-1", "W1[0,0] + 2 W2[0,1] = 1/2", "rational"),
    "channel-rows-only": lambda: witnessed("conv1d:1-2-1:leaky_relu:kernel=2:length=3:bias", "C1[0,:,:] = C1[1,:,:]", "rational"),
    "rational-function": lambda: decided(fraction(), "W[0,:] = W[1,:]; a[0] = a[1]", "rational"),
    "two-outputs": lambda: witnessed(shared(), "W[0,:] = W[1,:]; a[0] = a[1]", "rational"),
    "rows-only-square-residue": lambda: witnessed("mlp:2-2-1:square", FIRST, "residue", PRIME),
    "rational-function-residue": lambda: witnessed(fraction(), "W[0,:] = W[1,:]; a[0] = a[1]", "residue", 10007),
    "stream-residue-even": lambda: witnessed("residual:2-2-1:even", "E[0,:] = E[1,:]; R[0,0] = R[0,1]", "residue", 35 * 10007),
    "antitie-sigmoid": lambda: decided("mlp:2-3-1:sigmoid", "tie(1: 0,-1)", "exponential"),
    "dead-sigmoid": lambda: decided("mlp:2-3-1:sigmoid", "dead(1: 0)", "exponential"),
    "rows-only": lambda: decided("mlp:2-3-1:tanh", FIRST, "exponential"),
    "zero-incoming-tanh": lambda: decided("mlp:2-3-1:tanh", "W1[0,:] = 0", "exponential"),
    "antitie-silu": lambda: decided("mlp:2-2-1:silu:bias", "tie(1: 0,-1)", "exponential"),
    "rows-only-sin": lambda: decided("mlp:2-2-1:sin", FIRST, "exponential"),
    "half-angle-cos": lambda: decided("mlp:1-2-1:cos:bias", "W1[0,0] = 1/2; b1[0] = 1/3", "exponential"),
    "dead-exp": lambda: decided("mlp:2-2-1:exp", "dead(1: 0)", "exponential"),
    "antitie-expm1": lambda: decided("mlp:2-2-1:expm1", "tie(1: 0,-1)", "exponential"),
    "outgoing-sinh": lambda: decided("mlp:2-2-1:sinh", "W2[0,0] = W2[0,1]", "exponential"),
    "antitie-cosh": lambda: decided("mlp:2-2-1:cosh", "tie(1: 0,-1)", "exponential"),
    "scaled-gaussian": lambda: decided("mlp:1-2-1:gaussian", "2*W1[0,:] = W1[1,:]", "exponential"),
    "attention-queries-only": lambda: decided("attention:2-2:tokens=2", "Q[0,:] = Q[1,:]", "exponential"),
    "attention-one-head-of-two": lambda: decided("attention:1-1-2:tokens=2", "Q1 = Q2; K1 = K2", "exponential"),
    "lora-down-only": lambda: decided("lora:2-2-1:tanh:rank=2", "A1[0,:] = A1[1,:]", "exponential"),
    "deep-tanh": lambda: decided("mlp:2-2-2-1:tanh", "W2[0,:] = W2[1,:]", "series"),
    "rows-only-gelu": lambda: decided("mlp:2-2-1:gelu", FIRST, "series"),
    "antitie-softplus": lambda: decided("mlp:2-2-1:softplus", "tie(1: 0,-1)", "series"),
    "rows-only-erf": lambda: decided("mlp:1-2-1:erf:bias", "W1[0,:] = W1[1,:]; b1[0] = b1[1]", "series"),
    "rows-only-arctan": lambda: decided("mlp:2-2-1:arctan", FIRST, "series"),
    "dead-incoming-logcosh-bias": lambda: decided("mlp:1-2-1:logcosh:bias", "W1[0,:] = 0", "series"),
    "attention-series": lambda: witnessed("attention:2-1:tokens=2", "Q = 0", "series"),
    "deep-sin-bias": lambda: decided("mlp:1-2-2-1:sin:bias", "W2[0,:] = W2[1,:]", "series"),
    "rms-norm": lambda: decided(normalised(), "W[0,:] = W[1,:]", "ball"),
    "deep-softplus": lambda: witnessed("mlp:2-2-2-1:softplus", FIRST, "ball"),
    "deep-gelu-conv": lambda: witnessed("conv1d:1-2-2-1:gelu:kernel=2:length=4", "C2[0,:,:] = C2[1,:,:]", "ball"),
    "deep-erf": lambda: witnessed("mlp:1-2-2-1:erf", "W2[0,:] = W2[1,:]", "ball"),
    "deep-arctan-bias": lambda: witnessed("mlp:1-2-2-1:arctan:bias", "b2[0] = 1/4", "ball"),
    "two-activations": lambda: witnessed(mixed(), "W[0,:] = W[1,:]", "ball"),
    # symmetries and fixed spaces
    "symmetries-tanh": lambda: group("mlp:2-3-1:tanh"),
    "symmetries-relu-deep": lambda: group("mlp:2-3-2-1:relu:bias"),
    "symmetries-even": lambda: group("mlp:1-2-2:even"),
    "symmetries-linear": lambda: group("linear:2-3-2-2"),
    "symmetries-residual": lambda: group("residual:2-3-1:sin:blocks=2"),
    "symmetries-conv": lambda: group("conv1d:1-3-2-1:silu:kernel=2:length=4"),
    "symmetries-attention": lambda: group("attention:2-2:tokens=2"),
    "symmetries-heads": lambda: group("attention:2-2-2:tokens=2"),
    "symmetries-lora": lambda: group("lora:2-3-2:tanh:rank=2"),
    "fixed-swap": lambda: fixed("mlp:2-3-1:tanh", "swap(1: 0,1)"),
    "fixed-signed-swap": lambda: fixed("mlp:2-3-1:odd", "swap(1: 0,-1); swap(1: 1,2)"),
    "fixed-both-layers": lambda: fixed("mlp:2-2-2-1:generic:bias", "swap(1: 0,1) * swap(2: 0,1)"),
    "fixed-heads": lambda: fixed("attention:2-1-2:tokens=2", "swap(heads: 0,1)"),
    "fixed-stream": lambda: fixed("residual:2-2-1:gelu", "swap(1: 0,1)"),
    "fixed-reflection": lambda: reflected("linear:2-2-2"),
    **corpus_orbits.VALID,
    **corpus_lattices.VALID,
    **corpus_quotients.VALID,
    **corpus_classification.VALID,
    **corpus_intrinsic.VALID,
    **corpus_data.VALID,
}  # fmt: skip


# The folder.


@cache
def valid(name: str) -> str:
    """The canonical text of a valid certificate."""
    return codec.canonical(VALID[name]())


def text_of(data: Any) -> str:
    """The text of a JSON value that need not be a certificate: as canonical as JSON can be."""
    return json.dumps(data, sort_keys=True, separators=(",", ":")) + "\n"


def items() -> Iterator[Item]:
    """All files with what a checker must say of them."""
    for name in VALID:
        yield Item(name, valid(name).encode("ascii"), "verified", "the proof is valid")
    parts = (corpus_orbits, corpus_lattices, corpus_quotients, corpus_classification, corpus_intrinsic, corpus_data)
    tables = (
        ("invalid", [INVALID, *(part.INVALID for part in parts)]),
        ("malformed", [MALFORMED, *(part.MALFORMED for part in parts)]),
        ("incomplete", [INCOMPLETE, corpus_quotients.INCOMPLETE, corpus_data.INCOMPLETE]),
        ("unsupported", [UNSUPPORTED, *(part.UNSUPPORTED for part in parts)]),
    )
    for status, listed in tables:
        for name, (base, word, edits) in (change for table in listed for change in table.items()):
            data = json.loads(valid(base))
            for edit in edits:
                edit(data)
            yield Item(name, text_of(data).encode("ascii"), status, word)
    for name, (base, word, change) in GARBLED.items():
        yield Item(name, change(valid(base).encode("ascii")), "malformed", word)


WHERE = {"level": "on the level of a point", "near": "on the level, near a point", "orbit": "on the orbit, near a point"}


def theorem(data: Json) -> str:
    """What a certificate states, in a few words."""
    certificate = Certificate(data)
    space = f"`{words.cut(certificate.equations, shown=4)}`" if "subspace" in certificate.claim else ""
    count = len(certificate.claim.get("generators", []))
    about = [meaning(name, certificate.model["activations"][name], meant) for name, meant in sorted(certificate.claim["activations"].items())]
    if certificate.kind in words.NEGATIVE:
        about = [text.replace("any ", "generic ") for text in about]
    statement = {
        "invariant": f"{space} is invariant",
        "not-invariant": f"{space} is not invariant",
        "symmetry": f"{count} orthogonal map{'s' if count > 1 else ''} g of parameter space with F(gθ) = F(θ)",
        "fixed-space": f"{space} is the fixed space of {count} symmetr{'ies' if count > 1 else 'y'}",
        "quotient": f"on {space} the network is one with {len(certificate.claim.get('metric', []))} parameters, and a metric",
        "data-invariant": f"{space or 'the whole space'} is invariant for {len(certificate.claim.get('data', []))} examples with a symmetry"
        + (", and the network is affine in x there" * bool(certificate.claim.get("predictor"))),
        "hull": f"{space} is the smallest invariant affine subspace through a point",
        "orbit-dimension": f"the orbit of a point has dimension {_range(certificate.claim)} of {certificate.parameters}",
        "conservation-laws": f"{certificate.claim.get('rank')} independent conserved polynomials"
        + (", and no others" * (certificate.claim.get("generic", -1) >= 0)),
        "lattice": _hierarchy(certificate.claim),
        "classification": f"{_orbits(certificate.claim)}",
        "intrinsic": f"G = ∂φ∂φᵀ is a function of φ {WHERE.get(certificate.claim.get('where', ''), '')}",
        "not-intrinsic": "G = ∂φ∂φᵀ is no differentiable function of φ on the orbit of a point",
    }[certificate.kind]
    return statement + (f" ({'; '.join(about)})" if about else "")


def _hierarchy(claim: Json) -> str:
    nodes, beyond, edges = (len(claim.get(key, [])) for key in ("nodes", "beyond", "edges"))
    classes = "classes of " if claim.get("up_to") == "conjugacy" else ""
    return f"{nodes} {classes}invariant subspaces by symmetry" + (f" and {beyond} beyond" if beyond else "") + f", with {edges} covering relations"


def _orbits(claim: Json) -> str:
    number = "infinitely many" if claim.get("total") == -1 else claim.get("total")
    return f"the orbits are {number}, {'' if claim.get('symmetry_induced') == 'yes' else 'not '}all induced by symmetry"


def _range(claim: Json) -> str:
    low, high = claim.get("lower"), claim.get("upper")
    return str(low) if low == high else f"between {low} and {high}"


def meaning(name: str, definition: Json, meant: Any) -> str:
    """Which functions the theorem is about in the place of one activation."""
    if meant == "itself":
        return f"{name} itself"
    known = {"odd": "odd", "even": "even"}
    values = [{"zero": "σ(0) = 0", "flat": "σ'(0) = 0"}[fact] for fact in meant if fact not in known]
    adjectives = "".join(f"{known[fact]} " for fact in meant if fact in known)
    function = f"any {adjectives}σ" + (f" with {' and '.join(values)}" if values else "")
    return function if "class" in definition else f"{function} for {name}"


HEAD = """\
# Certificates

Every file below `valid/` states one theorem about one network and proves it; `docs/format.md` says how to read it. The other folders hold what a checker
must refuse. All of it is made by `python tools/make_corpus.py`, which rewrites the folder byte for byte (`--check` only compares), and every checker that
is shipped runs on all of it in the tests.

| folder | files | what a checker says | exit code |
|---|---|---|---|
| `valid/` | {valid} | verified: the theorem holds | 0 |
| `invalid/` | {invalid} | invalid: the proof does not prove the claim; the file's name says which rule is broken | 1 |
| `malformed/` | {malformed} | malformed: these bytes are not a certificate in canonical form | 3 |
| `incomplete/` | {incomplete} | incomplete: a claim without proof | 4 |
| `unsupported/` | {unsupported} | unsupported: a kind, a method or a version that no checker knows | 4 |

Check them: `simcert verify certificates/valid/*.json`, or without simcert `python checker.pyz certificates/valid/*.json` (`make checker.pyz` builds it).
`simcert explain FILE` says what a file states, in full; the tables below say it in a few words.
"""


def readme(found: Sequence[Item]) -> str:
    """`README.md`, with one line for every valid file."""
    counts = {folder: sum(FOLDERS[item.status] == folder for item in found) for folder in FOLDERS.values()}
    items = {item.name: item for item in found if item.status == "verified"}
    out = [HEAD.format(**counts)]
    for section, names in gallery.arranged(items):
        out.append(f"\n## {section.title}\n\n{section.text}\n\n| file | network | theorem | proof |\n|---|---|---|---|\n")
        for name in names:
            data = json.loads(items[name].data)
            cells = (f"[{name}]({items[name].path})", f"`{data['meta']['title']}`", theorem(data), data["proof"]["method"])
            out.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |\n")
    return "".join(out)


def contents() -> dict[str, bytes]:
    """Every file of the folder by its path; raises `SystemExit` where a checker does not say of one what the tables say."""
    found = list(items())
    out = {item.path: item.data for item in found}
    if len(out) != len(found):
        raise SystemExit("two files have the same name")
    for item in found:
        result = check_text(item.data)
        if result.status != item.status or item.word not in result.message or len(item.data) > LARGEST:
            raise SystemExit(f"{item.path}: {result.status}: {result.message} (expected {item.status}: {item.word}; {len(item.data)} bytes)")
    return out | {"README.md": readme(found).encode(), ".gitattributes": ATTRIBUTES}


def differences(folder: Path = FOLDER) -> list[str]:
    """The paths at which the folder is not what `contents` says."""
    wanted = contents()
    there = {str(path.relative_to(folder).as_posix()): path.read_bytes() for path in folder.rglob("*") if path.is_file()} if folder.is_dir() else {}
    return sorted(path for path in {*wanted, *there} if wanted.get(path) != there.get(path))


def write(folder: Path = FOLDER) -> list[str]:
    """Make the folder what `contents` says; returns the paths that changed."""
    wanted, changed = contents(), differences(folder)
    for path in changed:
        target = folder / path
        if path in wanted:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(wanted[path])
        else:
            target.unlink()
    return changed


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the folder, or say what differs."""
    parser = argparse.ArgumentParser(description="Write certificates/, the gallery and the corpus.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit code 1 if anything would change")
    check = parser.parse_args(arguments).check
    changed = differences() if check else write()
    for path in changed:
        print(f"{path}: {'differs' if check else 'written'}")
    print(f"{len(changed)} of {len(contents())} files {'differ' if check else 'written'}")
    return 1 if check and changed else 0


if __name__ == "__main__":
    sys.exit(main())
