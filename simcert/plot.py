"""Figures, with matplotlib: Hasse diagrams of lattices as SVG, PNG or PDF. The same lattice gives the same bytes."""

from __future__ import annotations

import importlib.util
import io
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simcert.certificates import codec
from simcert.errors import MissingExtraError, SpecError
from simcert.hasse import LABELLED, Box, layout

if TYPE_CHECKING:
    from simcert.groups.lattice import Lattice

FORMATS = (".svg", ".png", ".pdf")
INK, SOFT, LINE, PAGE = "#1d2126", "#5c6672", "#a9b0b8", "#ffffff"
FACES = {"symmetry": ("#e3edf8", "#2f6aa8"), "beyond": ("#fdebd8", "#c0641b")}
NAMES = {"symmetry": "induced by symmetry", "beyond": "beyond symmetry"}
SIZE = 9.0  # points per unit of the layout


def require(path: str | Path) -> None:
    """Raise `SpecError` for a file that cannot be drawn into, `MissingExtraError` without matplotlib."""
    if Path(path).suffix not in FORMATS:
        raise SpecError(f"a figure is a file {', '.join(FORMATS)}", str(path), "choose another name")
    if importlib.util.find_spec("matplotlib") is None:
        raise MissingExtraError("matplotlib", "plot")


def plot(lattice: Lattice, path: str | Path) -> Path:
    """Draw the Hasse diagram of a lattice: rows by dimension, the whole space at the top; labels for up to 60 nodes.

    Raises `SpecError` for another suffix than .svg, .png, .pdf, `MissingExtraError` without matplotlib.
    """
    return save(lambda: _figure(lattice), path)


def save(draw: Callable[[], Any], path: str | Path) -> Path:
    """Write the figure that `draw` makes; the same figure gives the same bytes, and the file is written whole or not at all.

    Raises `SpecError` for another suffix than .svg, .png, .pdf, `MissingExtraError` without matplotlib.
    """
    require(path)
    import matplotlib as mpl

    target, buffer = Path(path), io.BytesIO()
    settings: dict[Any, Any] = {"svg.hashsalt": "simcert", "svg.fonttype": "path", "pdf.fonttype": 42, "font.family": "DejaVu Sans"}
    nothing = {".svg": {"Date": None}, ".png": {"Software": None}, ".pdf": {"CreationDate": None, "Producer": None, "Creator": None}}
    with mpl.rc_context(settings):
        figure = draw()
        figure.savefig(buffer, format=target.suffix[1:], dpi=160, metadata=nothing[target.suffix])
    if target.suffix == ".svg":
        text = "\n".join(line.rstrip() for line in buffer.getvalue().decode().splitlines()) + "\n"
        return codec.write_atomically(target, text)
    codec.require_writable(target)
    temporary = target.with_name(f".{target.name[:80]}.{secrets.token_hex(6)}.tmp")
    try:
        temporary.write_bytes(buffer.getvalue())
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
    return target


def _figure(lattice: Lattice) -> Any:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.collections import LineCollection
    from matplotlib.figure import Figure

    plan = layout(lattice)
    left, right, top, bottom = 5.5, 1.5, 4.6, 3.4
    width = max(plan.width, 0.72 * len(heading(lattice)), 0.5 * len(explanation(lattice)) + 22.0)
    size = (width + left + right, plan.height + top + bottom)
    figure = Figure(figsize=(size[0] * SIZE / 72, size[1] * SIZE / 72), facecolor=PAGE)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(-width / 2 - left, width / 2 + right)
    axes.set_ylim(plan.height + bottom, -top)
    axes.axis("off")
    labelled = any(box.text for box in plan.boxes)
    for kind, dashes in (("symmetry", "solid"), ("beyond", (0, (3, 2)))):
        segments = [_segment(plan.boxes[i], plan.boxes[j]) for i, j in lattice.edges if _kind(lattice, i, j) == kind]
        colour = LINE if kind == "symmetry" else FACES["beyond"][1]
        thickness = 0.8 if labelled else max(0.12, 0.5 - len(lattice.edges) / 12000)
        axes.add_collection(LineCollection(segments, colors=colour, linewidths=thickness, linestyles=[dashes], zorder=1))
    axes.text(-width / 2 - left + 0.8, -top + 1.5, heading(lattice), fontsize=SIZE * 1.15, color=INK, va="center", weight="bold")
    for d, y in plan.rows:
        axes.text(-width / 2 - left + 0.8, y, f"dim {d}", fontsize=SIZE * 0.85, color=SOFT, va="center")
    for node, box in zip(lattice.nodes, plan.boxes, strict=True):
        _node(axes, box, *FACES[node.kind], node.kind)
    _legend(axes, lattice, -width / 2 - left + 0.8, plan.height + bottom - 1.2)
    return figure


