"""What proving and verifying invariance costs: `python benchmarks/foundations.py`.

Every figure is a ratio against a stated limit, or against the size of the problem, in this one run. All commands run as processes, start-up included.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from measure import best, process, table


def magic(n: int) -> str:
    """Rows of W1 equal, output weights equal, W2 with equal row and column sums (n × n)."""
    row = [" + ".join(f"W2[{i},{k}]" for k in range(n)) for i in range(n)]
    column = [" + ".join(f"W2[{k},{i}]" for k in range(n)) for i in range(n)]
    parts = [f"W1[0,:] = W1[{i},:]; W3[0,0] = W3[0,{i}]; {row[0]} = {row[i]}; {column[0]} = {column[i]}" for i in range(1, n)]
    return "; ".join(parts)


def prove_and_verify(folder: str, model: str, subspace: str) -> tuple[float, float, float, float]:
    """Seconds and MiB of `simcert prove`, then of the independent checker alone."""
    equations = Path(folder, "subspace.txt")
    equations.write_text(subspace)
    out = Path(folder, "certificate.json")
    prove = process(["-m", "simcert", "prove", model, str(equations), "-o", str(out), "--quiet"])
    verify = process(["-m", "simcert.checker", str(out)])
    if prove.code or verify.code:
        sys.exit(f"{model}: prove exited with {prove.code}, verify with {verify.code}")
    return prove.seconds, prove.mib, verify.seconds, verify.mib


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        model = "mlp:64-256-256-10:tanh"
        rows = []
        for what, subspace in (("tie (invariant)", "tie(1: 0,1)"), ("rows only (not invariant)", "W1[0,:] = W1[1,:]")):
            seconds, mib, check, check_mib = prove_and_verify(folder, model, subspace)
            for step, s, m in (("prove", seconds, mib), ("verify", check, check_mib)):
                rows.append((what, step, f"{s:.2f} s", f"{s / 10:.2f}", f"{m:.0f} MiB", f"{m / 1024:.2f}"))
        table(f"{model}: limits 10 s and 1 GiB each", ("claim", "step", "time", "of limit", "memory", "of limit"), rows)

        rows = []
        for width in (128, 256, 512):
            size = 64 * width + width * width + 10 * width
            seconds, _, check, _ = prove_and_verify(folder, f"mlp:64-{width}-{width}-10:tanh", "tie(1: 0,1)")
            rows.append((width, size, f"{seconds:.2f} s", f"{seconds / size * 1e6:.1f}", f"{check:.2f} s", f"{check / size * 1e6:.1f}"))
        table("symmetry proof: cost against parameters", ("width", "parameters", "prove", "us/parameter", "verify", "us/parameter"), rows)

        rows = []
        for width in (3, 12, 48):
            size = 2 * width + width * width + width
            seconds, _, check, _ = prove_and_verify(folder, f"mlp:2-{width}-{width}-1:generic", magic(width))
            rows.append((width, size, f"{seconds:.2f} s", f"{check:.2f} s"))
        table("congruence proof of the magic subspace", ("hidden width", "parameters", "prove", "verify"), rows)

    rows = []
    bare = best(["-c", "pass"], 5).seconds
    for what, arguments, limit in (("import simcert", ["-c", "import simcert"], 0.25), ("simcert --help", ["-m", "simcert", "--help"], 0.4)):
        seconds = best(arguments, 5).seconds
        rows.append((what, f"{seconds:.3f} s", f"{seconds / limit:.2f}", f"{seconds / bare:.1f}"))
    table("start-up", ("what", "time", "of limit", "over bare python"), rows)


if __name__ == "__main__":
    main()
