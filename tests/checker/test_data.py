"""The rule for data with a symmetry: what moves where, and that it opens no door for the other kinds."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from simcert.checker import Limits, check_text

FOLDER = Path(__file__).parents[2] / "certificates" / "valid"
Json = Any


def load(name: str) -> Json:
    return json.loads((FOLDER / f"{name}.json").read_text())


def status(data: Json) -> tuple[str, str]:
    result = check_text(json.dumps(data, sort_keys=True, separators=(",", ":")) + "\n", Limits(seconds=20))
    return result.status, result.message


def test_inputs_and_outputs_stay_where_they_are_in_claims_about_all_data() -> None:
    """The same generator as an `invariant` proof, or in a `symmetry` or `fixed-space` claim, is refused at the input."""
    data = load("data-odd-relu")
    (generator,), (inner,) = data["claim"]["generators"], data["proof"]["nodes"]
    whole = {"actions": generator["actions"], "nodes": sorted(generator["nodes"] + inner)}
    about = {"activations": data["claim"]["activations"]}
    invariant = {**data, "claim": {"kind": "invariant", "subspace": data["claim"]["subspace"], **about}, "proof": {"method": "symmetry", "generators": [whole]}}
    assert status(invariant) == ("invalid", "generator 0: the actions at node 0 (input) do not follow from those of its arguments")
    claim = {"kind": "fixed-space", "subspace": data["claim"]["subspace"], "generators": data["claim"]["generators"], **about}
    assert status({**data, "claim": claim})[0] == "malformed"
    leaves = [n for n in generator["nodes"] if data["model"]["nodes"][n[0]]["op"] == "parameter"]
    rest = [n for n in whole["nodes"] if n not in leaves]
    claim["generators"] = [{"actions": generator["actions"], "nodes": leaves}]
    refused = status({**data, "claim": claim, "proof": {"method": "equivariance", "nodes": [rest]}})
    assert refused == ("invalid", "generator 0: the actions at node 0 (input) do not follow from those of its arguments")


def test_the_output_must_move_as_the_claim_says() -> None:
    """Targets that change their sign with outputs that do not, or the other way round, prove nothing."""
    data = load("data-weak-coordinates")
    for example in data["claim"]["data"]:
        example["y"] = [["0"]]  # 0 = −0: now the data are closed for both signs of ε
    assert status(data)[0] == "verified"
    flipped = copy.deepcopy(data)
    flipped["claim"]["generators"][0]["actions"].append({"permutation": [0], "signs": [-1]})
    flipped["claim"]["generators"][0]["nodes"].append([5, [1]])
    assert status(flipped) == ("invalid", "generator 0: the actions at node 5 (contract) do not follow from those of its arguments")


def test_an_action_on_an_output_is_part_of_the_claim() -> None:
    data = load("data-odd-relu")
    nodes = data["claim"]["generators"][0]["nodes"]
    output = nodes.pop()
    assert output[0] == data["model"]["outputs"][0]
    data["proof"]["nodes"][0].append(output)
    for example in data["claim"]["data"]:
        example["y"] = [["0"]]
    assert status(data) == ("invalid", "generator 0: the action on an output is part of the claim, not of the proof")


def test_without_generators_only_the_whole_space_is_invariant() -> None:
    data = load("data-odd-relu-identity")
    data["claim"]["generators"], data["proof"]["nodes"] = [], []
    assert status(data)[0] == "invalid"
    data["claim"] |= {"subspace": {"dimension": 6, "rows": []}, "predictor": []}
    assert status(data)[0] == "verified"


def test_the_predictor_is_an_identity_not_a_value_at_the_data() -> None:
    """F and W1[1,0] W2[0,1] x[0] + W1[1,1] W2[0,1] x[1] + c·(something that vanishes at the data) differ elsewhere."""
    data = load("data-odd-relu")
    assert status(data)[0] == "verified"
    for terms in ([], [["1", [2, 9], [0]]], [["1", [], []], *data["claim"]["predictor"][0]]):
        wrong = copy.deepcopy(data)
        wrong["claim"]["predictor"] = [terms]
        assert status(wrong) == ("invalid", "output entry 0 is not shown to be the polynomial of the predictor on the subspace")
    other = copy.deepcopy(data)  # the same polynomial on the subspace through other parameters: W1[0,:] = −W1[1,:], W2[0,0] = −W2[0,1]
    other["claim"]["predictor"][0] = [["1", [0, 8], [0]], ["1", [6, 11], [0]], ["1", [1, 8], [1]], ["1", [7, 11], [1]]]
    assert status(other)[0] == "verified"


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("data-*.json")))
def test_the_statement_has_the_data(name: str) -> None:
    data = load(name)
    result = check_text((FOLDER / f"{name}.json").read_text())
    assert result.status == "verified" and f"the {len(data['claim']['data'])} examples" in result.statement
    assert all(value in result.statement for example in data["claim"]["data"][:12] for part in example["y"] for value in part)
    assert any("mini-batches" in line for line in result.not_claimed)
