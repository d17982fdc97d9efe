"""The ops on arrays and the prime field, against Python integers and fractions."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import prod
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simcert.errors import SpecError
from simcert.exact.arrays import UndefinedValueError, run
from simcert.exact.primefield import PRIME, PrimeField, matmul_mod, polynomial_derivative
from simcert.exact.rationals import Rationals, to_fraction
from simcert.models.program import Activation, Node
from tests.exact import reference
from tests.exact.reference import P31, examples, leaves_of, programs, specs

POLYNOMIALS = {
    "cube": Activation(polynomial=(Fraction(0), Fraction(0), Fraction(0), Fraction(1))),
    "poly": Activation(polynomial=(Fraction(1, 2), Fraction(-3), Fraction(2, 5))),
    "constant": Activation(polynomial=(Fraction(7),)),
}


@pytest.mark.parametrize("p", [PRIME, P31])
@pytest.mark.parametrize(
    "shape",
    [(1, 1, 1), (3, 5, 2), (1, 40_000, 1), (1, 70_001, 2), (130, 128, 64), (64, 1, 1 << 14), (8, (1 << 17) + 3, 2), (2, (1 << 20) - 1, 1), (1, 1 << 20, 1)],
)
def test_matmul_mod_equals_python_integers(shape: tuple[int, int, int], p: int) -> None:
    """Small products, long sums (split in halves) and large products (in doubles), with entries that make every partial sum as large as it can be."""
    n, k, m = shape
    rng = np.random.default_rng(n * k + m)
    a, b = (rng.integers(0, p, size=s, dtype=np.int64) for s in ((n, k), (k, m)))
    for worst in (p - 1, p - 1 - (p - 1) % 65536 - 1):
        a[-1, :], b[:, -1] = worst, worst
        got = matmul_mod(a, b, p)
        assert got.dtype == np.int64
        assert int(got[-1, -1]) == k * worst * worst % p
        for i, j in {(0, 0), (n - 1, 0), (n // 2, m // 2), (0, m - 1)}:
            assert int(got[i, j]) == sum(x * y for x, y in zip(a[i].tolist(), b[:, j].tolist(), strict=True)) % p


@examples(60)
@given(st.data())
def test_matmul_mod_of_stacked_matrices(data: st.DataObject) -> None:
    """Stacks of matrices, also one matrix against a stack, entry by entry."""
    batch, n, k, m = (data.draw(st.integers(1, 4)) for _ in range(4))
    near = st.one_of(st.integers(0, PRIME - 1), st.integers(PRIME - 3, PRIME - 1), st.integers(0, 2))
    left, right = data.draw(st.sampled_from([((batch, n, k), (batch, k, m)), ((n, k), (batch, k, m)), ((batch, n, k), (k, m))]))
    a, b = (np.array([data.draw(near) for _ in range(prod(s))], dtype=np.int64).reshape(s) for s in (left, right))
    assert matmul_mod(a, b, PRIME).tolist() == (np.matmul(a.astype(object), b.astype(object)) % PRIME).tolist()


def einsum(spec: str, arrays: Sequence[Any], shape: tuple[int, ...]) -> Any:
    """numpy's einsum on Python integers; a letter that only the output has is a broadcast."""
    left, out = spec.split("->")
    kept = "".join(letter for letter in out if letter in left)
    value = np.asarray(np.einsum(f"{left}->{kept}", *arrays), dtype=object)
    return np.broadcast_to(value[tuple(slice(None) if letter in left else None for letter in out)], shape)


@examples(300)
@given(st.data())
def test_contract_equals_einsum(data: st.DataObject) -> None:
    """Any spec of one or two arguments with a batch of inputs on either, both or none."""
    shapes = [tuple(data.draw(st.lists(st.integers(1, 3), max_size=3))) for _ in range(data.draw(st.integers(1, 2)))]
    spec, shape = data.draw(specs(shapes))
    batches = [data.draw(st.sampled_from([1, 3])) for _ in shapes]
    entry = st.one_of(st.integers(0, PRIME - 1), st.integers(PRIME - 2, PRIME - 1))
    parts = [np.array([data.draw(entry) for _ in range(b * prod(s))], dtype=np.int64).reshape(b, *s) for b, s in zip(batches, shapes, strict=True)]
    got = PrimeField({}).contract(Node("contract", shape, tuple(range(len(parts))), spec=spec), parts)
    assert got.shape == (max(batches), *shape)
    for z in range(max(batches)):
        wanted = einsum(spec, [part[min(z, len(part) - 1)].astype(object) for part in parts], shape)
        assert got[z].tolist() == np.asarray(wanted % PRIME, dtype=object).tolist(), spec


