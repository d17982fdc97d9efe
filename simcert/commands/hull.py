"""`simcert hull MODEL --at POINT`."""

from __future__ import annotations

import click

from simcert.commands.common import Output, certificate_options, equations, progress, write_certificate, written


@click.command("hull", epilog="Example: simcert hull mlp:2-3-1:tanh --at point.json")
@click.argument("model")
@click.option("--at", "at", required=True, help="A point: a .json, .npz or .safetensors file, or the word generic.")
@certificate_options
def command(model: str, at: str, path: str, seed: int, as_json: bool, quiet: bool) -> int:
    """The smallest affine subspace that contains a point and that no gradient flow of MODEL leaves.

    The certificate proves that it is invariant and that it lies in every other one. Exit code 0: proved. 4: found, but not proved to be invariant or
    the smallest.
    """
    from simcert import report
    from simcert.certificates import codec, words
    from simcert.fields.orbits import Point
    from simcert.invariance.hull import hull
    from simcert.models.points import parse_point
    from simcert.models.spec import load_model

    output = Output(as_json, quiet)
    codec.require_writable(path)
    program = load_model(model)
    with progress("growing the hull"):
        found = hull(Point(program, parse_point(program, at, seed), seed))
    answer = {"dimension": found.subspace.dimension, "equations": found.subspace.equations(), "certificate": None, "theorem": None, "reason": found.reason}
    if found.certificate is None:
        output.say(f"hull         dimension {found.subspace.dimension}, {found.reason}")
        output.result(answer)
        return 4
    where, verdict, certificate = write_certificate(found.certificate, path)
    output.say(f"hull         dimension {certificate.dimension} of {program.size}: {equations(certificate)}")
    output.say(report.paragraph(words.theorem(certificate.data)))
    output.say(written(where, verdict))
    output.result(
        {**answer, "equations": certificate.equations, "certificate": str(where), "verified": verdict.status == "verified", "theorem": certificate.hash}
    )
    return 0
