"""Lattices: valid certificates, and every way to claim one node, one edge or one symmetry too many or too few."""

from __future__ import annotations

import copy
import itertools
import random
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import simcert as sc
from simcert.checker import check_text
from simcert.checker.outcome import Budget, Limits
from simcert.checker.poset import contains, image, meet, relations_of, satisfies, values_of
from simcert.checker.subspace import Subspace, null_space, signed_fixed_space
from simcert.groups.labels import Labels
from simcert.groups.mirrors import group_of
from tests.checker.models import Program, check, echelon, mlp, print_text, size_of, space, swap, tied

MODEL = mlp([1, 2, 1], {"class": "odd"})  # W1 (2×1), W2 (1×2): parameters 0, 1, 2, 3
INNER = [[2, [0]], [3, [0]]]
LEAVES = [[1, [0, -1]], [4, [-1, 0]]]


def generator(action: Any) -> dict[str, Any]:
    return {"actions": [action], "nodes": LEAVES}


def flip(unit: int) -> dict[str, Any]:
    return {"permutation": [0, 1], "signs": [-1 if k == unit else 1 for k in range(2)]}


def dead(*units: int) -> Any:
    return space(MODEL, *({("W1", u, 0): 1} for u in units), *({("W2", 0, u): 1} for u in units))


WHOLE = space(MODEL)
NODES = [WHOLE, tied(MODEL), tied(MODEL, sign=-1), dead(0), dead(1), dead(0, 1)]
EDGES = [[k, 0] for k in (1, 2, 3, 4)] + [[5, k] for k in (1, 2, 3, 4)]
MIRRORS = [swap(2), swap(2, sign=-1), flip(0), flip(1)]


def claim(nodes: Any = None, edges: Any = None, mirrors: Any = None, facts: Any = None, beyond: Any = (), up_to: str = "equality") -> dict[str, Any]:
    return {
        "kind": "lattice", "activations": {"s": ["odd"] if facts is None else facts}, "nodes": NODES if nodes is None else nodes,
        "edges": EDGES if edges is None else edges, "generators": [generator(a) for a in (MIRRORS if mirrors is None else mirrors)], "beyond": list(beyond),
        "up_to": up_to,
    }  # fmt: skip


def proof(mirrors: int = 4, beyond: Any = ()) -> dict[str, Any]:
    return {"method": "closure", "nodes": [INNER] * mirrors, "beyond": list(beyond)}


def verdict(stated: dict[str, Any], given_proof: dict[str, Any]) -> tuple[str, str]:
    result = check(MODEL, stated, given_proof)
    return result.status, result.message


def test_a_lattice_written_by_hand() -> None:
    result = check(MODEL, claim(), proof())
    assert result.status == "verified"
    assert (
        "the 6 subspaces of the claim (1 of dimension 4, 4 of dimension 2, 1 of dimension 0) are exactly the intersections of fixed spaces" in result.statement
    )
    assert "the 8 pairs [i, j] are exactly the covering relations" in result.statement and "that there are no other invariant sets" in result.not_claimed


@pytest.mark.parametrize("order", list(itertools.permutations(range(6)))[::97])
def test_the_order_of_nodes_is_free(order: tuple[int, ...]) -> None:
    nodes = [NODES[k] for k in order]
    edges = sorted([order.index(i), order.index(j)] for i, j in EDGES)
    assert verdict(claim(nodes, edges), proof())[0] == "verified"


HALF = space(MODEL, {("W1", 0, 0): 1, ("W1", 1, 0): -2}, {("W2", 0, 0): 2, ("W2", 0, 1): -1})
ROWS = space(MODEL, {("W1", 0, 0): 1, ("W1", 1, 0): -1})
AFFINE = echelon(4, [({0: 1, 1: -1}, 1), ({2: 1, 3: -1}, 0)])


def without(k: int) -> tuple[list[Any], list[list[int]]]:
    """A node left out, with the covering relations of what is left."""
    keep = [i for i in range(6) if i != k]
    below = {(i, 0) for i in range(1, 6)} | {(5, i) for i in range(5)}
    left = {(i, j) for i, j in below if k not in (i, j)}
    covers = {(i, j) for i, j in left if not any((i, m) in left and (m, j) in left for m in keep)}
    return [NODES[i] for i in keep], sorted([keep.index(i), keep.index(j)] for i, j in covers)


@pytest.mark.parametrize("k", range(6))
def test_a_missing_node(k: int) -> None:
    status, message = verdict(claim(*without(k)), proof())
    assert status == "invalid" and "not listed" in message


