"""The command line, its exit codes, and the single-file archive."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from simcert.checker import Limits
from simcert.checker.__main__ import main
from tests.checker.models import certificate, mlp, print_text, tied

ROOT = Path(__file__).resolve().parents[2]
MODEL = mlp([2, 3, 1], {"class": "odd"})
CLAIM = {"activations": {"s": ["odd"]}, "kind": "invariant", "subspace": tied(MODEL)}


@pytest.fixture(name="files")
def _files(tmp_path: Path) -> dict[str, str]:
    wide = mlp([2, 3, 1], {"class": "generic"})
    wrong = {"activations": {"s": []}, "kind": "invariant", "subspace": tied(wide, sign=-1)}
    texts = {
        "verified": print_text(certificate(MODEL, CLAIM, {"method": "identity"})),
        "invalid": print_text(certificate(wide, wrong, {"method": "identity"})),
        "malformed": "{}",
        "incomplete": print_text(certificate(MODEL, CLAIM, {"method": "none"})),
        "unsupported": print_text(certificate(MODEL, CLAIM, {"method": "faith"})),
        "limit": "[" * (1 << 12),
    }
    for name, text in texts.items():
        (tmp_path / f"{name}.json").write_text(text)
    return {name: str(tmp_path / f"{name}.json") for name in texts}


@pytest.mark.parametrize(
    ("names", "code"),
    [
        (["verified"], 0),
        (["invalid"], 1),
        (["malformed"], 3),
        (["incomplete"], 4),
        (["unsupported"], 4),
        (["verified", "incomplete"], 4),
        (["limit", "incomplete", "verified"], 5),
        (["invalid", "limit"], 1),
        (["verified", "malformed", "invalid"], 3),
    ],
)
def test_exit_codes(files: dict[str, str], names: list[str], code: int, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = [files[name] for name in names] + (["--max-bytes", "4000"] if "limit" in names else [])
    assert main(arguments) == code
    output = capsys.readouterr().out
    assert all(f": {name} (" in output for name in names)


def test_unreadable_files_and_usage(files: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "none.json")]) == 2
    assert main([str(tmp_path)]) == 2
    assert "cannot be read" in capsys.readouterr().err
    for arguments in ([], ["--max-terms", "many", files["verified"]]):
        with pytest.raises(SystemExit) as stop:
            main(arguments)
        assert stop.value.code == 2


def test_reports(files: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([files["verified"], files["incomplete"]]) == 4
    output = capsys.readouterr().out
    assert output.count("theorem: For the network") == 1 and output.count("claimed, not proved here: ") == 1
    assert "not claimed: " in output and "rests on: " in output and "Picard–Lindelöf" in output
    assert main(["--json", files["verified"]]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["status"] == "verified" and answer["file"] == files["verified"]
    assert set(answer) == {"file", "message", "not_claimed", "seconds", "statement", "status", "theorem", "trust"}


def test_flags_are_the_limits(files: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    for flag in ("bytes", "nodes", "entries", "terms"):
        assert main([f"--max-{flag}", "2", files["verified"]]) == 5
    assert main(["--max-digits", "0", files["verified"]]) == 5
    assert main(["--seconds", "0", files["verified"]]) == 5
    assert main(["--max-digits", "5000", files["verified"]]) == 0
    assert "limit" in capsys.readouterr().out
    with pytest.raises(ValueError, match="digits"):
        Limits(max_digits=10**7)


def test_the_archive_is_one_deterministic_file(files: dict[str, str], tmp_path: Path) -> None:
    for name in ("a.pyz", "b.pyz"):
        subprocess.run([sys.executable, str(ROOT / "tools" / "build_checker.py"), str(tmp_path / name)], check=True, capture_output=True)
    assert (tmp_path / "a.pyz").read_bytes() == (tmp_path / "b.pyz").read_bytes()
    for name, code in [("verified", 0), ("invalid", 1), ("malformed", 3)]:
        run = subprocess.run([sys.executable, "-I", str(tmp_path / "a.pyz"), files[name]], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert run.returncode == code and not run.stderr


def test_a_terminal_without_unicode(files: dict[str, str]) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "simcert.checker", files["verified"]],
        cwd=ROOT,
        env={"PYTHONIOENCODING": "ascii", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0 and "\\u03b8" in run.stdout


def test_only_the_standard_library_and_no_assert() -> None:
    """No import from outside the package and the standard library; no assert, eval, exec or pickle; no float literals in checking code."""
    for path in sorted((ROOT / "simcert" / "checker").glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            assert not isinstance(node, ast.Assert), path
            if isinstance(node, ast.Import):
                assert all(alias.name.split(".")[0] in sys.stdlib_module_names for alias in node.names), path
            if isinstance(node, ast.ImportFrom) and node.level == 0:
                assert str(node.module).split(".")[0] in sys.stdlib_module_names, path
            if isinstance(node, ast.ImportFrom):
                assert node.level <= 1, path
            if isinstance(node, ast.Name):
                assert node.id not in {"eval", "exec", "pickle", "__import__"}, path
            if isinstance(node, ast.Constant) and isinstance(node.value, float):
                assert path.name in {"__init__.py", "__main__.py", "outcome.py"}, path


def test_a_closed_pipe_is_no_traceback(files: dict[str, str]) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "simcert.checker", files["verified"]], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    err = process.stderr.read()
    process.stderr.close()
    assert process.wait(timeout=60) == 141 and not err
