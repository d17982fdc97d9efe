"""The command line: `python -m simcert.checker FILE…`, or `python checker.pyz FILE…`."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict

from . import Limits, Result, check_file

EXIT = {"verified": 0, "invalid": 1, "malformed": 3, "incomplete": 4, "unsupported": 4, "limit": 5}
WORST_FIRST = (3, 1, 5, 4, 0)
BROKEN_PIPE = 141  # nobody reads the output any more: as for a program that the signal ends


def report(path: str, result: Result) -> str:
    """What is printed for one file."""
    lines = [f"{path}: {result.status} ({result.seconds:.2f} s)", f"  {result.message}"]
    if result.statement:
        lines.append(f"  {'theorem' if result.status == 'verified' else 'claimed, not proved here'}: {result.statement}")
        lines += [f"  not claimed: {item}" for item in result.not_claimed]
        lines += [f"  rests on: {item}" for item in result.trust]
        lines.append(f"  name: {result.theorem}")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Check files and return the worst exit code: malformed 3, invalid 1, limit 5, incomplete or unsupported 4, verified 0; unreadable 2, closed output 141."""
    parser = argparse.ArgumentParser(prog="checker", description="Check certificates of simcert.")
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.add_argument("--json", action="store_true", help="print one JSON object per file")
    for name in ("max_bytes", "max_digits", "max_nodes", "max_entries", "max_terms"):
        parser.add_argument("--" + name.replace("_", "-"), type=int, default=getattr(Limits(), name), metavar="N")
    parser.add_argument("--seconds", type=float, default=600.0, metavar="S", help="time for one file (default 600)")
    options = parser.parse_args(arguments)
    encoding = sys.stdout.encoding or "ascii"
    sys.set_int_max_str_digits(max(sys.get_int_max_str_digits(), options.max_digits + 1))
    limits = Limits(options.max_bytes, options.max_digits, options.max_nodes, options.max_entries, options.max_terms, options.seconds)
    codes: set[int] = set()
    for path in options.files:
        try:
            result = check_file(path, limits)
        except OSError as error:
            print(f"{path}: cannot be read: {error.strerror}", file=sys.stderr)
            return 2
        codes.add(EXIT[result.status])
        text = json.dumps({"file": path} | asdict(result), sort_keys=True) if options.json else report(path, result)
        try:
            print(text.encode(encoding, "backslashreplace").decode(encoding), flush=True)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for the interpreter's last flush
            return BROKEN_PIPE
    return next(code for code in WORST_FIRST if code in codes)


if __name__ == "__main__":
    sys.exit(main())
