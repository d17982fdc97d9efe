"""`simcert quotient MODEL SUBSPACE`."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from simcert.commands.common import Output, certificate_options, equations, progress, write_certificate, written

if TYPE_CHECKING:
    from simcert.certificates.claims import Certificate
    from simcert.groups.quotient import Quotient

WIDE = 100


@click.command("quotient", epilog='Example: simcert quotient mlp:2-3-1:tanh "tie(1: 0,1)" --small small.json')
@click.argument("model")
@click.argument("subspace")
@click.option("--small", type=click.Path(), default="", help="Write the small network as a program, a MODEL for all commands: FILE.json.")
@click.option("--export", "export", metavar="torch[:FILE.py]", default="", help="Write the small network as a torch module.  [default file: reduced.py]")
@certificate_options
def command(model: str, subspace: str, small: str, export: str, path: str, seed: int, as_json: bool, quiet: bool) -> int:
    """The smaller network that MODEL is on an invariant subspace: tied units become one, with multiplicities, and dead units go.

    Exit code 0: found and certified. 2: a usage error, or a subspace that is not invariant (simcert prove says why). 4: no smaller network was found.
    """
    from simcert import report
    from simcert.certificates import codec, words
    from simcert.groups.quotient import quotient
    from simcert.invariance.decide import read
    from simcert.models.export import target, torch_module
    from simcert.models.spec import load_model

    output = Output(as_json, quiet)
    module = target(export) if export else ""
    for file in (path, small, module):
        codec.require_writable(file)
    program = load_model(model)
    space, hints = read(program, subspace)
    with progress("reducing"):
        found = quotient(program, space, seed, hints)
    where, verdict, certificate = write_certificate(found.data, path)
    output.say(_text(found, certificate))
    output.say(report.paragraph(words.theorem(certificate.data)))
    files: dict[str, str] = {}
    if small:
        files["small"] = str(codec.write_atomically(small, codec.canonical(found.program.to_json())))
    if module:
        metric = {name: [Fraction(m) for m in values] for name, values in found.metrics().items()}
        files["export"] = str(codec.write_atomically(module, torch_module(found.program, metric, certificate.hash)))
    for name, file in files.items():
        output.say(f"{name:<12} {Path(file)}")
    output.say(written(where, verdict))
    output.result({**_answer(found, certificate), **files, "certificate": str(where), "theorem": certificate.hash} if as_json else {})
    return 0


def _roots(value: Fraction) -> str:
    """√m as a person writes it."""
    return "1" if value == 1 else f"√({value})" if value.denominator > 1 else f"√{value}"


def _text(found: Quotient, certificate: Certificate) -> str:
    from simcert.certificates import words

    out = [f"quotient     {found.program.title or 'a network'}: {found.program.size} parameters instead of {found.big.size}, on {equations(certificate)}"]
    width = max((len(layer.name) for layer in found.layers), default=0)
    for layer in found.layers:
        parts = ["".join(("{", ",".join(map(str, block)), "}")) for block in layer.blocks if len(block) > 1]
        parts += [f"{{0: {','.join(map(str, layer.dead))}}}"] if layer.dead else []
        parts = parts if layer.blocks or layer.dead else [f"directions of squared length {', '.join(map(str, layer.multiplicities))}"]
        out.append(f"{'units':<12} {layer.name:<{width}} {layer.size} -> {layer.width}   {words.cut(parts, ' ')}".rstrip())
    groups = words.metric_groups(certificate.claim)
    out.append(f"metric form  v' = -m∘∇_v, m = {words.cut([m + place for m, place in groups], '; ')}".replace("`", ""))
    rescaled = [_roots(Fraction(m)) + place.replace("`", "") for m, place in groups]
    out.append(f"rescaled     u' = -∇_u with v = √m∘u, √m = {words.cut(rescaled, '; ')}")
    if found.frozen:
        out.append(f"frozen       {found.frozen} direction{'s' if found.frozen > 1 else ''} of the subspace that the flow does not change")
    return "\n".join(out)


def _answer(found: Quotient, certificate: Certificate) -> dict[str, Any]:
    return {
        "widths": found.widths, "multiplicities": [[m if isinstance(m, int) else str(m) for m in layer] for layer in found.multiplicities],
        "dead": [list(layer.dead) for layer in found.layers], "index_spaces": [layer.name for layer in found.layers],
        "model": found.program.title, "parameters": found.program.size, "dimension": certificate.dimension, "frozen": found.frozen,
        "metric": {name: [str(m) for m in values] for name, values in found.metrics().items()},
        "method": certificate.method, "equations": certificate.equations,
    }  # fmt: skip
