"""The bytes: one canonical text, and nothing that is not text crashes the checker."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simcert.checker import Limits, check_text
from tests.checker.models import certificate, mlp, print_text, space, swap, tied

MODEL = mlp([2, 3, 1], {"class": "odd"})
CLAIM = {"activations": {"s": ["odd"]}, "kind": "invariant", "subspace": tied(MODEL)}
PROOF = {"generators": [{"actions": [swap(3)], "nodes": [[1, [0, -1]], [2, [0]], [3, [0]], [4, [-1, 0]]]}], "method": "symmetry"}
VALID = print_text(certificate(MODEL, CLAIM, PROOF, {"title": "two tied units"}))


def test_valid() -> None:
    result = check_text(VALID)
    assert result.status == "verified", result.message
    assert "W1[0,0] = W1[1,0]" in result.statement
    assert "odd" in result.statement
    assert result.not_claimed and result.trust and len(result.theorem) == 64
    assert check_text(VALID.encode()) == check_text(VALID) or check_text(VALID.encode()).status == "verified"
    with pytest.raises(TypeError):
        bool(result)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\n",
        b"PK\x03\x04\x14\x00",
        b"\xff\xfe{}",
        b"[" * 100_000,
        b"[" * 100_000 + b"]" * 100_000 + b"\n",
        b'{"a":' * 100_000,
        b'"' + b"[" * 1000 + b'"\n',
        b"null\n",
        b"[]\n",
        b"0\n",
        VALID[:-1].encode(),
        VALID.encode() + b"\n",
        VALID.encode() + b"x",
        b" " + VALID.encode(),
        VALID.replace(",", ", ").encode(),
        VALID.replace('"version":1', '"version":1.0').encode(),
        VALID.replace('"version":1', '"version":true').encode(),
        VALID.replace('"version":1', '"version":NaN').encode(),
        VALID.replace('"version":1', '"version":Infinity').encode(),
        VALID.replace('"version":1', '"version":1e0').encode(),
        VALID.replace('"version":1', '"version":1,"version":1').encode(),
        VALID.replace('"version":1', '"version":01').encode(),
        VALID.replace('"version":1', '"version":-0').encode(),
        VALID.replace('"version":1', '"extra":0,"version":1').encode(),
        VALID.replace('"title"', '"\\u0074itle"').encode(),
        VALID.replace("two tied", "two\\ttied").encode(),
        VALID.replace("two tied", "two\ttied").encode(),
        VALID.replace("two tied", "two\x7ftied").encode(),
        VALID.replace("two tied units", "é").encode(),
        VALID.replace('"two tied units"', "0").encode(),
        VALID.replace('"format":"simcert"', '"format":"simcerT"').encode(),
        json.dumps(json.loads(VALID), indent=0).encode(),
        VALID.replace("\n", "\r\n").encode(),
        b"\xef\xbb\xbf" + VALID.encode(),
    ],
)
def test_malformed(text: bytes) -> None:
    assert check_text(text).status == "malformed"


def test_surrogates_in_a_string_are_malformed() -> None:
    assert check_text("\ud800").status == "malformed"


def test_other_versions_are_unsupported() -> None:
    assert check_text(VALID.replace('"version":1', '"version":2')).status == "unsupported"


@pytest.mark.parametrize("digits", ["1" * 1_000_000, "1/" + "3" * 1_000_000])
def test_long_rationals_are_a_limit(digits: str) -> None:
    text = VALID.replace('[0,"1"]', f'[0,"{digits}"]', 1)
    assert text != VALID
    assert check_text(text).status == "limit"


def test_long_integers_are_a_limit() -> None:
    assert check_text(VALID.replace('"version":1', '"version":' + "1" * 5000)).status == "limit"
    assert check_text(VALID, Limits(max_bytes=100)).status == "limit"
    assert check_text(VALID, Limits(max_nodes=3)).status == "limit"
    assert check_text(VALID, Limits(max_entries=3)).status == "limit"
    assert check_text(VALID, Limits(seconds=0.0)).status == "limit"


@pytest.mark.parametrize("number", ["-0", "0/1", "2/4", "1/1", "01", "+1", "1/-2", "1.0", " 1", "1_0", "", "/", "1/", "٣", "1/0", "0/2", "--1"])
def test_numbers_have_one_spelling(number: str) -> None:
    d = json.loads(VALID)
    d["claim"]["subspace"]["rows"][0]["constant"] = number
    assert check_text(print_text(d)).status == "malformed"


def test_the_theorem_is_named_by_model_and_claim_only() -> None:
    d = json.loads(VALID)
    d["meta"] = {}
    assert check_text(print_text(d)).theorem == check_text(VALID).theorem
    d["proof"] = {"method": "none"}
    incomplete = check_text(print_text(d))
    assert (incomplete.status, incomplete.theorem) == ("incomplete", check_text(VALID).theorem)
    d["claim"]["subspace"] = space(MODEL)
    assert check_text(print_text(d)).theorem != check_text(VALID).theorem


@given(st.binary(max_size=200))
def test_no_bytes_crash(data: bytes) -> None:
    assert check_text(data).status == "malformed"


LEAF = st.none() | st.booleans() | st.integers(-2, 3) | st.sampled_from(["0", "1", "-1", "odd", "itself", "x", "1/2", "W1"])
VALUE = st.recursive(LEAF, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["op", "shape", "name", "class", "matrix"]), inner))


@given(st.data())
def test_no_replacement_crashes(data: st.DataObject) -> None:
    """Any JSON in place of any part gives a verdict, and what is still verified has the same claim or one of a whole-space or equal subspace."""
    d = json.loads(VALID)
    place, key = d, data.draw(st.sampled_from(sorted(d)))
    while isinstance(place[key], dict | list) and place[key] and data.draw(st.booleans()):
        place = place[key]
        key = data.draw(st.sampled_from(sorted(place)) if isinstance(place, dict) else st.integers(0, len(place) - 1))
    place[key] = data.draw(VALUE)
    result = check_text(print_text(d))
    assert result.status in {"verified", "invalid", "malformed", "incomplete", "unsupported", "limit"}
    if result.status == "verified":
        assert d["claim"]["subspace"] == CLAIM["subspace"]
