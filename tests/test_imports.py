"""What is imported when: `import simcert` and every command load only what they use."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

HEAVY = ("numpy", "sympy", "flint", "networkx", "rich", "click", "matplotlib", "jax", "torch", "scipy")


def loaded(code: str, folder: Path) -> set[str]:
    """The top-level modules that are loaded after `code` has run in a fresh interpreter."""
    script = f"import sys\ntry:\n    {code}\nexcept SystemExit as stop:\n    assert not stop.code, stop.code\nprint(*sorted(sys.modules), file=sys.stderr)"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=folder, check=False, timeout=120)
    assert run.returncode == 0, run.stderr
    return {name.partition(".")[0] for name in run.stderr.splitlines()[-1].split()} | set(run.stderr.splitlines()[-1].split())


def test_importing_simcert_loads_nothing_heavy(tmp_path: Path) -> None:
    assert not loaded("import simcert", tmp_path) & set(HEAVY)


def test_the_interface_is_complete_and_lazy(tmp_path: Path) -> None:
    import simcert

    for name in simcert.__all__:
        assert getattr(simcert, name) is not None, name
    assert set(simcert.__all__) <= set(dir(simcert))
    with pytest.raises(AttributeError, match="no attribute 'prov'"):
        simcert.prov  # noqa: B018
    assert not loaded("import simcert; simcert.mlp; simcert.load_model('mlp:2-3-1:tanh')", tmp_path) & {"sympy", "networkx", "rich", "click"}


def test_exact_is_a_package_and_a_function() -> None:
    from fractions import Fraction

    import simcert
    from simcert.exact import border

    assert simcert.exact(0.5) == Fraction(1, 2) == border.exact(0.5)
    assert simcert.exact.border is border


@pytest.mark.parametrize(
    ("arguments", "unwanted"),
    [
        (["--help"], {"numpy", "sympy", "flint", "networkx", "rich", "simcert.commands.prove"}),
        (["prove", "--help"], {"numpy", "sympy", "flint", "networkx", "rich", "simcert.commands.verify"}),
        (["prove", "mlp:2-3-1:tanh", "tie(1: 0,1)", "--json", "-o", "c.json"], {"sympy", "networkx", "rich", "matplotlib"}),
    ],
)
def test_a_command_loads_only_what_it_uses(arguments: list[str], unwanted: set[str], tmp_path: Path) -> None:
    assert not loaded(f"from simcert.cli import main; main({arguments!r})", tmp_path) & unwanted


def test_verify_needs_neither_numpy_nor_flint(tmp_path: Path) -> None:
    from simcert.cli import main

    path = str(tmp_path / "c.json")
    assert main(["prove", "mlp:2-3-1:tanh", "tie(1: 0,1)", "-q", "-o", path], standalone_mode=False) == 0
    assert not loaded(f"from simcert.cli import main; main(['verify', {path!r}])", tmp_path) & {"numpy", "sympy", "flint", "networkx", "rich"}


@pytest.mark.parametrize(("arguments", "limit"), [(["-c", "import simcert"], 0.25), (["-m", "simcert", "--help"], 0.4)])
def test_starting_is_quick(arguments: list[str], limit: float) -> None:
    def once(arguments: list[str]) -> float:
        start = time.perf_counter()
        subprocess.run([sys.executable, *arguments], capture_output=True, check=True, env=os.environ)
        return time.perf_counter() - start

    for _ in range(5):  # a busy machine may be slow once, not every time
        if once(arguments) - once(["-c", "pass"]) < limit:
            return
    pytest.fail(f"starting took over {limit} s five times")