@pytest.mark.parametrize("extra", [HALF, ROWS, AFFINE, space(MODEL, {("W1", 0, 0): 1})])
def test_an_extra_node(extra: Any) -> None:
    for at in range(7):
        nodes = [*NODES[:at], extra, *NODES[at:]]
        status, message = verdict(claim(nodes, []), proof())
        assert (status, message) == ("invalid", f"node {at} is not an intersection of fixed spaces")


def test_a_node_twice() -> None:
    assert verdict(claim([*NODES, NODES[2]]), proof()) == ("invalid", "node 6 is node 2 once more")


@pytest.mark.parametrize("pair", [[i, j] for i in range(6) for j in range(6)])
def test_an_edge_too_many_or_too_few(pair: list[int]) -> None:
    edges = [e for e in EDGES if e != pair] if pair in EDGES else sorted([*EDGES, pair])
    status, message = verdict(claim(edges=edges), proof())
    assert status == "invalid" and f"the edge {pair}" in message


def test_fewer_symmetries_make_another_lattice() -> None:
    for keep in itertools.combinations(range(4), 3):
        mirrors = [MIRRORS[k] for k in keep]
        status, _ = verdict(claim(mirrors=mirrors), proof(3))
        assert status == "invalid"  # a node is not an intersection any more
    assert verdict(claim([WHOLE, tied(MODEL)], [[1, 0]], [swap(2)], []), proof(1))[0] == "verified"
    assert verdict(claim([WHOLE], [], [], []), proof(0))[0] == "verified"
    assert verdict(claim([], [], [], []), proof(0)) == ("invalid", "the whole space, the intersection of no fixed spaces, is not listed")
    both = {"permutation": [0, 1], "signs": [-1, -1]}
    assert verdict(claim([WHOLE, dead(0, 1)], [[1, 0]], [both]), proof(1))[0] == "verified"


def test_false_symmetries() -> None:
    assert "do not follow" in verdict(claim(facts=[]), proof())[1]  # signs need an odd function
    assert "do not follow" in verdict(claim(facts=["zero"]), proof())[1]
    for node in range(2):
        nodes = copy.deepcopy(proof())
        del nodes["nodes"][1][node]
        assert verdict(claim(), nodes)[0] == "invalid"
    stated = claim()
    stated["generators"][0] = {"actions": [swap(2)], "nodes": LEAVES[:1]}
    assert verdict(stated, proof())[0] == "invalid"
    stated["generators"][0] = {"actions": [swap(2)], "nodes": []}
    assert verdict(stated, proof())[0] == "invalid"


def test_a_rotation_has_no_signed_fixed_space() -> None:
    p = Program()
    x, w, v = p.input("x", 1), p.parameter("W1", 2, 1), p.parameter("W2", 1, 2)
    model = p.done(p.contract("ij,j->i", v, p.contract("ij,j->i", w, x)))
    reflection = {"matrix": [["3/5", "4/5"], ["4/5", "-3/5"]]}
    nodes = [space(model), echelon(4, [({0: 1, 1: -2}, 0), ({2: 1, 3: -2}, 0)])]
    stated = {
        "kind": "lattice", "activations": {}, "nodes": nodes, "edges": [[1, 0]], "beyond": [], "up_to": "equality",
        "generators": [{"actions": [reflection], "nodes": [[1, [0, -1]], [2, [-1, 0]]]}],
    }  # fmt: skip
    result = check(model, stated, {"method": "closure", "nodes": [[[3, [0]]]], "beyond": []})
    assert (result.status, "its fixed space is not given by equations" in result.message) == ("invalid", True)


@pytest.mark.parametrize("slopes", [["-1", "1"], ["-2", "2"]])
def test_flips_of_piecewise_even_units(slopes: list[str]) -> None:
    """w = 0 is not invariant for |z| with a slope at 0, and no lattice may say so; with biases the argument may be nonzero, but not at the origin."""
    for bias in (False, True):
        model = mlp([1, 1, 1], {"piecewise": slopes}, bias)
        zero = space(model, {("W1", 0, 0): 1}, *([{("b1", 0): 1}] if bias else []))
        minus = {"permutation": [0], "signs": [-1]}
        leaves = [[n, [0, -1]] if model["nodes"][n]["name"] == "W1" else [n, [0]] for n in (1, 3)[: 1 + bias]]
        inner = [[2, [0]], [4, [0]]] if bias else [[2, [0]]]
        stated = {
            "kind": "lattice", "activations": {"s": "itself"}, "nodes": [space(model), zero], "edges": [[1, 0]], "beyond": [], "up_to": "equality",
            "generators": [{"actions": [minus], "nodes": leaves}],
        }  # fmt: skip
        result = check(model, stated, {"method": "closure", "nodes": [inner], "beyond": []})
        assert result.status == "invalid" and "changes the sign of an argument" in result.message


