"""What the commands share: options, where text and JSON go, progress, and certificates that are checked before they get their name."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from simcert import report
from simcert.certificates import claims, codec, words
from simcert.certificates.claims import Certificate, Verdict

if TYPE_CHECKING:
    from rich.status import Status


@dataclass(frozen=True, slots=True)
class Output:
    """Where a command's answer goes: human text to stdout (to stderr with `--json`, nowhere with `--quiet`), one JSON object to stdout with `--json`."""

    as_json: bool = False
    quiet: bool = False

    def say(self, text: str) -> None:
        if not self.quiet:
            click.echo(text, err=self.as_json)

    def result(self, value: dict[str, Any]) -> None:
        if self.as_json:
            click.echo(json.dumps(value))


def output_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options `--json` and `--quiet`, which every command has."""
    function = click.option("-q", "--quiet", is_flag=True, help="No text for people.")(function)
    return click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout; text for people goes to stderr.")(function)


def certificate_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options `-o` and `--seed` of every command that writes a certificate, and those of `output_options`."""
    function = output_options(function)
    function = click.option("--seed", type=int, default=0, show_default=True, help="Seed of every random choice; it is recorded in the certificate.")(function)
    where = "Where to write the certificate.  [default: a name made of the claim and its hash]"
    return click.option("-o", "--output", "path", type=click.Path(), default="", help=where)(function)


@contextmanager
def progress(what: str) -> Iterator[None]:
    """Show a spinner on stderr while the body runs, if stderr is a terminal and the body takes over a second."""
    if not sys.stderr.isatty():
        yield
        return
    lock, shown, over = threading.Lock(), list["Status"](), threading.Event()

    def show() -> None:
        with lock:
            if not over.is_set():
                from rich.console import Console

                shown.append(Console(stderr=True).status(f"{what} …"))
                shown[0].start()

    timer = threading.Timer(1.0, show)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        over.set()
        with lock:
            for status in shown:
                status.stop()


@contextmanager
def bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on stderr: the body calls what is yielded with how much is done, of how much. It is shown at a terminal, after a second."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import Progress

    start, last = time.monotonic(), [0.0]
    screen = Progress(console=Console(stderr=True), transient=True)
    task = screen.add_task(what)

    def step(done: int, total: int) -> None:
        now = time.monotonic()
        if now - last[0] > 0.1:
            last[0] = now
            if now - start > 1.0 and not screen.live.is_started:
                screen.start()
            screen.update(task, completed=done, total=total)

    try:
        yield step
    finally:
        if screen.live.is_started:
            screen.stop()


CHECKED_RANK = 1200  # up to this many parameters a claim about ranks is checked when it is written: plain Python takes minutes beyond
UNCHECKED = Verdict("limit", message=f"ranks with more than {CHECKED_RANK} parameters are not checked on writing; simcert verify --seconds N tries")


def write_certificate(data: dict[str, Any], path: str) -> tuple[Path, Verdict, Certificate]:
    """Write a certificate that the independent checker has verified; on any failure nothing is left behind.

    Large claims about ranks are written unchecked, and the verdict then says so. Raises `VerificationError` when the checker does not verify it,
    `ResourceLimit` when the checker reaches a limit.
    """
    from simcert.models.program import from_json

    if data["claim"]["kind"] in ("orbit-dimension", "conservation-laws", "hull", "intrinsic", "not-intrinsic") and from_json(data["model"]).size > CHECKED_RANK:
        certificate = Certificate(codec.assemble(data["model"], data["claim"], data["proof"], data.get("meta", {})))
        return codec.write_atomically(path or codec.default_name(certificate.data), certificate.text), UNCHECKED, certificate
    certificate = Certificate(codec.assemble(data["model"], data["claim"], data["proof"], data.get("meta", {})))
    verdicts: list[Verdict] = []

    def verify(file: Path) -> None:
        verdicts.append(claims.require(claims.verify_bytes(codec.read_bytes(file), str(path))))

    with progress("checking the certificate"):
        where = codec.write_atomically(path or codec.default_name(certificate.data), certificate.text, verify)
    return where, verdicts[0], certificate


def small_print(verdict: Verdict) -> str:
    """What a verified theorem does not say, and what it rests on."""
    labels = [("not claimed", line) for line in verdict.not_claimed] + [("trusted", line) for line in verdict.trust]
    return "\n".join(report.labelled(label, line) for label, line in labels)


def written(path: Path, verdict: Verdict) -> str:
    """The line that says where the certificate is and that the checker has verified it, or that it has not."""
    if verdict.status != "verified":
        return f"certificate  {path} (NOT verified: {verdict.message})"
    return f"certificate  {path} (verified by the independent checker in {verdict.seconds:.2f} s)"


def equations(certificate: Certificate) -> str:
    """The equations of the certificate's subspace on one line; long lists are cut."""
    return words.cut(certificate.equations) or "none (the whole space)"
