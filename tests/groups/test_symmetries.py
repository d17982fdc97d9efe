"""Index spaces, generators and groups: checked on values, against brute force, and against sympy."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import pairwise
from math import factorial, prod
from typing import Any

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st
from sympy.combinatorics import Permutation, PermutationGroup

from simcert.errors import SpecError
from simcert.exact.arrays import ArraySystem, run
from simcert.exact.primefield import PRIME, PrimeField
from simcert.exact.rationals import Rationals, to_fraction
from simcert.fields.gradients import Fields
from simcert.groups.axes import index_spaces, kept_axes
from simcert.groups.generators import Action, Generator, Matrix, Monomial, combine, fixed_points, on_space, signed_permutation
from simcert.groups.subspaces import Subspace
from simcert.groups.symmetries import assumed, derive, exchange, fixed_space
from simcert.invariance.witness import member
from simcert.models.activations import facts
from simcert.models.builder import Builder
from simcert.models.equations import parse_subspace
from simcert.models.families import attention, conv1d, linear, lora, mlp, residual
from simcert.models.program import Activation, Node, Program
from simcert.models.spec import load_model
from tests.exact.reference import examples, residue

# shorthand -> (name, size, kind) of its free index spaces, and the order of the group that acts
SPACES: dict[str, tuple[list[tuple[str, int, str]], int | None]] = {
    "mlp:2-3-1:tanh": ([("W1[i,:]", 3, "signed")], 2**3 * factorial(3)),
    "mlp:2-3-4-1:tanh": ([("W1[i,:]", 3, "signed"), ("W2[i,:]", 4, "signed")], 2**7 * factorial(3) * factorial(4)),
    "mlp:2-2-2-2-1:sin:bias": ([("W1[i,:]", 2, "signed"), ("W2[i,:]", 2, "signed"), ("W3[i,:]", 2, "signed")], 8**3),
    "mlp:2-3-1:cos": ([("W1[i,:]", 3, "incoming-signed")], 2**3 * factorial(3)),
    "mlp:2-3-2-1:gaussian": ([("W1[i,:]", 3, "incoming-signed"), ("W2[i,:]", 2, "incoming-signed")], 2**5 * 12),
    "mlp:2-3-1:square": ([("W1[i,:]", 3, "incoming-signed")], 48),
    "mlp:2-3-1:cube": ([("W1[i,:]", 3, "signed")], 48),
    "mlp:2-3-1:odd": ([("W1[i,:]", 3, "signed")], 48),
    "mlp:2-3-1:even": ([("W1[i,:]", 3, "incoming-signed")], 48),
    "mlp:2-3-1:generic": ([("W1[i,:]", 3, "permutation")], 6),
    "mlp:2-3-1:sigmoid": ([("W1[i,:]", 3, "permutation")], 6),
    "mlp:2-3-1:relu:bias": ([("W1[i,:]", 3, "permutation")], 6),
    "mlp:2-3-1:silu": ([("W1[i,:]", 3, "permutation")], 6),
    "mlp:2-3-1:linear": ([("W1[i,:]", 3, "orthogonal")], None),
    "mlp:2-3-1:poly(1,1)": ([("W1[i,:]", 3, "permutation")], 6),
    "linear:2-1-3": ([("W1[i,:]", 1, "orthogonal")], 2),
    "linear:2-3-2-1": ([("W1[i,:]", 3, "orthogonal"), ("W2[i,:]", 2, "orthogonal")], None),
    "residual:2-3-1:tanh:hidden=2": ([("E[i,:]", 3, "orthogonal"), ("A1[i,:]", 2, "signed")], None),
    "residual:2-3-1:relu:blocks=2": ([("E[i,:]", 3, "orthogonal"), ("A1[i,:]", 3, "permutation"), ("A2[i,:]", 3, "permutation")], None),
    "conv1d:1-3-2:tanh:length=5": ([("C1[i,:,:]", 3, "signed")], 48),
    "conv1d:1-3-2-1:relu:length=7:bias": ([("C1[i,:,:]", 3, "permutation"), ("C2[i,:,:]", 2, "permutation")], 12),
    "attention:3-2": ([("Q[i,:]", 2, "orthogonal"), ("V[i,:]", 2, "orthogonal")], None),
    "attention:3-1": ([("Q[i,:]", 1, "orthogonal"), ("V[i,:]", 1, "orthogonal")], 4),
    "attention:2-1-3": ([("of Q1, Q2, Q3", 3, "signed"), ("Q1[i,:]", 1, "orthogonal"), ("V1[i,:]", 1, "orthogonal")], 6 * 2**6),
    "lora:3-4-2:tanh:rank=2": ([("A1[i,:]", 2, "orthogonal"), ("A2[i,:]", 2, "orthogonal")], None),
}


@pytest.mark.parametrize("shorthand", sorted(SPACES))
def test_index_spaces_of_the_families(shorthand: str) -> None:
    """Names, sizes and kinds; the order of the group (None: infinite), for tanh networks Sussmann's ∏ 2^h h!."""
    program = load_model(shorthand)
    wanted, order = SPACES[shorthand]
    assert [(s.name, s.size, s.kind) for s in index_spaces(program)] == wanted
    assert derive(program).order == order


