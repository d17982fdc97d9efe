"""Points that cannot be used: a clear message with place and remedy, the right exit code, nothing half-written, no hang."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from simcert.certificates import codec
from simcert.checker import check_text
from simcert.cli import main
from simcert.fields.orbits import Point
from simcert.fields.uppers import orbit
from simcert.models.points import parse_point
from simcert.models.spec import load_model

GOOD = {"W1": [[1, 2], [3, 4], [5, 6]], "W2": [[1, 2, 3]]}


def call(folder: Path, command: str, model: str, point: Any, *more: str) -> tuple[int, str]:
    file = folder / "point.json"
    file.write_text(point if isinstance(point, str) else json.dumps(point))
    result = CliRunner().invoke(main, [command, model, "--at", str(file), "-o", str(folder / "out.json"), *more])
    assert "Traceback" not in result.output
    assert result.exit_code == 0 or not (folder / "out.json").exists()
    return result.exit_code, result.output


@pytest.mark.parametrize("command", ["orbit", "hull"])
@pytest.mark.parametrize(
    ("point", "words"),
    [
        ({**GOOD, "W2": [[1, 2]]}, ("W2", "3")),
        ({"W1": GOOD["W1"]}, ("W2",)),
        ({**GOOD, "W9": [[1]]}, ("W9",)),
        ({**GOOD, "W2": [[1, 2, 0.5]]}, ("float", "1/2")),
        ({**GOOD, "W2": [[1, 2, "2/4"]]}, ("lowest terms", "1/2")),
        ({**GOOD, "W2": [[1, 2, None]]}, ("W2",)),
        ("{", ("JSON",)),
        ("[1, 2]", ("object",)),
    ],
)
def test_points_that_cannot_be_read(tmp_path: Path, command: str, point: Any, words: tuple[str, ...]) -> None:
    code, output = call(tmp_path, command, "mlp:2-3-1:tanh", point)
    assert code == 2
    assert all(word in output for word in words), output


def test_a_missing_file(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["orbit", "mlp:2-3-1:tanh", "--at", str(tmp_path / "none.json")])
    assert (result.exit_code, "none.json" in result.output) == (2, True)


def test_a_preactivation_that_is_zero_names_the_unit(tmp_path: Path) -> None:
    code, output = call(tmp_path, "orbit", "mlp:2-3-1:relu", {"W1": [[1, 2], [0, 0], [3, 4]], "W2": [[1, 2, 3]]})
    assert code == 2
    assert "unit 1 of node" in output
    assert "nonzero weight" in output


@pytest.mark.parametrize("model", ["mlp:2-3-1:generic", "mlp:2-3-1:tanh", "mlp:2-3-1:relu"])
def test_denominators_divisible_by_the_prime(tmp_path: Path, model: str) -> None:
    """Another prime is chosen."""
    odd = f"1/{2097143 * 2147483629}"
    code, output = call(tmp_path, "orbit", model, {"W1": [[odd, 2], [3, -4], [5, 6]], "W2": [[1, 2, 3]]}, "--json")
    assert code == 0, output
    assert check_text((tmp_path / "out.json").read_bytes()).status == "verified"


def test_impossible_precision_is_a_limit() -> None:
    program = load_model("mlp:2-1-1:gelu")
    certificate = orbit(Point(program, parse_point(program, {"W1": [[1, 2]], "W2": [[3]]}))).certificate()
    assert certificate["proof"]["lower"]["numbers"] == {"precision": 256}
    certificate["proof"]["lower"]["numbers"]["precision"] = 10**9
    assert check_text(codec.canonical(certificate)).status == "limit"


def test_an_interrupt_during_a_long_search_leaves_nothing(tmp_path: Path) -> None:
    arguments = [sys.executable, "-m", "simcert", "laws", "attention:3-2-2", "-o", str(tmp_path / "out.json")]
    child = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path)
    time.sleep(2.5)
    if child.poll() is not None:
        pytest.fail("the search ended before it could be interrupted")
    start = time.monotonic()
    child.send_signal(signal.SIGINT)
    _, errors = child.communicate(timeout=60)
    assert child.returncode == 130, errors
    assert time.monotonic() - start < 30
    assert b"Traceback" not in errors
    assert list(tmp_path.iterdir()) == []
