"""`simcert crosscheck FILE…`."""

from __future__ import annotations

import shutil
from typing import Any

import click

from simcert.commands.common import Output, bar, output_options


@click.command("crosscheck", epilog="Example: simcert crosscheck tied.json --plot tied.png")
@click.argument("files", nargs=-1, type=click.Path())
@click.option(
    "--gallery",
    is_flag=False,
    flag_value="",
    default=None,
    metavar="[FOLDER]",
    help="All certificates of a folder, and a table.  [default: certificates/valid]",
)
@click.option("--short", is_flag=True, help="Fewer seeds, and of a gallery one certificate of each kind.")
@click.option("--seeds", type=click.IntRange(1, 1 << 20), help="Random starts, data sets and members of classes at once.  [default: 16; --short: 4]")
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of every random choice.")
@click.option("--plot", default="", type=click.Path(), help="Draw what was measured: FILE.svg, .png or .pdf (for one certificate).")
@output_options
def command(
    files: tuple[str, ...], gallery: str | None, short: bool, seeds: int | None, seed: int, plot: str, as_json: bool, quiet: bool
) -> int:  # fmt: skip
    """Look for numerical evidence for or against what certificates claim: trajectories, ranks and drifts in JAX, on a GPU where there is one.

    This never proves anything. Exit code 0: all numbers agree. 1: some disagree with the claim. 2: a usage error. 3: a malformed file.
    4: inconclusive, or there is no cross-check for this kind of claim.
    """
    from simcert.certificates.claims import Certificate
    from simcert.crosscheck import arrays
    from simcert.crosscheck import gallery as of_gallery
    from simcert.crosscheck.evidence import EXIT_CODES, Evidence, worst

    ctx = click.get_current_context()
    if bool(files) == (gallery is not None):
        raise click.UsageError("name certificates, or say --gallery [FOLDER]", ctx)
    if plot and len(files) != 1:
        raise click.UsageError("--plot draws one certificate", ctx)
    arrays.require()
    if plot:
        from simcert.certificates import codec
        from simcert.plot import require

        require(plot)
        codec.require_writable(plot)
    output = Output(as_json, quiet)
    chosen = [str(path) for path in of_gallery.files(of_gallery.folder(gallery), short=short)] if gallery is not None else list(files)
    for file in chosen:  # what cannot be read is said before anything is computed
        Certificate.load(file)
    results: list[Evidence] = []
    with bar("computing") as step:
        for number, file in enumerate(chosen):
            step(number, len(chosen))
            results.append(_one(file, seeds or (4 if short else 16), seed))
            if gallery is None:
                output.say(_text(results[-1]))
    if gallery is not None:
        output.say(of_gallery.table(results, max(120, shutil.get_terminal_size().columns)))
    status = worst(evidence.status for evidence in results)
    counts = {name: sum(evidence.status == name for evidence in results) for name in EXIT_CODES}
    answer: dict[str, Any] = {"status": status, "counts": counts, "results": [evidence.to_json() for evidence in results]}
    if plot:
        from simcert.crosscheck.figure import plot as draw

        answer["plot"] = str(draw(results[0], plot))
        output.say(f"plot         {plot}")
    if gallery is not None:
        output.say(f"{len(results)} certificates: {', '.join(f'{n} {name}' for name, n in counts.items() if n)} ({results[0].note}; {results[0].device})")
    output.result(answer)
    return EXIT_CODES[status]


def _one(file: str, seeds: int, seed: int) -> Any:
    from simcert.crosscheck import crosscheck

    return crosscheck(file, seeds, seed)


def _text(evidence: Any) -> str:
    """The evidence for people: the status, then one line for each finding."""
    from simcert.crosscheck.evidence import number

    head = f"{evidence.file}: {evidence.status} ({evidence.note}; {evidence.seeds} seeds from {evidence.seed}, {evidence.device}, {evidence.seconds:.2f} s)"
    width = max(len(finding.what) for finding in evidence.findings)
    lines = [head, f"  {evidence.kind} in {evidence.title or 'a model without a name'}; {evidence.about or 'nothing computed'}"]
    for finding in evidence.findings:
        measured = f"{number(finding.measured):>10}   {finding.expected}" if finding.expected else ""
        lines.append(f"  {finding.status:<13}{finding.what:<{width}} {measured}".rstrip())
    return "\n".join(lines)
