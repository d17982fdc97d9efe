"""Lifting symmetries of data to the parameters: what is found, and which node stops it."""

from __future__ import annotations

import pytest

import simcert as sc
from simcert.errors import SpecError, UndecidedError
from simcert.groups.generators import fixed_points
from simcert.groups.lifts import Lifts, lifts
from simcert.groups.transformations import parse_symmetry


def lift(model: str, symmetry: str, units: str = "auto") -> tuple[sc.Program, Lifts]:
    net = sc.load_model(model)
    (g,) = parse_symmetry(net, symmetry)
    return net, lifts(net, g, units)


@pytest.mark.parametrize(
    ("model", "symmetry", "units", "dimension", "said"),
    [
        ("mlp:2-4-1:relu", "flip; eps = -1", "auto", 6, "1: (0 1)(2 3)"),
        ("mlp:2-4-1:relu", "flip; eps = -1", "identity", 0, "identity"),
        ("mlp:2-5-1:relu", "flip; eps = -1", "pairs", 6, "1: (0 1)(2 3)"),  # the unit without a partner dies
        ("mlp:2-4-1:relu", "flip; eps = -1", "1: (0 2)(1 3)", 6, "1: (0 2)(1 3)"),
        ("mlp:2-4-1:tanh", "flip; eps = -1", "auto", 12, "1: all signs"),  # F is odd for every θ
        ("mlp:2-4-1:tanh:bias", "flip; eps = -1", "auto", 12, "1: all signs"),  # the biases vanish
        ("mlp:2-4-1:tanh", "flip", "auto", 6, "1: (0 1)(2 3)"),
        ("mlp:2-4-1:cos", "flip", "auto", 12, "1: all signs"),
        ("mlp:2-3-3-1:sin:bias", "flip; eps = -1", "auto", 18, "1: all signs, 2: all signs"),
        ("mlp:2-4-1:tanh", "flip; eps = -1", "1: (0 -1)(2 -2)", 6, "1: (0 -1)(2 -2)"),
        ("mlp:3-4-1:generic", "flip(2)", "auto", 12, "identity"),
        ("mlp:3-4-1:generic", "flip(2)", "pairs", 8, "1: (0 1)(2 3)"),
        ("mlp:2-3-2:relu", "swap(0,1); eps = swap(0,1)", "auto", 6, "identity"),
        ("linear:2-2-2", "rotate(0,1; 3,4,5); eps = rotate(0,1; 3,4,5)", "auto", 0, "identity"),
        ("residual:2-3-1:tanh", "flip; eps = -1", "auto", 27, "1: all signs, 2: all signs"),
        ("attention:2-2:tokens=2", "x.0 = swap(0,1); eps.0 = swap(0,1)", "auto", 16, "identity"),
    ],
)
def test_what_is_found(model: str, symmetry: str, units: str, dimension: int, said: str) -> None:
    net, found = lift(model, symmetry, units)
    assert (found.chosen.dimension, found.chosen.units) == (dimension, said)
    assert fixed_points(net, [found.chosen.generator]).dimension == dimension


def test_the_word_of_the_generator_goes_first_and_others_are_reported() -> None:
    _, found = lift("mlp:2-4-1:relu", "flip; eps = -1; units = identity", "pairs")
    assert found.chosen.units == "identity" and found.others == ()
    _, found = lift("mlp:2-4-1:relu", "flip; eps = -1")
    assert [(other.units, other.dimension) for other in found.others] == [("identity", 0)]


@pytest.mark.parametrize(
    ("model", "symmetry", "node"),
    [
        ("lora:2-3-1:tanh:rank=1", "flip; eps = -1", r"node 4 \(contract ij,j->i\)"),
        ("lora:2-3-1:tanh:rank=1", "swap(0,1)", r"node 1 \(constant\)"),
        ("conv1d:1-2-1:relu:kernel=2:length=3", "flip", r"node 1 \(gather\)"),
        ("conv1d:1-2-1:relu:kernel=2:length=3", "swap(0,2)", r"node 1 \(gather\)"),
        ("attention:2-1:tokens=2", "x.0 = swap(0,1)", "transformed in another way"),
        ("attention:2-1:tokens=2", "x.0 = rotate(0,1; 3,4,5); eps.0 = rotate(0,1; 3,4,5)", "signed permutations only"),
        ("attention:2-1:tokens=2", "x.0 = flip; eps.0 = 1", "change of sign"),
    ],
)
def test_the_node_that_stops_it_is_named(model: str, symmetry: str, node: str) -> None:
    with pytest.raises(UndecidedError, match=node) as caught:
        lift(model, symmetry)
    assert caught.value.EXIT_CODE == 4 and caught.value.remedy


@pytest.mark.parametrize(
    ("units", "fact"),
    [
        ("1: (0 9)", "distinct units"),
        ("3: (0 1)", "no further index space 3"),
        ("0: (0 1)", "no further index space 0"),
        ("1: (0 1), 1: (2 3)", "no further"),
        ("1: (0 -1)", "0 kinds of sign flips"),
        ("1: (-0 1)", "the first without sign"),
        ("1: (0 1)(1 2)", "distinct units"),
        ("1: (a)", "does not say"),
        ("every", "does not say"),
        ("1: ( )", "not a cycle"),
        ("1: (0 --1)", "not a cycle"),
    ],
)
def test_units_that_do_not_exist(units: str, fact: str) -> None:
    with pytest.raises(SpecError, match=fact):
        lift("mlp:2-4-1:relu", "flip; eps = -1", units)
