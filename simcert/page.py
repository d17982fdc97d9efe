"""One self-contained HTML page on a lattice: the diagram to pan and zoom, and beside it the subspace that is chosen. Nothing is loaded from a network.

A node is chosen with the mouse, with the arrow keys (up and down along covering relations, left and right in a row), or by the fragment `#node=3`.
"""

from __future__ import annotations

import html
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simcert.certificates import codec, words
from simcert.groups.axes import index_spaces
from simcert.hasse import Box, Layout, layout, typeset
from simcert.plot import NAMES, explanation, heading
from simcert.report import to_html

if TYPE_CHECKING:
    from simcert.groups.lattice import Lattice

SCALE = 10.0

STYLE = """
:root { color-scheme: light dark; --ink: #1d2126; --soft: #5c6672; --page: #fdfcfa; --card: #f3f1ec; --line: #d8d4cb; --edge: #a9b0b8;
  --sym: #2f6aa8; --symface: #e3edf8; --bey: #b85c14; --beyface: #fdebd8; --hot: #1f6f43; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e3df; --soft: #9aa2ab; --page: #17191c; --card: #202328; --line: #373c43; --edge: #59616b;
    --sym: #7db2e8; --symface: #1c2c3d; --bey: #f0a566; --beyface: #3a281a; --hot: #6cc493; } }
* { box-sizing: border-box; }
html, body { height: 100%; }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.5 ui-sans-serif, system-ui, "Segoe UI", "DejaVu Sans", sans-serif;
  display: grid; grid-template: auto minmax(0, 1fr) / minmax(0, 1fr) 23rem; }
header { grid-column: 1 / -1; padding: .7rem 1.2rem .6rem; border-bottom: 1px solid var(--line);
  display: flex; gap: .4rem 1.6rem; align-items: baseline; flex-wrap: wrap; }
h1 { font-size: 1.12rem; margin: 0; } header p { margin: 0; color: var(--soft); font-size: .87rem; }
.key::before { content: ""; display: inline-block; width: 1.1em; height: .75em; margin-right: .45em;
  border: 1px solid var(--sym); background: var(--symface); border-radius: 2px; }
.key.beyond::before { border: 1px dashed var(--bey); background: var(--beyface); }
#view { position: relative; min-height: 0; overflow: hidden; } #view svg { width: 100%; height: 100%; display: block; cursor: grab; touch-action: none; }
#view svg:active { cursor: grabbing; }
.tools { position: absolute; left: .8rem; bottom: .8rem; display: flex; gap: .3rem; }
button { font: inherit; min-width: 2.1rem; height: 2.1rem; color: var(--ink); background: var(--card);
  border: 1px solid var(--line); border-radius: 5px; cursor: pointer; }
button:focus-visible, a:focus-visible { outline: 2px solid var(--hot); outline-offset: 1px; }
.edges { fill: none; stroke: var(--edge); vector-effect: non-scaling-stroke; stroke-width: 1px; } .edges.beyond { stroke: var(--bey); stroke-dasharray: 4 3; }
.edges.many { stroke-width: .35px; opacity: .75; }
#hot { fill: none; stroke: var(--hot); stroke-width: 2px; vector-effect: non-scaling-stroke; }
.row { fill: var(--soft); font-size: 8.5px; }
.node { cursor: pointer; outline: none; } .node rect { fill: var(--symface); stroke: var(--sym); stroke-width: .9; }
.node.beyond rect { fill: var(--beyface); stroke: var(--bey); stroke-dasharray: 3 1.6; }
.node text { fill: var(--ink); font-size: 9.2px; text-anchor: middle; dominant-baseline: central; }
.node circle { fill: var(--sym); } .node.beyond circle { fill: var(--bey); }
.node:hover rect, .node:hover circle { stroke: var(--hot); stroke-width: 1.6; }
.node:focus-visible rect, .node:focus-visible circle { stroke: var(--hot); stroke-width: 2.4; }
.node.near rect { stroke: var(--hot); } .node.near circle { fill: var(--hot); opacity: .7; }
.node.chosen rect { stroke: var(--hot); stroke-width: 2.4; } .node.chosen circle { fill: var(--hot); stroke: var(--hot); stroke-width: 3; }
aside { border-left: 1px solid var(--line); padding: 1rem 1.2rem 2rem; overflow-y: auto; min-height: 0; }
aside h2 { font-size: 1.15rem; margin: 0 0 .1rem; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
aside h3 { font-size: .74rem; letter-spacing: .06em; text-transform: uppercase; color: var(--soft); margin: 1.15rem 0 .25rem; }
aside p { margin: 0 0 .4rem; } aside ul { list-style: none; margin: 0; padding: 0; } .hint { color: var(--soft); font-size: .87rem; }
code, #equations li { font: .88em/1.55 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
#equations li { background: var(--card); padding: .12em .5em; margin-bottom: .2em; border-radius: 3px; }
.links a { display: inline-block; margin: 0 .7em .2em 0; }
a { color: var(--sym); text-underline-offset: .15em; } details { margin-top: 1.3rem; } summary { cursor: pointer; color: var(--soft); }
.math { white-space: nowrap; }
@media (max-width: 780px) { html, body { height: auto; } body { display: block; }
  #view { height: 62vh; } aside { border-left: 0; border-top: 1px solid var(--line); } }
@media print { .tools { display: none; } }
"""

