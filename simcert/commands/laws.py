"""`simcert laws MODEL`."""

from __future__ import annotations

import click

from simcert.commands.common import Output, certificate_options, progress, write_certificate, written

SHOWN = 24


@click.command("laws", epilog="Example: simcert laws linear:3-3-3")
@click.argument("model")
@click.option("--degree", type=click.IntRange(1, 6), default=2, show_default=True, help="The largest degree of the polynomials.")
@certificate_options
def command(model: str, degree: int, path: str, seed: int, as_json: bool, quiet: bool) -> int:
    """The polynomial conservation laws of MODEL: functions of the parameters that no gradient flow changes, whatever the loss and the data.

    The certificate proves every law, how many are independent, and, when it is complete, that there are no others of any form. Exit code 0:
    complete. 4: there may be more.
    """
    from simcert import report
    from simcert.certificates import codec, words
    from simcert.laws.search import conservation_laws
    from simcert.models.spec import load_model

    output = Output(as_json, quiet)
    codec.require_writable(path)
    program = load_model(model)
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
