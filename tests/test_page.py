"""The page on a lattice: its structure, that it needs nothing from a network, and, where Chromium is installed, that it works."""

from __future__ import annotations

import html.parser
import json
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import simcert as sc
from simcert.groups.lattice import Lattice
from simcert.page import render, write

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


@cache
def found(model: str = "mlp:2-3-1:silu", beyond: bool = True) -> Lattice:
    return sc.lattice(model, beyond=beyond)


class Reader(html.parser.HTMLParser):
    """Checks that elements are closed in order, and collects ids, attributes and the JSON."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.data = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        self.ids += [value or "" for name, value in attrs if name == "id"]
        if tag not in ("meta", "path", "rect", "circle", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        self.ids += [value or "" for name, value in attrs if name == "id"]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "script" and data.lstrip().startswith("{"):
            self.data += data


@pytest.mark.parametrize(("model", "beyond"), [("mlp:2-3-1:silu", True), ("mlp:2-4-1:tanh", False), ("mlp:1-1-1:generic", False)])
def test_structure(model: str, beyond: bool) -> None:
    lattice = found(model, beyond)
    text = render(lattice, "certs/l.json")
    page = Reader(text)
    assert not page.open and len(set(page.ids)) == len(page.ids)
    data: dict[str, Any] = json.loads(page.data)
    assert [node["label"].replace("−", "-") for node in data["nodes"]] == [node.label for node in lattice.nodes]
    assert [node["equations"] for node in data["nodes"]] == [node.equations for node in lattice.nodes]
    assert {(i, j) for i, node in enumerate(data["nodes"]) for j in node["above"]} == set(lattice.edges)
    assert {(i, j) for j, node in enumerate(data["nodes"]) for i in node["below"]} == set(lattice.edges)
    assert {f"n{k}" for k in range(len(lattice.nodes))} <= set(page.ids)
    assert sum(name == "role" and value == "button" for _, name, value in page.attributes) == len(lattice.nodes)
    assert {value for tag, name, value in page.attributes if tag == "a" and name == "href"} == {"certs/l.json"}
    assert lattice.certificate.hash[:16] in text


def test_nothing_is_loaded() -> None:
    text = render(found())
    assert not re.search(r"https?:|//[a-z]|@import|url\(|\bsrc=|<link", text.replace("//n", ""))
    assert not re.search(r"fetch\(|XMLHttpRequest|import\(|\beval\b|innerHTML", text)


def test_foreign_text_stays_text() -> None:
    text = render(found(), 'x"><script>alert(1)</script>.json')
    assert "<script>alert" not in text and "&quot;&gt;&lt;script&gt;" in text


def test_write(tmp_path: Path) -> None:
    path = write(found(), tmp_path / "page.html")
    assert path.read_text(encoding="utf-8") == render(found())
    assert found().html(tmp_path / "other.html").name == "other.html"


def dumped(tmp_path: Path, fragment: str, script: str = "") -> str:
    """The page as Chromium has it after the scripts have run."""
    path = tmp_path / "page.html"
    path.write_text(render(found(), "l.json") + (f"<script>{script}</script>" if script else ""), encoding="utf-8")
    command = [str(BROWSER), *FLAGS, f"--user-data-dir={tmp_path / 'profile'}", "--virtual-time-budget=2000", "--dump-dom", f"file://{path}{fragment}"]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout


def panel(text: str) -> dict[str, str]:
    return {
        name: re.sub(r"<[^>]*>", " ", part).strip() for name, part in re.findall(r'<(?:h2|p|ul) [^>]*?id="(\w+)"[^>]*>(.*?)</(?:h2|p|ul)>', text, re.DOTALL)
    }


@pytest.mark.skipif(BROWSER is None, reason="Chromium is not installed")
def test_a_fragment_chooses_a_node(tmp_path: Path) -> None:
    node = found().nodes[3]
    shown = panel(dumped(tmp_path, "#node=3"))
    assert shown["label"] == node.label and shown["facts"].startswith(f"dimension {node.dimension} of 9")
    assert [line.strip() for line in shown["equations"].split("  ") if line.strip()] == node.equations
    assert "every finite data set" in shown["theorem"]


@pytest.mark.skipif(BROWSER is None, reason="Chromium is not installed")
def test_clicks_and_keys(tmp_path: Path) -> None:
    keys = """
    const press = key => document.activeElement.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true}));
    document.getElementById("n0").dispatchEvent(new MouseEvent("click", {bubbles: true}));
    press("ArrowDown"); press("ArrowDown"); press("ArrowUp"); press("ArrowDown"); press("+");
    document.title = location.hash;
    """
    text = dumped(tmp_path, "", keys)
    chosen = re.findall(r'<g class="node [a-z ]*chosen[a-z ]*" id="n(\d+)"', text)
    title = re.search(r"<title>#node=(\d+)</title>", text)
    assert len(chosen) == 1 and title is not None and title[1] == chosen[0]
    node = found().nodes[int(chosen[0])]
    assert node.dimension == 3 and panel(text)["label"] == node.label
    assert 'id="panel"' in text and 'id="panel" hidden' not in text
