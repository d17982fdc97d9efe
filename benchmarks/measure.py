"""Running a command as a process and measuring it; shared by the benchmark scripts."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Run:
    """What one process took: wall seconds, peak resident memory in MiB, exit code."""

    seconds: float
    mib: float
    code: int


def process(arguments: Sequence[str], cwd: str | None = None) -> Run:
    """Run `python ARGUMENTS` once, output discarded."""
    start = time.perf_counter()
    child = subprocess.Popen([sys.executable, *arguments], cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return Run(time.perf_counter() - start, usage.ru_maxrss / 1024, child.returncode)


def best(arguments: Sequence[str], repeats: int = 3, cwd: str | None = None) -> Run:
    """The fastest of several runs."""
    return min((process(arguments, cwd) for _ in range(repeats)), key=lambda run: run.seconds)


def table(title: str, header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a plain table."""
    cells = [[str(c) for c in row] for row in [header, *rows]]
    widths = [max(len(row[k]) for row in cells) for k in range(len(header))]
    print(f"\n{title}")
    for row in cells:
        print("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
