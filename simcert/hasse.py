"""Where the nodes of a Hasse diagram stand: rows by dimension, ordered to reduce crossings. Lengths are in units of the font size."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simcert.groups.lattice import Lattice

LABELLED = 60  # up to this many nodes have their label in the picture
WIDEST = 92.0
SWEEPS = 24


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
    gap, line, between = (1.2, 2.6, 4.6) if labelled else (0.35, 1.1, 4.5)
    lengths = [sum(widths[i] + gap for i in row) for row in lists]
    widest = max(min(WIDEST, max(lengths)), max(widths))
    boxes: dict[int, Box] = {}
    y, heights = 0.0, list[tuple[int, float]]()
    for row, length in zip(lists, lengths, strict=True):
        lines = math.ceil(length / widest)
        heights.append((lattice.nodes[row[0]].dimension, y + line * (lines - 1) / 2))
        for k in range(lines):
            part = row[k::lines]
            used = sum(widths[i] for i in part)
            space = min((widest - used) / len(part), gap + (widest - used) / (2 * len(part))) if lines == 1 else (widest - used) / len(part)
            x = -(used + space * (len(part) - 1)) / 2
            for i in part:
                boxes[i] = Box(x + widths[i] / 2, y + line * k, widths[i], 1.7 if labelled else 0.8, texts[i])
                x += widths[i] + space
        y += line * (lines - 1) + between + min(4.0, 0.05 * len(row))
    return Layout(tuple(boxes[i] for i in range(len(boxes))), tuple(heights), widest, heights[-1][1] if heights else 0.0)


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
            side = [level[i] for i in rows[k]][0]
            means = {}
            for i in rows[k]:
                wanted = [at[j] for j in near.get(i, ()) if (level[j] < side) == (sweep % 2 == 0)]
                means[i] = sum(wanted) / len(wanted) if wanted else at[i]
            rows[k].sort(key=lambda i: (round(means[i], 9), at[i]))
            at |= {i: (n + 0.5) / len(rows[k]) for n, i in enumerate(rows[k])}
        length = sum((at[i] - at[j]) ** 2 for i, j in edges)
        if length < best - 1e-9:
            best, kept = length, [list(row) for row in rows]
    rows[:] = kept
