"""The group as a permutation group, its orbits, and isotropy: against orders from the literature, and against the lattice."""

from __future__ import annotations

import json
import math
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import simcert as sc
from simcert.certificates import claims, codec
from simcert.cli import main
from simcert.errors import ResourceLimit, SpecError
from simcert.groups.isotropy import isotropy, parameter_orbits, permutation_group
from simcert.groups.lattice import lattice
from simcert.models.spec import load_model


@pytest.mark.parametrize("h", [1, 2, 3, 4, 5])
def test_orders(h: int) -> None:
    """Sussmann's group of a tanh network has order 2^h h!."""
    assert permutation_group(load_model(f"mlp:2-{h}-1:tanh")).order() == 2**h * math.factorial(h)
    assert permutation_group(load_model(f"mlp:2-{h}-1:generic")).order() == math.factorial(h)
    assert permutation_group(load_model(f"mlp:2-{h}-2-1:tanh")).order() == 2 ** (h + 2) * math.factorial(h) * 2


def test_orbits() -> None:
    program = load_model("mlp:2-2-3-1:tanh:bias")
    orbits = parameter_orbits(program)
    assert sorted(chain.from_iterable(orbits)) == sorted(program.parameter_name(p) for p in range(program.size))
    assert ("W1[0,0]", "W1[1,0]") in orbits and ("b2[0]", "b2[1]", "b2[2]") in orbits and ("b3[0]",) in orbits


@pytest.mark.parametrize("model", ["mlp:1-3-1:tanh", "mlp:1-2-2-1:generic", "mlp:1-3-1:even"])
def test_isotropy_of_every_node_of_the_lattice(model: str) -> None:
    """A node is the fixed space of its isotropy group, and that of a generic point of it."""
    program = load_model(model)
    found = lattice(program, "full")
    for node in found.nodes:
        free = [p for p in range(program.size) if p not in node.subspace.pivots]
        theta = node.subspace.point({p: Fraction(2 + 3 * k * k, 7) for k, p in enumerate(free)})
        of_space, of_point = isotropy(program, node.subspace), isotropy(program, theta)
        assert of_space.fixed == of_point.fixed == node.subspace
        assert of_space.order == of_point.order and permutation_group(program).order() % of_space.order == 0
        if of_space.generators:
            data = of_space.certificate()
            certificate = claims.Certificate(codec.assemble(data["model"], data["claim"], data["proof"], data["meta"]))
            assert (certificate.kind, certificate.verify().status, certificate.dimension) == ("fixed-space", "verified", node.dimension)
        else:
            assert of_space.order == 1 and not node.subspace.rows


def test_words_and_errors() -> None:
    program = load_model("mlp:2-2-2-1:generic")
    swapped = sc.subspace(program, "swap(1: 0,1) * swap(2: 0,1)")
    assert isotropy(program, swapped).words == ["(1 2)|(1 2)"] and isotropy(program, swapped).order == 2
    with pytest.raises(SpecError, match="no symmetry but the identity"):
        isotropy(program, list(range(10))).certificate()
    with pytest.raises(SpecError, match="a point has 10 coordinates, not 3"):
        isotropy(program, [1, 2, 3])
    with pytest.raises(ResourceLimit, match="518,400"):
        isotropy(load_model("mlp:1-6-6-1:generic"), [0] * 48)
    with pytest.raises(SpecError, match="every orthogonal matrix"):
        permutation_group(load_model("linear:2-3-2"))
    assert permutation_group(load_model("linear:2-3-2"), signed_only=True).order() == 48
    assert permutation_group(load_model("mlp:1-1-1:generic")).order() == 1


def run(*arguments: str) -> tuple[int, dict[str, Any], str]:
    result = CliRunner().invoke(main, ["symmetries", *arguments, "--json"], prog_name="simcert")
    return result.exit_code, json.loads(result.stdout.splitlines()[-1]) if result.stdout.startswith("{") else {}, result.stderr


def test_command(tmp_path: Path) -> None:
    file, point = str(tmp_path / "isotropy.json"), tmp_path / "point.json"
    code, answer, _ = run("mlp:2-2-2-1:generic", "--fixing", "swap(1: 0,1) * swap(2: 0,1)", "-o", file)
    assert code == 0 and (answer["order"], answer["generators"], answer["dimension"]) == (2, ["(1 2)|(1 2)"], 5)
    assert sc.verify(file).status == "verified" and sc.Certificate.load(file).kind == "fixed-space"
    point.write_text('{"W1": [["1","2"],["-1","-2"],["0","0"]], "W2": [["3","-3","0"]]}')
    code, answer, _ = run("mlp:2-3-1:tanh", "--at", str(point), "-o", file)
    assert code == 0 and answer["order"] == 4 and sorted(answer["generators"]) == ["(1 -2)", "(3 -3)"] and answer["dimension"] == 3
    code, answer, _ = run("mlp:2-3-1:tanh", "--at", "generic")
    assert code == 0 and answer == {"order": 1, "generators": [], "dimension": 9, "certificate": None}
    code, answer, _ = run("mlp:2-3-1:tanh", "--orbits")
    assert code == 0 and answer["order"] == 48 and answer["orbits"][0] == ["W1[0,0]", "W1[1,0]", "W1[2,0]"]
    code, answer, _ = run("linear:2-2-1", "--orbits", "--treat-orthogonal-as", "signed")
    assert code == 0 and answer["order"] == 8
    assert run("linear:2-2-1", "--orbits")[0] == 2 and "--treat-orthogonal-as signed" in run("linear:2-2-1", "--orbits")[2]
    code, _, message = run("mlp:2-3-1:tanh", "--orbits", "--at", "generic")
    assert code == 2 and "give one of them" in message
