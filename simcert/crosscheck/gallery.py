"""Which certificates `simcert crosscheck --gallery` looks at."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from simcert.certificates.claims import Certificate
from simcert.errors import SpecError

FOLDER = "certificates/valid"  # of a checkout


def folder(given: str = "") -> Path:
    """The folder that was given; or `FOLDER` in the current folder. Raises `SpecError` where there is none."""
    if given:
        if not Path(given).is_dir():
            raise SpecError("there is no such folder", given, "name a folder of certificates")
        return Path(given)
    if not Path(FOLDER).is_dir():
        raise SpecError("there is no such folder in the current one", FOLDER, "name a folder of certificates, --gallery FOLDER, or go to a checkout of simcert")
    return Path(FOLDER)


def files(where: Path, *, short: bool = False) -> list[Path]:
    """The certificates in a folder by name; with `short` the smallest of each kind. Raises `SpecError` where there are none."""
    found = sorted(where.glob("*.json"))
    if not found:
        raise SpecError("the folder has no certificates", str(where), "name a folder of .json files")
    if not short:
        return found
    smallest: dict[str, Path] = {}
    for path in sorted(found, key=lambda path: (path.stat().st_size, path.name)):
        smallest.setdefault(Certificate.load(path).kind, path)
    return sorted(smallest.values())


def table(results: list[Any], width: int = 120) -> str:
    """A table of pieces of evidence: file, kind, model, status, and the finding that decided it."""
    import io

    from rich.console import Console
    from rich.table import Table

    from simcert.crosscheck.evidence import number

    out = Table(box=None, pad_edge=False, header_style="")
    for name in ("certificate", "kind", "model", "status", "because", "measured", "expected", "seconds"):
        out.add_column(name, justify="right" if name in ("measured", "seconds") else "left", overflow="fold")
    for evidence in results:
        found = evidence.summary
        row = (Path(evidence.file).stem, evidence.kind, evidence.title, evidence.status, found.what, number(found.measured), found.expected)
        out.add_row(*row, f"{evidence.seconds:.1f}")
    stream = io.StringIO()
    Console(file=stream, width=width, color_system=None).print(out)
    return "\n".join(line.rstrip() for line in stream.getvalue().splitlines())