SILU = mlp([1, 2, 1], {"named": "silu"})


def silu(beyond: list[Any], proofs: list[Any], edges: list[list[int]], facts: Any = ("zero",)) -> tuple[str, str]:
    stated = claim([WHOLE, tied(SILU)], edges, [swap(2)], list(facts) if facts != "itself" else facts, beyond)
    result = check(SILU, stated, proof(1, proofs))
    return result.status, result.message


CONGRUENCE = {"method": "congruence"}
BEYOND = [dead(0), dead(1), dead(0, 1)]
PROOFS = [CONGRUENCE, CONGRUENCE, {"method": "intersection", "of": [2, 3]}]
LINKS = [[1, 0], [2, 0], [3, 0], [4, 1], [4, 2], [4, 3]]


def test_beyond_symmetry() -> None:
    assert silu(BEYOND, PROOFS, LINKS)[0] == "verified"
    assert silu(BEYOND, [*PROOFS[:2], {"method": "identity"}], LINKS)[0] == "verified"
    assert silu(BEYOND, [*PROOFS[:2], {"method": "intersection", "of": [1, 2]}], LINKS)[0] == "verified"
    assert silu([], [], [[1, 0]], [])[0] == "verified"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda: silu(BEYOND, PROOFS, LINKS, []), "equation"),  # without σ(0) = 0
        (lambda: silu(BEYOND, [*PROOFS[:2], {"method": "intersection", "of": [0, 2]}], LINKS), "is not the intersection"),
        (lambda: silu(BEYOND, [*PROOFS[:2], {"method": "intersection", "of": [2, 4]}], LINKS), "expected an integer from 0 to 3"),  # itself
        (lambda: silu([ROWS], [CONGRUENCE], [[1, 2], [2, 0]]), "equation"),
        (lambda: silu([AFFINE], [CONGRUENCE], [[1, 0], [2, 0]]), "equation"),
        (lambda: silu([tied(SILU)], [CONGRUENCE], [[1, 0]]), "listed twice"),
        (lambda: silu([WHOLE], [CONGRUENCE], [[1, 0]]), "listed twice"),
        (lambda: silu([dead(0), dead(0)], [CONGRUENCE] * 2, [[1, 0], [2, 0], [3, 0]]), "listed twice"),
        (lambda: silu(BEYOND, PROOFS[:2], LINKS), "expected a list of 3 items"),
        (lambda: silu(BEYOND, [*PROOFS[:2], "intersection"], LINKS), "expected a proof"),
        (lambda: silu(BEYOND, [*PROOFS[:2], {"method": "none"}], LINKS), "does not know the method 'none'"),
        (lambda: silu(BEYOND, PROOFS, LINKS[:-1]), "the edge [4, 3] is missing"),
        (lambda: silu(BEYOND, PROOFS, sorted([*LINKS, [4, 0]])), "the edge [4, 0] is not a covering"),
        (lambda: silu(BEYOND, PROOFS, sorted([*LINKS, [2, 1]])), "the edge [2, 1] is not a covering"),
    ],
)
def test_false_subspaces_beyond(change: Callable[[], tuple[str, str]], expected: str) -> None:
    status, message = change()
    assert status in ("invalid", "malformed", "unsupported") and expected in message


def test_intersections_of_affine_subspaces_and_of_relu_are_refused() -> None:
    relu = mlp([1, 2, 1], {"piecewise": ["0", "1"]})
    stated = claim([WHOLE, tied(relu)], LINKS, [swap(2)], "itself", BEYOND)
    assert check(relu, stated, proof(1, [CONGRUENCE] * 3)).status == "verified"
    assert "may be 0 on an intersection only" in check(relu, stated, proof(1, PROOFS)).message


@cache
def produced(model: str, **settings: Any) -> dict[str, Any]:
    return sc.lattice(model, **settings).data()


PRODUCED: list[tuple[str, dict[str, Any]]] = [
    ("mlp:1-3-1:tanh", {}), ("mlp:2-3-1:silu", {"beyond": True}), ("mlp:1-2-2-1:generic", {"mode": "full"}), ("mlp:1-2-2-1:generic", {"beyond": True}),
    ("mlp:1-3-1:tanh", {"up_to": "conjugacy"}), ("mlp:1-2-2-1:tanh", {"up_to": "conjugacy"}), ("mlp:1-2-2-1:generic", {"mode": "full", "up_to": "conjugacy"}),
]  # fmt: skip


