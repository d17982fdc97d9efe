"""Classifications, intrinsic dynamics and data with a symmetry: true claims agree, and for each way of measuring a false claim makes it disagree."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import simcert as sc
from simcert.certificates.claims import Certificate
from simcert.crosscheck import crosscheck
from simcert.crosscheck.arrays import double_precision
from simcert.crosscheck.drift import Laws
from simcert.crosscheck.intrinsic import Factorisation, word_vector
from simcert.crosscheck.members import as_defined
from simcert.crosscheck.network import Network
from simcert.dynamics import flow
from simcert.dynamics.factorizations import factorization
from simcert.errors import CertificateFormatError
from tests.crosscheck.claims import changed, statuses

pytest.importorskip("diffrax", reason="cross-checks need simcert[jax]")

VALID = Path(__file__).parents[2] / "certificates" / "valid"
SEEDS = 2
LAWS = [  # of W2·W1 with W1 of shape 2 × 1 and W2 of shape 2 × 2
    [["-1", [0, 0]], ["1", [2, 2]], ["1", [4, 4]]], [["-1", [0, 1]], ["1", [2, 3]], ["1", [4, 5]]], [["-1", [1, 1]], ["1", [3, 3]], ["1", [5, 5]]],
]  # fmt: skip


def load(name: str) -> Certificate:
    return Certificate.load(VALID / f"{name}.json")


def with_proof(given: Certificate, **keys: Any) -> Certificate:
    return Certificate({**given.data, "proof": {**given.proof, **keys}})


def test_classification() -> None:
    given = load("classification-half-planes-cosh-1")
    found = crosscheck(given, SEEDS)
    assert {finding.status for finding in found.findings} == {"agrees"} and len(found.findings) == 6
    first, second = given.claim["strata"]
    wrong = crosscheck(changed(given, strata=[first, {**second, "dimension": 2}]), SEEDS)
    assert statuses(wrong, "[] + 1 idle") == {"disagrees"} and statuses(wrong, "[1]") == {"agrees"}
    other = {"activations": {}, "proof": {}, "subspace": {"dimension": 1, "rows": [{"constant": "1", "entries": [[0, "1"]]}]}}
    strata = [given.proof["strata"][0], {**given.proof["strata"][1], "upper": other}]
    assert statuses(crosscheck(with_proof(given, strata=strata), SEEDS), "subspaces of 1 strata") == {"disagrees"}
    bare = crosscheck(Certificate({**given.data, "proof": {"method": "none"}}), SEEDS)
    assert bare.status == "agrees" and len(bare.findings) == 2


def test_a_classification_of_a_fast_growing_class_is_not_misread() -> None:
    """Flows of such functions may blow up; without tangent vectors nothing is said about a rank."""
    given = load("classification-generic0-2")
    pairs = next(stratum for stratum in given.claim["strata"] if stratum["blocks"] == [2])
    assert crosscheck(Certificate({**changed(given, strata=[pairs]).data, "proof": {"method": "none"}}), SEEDS).status == "agrees"


def test_intrinsic(monkeypatch: pytest.MonkeyPatch) -> None:
    given = load("intrinsic-scalars")
    found = crosscheck(given, SEEDS)
    assert {finding.status for finding in found.findings} == {"agrees"} and len(found.findings) == 6
    built = flow.intrinsic_flow

    def twice(*arguments: Any) -> Any:
        right = built(*arguments)
        return replace(right, apply=lambda z, s: 2 * right.apply(z, s))

    monkeypatch.setattr(flow, "intrinsic_flow", twice)
    wrong = crosscheck(changed(given, rank=2, lower=2, upper=2, laws=[[["1", [0, 0]], ["1", [1, 1]]]]), SEEDS)
    assert all(statuses(wrong, word) == {"disagrees"} for word in ("explicit flow", "rank of", "dimension", "law ·"))


def test_an_intrinsic_claim_where_dynamics_are_not() -> None:
    given = load("not-intrinsic-column")
    numbers = {name: given.claim[name] for name in ("point", "lower", "upper", "rank")}
    claim = {"kind": "intrinsic", "activations": {}, "laws": LAWS, "where": "level", **numbers}
    found = crosscheck(Certificate({**given.data, "claim": claim, "proof": {"method": "none"}}), SEEDS)
    assert statuses(found, "kernel") == statuses(found, "same φ and laws") == {"disagrees"} and statuses(found, "law ·") == {"agrees"}


def test_not_intrinsic() -> None:
    given = load("not-intrinsic-column")
    found = crosscheck(given, SEEDS)
    assert {finding.status for finding in found.findings} == {"agrees"} and len(found.findings) == 5
    first, *rest = given.proof["combination"]
    wrong = crosscheck(with_proof(given, combination=["5", *rest], value="7"), SEEDS)
    assert first != "5" and statuses(wrong, "∂φ·v") == statuses(wrong, "value in the proof") == {"disagrees"}
    with pytest.raises(CertificateFormatError, match="the vector"):
        crosscheck(with_proof(given, words=[[0], [9]]), SEEDS)
    scalars = load("intrinsic-scalars")
    claim = {"kind": "not-intrinsic", "activations": {}, **{name: scalars.claim[name] for name in ("point", "lower", "upper", "rank")}}
    assert statuses(crosscheck(Certificate({**scalars.data, "claim": claim, "proof": {"method": "none"}}), SEEDS), "kernel") == {"disagrees"}


def test_a_function_that_is_not_differentiable_at_the_point() -> None:
    """At typical points of the orbit G does not change along the kernel; at the point of the claim, where the product has a lower rank, it does."""
    assert crosscheck(load("not-intrinsic-relaxed-balanced-of-low-rank"), SEEDS).status == "agrees"


def test_brackets_are_those_of_linear_fields() -> None:
    """For φ = W2·W1 with one column the fields are linear, X(θ) = Aθ, and [X, Y](θ) = (BA − AB)θ."""
    program = factorization(sc.load_model("linear:1-2-2"))
    theta, covectors = np.arange(1.0, 7.0), np.eye(2)
    with double_precision():
        phi = Factorisation(Network(program, as_defined(program)), Laws(()))
        a, b = (np.array([word_vector(phi, e, covectors, (k,)) for e in np.eye(6)]).T for k in (0, 1))
        assert np.allclose(word_vector(phi, theta, covectors, (0, 1)), (b @ a - a @ b) @ theta)
        inner = b @ a - a @ b
        assert np.allclose(word_vector(phi, theta, covectors, (1, 0, 1)), (inner @ b - b @ inner) @ theta)


def test_data_invariant() -> None:
    given = load("data-odd-relu")
    found = crosscheck(given, SEEDS)
    assert {finding.status for finding in found.findings} == {"agrees"} and len(found.findings) == 9
    (first, *rest), (generator,) = given.claim["data"], given.claim["generators"]
    ((term, *terms),) = given.claim["predictor"]
    space = sc.subspace("mlp:2-4-1:relu", "W1[0,0] = 0").to_json()
    wrong = crosscheck(
        changed(given, data=[{**first, "y": [["-4"]]}, *rest], predictor=[[["2", *term[1:]], *terms]], subspace=space,
                generators=[{**generator, "nodes": generator["nodes"][:-1]}]), SEEDS,
    )  # fmt: skip
    assert all(
        statuses(wrong, word) == {"disagrees"} for word in ("nearest example", "F(gθ)(Tx)", "rank of g", "gθ − θ", "components", "flow", "descent", "predictor")
    )


def test_data_that_are_not_closed_need_not_be_kept() -> None:
    """The subspace is invariant only for data with the symmetry: with one example more, training leaves it."""
    given = load("data-odd-tanh-bias")
    more = {"weight": "1", "x": {"x": ["5"] * len(given.claim["data"][0]["x"]["x"])}, "y": [["1"]]}
    found = crosscheck(changed(given, data=[*given.claim["data"], more]), SEEDS)
    assert crosscheck(given, SEEDS).status == "agrees"
    assert all(statuses(found, word) == {"disagrees"} for word in ("nearest example", "components", "gradient flow"))
