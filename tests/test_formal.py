"""The machine-checked checker and the independent one agree over the corpus, and the command line says what either found."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from simcert import api, formal
from simcert.cli import main
from simcert.errors import SimcertError, SpecError

CORPUS = Path(__file__).parents[1] / "certificates"
VALID = CORPUS / "valid" / "tie-tanh.json"
built = pytest.mark.skipif(formal.binary() is None, reason="the machine-checked checker is not built (make formal)")


@built
@pytest.mark.parametrize("folder", ["valid", "invalid", "malformed", "incomplete", "unsupported"])
def test_no_disagreement(folder: str) -> None:
    files = sorted((CORPUS / folder).glob("*.json"))
    assert files
    for file in files:
        mine, theirs = api.verify(file).status, formal.verify(file).status
        assert not formal.contradicts(mine, theirs, formal.method_of(file)), f"{file.name}: {mine} and {theirs}"
        assert theirs in {mine, "unsupported"}, f"{file.name}: {mine} and {theirs}"


def call(*arguments: str) -> Result:
    result = CliRunner().invoke(main, list(arguments))
    assert "Traceback" not in result.output
    return result


@built
def test_verify_prints_both_verdicts() -> None:
    result = call("verify", "--formal", str(VALID))
    assert result.exit_code == 0
    assert f"{VALID}: verified" in result.output
    assert "formal       verified" in result.output
    assert "not proved   that the gradient flow has solutions" in result.output and "trusted      Coq's kernel" in result.output


@built
def test_what_is_not_proved_depends_on_the_kind() -> None:
    said = {name: formal.verify(CORPUS / "valid" / f"{name}.json").not_proved for name in ("orbit-magic", "symmetries-tanh", "rows-only-square-residue")}
    assert any("Hermann and Nagano" in line for line in said["orbit-magic"]) and not said["symmetries-tanh"]
    assert any("other members of a class" in line for line in said["rows-only-square-residue"])
    assert "formal       unsupported" in call("verify", "--formal", str(CORPUS / "unsupported" / "kind-unknown.json")).output


def test_what_the_binary_says_is_not_proved_is_kept_apart(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(formal.VARIABLE, script(tmp_path, "verified: this; not proved: that; not proved: more", 0))
    verdict = formal.verify(VALID)
    assert (verdict.statement, verdict.not_proved) == ("this", ("that", "more"))
    assert verdict.to_json()["not_proved"] == ["that", "more"] and verdict.to_json()["trust"]


@built
def test_json_has_both_statuses() -> None:
    result = call("verify", "--formal", "--quiet", "--json", str(VALID), str(CORPUS / "valid" / "orbit-attention.json"))
    assert result.exit_code == 0
    first, second = json.loads(result.stdout)["results"]
    assert (first["status"], first["formal"]["status"]) == ("verified", "verified")
    assert (second["status"], second["formal"]["status"]) == ("verified", "unsupported")


CHANGES = [
    ("quotient-tied-tanh", ("metric", 0), "1"),
    ("quotient-tied-tanh", ("map", 4, "entries", 1, 1), "2"),
    ("quotient-tied-tanh", ("map", 0, "constant"), "1/5"),
    ("quotient-tied-tanh", ("subspace", "rows", 0, "entries", 1, 1), "-2"),
    ("quotient-relu-turned", ("subspace", "rows", 2, "entries", 1, 1), "-3/4"),
    ("quotient-relu-turned", ("map", 0, "entries", 1, 1), "2/5"),
    ("relu-rotated", ("subspace", "rows", 0, "entries", 1, 1), "4/3"),
    ("dead-leaky-conv", ("subspace", "rows", 3, "constant"), "1"),
]


@built
@pytest.mark.parametrize(("name", "place", "value"), CHANGES)
def test_a_changed_claim_is_not_verified(tmp_path: Path, name: str, place: tuple[str | int, ...], value: str) -> None:
    text = (CORPUS / "valid" / f"{name}.json").read_text()
    certificate = json.loads(text)
    inside = certificate["claim"]
    for key in place[:-1]:
        inside = inside[key]
    assert inside[place[-1]] != value
    assert formal.verify(CORPUS / "valid" / f"{name}.json").status == "verified"
    inside[place[-1]] = value
    changed = tmp_path / "changed.json"
    changed.write_text(json.dumps(certificate, sort_keys=True, separators=(",", ":")) + "\n")
    assert formal.verify(changed).status == "invalid"


def test_without_the_option_nothing_is_said_of_it() -> None:
    result = call("verify", "--quiet", "--json", str(VALID))
    assert result.exit_code == 0
    assert "formal" not in json.loads(result.stdout)["results"][0]


def test_how_to_build_it_where_it_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(formal.VARIABLE, str(tmp_path / "nothing"))
    result = call("verify", "--formal", str(VALID))
    assert result.exit_code == 2
    assert "run 'make formal'" in result.output


def script(folder: Path, line: str, code: int) -> str:
    """A binary that prints one line after the file's name, and stops with an exit code."""
    path = folder / "binary"
    path.write_text(f'#!/bin/sh\nshift 3\necho "$1: {line}"\nexit {code}\n')
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize(("line", "code", "expected"), [("invalid", 1, 70), ("malformed", 3, 70), ("unsupported", 4, 0), ("limit", 5, 0)])
def test_a_contradiction_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, line: str, code: int, expected: int) -> None:
    monkeypatch.setenv(formal.VARIABLE, script(tmp_path, line, code))
    result = call("verify", "--formal", "--quiet", "--json", str(VALID))
    assert result.exit_code == expected
    assert json.loads(result.stdout)["results"][0]["formal"]["status"] == line
    assert ("contradict" in result.stderr) == (expected == 70)


