"""The structures that predict laws, each at a size at which solving for all polynomials is hopeless; and the proofs by slices, by identities, and by both."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from simcert.certificates import codec
from simcert.checker import check_text
from simcert.laws.columns import columns
from simcert.laws.search import MAX_MONOMIALS, conservation_laws
from simcert.laws.structural import families
from simcert.models.builder import Builder
from simcert.models.program import Program
from simcert.models.spec import load_model
from tests.checker.proofs import changed, expect, verdict


def softmax_layer(inputs: int, hidden: int, outputs: int, activation: str) -> Program:
    b = Builder("softmax layer")
    x = b.input("x", inputs)
    h = b.apply(activation, b.parameter("W1", hidden, inputs) @ x)
    return b.program(b.softmax(b.parameter("W2", outputs, hidden) @ h))


LARGE: list[tuple[str, tuple[str, ...], int, int]] = [
    ("linear:16-16-16-16", ("W2^T W2 - W1 W1^T", "W3^T W3 - W2 W2^T"), 272, 496),
    ("mlp:14-12-12:relu", ("|W2[:,i]|^2 - |W1[i,:]|^2 for i = 0..11",), 12, 300),
    ("mlp:8-8-8-4:leaky_relu:bias", ("|W2[:,i]|^2 - b1[i]^2 - |W1[i,:]|^2 for i = 0..7", "|W3[:,i]|^2 - b2[i]^2 - |W2[i,:]|^2 for i = 0..7"), 16, 164),
    ("attention:8-4-2", ("K1 K1^T - Q1 Q1^T", "K2 K2^T - Q2 Q2^T", "V1 V1^T - O1 O1^T", "V2 V2^T - O2 O2^T"), 40, 216),
    ("attention:10-4", ("K K^T - Q Q^T", "V V^T - O O^T"), 20, 140),
    ("conv1d:2-10-8:relu:kernel=3:length=8", ("|C2[:,i,:]|^2 - |C1[i,:,:]|^2 for i = 0..9",), 10, 290),
    ("lora:12-12-6:tanh:rank=3", ("A1 A1^T - B1^T B1", "A2 A2^T - B2^T B2"), 12, 114),
]


@pytest.mark.parametrize(("model", "texts", "count", "dimension"), LARGE)
def test_structures_at_size(model: str, texts: tuple[str, ...], count: int, dimension: int) -> None:
    program = load_model(model)
    assert program.size * (program.size + 3) // 2 > MAX_MONOMIALS
    found = conservation_laws(program)
    assert found.texts == texts
    assert (found.count, found.orbit_dimension) == (count, dimension)
    assert check_text(codec.canonical(found.certificate)).status == "verified"


def test_softmax_columns_at_size() -> None:
    program = softmax_layer(10, 20, 5, "generic")
    found = conservation_laws(program)
    assert (found.texts, found.count, found.orbit_dimension) == (("1^T W2",), 20, 280)
    assert check_text(codec.canonical(found.certificate)).status == "verified"


def test_columns_are_those_of_softmax_layers() -> None:
    assert [text for text, _ in columns(softmax_layer(2, 3, 3, "tanh"))] == ["1^T W2"]
    assert columns(load_model("attention:2-2")) == []
    assert columns(load_model("mlp:2-3-1:exp:bias")) == []
    b = Builder("rows")
    logits = b.contract("ij,ki->kj", b.parameter("T", 3, 2), b.input("x", 2, 3)) + b.contract("j->kj", b.parameter("b", 2), sizes={"k": 2})
    assert [text for text, _ in columns(b.program(b.softmax(logits)))] == ["T 1", "1^T b"]


def test_two_kinds_of_laws_have_a_joint_proof() -> None:
    """A relu layer before a softmax layer: quadratic laws by scaling, linear ones by identity."""
    found = conservation_laws(softmax_layer(2, 3, 3, "relu"))
    assert found.texts == ("|W2[:,i]|^2 - |W1[i,:]|^2 for i = 0..2", "1^T W2")
    assert (found.count, found.orbit_dimension) == (6, 9)
    good = found.certificate
    parts = good["proof"]["law_proof"]["parts"]
    assert [(part["count"], part["proof"]["method"]) for part in parts] == [(3, "scaling"), (3, "identity")]
    expect(
        good,
        [
            ("proof/law_proof/parts", parts[:1], "malformed"),
            ("proof/law_proof/parts", parts[::-1], "invalid"),
            ("proof/law_proof/parts", [], "malformed"),
            ("proof/law_proof/parts/1/count", 2, "malformed"),
            ("proof/law_proof/parts/1/count", 4, "malformed"),
            ("proof/law_proof/parts/1/count", 0, "malformed"),
            ("proof/law_proof/parts/1/proof", good["proof"]["law_proof"], "malformed"),
            ("proof/law_proof/parts/1/proof/method", "oracle", "unsupported"),
            ("proof/law_proof", {"method": "identity"}, "verified"),
            ("claim/laws/5", [["1", [9]]], "invalid"),
        ],
    )


def heads() -> dict[str, Any]:
    return copy.deepcopy(conservation_laws(load_model("attention:2-2-2")).certificate)


def test_a_slice_is_part_of_the_generator() -> None:
    good = heads()
    first = good["proof"]["law_proof"]["generators"][0]
    axes = first["slice"]["axes"]
    expect(
        good,
        [
            ("proof/law_proof/generators/0/slice/index", 1, "invalid"),  # the law of the other head
            ("proof/law_proof/generators/0/slice/index", 2, "malformed"),
            ("proof/law_proof/generators/0/slice", ..., "invalid"),  # the sum over the heads
            ("proof/law_proof/generators/0/slice/axes", axes[:-1], "malformed"),
            ("proof/law_proof/generators/0/slice/axes", axes[::-1], "malformed"),
            ("proof/law_proof/generators/0/slice/axes/0/1", 1, "malformed"),  # the axis on which it acts, or another
            ("proof/law_proof/generators/0/slice/axes/0/1", 3, "malformed"),
            ("proof/law_proof/generators/0/slice/axes/0/0", 0 if axes[0][0] else 1, "malformed"),
        ],
    )


def test_slices_along_different_letters_are_refused() -> None:
    """F = Σ_{h,g,d} A[h,d] B[g,d] X[h,g]: d is contracted, but slice 0 of A along h meets every slice of B along g, so Σ A[0,d]² − B[0,d]² is not conserved."""
    b = Builder("two letters")
    a, c = b.parameter("A", 2, 3), b.parameter("B", 2, 3)
    program = b.program(b.contract("hg,hg->", b.contract("hd,gd->hg", a, c), b.input("x", 2, 2)))
    assert [f.text() for f in families(program)] == ["B^T B - A^T A"]
    good = conservation_laws(program).certificate
    generator = good["proof"]["law_proof"]["generators"][0]
    cut = {"axes": [[n, 0] for n, _ in generator["nodes"]], "index": 0}
    law = [[c, m] for c, m in good["claim"]["laws"][0] if m[0] % 6 < 3]
    bad = changed(changed(good, "proof/law_proof/generators/0/slice", cut), "claim/laws/0", law)
    assert verdict(bad).status == "invalid"
    assert "do not follow" in verdict(bad).message


def test_one_law_for_each_head_and_no_more() -> None:
    assert [f.text() for f in families(load_model("attention:3-1-2"))] == ["K1 K1^T - Q1 Q1^T", "K2 K2^T - Q2 Q2^T", "V1 V1^T - O1 O1^T", "V2 V2^T - O2 O2^T"]


def test_slices_of_one_tensor() -> None:
    """F[o] = Σ_{g,d} V[g,o,d] W[g,d,:]·x: no axis is a stack of parameters, and each of the two hidden axes cuts the other into slices."""
    b = Builder("groups")
    w, v, x = b.parameter("W", 2, 2, 3), b.parameter("V", 2, 2, 2), b.input("x", 3)
    program = b.program(b.contract("god,gd->o", v, b.contract("gdi,i->gd", w, x)))
    assert {f.text() for f in families(program)} == {
        "W[0,:,:] W[0,:,:]^T - V[0,:,:]^T V[0,:,:]",
        "W[1,:,:] W[1,:,:]^T - V[1,:,:]^T V[1,:,:]",
        "W[:,0,:] W[:,0,:]^T - V[:,:,0] V[:,:,0]^T",
        "W[:,1,:] W[:,1,:]^T - V[:,:,1] V[:,:,1]^T",
    }
    found = conservation_laws(program)
    assert (found.count, found.orbit_dimension) == (10, 10)  # W2^T W2 − W1 W1^T with hidden units (g, d)
    assert check_text(codec.canonical(found.certificate)).status == "verified"


def test_laws_of_single_units_are_listed_once() -> None:
    b = Builder("gates")
    w, v, x = b.parameter("W", 2, 3, 4), b.parameter("V", 2, 3, 5), b.input("x", 4)
    h = b.apply("relu", b.contract("gdi,i->gd", w, x))
    found = conservation_laws(b.program(b.contract("gdo,gd->o", v, h)))
    assert (len(found.laws), found.count, found.complete) == (6, 6, True)