def status_of(data: dict[str, Any]) -> str:
    return check_text(print_text(data)).status


def fix(subspace: Any, size: int) -> Subspace:
    rows = tuple(tuple((p, int(a)) for p, a in row["entries"]) for row in subspace["rows"])
    return Subspace(size, rows, (0,) * len(rows))


@pytest.mark.parametrize(("model", "given_settings"), PRODUCED)
def test_produced_lattices_and_nodes_left_out(model: str, given_settings: dict[str, Any]) -> None:
    data = produced(model, **given_settings)
    assert status_of(data) == "verified"
    size, key = size_of(data["model"]), data["claim"]["up_to"]
    count = len(data["claim"]["nodes"])
    for k in range(count):
        changed = copy.deepcopy(data)
        del changed["claim"]["nodes"][k]
        keep = [i for i in range(count + len(data["claim"]["beyond"])) if i != k]
        if key == "conjugacy":
            del changed["proof"]["images"][k]
            changed["proof"]["images"] = [[[i - (i > k), word] for i, word in images] for images in changed["proof"]["images"]]
            edges = [[i, j] for i, j in data["claim"]["edges"] if k not in (i, j)]
        else:
            spaces = [fix(s, size) for s in data["claim"]["nodes"] + data["claim"]["beyond"]]
            inside = {(i, j) for i in keep for j in keep if i != j and contains(spaces[j], spaces[i])}
            edges = [[i, j] for i, j in inside if not any((i, m) in inside and (m, j) in inside for m in keep)]
        changed["claim"]["edges"] = sorted([keep.index(i), keep.index(j)] for i, j in edges)
        assert status_of(changed) in ("invalid", "malformed")


@pytest.mark.parametrize(("model", "given_settings"), PRODUCED)
@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_every_changed_leaf_of_the_claim_is_noticed(model: str, given_settings: dict[str, Any], data: st.DataObject) -> None:
    """A lattice with one number changed, in a subspace, an edge or a symmetry, never verifies."""
    original = produced(model, **given_settings)
    changed = copy.deepcopy(original)
    leaves: list[tuple[Any, Any]] = []

    def walk(value: Any) -> None:
        for key, child in value.items() if isinstance(value, dict) else enumerate(value):
            if isinstance(child, dict | list):
                walk(child)
            elif isinstance(child, int):
                leaves.append((value, key))

    for part in ("nodes", "beyond", "edges", "generators"):
        walk(changed["claim"][part])
    holder, key = data.draw(st.sampled_from(leaves))
    holder[key] += data.draw(st.sampled_from([-2, -1, 1, 2]))
    assert status_of(changed) != "verified"


def test_a_class_listed_twice() -> None:
    """Another member of a class, with true words for its intersections: the two have the same colour."""
    found, whole = sc.lattice("mlp:1-3-1:tanh", up_to="conjugacy"), sc.lattice("mlp:1-3-1:tanh")
    labels = Labels(group_of(whole.program), whole.mirrors)
    for values, node in zip(whole.values, whole.nodes, strict=True):
        if values in found.values:
            continue
        changed = found.data()
        changed["claim"]["nodes"].append(node.subspace.to_json())
        steps = [labels.classify(meet(values, m.relations)) for m in whole.mirrors if not satisfies(values, m.relations)]
        changed["proof"]["images"].append([[found.values.index(v), word] for v, word in steps])
        result = check_text(print_text(changed))
        assert result.status == "invalid" and f"and {len(found.nodes)} could not be told apart" in result.message


def test_words_that_lead_elsewhere() -> None:
    found = sc.lattice("mlp:1-3-1:tanh", up_to="conjugacy")

    def reached(i: int, word: list[int]) -> Any:
        values = found.values[i]
        for r in reversed(word):
            values = image(values, found.mirrors[r].source, found.mirrors[r].sign)
        return values

    tried = 0
    for j, listed in enumerate(found.data()["proof"]["images"]):
        for k, (i, word) in enumerate(listed):
            for other in ([i, []], [(i + 1) % len(found.nodes), word], [i, [*word, 0]], [i, [1, *word]]):
                changed = copy.deepcopy(found.data())
                changed["proof"]["images"][j][k] = other
                same = reached(*other) == reached(i, word)
                tried += not same
                assert status_of(changed) == ("verified" if same else "invalid")
            changed = copy.deepcopy(found.data())
            changed["proof"]["images"][j][k] = [i, [*word, len(found.mirrors)]]
            assert status_of(changed) == "malformed"
    assert tried > 20


