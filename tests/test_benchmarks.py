"""The benchmark's peer: measured with the `sage` on the path, and never silently left out where it was asked for."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(name="orbits")
def fixture_orbits(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    return importlib.import_module("orbits")


@pytest.fixture(name="folder")
def fixture_folder(tmp_path: Path) -> Path:
    """What looks like a checkout of the peer."""
    code = tmp_path / "peer" / "conservation_laws"
    code.mkdir(parents=True)
    for name in ("lie.py", "nn_vector_fields.py"):
        (code / name).write_text("")
    return tmp_path / "peer"


def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str) -> None:
    """A `sage` that runs `body` with the script of the benchmark and the folder as arguments."""
    tools = tmp_path / "bin"
    tools.mkdir()
    sage = tools / "sage"
    sage.write_text(f"#!{sys.executable}\nimport sys\n{body}\n")
    sage.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}{os.pathsep}{os.environ['PATH']}")


def test_without_a_folder_the_figures_are_those_recorded(orbits: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert orbits.peer(None) == orbits.RECORDED
    assert "as recorded" in capsys.readouterr().out


def test_a_measured_figure_replaces_the_recorded_one(orbits: Any, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checks = "assert sys.argv[1] == '-python' and 'dim_trace_lie_algebra' in open(sys.argv[2]).read()"
    body = f"{checks}\nprint('progress', sys.argv[3])\nprint('dimension 51 seconds 12.5')"
    stand_in(tmp_path, monkeypatch, body)
    assert orbits.peer(str(folder)) == {**orbits.RECORDED, "linear:6-6-6": 12.5}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("print('dimension 50 seconds 1.0')", "did not find dimension 51"),
        ("sys.exit('no module named sage')", "exit code 1.*no module named sage"),
        ("pass", "it said nothing"),
        ("import time; time.sleep(30)", "more than 1 s"),
    ],
)
def test_a_peer_that_fails_is_named(body: str, message: str, orbits: Any, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(tmp_path, monkeypatch, body)
    monkeypatch.setattr(orbits, "PEER_LIMIT", 1 if "sleep" in body else 20)
    with pytest.raises(SystemExit, match=message):
        orbits.peer(str(folder))


def test_what_is_missing_is_named(orbits: Any, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SystemExit, match=r"no conservation_laws/lie\.py there"):
        orbits.peer(str(tmp_path / "nothing"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SystemExit, match="no `sage` on the path"):
        orbits.peer(str(folder))
