"""Points that cannot be used: a clear message with place and remedy, the right exit code, nothing half-written, no hang."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from itertools import islice
from math import prod
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from simcert.certificates import codec
from simcert.checker import check_text
from simcert.cli import main
from simcert.exact.linalg import primes_down
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


@pytest.mark.parametrize("command", ["orbit", "hull"])
@pytest.mark.parametrize(
    ("model", "point", "layer"),
    [
        ("mlp:2-3-1:relu", {"W1": [[1, 2], [0, 0], [3, 4]], "W2": [[1, 2, 3]]}, 1),
        ("mlp:2-2-2-1:relu:bias", {"W1": [[1, 2], [2, 1]], "b1": [1, 1], "W2": [[1, 2], [0, 0]], "b2": [1, 0], "W3": [[1, 2]], "b3": [1]}, 2),
    ],
)
def test_a_preactivation_that_is_zero_names_the_unit(tmp_path: Path, command: str, model: str, point: Any, layer: int) -> None:
    code, output = call(tmp_path, command, model, point)
    assert code == 2
    assert f"unit 1 of hidden layer {layer} (relu)" in output
    assert "give that unit a nonzero weight or bias" in output


@pytest.mark.parametrize("command", ["orbit", "hull"])
@pytest.mark.parametrize("model", ["mlp:2-3-1:generic", "mlp:2-3-1:tanh", "mlp:2-3-1:relu"])
@pytest.mark.parametrize("count", [1, 30])
def test_denominators_divisible_by_the_prime(tmp_path: Path, command: str, model: str, count: int) -> None:
    """Another prime is chosen; a certificate with one that divides a denominator is refused."""
    primes = [p for most in (2097143, 2147483629) for p in islice(primes_down(most), count)]
    code, output = call(tmp_path, command, model, {"W1": [[f"1/{prod(primes)}", 2], [3, -4], [5, 6]], "W2": [[1, 2, 3]]}, "--json")
    assert code == 0, output
    text = (tmp_path / "out.json").read_text()
    assert check_text(text).status == "verified"
    used = re.findall(r'"modulus":"(\d+)"', text)
    assert used
    for modulus in used:
        assert prod(primes) % int(modulus)
        assert check_text(text.replace(f'"modulus":"{modulus}"', f'"modulus":"{primes[count]}"')).status == "invalid"


@pytest.mark.parametrize("command", [["orbit", "--at", "generic"], ["hull", "--at", "generic"], ["laws"]])
@pytest.mark.parametrize("prime", [2097143, 2147483629])
def test_coefficients_with_denominators_divisible_by_the_prime(tmp_path: Path, command: list[str], prime: int) -> None:
    name, *more = command
    result = CliRunner().invoke(main, [name, f"mlp:2-2-1:poly(1,2/{prime},3)", *more, "-o", str(tmp_path / "out.json")])
    assert result.exit_code == 0, result.output
    assert check_text((tmp_path / "out.json").read_bytes()).status == "verified"


def test_subspaces_with_denominators_divisible_by_the_prime(tmp_path: Path) -> None:
    for model in ("mlp:2-2-1:generic", "mlp:2-2-1:tanh", "mlp:2-2-2-1:gelu"):
        result = CliRunner().invoke(main, ["prove", model, "W1[0,0] = 1/2147483629 W1[0,1]", "-o", str(tmp_path / "out.json")])
        assert (result.exit_code, result.output.split()[0]) == (0, "not-invariant")


def test_impossible_precision_is_a_limit() -> None:
    program = load_model("mlp:2-1-1:gelu")
    certificate = orbit(Point(program, parse_point(program, {"W1": [[1, 2]], "W2": [[3]]}))).certificate()
    assert certificate["proof"]["lower"]["numbers"] == {"precision": 256}
    certificate["proof"]["lower"]["numbers"]["precision"] = 10**9
    assert check_text(codec.canonical(certificate)).status == "limit"


@pytest.mark.parametrize("command", [["orbit", "linear:40-40-40"], ["hull", "linear:30-30-30"]])
def test_an_interrupt_during_a_long_search_leaves_nothing(tmp_path: Path, command: list[str]) -> None:
    arguments = [sys.executable, "-m", "simcert", *command, "--at", "generic", "-o", str(tmp_path / "out.json")]
    child = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path)
    time.sleep(2.5)
    if child.poll() is not None:
        pytest.fail("the search ended before it could be interrupted")
    start = time.monotonic()
    child.send_signal(signal.SIGINT)
    _, errors = child.communicate(timeout=60)
    assert child.returncode == 130, errors
    assert time.monotonic() - start < 10
    assert b"Traceback" not in errors
    assert list(tmp_path.iterdir()) == []
