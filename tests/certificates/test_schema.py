"""The published JSON Schema accepts every kind and method of docs/format.md and nothing beside."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import simcert as sc
from simcert.groups.symmetries import derive
from simcert.invariance.decide import decide
from simcert.models.equations import parse_subspace

SCHEMA = json.loads((resources.files("simcert.certificates") / "schema" / "v1.json").read_text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
GALLERY = Path(__file__).parents[2] / "certificates"

MODEL = {
    "activations": {
        "a": {"class": "odd"}, "p": {"polynomial": ["0", "1", "-1/3"]}, "relu": {"piecewise": ["0", "1"]}, "tanh": {"named": "tanh"},
    },
    "inputs": [{"name": "x", "shape": [2]}],
    "nodes": [
        {"op": "parameter", "shape": [3, 2], "name": "W1"}, {"op": "stack", "shape": [2, 3], "names": ["b1", "b2"]},
        {"op": "input", "shape": [2], "name": "x"}, {"op": "constant", "shape": [], "values": ["2/7"]},
        {"op": "contract", "shape": [3], "args": [0, 2], "spec": "ij,j->i"}, {"op": "gather", "shape": [3], "args": [1], "indices": [0, -1, 2]},
        {"op": "scatter", "shape": [3], "args": [5], "indices": [0, 0, -1]}, {"op": "add", "shape": [3], "args": [4, 6]},
        {"op": "apply", "shape": [3], "args": [7], "activation": "tanh", "order": 1},
    ],
    "outputs": [8, 3],
    "parameters": [{"name": "W1", "shape": [3, 2]}, {"name": "b1", "shape": [3]}, {"name": "b2", "shape": [3]}],
}  # fmt: skip
MEANT = {"a": ["odd"], "p": "itself", "relu": "itself", "tanh": []}
SPACE = {"dimension": 11, "rows": [{"constant": "-1/2", "entries": [[0, "1"], [2, "-1"]]}]}
ACTIONS = [{"permutation": [1, 0, 2], "signs": [1, -1, 1]}, {"matrix": [["3/5", "-4/5"], ["4/5", "3/5"]]}]
GENERATOR = {"actions": ACTIONS, "nodes": [[0, [0, -1]], [4, [0]]]}
POINT = {"W1": ["0", "1", "2", "-1/3", "4", "5"], "b1": ["0", "0", "0"], "b2": ["1", "1", "1"]}
COMMON = {"equation": 0, "output": [0, 2], "input": {"x": ["1", "-2"]}, "members": {"a": ["0", "1", "0", "2"]}}
PROOFS: dict[str, list[dict[str, Any]]] = {
    "invariant": [{"method": "symmetry", "generators": [GENERATOR]}, {"method": "congruence"}, {"method": "identity"}, {"method": "none"}],
    "not-invariant": [
        {"method": "rational", **COMMON, "theta": POINT, "value": "-3/7"},
        {"method": "residue", **COMMON, "theta": POINT, "modulus": "101", "value": "7"},
        {"method": "exponential", **COMMON, "theta": POINT, "modulus": "101", "denominator": "6", "bases": {"real": "5"}, "value": "7"},
        {
            "method": "exponential", **COMMON, "theta": POINT, "modulus": "101", "denominator": "6",
            "bases": {"i": "10", "imaginary": "3", "real": "5"}, "value": "7",
        },
        {"method": "series", **COMMON, "curve": [POINT, POINT], "modulus": "101", "constants": {"pi": "4"}, "order": 3, "value": "7"},
        {"method": "series", **COMMON, "curve": [POINT], "modulus": "101", "constants": {}, "order": 3, "value": "7"},
        {"method": "ball", **COMMON, "theta": POINT, "precision": 128, "value": ["1/8", "1/4"]},
        {"method": "none"},
    ],
    "symmetry": [{"method": "equivariance", "nodes": [[[4, [0]], [8, [0]]]]}, {"method": "none"}],
    "fixed-space": [{"method": "equivariance", "nodes": [[[4, [0]]]]}, {"method": "none"}],
    "quotient": [
        {
            "method": "expansion", "invariance": {"method": "symmetry", "generators": [GENERATOR]}, "relations": [[0, -1, []], [2, 0, [0, -1]]],
            "axes": [{"mode": "copy", "rows": [[[0, "1"]], [], [[0, "-1"], [1, "2/3"]]], "width": 2}],
        },
        {"method": "none"},
    ],
    "data-invariant": [{"method": "equivariance", "nodes": [[[4, [0]]]]}, {"method": "none"}],
}  # fmt: skip
FREE = {
    "activations",
    "x",
    "members",
    "input",
    "theta",
    "meta",
    "constants",
    "curve",
    "point",
    "points",
    "bases",
    "numbers",
}  # objects whose keys are names, or may be absent


def documents() -> Iterator[Any]:
    for kind, proofs in PROOFS.items():
        claim: dict[str, Any] = {"kind": kind, "activations": MEANT}
        if kind == "data-invariant":
            claim["data"] = [{"weight": "1/2", "x": {"x": ["1", "-2"]}, "y": [["0", "1", "2"], ["3"]]}]
            claim["predictor"] = [[["-1/2", [0, 3], [1]]], [], [], []]
        if kind in ("symmetry", "fixed-space", "data-invariant"):
            claim["generators"] = [{"actions": ACTIONS, "nodes": [[0, [0, -1]]]}]
        if kind != "symmetry":
            claim["subspace"] = SPACE
        if kind == "quotient":
            claim |= {"small": MODEL, "map": [{"constant": "-1/2", "entries": [[0, "1"], [2, "-1"]]}], "metric": ["1/2", "3"]}
        for proof in proofs:
            document = {"claim": claim, "format": "simcert", "meta": {"title": "t"}, "model": MODEL, "proof": proof, "version": 1}
            yield pytest.param(copy.deepcopy(document), id=f"{kind}-{proof['method']}")


def smallest() -> Iterator[Any]:
    """Of every other kind and method the smallest certificate of the corpus."""
    found: dict[str, Any] = {}
    for path in sorted(GALLERY.glob("valid/*.json"), key=lambda p: p.stat().st_size):
        document = json.loads(path.read_text())
        kind, proof = document["claim"]["kind"], document["proof"]
        if kind not in PROOFS:
            parts = [proof[key]["method"] for key in ("lower", "upper", "minimal", "law_proof") if proof.get(key)]
            found.setdefault("-".join([kind, proof["method"], *parts]), document)
    yield from (pytest.param(document, id=name) for name, document in sorted(found.items()))


def walk(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every value inside a value; of a list the first two items, as the others are alike."""
    yield path
    for key, child in value.items() if isinstance(value, dict) else enumerate(value[:2]) if isinstance(value, list) else ():
        yield from walk(child, (*path, key))


