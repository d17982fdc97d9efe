"""What a cross-check says: findings, each a measured number beside what the claim predicts, and curves to draw. Never a proof."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

NOTE = "numerical evidence, not a proof"
ORDER = ("disagrees", "unsupported", "inconclusive", "agrees")  # the first that occurs is the status of the whole
EXIT_CODES = {"agrees": 0, "disagrees": 1, "unsupported": 4, "inconclusive": 4}


def worst(statuses: Iterable[str]) -> str:
    """The status of several together; of none, "inconclusive".

    >>> worst(["agrees", "inconclusive"]), worst([])
    ('inconclusive', 'inconclusive')
    """
    found = set(statuses)
    return next((status for status in ORDER if status in found), "inconclusive")


@dataclass(frozen=True, slots=True)
class Finding:
    """One comparison: `what` was measured, the number `measured`, what was `expected` in words, and the `status`."""

    what: str
    measured: float
    expected: str
    status: str

    def to_json(self) -> dict[str, Any]:
        number = self.measured if math.isfinite(self.measured) else None
        return {"what": self.what, "measured": number, "expected": self.expected, "status": self.status}


def small(what: str, measured: float, tight: float, loose: float) -> Finding:
    """A number that the claim predicts to be 0: it agrees up to `tight`, disagrees from `loose` on, and is inconclusive between and where it is not finite."""
    status = "inconclusive" if not math.isfinite(measured) else "agrees" if measured <= tight else "disagrees" if measured >= loose else "inconclusive"
    return Finding(what, measured, f"below {tight:.0e}", status)


def large(what: str, measured: float, loose: float, tight: float) -> Finding:
    """A number that the claim predicts not to be 0: it agrees from `loose` on, disagrees up to `tight`, and is inconclusive between."""
    status = "inconclusive" if not math.isfinite(measured) else "agrees" if measured >= loose else "disagrees" if measured <= tight else "inconclusive"
    return Finding(what, measured, f"above {loose:.0e}", status)


@dataclass(frozen=True, slots=True)
class Line:
    """One curve of a panel; `style` is "line" or "points"."""

    label: str
    xs: tuple[float, ...]
    ys: tuple[float, ...]
    style: str = "line"


@dataclass(frozen=True, slots=True)
class Panel:
    """One part of a figure: its curves, the words on its axes, which axes are logarithmic ("x", "y"), and horizontal marks (label, height)."""

    title: str
    x: str
    y: str
    lines: tuple[Line, ...]
    logarithmic: str = "y"
    marks: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """The outcome of a cross-check.

    `status` is "agrees", "disagrees", "inconclusive" (the numbers do not tell) or "unsupported" (this kind of claim, or its size, has no cross-check).
    *Proves:* nothing. Floating point and finitely many random choices are evidence for or against a claim.
    """

    kind: str
    title: str
    findings: tuple[Finding, ...]
    panels: tuple[Panel, ...] = ()
    about: str = ""
    seeds: int = 0
    seed: int = 0
    device: str = ""
    seconds: float = 0.0
    file: str = ""
    theorem: str = ""
    note: str = field(default=NOTE, init=False)

    @property
    def status(self) -> str:
        return worst(finding.status for finding in self.findings)

    @property
    def summary(self) -> Finding:
        """The finding that a table shows: the first of the worst status."""
        return next(finding for finding in self.findings if finding.status == self.status)

    def to_json(self) -> dict[str, Any]:
        """An entry of `results` in `simcert crosscheck --json`."""
        return {
            "file": self.file, "kind": self.kind, "model": self.title, "status": self.status, "note": self.note, "activations": self.about,
            "findings": [finding.to_json() for finding in self.findings], "seeds": self.seeds, "seed": self.seed, "device": self.device,
            "theorem": self.theorem, "seconds": round(self.seconds, 3),
        }  # fmt: skip


def number(value: float) -> str:
    """A measured number for people.

    >>> number(0.0), number(1.2e-16), number(9.0)
    ('0', '1.2e-16', '9')
    """
    if not math.isfinite(value):
        return "not finite"
    return f"{value:.0f}" if abs(value) < 1e6 and value == int(value) else f"{value:.2g}"


def exponent(xs: Sequence[float], ys: Sequence[float]) -> float:
    """The slope of log y against log x by least squares.

    >>> round(exponent([1, 2, 4], [3, 12, 48]), 6)
    2.0
    """
    import numpy as np

    return float(np.polyfit(np.log(np.asarray(xs)), np.log(np.asarray(ys)), 1)[0])
