"""`simcert prove MODEL SUBSPACE`."""

from __future__ import annotations

import click

from simcert.commands.common import Output, certificate_options, progress, small_print, write_certificate, written


@click.command("prove", epilog='Example: simcert prove mlp:2-3-1:tanh "tie(1: 0,1)"')
@click.argument("model")
@click.argument("subspace")
@certificate_options
def command(model: str, subspace: str, path: str, seed: int, as_json: bool, quiet: bool) -> int:
    """Decide whether SUBSPACE is invariant under the training of MODEL, for every loss and every data set, and write a certificate either way.

    MODEL is a shorthand such as mlp:2-3-1:tanh, a .toml file or a program .json. SUBSPACE is a list of equations separated by ";", such as
    "W1[0,:] = W1[1,:]; W2[:,0] = W2[:,1]" or "tie(1: 0,1)", or a file with equations.

    Exit code 0: decided, either way. 2: a usage error. 4: undecided. 5: a resource limit.
    """
    from simcert import report
    from simcert.certificates import codec, words
    from simcert.invariance.decide import decide, read
    from simcert.models.spec import load_model

    output = Output(as_json, quiet)
    codec.require_writable(path)
    program = load_model(model)
    space, hints = read(program, subspace)
    with progress("deciding"):
        decision = decide(program, space, seed, hints)
    answer = {
        "verdict": decision.verdict, "method": decision.method, "certificate": None, "dimension": decision.dimension, "optimizers": decision.optimizers,
        "parameters": program.size, "equations": [], "theorem": None, "reason": decision.reason,
    }  # fmt: skip
    if decision.certificate is None:
        output.say(f"undecided: {decision.reason}")
        output.result(answer)
        return 4
    where, verdict, certificate = write_certificate(decision.certificate, path)
    output.say(f"{decision.verdict}\n{report.paragraph(words.theorem(certificate.data))}")
    for line in words.consequences(certificate.data):
        output.say(report.paragraph(line))
    output.say(f"method       {decision.method}\n{small_print(verdict)}\n{written(where, verdict)}")
    output.result({**answer, "certificate": str(where), "equations": certificate.equations, "theorem": certificate.hash})
    return 0
