"""`simcert verify FILE…`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import click

from simcert import formal, report
from simcert.certificates import claims
from simcert.commands.common import Output, output_options, progress, small_print

INTERNAL = 70
LIMITS = {
    "max_bytes": "bytes of a file", "max_digits": "digits of a number", "max_nodes": "nodes of a model", "max_entries": "entries of all arrays",
    "max_terms": "terms of all normal forms",
}  # fmt: skip


def limit_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """One option for each limit of the checker; those that are not given keep the checker's own value."""
    function = click.option("--seconds", type=click.FloatRange(min=0, min_open=True), default=600.0, show_default=True, help="Time for one file.")(function)
    for name, what in reversed(LIMITS.items()):
        function = click.option(f"--{name.replace('_', '-')}", type=click.IntRange(min=1), help=f"Greatest number of {what}.")(function)
    return function


@click.command("verify", epilog="Example: simcert verify tied.json --model mlp:2-3-1:tanh")
@click.argument("files", nargs=-1, required=True, type=click.Path())
@click.option("--model", default="", help="Also check that the certificates are about exactly this model (shorthand, .toml or .json).")
@click.option("--formal", "formally", is_flag=True, help="Also ask the machine-checked checker (built by 'make formal').")
@limit_options
@output_options
def command(files: tuple[str, ...], model: str, formally: bool, as_json: bool, quiet: bool, **limits: float | None) -> int:
    """Check certificates with the independent checker, which shares no code with the rest of simcert.

    Exit code 0: every file is verified. 1: a proof is invalid, or a file is about another model. 2: a file cannot be read. 3: a file is malformed.
    4: a claim without a proof, or of a kind that this checker does not know. 5: a limit was reached. With --formal, 70: the two checkers contradict
    each other.
    """
    from simcert import api, checker
    from simcert.models.spec import load_model

    output = Output(as_json, quiet)
    if formally:
        formal.require_binary()
    program = load_model(model) if model else None
    sys.set_int_max_str_digits(max(sys.get_int_max_str_digits(), int(limits["max_digits"] or 0) + 1))
    bounds: dict[str, Any] = {name: value for name, value in limits.items() if value is not None}
    verdicts: list[claims.Verdict] = []
    with progress("verifying"):
        for file in files:
            verdicts.append(api.verify(file, program, checker.Limits(**bounds)))
    second = [formal.verify(file, limits["seconds"] or 600.0) for file in files] if formally else []
    for k, verdict in enumerate(verdicts):
        output.say(describe(verdict))
        if second:
            output.say(formally_said(second[k]))
    output.result({"results": [verdict.to_json() | ({"formal": second[k].to_json()} if second else {}) for k, verdict in enumerate(verdicts)]})
    against = [
        f"{a.file}: {a.status} and {b.status}"
        for a, b in zip(verdicts, second, strict=False)
        if formal.contradicts(a.status, b.status, formal.method_of(a.file))
    ]
    if against:
        click.echo(f"error: the two checkers contradict each other, so one of them has an error ({'; '.join(against)}); please report the file", err=True)
        return INTERNAL
    return claims.exit_code(verdicts)


def formally_said(verdict: formal.FormalVerdict) -> str:
    """The machine-checked checker's verdict for people: the status and what is proved, then what is not and what is trusted."""
    labels = [("formal", str(verdict)), *(("not proved", line) for line in verdict.not_proved), *(("trusted", line) for line in verdict.trust)]
    return "\n".join(report.labelled(label, line) for label, line in labels)


def describe(verdict: claims.Verdict) -> str:
    """A verdict for people: the status, then the theorem and its small print, or what is wrong."""
    head = f"{verdict.file}: {verdict.status} ({verdict.seconds:.2f} s)"
    if verdict.status != "verified":
        return f"{head}\n  {verdict.message}"
    return f"{head}\n{report.labelled('theorem', verdict.statement)}\n{small_print(verdict)}"
