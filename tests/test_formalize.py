"""`simcert formalize`: the files that it writes are accepted by Coq, with no other axioms, and a changed one is not."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from simcert import formal
from simcert.certificates import coq
from simcert.certificates.claims import Certificate
from simcert.cli import main

ROOT = Path(__file__).parents[1]
THEORIES = ROOT / "formal" / "theories"
VALID = sorted((ROOT / "certificates" / "valid").glob("*.json"))
TIED = ROOT / "certificates" / "valid" / "tie-tanh.json"
BODY = "Local Open Scope N_scope.\n"  # what stands before it is the same in all files
built = pytest.mark.skipif(formal.binary() is None, reason="the machine-checked checker is not built (make formal)")
compiles = pytest.mark.skipif(
    formal.binary() is None or shutil.which("coqc") is None or not (THEORIES / "Kernel.vo").is_file(),
    reason="there is no coqc, or its theories are not compiled (make formal)",
)


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def call(*arguments: str) -> Result:
    result = CliRunner().invoke(main, ["formalize", *arguments])
    assert "Traceback" not in result.output
    return result


def compiled(path: Path) -> subprocess.CompletedProcess[str]:
    command = ["coqc", "-R", str(THEORIES), "SimCert", str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)


def axioms(output: str) -> set[str]:
    """The names under `Axioms:` in what Coq prints; the types of long names stand on lines of their own."""
    lines = output.partition("Axioms:\n")[2].splitlines()
    return {line.split(":")[0].strip() for line in lines if line and not line.startswith(" ")}


def written(path: Path, module: str) -> str:
    verdict, certificate = formal.verify(path), Certificate.load(path)
    assert verdict.status == "verified"
    return coq.coq_file(certificate.data, certificate.text, verdict.statement, verdict.not_proved, module)


@compiles
def test_coq_accepts_the_file_and_prints_the_theorem_and_four_axioms_at_most() -> None:
    result = call(str(TIED), "-o", "tied.v")
    assert result.exit_code == 0, result.output
    assert (
        "written      tied.v (verified by the machine-checked checker" in result.output and "not proved   that the gradient flow has solutions" in result.output
    )
    text = Path("tied.v").read_text()
    assert "the_claim : claim := Invariant" in text and "(1, 1%Q); (3, (-1)%Q)" in text and 'NContract [3] [1; 0] [txt "ij"; txt "j"] (txt "i")' in text
    run = compiled(Path("tied.v"))
    assert run.returncode == 0, run.stderr
    assert "invariant_for the_model" in run.stdout and "claim_holds the_model the_assumptions the_claim" in run.stdout
    found = axioms(run.stdout)
    assert found and found <= set((ROOT / "formal" / "axioms.allowed").read_text().split())
    assert not re.search(r"^\s*(Admitted|Axiom|Parameter|Conjecture)|admit\.", text, re.MULTILINE)


@compiles
def test_every_kind_compiles() -> None:
    """The smallest supported certificate of each, in one file."""
    chosen = dict[str, Path]()
    for path in sorted(VALID, key=lambda p: p.stat().st_size):
        certificate = Certificate.load(path)
        if certificate.kind not in chosen and formal.verify(path).status == "verified":
            chosen[certificate.kind] = path
    assert set(chosen) == set(coq._CLAIMS)
    texts = [written(path, "all") for path in chosen.values()]
    head = texts[0].partition(BODY)[0].partition("*)\n")[2]
    bodies = [text.partition(BODY)[2].partition("(** The theorem with the words")[0] for text in texts]
    assert all(text.partition(BODY)[0].partition("*)\n")[2] == head for text in texts)
    modules = [f"Module M{k}.\n{body}\nEnd M{k}.\n" for k, body in enumerate(bodies)]
    theorems = ", ".join(f"M{k}.certified" for k in range(len(bodies)))
    Path("all.v").write_text(head + BODY + "".join(modules) + f"Definition all := ({theorems}).\nPrint Assumptions all.\n")
    run = compiled(Path("all.v"))
    assert run.returncode == 0, run.stderr
    assert axioms(run.stdout) <= set((ROOT / "formal" / "axioms.allowed").read_text().split())


@compiles
@pytest.mark.parametrize(
    ("old", "new", "lemma"),
    [
        ("s_dimension := 6", "s_dimension := 7", "about"),
        ("(3, (-1)%Q)", "(3, 1%Q)", "about"),
        ("Facts []", "Facts [Odd]", "about"),
        ('[[0,""1""],[2,""-1""]]', '[[0,""1""],[2,""-2""]]', "accepted"),
        ("""permutation"":[1,0,2]""", """permutation"":[0,1,2]""", "accepted"),
    ],
)
def test_coq_refuses_a_changed_file(old: str, new: str, lemma: str) -> None:
    text = written(TIED, "changed")
    assert text.count(old) > 0
    Path("changed.v").write_text(text.replace(old, new))
    run = compiled(Path("changed.v"))
    line = text[: text.index(f"Lemma {lemma}")].count("\n") + 2
    assert run.returncode != 0 and f"line {line}" in run.stderr


@built
def test_the_answer_as_json_and_the_name_of_the_file() -> None:
    Path("2-units.json").write_bytes(TIED.read_bytes())
    answer = json.loads(call("2-units.json", "--json").stdout)
    assert answer["output"] == "_2_units.v" and answer["status"] == "verified" and Path("_2_units.v").is_file()
    assert answer["not_proved"] == ["that the gradient flow has solutions"] and answer["theorem"] == Certificate.load(TIED).hash
    again = call(str(TIED), "-o", "other.v", "--quiet")
    assert not again.output and Path("other.v").read_text().replace("other.v", "_2_units.v") == Path("_2_units.v").read_text()


@built
@pytest.mark.parametrize(
    ("file", "code", "message"),
    [
        ("invalid/claim-changed-after-proof.json", 1, "invalid: "), ("malformed/empty.json", 3, "malformed: "),
        ("incomplete/invariant-without-proof.json", 4, "without a proof"), ("unsupported/classification-by-authority.json", 4, "'authority'"),
        ("valid/no-such-file.json", 2, "no such file"),
    ],
)  # fmt: skip
def test_what_is_not_verified_is_not_written(file: str, code: int, message: str) -> None:
    folder, name = file.split("/")
    path = ROOT / "certificates" / folder / name
    result = call(str(path), "-o", "a.v")
    assert result.exit_code == code and message in result.output, result.output
    assert not Path("a.v").exists()


@pytest.mark.parametrize(("status", "code"), [("unsupported", 4), ("limit", 5), ("malformed", 3), ("incomplete", 4)])
def test_what_only_this_checker_does_not_verify(monkeypatch: pytest.MonkeyPatch, status: str, code: int) -> None:
    monkeypatch.setattr(formal, "require_binary", lambda: Path("binary"))
    monkeypatch.setattr(formal, "verify", lambda *_: formal.FormalVerdict(status))
    result = call(str(TIED), "-o", "a.v")
    assert result.exit_code == code and "the independent checker says verified" in result.output and not Path("a.v").exists()


def test_how_to_build_it_where_it_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(formal.VARIABLE, str(tmp_path / "nothing"))
    result = call(str(TIED), "-o", "a.v")
    assert result.exit_code == 2 and "run 'make formal'" in result.output and not Path("a.v").exists()


@pytest.mark.parametrize("name", ["a-b.v", "1.v", "tied.txt", "tied", "é.v", ".v"])
def test_names_that_coq_does_not_take(name: str) -> None:
    result = call(str(TIED), "-o", name)
    assert result.exit_code == 2 and "no name of a Coq file" in result.output


def test_a_comment_cannot_end_early() -> None:
    assert coq._comment('a *) "b" (* c') == "a * ) 'b' ( * c"
    certificate = Certificate.load(TIED)
    text = coq.coq_file(certificate.data, certificate.text, 'x *) Axiom f : False. (* "', (), "m")
    assert text.index("*)\n") == text.index("m.v *)\n") + 4
