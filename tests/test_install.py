"""`formal/install`: Coq is installed where that may be done, and otherwise what is missing is said."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / "formal" / "install"


def program(folder: Path, name: str, body: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)


def install(folder: Path, user: int = 1000) -> subprocess.CompletedProcess[str]:
    """What the script does where the path has only this folder."""
    program(folder, "id", f"echo {user}")
    return subprocess.run(["/bin/sh", str(SCRIPT)], env={"PATH": str(folder)}, capture_output=True, text=True, check=False)


def coq(folder: Path) -> str:
    """The body of a `coqc` that has Coquelicot."""
    (folder / "user-contrib" / "Coquelicot").mkdir(parents=True, exist_ok=True)
    return f"echo {folder}"


def test_what_is_there_is_left_alone(tmp_path: Path) -> None:
    program(tmp_path, "coqc", coq(tmp_path))
    program(tmp_path, "ocamlfind", "exit 0")
    program(tmp_path, "apt-get", "echo never >&2; exit 1")
    found = install(tmp_path, user=0)
    assert (found.returncode, found.stdout, found.stderr) == (0, "", "")


@pytest.mark.parametrize(("there", "missing"), [((), "no Coq here"), (("coqc",), "no Coquelicot here"), (("coqc", "Coquelicot"), "no zarith for OCaml here")])
def test_without_root_nothing_is_installed(tmp_path: Path, there: tuple[str, ...], missing: str) -> None:
    if there:
        program(tmp_path, "coqc", coq(tmp_path) if "Coquelicot" in there else f"echo {tmp_path}")
    program(tmp_path, "apt-get", "echo never >&2")
    found = install(tmp_path)
    assert found.returncode == 1 and missing in found.stderr and "apt-get install" in found.stderr and "never" not in found.stderr


def test_as_root_apt_installs_it_also_where_its_lists_are_old(tmp_path: Path) -> None:
    log = tmp_path / "log"
    program(tmp_path, "ocamlfind", "exit 0")
    made = f"printf '#!/bin/sh\\n{coq(tmp_path)}\\n' >{tmp_path}/coqc; /bin/chmod +x {tmp_path}/coqc"
    program(tmp_path, "apt-get", f'echo "$1" >>{log}; if [ "$1" = update ]; then exit 0; fi; [ -e {log}.second ] || {{ : >{log}.second; exit 100; }}; {made}')
    found = install(tmp_path, user=0)
    assert found.returncode == 0, found.stderr
    assert "installing Coq with apt-get" in found.stderr and log.read_text().split() == ["install", "update", "install"]


def test_where_apt_fails_it_is_said(tmp_path: Path) -> None:
    program(tmp_path, "apt-get", "exit 100")
    found = install(tmp_path, user=0)
    assert found.returncode == 1 and "no Coq here" in found.stderr.splitlines()[-1]
