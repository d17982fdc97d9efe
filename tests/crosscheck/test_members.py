"""Members of classes have the facts of the class, and are not all alike."""

from __future__ import annotations

import numpy as np
import pytest

import simcert as sc
from simcert.crosscheck.arrays import double_precision
from simcert.crosscheck.members import Family, as_claimed, as_defined
from simcert.errors import CertificateFormatError
from simcert.models.activations import closure, lookup

pytest.importorskip("diffrax", reason="cross-checks need simcert[jax]")

Z = np.linspace(-1.5, 1.5, 7)


@pytest.mark.parametrize("facts", [[], ["odd"], ["even"], ["zero"], ["flat"], ["even", "zero"], ["flat", "zero"], ["flat", "odd"]])
@pytest.mark.parametrize("lean", [False, True])
def test_members_have_the_facts(facts: list[str], lean: bool) -> None:
    family = Family(closure(facts), lean=lean)
    members = family.draw(np.random.default_rng(1), 9, pure=True)
    values = []
    with double_precision():
        for coefficients in members:
            member = family.member(coefficients)
            up, down, slope = (np.asarray(member(z, k)) for z, k in ((Z, 0), (-Z, 0), (np.zeros(1), 1)))
            assert "odd" not in facts or np.allclose(up, -down)
            assert "even" not in facts or np.allclose(up, down)
            assert not {"zero", "odd"} & set(facts) or abs(up[3]) < 1e-14
            assert not {"flat", "even"} & set(facts) or abs(slope[0]) < 1e-14
            assert np.allclose(np.asarray(member(Z, 1)), (np.asarray(member(Z + 1e-6, 0)) - np.asarray(member(Z - 1e-6, 0))) / 2e-6, atol=1e-7)
            values.append(up)
    distinct = np.array(values)
    assert np.linalg.matrix_rank(distinct - distinct.mean(axis=0)) >= 3
    if not facts:
        assert not np.allclose(distinct[-1], -distinct[-1][::-1]) and abs(distinct[-1][3]) > 1e-3


def test_the_function_itself_comes_first() -> None:
    family = as_claimed(sc.load_model("mlp:2-2-1:sinh"), {"sinh": ["odd"]}).families["sinh"]
    with double_precision():
        first = family.member(family.draw(np.random.default_rng(0), 3, pure=True)[0])
        assert np.allclose(np.asarray(first(Z)), np.sinh(Z))
    assert family.draw(np.random.default_rng(0), 3, pure=False)[:, 0].any() == 0


def test_what_stands_in_the_place_of_activations() -> None:
    relu, tanh = sc.load_model("mlp:2-2-1:relu"), sc.load_model("mlp:2-2-1:odd")
    assert as_claimed(relu, {"relu": []}).fixed == {"relu": lookup("relu")}
    assert as_defined(tanh).families["odd"].facts == {"odd", "zero"}
    with pytest.raises(CertificateFormatError, match="unknown facts"):
        as_claimed(tanh, {"odd": ["bounded"]})
