"""The command line: which commands there are, and how errors become one clear message and an exit code.

Each command lives in its own module of `simcert.commands`, which is imported only when the command is called.
"""

from __future__ import annotations

import importlib
import io
import json
import os
import sys
from collections.abc import MutableMapping, Sequence
from typing import Any

import click

from simcert import __version__
from simcert.errors import SimcertError, VerificationError

COMMANDS = {
    "prove": "Decide whether a subspace is invariant, either way with a proof.",
    "orbit": "The dimension of the orbit of a point, with matching bounds.",
    "laws": "Polynomial conservation laws, complete or not.",
    "hull": "The smallest invariant affine subspace through a point.",
    "symmetries": "The symmetry group of a model, per index space.",
    "lattice": "The invariant subspaces of symmetries, and their inclusions.",
    "quotient": "The smaller network on an invariant subspace.",
    "classify": "All orbits of a two-layer network.",
    "intrinsic": "Whether training of a factorisation obeys an equation of its own.",
    "data": "Invariance that symmetries of a data set induce.",
    "verify": "Check certificates with the independent checker.",
    "formalize": "A certificate as a Coq file, for Coq's kernel to check.",
    "explain": "The theorem of a certificate in words, LaTeX or HTML.",
    "crosscheck": "Numerical evidence for or against a certificate, in JAX.",
}

INTERNAL, INTERRUPTED, BROKEN_PIPE, USAGE, EXHAUSTED = 70, 130, 141, 2, 5


class ClosedPipeError(Exception):
    """Nobody reads stdout any more (`simcert explain FILE | head`); click would turn the plain `BrokenPipeError` into exit code 1."""


class Application(click.Group):
    """A group of commands that are loaded when they are called, and whose errors become exit codes."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        return importlib.import_module(f"simcert.commands.{cmd_name}").command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        if args and not args[0].startswith("-") and args[0] not in COMMANDS:
            raise click.UsageError(f"there is no command {args[0]!r}; the commands are {', '.join(COMMANDS)}", ctx)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            code = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            raise ClosedPipeError from None
        return code

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        arguments = sys.argv[1:] if args is None else list(args)
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="replace")  # a terminal without θ still gets the rest
        try:
            code = super().main(arguments, prog_name or "simcert", complete_var, standalone_mode=False, **extra)
        except BaseException as error:
            code = _failed(error, "--json" in arguments)
        if standalone_mode:
            sys.exit(code or 0)
        return code or 0


def _failed(error: BaseException, as_json: bool) -> int:
    """Say what went wrong, once on stderr and with `--json` once more on stdout, and return the exit code."""
    if isinstance(error, SystemExit):
        raise error
    if isinstance(error, ClosedPipeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # so that the interpreter's last flush finds a place to write to
        return BROKEN_PIPE
    code, message, more = _described(error)
    if os.environ.get("SIMCERT_DEBUG") == "1":
        import traceback

        traceback.print_exception(error)
    click.echo(f"error: {message}" if code != INTERRUPTED else message, err=True)
    if as_json:
        click.echo(json.dumps({"error": message, "exit_code": code, **more}))
    return code


def _described(error: BaseException) -> tuple[int, str, MutableMapping[str, Any]]:
    """Exit code, message and JSON details of an error."""
    if isinstance(error, SimcertError):
        code = INTERNAL if isinstance(error, VerificationError) else error.EXIT_CODE
        return code, str(error), {"place": error.place, "remedy": error.remedy}
    if isinstance(error, click.UsageError):
        hint = f"; see '{error.ctx.command_path} --help'" if error.ctx is not None else ""
        return USAGE, f"{error.format_message().strip().rstrip('.')}{hint}", {}
    if isinstance(error, click.ClickException):
        return USAGE, error.format_message(), {}
    if isinstance(error, click.Abort | KeyboardInterrupt):
        return INTERRUPTED, "interrupted; nothing was written", {}
    if isinstance(error, MemoryError):
        return EXHAUSTED, "out of memory; try a smaller model", {}
    hint = "please report this with the command line (SIMCERT_DEBUG=1 shows the traceback)"
    return INTERNAL, f"internal error, {type(error).__name__}: {error}; {hint}", {}


@click.group(cls=Application, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, message="simcert %(version)s")
def main() -> None:
    """Which constraints does gradient descent never escape, whatever the data and the loss, because of the architecture alone?

    Every answer comes with a certificate that an independent checker verifies.
    """
