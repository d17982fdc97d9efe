"""`simcert data MODEL SYMMETRY DATA`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from simcert.commands.common import Output, certificate_options, progress, small_print, write_certificate, written

if TYPE_CHECKING:
    from simcert.invariance.data import DataInvariance


@click.command("data", epilog='Example: simcert data mlp:2-4-1:relu "flip; eps = -1" odd.csv')
@click.argument("model")
@click.argument("symmetry")
@click.argument("data")
@click.option("--units", default="auto", show_default=True, help='How hidden units move along: identity, pairs, auto, or cycles "1: (0 1)(2 3), 2: (0 -1)".')
@certificate_options
def command(model: str, symmetry: str, data: str, units: str, path: str, seed: int, as_json: bool, quiet: bool) -> int:
    """The subspace that training of MODEL on DATA never leaves because the data have a SYMMETRY, for every loss that has it too.

    SYMMETRY is a list of generators (x, y) -> (Tx, eps y), separated by "|", such as "flip; eps = -1" (odd data), "swap(0,1) | flip(2)",
    "rotate(0,1; 3,4,5)" or "T = [[3/5,4/5],[4/5,-3/5]]; eps = -1; units = 1: (0 1)(2 3)", or a file with these, or a .json file. DATA is a .csv,
    .json, .npz or .safetensors file of inputs x, targets y and optionally weights.

    Exit code 0: proved. 2: a usage error, or data that are not closed under the symmetry. 4: the symmetry induces no map of the parameters.
    """
    from simcert import report
    from simcert.certificates import codec, words
    from simcert.groups.transformations import parse_symmetry
    from simcert.invariance.data import data_invariance
    from simcert.models.datasets import parse_data
    from simcert.models.spec import load_model

    output = Output(as_json, quiet)
    codec.require_writable(path)
    program = load_model(model)
    transformations, examples = parse_symmetry(program, symmetry), parse_data(program, data)
    with progress("lifting the symmetry"):
        found = data_invariance(program, transformations, examples, units, seed)
    where, verdict, certificate = write_certificate(found.certificate, path)
    formulas = [words.predictor_text(certificate.model, terms) for terms in certificate.claim["predictor"]]
    output.say(_text(found, len(examples.examples), program.size, words.cut(certificate.equations) or "none (the whole space)"))
    for formula in formulas:
        output.say(report.labelled("F on L", formula))
    output.say(report.paragraph(words.theorem(certificate.data)))
    for line in words.consequences(certificate.data):
        output.say(report.paragraph(line))
    output.say(f"{small_print(verdict)}\n{written(where, verdict)}")
    output.result(
        {
            "verdict": "data-invariant", "dimension": certificate.dimension, "equations": certificate.equations, "generators": _generators(found),
            "group_order": found.order, "group": found.order_words, "examples": len(examples.examples), "parameters": program.size, "predictor": formulas,
            "optimizers": certificate.optimizers, "certificate": str(where), "theorem": certificate.hash,
        }
    )  # fmt: skip
    return 0


def _text(found: DataInvariance, examples: int, parameters: int, equations: str) -> str:
    from simcert import report

    out = [f"invariant    for these {examples} examples: dimension {found.subspace.dimension} of {parameters}"]
    out.append(report.labelled("equations", equations))
    out.append(f"group        order {found.order_words}")
    for transformation, lift, others in zip(found.transformations, found.lifts, found.others, strict=True):
        more = "".join(f"; with {other.units} the dimension would be {other.dimension}" for other in others if other.units != lift.units)
        out.append(report.labelled("generator", f"{transformation.text}, units {lift.units}{more}"))
    return "\n".join(out)


def _generators(found: DataInvariance) -> list[dict[str, Any]]:
    """What every generator is, and the lifts that were looked at."""
    return [
        {
            "transformation": transformation.text, "units": lift.units, "dimension": lift.dimension,
            "alternatives": [{"units": other.units, "dimension": other.dimension} for other in others],
        }
        for transformation, lift, others in zip(found.transformations, found.lifts, found.others, strict=True)
    ]  # fmt: skip