def two_branches(first: Any, second: Any = None) -> Program:
    """Σ_i a_i σ(w_i x) c_i, with an array of constants c, or with another array in place of c."""
    b = Builder()
    x = b.input("x", 2)
    h = b.apply("tanh", b.parameter("W", 2, 2) @ x)
    factor = first(b, x)
    return b.program(b.parameter("a", 2) @ (h * factor if second is None else second(b, h, factor)))


def test_what_pins_an_index_space() -> None:
    """Constants that tell units apart, equal constants, an input, an output, an index map."""
    assert [s.kind for s in index_spaces(two_branches(lambda b, _: b.constant([2, 2])))] == ["signed"]
    assert index_spaces(two_branches(lambda b, _: b.constant([2, 3]))) == ()
    assert index_spaces(two_branches(lambda b, x: x)) == ()
    equal = two_branches(lambda b, _: b.constant([2, 2]), lambda b, h, c: h + c)
    assert [s.kind for s in index_spaces(equal)] == ["permutation"]
    zero = two_branches(lambda b, _: b.constant([0, 0]), lambda b, h, c: h + c)
    assert [s.kind for s in index_spaces(zero)] == ["signed"]
    b = Builder()
    h = b.apply("tanh", b.parameter("W", 3, 2) @ b.input("x", 2))
    assert index_spaces(b.program([h, b.parameter("a", 3) @ h])) == ()
    for chosen, free in (([2, 0, 1], 0), ([0, 1, 2], 1)):
        b = Builder()
        h = b.apply("tanh", b.parameter("W", 3, 2) @ b.input("x", 2))
        moved = b.gather(h, (3,), chosen)
        assert len(index_spaces(b.program(b.parameter("a", 3) @ moved))) == free


def test_what_keeps_a_linear_space_from_being_orthogonal() -> None:
    """A sum over the units, an entrywise product, an index map, a stack, a bias of equal constants: permutations remain, rotations do not."""

    def kinds(use: Any) -> list[str]:
        b = Builder()
        h = b.parameter("W", 2, 2) @ b.input("x", 2)
        return [s.kind for s in index_spaces(b.program(use(b, h)))]

    assert kinds(lambda b, h: b.parameter("a", 2) @ h) == ["orthogonal"]
    assert kinds(lambda b, h: h @ h) == ["orthogonal"]
    assert kinds(lambda b, h: h.sum()) == ["permutation"]
    assert kinds(lambda b, h: (h * h).sum()) == ["signed"]
    assert kinds(lambda b, h: b.parameter("a", 2) @ (h * h)) == ["incoming-signed"]
    assert kinds(lambda b, h: b.parameter("a", 2) @ b.gather(h, (2,), [0, 1])) == ["signed"]
    assert kinds(lambda b, h: b.parameter("a", 2) @ (h + b.constant([1, 1]))) == ["permutation"]
    assert kinds(lambda b, h: b.contract("e,ei->i", h, b.stack(["a", "c"], 1))) == ["signed"]


