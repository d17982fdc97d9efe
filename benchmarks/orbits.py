"""What orbit dimensions and conservation laws cost: `python benchmarks/orbits.py [--large] [--peer FOLDER]`.

The peer is the SageMath code published with arXiv 2307.00144 (repository sibyllema/Conservation_laws): its Lie-algebra dimension, in the better of its
modes. Its figures were measured once on 2 cores with SageMath 9.5, start-up excluded, and are repeated here; with `--peer FOLDER` (a checkout of that
repository; `sage` must be on the path) the first is measured again in this run. It decides ranks in floating point and proves nothing; ours comes with a
certificate, verified by the independent checker.
"""

from __future__ import annotations

import argparse
import math
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from measure import process, table

from simcert.certificates import codec
from simcert.checker import Limits, check_text
from simcert.exact.rank import SMALL, Eliminator
from simcert.fields.orbits import Point, Search
from simcert.fields.uppers import orbit
from simcert.laws.search import conservation_laws, generic_point
from simcert.models.points import parse_point
from simcert.models.spec import load_model

RECORDED = {"linear:6-6-6": 93.0, "mlp:12-12-12:relu": 45.0}
WANTED = {"linear:6-6-6": (80, 1000), "mlp:12-12-12:relu": (20, 50)}
PEER = """
import sys, time
from pathlib import Path
import sage.all
scope = dict(vars(sage.all))  # the peer's files were notebooks: they use names of Sage that they do not import, and import some that it no longer has
for name in ("R", "product"):
    if not hasattr(sage.all, name):
        setattr(sage.all, name, None)
for name in ("nn_vector_fields.py", "lie.py"):
    exec(compile(Path(sys.argv[1], "conservation_laws", name).read_text(), name, "exec"), scope)
D, fields = scope["vector_fields_for_q_layer_LNN"]([6, 6, 6])
start = time.time()
dimension = scope["dim_trace_lie_algebra"](fields, n_known_functions=21)
print("dimension", dimension, "seconds", time.time() - start)
"""
PEER_LIMIT = 900  # seconds


def seconds(function: Callable[[], object], repeats: int = 3) -> float:
    """The shortest of several calls."""
    best = math.inf
    for _ in range(repeats):
        start = time.perf_counter()
        function()
        best = min(best, time.perf_counter() - start)
    return best


def peer(folder: str | None) -> dict[str, float]:
    """The peer's seconds: recorded, or with its folder given measured again where that takes minutes only. Raises `SystemExit` where that fails."""
    if folder is None:
        print("peer: figures as recorded")
        return RECORDED
    missing = [name for name in ("lie.py", "nn_vector_fields.py") if not Path(folder, "conservation_laws", name).is_file()]
    if missing:
        raise SystemExit(f"--peer {folder}: no conservation_laws/{missing[0]} there; give a checkout of the repository sibyllema/Conservation_laws")
    sage = shutil.which("sage")
    if sage is None:
        raise SystemExit("--peer needs SageMath: there is no `sage` on the path; install it (Debian: sagemath), or leave --peer out for the recorded figures")
    with tempfile.TemporaryDirectory() as where:
        script = Path(where, "peer.py")
        script.write_text(PEER)
        try:
            done = subprocess.run([sage, "-python", str(script), folder], capture_output=True, text=True, timeout=PEER_LIMIT, check=False)
        except subprocess.TimeoutExpired:
            raise SystemExit(f"--peer {folder}: the peer took more than {PEER_LIMIT} s") from None
    last = (done.stdout.split("\n")[-2:-1] or [""])[0].split()
    if done.returncode or last[:2] != ["dimension", "51"] or last[2:3] != ["seconds"]:
        told = (done.stderr.strip() or done.stdout.strip() or "it said nothing").splitlines()[-1]
        raise SystemExit(f"--peer {folder}: the peer did not find dimension 51 for linear 6-6-6 (exit code {done.returncode}): {told}")
    print("peer: linear 6-6-6 measured in this run, the others as recorded")
    return {**RECORDED, "linear:6-6-6": float(last[3])}


def against_peer(folder: str | None) -> None:
    rows = []
    for model, theirs in peer(folder).items():
        program = load_model(model)
        call = seconds(lambda program=program: conservation_laws(program))
        with tempfile.TemporaryDirectory() as where:
            run = process(["-m", "simcert", "laws", model, "-o", str(Path(where, "c.json")), "--quiet"])
        wanted = WANTED[model]
        rows.append(
            (
                model,
                f"{theirs:.0f} s",
                f"{run.seconds:.2f} s",
                f"{theirs / run.seconds:.0f} (>= {wanted[0]})",
                f"{call:.4f} s",
                f"{theirs / call:.0f} (>= {wanted[1]})",
            )
        )
    table("all laws with a certificate, against the peer", ("model", "peer", "process", "times faster", "call", "times faster"), rows)


