"""`simcert formalize FILE`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NoReturn

import click

from simcert import formal, report
from simcert.commands.common import Output, output_options, progress
from simcert.errors import CertificateFormatError, InvalidProofError, ResourceLimit, SpecError, UndecidedError

_ERRORS = {"malformed": CertificateFormatError, "invalid": InvalidProofError, "incomplete": UndecidedError, "limit": ResourceLimit}
_MODULE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


@click.command("formalize", epilog="Example: simcert formalize tied.json -o tied.v && coqc -R formal/theories SimCert tied.v")
@click.argument("file", type=click.Path())
@click.option("-o", "--output", "path", type=click.Path(), default="", help="Where to write the Coq file.  [default: the name of FILE, in the current folder]")
@click.option("--seconds", type=click.FloatRange(min=0, min_open=True), default=600.0, show_default=True, help="Time for the machine-checked checker.")
@output_options
def command(file: str, path: str, seconds: float, as_json: bool, quiet: bool) -> int:
    """Write the certificate FILE as a Coq file whose theorem is its claim, checked by Coq's kernel alone: its bytes, its model and its claim as Coq terms, and
    the proof by computation.

    Exit code 0: written; the machine-checked checker (built by 'make formal') verifies the certificate, so Coq accepts the file. 1: the proof is invalid.
    2: FILE cannot be read. 3: it is malformed. 4: its kind or method is not supported, or it has no proof. 5: a limit was reached.
    """
    from simcert.certificates import codec
    from simcert.certificates.claims import Certificate
    from simcert.certificates.coq import coq_file

    where = Path(path or f"{_identifier(Path(file).stem)}.v")
    if where.suffix != ".v" or not _MODULE.match(where.stem):
        raise SpecError(f"{where.name!r} is no name of a Coq file", path, "choose letters, digits and _ with .v at the end, such as tied.v")
    formal.require_binary()
    codec.require_writable(where)
    codec.read_bytes(file)
    output = Output(as_json, quiet)
    with progress("asking the machine-checked checker"):
        verdict = formal.verify(file, seconds)
    if verdict.status != "verified":
        _refuse(file, verdict.status)
    certificate = Certificate.load(file)
    codec.write_atomically(where, coq_file(certificate.data, certificate.text, verdict.statement, verdict.not_proved, where.stem))
    output.say(report.labelled("theorem", verdict.statement))
    for line in verdict.not_proved:
        output.say(report.labelled("not proved", line))
    output.say(report.labelled("compile", f"make -C formal && coqc -R formal/theories SimCert {where}"))
    output.say(f"{report.labelled('written', str(where))} (verified by the machine-checked checker in {verdict.seconds:.2f} s)")
    known = {"statement": verdict.statement, "not_proved": list(verdict.not_proved), "theorem": certificate.hash}
    output.result({"file": file, "status": verdict.status, "output": str(where), **known})
    return 0


def _identifier(stem: str) -> str:
    """A name that Coq takes for a file, made of another."""
    name = re.sub(r"[^A-Za-z0-9_]", "_", stem)
    return name if _MODULE.match(name) else f"_{name}"


def _refuse(file: str, status: str) -> NoReturn:
    """Say why the machine-checked checker does not verify the file, in the words of the independent one where the two agree."""
    from simcert import api

    other = api.verify(file)
    if other.status == status:
        raise _ERRORS[status](f"{status}: {other.message}", file) if status in _ERRORS else UndecidedError(other.message, file)
    seen = f"the independent checker says {other.status}" + (f", {other.message}" if other.status != "verified" else "")
    if status == "unsupported":
        raise UndecidedError("the machine-checked checker does not know this kind of claim or method of proof", file, f"formal/README.md has a table; {seen}")
    raise _ERRORS[status](f"the machine-checked checker says {status}", file, seen)