SCRIPT = """
"use strict";
const data = JSON.parse(document.getElementById("data").textContent), nodes = data.nodes;
const svg = document.querySelector("#view svg"), hot = document.getElementById("hot"), $ = id => document.getElementById(id);
const full = svg.getAttribute("viewBox").split(" ").map(Number);
let box = full.slice(), chosen = -1;
const group = i => $("n" + i);
function show() { svg.setAttribute("viewBox", box.join(" ")); }
function zoom(factor, x = box[0] + box[2] / 2, y = box[1] + box[3] / 2) {
  const f = Math.min(Math.max(factor, full[2] / 40 / box[2]), 3 * full[2] / box[2]);
  box = [x - (x - box[0]) * f, y - (y - box[1]) * f, box[2] * f, box[3] * f]; show();
}
function links(id, list, none) {
  const at = $(id); at.replaceChildren();
  if (!list.length) { at.textContent = none; return; }
  for (const i of list.slice(0, 40)) {
    const a = document.createElement("a"); a.href = "#node=" + i; a.textContent = nodes[i].label; at.append(a);
  }
  if (list.length > 40) at.append("… " + (list.length - 40) + " more");
}
function choose(i, focus) {
  if (!(i >= 0 && i < nodes.length)) return;
  if (chosen >= 0) {
    group(chosen).classList.remove("chosen"); group(chosen).removeAttribute("aria-current"); group(chosen).setAttribute("tabindex", "-1");
    for (const j of nodes[chosen].above.concat(nodes[chosen].below)) group(j).classList.remove("near");
  }
  chosen = i;
  const n = nodes[i], g = group(i);
  g.classList.add("chosen"); g.setAttribute("aria-current", "true"); g.setAttribute("tabindex", "0");
  for (const j of n.above.concat(n.below)) group(j).classList.add("near");
  hot.setAttribute("d", n.above.map(j => "M" + n.x + " " + n.y + "L" + nodes[j].x + " " + nodes[j].y).concat(
    n.below.map(j => "M" + n.x + " " + n.y + "L" + nodes[j].x + " " + nodes[j].y)).join(""));
  $("panel").hidden = false; $("start").hidden = true;
  $("label").textContent = n.label;
  $("facts").textContent = "dimension " + n.dimension + " of " + data.parameters + ", " + data.kinds[n.kind]
    + (n.size > 1 ? ", one of " + n.size + " in its class" : "");
  const list = $("equations"); list.replaceChildren();
  for (const e of n.equations.length ? n.equations : ["no equations: the whole space"]) {
    const li = document.createElement("li"); li.textContent = e; list.append(li);
  }
  $("reduced").textContent = n.reduced;
  $("theorem").textContent = n.dimension === data.parameters ? "The whole parameter space." : data.theorem + " " + n.kept;
  links("above", n.above, "none"); links("below", n.below, "none");
  if (focus) g.focus({preventScroll: true});
  if (location.hash !== "#node=" + i) history.replaceState(null, "", "#node=" + i);
}
function fromHash(focus) { const m = /^#node=(\\d+)$/.exec(location.hash); if (m) choose(Number(m[1]), focus); }
svg.addEventListener("click", e => { const g = e.target.closest(".node"); if (g && !moved) choose(Number(g.id.slice(1)), true); });
svg.addEventListener("keydown", e => {
  const g = e.target.closest(".node"); if (!g) return;
  const i = Number(g.id.slice(1)), n = nodes[i], row = nodes.map((m, k) => k).filter(k => nodes[k].y === n.y).sort((a, b) => nodes[a].x - nodes[b].x);
  const near = list => list.slice().sort((a, b) => Math.abs(nodes[a].x - n.x) - Math.abs(nodes[b].x - n.x))[0];
  const to = {ArrowUp: near(n.above), ArrowDown: near(n.below), ArrowLeft: row[row.indexOf(i) - 1],
    ArrowRight: row[row.indexOf(i) + 1], Enter: i, " ": i}[e.key];
  if (to !== undefined) { choose(to, true); e.preventDefault(); }
});
addEventListener("keydown", e => {
  if (e.ctrlKey || e.metaKey || e.altKey) return;
  if (e.key === "+" || e.key === "=") zoom(.8); else if (e.key === "-") zoom(1.25); else if (e.key === "0") { box = full.slice(); show(); }
});
$("in").onclick = () => zoom(.8); $("out").onclick = () => zoom(1.25); $("all").onclick = () => { box = full.slice(); show(); };
function place(e) {
  const r = svg.getBoundingClientRect(), s = Math.max(box[2] / r.width, box[3] / r.height);
  return [box[0] + box[2] / 2 + (e.clientX - r.x - r.width / 2) * s, box[1] + box[3] / 2 + (e.clientY - r.y - r.height / 2) * s, s];
}
svg.addEventListener("wheel", e => { const p = place(e); zoom(Math.exp(e.deltaY * .0015), p[0], p[1]); e.preventDefault(); }, {passive: false});
let drag = null, moved = false;
svg.addEventListener("pointerdown", e => { drag = {x: e.clientX, y: e.clientY, box: box.slice(), s: place(e)[2], id: e.pointerId}; moved = false; });
svg.addEventListener("pointermove", e => {
  if (!drag) return;
  const dx = e.clientX - drag.x, dy = e.clientY - drag.y;
  if (!moved && Math.hypot(dx, dy) > 4) { moved = true; svg.setPointerCapture(drag.id); }
  if (moved) { box = [drag.box[0] - dx * drag.s, drag.box[1] - dy * drag.s, box[2], box[3]]; show(); }
});
for (const name of ["pointerup", "pointercancel"]) svg.addEventListener(name, () => { drag = null; setTimeout(() => { moved = false; }); });
addEventListener("hashchange", () => fromHash(true));
fromHash(false);
"""


