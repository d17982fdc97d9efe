"""The canonical form, the strict reader, and files that are written whole or not at all."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simcert.certificates import codec
from simcert.errors import CertificateFormatError, ResourceLimit, SpecError

plain = st.text(st.characters(min_codepoint=32, max_codepoint=126, exclude_characters='"\\'), max_size=8)
values = st.recursive(
    st.integers(-(1 << 61), 1 << 61) | plain, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(plain, inner, max_size=5), max_leaves=30
)


def certificate() -> dict:
    model = {
        "activations": {}, "inputs": [{"name": "x", "shape": [1]}],
        "nodes": [
            {"op": "parameter", "shape": [1, 1], "name": "W1"}, {"op": "input", "shape": [1], "name": "x"},
            {"op": "contract", "shape": [1], "args": [0, 1], "spec": "ij,j->i"},
        ],
        "outputs": [2], "parameters": [{"name": "W1", "shape": [1, 1]}],
    }  # fmt: skip
    claim = {"kind": "not-invariant", "activations": {}, "subspace": {"dimension": 0, "rows": [{"constant": "0", "entries": [[0, "1"]]}]}}
    return codec.assemble(model, claim, {"method": "none"}, {"title": "linear:1-1"})


@given(values)
def test_canonical_text_is_read_back_and_printed_again(value: object) -> None:
    text = codec.canonical(value)
    assert text.isascii() and text.endswith("\n") and text.count("\n") == 1
    assert codec.loads(text) == value == codec.loads(text.encode())
    assert text == json.dumps(value, sort_keys=True, separators=(",", ":")) + "\n"


@pytest.mark.parametrize(
    "value", [1.5, None, True, {"a": [False]}, {1: "a"}, float("nan"), ["ü"], 'a"b', "a\\b", "a\nb", 1 << 70, [1, 1 << 70], {"k\n": 1}, {1, 2}]
)
def test_nothing_but_objects_lists_plain_strings_and_integers_is_written(value: object) -> None:
    with pytest.raises(CertificateFormatError):
        codec.canonical(value)


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ('{"a":1,"a":2}', "'a' occurs twice"), ("[1.0]", "float 1.0"), ("[1e3]", "float 1e3"), ("[NaN]", "float NaN"), ("[Infinity]", "float"),
        ("[true]", "True"), ("[null]", "None"), ('["\\u0041\\n"]', "needs an escape"), ("[", "not JSON"),
        ("", "not JSON"), ("[1] 2", "not JSON"), ("[" * 40 + "]" * 40, "nested"),
        ("[" * 100_000, "nested"), ("9" * 5000, "an integer of"), ("[99999999999999999999]", "62 bits"),
        (b"\xff", "not ASCII"), ('"é"'.encode(), "not ASCII"), ("'a'", "not JSON"),
    ],
)  # fmt: skip
def test_what_is_not_strict_json_is_refused_with_its_place(text: str | bytes, fact: str) -> None:
    with pytest.raises(CertificateFormatError, match=fact) as caught:
        codec.loads(text, "file.json")
    assert "file.json" in caught.value.place


def test_a_long_text_is_a_limit() -> None:
    with pytest.raises(ResourceLimit, match="limit is 5"):
        codec.loads("[1,2,3]", limit=5)


@pytest.mark.parametrize(
    "other",
    [
        lambda text: text[:-1], lambda text: text + "\n", lambda text: text.replace(":", ": ", 1), lambda text: " " + text, lambda text: text[:-1] + "\r\n",
        lambda text: json.dumps(json.loads(text), separators=(",", ":"))[:-1] + "}", lambda text: text.replace("odel", "\\u006fdel", 1),
        lambda text: json.dumps(dict(reversed(json.loads(text).items())), separators=(",", ":")) + "\n",
    ],
)  # fmt: skip
def test_only_the_canonical_bytes_are_a_certificate(other) -> None:
    text = codec.canonical(certificate())
    assert codec.loads_certificate(text) == certificate()
    with pytest.raises(CertificateFormatError, match="canonical"):
        codec.loads_certificate(other(text), "c.json")


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.pop("meta"), lambda d: d.update(extra="1"), lambda d: d.update(version=2), lambda d: d.update(format="other"), lambda d: d.update(claim=[]),
        lambda d: d["claim"].pop("kind"), lambda d: d["claim"].update(kind=3), lambda d: d.update(proof="none"), lambda d: d.update(model=[]),
    ],
)  # fmt: skip
def test_another_outer_shape_is_not_a_certificate(change) -> None:
    data = certificate()
    change(data)
    with pytest.raises(CertificateFormatError):
        codec.loads_certificate(codec.canonical(data))


def test_the_name_of_a_theorem_is_the_hash_of_claim_and_model_only() -> None:
    data = certificate()
    text = json.dumps({"claim": data["claim"], "model": data["model"]}, sort_keys=True, separators=(",", ":"))
    assert codec.theorem_hash(data["model"], data["claim"]) == hashlib.sha256(text.encode()).hexdigest()
    assert codec.default_name(data) == f"not-invariant-{hashlib.sha256(text.encode()).hexdigest()[:12]}.json"
    assert codec.default_name({**data, "proof": {}, "meta": {}}) == codec.default_name(data)


def test_meta_is_made_plain() -> None:
    meta = codec.assemble({}, {"kind": "x"}, {}, {"title": 'θ "a\\b"\n'})["meta"]
    assert meta == {"title": "? ?a?b??"}
    codec.canonical(meta)


def test_a_failed_check_or_an_interrupt_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    codec.write_atomically(path, "old")
    for error in (SpecError("no"), KeyboardInterrupt(), MemoryError(), SystemExit(3)):

        def check(file: Path, error: BaseException = error) -> None:
            assert file.read_text() == "new" and file.parent == tmp_path
            raise error

        with pytest.raises(type(error)):
            codec.write_atomically(path, "new", check)
        assert path.read_text() == "old" and [file.name for file in tmp_path.iterdir()] == ["c.json"]
    codec.write_atomically(path, "new")
    assert path.read_text() == "new" and [file.name for file in tmp_path.iterdir()] == ["c.json"]


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="no such folder"):
        codec.write_atomically(tmp_path / "none" / "c.json", "x")
    with pytest.raises(SpecError, match="not a regular file"):
        codec.write_atomically(tmp_path, "x")
    with pytest.raises(SpecError, match="not a regular file"):
        codec.require_writable("/dev/null")
    with pytest.raises(SpecError, match="cannot be written"):
        codec.write_atomically(tmp_path / "bad\0name", "x")
    codec.require_writable("")


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="no such file"):
        codec.read_bytes(tmp_path / "none.json")
    with pytest.raises(SpecError, match="cannot be read"):
        codec.read_bytes(tmp_path)
    (tmp_path / "long").write_text("12345")
    with pytest.raises(ResourceLimit):
        codec.read_bytes(tmp_path / "long", limit=4)
