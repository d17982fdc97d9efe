"""The checker's rules for intrinsic dynamics, one by one: what each hypothesis is for, and attacks on it."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from simcert.certificates import codec
from simcert.checker import check_text
from simcert.checker.balance import _side
from simcert.dynamics.decide import intrinsic
from simcert.dynamics.factorizations import factorization
from simcert.models.points import parse_point
from simcert.models.spec import load_model

Json = dict[str, Any]
VALID = Path(__file__).parents[2] / "certificates" / "valid"


def load(name: str) -> Json:
    return json.loads((VALID / f"{name}.json").read_text())


def status(data: Json) -> tuple[str, str]:
    result = check_text(json.dumps(data, sort_keys=True, separators=(",", ":")) + "\n")
    return result.status, result.message


def made(model: str, point: Any) -> Json:
    program = factorization(load_model(model))
    found = intrinsic(program, parse_point(program, point)).certificate
    assert found is not None
    return json.loads(codec.canonical(codec.assemble(found["model"], found["claim"], found["proof"], found["meta"])))


def with_proof_of(data: Json, other: Json) -> Json:
    """The claim's own numbers and bounds with the method of another proof."""
    out = copy.deepcopy(data)
    lie = data["proof"]["lie"]
    out["proof"] = {**other["proof"], "lie": lie}
    out["claim"] = {**out["claim"], "kind": "intrinsic", "laws": other["claim"]["laws"], "where": other["claim"]["where"]}
    return out


@pytest.mark.parametrize(
    ("widths", "steps", "rank", "where"),
    [
        ((2, 2, 2), (0,), 1, "level"), ((3, 2, 3), (0,), 0, "level"), ((2, 2, 3), (5,), 1, "level"), ((3, 2, 2), (-5,), 0, "level"),
        ((3, 2, 2), (5,), 2, "near"), ((2, 3, 2), (5,), 2, "level"), ((2, 2, 2, 2), (1, 2), 0, "level"), ((2, 3, 4, 2), (1, 2), 0, "level"),
        ((2, 3, 2, 2), (1, -1), 0, "level"), ((2, 3, 2, 2), (-1, 1), 0, "level"), ((2, 3, 2, 2), (1, 1), 2, "near"), ((2, 3, 2, 2), (-1, 2), 2, "near"),
    ],
)  # fmt: skip
def test_where_an_end_is_determined(widths: tuple[int, ...], steps: tuple[int, ...], rank: int, where: str) -> None:
    assert _side(widths, steps, rank) == where


def test_relaxed_balance_of_low_rank_is_not_accepted() -> None:
    """U = [1; 0] is 3 × 2, V = 0: S = 1, but rotating U leaves Z = 0 and moves UUᵀ. A proof as for full rank must fail."""
    refuted = load("not-intrinsic-relaxed-balanced-of-low-rank")
    assert status(refuted)[0] == "verified"
    other = made("linear:2-2-3", {"W2": [["5/4", 0], [0, "5/4"], [0, 0]], "W1": [["3/4", 0], [0, "3/4"]]})
    for where in ("near", "level"):
        data = with_proof_of(refuted, other)
        data["claim"]["where"] = where
        found, message = status(data)
        assert found == "invalid" and "not determined by the product" in message


def test_a_level_that_is_not_balanced_is_not_accepted() -> None:
    found, message = status(with_proof_of(load("not-intrinsic-square"), load("intrinsic-balanced")))
    assert found == "invalid" and "not a multiple of the identity" in message


