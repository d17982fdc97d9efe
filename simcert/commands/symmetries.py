"""`simcert symmetries MODEL`."""

from __future__ import annotations

import click

from simcert.commands.common import Output, certificate_options, equations, progress, write_certificate, written

SHOWN = 24


@click.command("symmetries", epilog="Example: simcert symmetries mlp:2-3-1:tanh")
@click.argument("model")
@click.option("--fixed-space", "statements", default="", help='Certify the fixed space of these generators instead, e.g. "swap(1: 0,1)".')
@certificate_options
def command(model: str, statements: str, path: str, seed: int, as_json: bool, quiet: bool) -> int:
    """Derive the symmetry group of MODEL, one factor for each index space, and write a certificate of its generators.

    A symmetry is an orthogonal map g of parameter space with F(gθ) = F(θ). Those of the group act by permutations, by permutations and signs, or by
    rotations of an index space. With --fixed-space the certificate says which subspace the given symmetries fix, which is therefore invariant.
    """
    from simcert.certificates import codec
    from simcert.groups import symmetries
    from simcert.models.spec import load_model

    output = Output(as_json, quiet)
    codec.require_writable(path)
    program = load_model(model)
    if statements:
        with progress("finding the fixed space"):
            data = symmetries.fixed_space(program, statements, seed)
        where, verdict, certificate = write_certificate(data, path)
        output.say(f"fixed space  dimension {certificate.dimension}: {equations(certificate)}\n{written(where, verdict)}")
        output.result({"dimension": certificate.dimension, "equations": certificate.equations, "certificate": str(where), "theorem": certificate.hash})
        return 0
    with progress("deriving the symmetries"):
        found = symmetries.derive(program)
        data = found.certificate(seed)
    where, verdict, certificate = write_certificate(data, path)
    generators = [text for part in found.spaces for text in part.words]
    width = max([11, *(len(part.space.name) for part in found.spaces)])
    output.say(f"{'index space':{width}}  size  kind")
    for part in found.spaces:
        output.say(f"{part.space.name:{width}}  {part.space.size:4}  {part.space.kind}")
    output.say(f"order        {'infinite' if found.order is None else found.order}")
    for number, text in enumerate(generators[:SHOWN]):
        output.say(f"{'generators' if number == 0 else '':10}   {text}")
    if len(generators) > SHOWN:
        output.say(f"{'':10}   … ({len(generators) - SHOWN} more)")
    output.say(written(where, verdict))
    output.result(
        {
            "index_spaces": [{"name": part.space.name, "size": part.space.size, "kind": part.space.kind} for part in found.spaces],
            "order": found.order, "generators": generators, "certificate": str(where), "theorem": certificate.hash,
        }
    )  # fmt: skip
    return 0