def large() -> None:
    rows = []
    for model in ("linear:70-70-70", "mlp:64-64-64:relu", "mlp:64-64-64-10:generic"):
        with tempfile.TemporaryDirectory() as where:
            out = Path(where, "c.json")
            run = process(["-m", "simcert", "laws", model, "-o", str(out), "--quiet"])
            size = f"{out.stat().st_size / 1e6:.1f} MB" if out.exists() else "none"
        rows.append(
            (model, load_model(model).size, run.code, f"{run.seconds:.0f} s", f"{run.seconds / 300:.2f}", f"{run.mib:.0f} MiB", f"{run.mib / 8192:.2f}", size)
        )
    table("large models: limits 5 minutes and 8 GiB", ("model", "D", "exit", "time", "of limit", "memory", "of limit", "certificate"), rows)


def growth(sizes: tuple[int, ...]) -> None:
    from flint import nmod_mat

    rows, points = [], []
    for n in sizes:
        program = load_model(f"linear:{n}-{n}-{n}")
        start = time.perf_counter()
        found = conservation_laws(program)
        ours = time.perf_counter() - start
        search = Search(Point(program, generic_point(program, 0), 0))
        search.try_large(program.size - found.count)
        words = [tuple(w) for w in search.best.proof["words"]]
        matrix = search.matrix(words)
        entries = nmod_mat(matrix.shape[0], matrix.shape[1], matrix.ravel().tolist(), SMALL)
        start = time.perf_counter()
        rank = entries.rank()
        flint = time.perf_counter() - start
        rows.append((f"linear:{n}-{n}-{n}", program.size, rank, f"{ours:.2f} s", f"{flint:.2f} s", f"{ours / flint:.2f}"))
        points.append((math.log(program.size), math.log(ours)))
    table("end to end against FLINT's rank of the same matrix (at most 2 at D >= 2000)", ("model", "D", "rank", "laws", "FLINT rank", "ratio"), rows)
    mean_x, mean_y = (sum(p[k] for p in points) / len(points) for k in (0, 1))
    slope = sum((x - mean_x) * (y - mean_y) for x, y in points) / sum((x - mean_x) ** 2 for x, _ in points)
    print(f"  fitted exponent of the cost in D: {slope:.2f}")


def checker() -> None:
    rows = []
    for model in ("linear:6-6-6", "mlp:12-12-12:relu", "mlp:15-15-15-2:generic", "mlp:22-22-22:generic"):
        program = load_model(model)
        theta = parse_point(program, "generic")
        start = time.perf_counter()
        certificate = orbit(Point(program, theta)).certificate()
        ours = time.perf_counter() - start
        text = codec.canonical(certificate)
        start = time.perf_counter()
        verdict = check_text(text, Limits())
        check = time.perf_counter() - start
        with tempfile.TemporaryDirectory() as where:
            out = str(Path(where, "c.json"))
            whole = process(["-m", "simcert", "orbit", model, "--at", "generic", "-o", out, "--quiet"]).seconds
            alone = process(["-m", "simcert.checker", out]).seconds
        times = (f"{ours:.2f} s", f"{check:.2f} s", f"{check / ours:.1f}", f"{whole:.2f} s", f"{alone:.2f} s", f"{alone / whole:.2f}")
        rows.append((model, program.size, verdict.status, *times))
    header = ("model", "D", "status", "search", "check", "ratio", "simcert orbit", "checker alone", "ratio")
    table("the independent checker against the producer: as calls, and as processes (the producer's checks what it writes)", header, rows)


def degenerate() -> None:
    program = load_model("mlp:2-3-1:odd")
    theta = parse_point(program, {"W1": [[0, 0]] * 3, "W2": [[1, 2, 3]]})
    found = orbit(Point(program, theta))
    call = seconds(lambda: orbit(Point(program, theta)))
    table(
        "a degenerate point (odd, all w = 0, m = 3): limit 1 s",
        ("method", "bounds", "time", "of limit"),
        [(found.lower.proof["method"], f"{found.lower.bound}..{found.upper.bound}", f"{call:.3f} s", f"{call:.3f}")],
    )


def elimination() -> None:
    """Our blocked elimination alone, against FLINT, on a random matrix."""
    import numpy as np
    from flint import nmod_mat

    rng = np.random.default_rng(random.Random(0).getrandbits(32))
    matrix = rng.integers(0, SMALL, (1500, 2000))
    ours = seconds(lambda: Eliminator(2000).add(matrix), 1)
    entries = nmod_mat(1500, 2000, matrix.ravel().tolist(), SMALL)
    flint = seconds(entries.rank, 1)
    table("rank of a random 1500 x 2000 matrix", ("ours", "FLINT", "ratio"), [(f"{ours:.2f} s", f"{flint:.2f} s", f"{ours / flint:.2f}")])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--large", action="store_true", help="also D near 9,000 (minutes)")
    parser.add_argument("--peer", help="a checkout of the peer's repository")
    options = parser.parse_args()
    against_peer(options.peer)
    degenerate()
    elimination()
    growth((20, 24, 32, 40))
    checker()
    if options.large:
        large()


if __name__ == "__main__":
    sys.exit(main())