@pytest.mark.parametrize(
    ("u", "v", "coefficients"),
    [
        ([[1, 0, 0, 0], [0, 2, 0, 0]], [[0, 0, 1, 0], [0, 0, 0, 1]], ("0", "1")),  # S = diag(1, 4, −1, −1): three eigenvalues
        ([[1, 0, 0, 0], [0, 1, 0, 0]], [[0, 0, 1, 0], [0, 0, 0, 0]], ("0", "1")),  # rank 3
        ([[1, 0, 0, 0], [0, 1, 0, 0]], [[0, 0, 1, 0], [0, 0, 0, 1]], ("0", "0")),
        ([[1, 0, 0, 0], [0, 1, 0, 0]], [[0, 0, 1, 0], [0, 0, 0, 1]], ("1", "1")),
    ],
)
def test_the_signature_needs_two_eigenvalues_and_full_rank(u: Any, v: Any, coefficients: tuple[str, str]) -> None:
    data = load("intrinsic-frame")
    data["claim"]["point"] = {"W2": [str(x) for row in u for x in row], "W1": [str(v[j][i]) for i in range(4) for j in range(2)]}
    data["proof"]["blocks"][0]["coefficients"] = list(coefficients)
    assert status(data)[0] == "invalid"


def test_the_laws_have_to_fix_the_level() -> None:
    """Without the off-diagonal laws the level is larger, and G no function of Z on it."""
    data = load("intrinsic-relaxed-balanced")
    kept = [k for k, law in enumerate(data["claim"]["laws"]) if law[0][1][0] == law[0][1][1]]
    assert len(kept) < len(data["claim"]["laws"])
    data["claim"]["laws"] = [data["claim"]["laws"][k] for k in kept]
    data["proof"]["law_proof"]["generators"] = [data["proof"]["law_proof"]["generators"][k] for k in kept]
    found, message = status(data)
    assert found == "invalid" and "no multiple of a law" in message


def test_laws_that_are_not_conserved_are_not_accepted() -> None:
    """With coordinates as laws everything could be recovered from φ and h."""
    data = load("not-intrinsic-square")
    size = 8
    data["claim"] = {**data["claim"], "kind": "intrinsic", "laws": [[["1", [k]]] for k in range(size)], "where": "near"}
    lie = data["proof"]["lie"]
    proof = {"rows": list(range(4, 12)), "determinant": "1", "numbers": {"modulus": "2097143"}, "method": "recoverable", "lie": lie}
    for law_proof in ({"method": "identity"}, {"method": "scaling", "generators": []}):
        data["proof"] = {**proof, "law_proof": law_proof}
        assert status(data)[0] in ("invalid", "malformed")


def test_a_parameter_outside_the_products_is_noticed() -> None:
    data = load("intrinsic-balanced")
    data["model"]["nodes"] += [{"op": "parameter", "name": "c", "shape": [1]}]
    data["model"]["parameters"] += [{"name": "c", "shape": [1]}]
    data["claim"]["point"]["c"] = ["1"]
    assert status(data)[0] in ("invalid", "malformed")


def change_value(data: Json) -> None:
    data["proof"]["value"] = "1"


def no_vector(data: Json) -> None:
    data["proof"] |= {"combination": [], "words": [], "value": "0"}


@pytest.mark.parametrize("change", [change_value, no_vector])
def test_a_refutation_needs_its_numbers(change: Callable[[Json], None]) -> None:
    data = load("not-intrinsic-column")
    change(data)
    assert status(data)[0] == "invalid"


def test_a_claim_about_a_network_with_inputs_is_malformed() -> None:
    data = load("laws-linear")
    data["claim"] = {**load("not-intrinsic-square")["claim"], "point": data["proof"]["point"]}
    assert status(data) == ("malformed", "/model: a factorisation has no inputs, and all its activations are polynomials")


def test_the_statement_says_what_is_excluded() -> None:
    """With ∂φ of full rank no map at all; otherwise no differentiable one."""
    full, less = (check_text((VALID / f"{name}.json").read_bytes()).statement for name in ("not-intrinsic-column", "not-intrinsic-lora"))
    assert "no map K at all" in full
    low = check_text((VALID / "not-intrinsic-relaxed-balanced-of-low-rank.json").read_bytes()).statement
    assert "differentiable near φ(θ0)" in low and less
