"""`simcert lattice MODEL`."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from simcert.commands.common import Output, bar, certificate_options, progress, write_certificate, written

if TYPE_CHECKING:
    from simcert.groups.lattice import Lattice

COLUMNS = 100


def _options(function: Callable[..., Any]) -> Callable[..., Any]:
    for name, settings in reversed(_OPTIONS):
        function = click.option(name, **settings)(function)
    return function


_OPTIONS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("--mode", {"type": click.Choice(["product", "full"]), "default": "product", "show_default": True,
                "help": "Products of subgroups, one for each index space, or all subgroups."}),
    ("--up-to", {"type": click.Choice(["equality", "conjugacy"]), "default": "equality", "show_default": True,
                 "help": "Every subspace, or one of each class under the group."}),
    ("--beyond", {"is_flag": True, "help": "Add invariant subspaces that these symmetries do not induce."}),
    ("--moebius", {"is_flag": True, "help": "Add ranks and Möbius numbers."}),
    ("--treat-orthogonal-as", {"type": click.Choice(["signed"]), "help": "Take the signed permutations of an orthogonal group, which is infinite."}),
    ("--limit", {"type": click.IntRange(1), "default": 20_000, "show_default": True, "help": "The greatest number of nodes."}),
    ("--plot", {"type": click.Path(), "default": "", "help": "Draw the Hasse diagram: FILE.svg, .png or .pdf."}),
    ("--html", {"type": click.Path(), "default": "", "help": "Write one page to look around in, FILE.html."}),
)  # fmt: skip


@click.command("lattice", epilog="Example: simcert lattice mlp:2-3-1:tanh --plot lattice.svg")
@click.argument("model")
@_options
@certificate_options
def command(
    model: str, mode: str, up_to: str, beyond: bool, moebius: bool, treat_orthogonal_as: str | None, limit: int, plot: str, html: str,
    path: str, seed: int, as_json: bool, quiet: bool,
) -> int:  # fmt: skip
    """List all invariant subspaces that symmetries of MODEL induce and how they lie in each other, and write a certificate.

    Labels show the blocks of tied units of each index space, counted from 1: {12}{3} ties units 1 and 2, {1,-2} ties them up to sign, and in {0: 3}
    unit 3 is dead. Equations count from 0.

    Exit code 0: the list is complete and certified. 2: a usage error, or an infinite lattice. 5: more nodes than --limit.
    """
    from simcert.certificates import codec
    from simcert.groups.lattice import lattice
    from simcert.models.spec import load_model

    output = Output(as_json, quiet)
    for file in (path, plot, html):
        codec.require_writable(file)
    if plot:
        from simcert.plot import require

        require(plot)
    program = load_model(model)
    with bar("listing the subspaces") as step:
        found = lattice(program, mode, up_to, beyond=beyond, signed_only=treat_orthogonal_as == "signed", limit=limit, seed=seed, progress=step)
        if moebius:
            _ = found.moebius  # refuses classes before anything is written
    where, verdict, certificate = write_certificate(found.data(), path)
    output.say(_text(found, moebius))
    files: dict[str, str] = {}
    if plot:
        with progress("drawing"):
            files["plot"] = str(found.plot(plot))
    if html:
        link = os.path.relpath(where, Path(html).parent or Path())
        files["html"] = str(found.html(html, Path(link).as_posix()))
    for name, file in files.items():
        output.say(f"{name:<12} {file}")
    output.say(written(where, verdict))
    output.result({**_answer(found, moebius), **files, "certificate": str(where), "theorem": certificate.hash} if as_json else {})
    return 0


def _text(found: Lattice, moebius: bool) -> str:
    beyond = sum(node.kind == "beyond" for node in found.nodes)
    what = "classes of subspaces" if found.up_to == "conjugacy" else "subspaces"
    out = [f"lattice      {len(found.nodes)} {what}{f', {beyond} of them beyond symmetry' if beyond else ''}; {len(found.edges)} covering relations"]
    dimensions = sorted({node.dimension for node in found.nodes}, reverse=True)
    width = len(str(len(found.nodes)))
    for d in dimensions:
        here = [node for node in found.nodes if node.dimension == d]
        line = f"dim {d:<8} {len(here):{width}}"
        for number, node in enumerate(here):
            text, more = _label(found, node.number, moebius), f"   … ({len(here) - number} more)" if number else ""
            if number and len(line) + len(text) + 3 + (len(more) if number < len(here) - 1 else 0) > COLUMNS:
                line += more
                break
            line += f"   {text}"
        out.append(line)
    return "\n".join(out)


def _label(found: Lattice, number: int, moebius: bool) -> str:
    node = found.nodes[number]
    text = node.label + ("*" if node.kind == "beyond" else "") + (f" ×{node.size}" if found.up_to == "conjugacy" else "")
    return text + (f" μ={found.moebius[number]}" if moebius and number < len(found.moebius) else "")


def _answer(found: Lattice, moebius: bool) -> dict[str, Any]:
    nodes: list[dict[str, Any]] = []
    for node in found.nodes:
        entry = {
            "id": node.number, "dimension": node.dimension, "label": node.label, "equations": node.equations, "kind": node.kind, "widths": list(node.widths),
        }  # fmt: skip
        if found.up_to == "conjugacy":
            entry["size"] = node.size
        if moebius:
            entry |= {"rank": found.ranks[node.number], "moebius": found.moebius[node.number] if node.number < len(found.moebius) else None}
        nodes.append(entry)
    return {"mode": found.mode, "up_to": found.up_to, "nodes": nodes, "edges": [list(edge) for edge in found.edges]}