def write(lattice: Lattice, path: str | Path, certificate: str = "") -> Path:
    """Write the page. Arguments: `certificate` is the address of the certificate, as seen from the page; empty for none."""
    return codec.write_atomically(path, render(lattice, certificate))


def render(lattice: Lattice, certificate: str = "") -> str:
    """The page as text."""
    plan = _tall(layout(lattice))
    title, counts = html.escape(heading(lattice)), {kind: sum(node.kind == kind for node in lattice.nodes) for kind in NAMES}
    keys = "".join(f'<p class="key {kind}">{NAMES[kind]} ({count})</p>' for kind, count in counts.items() if count)
    data = lattice.data()
    statement = to_html(words.theorem(data))
    name = codec.theorem_hash(data["model"], data["claim"])
    link = f'<p><a href="{html.escape(certificate)}">{html.escape(certificate)}</a></p>' if certificate else ""
    facts = json.dumps(_facts(lattice, plan, data), separators=(",", ":")).replace("<", "\\u003c")
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{STYLE}</style>
</head>
<body>
<header><h1>{title}</h1>{keys}<p>{html.escape(explanation(lattice))}</p></header>
<main id="view">
{_svg(lattice, plan)}
<div class="tools">
<button id="in" aria-label="zoom in">+</button><button id="out" aria-label="zoom out">−</button><button id="all" aria-label="show all">all</button>
</div>
</main>
<aside aria-live="polite">
<p id="start" class="hint">Choose a subspace: click it, or press Tab and use the arrow keys. Drag to move, scroll or press + and − to zoom, 0 shows all.</p>
<div id="panel" hidden>
<h2 id="label"></h2><p id="facts" class="hint"></p>
<h3>Equations (indices from 0)</h3><ul id="equations"></ul>
<h3>Reduced network</h3><p id="reduced"></p>
<h3>Theorem</h3><p id="theorem"></p>
<h3>Just above (larger)</h3><p id="above" class="links"></p>
<h3>Just below (smaller)</h3><p id="below" class="links"></p>
</div>
<details{" open" if not certificate else ""}><summary>The whole theorem</summary><p>{statement}</p></details>
<h3>Certificate</h3>{link}<p class="hint">theorem <code>{name[:16]}…</code>; <code>simcert verify</code> checks the file.</p>
</aside>
<script type="application/json" id="data">{facts}</script>
<script>{SCRIPT}</script>
</body>
</html>
"""


def _tall(plan: Layout) -> Layout:
    """The layout stretched downwards, up to the shape of a screen."""
    stretch = max(1.0, min(2.4, 0.72 * plan.width / max(plan.height, 1.0)))
    boxes = tuple(replace(box, y=box.y * stretch) for box in plan.boxes)
    return Layout(boxes, tuple((d, y * stretch) for d, y in plan.rows), plan.width, plan.height * stretch)


def _facts(lattice: Lattice, plan: Layout, data: dict[str, Any]) -> dict[str, Any]:
    """What the script needs to know."""
    above: dict[int, list[int]] = {}
    below: dict[int, list[int]] = {}
    for i, j in lattice.edges:
        above.setdefault(i, []).append(j)
        below.setdefault(j, []).append(i)
    about = "; ".join(words.hypotheses(data)).replace("`", "")
    theorem = "L is invariant under the gradient flow of every differentiable loss on every finite data set" + (f", with {about}." if about else ".")
    spaces = index_spaces(lattice.program)
    nodes: list[dict[str, Any]] = []
    for node, box in zip(lattice.nodes, plan.boxes, strict=True):
        reduced = ", ".join(f"{s.name} {s.size} → {w}" for s, w in zip(spaces, node.widths, strict=True))
        kept = ", ".join(words.NAMED.get(name, name) for name in words.optimizers(node.subspace.to_json()))
        nodes.append({
            "label": typeset(node.label), "dimension": node.dimension, "kind": node.kind, "size": node.size, "equations": node.equations,
            "reduced": f"units per index space: {reduced}" if reduced else "no index space has a symmetry", "kept": f"Also kept by {kept}.",
            "above": above.get(node.number, []), "below": below.get(node.number, []), "x": _at(box.x), "y": _at(box.y),
        })  # fmt: skip
    return {"nodes": nodes, "parameters": lattice.program.size, "kinds": NAMES, "theorem": theorem}


def _at(value: float) -> float:
    return round(value * SCALE, 1)


def _svg(lattice: Lattice, plan: Layout) -> str:
    left, edge = -plan.width / 2 - 5.5, 2.0
    view = [_at(left), _at(-edge), _at(plan.width + 6.5), _at(plan.height + 2 * edge)]
    many = "" if any(box.text for box in plan.boxes) else " many"
    out = [f'<svg viewBox="{" ".join(map(str, view))}" preserveAspectRatio="xMidYMid meet" role="group" aria-label="Hasse diagram, larger subspaces above">']
    for kind in NAMES:
        lines = [
            f"M{_at(a.x)} {_at(a.y - a.height / 2)}L{_at(b.x)} {_at(b.y + b.height / 2)}"
            for i, j in lattice.edges
            for a, b in [(plan.boxes[i], plan.boxes[j])]
            if ("beyond" if "beyond" in (lattice.nodes[i].kind, lattice.nodes[j].kind) else "symmetry") == kind
        ]
        if lines:
            out.append(f'<path class="edges {kind}{many}" d="{"".join(lines)}"/>')
    out.append('<path id="hot" d=""/>')
    out += [f'<text class="row" x="{_at(left + 0.5)}" y="{_at(y)}" dominant-baseline="central">dim {d}</text>' for d, y in plan.rows]
    for node, box in zip(lattice.nodes, plan.boxes, strict=True):
        said = html.escape(f"{typeset(node.label)}, dimension {node.dimension}, {NAMES[node.kind]}")
        first = 0 if node.number == 0 else -1
        out.append(
            f'<g class="node {node.kind}" id="n{node.number}" tabindex="{first}" role="button" aria-label="{said}"><title>{said}</title>{_shape(box)}</g>'
        )
    return "\n".join([*out, "</svg>"])


def _shape(box: Box) -> str:
    if not box.text:
        return f'<circle cx="{_at(box.x)}" cy="{_at(box.y)}" r="{_at(box.width * 0.42)}"/>'
    corner = f'x="{_at(box.x - box.width / 2)}" y="{_at(box.y - box.height / 2)}" width="{_at(box.width)}" height="{_at(box.height)}"'
    return f'<rect {corner} rx="4"/><text x="{_at(box.x)}" y="{_at(box.y)}">{html.escape(box.text)}</text>'
