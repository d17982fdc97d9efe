"""The README is the tutorial: every command and every session in it gives what it says, up to times and the parts left out as `...`."""

from __future__ import annotations

import doctest
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from simcert.cli import main

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> str:
    """The code of all blocks in one language, in order."""
    return "\n".join(re.findall(rf"^```{language}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE))


def run(command: str) -> str:
    words = [double or plain for double, plain in re.findall(r'"([^"]*)"|(\S+)', command)]
    if words[0] == "simcert":
        return CliRunner().invoke(main, words[1:]).output
    assert words[0] == "python"
    return subprocess.run([sys.executable, *words[1:]], capture_output=True, text=True, check=False, timeout=120).stdout


def test_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    sessions = re.split(r"^\$ ", blocks("console"), flags=re.MULTILINE)[1:]
    assert len(sessions) > 10
    for session in sessions:
        command, _, expected = session.partition("\n")
        pattern = re.escape(re.sub(r"\d+\.\d\d s", "TIME s", expected.strip())).replace(r"\.\.\.", r".*?")
        found = re.sub(r"\d+\.\d\d s", "TIME s", run(command)).strip()
        assert re.fullmatch(pattern, found, re.DOTALL), f"$ {command}\n{found}"


def test_python_sessions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    session = doctest.DocTestParser().get_doctest(blocks("python"), {}, "README.md", "README.md", 0)
    said: list[str] = []
    assert len(session.examples) > 10
    assert doctest.DocTestRunner().run(session, out=said.append).failed == 0, "".join(said)


def test_every_activation_and_family_is_in_the_tables() -> None:
    from simcert.models.activations import SHORTHANDS
    from simcert.models.spec import FAMILIES

    assert not {word for word in SHORTHANDS if f"`{word}`" not in README} - {"reciprocal", "rsqrt"}
    assert all(f"`{family}:" in README for family in FAMILIES)
