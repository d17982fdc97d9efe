"""`simcert classify MODEL`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from simcert.commands.common import Output, bar, certificate_options, write_certificate, written

if TYPE_CHECKING:
    from simcert.groups.classification import Classification

SHOWN = 40  # types of strata


@click.command("classify", epilog="Example: simcert classify mlp:2-3-1:tanh")
@click.argument("model")
@click.option("--points", type=click.Choice(["auto", "all", "one"]), default="auto", show_default=True,
              help="At which points orbits are computed: one in each pattern of coincidences, or one in each type of strata.")  # fmt: skip
@click.option("--limit", type=click.IntRange(1), default=400, show_default=True, help="The greatest number of points.")
@certificate_options
def command(model: str, points: str, limit: int, path: str, seed: int, as_json: bool, quiet: bool) -> int:
    """List all orbits of a two-layer network without biases and with one output, and write a certificate.

    A type of strata has blocks of tied units and idle units; its label is that of one of them, with units counted from 1: {12}{3} ties units 1 and 2, in {0: 3}
    unit 3 is dead, in {W1=0: 3} it has no incoming weights. Which orbits there are is a theorem (docs/classification.md); orbit dimensions at points of every
    type are computed and certified.

    Exit code 0: the table is complete and certified. 2: a usage error, or a network or an activation that the theorem does not cover. 4: for some type no orbit
    dimension could be certified. 5: more points than --limit.
    """
    from simcert import report
    from simcert.certificates import codec, words
    from simcert.groups.classification import classification
    from simcert.models.spec import load_model

    output = Output(as_json, quiet)
    codec.require_writable(path)
    program = load_model(model)
    with bar("computing orbits") as step:
        found = classification(program, points, limit=limit, seed=seed, progress=step)
    where, verdict, certificate = write_certificate(found.data(), path)
    output.say(_text(found))
    output.say(report.paragraph(words.theorem(certificate.data)))
    output.say(written(where, verdict))
    strata = [
        {"label": s.label, "dimension": s.dimension, "count": s.count, "zero": s.zero, "blocks": list(s.blocks)}
        | {"points": len(s.points), "patterns": s.patterns}
        for s in found.strata
    ]
    answer: dict[str, Any] = {"strata": strata, "total": found.total, "symmetry_induced": found.symmetry_induced, "row": found.row.name}
    output.result({**answer, "certificate": str(where), "verified": verdict.status == "verified", "theorem": certificate.hash})
    return 0


def _text(found: Classification) -> str:
    total = "infinitely many" if found.total is None else str(found.total)
    induced = "all induced by symmetry" if found.symmetry_induced else "not all induced by symmetry"
    out = [f"orbits       {total}, {induced}"]
    counts = ["∞" if s.count is None else str(s.count) for s in found.strata]
    width, wide = max(len(c) for c in counts), max(len(s.label) for s in found.strata)
    order = sorted(range(len(counts)), key=lambda i: -found.strata[i].dimension)
    for i in order[:SHOWN]:
        s = found.strata[i]
        out.append(f"dim {s.dimension:<8} {counts[i]:>{width}} × {s.label:<{wide}}  exact at {len(s.points)} of {s.patterns} patterns")
    return "\n".join(out) + (f"\n… and {len(counts) - SHOWN} more types" if len(counts) > SHOWN else "")
