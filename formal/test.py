"""The corpus through both binaries: the folder says what may come out. Run by `make -C formal test`."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
CORPUS = HERE.parent / "certificates"
EXPECTED = {
    "valid": {"verified", "unsupported"},
    "invalid": {"invalid", "unsupported"},
    "malformed": {"malformed", "unsupported"},
    "incomplete": {"incomplete", "unsupported"},
    "unsupported": {"unsupported"},
}


def verdicts(binary: str, files: list[Path], seconds: int = 600) -> list[str]:
    """The word after each file name that the binary prints, in order; it has so many seconds for each file."""
    run = subprocess.run([HERE / binary, "--seconds", str(seconds), "--", *files], capture_output=True, text=True, check=False)
    lines = run.stdout.splitlines()
    if len(lines) != len(files):
        raise SystemExit(f"{binary}: {len(lines)} lines for {len(files)} files\n{run.stderr}")
    return [line.removeprefix(f"{file}: ").split(":")[0] for file, line in zip(files, lines, strict=True)]


def main() -> int:
    """Print a table and every file with a verdict that its folder does not allow."""
    wrong = 0
    for folder, allowed in EXPECTED.items():
        files = sorted((CORPUS / folder).glob("*.json"))
        fast, pure = verdicts("simcert-coq", files), verdicts("simcert-coq-pure", files)
        for file, a, b in zip(files, fast, pure, strict=True):
            if a != b or a not in allowed:
                wrong += 1
                print(f"{folder}/{file.name}: {a} (simcert-coq), {b} (simcert-coq-pure); expected {' or '.join(sorted(allowed))}")
        counts = Counter(fast)
        print(f"{folder}: {len(files)} files, " + ", ".join(f"{n} {word}" for word, n in sorted(counts.items())))
    print("no disagreement" if not wrong else f"{wrong} wrong verdicts")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
