"""Changed certificates: what a checker still verifies after any small change of claim, model or proof must be true.

A changed proof of an unchanged claim may be another valid proof. A changed claim or model that verifies is compared with `tests/oracle.py`.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simcert.checker import Limits, check_text
from tests import afresh
from tests.mutations import Json, at, changed, holds, places, variants

FOLDER = Path(__file__).parents[1] / "certificates" / "valid"
NAMES = sorted(path.stem for path in FOLDER.glob("*.json"))
EVERY_LEAF = [
    "antitie-tanh", "mirrored-abs", "linear-rotated", "tie-heads", "magic", "dead-silu", "relu-rotated-by-identity", "balanced-linear",
    "orbit-tied-generic", "orbit-pulled-back-tanh", "laws-exp-bias", "hull-antitied-tanh", "rows-only-odd", "rational-function-residue",
    "rows-only-sin", "deep-tanh", "antitie-softplus", "deep-erf", "classification-tanh-1", "symmetries-even", "fixed-reflection",
    "lattice-two-tanh-units", "lattice-up-to-conjugacy",
    "quotient-antitied-bias", "quotient-swapped", "quotient-by-identity",
    "intrinsic-relaxed-balanced", "intrinsic-frame", "intrinsic-own-factorisation", "not-intrinsic-column",
    "data-odd-relu", "data-odd-tanh-bias", "data-quarter-turn",
]  # fmt: skip
LIMITS = Limits(max_terms=200_000, seconds=10.0)


@cache
def original(name: str) -> str:
    return (FOLDER / f"{name}.json").read_text()


def survives(data: Json, before: Json) -> bool:
    """Whether a changed certificate is verified; then a changed claim must be true."""
    result = check_text(json.dumps(data, sort_keys=True, separators=(",", ":")) + "\n", LIMITS)
    if result.status != "verified":
        return False
    same = data["claim"] == before["claim"] and data["model"] == before["model"]
    assert same or holds(data), f"verified, but false: {json.dumps(data)}"
    return True


@cache
def of_every_leaf(name: str) -> tuple[int, int]:
    """All changes of all values in claim and proof, and the first change of every value in the model: how many there are, and how many survive."""
    before = json.loads(original(name))
    tried = survivors = 0
    for part in ("claim", "proof", "model"):
        for path in places(before[part], (part,)):
            value = at(before, path)
            different = [v for v in variants(value) if v != value]
            for other in different[: 1 if part == "model" else 7]:
                tried += 1
                survivors += survives(changed(before, path, other), before)
    return tried, survivors


@pytest.mark.parametrize("name", EVERY_LEAF)
def test_what_survives_a_change_of_any_leaf_is_true(name: str) -> None:
    tried, survivors = of_every_leaf(name)
    assert tried > 100 and survivors < tried / 5


def test_nine_changes_of_ten_are_noticed() -> None:
    counts = [of_every_leaf(name) for name in EVERY_LEAF]
    assert sum(survivors for _, survivors in counts) * 10 <= sum(tried for tried, _ in counts)


@st.composite
def mutations(draw: st.DrawFn) -> tuple[Json, Json]:
    """A valid certificate and a copy of it with one to three changes of claim, proof or model."""
    before = json.loads(original(draw(st.sampled_from(NAMES))))
    after = before
    for _ in range(draw(st.sampled_from((1, 1, 1, 2, 3)))):
        part = draw(st.sampled_from(("claim", "claim", "proof", "model")))
        path = draw(st.sampled_from(list(places(after[part], (part,)))))
        other = [v for v in variants(at(after, path)) if v != at(after, path)]
        if other and path[0] != "meta":
            after = changed(after, path, draw(st.sampled_from(other)))
    return before, after


@settings(max_examples=1500, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.data_too_large, HealthCheck.too_slow])
@given(mutations())
def test_random_changes_prove_nothing_false(pair: tuple[Json, Json]) -> None:
    before, after = pair
    if after != before:
        survives(after, before)


def test_the_oracle_can_say_no() -> None:
    """Claims with the opposite kind are false, and so are symmetries with a sign too many."""
    for name in EVERY_LEAF:
        data = json.loads(original(name))
        kind = data["claim"]["kind"]
        assert holds(data), name
        if kind in ("invariant", "not-invariant"):
            data["claim"]["kind"] = "invariant" if kind == "not-invariant" else "not-invariant"
        elif kind == "lattice":
            data["claim"]["edges"].pop()
        elif kind == "quotient":
            data["claim"]["metric"][0] = "7"
        elif kind in afresh.KINDS:
            false = {
                "orbit-dimension": {"lower": 7, "upper": 7},
                "conservation-laws": {"laws": [[["1", [0]]]]},
                "classification": {"total": 7},
                "hull": {"subspace": {"dimension": 9, "rows": []}},
                "intrinsic": {"kind": "not-intrinsic"},
                "not-intrinsic": {"kind": "intrinsic"},
            }
            data["claim"] |= false[kind]
        elif kind == "data-invariant":
            data["claim"]["data"][0]["weight"] = "2"
        else:
            data["claim"]["generators"][0]["actions"][0] = {"permutation": [0, 1], "signs": [-1, 1]}
        assert not holds(data), name