def at(value: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        value = value[key]
    return value


def changed(document: Any, path: tuple[Any, ...], change: Any) -> Any:
    out = copy.deepcopy(document)
    change(at(out, path[:-1]), path[-1])
    return out


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("document", list(documents()))
def test_every_kind_and_method_is_accepted(document: Any) -> None:
    VALIDATOR.validate(document)


@pytest.mark.parametrize("document", [*documents(), *smallest()])
def test_one_more_key_one_key_less_or_a_float_is_refused(document: Any) -> None:
    model_too = document["proof"]["method"] == "symmetry"  # it is the same in all of them
    for path in walk(document):
        if path[:1] == ("model",) and not model_too:
            continue
        value = at(document, path)
        if isinstance(value, dict):
            wrong = copy.deepcopy(document)
            at(wrong, path)["one more"] = 1
            assert not VALIDATOR.is_valid(wrong), f"an unknown key at {path}"
        if path and isinstance(path[-1], str) and not FREE & set(path[:-1]) and path != ("claim", "activations"):
            wrong = changed(document, path, lambda parent, key: parent.pop(key))
            assert not VALIDATOR.is_valid(wrong), f"the key {path} is missing"
        if isinstance(value, str | int):
            for other in (0.5, None, True, [[]]):
                wrong = changed(document, path, lambda parent, key, other=other: parent.__setitem__(key, other))
                assert not VALIDATOR.is_valid(wrong), f"{other} at {path}"


@pytest.mark.parametrize("text", ["-0", "+1", "1/1", "01", "1/01", "1/-2", "2/0", "0/3", "1.5", "1e3", " 1", "1_0", "", "x"])
def test_a_rational_has_one_spelling(text: str) -> None:
    document = next(documents()).values[0]
    document["claim"]["subspace"]["rows"][0]["constant"] = text
    assert not VALIDATOR.is_valid(document)


@pytest.mark.parametrize("facts", [["odd", "zero"], ["even", "flat"], ["odd", "even"], ["odd", "odd"], ["smooth"], "odd"])
def test_facts_are_sorted_and_have_no_implied_member(facts: object) -> None:
    document = next(documents()).values[0]
    document["claim"]["activations"]["a"] = facts
    assert not VALIDATOR.is_valid(document)


def test_a_proof_belongs_to_its_kind_of_claim() -> None:
    claims = {d.values[0]["claim"]["kind"]: d.values[0] for d in documents()}
    for kind, document in claims.items():
        for other, proofs in PROOFS.items():
            for proof in proofs:
                allowed = proof["method"] in {p["method"] for p in PROOFS[kind]}
                assert VALIDATOR.is_valid({**document, "proof": proof}) == allowed, f"{proof['method']} (of {other}) in a claim {kind}"


@pytest.mark.parametrize(
    ("model", "space"),
    [
        ("mlp:2-3-1:tanh", "tie(1: 0,1)"), ("mlp:2-3-1:silu", "dead(1: 0)"), ("mlp:2-3-1:tanh", "W1[0,:] = W1[1,:]"),
        ("mlp:2-3-1:generic", "W1[0,:] = W1[1,:]"),        ("mlp:2-3-3-1:tanh", "W1[0,:] = W1[1,:]"), ("mlp:2-3-1:relu", "W1[0,0] = 2"),
        ("mlp:2-3-1:sin", "W1[0,:] = W1[1,:]"), ("linear:2-2-2", "W1 = 0"),
    ],
)  # fmt: skip
def test_what_prove_writes_is_accepted(model: str, space: str) -> None:
    program = sc.load_model(model)
    decision = decide(program, parse_subspace(program, space))
    assert decision.certificate is not None
    VALIDATOR.validate(decision.certificate)


@pytest.mark.parametrize("model", ["mlp:2-3-1:tanh", "linear:2-2-2", "attention:3-2"])
def test_what_symmetries_writes_is_accepted(model: str) -> None:
    VALIDATOR.validate(derive(sc.load_model(model)).certificate(0))


@pytest.mark.parametrize("path", sorted(p for folder in ("valid", "incomplete") for p in GALLERY.glob(f"{folder}/**/*.json")), ids=lambda p: p.stem)
def test_the_gallery_is_accepted(path: Path) -> None:
    VALIDATOR.validate(json.loads(path.read_text()))