def test_the_slope_of_a_linear_function_is_a_constant() -> None:
    """σ = 2z passes rotations, its derivative does not: a vector of equal constants."""
    line, spaces = Activation(polynomial=(Fraction(0), Fraction(2))), []
    for order in range(2):
        nodes = (
            Node("parameter", (2, 1), name="W"),
            Node("input", (1,), name="x"),
            Node("contract", (2,), (0, 1), spec="ij,j->i"),
            Node("apply", (2,), (2,), activation="f", order=order),
            Node("parameter", (2,), name="a"),
            Node("contract", (), (4, 3), spec="i,i->"),
        )
        program = Program((("W", (2, 1)), ("a", (2,))), (("x", (1,)),), nodes, (5,), {"f": line})
        spaces.append([s.kind for s in index_spaces(program)])
        for g in derive(program).generators:
            check_equivariance(program, g, order)
    assert spaces == [["orthogonal"], ["incoming-signed"]]


def test_a_residual_to_an_input_pins_the_stream() -> None:
    b = Builder()
    x = b.input("x", 3)
    h = x + b.parameter("B", 3, 2) @ b.apply("tanh", b.parameter("A", 2, 3) @ x)
    assert [s.name for s in index_spaces(b.program(b.parameter("R", 1, 3) @ h))] == ["B[:,i]"]


WITHOUT_PARITY = ["relu", "leaky_relu", "sigmoid", "softplus", "silu", "gelu", "exp", "expm1", "generic", "generic0", "flat", "poly(0,1,1)"]


@pytest.mark.parametrize("activation", WITHOUT_PARITY)
def test_non_isometric_symmetries_are_never_claimed(activation: str) -> None:
    """No sign for functions without parity: the identities of sigmoid, softplus, silu and relu are shears, and rescaling is no isometry."""
    for program in (mlp(2, 3, 2, 1, activation=activation), mlp(2, 3, 1, activation=activation, bias=True), conv1d(1, 2, 1, activation=activation)):
        found = derive(program)
        assert all(not s.space.flips and s.space.kind == "permutation" for s in found.spaces)
        for g in found.generators:
            assert all(isinstance(a, Monomial) and set(a.signs) == {1} for a in g.actions)


def experts(activation: str, sign_free: bool = True) -> Program:
    """Σ_e v_e·σ(U_e x): whole parameters as units of one space."""
    b = Builder(f"experts {activation}")
    x = b.input("x", 2)
    h = b.apply(activation, b.contract("eij,j->ei", b.stack(["U1", "U2", "U3"], 2, 2), x))
    return b.program(b.contract("ei,ei->", b.stack(["v1", "v2", "v3"], 2), h))


def product_of_cosines() -> Program:
    """Σ_i a_i cos(w_i x) cos(u_i x): two independent ways to flip one unit."""
    b = Builder("cosines")
    x = b.input("x", 2)
    left, right = (b.apply("cos", b.parameter(name, 2, 2) @ x) for name in ("W", "U"))
    return b.program(b.parameter("a", 2) @ (left * right))


def two_outputs() -> Program:
    """Σ_i a_i |w_i x| and Σ_i |w_i x|."""
    b = Builder("two outputs")
    h = b.apply("abs", b.parameter("W", 2, 2) @ b.input("x", 2))
    return b.program([b.parameter("a", 2) @ h, h.sum()])


MODELS: dict[str, Program] = {
    **{name: load_model(name) for name in SPACES},
    "experts tanh": experts("tanh"),
    "experts sigmoid": experts("sigmoid"),
    "cosines": product_of_cosines(),
    "two outputs": two_outputs(),
    "sequence": residual(2, 3, 2, activation="cube", blocks=2, hidden=2, bias=True),
    "kernel": conv1d(2, 2, 2, 1, activation="odd", kernel=2, length=5, bias=True),
    "adapters": lora(2, 3, 1, activation="even", rank=3),
    "deep linear": linear(2, 2, 2, 1),
    "long attention": attention(2, 2, heads=2, tokens=2),
}


