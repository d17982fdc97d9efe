"""Every file below `certificates/` in every checker that is shipped: as a function, as `python -m simcert.checker`, and as one file `checker.pyz`."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import simcert as sc
from simcert.checker import check_file
from simcert.checker.__main__ import EXIT, main
from simcert.models.activations import SHORTHANDS

ROOT = Path(__file__).parents[1]
sys.path.append(str(ROOT / "tools"))
import build_checker  # noqa: E402
import make_corpus  # noqa: E402
from corpus_changes import GARBLED, MALFORMED  # noqa: E402

FOLDER = ROOT / "certificates"
FILES = {path.relative_to(FOLDER).as_posix(): path for path in sorted(FOLDER.rglob("*.json"))}
STATUS = {folder: status for status, folder in make_corpus.FOLDERS.items()}
VALIDATOR = jsonschema.Draft202012Validator(json.loads((resources.files("simcert.certificates") / "schema" / "v1.json").read_text()))

# what is malformed for reasons of arithmetic, of order, or of what other parts of the file say: beyond a schema
BEYOND_A_SCHEMA = {
    "cycle", "argument-itself", "rational-not-reduced", "shapes-do-not-fit", "letter-repeated", "constant-too-short", "gather-outside",
    "activation-not-defined", "polynomial-trailing-zero", "parameter-used-twice", "parameter-not-used", "input-of-another-shape", "facts-of-another-function",
    "antitie-sigmoid-claimed-odd", "class-itself", "activation-not-mentioned", "dimension-wrong", "row-pivot-not-one", "row-index-too-large",
    "row-indices-not-increasing", "rows-not-sorted", "rows-not-reduced", "signs-too-few", "generator-not-orthogonal", "generator-not-square",
    "generator-of-wrong-size", "generator-action-missing", "generator-axis-missing", "generator-node-twice", "generator-of-a-claim-on-inner-node",
    "equivariance-one-list-missing", "equivariance-on-a-parameter", "equation-too-large", "output-entry-too-large", "theta-parameter-missing",
    "theta-too-short", "input-missing", "member-missing", "member-of-a-named-function", "modulus-one", "residue-too-large", "denominator-zero",
    "bound-not-dyadic", "data-inner-node-in-claim", "data-input-missing", "data-input-too-short", "data-matrix-not-orthogonal", "data-not-sorted",
    "data-predictor-not-sorted", "data-predictor-term-twice", "data-predictor-too-short", "data-predictor-unknown-input", "data-target-too-long",
}  # fmt: skip


@cache
def expected() -> dict[str, make_corpus.Item]:
    return {item.path: item for item in make_corpus.items()}


def status_of(name: str) -> str:
    return STATUS[name.split("/", maxsplit=1)[0]]


def run(*command: str, folder: Path = ROOT) -> tuple[int, list[dict[str, Any]]]:
    """Exit code and JSON lines of a checker on the whole corpus."""
    done = subprocess.run([sys.executable, *command], cwd=folder, capture_output=True, text=True, check=False, timeout=300)
    assert not done.stderr
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("archive") / "checker.pyz"
    build_checker.build(path)
    return path


def test_the_corpus_is_there() -> None:
    assert {name.split("/", maxsplit=1)[0] for name in FILES} == set(STATUS) and len(FILES) > 250
    assert all(path.stat().st_size < make_corpus.LARGEST for path in FILES.values())


@pytest.mark.parametrize("name", FILES)
def test_a_file_gets_its_verdict(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    path, status, item = FILES[name], status_of(name), expected()[name]
    result, verdict = check_file(path), sc.verify(path)
    assert (result.status, result.message) == (verdict.status, verdict.message) and result.status == status
    assert item.status == status and item.word in result.message
    assert main([str(path)]) == EXIT[status] and capsys.readouterr().out.startswith(f"{path}: {status}")
    if status == "verified":
        assert result.statement and result.trust and result.not_claimed and sc.Certificate.load(path).hash == result.theorem


@pytest.mark.parametrize("folder", STATUS)
def test_a_folder_gets_its_exit_code(folder: str) -> None:
    names = [name for name in FILES if name.startswith(f"{folder}/")]
    code, results = run("-m", "simcert.checker", "--json", *(str(FILES[name]) for name in names))
    assert code == EXIT[STATUS[folder]] and [result["status"] for result in results] == [STATUS[folder]] * len(names)


def test_the_archive_gives_the_same_verdicts(archive: Path, tmp_path: Path) -> None:
    code, results = run("-I", str(archive), "--json", *map(str, FILES.values()), folder=tmp_path)
    assert code == 3 and {result["file"]: result["status"] for result in results} == {str(path): status_of(name) for name, path in FILES.items()}
    for name, result in zip(FILES, results, strict=True):
        assert result["message"] == check_file(FILES[name]).message


@pytest.mark.parametrize("name", [name for name in FILES if status_of(name) in ("verified", "invalid", "incomplete")])
def test_the_schema_accepts_what_is_not_malformed(name: str) -> None:
    VALIDATOR.validate(json.loads(FILES[name].read_bytes()))


@pytest.mark.parametrize("name", MALFORMED)
def test_the_schema_refuses_what_a_schema_can_refuse(name: str) -> None:
    assert VALIDATOR.is_valid(json.loads((FOLDER / "malformed" / f"{name}.json").read_bytes())) == (name in BEYOND_A_SCHEMA)


def test_what_the_valid_certificates_cover() -> None:
    data = [json.loads(path.read_bytes()) for name, path in FILES.items() if status_of(name) == "verified"]
    methods = {(d["claim"]["kind"], d["proof"]["method"]) for d in data}
    assert methods >= {("invariant", method) for method in ("symmetry", "congruence", "identity")}
    assert methods >= {("not-invariant", method) for method in ("rational", "residue", "exponential", "series", "ball")}
    assert methods >= {("symmetry", "equivariance"), ("fixed-space", "equivariance"), ("data-invariant", "equivariance")}
    used = {json.dumps(definition, sort_keys=True) for d in data for definition in d["model"]["activations"].values()}
    assert used >= {json.dumps(activation.to_json(), sort_keys=True) for activation in SHORTHANDS.values()}
    families = {d["meta"]["title"].split(":")[0] for d in data}
    assert families >= {"mlp", "linear", "residual", "conv1d", "attention", "lora"}
    assert {node["op"] for d in data for node in d["model"]["nodes"]} >= {"stack", "constant", "gather", "scatter", "apply", "add", "contract"}
    wrong = {name.split("/")[1] for name in FILES if not name.startswith("valid/")}
    assert len(wrong) == len(FILES) - len(data)  # no name in two folders, so that a name says which file is meant


def test_the_cases_of_the_literature_are_there() -> None:
    """The verdicts and dimensions of the first table of cases: which small subspaces are invariant, and which only look so."""
    for name, kind, dimension in (
        ("tie-tanh", "invariant", 6), ("antitie-tanh", "invariant", 6), ("antitie-sigmoid", "not-invariant", 6), ("dead-tanh", "invariant", 6),
        ("dead-silu", "invariant", 6), ("dead-sigmoid", "not-invariant", 6), ("rows-only", "not-invariant", 7), ("zero-incoming-cos", "invariant", 7),
        ("zero-incoming-tanh", "not-invariant", 7), ("tie-relu", "invariant", 6), ("tie-deep-generic", "invariant", 76), ("swap-both-layers", "invariant", 5),
        ("magic", "invariant", 8), ("magic-without-columns", "not-invariant", 10), ("rank-reduced-linear", "invariant", 6),
        ("linear-rotated", "invariant", 6), ("relu-rotated", "invariant", 6),
    ):  # fmt: skip
        certificate = sc.Certificate.load(FOLDER / "valid" / f"{name}.json")
        assert (certificate.kind, certificate.dimension) == (kind, dimension), name


def test_making_the_corpus_again_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert make_corpus.main(["--check"]) == 0, capsys.readouterr().out


def test_the_tool_repairs_what_was_changed(tmp_path: Path) -> None:
    assert len(make_corpus.write(tmp_path)) == len(FILES) + 2 and not make_corpus.differences(tmp_path)
    (tmp_path / "valid" / "magic.json").write_bytes(b"{}\n")
    (tmp_path / "valid" / "more.json").write_bytes(b"{}\n")
    (tmp_path / "invalid" / "rational-wrong-value.json").unlink()
    assert make_corpus.write(tmp_path) == ["invalid/rational-wrong-value.json", "valid/magic.json", "valid/more.json"]
    assert {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.json")} == set(FILES)


def test_a_wrong_file_differs_from_a_valid_one() -> None:
    """Every change changes something, and the same bytes do not stand in two places."""
    seen: dict[bytes, str] = {}
    for name, path in FILES.items():
        assert seen.setdefault(path.read_bytes(), name) == name
    assert set(GARBLED) <= {Path(name).stem for name in FILES}
