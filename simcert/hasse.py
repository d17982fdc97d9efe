"""Where the nodes of a Hasse diagram stand: rows by dimension, ordered to reduce crossings. Lengths are in units of the font size."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simcert.groups.lattice import Lattice

LABELLED = 60  # up to this many nodes have their label in the picture
WIDEST = 92.0
SWEEPS = 24
NARROWEST, FARTHEST = 44.0, 14.0


@dataclass(frozen=True, slots=True)
class Box:
    """A node: its centre (y grows downwards), its size, and its text, which is empty in large diagrams."""

    x: float
    y: float
    width: float
    height: float
    text: str


@dataclass(frozen=True, slots=True)
class Layout:
    """The boxes by node number, and for each dimension the height of its row."""

    boxes: tuple[Box, ...]
    rows: tuple[tuple[int, float], ...]
    width: float
    height: float


def typeset(label: str) -> str:
    """A label with real minus signs."""
    return label.replace("-", "−")


def layout(lattice: Lattice) -> Layout:
    """Rows by dimension, the whole space at the top. Wide rows are split into staggered lines, so that boxes in one row never overlap."""
    labelled = len(lattice.nodes) <= LABELLED
    texts = [typeset(node.label) + (f"  ×{node.size}" if lattice.up_to == "conjugacy" else "") if labelled else "" for node in lattice.nodes]
    widths = [0.62 * len(text) + 1.3 if labelled else 0.8 for text in texts]
    rows: dict[int, list[int]] = {}
    for node in lattice.nodes:
        rows.setdefault(node.dimension, []).append(node.number)
    lists = [rows[d] for d in sorted(rows, reverse=True)]
    order(lists, lattice.edges)
    gap, line, between = (1.2, 2.6, 4.2) if labelled else (0.35, 1.1, 4.2)
    lengths = [sum(widths[i] + gap for i in row) for row in lists]
    widest = max([min(WIDEST, max(lengths)), NARROWEST, *widths]) + 4 * gap
    boxes: dict[int, Box] = {}
    y, heights, lines_of = 0.0, list[tuple[int, float]](), list[list[int]]()
    for row, length in zip(lists, lengths, strict=True):
        lines = math.ceil(length / (widest - 4 * gap))
        heights.append((lattice.nodes[row[0]].dimension, y + line * (lines - 1) / 2))
        for k in range(lines):
            part = row[k::lines]
            lines_of.append(part)
            used = sum(widths[i] for i in part)
            space = min(gap + (widest - used) / (2 * len(part)), (widest - used - 4 * gap) / max(1, len(part) - 1))
            x = -(used + space * (len(part) - 1)) / 2
            for i in part:
                boxes[i] = Box(x + widths[i] / 2, y + line * k, widths[i], 1.7 if labelled else 0.8, texts[i])
                x += widths[i] + space
        y += line * (lines - 1) + between + 0.03 * widest + min(4.0, 0.05 * len(row))
    placed = [boxes[i] for i in range(len(boxes))]
    if labelled:
        shift(placed, lines_of, lattice.edges, widest)
    return Layout(tuple(placed), tuple(heights), widest, max(box.y for box in placed))


def shift(boxes: list[Box], lines: Sequence[Sequence[int]], edges: Sequence[tuple[int, int]], widest: float) -> None:
    """Move lines of boxes sideways, in place, so that few edges run behind a box where they seem to end: an edge should be seen from end to end."""
    import numpy as np

    x, y = (np.array([getattr(box, name) for box in boxes]) for name in "xy")
    half = np.array([box.width / 2 for box in boxes])
    low, high = (np.array([edge[k] for edge in edges], dtype=int) for k in (0, 1))

    def hidden() -> float:
        """How many edges pass behind boxes, the middle of a box counting more."""
        top, bottom = y[high][:, None], y[low][:, None]
        inner = (y[None, :] > top + 1e-6) & (y[None, :] < bottom - 1e-6)
        at = x[high][:, None] + (x[low] - x[high])[:, None] * (y[None, :] - top) / np.maximum(bottom - top, 1e-9)
        depth = 1.15 - np.abs(at - x[None, :]) / half[None, :]
        return float(np.clip(depth, 0, 1)[inner].sum())

    centred = x.copy()
    for _ in range(3 if edges else 0):
        for line in lines[1:-1]:
            part = list(line)
            start = centred[part]
            room = min(FARTHEST, max(0.0, widest / 2 - max(np.max(start + half[part]), -np.min(start - half[part]))))
            steps = sorted(np.linspace(-room, room, 17).tolist(), key=lambda step: (abs(step), step))
            costs = list[float]()
            for step in steps:
                x[part] = start + step
                costs.append(hidden() + 0.03 * abs(step))
            x[part] = start + steps[costs.index(min(costs))]
    boxes[:] = [replace(box, x=float(a)) for box, a in zip(boxes, x.tolist(), strict=True)]


def order(rows: list[list[int]], edges: Sequence[tuple[int, int]]) -> None:
    """Order every row in place by the mean places of its neighbours in other rows, sweeping down and up; the order with the fewest crossings is kept."""
    near: dict[int, list[int]] = {}
    for i, j in edges:
        near.setdefault(i, []).append(j)
        near.setdefault(j, []).append(i)
    level = {i: k for k, row in enumerate(rows) for i in row}

    def places() -> dict[int, float]:
        return {i: (k + 0.5) / len(row) for row in rows for k, i in enumerate(row)}

    best, kept = math.inf, [list(row) for row in rows]
    for sweep in range(SWEEPS):
        at = places()
        sequence = range(len(rows)) if sweep % 2 == 0 else reversed(range(len(rows)))
        for k in sequence:
            means: dict[int, float] = {}
            for i in rows[k]:
                wanted = [at[j] for j in near.get(i, ()) if (level[j] < k) == (sweep % 2 == 0)]
                means[i] = sum(wanted) / len(wanted) if wanted else at[i]
            rows[k].sort(key=lambda i: (round(means[i], 9), at[i]))
            at |= {i: (n + 0.5) / len(rows[k]) for n, i in enumerate(rows[k])}
        length = sum((at[i] - at[j]) ** 2 for i, j in edges)
        if length < best - 1e-9:
            best, kept = length, [list(row) for row in rows]
    rows[:] = kept
