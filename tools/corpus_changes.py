"""The wrong certificates of the corpus: each is a valid one (by its name in `make_corpus.py`) with one targeted change, and a word of what a checker says.

The name of an invalid certificate says which rule of `docs/format.md` the change breaks.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

Json = dict[str, Any]
Edit = Callable[[Json], None]


def _parent(data: Any, pointer: str) -> tuple[Any, Any]:
    *path, last = pointer.split("/")[1:]
    for key in path:
        data = data[int(key) if isinstance(data, list) else key]
    return data, int(last) if isinstance(data, list) else last


def put(pointer: str, value: Any) -> Edit:
    """Set, or add, the value at a JSON pointer."""

    def edit(data: Json) -> None:
        parent, key = _parent(data, pointer)
        parent[key] = value

    return edit


def insert(pointer: str, value: Any) -> Edit:
    """Insert an item into a list, before the one at the pointer."""

    def edit(data: Json) -> None:
        parent, key = _parent(data, pointer)
        parent.insert(key, value)

    return edit


def drop(pointer: str) -> Edit:
    """Remove a key or an item."""

    def edit(data: Json) -> None:
        parent, key = _parent(data, pointer)
        del parent[key]

    return edit


def row(*entries: tuple[int, str], constant: str = "0") -> Json:
    """One equation of a subspace."""
    return {"constant": constant, "entries": [list(entry) for entry in entries]}


GENERATOR, ROWS, NODES = "/proof/generators/0", "/claim/subspace/rows", "/model/nodes"
TURN = {"matrix": [["3/5", "4/5"], ["4/5", "-3/5"]]}
NONE = put("/proof", {"method": "none"})

# name: (the valid file, a word of the checker's message, the changes)
Change = tuple[str, str, tuple[Edit, ...]]
INVALID: dict[str, Change] = {
    "symmetry-signs-without-parity": ("antitie-tanh", "node 3 (apply)", (put("/claim/activations/tanh", []),)),
    "symmetry-wrong-parity": ("zero-incoming-cos", "node 3 (apply)", (insert(f"{GENERATOR}/nodes/2", [3, [0]]),)),
    "symmetry-not-equivariant-at-add": ("tie-residual-stream", "node 8 (add)", (drop(f"{GENERATOR}/nodes/5"),)),
    "symmetry-not-equivariant-at-contract": ("tie-tanh", "node 5 (contract)", (drop(f"{GENERATOR}/nodes/3"),)),
    "symmetry-not-equivariant-at-apply": ("tie-tanh", "node 3 (apply)", (drop(f"{GENERATOR}/nodes/2"),)),
    "symmetry-not-equivariant-at-gather": ("tie-conv-channels", "node 5 (gather)", (drop(f"{GENERATOR}/nodes/3"),)),
    "symmetry-not-equivariant-at-scatter": ("tie-joined-blocks", "node 5 (scatter)", (drop(f"{GENERATOR}/nodes/2"),)),
    "symmetry-not-equivariant-at-constant": ("tie-lora-components", "node 1 (constant)", (insert(f"{GENERATOR}/nodes/0", [1, [-1, 0]]),)),
    "symmetry-not-equivariant-at-input": ("mirrored-even", "node 0 (input)", (insert(f"{GENERATOR}/nodes/0", [0, [0]]),)),
    "symmetry-moves-the-output": ("mirrored-even", "output at node 5", (put(f"{GENERATOR}/nodes/3", [4, [1, 1]]), insert(f"{GENERATOR}/nodes/4", [5, [1]]))),
    "symmetry-matrix-through-activation": ("mirrored-even", "node 3 (apply)", (put(f"{GENERATOR}/actions", [TURN, TURN]),)),
    "symmetry-matrix-on-stack": ("tie-heads", "node 1 (stack)", (put(f"{GENERATOR}/actions/0", TURN),)),
    "symmetry-without-generators": ("tie-tanh", "not the fixed space", (put("/proof/generators", []),)),
    "symmetry-subspace-too-small": ("tie-tanh", "not the fixed space", (insert(f"{ROWS}/3", row((8, "1"))), put("/claim/subspace/dimension", 5))),
    "symmetry-subspace-not-linear": ("tie-tanh", "not the fixed space", (put(f"{ROWS}/0/constant", "1"),)),
    "symmetry-flip-at-the-kink": (
        "mirrored-abs", "could not be shown to be nonzero",
        (
            put("/claim/subspace", {"dimension": 7, "rows": [row((0, "1")), row((1, "1"))]}),
            put(GENERATOR, {"actions": [{"permutation": [0, 1, 2], "signs": [-1, 1, 1]}], "nodes": [[1, [0, -1]], [2, [0]]]}),
        ),
    ),
    "fixed-space-too-small": ("fixed-swap", "not the fixed space", (insert(f"{ROWS}/3", row((8, "1"))), put("/claim/subspace/dimension", 5))),
    "fixed-space-too-large": ("fixed-swap", "not the fixed space", (drop(f"{ROWS}/2"), put("/claim/subspace/dimension", 7))),
    "fixed-space-of-another-generator": ("fixed-swap", "not the fixed space", (put("/claim/generators/0/actions/0/permutation", [0, 2, 1]),)),
    "fixed-space-of-another-matrix": ("fixed-reflection", "not the fixed space", (put("/claim/generators/0/actions/0", TURN),)),
    "equivariance-node-missing": ("symmetries-tanh", "generator 0: the actions at node 3", (drop("/proof/nodes/0/1"),)),
    "equivariance-parameter-missing": ("symmetries-tanh", "node 5 (contract)", (drop("/claim/generators/2/nodes/1"),)),
    "equivariance-without-parity": ("symmetries-tanh", "generator 2: the actions at node 3", (put("/claim/activations/tanh", []),)),
    "congruence-not-proved": ("magic-without-columns", "equation 0", (put("/claim/kind", "invariant"), put("/proof", {"method": "congruence"}))),
    "congruence-without-the-fact": ("dead-silu", "equation 2", (put("/claim/activations/silu", []),)),
    "congruence-without-flatness": ("flat-incoming", "equation 0", (put("/claim/activations/flat", []),)),
    "congruence-with-half-the-facts": ("frozen-output-logcosh", "equation 2", (put("/claim/activations/logcosh", ["even"]),)),
    "congruence-magic-broken": ("magic", "its product with the gradient", (put(f"{ROWS}/6/entries/1/1", "-2"),)),
    "identity-false": ("one-number-linear", "equation 0", (put(f"{ROWS}/0/entries/1/1", "-2"),)),
    "identity-affine-constant": ("balanced-linear", "equation 0", (put(f"{ROWS}/0/constant", "1"),)),
    "identity-without-the-fact": ("dead-silu-by-identity", "equation 2", (put("/claim/activations/silu", []),)),
    "identity-opaque-polynomial": ("mirrored-cube-by-identity", "its product with the gradient", (put("/claim/activations/poly", ["zero"]),)),
    "identity-wrong-sign": ("antitie-odd-by-identity", "equation 0", (put(f"{ROWS}/1/entries/1/1", "-1"),)),
    "rational-wrong-value": ("rows-only-odd", "not the stated value", (put("/proof/value", "1234"),)),
    "rational-value-zero": ("rows-only-odd", "is 0", (put("/proof/input/x", ["0", "0"]), put("/proof/value", "0"))),
    "rational-another-equation": ("two-outputs", "not the stated value", (put("/proof/equation", 1),)),
    "rational-another-output": ("two-outputs", "not the stated value", (put("/proof/output", [0, 0]),)),
    "rational-at-the-kink": ("incoming-relu", "piecewise function", (put("/proof/input/x", ["5", "2"]),)),
    "rational-reciprocal-of-zero": ("rational-function", "reciprocal of 0", (put("/proof/theta/u", ["-1/1225", "0"]),)),
    "rational-of-a-transcendental-function": (
        "rows-only-odd", "tanh has no rational values",
        (put("/model/activations/odd", {"named": "tanh"}), put("/claim/activations/odd", "itself"), put("/proof/members", {})),
    ),
    "members-without-the-facts": ("rows-only-odd", "does not have the facts", (put("/proof/members/odd", ["0", "1", "1"]),)),
    "witness-outside-subspace": ("rows-only-odd", "does not lie in the subspace", (put("/proof/theta/W1/0", "5"),)),
    "residue-wrong-value": ("rational-function-residue", "not the stated value", (put("/proof/value", "414"),)),
    "residue-value-zero": ("rows-only-square-residue", "is 0", (put("/proof/modulus", "27"), put("/proof/value", "0"))),
    "residue-modulus-divides-denominator": (
        "rows-only-square-residue", "not a unit", (put("/proof/modulus", "10007"), put("/proof/value", "1"), put("/proof/theta/W2/0", "5/10007")),
    ),
    "residue-reciprocal-of-no-unit": ("rational-function-residue", "not a unit", (put("/proof/modulus", "13"), put("/proof/value", "1"))),
    "residue-outside-subspace": ("rational-function-residue", "does not lie in the subspace", (put("/proof/theta/W/0", "5"),)),
    "exponential-wrong-value": ("rows-only", "not the stated value", (put("/proof/value", "979079474"),)),
    "exponential-i-squared": ("rows-only-sin", "the square of i is not", (put("/proof/bases/i", "5"),)),
    "exponential-denominator-too-coarse": ("half-angle-cos", "not a multiple of 1/denominator", (put("/proof/denominator", "2"),)),
    "exponential-base-no-unit": ("rows-only", "not a unit", (put("/proof/bases/real", "0"),)),
    "exponential-argument-not-rational": (
        "deep-erf", "not known to be rational",
        (
            put("/model/activations/erf", {"named": "tanh"}), drop("/proof/precision"), put("/proof/method", "exponential"), put("/proof/value", "1"),
            put("/proof/modulus", "10007"), put("/proof/denominator", "64"), put("/proof/bases", {"real": "5"}),
        ),
    ),
    "exponential-of-erf": ("rows-only", "erf has no residues", (put("/model/activations/tanh", {"named": "erf"}),)),
    "exponential-outside-subspace": ("rows-only", "does not lie in the subspace", (put("/proof/theta/W1/3", "7"),)),
    "series-constant-term-not-zero": ("deep-tanh", "not known to be 0", (put("/proof/curve/0/W1/0", "5"),)),
    "series-starts-outside-subspace": ("deep-tanh", "the curve does not lie", (put("/proof/curve/0/W2/0", "4"),)),
    "series-direction-outside-subspace": ("deep-tanh", "the curve does not lie", (put("/proof/curve/1/W2/0", "4"),)),
    "series-wrong-value": ("deep-tanh", "not the stated value", (put("/proof/value", "5"),)),
    "series-order-with-value-zero": ("deep-tanh", "is 0", (put("/proof/order", 0), put("/proof/value", "0"))),
    "series-without-the-constant": ("antitie-softplus", "needs the residue of the constant", (put("/proof/constants", {}),)),
    "series-two-constants": (
        "two-activations", "not algebraically independent",
        (
            put("/model/activations", {"tanh": {"named": "erf"}, "relu": {"named": "gelu"}}), drop("/proof/precision"), drop("/proof/theta"),
            put("/proof/curve", [{"W": ["0"] * 4, "V": ["0"] * 4, "a": ["1", "2"], "c": ["1", "2"]}]), put("/proof/method", "series"),
            put("/proof/modulus", "10007"), put("/proof/value", "1"), put("/proof/order", 0), put("/proof/constants", {"pi": "3"}),
        ),
    ),
    "ball-enclosure-contains-zero": ("deep-erf", "bounds of one sign", (put("/proof/value", ["-1", "1"]),)),
    "ball-bounds-too-narrow": ("deep-erf", "not between the stated bounds", (put("/proof/value/1", "5677743837/68719476736"),)),
    "ball-of-the-other-sign": ("deep-erf", "not between the stated bounds", (put("/proof/value", ["-1/2", "-1/16"]),)),
    "ball-at-the-kink": ("two-activations", "piecewise", (put("/proof/theta/V", ["3", "5", "1", "1"]),)),
    "ball-outside-subspace": ("deep-erf", "does not lie in the subspace", (put("/proof/theta/W2/0", "1"),)),
    "claim-changed-after-proof": (
        "tie-tanh", "not the fixed space",
        (put(f"{ROWS}/0", row((0, "1"), (4, "-1"))), put(f"{ROWS}/1", row((1, "1"), (5, "-1"))), put(f"{ROWS}/2", row((6, "1"), (8, "-1")))),
    ),
    "model-changed-after-proof": ("rows-only", "not the stated value", (put("/model/activations/tanh", {"named": "sigmoid"}),)),
    "refuted-after-all": ("rows-only", "not the fixed space", (put("/claim/kind", "invariant"), put("/proof", {"method": "symmetry", "generators": []}))),
}  # fmt: skip

MALFORMED: dict[str, Change] = {
    "key-unknown": ("tie-tanh", "expected an object with the keys", (put("/proved", "1"),)),
    "key-unknown-in-claim": ("tie-tanh", "/claim", (put("/claim/proved", "1"),)),
    "key-unknown-in-proof": ("tie-tanh", "/proof", (put("/proof/hint", "1"),)),
    "key-unknown-in-node": ("tie-tanh", "/model/nodes/3", (put(f"{NODES}/3/alpha", "1"),)),
    "key-missing": ("tie-tanh", "expected an object with the keys", (drop("/meta"),)),
    "key-missing-in-node": ("tie-tanh", "/model/nodes/2", (drop(f"{NODES}/2/shape"),)),
    "key-missing-in-witness": ("rows-only", "/proof", (drop("/proof/denominator"),)),
    "format-unknown": ("tie-tanh", "the format", (put("/format", "sim"),)),
    "version-truth-value": ("tie-tanh", "version", (put("/version", True),)),
    "meta-number": ("tie-tanh", "/meta", (put("/meta/seed", 0),)),
    "proof-null": ("tie-tanh", "proof", (put("/proof", None),)),
    "op-unknown": ("tie-tanh", "unknown op", (put(f"{NODES}/3/op", "relu"),)),
    "op-of-the-gradient-only": ("tie-tanh", "unknown op", (put(f"{NODES}/5/op", "product"),)),
    "cycle": ("tie-tanh", "not an earlier node", (put(f"{NODES}/2/args", [1, 3]),)),
    "argument-itself": ("tie-tanh", "not an earlier node", (put(f"{NODES}/3/args", [3]),)),
    "argument-negative": ("tie-tanh", "/model/nodes/3", (put(f"{NODES}/3/args", [-1]),)),
    "truth-value-for-integer": ("tie-tanh", "/model/nodes/3/order", (put(f"{NODES}/3/order", False),)),
    "integer-for-rational": ("tie-tanh", "rational as a string", (put(f"{ROWS}/0/constant", 0),)),
    "float": ("tie-tanh", "not an exact number", (put(f"{ROWS}/0/constant", 0.5),)),
    "string-for-integer": ("tie-tanh", "expected an integer", (put("/claim/subspace/dimension", "6"),)),
    "rational-minus-zero": ("tie-tanh", "not a canonical rational", (put(f"{ROWS}/0/constant", "-0"),)),
    "rational-over-one": ("tie-tanh", "lowest terms", (put(f"{ROWS}/0/entries/0/1", "1/1"),)),
    "rational-not-reduced": ("affine-linear", "lowest terms", (put(f"{ROWS}/0/constant", "2/4"),)),
    "rational-over-zero": ("affine-linear", "not a canonical rational", (put(f"{ROWS}/0/constant", "1/0"),)),
    "rational-leading-zero": ("affine-linear", "not a canonical rational", (put("/proof/theta/W2/0", "02"),)),
    "rational-plus": ("affine-linear", "not a canonical rational", (put("/proof/theta/W2/0", "+2"),)),
    "rational-decimal": ("affine-linear", "not a canonical rational", (put("/proof/theta/W2/0", "2.0"),)),
    "rational-space": ("affine-linear", "not a canonical rational", (put("/proof/theta/W2/0", " 2"),)),
    "name-not-a-name": ("tie-tanh", "expected a name", (put("/model/parameters/0/name", "1W"),)),
    "shape-zero": ("tie-tanh", "/model/parameters/0/shape", (put("/model/parameters/0/shape", [0, 2]),)),
    "shapes-do-not-fit": ("tie-tanh", "do not fit the shape", (put(f"{NODES}/2/shape", [4]),)),
    "letter-repeated": ("tie-tanh", "do not fit the shape", (put(f"{NODES}/2/spec", "jj,j->j"),)),
    "contraction-for-three": ("tie-tanh", "is not a contraction", (put(f"{NODES}/2/spec", "ij,j,k->i"),)),
    "constant-too-short": ("tie-lora-components", "values for", (drop(f"{NODES}/1/values/0"),)),
    "gather-outside": ("tie-conv-channels", "indices do not fit", (put(f"{NODES}/1/indices/0", 4),)),
    "add-of-one": ("tie-residual-stream", "at least two arguments", (put(f"{NODES}/8/args", [2]),)),
    "order-nine": ("tie-tanh", "/model/nodes/3/order", (put(f"{NODES}/3/order", 9),)),
    "activation-unknown": ("tie-tanh", "unknown activation", (put("/model/activations/tanh", {"named": "tanhh"}),)),
    "activation-class-unknown": ("tie-deep-generic", "unknown activation", (put("/model/activations/generic", {"class": "analytic"}),)),
    "activation-not-defined": ("tie-tanh", "unknown activation", (put(f"{NODES}/3/activation", "sin"),)),
    "activation-two-definitions": ("tie-tanh", "object with one key", (put("/model/activations/tanh/class", "odd"),)),
    "polynomial-trailing-zero": ("tie-square-by-identity", "no trailing zero", (insert("/model/activations/square/polynomial/3", "0"),)),
    "piecewise-three-slopes": ("tie-relu", "list of 2 items", (put("/model/activations/relu/piecewise", ["0", "1", "2"]),)),
    "parameter-used-twice": ("tie-tanh", "used by two nodes", (put(f"{NODES}/4", {"op": "parameter", "shape": [3, 2], "name": "W1"}),)),
    "parameter-not-used": ("tie-tanh", "not those that the nodes use", (insert("/model/parameters/2", {"name": "b", "shape": [3]}),)),
    "input-of-another-shape": ("tie-tanh", "not those that the nodes use", (put("/model/inputs/0/shape", [3]),)),
    "outputs-none": ("tie-tanh", "/model/outputs", (put("/model/outputs", []),)),
    "output-twice": ("tie-tanh", "/model/outputs", (put("/model/outputs", [5, 5]),)),
    "facts-of-another-function": ("rows-only", "exactly the facts of a class", (put("/claim/activations/tanh", ["odd"]),)),
    "antitie-sigmoid-claimed-odd": (
        "antitie-tanh", "list of facts that tanh has", (put("/model/activations/tanh", {"named": "sigmoid"}),),
    ),
    "facts-implied": ("antitie-tanh", "follows from the others", (put("/claim/activations/tanh", ["odd", "zero"]),)),
    "facts-not-sorted": ("frozen-output-logcosh", "not a sorted list", (put("/claim/activations/logcosh", ["zero", "even"]),)),
    "fact-unknown": ("antitie-tanh", "list of facts", (put("/claim/activations/tanh", ["analytic"]),)),
    "class-itself": ("rows-only-odd", "needs a function", (put("/claim/activations/odd", "itself"),)),
    "activation-not-mentioned": ("tie-tanh", "exactly the activations of the model", (put("/claim/activations", {}),)),
    "dimension-wrong": ("tie-tanh", "dimension", (put("/claim/subspace/dimension", 5),)),
    "row-pivot-not-one": ("tie-tanh", "pivot 1", (put(f"{ROWS}/0/entries/0/1", "2"),)),
    "row-coefficient-zero": ("tie-tanh", "zero coefficient", (put(f"{ROWS}/0/entries/1/1", "0"),)),
    "row-empty": ("tie-tanh", "/claim/subspace/rows/0", (put(f"{ROWS}/0/entries", []),)),
    "row-index-too-large": ("tie-tanh", "expected an integer", (put(f"{ROWS}/0/entries/1/0", 9),)),
    "row-indices-not-increasing": ("tie-tanh", "expected an integer", (put(f"{ROWS}/0/entries", [[0, "1"], [0, "-1"]]),)),
    "rows-not-sorted": ("tie-tanh", "to the right of the pivot before", (drop(f"{ROWS}/0"), insert(f"{ROWS}/2", row((0, "1"), (2, "-1"))))),
    "rows-not-reduced": ("tie-tanh", "pivot column has another entry", (put(f"{ROWS}/0/entries", [[0, "1"], [1, "1"], [2, "-1"]]),)),
    "permutation-not-a-permutation": ("tie-tanh", "not a permutation", (put(f"{GENERATOR}/actions/0/permutation", [1, 1, 2]),)),
    "sign-zero": ("tie-tanh", "not a permutation with one sign", (put(f"{GENERATOR}/actions/0/signs", [1, 0, 1]),)),
    "signs-too-few": ("tie-tanh", "not a permutation with one sign", (put(f"{GENERATOR}/actions/0/signs", [1, 1]),)),
    "generator-not-orthogonal": ("linear-rotated", "not orthogonal", (put(f"{GENERATOR}/actions/0/matrix/0/0", "8/25"),)),
    "generator-not-square": ("linear-rotated", "list of 2 items", (put(f"{GENERATOR}/actions/0/matrix/0", ["7/25"]),)),
    "generator-of-wrong-size": ("tie-tanh", "wrong size", (put(f"{GENERATOR}/actions/0", {"permutation": [1, 0], "signs": [1, 1]}),)),
    "generator-action-missing": ("tie-tanh", "expected an integer", (put(f"{GENERATOR}/nodes/0", [1, [1, -1]]),)),
    "generator-axis-missing": ("tie-tanh", "cannot carry 1 actions", (put(f"{GENERATOR}/nodes/0", [1, [0]]),)),
    "generator-node-twice": ("tie-tanh", "expected an integer", (put(f"{GENERATOR}/nodes/1", [1, [0, -1]]),)),
    "generator-of-a-claim-on-inner-node": ("fixed-swap", "cannot carry", (insert("/claim/generators/0/nodes/1", [2, [0]]),)),
    "equivariance-one-list-missing": ("symmetries-tanh", "list of 3 items", (drop("/proof/nodes/0"),)),
    "equivariance-on-a-parameter": ("fixed-swap", "cannot carry", (insert("/proof/nodes/0/0", [1, [0, -1]]),)),
    "equation-too-large": ("rows-only", "/proof/equation", (put("/proof/equation", 2),)),
    "output-entry-too-large": ("rows-only", "/proof/output", (put("/proof/output", [0, 1]),)),
    "theta-parameter-missing": ("rows-only", "exactly the parameters", (drop("/proof/theta/W2"),)),
    "theta-too-short": ("rows-only", "list of 6 items", (drop("/proof/theta/W1/0"),)),
    "input-missing": ("rows-only", "exactly the inputs", (put("/proof/input", {}),)),
    "member-missing": ("rows-only-odd", "exactly the activations that are classes", (put("/proof/members", {}),)),
    "member-of-a-named-function": ("rows-only", "exactly the activations that are classes", (put("/proof/members", {"tanh": ["0", "1"]}),)),
    "modulus-one": ("rows-only-square-residue", "natural number in its range", (put("/proof/modulus", "1"),)),
    "residue-too-large": ("rational-function-residue", "natural number in its range", (put("/proof/value", "10007"),)),
    "residue-negative": ("rational-function-residue", "natural number in its range", (put("/proof/value", "-1"),)),
    "denominator-zero": ("rows-only", "natural number in its range", (put("/proof/denominator", "0"),)),
    "base-missing": ("rows-only-sin", "unexpected or missing keys", (drop("/proof/bases/imaginary"),)),
    "base-unexpected": ("rows-only", "unexpected or missing keys", (put("/proof/bases/i", "5"),)),
    "constants-two": ("antitie-softplus", "unexpected or missing keys", (put("/proof/constants/pi", "5"),)),
    "curve-empty": ("deep-tanh", "at least one point", (put("/proof/curve", []),)),
    "order-negative": ("deep-tanh", "/proof/order", (put("/proof/order", -1),)),
    "precision-zero": ("deep-erf", "/proof/precision", (put("/proof/precision", 0),)),
    "bound-not-dyadic": ("deep-erf", "dyadic", (put("/proof/value/0", "1/100"),)),
    "no-proof-with-a-hint": ("tie-tanh", "/proof", (put("/proof", {"method": "none", "why": "obvious"}),)),
}  # fmt: skip


def _zip(data: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zipfile.ZipInfo("tie-tanh.json", (1980, 1, 1, 0, 0, 0)), data)
    return buffer.getvalue()


# name: (the valid file, a word of the checker's message, the change of its bytes)
GARBLED: dict[str, tuple[str, str, Callable[[bytes], bytes]]] = {
    "empty": ("tie-tanh", "not JSON", lambda data: b""),
    "truncated": ("tie-tanh", "not JSON", lambda data: data[: len(data) // 2]),
    "two-certificates": ("tie-tanh", "", lambda data: data + data),
    "list-of-certificates": ("tie-tanh", "expected an object with the keys", lambda data: b"[" + data[:-1] + b"]\n"),
    "newline-missing": ("tie-tanh", "canonical text", lambda data: data[:-1]),
    "newline-twice": ("tie-tanh", "", lambda data: data + b"\n"),
    "carriage-return": ("tie-tanh", "printable", lambda data: data[:-1] + b"\r\n"),
    "byte-order-mark": ("tie-tanh", "printable", lambda data: b"\xef\xbb\xbf" + data),
    "not-ascii": ("tie-tanh", "printable", lambda data: data.replace(b'"created_by":"simcert"', b'"created_by":"simc\xc3\xa9rt"')),
    "escape": ("tie-tanh", "without escapes", lambda data: data.replace(b'"kind"', b'"k\\u0069nd"')),
    "tab": ("tie-tanh", "printable", lambda data: data.replace(b'"version":1', b'"version":\t1')),
    "null-byte": ("tie-tanh", "printable", lambda data: data[:-1] + b"\x00\n"),
    "spaces": ("tie-tanh", "canonical text", lambda data: data.replace(b",", b", ")),
    "indented": ("tie-tanh", "", lambda data: json.dumps(json.loads(data), indent=1, sort_keys=True).encode() + b"\n"),
    "keys-not-sorted": ("tie-tanh", "canonical text", lambda data: data.replace(b',"version":1}', b"}").replace(b'{"claim"', b'{"version":1,"claim"', 1)),
    "duplicate-key": ("tie-tanh", "a key twice", lambda data: data.replace(b'"version":1', b'"version":1,"version":1')),
    "duplicate-claim": ("tie-tanh", "a key twice", lambda data: data.replace(b'{"claim":', b'{"claim":{},"claim":', 1)),
    "nan": ("tie-tanh", "not an exact number", lambda data: data.replace(b'"constant":"0"', b'"constant":NaN', 1)),
    "infinity": ("tie-tanh", "not an exact number", lambda data: data.replace(b'"dimension":6', b'"dimension":Infinity', 1)),
    "exponent": ("tie-tanh", "not an exact number", lambda data: data.replace(b'"dimension":6', b'"dimension":6e0', 1)),
    "integer-minus-zero": ("tie-tanh", "canonical text", lambda data: data.replace(b'"order":0', b'"order":-0', 1)),
    "integer-leading-zero": ("tie-tanh", "not JSON", lambda data: data.replace(b'"version":1', b'"version":01', 1)),
    "comma-at-the-end": ("tie-tanh", "not JSON", lambda data: data.replace(b'"version":1', b'"version":1,', 1)),
    "brackets": ("tie-tanh", "nested more than", lambda data: data.replace(b'"permutation":[', b'"permutation":[' + b"[" * 40 + b"]" * 40 + b",", 1)),
    "zip-file": ("tie-tanh", "printable", _zip),
    "text": ("tie-tanh", "not JSON", lambda data: b"The subspace is invariant.\n"),
}  # fmt: skip

INCOMPLETE: dict[str, Change] = {
    "invariant-without-proof": ("tie-tanh", "without a proof", (NONE,)),
    "false-claim-without-proof": ("antitie-tanh", "without a proof", (put("/claim/activations/tanh", []), NONE)),
    "not-invariant-without-proof": ("rows-only", "without a proof", (NONE,)),
    "symmetry-without-proof": ("symmetries-heads", "without a proof", (NONE,)),
    "fixed-space-without-proof": ("fixed-both-layers", "without a proof", (NONE,)),
}
UNSUPPORTED: dict[str, Change] = {
    "kind-unknown": ("tie-tanh", "claims of kind", (put("/claim/kind", "attracting"),)),
    "method-unknown": ("tie-tanh", "does not know the method", (put("/proof", {"method": "authority"}),)),
    "method-of-another-kind": ("rows-only", "does not know the method", (put("/proof", {"method": "congruence"}),)),
    "version-two": ("tie-tanh", "version 1", (put("/version", 2),)),
}