def heading(lattice: Lattice) -> str:
    """What the picture shows, in one line."""
    what = "classes of invariant subspaces" if lattice.up_to == "conjugacy" else "invariant subspaces"
    return f"{lattice.program.title}: {len(lattice.nodes)} {what}" + (", all subgroups" if lattice.mode == "full" else "")


def _kind(lattice: Lattice, i: int, j: int) -> str:
    return "beyond" if "beyond" in (lattice.nodes[i].kind, lattice.nodes[j].kind) else "symmetry"


def _segment(small: Box, big: Box) -> list[tuple[float, float]]:
    return [(small.x, small.y - small.height / 2), (big.x, big.y + big.height / 2)]


def _node(axes: Any, box: Box, face: str, edge: str, kind: str) -> None:
    from matplotlib.patches import Ellipse, FancyBboxPatch

    style = {"facecolor": face, "edgecolor": edge, "linewidth": 0.9, "linestyle": "-" if kind == "symmetry" else (0, (3, 1.5)), "zorder": 2}
    if not box.text:
        axes.add_patch(Ellipse((box.x, box.y), box.width * 0.85, box.height * 0.85, **style | {"facecolor": edge, "linewidth": 0}))
        return
    corner = (box.x - box.width / 2, box.y - box.height / 2)
    axes.add_patch(FancyBboxPatch(corner, box.width, box.height, boxstyle="round,pad=0,rounding_size=0.5", **style))
    axes.text(box.x, box.y + 0.04, box.text, fontsize=SIZE * 0.92, color=INK, ha="center", va="center", zorder=3)


def _legend(axes: Any, lattice: Lattice, x: float, y: float) -> None:
    """Colours, and how labels are to be read."""
    from matplotlib.patches import Rectangle

    counts = {kind: sum(node.kind == kind for node in lattice.nodes) for kind in FACES}
    for kind, count in counts.items():
        if count:
            face, edge = FACES[kind]
            axes.add_patch(
                Rectangle((x, y - 0.45), 1.4, 0.9, facecolor=face, edgecolor=edge, linewidth=0.9, linestyle="-" if kind == "symmetry" else (0, (3, 1.5)))
            )
            text = f"{NAMES[kind]} ({count})"
            axes.text(x + 1.9, y, text, fontsize=SIZE * 0.8, color=SOFT, va="center")
            x += 3.4 + 0.52 * len(text)
    if len(lattice.nodes) <= LABELLED:
        axes.text(x + 1.0, y, explanation(lattice), fontsize=SIZE * 0.8, color=SOFT, va="center")


def explanation(lattice: Lattice) -> str:
    """How the labels of this lattice are to be read."""
    labels = " ".join(node.label for node in lattice.nodes)
    out = ["units count from 1", "{12} tied"]
    out += ["{1,−2} tied up to sign"] if ",-" in labels else []
    out += ["{0: 3} dead"] if "{0:" in labels else []
    out += ["{W1=0: 3} these parameters are 0"] if "=0:" in labels else []
    out += ["~ equal block sums"] if "~" in labels else []
    out += ["fix (1 2)|e fixed by this exchange"] if "fix" in labels else []
    out += ["×6 subspaces in the class"] if lattice.up_to == "conjugacy" else []
    return ";  ".join(out)