def moved(x: Any, actions: list[Action | None], p: int | None) -> Any:
    """(A_0⊗A_1⊗…) x, for an array with a leading batch axis of size 1, from the definition of an action."""
    numbers = [int(v) if p else v if isinstance(v, Fraction) else to_fraction(v) for v in x.ravel()]
    out: Any = np.array([*numbers, None], dtype=object)[:-1].reshape(x.shape[1:])
    for axis, action in enumerate(actions):
        if action is None:
            continue
        n = out.shape[axis]
        if isinstance(action, Monomial):
            rows = [[Fraction(action.signs[i] * (j == action.permutation[i])) for j in range(n)] for i in range(n)]
        else:
            rows = [list(row) for row in action.rows]
        matrix = np.array([[residue(v) if p else v for v in row] for row in rows], dtype=object)
        out = np.moveaxis(np.tensordot(matrix, out, axes=([1], [axis])), 0, axis)
        out = out % p if p else out
    return out[None]


def check_equivariance(program: Program, g: Generator, seed: int) -> None:
    """value(gθ, x) = A·value(θ, x) at every node, for a random function with just the facts that the claim would list; the outputs do not move."""
    rng = random.Random(seed)
    claim, definitions = assumed(program, [g]), {}
    for name, a in program.activations.items():
        if claim[name] != "itself":
            assert set(claim[name]) <= facts(a)
            a = a if a.named == "reciprocal" else Activation(polynomial=member(tuple(claim[name]), 4, rng))
        definitions[name] = a
    piecewise = any(a.piecewise is not None for a in definitions.values())
    system: ArraySystem = Rationals(definitions) if piecewise else PrimeField(definitions)
    p = None if piecewise else PRIME
    table = dict(g.nodes)

    def draw(shape: tuple[int, ...]) -> Any:
        return system.array([Fraction(rng.choice((-1, 1)) * rng.randint(1, 10**5)) for _ in range(prod(shape))], shape)

    theta = {name: draw(shape) for name, shape in program.parameters}
    x = {name: draw(shape) for name, shape in program.inputs}
    image = dict(theta)
    for i, node in enumerate(program.nodes):
        if node.op in ("parameter", "stack") and i in table:
            actions = [None if a < 0 else g.actions[a] for a in table[i]]
            start = theta[node.name] if node.op == "parameter" else np.stack([theta[name] for name in node.names], axis=1)
            value = moved(start, actions, p)
            value = system.array([Fraction(v) for v in value.ravel()], value.shape[1:])
            image |= {node.name: value} if node.op == "parameter" else {name: value[:, k] for k, name in enumerate(node.names)}
    before, after = run(program.nodes, system, {**theta, **x}), run(program.nodes, system, {**image, **x})
    for i, node in enumerate(program.nodes):
        actions = [None if a < 0 else g.actions[a] for a in table.get(i, (-1,) * len(node.shape))]
        wanted = moved(before[i], actions, p)
        assert [v if p else to_fraction(v) for v in after[i].ravel().tolist()] == wanted.ravel().tolist(), (i, node)
        assert i not in program.outputs or all(a is None for a in actions)
    for action in g.actions:
        if isinstance(action, Matrix):
            m = sympy.Matrix([[sympy.Rational(v.numerator, v.denominator) for v in row] for row in action.rows])
            assert m * m.T == sympy.eye(m.rows)
        else:
            assert sorted(action.permutation) == list(range(len(action.permutation)))
            assert set(action.signs) <= {1, -1}


@pytest.mark.parametrize("name", sorted(MODELS))
def test_generators_are_equivariant_node_by_node(name: str) -> None:
    program = MODELS[name]
    for k, g in enumerate(derive(program).generators):
        assert any(p.op in ("parameter", "stack") for p in (program.nodes[i] for i, _ in g.nodes))
        for seed in range(2):
            check_equivariance(program, g, 100 * k + seed)


