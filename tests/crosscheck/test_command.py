"""`simcert crosscheck`: exit codes, JSON, figures, the gallery, and what happens without jax."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from simcert.cli import main
from simcert.crosscheck import arrays, gallery
from simcert.crosscheck.evidence import Evidence, Finding, Line, Panel
from simcert.errors import MissingExtraError, SpecError
from tests.crosscheck.claims import subspace_claim

VALID = Path(__file__).parents[2] / "certificates" / "valid"


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["crosscheck", *map(str, arguments)])


def needs_jax() -> None:
    pytest.importorskip("diffrax", reason="cross-checks need simcert[jax]")


def test_agreement_in_json_with_a_figure(tmp_path: Path) -> None:
    needs_jax()
    plot = tmp_path / "leaving.svg"
    result = run(VALID / "rows-only.json", "--json", "--seeds", "3", "--seed", "7", "--plot", plot)
    answer = json.loads(result.stdout)
    assert result.exit_code == 0 and answer["status"] == "agrees" and answer["counts"]["agrees"] == 1
    (found,) = answer["results"]
    assert found["kind"] == "not-invariant" and found["seeds"] == 3 and found["seed"] == 7 and found["note"] == "numerical evidence, not a proof"
    assert len(found["findings"]) == 6 and found["device"] and len(found["theorem"]) == 64
    assert plot.read_text().startswith("<?xml") and answer["plot"] == str(plot)


def test_disagreement_is_one_and_the_worst_file_counts(tmp_path: Path) -> None:
    needs_jax()
    wrong = subspace_claim("invariant", "mlp:1-2-1:tanh", "W1[0,:] = W1[1,:]", []).save(tmp_path / "wrong.json")
    result = run(VALID / "affine-linear.json", wrong, VALID.parent / "unsupported" / "kind-unknown.json", "--seeds", "2")
    assert result.exit_code == 1
    assert "affine-linear.json: agrees" in result.stdout and "wrong.json: disagrees" in result.stdout and "unsupported" in result.stdout
    assert run(VALID.parent / "unsupported" / "kind-unknown.json").exit_code == 4


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [([], 2, "name certificates"), (["x.json", "--gallery"], 2, "name certificates"), (["nowhere.json"], 2, "no such file"),
     (["a.json", "b.json", "--plot", "c.png"], 2, "one certificate"), (["a.json", "--plot", "c.bmp"], 2, ".svg, .png, .pdf"),
     (["--gallery", "/nowhere/at/all"], 2, "no such folder"), (["a.json", "--seeds", "0"], 2, "--seeds"),
     ([VALID.parent / "malformed" / "float.json"], 3, "float 0.5"), ([VALID.parent / "malformed" / "dimension-wrong.json"], 3, "dimension")],
)  # fmt: skip
def test_wrong_input(arguments: list[str | Path], code: int, word: str) -> None:
    needs_jax()
    result = run(*arguments)
    assert result.exit_code == code and word in result.output and "Traceback" not in result.output


def test_a_file_that_cannot_be_read_is_said_first(tmp_path: Path) -> None:
    needs_jax()
    shutil.copy(VALID / "affine-linear.json", tmp_path / "a.json")
    (tmp_path / "b.json").write_text("{}")
    for arguments in (["--gallery", tmp_path], [tmp_path / "a.json", tmp_path / "b.json"]):
        result = run(*arguments)
        assert result.exit_code == 3 and "b.json" in result.output and "agrees" not in result.output


def test_without_jax(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise MissingExtraError("jax", "jax")

    monkeypatch.setattr(arrays, "require", missing)
    result = run(VALID / "rows-only.json")
    assert result.exit_code == 2 and "install simcert[jax]" in result.output


def test_a_short_run_over_a_folder(tmp_path: Path) -> None:
    """One certificate of each kind, on a small network each."""
    needs_jax()
    for name in ("affine-linear", "rows-only", "one-number-linear", "fixed-swap", "symmetries-linear", "orbit-one-field", "hull-fixed-point"):
        shutil.copy(VALID / f"{name}.json", tmp_path)
    result = run("--gallery", tmp_path, "--short", "--json")
    answer = json.loads(result.stdout)
    assert result.exit_code == 0, result.output
    kinds = [found["kind"] for found in answer["results"]]
    assert sorted(kinds) == sorted(set(kinds)) and len(kinds) == 6 and {found["seeds"] for found in answer["results"]} == {4}
    assert "affine-linear" in result.stderr and "numerical evidence, not a proof" in result.stderr


def test_the_files_of_a_gallery(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SpecError, match="no such folder in the current one"):
        gallery.folder()
    own = tmp_path / "certificates" / "valid"
    own.mkdir(parents=True)
    shutil.copy(VALID / "rows-only.json", own)
    assert gallery.folder().resolve() == own and [path.name for path in gallery.files(own)] == ["rows-only.json"]
    (tmp_path / "empty").mkdir()
    with pytest.raises(SpecError, match="no certificates"):
        gallery.files(tmp_path / "empty")


def test_the_table() -> None:
    found = Evidence("invariant", "mlp:1-1-1:tanh", (Finding("distance", 1e-17, "below 1e-08", "agrees"),), file="folder/tied.json", seconds=1.0)
    text = gallery.table([found])
    assert all(word in text for word in ("tied", "invariant", "mlp:1-1-1:tanh", "agrees", "distance", "1e-17"))


@pytest.mark.parametrize("suffix", [".svg", ".png", ".pdf"])
def test_figures(suffix: str, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="figures need simcert[plot]")
    from simcert.crosscheck.figure import plot

    panels = tuple(
        Panel(f"part {k}", "x", "y", (Line("line", (1.0, 2.0), (1e-3, 1e-2)), Line("dots", (1.0,), (0.5,), "points")), "xy", (("mark", 0.1),)) for k in (1, 2)
    )
    evidence = Evidence("invariant", "mlp", (Finding("a", 1.0, "1", "agrees"),), panels)
    first, second = plot(evidence, tmp_path / f"a{suffix}"), plot(evidence, tmp_path / f"b{suffix}")
    assert first.read_bytes() == second.read_bytes() and first.stat().st_size > 2000
    with pytest.raises(SpecError, match="nothing to draw"):
        plot(Evidence("lattice", "mlp", evidence.findings), tmp_path / f"c{suffix}")
