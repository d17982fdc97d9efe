"""Figures of cross-checks, with matplotlib: the panels of one piece of evidence side by side, as SVG, PNG or PDF."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from simcert.certificates import codec
from simcert.crosscheck.evidence import Evidence, Panel
from simcert.errors import SpecError
from simcert.plot import INK, LINE, SOFT, save

COLOURS = ("#2f6aa8", "#c0641b", "#3c8d5a", "#8a4fa3", "#b23a48", "#7a7a2c", "#3f8f9b", "#8c6d5a", "#5b5fc7", "#444b54")


def plot(evidence: Evidence, path: str | Path) -> Path:
    """Draw the panels of the evidence; raises `SpecError` where it has none, or for another suffix than .svg, .png, .pdf."""
    if not evidence.panels:
        raise SpecError(f"a cross-check of a {evidence.kind} claim that says {evidence.status} has nothing to draw", evidence.file, "leave out --plot")
    codec.require_writable(path)
    return save(lambda: _figure(evidence), path)


def _figure(evidence: Evidence) -> Any:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    count = len(evidence.panels)
    figure = Figure(figsize=(5.6 * count, 4.6), layout="constrained", facecolor="#ffffff")
    FigureCanvasAgg(figure)
    heading = f"{evidence.title}: {evidence.kind}\n{evidence.status}  ({evidence.note})"
    figure.suptitle(heading, fontsize=9, color=INK, x=0.01, ha="left")
    for axes, panel in zip(figure.subplots(1, count, squeeze=False)[0], evidence.panels, strict=True):
        _panel(axes, panel)
    return figure


def _panel(axes: Any, panel: Panel) -> None:
    for number, line in enumerate(panel.lines):
        thin = {"linewidth": 1.3, "linestyle": ("-", "--", ":")[number % 3]}
        style = {"marker": "o", "linestyle": "none", "markersize": 4} if line.style == "points" else thin
        axes.plot(line.xs, line.ys, label=line.label, color=COLOURS[number % len(COLOURS)], **style)
    for label, height in panel.marks:
        axes.axhline(height, color=SOFT, linewidth=0.8, linestyle=(0, (4, 3)))
        axes.annotate(label, (1, height), xycoords=("axes fraction", "data"), ha="right", va="bottom", fontsize=7, color=SOFT)
    if "x" in panel.logarithmic:
        axes.set_xscale("log")
    if "y" in panel.logarithmic:
        axes.set_yscale("log")
    axes.set_title(panel.title, fontsize=9, color=INK, loc="left")
    axes.set_xlabel(panel.x, fontsize=8, color=SOFT)
    axes.set_ylabel(panel.y, fontsize=8, color=SOFT)
    axes.tick_params(labelsize=7, colors=SOFT)
    axes.grid(color=LINE, linewidth=0.3)
    axes.legend(fontsize=7, frameon=False, ncols=3, loc="upper center", bbox_to_anchor=(0.5, -0.14))
