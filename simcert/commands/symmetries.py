"""`simcert symmetries MODEL`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from simcert.commands.common import Output, certificate_options, equations, progress, write_certificate, written

if TYPE_CHECKING:
    from simcert.models.program import Program

SHOWN = 24


@click.command("symmetries", epilog="Example: simcert symmetries mlp:2-3-1:tanh")
@click.argument("model")
@click.option("--fixed-space", "statements", default="", help='Certify the fixed space of these generators instead, e.g. "swap(1: 0,1)".')
@click.option("--fixing", "space", default="", help="List the symmetries that fix every point of this subspace: its isotropy.")
@click.option("--at", "point", default="", help="List the symmetries that fix this point: a .json, .npz or .safetensors file.")
@click.option("--orbits", is_flag=True, help="List which parameters symmetries can carry into each other.")
@click.option("--treat-orthogonal-as", type=click.Choice(["signed"]), help="Take the signed permutations of an orthogonal group, which is infinite.")
@certificate_options
def command(
    model: str, statements: str, space: str, point: str, orbits: bool, treat_orthogonal_as: str | None, path: str, seed: int, as_json: bool, quiet: bool
) -> int:
    """Derive the symmetry group of MODEL, one factor for each index space, and write a certificate of its generators.

    A symmetry is an orthogonal map g of parameter space with F(gθ) = F(θ). Those of the group act by permutations, by permutations and signs, or by
    rotations of an index space. With --fixed-space the certificate says which subspace the given symmetries fix, which is therefore invariant. With --fixing or
    --at it is about the symmetries that fix a subspace or a point, and the subspace that they fix together (for groups without rotations).
    """
    from simcert.certificates import codec
    from simcert.groups import symmetries
    from simcert.models.spec import load_model

    output = Output(as_json, quiet)
    codec.require_writable(path)
    if bool(statements) + bool(space) + bool(point) + orbits > 1:
        raise click.UsageError("--fixed-space, --fixing, --at and --orbits answer different questions; give one of them")
    program, signed = load_model(model), treat_orthogonal_as == "signed"
    if space or point:
        return _isotropy(program, space, point, signed, path, seed, output)
    if orbits:
        return _orbits(program, signed, output)
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


def _isotropy(program: Program, space: str, point: str, signed: bool, path: str, seed: int, output: Output) -> int:
    """The symmetries that fix a subspace or a point, with a certificate of what they fix."""
    from simcert.groups.isotropy import isotropy
    from simcert.models.equations import parse_subspace
    from simcert.models.points import parse_point

    at: Any = parse_subspace(program, space) if space else [v for values in parse_point(program, point, seed).values() for v in values]
    with progress("going through the group"):
        found = isotropy(program, at, signed)
    output.say(f"isotropy     order {found.order}, fixing a subspace of dimension {found.fixed.dimension}")
    for number, text in enumerate(found.words[:SHOWN]):
        output.say(f"{'generators' if number == 0 else '':10}   {text}")
    answer: dict[str, Any] = {"order": found.order, "generators": found.words, "dimension": found.fixed.dimension}
    if not found.generators:
        output.say("certificate  none: the identity alone fixes it, and there is nothing to prove")
        output.result({**answer, "certificate": None})
        return 0
    where, verdict, certificate = write_certificate(found.certificate(seed), path)
    output.say(f"equations    {equations(certificate)}\n{written(where, verdict)}")
    output.result({**answer, "equations": certificate.equations, "certificate": str(where), "theorem": certificate.hash})
    return 0


def _orbits(program: Program, signed: bool, output: Output) -> int:
    """The orbits of the group on the parameters."""
    from simcert.groups.isotropy import parameter_orbits, permutation_group

    with progress("following the parameters"):
        order, orbits = int(permutation_group(program, signed).order()), parameter_orbits(program, signed)
    output.say(f"order        {order}")
    for number, orbit in enumerate(orbits):
        shown = ", ".join(orbit[:8]) + (f", … ({len(orbit) - 8} more)" if len(orbit) > 8 else "")
        output.say(f"{'orbits' if number == 0 else '':10}   {len(orbit):4}  {shown}")
    output.result({"order": order, "orbits": [list(orbit) for orbit in orbits]})
    return 0
