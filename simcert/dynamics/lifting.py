"""The conservation laws of a path-lifting, with their infinitesimal symmetries: rescaling a hidden unit changes no path.

Source: Marcotte, Gribonval, Peyré, arXiv 2307.00144: |in|² − |out|² of every hidden unit.
"""

from __future__ import annotations

from typing import Any

from simcert.laws.polynomials import Index, Law
from simcert.models.program import Program

Json = dict[str, Any]


def rescalings(p: Program) -> list[tuple[Law, Json]]:
    """Every law with its generator, for a program that `factorization` made of a network with piecewise linear activation.

    Along the generator of unit i of layer l the rows i of W_l and b_l and the slices i of all paths that end at the unit grow by 1, column i of W_{l+1} by −1.
    """
    offsets = p.offsets()
    layer = {i: int(node.name[1:]) for i, node in enumerate(p.nodes) if node.op == "parameter"}
    ends = dict(layer)
    for i, node in enumerate(p.nodes):
        if node.op == "contract":
            ends[i] = layer[node.args[0]]
    weights = [name for name in offsets if name.startswith("W")]
    out: list[tuple[Law, Json]] = []
    for number, name in enumerate(weights[:-1], 1):
        start, (m, n) = offsets[name]
        after, (k, _) = offsets[weights[number]]
        for unit in range(m):
            terms: dict[Index, int] = {(start + unit * n + j,) * 2: -1 for j in range(n)}
            if f"b{number}" in offsets:
                terms[(offsets[f"b{number}"][0] + unit,) * 2] = -1
            terms |= {(after + o * m + unit,) * 2: 1 for o in range(k)}
            rows: list[Any] = []
            for i, node in enumerate(p.nodes):
                rest = [[-1, "0"] for _ in node.shape]
                if ends[i] == number:
                    rows.append([i, [[0, "-1"], *rest[1:]]])
                elif node.op == "parameter" and node.name == weights[number]:
                    rows.append([i, [rest[0], [0, "1"]]])
            out.append((Law(terms), {"actions": [[[unit, unit, "2"]]], "nodes": rows}))
    return out