@examples(100)
@given(st.data())
def test_gather_and_scatter_follow_their_indices(data: st.DataObject) -> None:
    source, target = (tuple(data.draw(st.lists(st.integers(1, 3), max_size=2))) for _ in range(2))
    batch = data.draw(st.integers(1, 2))
    x = np.array([data.draw(st.integers(0, PRIME - 1)) for _ in range(batch * prod(source))], dtype=np.int64).reshape(batch, *source)
    pulled = tuple(data.draw(st.integers(-1, prod(source) - 1)) for _ in range(prod(target)))
    pushed = tuple(data.draw(st.integers(-1, prod(target) - 1)) for _ in range(prod(source)))
    field = PrimeField({})
    up = field.gather(Node("gather", target, (0,), indices=pulled), x)
    down = field.scatter(Node("scatter", target, (0,), indices=pushed), x)
    for z in range(batch):
        flat = x[z].ravel().tolist()
        assert up[z].ravel().tolist() == [0 if k < 0 else flat[k] for k in pulled]
        assert down[z].ravel().tolist() == [sum(v for k, v in zip(pushed, flat, strict=True) if k == j) % PRIME for j in range(prod(target))]
    assert up.shape == down.shape == (batch, *target)


def check_run(program: Any, values: dict[str, list[Fraction]]) -> bool:
    """The three evaluators agree on every node; False where a reciprocal of 0 occurs."""
    rationals, field = Rationals(program.activations), PrimeField(program.activations)
    shapes = dict((*program.parameters, *program.inputs))
    try:
        exact = run(program.nodes, rationals, {n: rationals.array(v, shapes[n]) for n, v in values.items()})
    except UndefinedValueError:
        with pytest.raises(UndefinedValueError):
            run(program.nodes, field, {n: field.array(v, shapes[n]) for n, v in values.items()})
        with pytest.raises(ZeroDivisionError):
            reference.run(program.nodes, values, reference.fraction_apply(program.activations), Fraction)
        return False
    modular = run(program.nodes, field, {n: field.array(v, shapes[n]) for n, v in values.items()})
    slow = reference.run(program.nodes, values, reference.fraction_apply(program.activations), Fraction)
    for i, node in enumerate(program.nodes):
        fractions = [to_fraction(v) for v in exact[i].ravel()]
        assert fractions == slow[i], (i, node)
        assert exact[i].shape == modular[i].shape == (1, *node.shape)
        assert modular[i].ravel().tolist() == [reference.residue(q) for q in fractions], (i, node)
    return True


def test_programs_in_the_prime_field_are_the_rationals_reduced() -> None:
    """Rationals, residues and the slow evaluator agree on every node of random programs, and on which programs divide by 0."""
    defined = [0, 0]

    @examples(400)
    @given(st.data())
    def check(data: st.DataObject) -> None:
        program = data.draw(programs({**POLYNOMIALS, "reciprocal": Activation(named="reciprocal")}))
        defined[check_run(program, data.draw(leaves_of(program)))] += 1

    check()
    assert min(defined) >= 5, defined


def test_only_wanted_nodes_are_computed() -> None:
    """A node that is not needed is not evaluated: here it would divide by 0."""
    nodes = (Node("input", (1,), name="x"), Node("apply", (1,), (0,), activation="reciprocal"), Node("add", (1,), (0, 0)))
    field = PrimeField({"reciprocal": Activation(named="reciprocal")})
    zero = {"x": field.array([Fraction(0)], (1,))}
    assert run(nodes, field, zero, [2])[1:] == [None, np.zeros((1, 1), dtype=np.int64)]
    with pytest.raises(UndefinedValueError, match="reciprocal of 0"):
        run(nodes, field, zero)


@examples(40)
@given(st.lists(st.integers(1, PRIME - 1), min_size=1, max_size=5), st.integers(0, 4))
def test_inverse_and_reciprocal_derivatives(entries: list[int], order: int) -> None:
    """x·x⁻¹ = 1, and z^(k+1)·(1/z)^(k) = (−1)^k k!."""
    field = PrimeField({"r": Activation(named="reciprocal")})
    x = np.array([entries], dtype=np.int64)
    assert (x * field.inverse(x) % PRIME).tolist() == [[1] * len(entries)]
    got = field.apply(Node("apply", (len(entries),), (0,), activation="r", order=order), x)
    wanted = prod(range(1, order + 1)) * (-1) ** order % PRIME
    assert [int(v) * pow(z, order + 1, PRIME) % PRIME for v, z in zip(got[0], entries, strict=True)] == [wanted] * len(entries)


def test_numbers_that_do_not_reduce_are_refused() -> None:
    field = PrimeField({"tanh": Activation(named="tanh")})
    for bad in (Fraction(1, PRIME), Fraction(5, 3 * PRIME)):
        with pytest.raises(SpecError, match="divisible by"):
            field.number(bad)
        with pytest.raises(SpecError, match="divisible by"):
            field.array([Fraction(1), bad], (2,))
    assert field.number(Fraction(PRIME, 7)) == 0
    with pytest.raises(UndefinedValueError):
        field.inverse(np.array([[3, 0]]))
    assert field.apply(Node("apply", (1,), (0,), activation="tanh"), np.array([[1]])) is None


@examples(40)
@given(st.lists(st.integers(-5, 5), max_size=6), st.integers(0, 7), st.integers(-3, 3))
def test_polynomial_derivative(coefficients: list[int], order: int, at: int) -> None:
    fractions = [Fraction(c) for c in coefficients]
    wanted = sum((c * Fraction(at) ** k for k, c in enumerate(reference.derived(fractions, order))), Fraction(0))
    assert sum(c * at**k for k, c in enumerate(polynomial_derivative(fractions, order))) == wanted