@pytest.mark.parametrize(("line", "code"), [("verified", 1), ("nonsense", 4), ("invalid", 0), ("", 139)])
def test_a_binary_that_fails_is_no_verdict(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, line: str, code: int) -> None:
    monkeypatch.setenv(formal.VARIABLE, script(tmp_path, line, code))
    with pytest.raises(SimcertError, match="stopped with exit code"):
        formal.verify(VALID)


def test_only_a_proof_by_congruence_scaling_or_expansion_may_be_verified_by_one_and_invalid_for_the_other() -> None:
    assert formal.contradicts("invalid", "verified", "identity")
    assert not formal.contradicts("invalid", "verified", "congruence")
    assert formal.contradicts("verified", "invalid", "congruence")
    assert formal.contradicts("malformed", "verified", "congruence")
    assert not formal.contradicts("verified", "unsupported", "ball")
    assert not formal.contradicts("invalid", "verified", "scaling")
    assert not formal.contradicts("invalid", "verified", "expansion")
    assert not formal.contradicts("invalid", "verified", "precision")
    assert formal.method_of(VALID) == "symmetry"
    assert formal.method_of(CORPUS / "valid" / "laws-cube.json") == "scaling"
    assert formal.method_of(CORPUS / "valid" / "orbit-brackets-needed.json") == "bounds"
    assert formal.method_of(CORPUS / "malformed" / "empty.json") == ""


def test_an_unreadable_file_is_a_usage_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(formal.VARIABLE, script(tmp_path, "unreadable", 2))
    with pytest.raises(SpecError, match="cannot read"):
        formal.verify(tmp_path / "no-file.json")


@built
def test_deep_networks_by_interval_arithmetic(tmp_path: Path) -> None:
    """Lower bounds at arguments that no residue is known for; a minor that is not regular, or a wrong number, is not verified."""
    path = tmp_path / "orbit.json"
    for activation in ("tanh", "silu", "softplus"):
        assert call("orbit", f"mlp:2-2-2-1:{activation}", "--at", "generic", "-o", str(path)).exit_code == 0
        data = json.loads(path.read_text())
        lower = data["proof"]["lower"]
        assert "precision" in lower["numbers"] and len(lower["words"]) == data["claim"]["lower"]
        assert formal.verify(path).status == "verified"
        repeated = lower | {"words": [lower["words"][1], *lower["words"][1:]]}
        for claim, proof in (({}, {"lower": repeated}), ({"lower": data["claim"]["lower"] - 1}, {})):
            changed = data | {"claim": data["claim"] | claim, "proof": data["proof"] | proof}
            path.write_text(json.dumps(changed, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n")
            assert api.verify(path).status == "invalid" and formal.verify(path).status == "unsupported", (activation, claim)


@built
def test_fewer_bits_than_the_machine_checked_checker_takes_are_no_contradiction(tmp_path: Path) -> None:
    path = tmp_path / "orbit.json"
    assert call("orbit", "mlp:2-2-2-1:tanh", "--at", "generic", "-o", str(path)).exit_code == 0
    text = path.read_text()
    assert '"precision":256' in text
    path.write_text(text.replace('"precision":256', '"precision":1'))
    assert (api.verify(path).status, formal.verify(path).status) == ("invalid", "verified")
    assert formal.method_of(path) == "precision"
    result = call("verify", "--formal", str(path))
    assert result.exit_code == 1 and "contradict" not in result.output