def test_generators_that_do_not_permute_the_mirrors() -> None:
    """Two exchanges that do not generate a group of reflections of the list: (1 2) carries the fixed space of (2 3) to that of (1 3), which is not there."""
    model = mlp([1, 3, 1], {"class": "generic"})
    leaves, inner = [[1, [0, -1]], [4, [-1, 0]]], [[2, [0]], [3, [0]]]
    all_tied = [{("W1", 0, 0): 1, ("W1", k, 0): -1} for k in (1, 2)] + [{("W2", 0, 0): 1, ("W2", 0, k): -1} for k in (1, 2)]
    nodes = [space(model), tied(model, 0, 1), tied(model, 1, 2), space(model, *all_tied)]
    stated = {
        "kind": "lattice", "activations": {"s": []}, "nodes": nodes, "edges": [[1, 0], [2, 0], [3, 1], [3, 2]], "beyond": [], "up_to": "equality",
        "generators": [{"actions": [swap(3, i, j)], "nodes": leaves} for i, j in ((0, 1), (1, 2))],
    }  # fmt: skip
    assert check(model, stated, {"method": "closure", "nodes": [inner] * 2, "beyond": []}).status == "verified"
    images = [[[1, []], [2, []]], [[3, []]], [[3, []]], []]
    result = check(model, {**stated, "up_to": "conjugacy"}, {"method": "orbits", "nodes": [inner] * 2, "images": images})
    assert (result.status, "does not carry the set of fixed spaces to itself" in result.message) == ("invalid", True)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda c, p: c.update(up_to="isomorphism"), "malformed"),
        (lambda c, p: c.update(edges=EDGES[::-1]), "malformed"),
        (lambda c, p: c.update(edges=[*EDGES, EDGES[-1]]), "malformed"),
        (lambda c, p: c.update(edges=[[0, 6]]), "malformed"),
        (lambda c, p: c.update(up_to="conjugacy", beyond=[ROWS]), "malformed"),
        (lambda c, p: c.update(up_to="conjugacy"), "unsupported"),
        (lambda c, p: p.update(method="orbits"), "unsupported"),
        (lambda c, p: p.update(nodes=[INNER] * 3), "malformed"),
        (lambda c, p: p.update(nodes=[[[1, [0, -1]], *INNER]] * 4), "malformed"),
        (lambda c, p: c.pop("beyond"), "malformed"),
        (lambda c, p: (p.clear(), p.update(method="none")), "incomplete"),
    ],
)
def test_malformed(change: Callable[[Any, Any], Any], expected: str) -> None:
    stated, given_proof = claim(), proof()
    change(stated, given_proof)
    assert verdict(stated, given_proof)[0] == expected


# value vectors against elimination

RELATIONS = st.lists(st.tuples(st.integers(0, 5), st.sampled_from([-1, 0, 1]), st.integers(0, 5)), max_size=6)


def rows_of(relations: list[tuple[int, int, int]]) -> list[dict[int, int]]:
    out = []
    for p, s, q in relations:
        row: dict[int, int] = {p: 1}
        row[q] = row.get(q, 0) - s
        out.append({k: a for k, a in row.items() if a})
    return out


@given(RELATIONS, RELATIONS)
def test_value_vectors(first: list[tuple[int, int, int]], second: list[tuple[int, int, int]]) -> None:
    budget, whole = Budget(Limits()), tuple(range(1, 7))
    spaces = [null_space(6, rows_of(r), budget) for r in (first, second, [*first, *second])]
    values = [meet(whole, r) for r in (first, second)]
    assert [values_of(s) for s in spaces[:2]] == values and values_of(spaces[2]) == meet(values[0], second) == meet(values[0], relations_of(values[1]))
    assert satisfies(values[0], second) == contains(spaces[1], spaces[0]) == (spaces[2] == spaces[0])
    rng = random.Random(len(first))
    permutation, signs = rng.sample(range(6), 6), [rng.choice((-1, 1)) for _ in range(6)]
    back = [permutation.index(p) for p in range(6)]
    moved = null_space(6, [{back[p]: a * signs[back[p]] for p, a in row.items()} for row in rows_of(first)], budget)
    assert values_of(moved) == image(values[0], permutation, signs)
    nonzero = [(p, s, q) for p, s, q in first if s]
    assert values_of(signed_fixed_space(6, nonzero)) == meet(whole, nonzero)
