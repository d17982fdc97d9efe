"""What the machine-checked checker costs: `python benchmarks/formal.py [--kernel]`; build it first (`make formal`).

Against the independent checker on the gallery, all files that both verify: one process for all of them, and a process for each; the limit is the time of the
independent checker. Then two sizes with limits in seconds; with `--kernel` also how long Coq takes to compile what `simcert formalize` writes (minutes).
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from measure import process, table

from simcert import formal
from simcert.checker import check_text

ROOT = Path(__file__).resolve().parents[1]
VALID = ROOT / "certificates" / "valid"
CHECKER = [sys.executable, "-m", "simcert.checker"]
SIZES = (
    ("signed tie in mlp:16-64-64-10:tanh", ["prove", "mlp:16-64-64-10:tanh", "tie(1: 0,-1)"], 10),
    ("exact Lie rank of mlp:9-20-1:generic", ["orbit", "mlp:9-20-1:generic", "--at", "generic"], 60),
    ("exact Lie rank of linear:10-10-10", ["orbit", "linear:10-10-10", "--at", "generic"], 60),
)
KERNEL = (
    ("tie of two units", ["prove", "mlp:2-3-1:tanh", "tie(1: 0,1)"]),
    ("signed tie, 5,760 parameters", ["prove", "mlp:16-64-64-10:tanh", "tie(1: 0,-1)"]),
    ("laws of linear:4-4-4", ["laws", "linear:4-4-4"]),
    ("orbit in mlp:2-6-1:generic", ["orbit", "mlp:2-6-1:generic", "--at", "generic"]),
    ("laws of linear:8-8-8", ["laws", "linear:8-8-8"]),
    ("60 ties, 85,000 parameters", ["prove", "mlp:64-256-256-10:tanh", "; ".join(f"tie(1: {2 * k},{2 * k + 1})" for k in range(60))]),
)


def seconds(command: Sequence[str | Path]) -> tuple[float, list[str]]:
    """The wall time of a command, start-up included, and the lines that it prints."""
    start = time.perf_counter()
    run = subprocess.run([str(word) for word in command], capture_output=True, text=True, cwd=ROOT, check=False)
    return time.perf_counter() - start, run.stdout.splitlines()


def best(command: Sequence[str | Path], repeats: int = 3) -> float:
    return min(seconds(command)[0] for _ in range(repeats))


def made(folder: str, arguments: Sequence[str]) -> Path:
    """A certificate that a command of simcert writes. Raises `SystemExit` where it fails."""
    path = Path(folder, "certificate.json")
    if code := process(["-m", "simcert", *arguments, "-o", str(path), "--quiet"]).code:
        raise SystemExit(f"simcert {' '.join(arguments)}: exit code {code}")
    return path


def verified(binary: Path, files: Sequence[Path]) -> list[Path]:
    """The files that a binary verifies."""
    lines = seconds([binary, *files])[1]
    return [file for file, line in zip(files, lines, strict=True) if re.match(r": verified\b", line.removeprefix(str(file)))]


def gallery(fast: Path, pure: Path) -> None:
    every = sorted(VALID.glob("*.json"))
    files = [file for file in verified(fast, every) if check_text(file.read_bytes()).status == "verified"]
    start = time.perf_counter()
    for file in files:
        check_text(file.read_bytes())
    calls = time.perf_counter() - start
    rows = []
    one = [best([*command, *files]) for command in (CHECKER, [fast], [pure])]
    each = [sum(seconds([*command, file])[0] for file in files) for command in (CHECKER, [fast], [pure])]
    for what, (independent, coq, slow) in (("one process for all", one), ("its calls alone", [calls, one[1], one[2]]), ("a process for each", each)):
        times = (f"{independent:.2f} s", f"{coq:.2f} s", f"{coq / independent:.2f} (<= 1)", f"{slow:.2f} s", f"{slow / coq:.1f}")
        rows.append((what, *times))
    header = ("time of", "independent", "simcert-coq", "of limit", "simcert-coq-pure", "over simcert-coq")
    table(f"gallery: {len(files)} of {len(every)} files, those that both verify", header, rows)


def sizes(fast: Path, pure: Path) -> None:
    rows = []
    for what, arguments, limit in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            file = made(folder, arguments)
            if verified(fast, [file]) != [file]:
                raise SystemExit(f"{what}: the machine-checked checker does not verify it")
            coq, slow, independent = best([fast, file]), best([pure, file], 1), best([*CHECKER, file])
            rows.append((what, f"{coq:.2f} s", f"{coq / limit:.3f} (of {limit} s)", f"{slow:.2f} s", f"{slow / coq:.0f}", f"{independent:.2f} s"))
    table("sizes", ("claim", "simcert-coq", "of limit", "simcert-coq-pure", "over simcert-coq", "independent"), rows)


def kernel(fast: Path) -> None:
    coqc = shutil.which("coqc")
    if coqc is None:
        raise SystemExit("--kernel needs coqc; formal/README.md says how to install it")
    rows = []
    bare = None
    for what, arguments in KERNEL:
        with tempfile.TemporaryDirectory() as folder:
            file, out = made(folder, arguments), Path(folder, "formalized.v")
            if code := process(["-m", "simcert", "formalize", str(file), "-o", str(out), "--quiet"]).code:
                raise SystemExit(f"{what}: simcert formalize exited with {code}")
            size, binary = file.stat().st_size, best([fast, file])
            command = [coqc, "-R", str(ROOT / "formal" / "theories"), "SimCert"]
            if bare is None:
                head = out.read_text().partition("Definition the_model")[0]
                Path(folder, "bare.v").write_text(head)
                bare = best([*command, Path(folder, "bare.v")])
            took, lines = seconds([*command, out])
            if not any(line.startswith("Axioms:") for line in lines):
                raise SystemExit(f"{what}: coqc does not accept the file")
            rows.append((what, f"{size / 1000:.0f} kB", f"{binary:.2f} s", f"{took:.1f} s", f"{(took - bare) / size * 1e6:.0f}", f"{took / binary:.0f}"))
    table(
        f"Coq's kernel on formalized files ({bare:.1f} s of it to load the theories)", ("claim", "certificate", "simcert-coq", "coqc", "us/byte", "ratio"), rows
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kernel", action="store_true", help="also compile formalized files with coqc (minutes)")
    options = parser.parse_args()
    fast = formal.require_binary()
    pure = fast.with_name("simcert-coq-pure")
    gallery(fast, pure)
    sizes(fast, pure)
    if options.kernel:
        kernel(fast)


if __name__ == "__main__":
    sys.exit(main())