@st.composite
def signed_generators(draw: st.DrawFn, program: Program) -> Generator:
    """A random product of signed permutations (with any of the flips) and rotations on all spaces."""
    parts = []
    for space in index_spaces(program):
        if space.kind == "orthogonal" and space.size > 1 and draw(st.booleans()):
            a, b = draw(st.sampled_from([(Fraction(3, 5), Fraction(4, 5)), (Fraction(-5, 13), Fraction(12, 13))]))
            i, j = draw(st.permutations(range(space.size)))[:2]
            rows = [[Fraction(k == m) for m in range(space.size)] for k in range(space.size)]
            rows[i][i], rows[i][j], rows[j][i], rows[j][j] = a, -b, b, a
            parts.append((space, Matrix(tuple(map(tuple, rows))), frozenset()))
            continue
        permutation = tuple(draw(st.permutations(range(space.size))))
        flip = draw(st.sampled_from(space.flips)) if space.flips else frozenset()
        signs = tuple(draw(st.sampled_from([1, -1])) if flip else 1 for _ in permutation)
        parts.append((space, Monomial(permutation, signs), flip))
    return combine(program, parts)


@examples(120)
@given(st.data())
def test_products_of_actions_are_equivariant(data: st.DataObject) -> None:
    """Any combination of permutations, flips and rotations on all spaces at once, on every model."""
    program = MODELS[data.draw(st.sampled_from(sorted(MODELS)))]
    check_equivariance(program, data.draw(signed_generators(program)), data.draw(st.integers(0, 10**6)))


def matrix_of(program: Program, g: Generator) -> sympy.Matrix:
    """g as an M × M matrix, column by column from the definition of its actions on the leaves."""
    fields, table, columns = Fields(program), dict(g.nodes), []
    leaves = [i for i, node in enumerate(program.nodes) if node.op in ("parameter", "stack")]
    for k in range(program.size):
        column = [Fraction(0)] * program.size
        for i in leaves:
            where = fields.leaf_indices(i)
            unit = np.array([Fraction(int(j == k)) for j in where.ravel()], dtype=object).reshape(1, *where.shape)
            actions = [None if a < 0 else g.actions[a] for a in table.get(i, (-1,) * where.ndim)]
            for j, v in zip(where.ravel().tolist(), moved(unit, actions, None).ravel(), strict=True):
                column[j] = v
        columns.append([sympy.Rational(v.numerator, v.denominator) for v in map(Fraction, column)])
    return sympy.Matrix(columns).T


def nullspace(program: Program, matrices: list[sympy.Matrix]) -> Subspace:
    """{θ : (g − 1)θ = 0}, by sympy's elimination."""
    stacked = sympy.Matrix.vstack(*[m - sympy.eye(program.size) for m in matrices])
    reduced, pivots = stacked.rref()
    rows = [{k: Fraction(int(v.p), int(v.q)) for k, v in enumerate(reduced.row(i)) if v} for i in range(len(pivots))]
    return Subspace.from_equations(program, [(row, Fraction(0)) for row in rows])


SMALL = ["mlp:2-3-1:tanh", "mlp:2-3-1:cos", "mlp:2-3-1:linear", "mlp:2-2-2-2-1:sin:bias", "attention:3-2", "experts tanh", "cosines", "deep linear", "kernel"]


def test_fixed_points_are_the_nullspace() -> None:
    """For random signed generators (union-find) and with matrices (elimination), one or two at a time; g is orthogonal on parameter space."""
    kinds = {True: 0, False: 0}

    @examples(60)
    @given(st.data())
    def check(data: st.DataObject) -> None:
        program = MODELS[data.draw(st.sampled_from(SMALL))]
        generators = [data.draw(signed_generators(program)) for _ in range(data.draw(st.integers(1, 2)))]
        matrices = [matrix_of(program, g) for g in generators]
        for g, m in zip(generators, matrices, strict=True):
            assert m * m.T == sympy.eye(program.size)
            monomial = signed_permutation(program, g)
            kinds[monomial is not None] += 1
            if monomial is not None:
                source, sign = (part.tolist() for part in monomial)
                assert all(m[q, source[q]] == sign[q] for q in range(program.size))
        assert fixed_points(program, generators) == nullspace(program, matrices)

    check()
    assert min(kinds.values()) >= 8, kinds


