"""Figures: what stands in them, that nothing overlaps, and that the same lattice gives the same bytes. They were also looked at."""

from __future__ import annotations

import itertools
import sys
from pathlib import Path

import pytest

import simcert as sc
from simcert.errors import MissingExtraError, SpecError
from simcert.hasse import LABELLED, layout
from simcert.plot import explanation, heading, plot

pytest.importorskip("matplotlib", reason="figures need simcert[plot]")

MODELS = [
    ("mlp:2-3-1:tanh", {}), ("mlp:2-3-3-1:generic", {"beyond": True}), ("mlp:2-5-1:generic", {}), ("mlp:2-4-1:tanh", {}), ("mlp:1-1-1:generic", {}),
    ("mlp:2-4-4-1:generic", {"up_to": "conjugacy"}), ("mlp:2-2-2-1:generic", {"mode": "full"}), ("mlp:2-2-1:silu", {"beyond": True}),
]  # fmt: skip


@pytest.mark.parametrize(("model", "settings"), MODELS)
def test_boxes_do_not_overlap_and_rows_are_dimensions(model: str, settings: dict[str, object]) -> None:
    found = sc.lattice(model, **settings)  # pyright: ignore[reportArgumentType]
    plan = layout(found)
    for a, b in itertools.combinations(plan.boxes, 2):
        assert abs(a.x - b.x) >= (a.width + b.width) / 2 or abs(a.y - b.y) >= (a.height + b.height) / 2
    assert all(abs(box.x) + box.width / 2 <= plan.width / 2 + 1e-9 and 0 <= box.y <= plan.height for box in plan.boxes)
    for i, j in found.edges:
        assert plan.boxes[i].y > plan.boxes[j].y
    for m, n in itertools.combinations(found.nodes, 2):
        if m.dimension > n.dimension:
            assert plan.boxes[m.number].y < plan.boxes[n.number].y
    assert all(bool(box.text) == (len(found.nodes) <= LABELLED) for box in plan.boxes)
    assert [d for d, _ in plan.rows] == sorted({node.dimension for node in found.nodes}, reverse=True)


@pytest.mark.parametrize("suffix", [".svg", ".png", ".pdf"])
def test_files(tmp_path: Path, suffix: str) -> None:
    found = sc.lattice("mlp:2-2-1:silu", beyond=True)
    first, second = found.plot(tmp_path / f"a{suffix}"), found.plot(tmp_path / f"b{suffix}")
    data = first.read_bytes()
    assert data == second.read_bytes() and data.startswith({".svg": b"<?xml", ".png": b"\x89PNG", ".pdf": b"%PDF"}[suffix])
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"a{suffix}", f"b{suffix}"]
    if suffix == ".svg":
        text = data.decode()
        assert all(f"<!-- {node.label} -->" in text for node in found.nodes)
        assert "beyond symmetry (3)" in text and "induced by symmetry (2)" in text


def test_words() -> None:
    assert heading(sc.lattice("mlp:2-2-2-1:generic", mode="full")) == "mlp:2-2-2-1:generic: 5 invariant subspaces, all subgroups"
    assert explanation(sc.lattice("mlp:2-2-1:tanh")) == "units count from 1;  {12} tied;  {1,−2} tied up to sign;  {0: 3} dead"
    assert "W1=0" in explanation(sc.lattice("mlp:1-2-1:cos"))


def test_errors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = sc.lattice("mlp:2-2-1:generic")
    with pytest.raises(SpecError, match=r"a figure is a file \.svg, \.png, \.pdf"):
        plot(found, tmp_path / "x.gif")
    with pytest.raises(SpecError, match="no such folder"):
        plot(found, tmp_path / "nowhere" / "x.png")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.delitem(sys.modules, "matplotlib", raising=False)
    with pytest.raises(MissingExtraError, match=r"install simcert\[plot\]"):
        plot(found, tmp_path / "x.svg")
