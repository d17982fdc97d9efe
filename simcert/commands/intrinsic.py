"""`simcert intrinsic MODEL --at POINT`."""

from __future__ import annotations

import click

from simcert.commands.common import Output, certificate_options, progress, write_certificate, written


@click.command("intrinsic", epilog="Example: simcert intrinsic linear:2-2-2 --at point.json")
@click.argument("model")
@click.option("--at", "at", required=True, help="A point: a .json, .npz or .safetensors file, or the word generic.")
@certificate_options
def command(model: str, at: str, path: str, seed: int, as_json: bool, quiet: bool) -> int:
    """Whether the training dynamics of MODEL are intrinsic at a point: whether z = φ(θ) obeys an equation of its own.

    φ is the factorisation of MODEL (the end-to-end matrix of a linear network, the path-lifting of a ReLU network, QᵀK and VᵀO of attention, or a program
    without inputs). Exit code 0: decided, either way. 4: undecided; the numbers are reported, and nothing is written.
    """
    from simcert import report
    from simcert.certificates import codec, words
    from simcert.dynamics.decide import intrinsic
    from simcert.dynamics.factorizations import factorization
    from simcert.dynamics.formulas import formula
    from simcert.models.points import parse_point
    from simcert.models.spec import load_model

    output = Output(as_json, quiet)
    codec.require_writable(path)
    program = factorization(load_model(model))
    theta = parse_point(program, at, seed)
    with progress("comparing the Lie algebra with the factorisation"):
        found = intrinsic(program, theta, seed)
    lie = found.lie if found.lie is not None else f"between {found.orbit.lower.bound} and {found.orbit.upper.bound}"
    kernel = found.kernel if found.kernel is not None else f"between {found.orbit.lower.bound - found.rank} and {found.orbit.upper.bound - found.rank}"
    output.say(f"verdict      {found.verdict}: {found.reason}")
    output.say(f"dimensions   Lie algebra {lie} of {program.size}, rank of the derivative {found.rank}, kernel {kernel}")
    answer = {"verdict": found.verdict, "lie_dimension": found.lie, "rank_phi": found.rank, "kernel_dimension": found.kernel, "parameters": program.size}
    answer |= {"method": found.method or None, "where": found.where or None, "reason": found.reason, "flow": None}
    if found.certificate is None:
        output.result({**answer, "certificate": None})
        return 4
    flow = formula(found)
    for line in flow:
        output.say(f"flow         {line}" if line is flow[0] else f"             {line}")
    where, verdict, certificate = write_certificate(found.certificate, path)
    output.say(report.paragraph(words.theorem(certificate.data)))
    output.say(written(where, verdict))
    done = {"certificate": str(where), "verified": verdict.status == "verified", "theorem": certificate.hash}
    output.result({**answer, "flow": "; ".join(flow) or None, **done})
    return 0
