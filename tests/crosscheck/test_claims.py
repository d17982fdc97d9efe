"""Every kind of claim: true ones agree, and for each way of measuring a false claim that makes it disagree."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import simcert as sc
from simcert.certificates.claims import Certificate
from simcert.crosscheck import crosscheck
from simcert.crosscheck.registry import CHECKS
from simcert.errors import CertificateFormatError
from tests.crosscheck.claims import activations, certificate, changed, statuses, subspace_claim

pytest.importorskip("diffrax", reason="cross-checks need simcert[jax]")

VALID = Path(__file__).parents[2] / "certificates" / "valid"
SEEDS = 4


@pytest.mark.parametrize(
    ("model", "equations", "facts"),
    [("mlp:1-2-1:tanh", "tie(1: 0,-1)", ["odd"]), ("mlp:1-2-1:relu", "tie(1: 0,1)", [])],
)
def test_invariant(model: str, equations: str, facts: list[str]) -> None:
    found = crosscheck(subspace_claim("invariant", model, equations, facts), SEEDS)
    assert {finding.status for finding in found.findings} == {"agrees"} and len(found.findings) == 10
    assert crosscheck(subspace_claim("not-invariant", model, equations, None), SEEDS).status == "disagrees"


@pytest.mark.parametrize(
    ("model", "equations", "facts"),
    [("linear:1-2-1", "W1[0,:] = W1[1,:]", []), ("mlp:1-2-1:tanh", "tie(1: 0,-1)", [])],
)
def test_not_invariant(model: str, equations: str, facts: list[str]) -> None:
    """The second is false because it claims too much: for tanh itself the subspace is invariant, for every function it is not."""
    found = crosscheck(subspace_claim("invariant", model, equations, facts), SEEDS)
    assert all(statuses(found, word) == {"disagrees"} for word in ("components", "gradient flow", "gradient descent", "momentum", "Nesterov", "Adam", "SGD"))


@pytest.mark.parametrize("name", ["affine-linear", "deep-erf", "antitie-softplus"])
def test_witnesses(name: str) -> None:
    found = crosscheck(VALID / f"{name}.json", SEEDS)
    assert {finding.status for finding in found.findings} == {"agrees"}
    assert statuses(found, "exponent") == statuses(found, "one step of gradient descent") == {"agrees"} and found.panels[0].lines[0].label == "gradient flow"


def test_a_witness_with_another_value_or_point_disagrees() -> None:
    given = Certificate.load(VALID / "affine-linear.json")
    wrong = Certificate({**given.data, "proof": {**given.proof, "value": "-3"}})
    assert statuses(crosscheck(wrong, SEEDS), "against the value") == {"disagrees"}
    outside = Certificate({**given.data, "proof": {**given.proof, "theta": {"W1": ["1", "2", "-2", "2"], "W2": ["2", "3"]}}})
    assert statuses(crosscheck(outside, SEEDS), "witness point") == {"disagrees"}
    for broken in ({"theta": {}}, {"input": {"x": ["1"]}}, {"equation": 9}, {"output": [0, 5]}, {"members": {"f": 3}}):
        with pytest.raises(CertificateFormatError):
            crosscheck(Certificate({**given.data, "proof": {**given.proof, **broken}}), SEEDS)


def test_a_witness_too_weak_for_floats_is_inconclusive() -> None:
    given = Certificate.load(VALID / "affine-linear.json")
    linear = Certificate({**given.data, "proof": {**given.proof, "input": {"x": ["0", "0"]}, "value": "0"}})
    found = crosscheck(linear, SEEDS)
    assert statuses(found, "relative to its terms") == {"inconclusive"} and found.status == "inconclusive"


@pytest.mark.parametrize("name", ["orbit-stalled-brackets", "orbit-antitied-tanh", "orbit-relu", "orbit-fixed-point"])
def test_orbit_dimension(name: str) -> None:
    given = Certificate.load(VALID / f"{name}.json")
    found = crosscheck(given, SEEDS)
    assert found.status == "agrees" and found.findings[0].measured == given.claim["lower"] == given.claim["upper"]
    assert name != "orbit-antitied-tanh" or crosscheck(changed(given, lower=7, upper=9), SEEDS).status == "disagrees"


def test_conservation_laws() -> None:
    law = [["-1", [0, 0]], ["1", [1, 1]]]  # W2² − W1² for W2·W1·x
    true = certificate("linear:1-1-1", {"kind": "conservation-laws", "laws": [law], "rank": 1, "generic": 1, "activations": {}})
    found = crosscheck(true, SEEDS)
    assert {finding.status for finding in found.findings} == {"agrees"}
    power = next(finding.measured for finding in found.findings if "exponent" in finding.what)
    assert 1.75 < power < 2.25
    false = crosscheck(changed(true, laws=[[["1", [0, 0]], ["1", [1, 1]]]]), SEEDS)
    assert statuses(false, "random points") == statuses(false, "flow") == statuses(false, "SGD") == {"disagrees"}
    assert next(finding.measured for finding in false.findings if "exponent" in finding.what) < 1.25
    assert statuses(crosscheck(changed(true, generic=2, rank=0, laws=[]), SEEDS), "orbit") == {"disagrees"}
    again = certificate(
        "linear:1-2-1", {"kind": "conservation-laws", "laws": [[["1", [0, 2]], ["-1", [1, 3]]]] * 2, "rank": 2, "generic": -1, "activations": {}}
    )
    assert statuses(crosscheck(again, SEEDS), "independent") == {"disagrees"}


def test_linear_laws_are_kept_exactly() -> None:
    """With W1 = 0 frozen by no law, the sum of two biases that nothing moves apart is one: b·1 + b'·1 has the law b − b'."""
    b = sc.Builder("two biases")
    x, w, one, two = b.input("x", 1), b.parameter("w", 1), b.parameter("b", 1), b.parameter("c", 1)
    net = b.program(w * x + one + two)
    claim = {"kind": "conservation-laws", "laws": [[["1", [1]], ["-1", [2]]]], "rank": 1, "generic": 2, "activations": {}}
    from simcert.certificates import codec

    found = crosscheck(Certificate(codec.assemble(net.to_json(), claim, {"method": "none"}, {})), SEEDS)
    assert {finding.status for finding in found.findings} == {"agrees"} and statuses(found, "kept exactly") == {"agrees"}


def test_symmetry_and_fixed_space() -> None:
    given = Certificate.load(VALID / "fixed-reflection.json")
    assert {finding.status for finding in crosscheck(given, SEEDS).findings} == {"agrees"}
    larger = changed(given, subspace={"dimension": given.parameters, "rows": []})
    assert statuses(crosscheck(larger, SEEDS), "rank of g") == statuses(crosscheck(larger, SEEDS), "gθ − θ") == {"disagrees"}
    flip = {"actions": [{"permutation": [0, 1], "signs": [-1, 1]}], "nodes": [[1, [0, -1]], [4, [-1, 0]]]}
    wrong = certificate("mlp:1-2-1:sigmoid", {"kind": "symmetry", "generators": [flip], "activations": activations("mlp:1-2-1:sigmoid", [])})
    found = crosscheck(wrong, SEEDS)
    assert statuses(found, "F(gθ) − F(θ)") == statuses(found, "∇F") == {"disagrees"} and statuses(found, "|gθ|") == {"agrees"}
    odd = certificate("mlp:1-2-1:tanh", {"kind": "symmetry", "generators": [flip], "activations": activations("mlp:1-2-1:tanh", ["odd"])})
    assert crosscheck(odd, SEEDS).status == "agrees"


def test_hull() -> None:
    given = Certificate.load(VALID / "hull-antitied-tanh.json")
    assert {finding.status for finding in crosscheck(given, SEEDS).findings} == {"agrees"}
    whole = changed(given, subspace={"dimension": 9, "rows": []})
    assert statuses(crosscheck(whole, SEEDS), "affine span") == {"disagrees"}
    moved = changed(given, point={**given.claim["point"], "W2": ["2", "3", "5"]})
    assert statuses(crosscheck(moved, SEEDS), "distance of the point") == {"disagrees"}


def test_lattice() -> None:
    given = sc.lattice("mlp:1-2-1:tanh").certificate
    found = crosscheck(given, SEEDS)
    assert {finding.status for finding in found.findings} == {"agrees"}
    nodes = given.claim["nodes"]
    k = next(i for i, node in enumerate(nodes) if len(node["rows"]) == 2)
    rows_only = {"dimension": 3, "rows": nodes[k]["rows"][:1]}
    assert statuses(crosscheck(changed(given, nodes=[*nodes[:k], rows_only, *nodes[k + 1 :]]), SEEDS), "across") == {"disagrees"}
    (i, j), *rest = given.claim["edges"]
    assert statuses(crosscheck(changed(given, edges=[[j, i], *rest]), SEEDS), "larger subspaces") == {"disagrees"}


def test_quotient() -> None:
    given = Certificate.load(VALID / "quotient-tied-tanh.json")
    assert {finding.status for finding in crosscheck(given, SEEDS).findings} == {"agrees"}
    (first, *rest), metric = given.claim["map"], given.claim["metric"]
    wrong = crosscheck(changed(given, metric=["7", *metric[1:]]), SEEDS)
    assert all(statuses(wrong, word) == {"disagrees"} for word in ("diag", "∇G", "flow", "descent"))
    other = {**first, "entries": [[q, "3"] for q, _ in first["entries"]]}
    assert statuses(crosscheck(changed(given, map=[other, *rest]), SEEDS), "F(θ)") == {"disagrees"}


def test_what_has_no_cross_check_is_unsupported_and_what_is_malformed_is_said() -> None:
    assert crosscheck(VALID.parent / "unsupported" / "kind-unknown.json").status == "unsupported"
    assert crosscheck(VALID.parent / "incomplete" / "false-claim-without-proof.json", SEEDS).status == "disagrees"
    with pytest.raises(CertificateFormatError, match="expected an integer"):
        crosscheck(VALID.parent / "malformed" / "dimension-wrong.json")


def test_an_orbit_of_a_large_network_is_unsupported() -> None:
    model = "linear:20-20-1"
    point = {"W1": ["1"] * 400, "W2": ["1"] * 20}
    found = crosscheck(certificate(model, {"kind": "orbit-dimension", "point": point, "lower": 0, "upper": 420, "activations": {}}), SEEDS)
    assert found.status == "unsupported" and "up to 300 parameters" in found.findings[0].what


def test_same_seed_same_numbers() -> None:
    given = subspace_claim("not-invariant", "mlp:1-2-1:tanh", "W1[0,:] = W1[1,:]")
    first, second, other = (crosscheck(given, SEEDS, seed).findings[0].measured for seed in (1, 1, 2))
    assert first == second != other and np.isfinite(first)


def test_every_kind_has_a_module() -> None:
    import importlib

    assert all(callable(importlib.import_module(f"simcert.crosscheck.{module}").check) for module in CHECKS.values())
