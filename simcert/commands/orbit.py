"""`simcert orbit MODEL --at POINT`."""

from __future__ import annotations

import click

from simcert.commands.common import Output, certificate_options, progress, write_certificate, written


@click.command("orbit", epilog="Example: simcert orbit mlp:2-3-1:tanh --at generic")
@click.argument("model")
@click.option("--at", "at", required=True, help="A point: a .json, .npz or .safetensors file, or the word generic.")
@click.option("--terms", type=click.IntRange(1, 64), default=64, show_default=True, help="The most terms of the power series of curves in the orbit.")
@click.option("--explain", is_flag=True, help="Say in words what holds the orbit back.")
@certificate_options
def command(model: str, at: str, terms: int, explain: bool, path: str, seed: int, as_json: bool, quiet: bool) -> int:
    """The dimension of the orbit of a point under all gradient flows of MODEL: how much of parameter space training can reach from there.

    The certificate proves a lower and an upper bound. Exit code 0: they meet. 4: they do not; both are reported.
    """
    from simcert import report
    from simcert.certificates import codec, words
    from simcert.fields.orbits import Point
    from simcert.fields.uppers import orbit
    from simcert.models.points import parse_point
    from simcert.models.spec import load_model

    output = Output(as_json, quiet)
    codec.require_writable(path)
    program = load_model(model)
    point = Point(program, parse_point(program, at, seed), seed)
    with progress("bounding the orbit"):
        found = orbit(point, terms)
    where, verdict, certificate = write_certificate(found.certificate(), path)
    low, high = found.lower.bound, found.upper.bound
    output.say(f"orbit dimension  {low if low == high else f'between {low} and {high}'} of {program.size}")
    output.say(report.paragraph(words.theorem(certificate.data)))
    if explain or low != high:
        for line in found.upper.words:
            output.say(report.labelled("because", line))
    output.say(f"method       {found.lower.proof['method']} below, {found.upper.proof['method']} above\n{written(where, verdict)}")
    answer = {"dimension": found.dimension, "lower": low, "upper": high, "parameters": program.size, "reasons": found.upper.words}
    output.result({**answer, "certificate": str(where), "verified": verdict.status == "verified", "theorem": certificate.hash})
    return 0 if low == high else 4
