"""`simcert laws MODEL`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from simcert.commands.common import Output, certificate_options, progress, write_certificate, written

if TYPE_CHECKING:
    from simcert.models.program import Program

SHOWN = 24


@click.command("laws", epilog="Example: simcert laws linear:3-3-3")
@click.argument("model")
@click.option("--degree", type=click.IntRange(1, 6), default=2, show_default=True, help="The largest degree of the polynomials.")
@click.option(
    "--flow", type=click.Choice(["gradient", "momentum", "mirror"]), default="gradient", show_default=True, help="Of which flow; others: a number only."
)
@certificate_options
def command(model: str, degree: int, flow: str, path: str, seed: int, as_json: bool, quiet: bool) -> int:
    """The polynomial conservation laws of MODEL: functions of the parameters that no gradient flow changes, whatever the loss and the data.

    The certificate proves every law, how many are independent, and, when it is complete, that there are no others of any form. Exit code 0:
    complete. 4: there may be more.

    With --flow momentum (on the state t, θ, θ') or mirror (entropic) only an upper bound of their number is found, for the factorisation of MODEL (see
    `simcert intrinsic`), without a certificate: exit code 4.
    """
    from simcert import report
    from simcert.certificates import codec, words
    from simcert.laws.search import conservation_laws
    from simcert.models.spec import load_model

    output = Output(as_json, quiet)
    codec.require_writable(path)
    program = load_model(model)
    if flow != "gradient":
        return _other(program, flow, seed, output)
    with progress("searching conservation laws"):
        found = conservation_laws(program, degree, seed)
    where, verdict, certificate = write_certificate(found.certificate, path)
    output.say(f"laws         {found.count} independent, {'complete' if found.complete else 'perhaps not all'}")
    for text in found.texts[:SHOWN]:
        output.say(f"             {text}")
    if len(found.texts) > SHOWN:
        output.say(f"             … ({len(found.texts) - SHOWN} more)")
    output.say(report.paragraph(words.theorem(certificate.data)))
    output.say(written(where, verdict))
    answer = {"parameters": program.size, "orbit_dimension": found.orbit_dimension, "count": found.count, "complete": found.complete}
    output.result({**answer, "laws": list(found.texts), "certificate": str(where), "verified": verdict.status == "verified", "theorem": certificate.hash})
    return 0 if found.complete else 4


def _other(program: Program, flow: str, seed: int, output: Output) -> int:
    """The number of laws of another flow, from the rank of its Lie algebra."""
    from simcert.dynamics.doubled import flow_laws
    from simcert.dynamics.factorizations import factorization

    with progress(f"the Lie algebra of the {flow} flow"):
        found = flow_laws(factorization(program), flow, seed)
    output.say(f"laws         at most {found.count} independent under the {flow} flow")
    output.say(f"because      the Lie algebra of its fields has rank at least {found.rank} on a state space of {found.state} dimensions")
    answer = {"parameters": found.parameters, "orbit_dimension": None, "count": found.count, "complete": False, "laws": [], "certificate": None}
    output.result({**answer, "flow": flow, "state_dimension": found.state, "lie_rank": found.rank})
    return 4
