"""Statuses: thresholds both ways, the worst of several, and numbers that are not finite."""

from __future__ import annotations

import json
import math

import pytest

from simcert.crosscheck.evidence import EXIT_CODES, ORDER, Evidence, Finding, exponent, large, number, small, worst


@pytest.mark.parametrize(("value", "status"), [(0.0, "agrees"), (1e-9, "agrees"), (1e-7, "inconclusive"), (1e-5, "disagrees"), (math.nan, "inconclusive")])
def test_small(value: float, status: str) -> None:
    assert small("x", value, 1e-8, 1e-6).status == status


@pytest.mark.parametrize(("value", "status"), [(0.0, "disagrees"), (1e-9, "disagrees"), (1e-7, "inconclusive"), (1e-5, "agrees"), (math.inf, "inconclusive")])
def test_large(value: float, status: str) -> None:
    assert large("x", value, 1e-6, 1e-8).status == status


def test_only_agreement_is_zero() -> None:
    assert set(EXIT_CODES) == set(ORDER) and [status for status, code in EXIT_CODES.items() if code == 0] == ["agrees"]
    for k, status in enumerate(ORDER):
        assert worst(ORDER[k:]) == status
    assert worst([]) != "agrees"


def test_evidence_says_what_it_is() -> None:
    findings = (Finding("a", 1.0, "1", "agrees"), Finding("b", math.nan, "0", "inconclusive"), Finding("c", 3.0, "0", "disagrees"))
    evidence = Evidence("invariant", "mlp", findings)
    assert evidence.status == "disagrees" and evidence.summary.what == "c" and "not a proof" in evidence.note
    assert json.loads(json.dumps(evidence.to_json(), allow_nan=False))["findings"][1]["measured"] is None
    assert Evidence("invariant", "mlp", findings[:2]).status == "inconclusive" and Evidence("invariant", "mlp", ()).status == "inconclusive"


def test_numbers_and_exponents() -> None:
    assert number(math.inf) == "not finite" and number(1e9) == "1e+09" and number(2.5) == "2.5"
    assert math.isclose(exponent([1, 10, 100], [5, 50, 500]), 1.0)
