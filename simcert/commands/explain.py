"""`simcert explain FILE`."""

from __future__ import annotations

import click

from simcert.commands.common import Output, output_options


@click.command("explain", epilog="Example: simcert explain tied.json --html -o tied.html")
@click.argument("file", type=click.Path())
@click.option("--latex", is_flag=True, help="A LaTeX file that compiles alone, with the theorem in a theorem environment.")
@click.option("--html", is_flag=True, help="One self-contained HTML page.")
@click.option("-o", "--output", "path", type=click.Path(), default="", help="Where to write the text.  [default: stdout]")
@output_options
def command(file: str, latex: bool, html: bool, path: str, as_json: bool, quiet: bool) -> int:
    """Say in words what the certificate FILE proves: the theorem, what is not claimed, why it holds, what is trusted, and the checker's verdict.

    The exit code is that of `simcert verify FILE`.
    """
    from simcert import api
    from simcert.certificates import claims, codec

    if latex and html:
        raise click.UsageError("--latex and --html exclude each other", click.get_current_context())
    codec.require_writable(path)
    page = api.explain(file)
    text = page.latex() if latex else page.html() if html else page.text()
    output = Output(as_json, quiet)
    if path:
        codec.write_atomically(path, text)
        output.say(f"written      {path} ({page.status})")
    elif not as_json:
        output.say(text.rstrip("\n"))
    output.result({"file": file, "status": page.status, "title": page.title, "output": path or None, "text": text})
    return claims.exit_code([page.verdict])
