"""Pack `simcert/checker` into one file that runs with any Python: `python tools/build_checker.py [OUTPUT]`, then `python checker.pyz FILE…`.

The archive is deterministic: the same sources give the same bytes.
"""

from __future__ import annotations

import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent / "simcert" / "checker"
MAIN = "import sys\n\nfrom checker.__main__ import main\n\nsys.exit(main())\n"


def build(output: Path) -> None:
    """Write the archive: a top-level `__main__.py` and the package under the name `checker`."""
    files = {"__main__.py": MAIN.encode()}
    files |= {f"checker/{path.name}": path.read_bytes() for path in sorted(PACKAGE.glob("*.py"))}
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder) / "checker.zip"
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
            for name in sorted(files):
                entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.external_attr = 0o644 << 16
                file.writestr(entry, files[name])
        output.write_bytes(b"#!/usr/bin/env python3\n" + archive.read_bytes())


def main(arguments: Sequence[str]) -> int:
    """Build the archive at the path given (default: checker.pyz)."""
    output = Path(arguments[0]) if arguments else Path("checker.pyz")
    build(output)
    print(f"{output}: {output.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