FINITE = sorted(name for name in MODELS if derive(MODELS[name]).order is not None)


@pytest.mark.parametrize("name", FINITE)
def test_the_order_is_that_of_the_generated_group(name: str) -> None:
    """The group generated by the listed generators, as permutations of ±1, …, ±M, has the stated order (sympy's Schreier–Sims)."""
    program = MODELS[name]
    found, elements = derive(program), []
    for g in found.generators:
        monomial = signed_permutation(program, g)
        assert monomial is not None
        source, sign = (part.tolist() for part in monomial)
        image = [source[q] + program.size * (sign[q] < 0) for q in range(program.size)]
        elements.append(Permutation(image + [(k + program.size) % (2 * program.size) for k in image]))
    assert PermutationGroup(elements).order() == found.order


def test_kept_axes_are_slices() -> None:
    """Cutting patches keeps channels; a transposition keeps both axes, crossed; a reshape that mixes keeps none."""
    patches = Node("gather", (2, 3, 2), (0,), indices=tuple(i * 4 + p + k for i in range(2) for p in range(3) for k in range(2)))
    assert kept_axes(patches, (2, 4)) == [(0, 0)]
    transposed = Node("gather", (3, 2), (0,), indices=tuple(i * 3 + j for j in range(3) for i in range(2)))
    assert sorted(kept_axes(transposed, (2, 3))) == [(0, 1), (1, 0)]
    assert kept_axes(Node("gather", (3, 2), (0,), indices=tuple(range(6))), (2, 3)) == []
    shifted = Node("scatter", (2, 5), (0,), indices=tuple(i * 5 + j + 2 if j < 3 else -1 for i in range(2) for j in range(4)))
    assert kept_axes(shifted, (2, 4)) == [(0, 0)]
    ragged = Node("gather", (2, 2), (0,), indices=(0, 1, 2, -1))
    assert kept_axes(ragged, (2, 2)) == []
    sheared = Node("gather", (2, 2), (0,), indices=(0, 1, 3, 2))
    assert kept_axes(sheared, (2, 2)) == []


@examples(60)
@given(st.data())
def test_kept_axes_commute_with_permutations(data: st.DataObject) -> None:
    """Along a kept pair of axes, permuting the units before or after a random index map is the same."""
    big = tuple(data.draw(st.lists(st.integers(1, 3), min_size=1, max_size=2)))
    small = tuple(data.draw(st.lists(st.integers(1, 3), min_size=1, max_size=2)))
    structured = data.draw(st.booleans()) and big[0] == small[0]
    size = prod(big)
    indices = [data.draw(st.integers(-1, size - 1)) for _ in range(prod(small))]
    if structured:
        rest, per = size // big[0], prod(small) // small[0]
        row = [data.draw(st.integers(-1, rest - 1)) for _ in range(per)]
        indices = [-1 if r < 0 else unit * rest + r for unit in range(small[0]) for r in row]
    field = PrimeField({})
    for op, source, target in (("gather", big, small), ("scatter", small, big)):
        node = Node(op, target, (0,), indices=tuple(indices))
        pairs = kept_axes(node, source)
        assert not structured or any(pair == (0, 0) for pair in pairs) or big[0] == 1
        x = np.arange(1, prod(source) + 1, dtype=np.int64).reshape(1, *source)
        move = field.gather if op == "gather" else field.scatter
        for before, after in pairs:
            order = data.draw(st.permutations(range(source[before])))
            assert np.array_equal(move(node, np.take(x, order, axis=before + 1)), np.take(move(node, x), order, axis=after + 1))


