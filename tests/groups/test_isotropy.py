"""The group as a permutation group, its orbits, and isotropy: against orders from the literature, and against the lattice."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import chain

import pytest

import simcert as sc
from simcert.certificates import claims, codec
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