def test_exchanges_and_their_fixed_spaces() -> None:
    """The named exchange is one signed permutation; its fixed space is what the statement says; several pairs of one space move together."""
    program = mlp(2, 4, 3, 1, activation="tanh")
    for statement, moves in (
        ("swap(1: 0,1)", [(1, (0, 1), 1)]),
        ("swap(1: 0,-2)", [(1, (0, 2), -1)]),
        ("swap(1: 0,1 | 2,3)", [(1, (0, 1), 1), (1, (2, 3), 1)]),
        ("swap(1: 0,1 | 2,-3) * swap(2: 1,-2)", [(1, (0, 1), 1), (1, (2, 3), -1), (2, (1, 2), -1)]),
    ):
        g = exchange(program, moves)
        m = matrix_of(program, g)
        assert m * m == sympy.eye(program.size)
        space = parse_subspace(program, statement)
        assert fixed_points(program, [g]) == space == nullspace(program, [m])
        check_equivariance(program, g, 1)
        certificate = fixed_space(program, statement)
        assert certificate["claim"]["kind"] == "fixed-space"
        assert certificate["claim"]["subspace"] == space.to_json()
        assert certificate["claim"]["generators"] == [{"actions": [a.to_json() for a in g.actions], "nodes": g.part(program, leaves=True)}]
    both = fixed_space(program, "swap(1: 0,1); swap(2: 0,1)")
    assert both["claim"]["subspace"] == parse_subspace(program, "swap(1: 0,1); swap(2: 0,1)").to_json()
    assert len(both["claim"]["generators"]) == 2


@pytest.mark.parametrize(
    ("moves", "message"),
    [
        ([(1, (0, 1), -1)], "cannot change sign"),
        ([(2, (0, 1), 1)], "no units 0 and 1"),
        ([(0, (0, 1), 1)], "no units 0 and 1"),
        ([(1, (0, 3), 1)], "no units 0 and 3"),
        ([(1, (-1, 1), 1)], "no units -1 and 1"),
        ([(1, (0, 1), 1), (1, (1, 2), 1)], "overlap"),
        ([(1, (1, 1), 1)], "overlap"),
    ],
)
def test_exchanges_that_are_no_symmetries_are_refused(moves: Any, message: str) -> None:
    with pytest.raises(SpecError, match=message):
        exchange(mlp(2, 3, 1, activation="sigmoid"), moves)


def test_fixed_space_refuses_what_names_no_generator() -> None:
    for statement, message in (("tie(1: 0,1)", "only swaps"), ("swap(1: 0,1); W1 = 0", "only swaps"), ("swap(1: 0,-1)", "cannot change sign")):
        with pytest.raises(SpecError, match=message):
            fixed_space(mlp(2, 3, 1, activation="sigmoid"), statement)


def test_a_model_without_symmetry_has_no_certificate() -> None:
    found = derive(two_branches(lambda b, x: x))
    assert (found.spaces, found.generators, found.order) == ((), [], 1)
    with pytest.raises(SpecError, match="no symmetry was found"):
        found.certificate()


@examples(40)
@given(st.integers(1, 6).flatmap(lambda n: st.tuples(st.permutations(range(n)), st.lists(st.sampled_from([1, -1]), min_size=n, max_size=n))))
def test_words_are_the_signed_cycles(drawn: tuple[list[int], list[int]]) -> None:
    """Read back, the cycles give the action: each unit is ± the next one, and a cycle that closes with a minus says so."""
    permutation, signs = drawn
    action = Monomial(tuple(permutation), tuple(signs))
    words = action.words()
    assert (words == "identity") == action.is_identity
    image = {k: (k, 1) for k in range(len(permutation))}
    for cycle in words.replace("identity", "").strip("()").split(")("):
        entries = [(int(e.lstrip("-")), -1 if e.startswith("-") else 1) for e in cycle.split()]
        if entries and (len(entries) == 1 or entries[0][0] != entries[-1][0]):
            entries.append(entries[0])
        for (i, s), (j, t) in pairwise(entries):
            image[i] = (j, s * t)
    assert image == {k: (permutation[k], signs[k]) for k in range(len(permutation))}


def test_identity_actions_are_left_out() -> None:
    program = mlp(2, 3, 1, activation="tanh")
    (space,) = index_spaces(program)
    g = on_space(program, space, Monomial((0, 1, 2), (1, -1, 1)), space.flips[0])
    assert [set(a.signs) for a in g.actions] == [{1, -1}]
    nothing = on_space(program, space, Monomial((0, 1, 2), (1, 1, 1)), space.flips[0])
    assert nothing.actions == ()
    assert fixed_points(program, [nothing]).rows == ()
