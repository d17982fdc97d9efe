"""Lattices against counts, against brute force over all subgroups, and against the definitions of meet, join and cover."""

from __future__ import annotations

import io
import itertools
import json
import math
import sys
import time
from collections import Counter
from fractions import Fraction
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner

import simcert as sc
from simcert.checker import check_text
from simcert.cli import main
from simcert.commands.common import bar
from simcert.errors import ResourceLimit, SpecError
from simcert.groups.lattice import Lattice
from simcert.groups.partitions import bell, dowling, expansions, surjections, twisted, whitney_b
from simcert.groups.subspaces import Subspace

SMALL: list[tuple[str, dict[str, Any]]] = [
    ("mlp:2-3-1:generic", {}), ("mlp:1-3-1:tanh", {}), ("mlp:1-2-1:cos:bias", {}), ("mlp:2-2-2-1:generic", {"mode": "full"}),
    ("mlp:1-2-2-1:tanh", {"mode": "full"}), ("mlp:1-2-2-2-1:tanh", {}), ("linear:2-2-2", {"signed_only": True}), ("attention:2-1-2", {}),
    ("mlp:2-3-1:silu", {"beyond": True}), ("mlp:1-2-2-1:generic", {"beyond": True}), ("mlp:1-2-1:flat", {"beyond": True}),
]  # fmt: skip


def get(model: str, settings: dict[str, Any]) -> Lattice:
    return sc.lattice(model, **settings)


@pytest.mark.parametrize("m", range(1, 6))
def test_counts_of_two_layer_networks(m: int) -> None:
    d = 2
    generic, odd, even = sc.lattice(f"mlp:{d}-{m}-1:generic"), sc.lattice(f"mlp:{d}-{m}-1:tanh"), sc.lattice(f"mlp:{d}-{min(m, 4)}-1:even")
    assert (len(generic.nodes), len(odd.nodes), len(even.nodes)) == (bell(m), dowling(m), twisted(min(m, 4), 1))
    assert Counter(node.dimension // (d + 1) for node in odd.nodes) == {k: whitney_b(m, k) for k in range(m + 1)}
    blocks = [node.widths[0] for node in generic.nodes]
    assert all(node.dimension == k * (d + 1) for node, k in zip(generic.nodes, blocks, strict=True))
    for r in range(1, m + 1):
        assert surjections(r, m) == math.factorial(r) * blocks.count(r)
        assert expansions(r, m) == sum(math.perm(k, r) for k in blocks)


def test_silu_has_a_zero_block_beyond_symmetry() -> None:
    for m in (1, 2, 3, 4):
        found = sc.lattice(f"mlp:2-{m}-1:silu", beyond=True)
        assert len(found.nodes) == bell(m + 1)
        assert sum(node.kind == "symmetry" for node in found.nodes) == bell(m)


@pytest.mark.parametrize("m", [1, 2, 3, 4, 5])
def test_moebius_numbers(m: int) -> None:
    generic, odd = sc.lattice(f"mlp:1-{m}-1:generic"), sc.lattice(f"mlp:1-{m}-1:tanh")
    assert generic.moebius[len(generic.nodes) - 1] == (-1) ** (m - 1) * math.factorial(m - 1)
    assert odd.moebius[len(odd.nodes) - 1] == (-1) ** m * math.prod(range(1, 2 * m, 2))
    assert generic.moebius[0] == 1 and (m == 1 or sum(generic.moebius) == 0)
    for node, rank, mu in zip(odd.nodes, odd.ranks, odd.moebius, strict=True):
        assert rank == m - node.widths[0] and mu * (-1) ** rank > 0


# brute force: maps of parameter space as matrices, all subgroups, fixed spaces by averaging


def layers(widths: list[int], signed: bool) -> list[list[tuple[tuple[int, ...], tuple[int, ...]]]]:
    signs = [(1, -1) if signed else (1,)] * len(widths)
    return [[(p, s) for p in itertools.permutations(range(n)) for s in itertools.product(choice, repeat=n)] for n, choice in zip(widths, signs, strict=True)]


def maps(widths: list[int], signed: bool, diagonal: bool) -> list[list[tuple[int, ...]]]:
    """Lists of group elements as signed permutations of the parameters of an mlp (entry p is ±(source + 1)); one list for each layer unless diagonal."""
    hidden = widths[1:-1]
    shapes = list(zip(widths[1:], widths[:-1], strict=True))
    starts = list(itertools.accumulate((a * b for a, b in shapes), initial=0))

    def element(parts: dict[int, tuple[tuple[int, ...], tuple[int, ...]]]) -> tuple[int, ...]:
        out: list[int] = []
        for layer, (rows, columns) in enumerate(shapes):
            for i, j in itertools.product(range(rows), range(columns)):
                p, s = parts.get(layer, (tuple(range(rows)), (1,) * rows))
                q, t = parts.get(layer - 1, (tuple(range(columns)), (1,) * columns))
                out.append(s[i] * t[j] * (starts[layer] + p[i] * columns + q[j] + 1))
        return tuple(out)

    choices = layers(hidden, signed)
    if diagonal:
        return [[element(dict(enumerate(choice))) for choice in itertools.product(*choices)]]
    return [[element({k: part}) for part in choice] for k, choice in enumerate(choices)]


def compose(g: tuple[int, ...], h: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(h[abs(a) - 1] * (1 if a > 0 else -1) for a in g)


def subgroups(elements: list[tuple[int, ...]]) -> set[frozenset[tuple[int, ...]]]:
    def generated(seed: frozenset[tuple[int, ...]]) -> frozenset[tuple[int, ...]]:
        found, fresh = set(seed), set(seed)
        while fresh:
            fresh = {compose(g, h) for g in fresh for h in seed} - found
            found |= fresh
        return frozenset(found)

    identity = tuple(range(1, len(elements[0]) + 1))
    known = {frozenset([identity])}
    fresh = set(known)
    while fresh:
        fresh = {generated(group | {g}) for group in fresh for g in elements if g not in group} - known
        known |= fresh
    return known


def fixed(groups: list[frozenset[tuple[int, ...]]]) -> list[tuple[Fraction, ...]]:
    """Equations gθ = θ."""
    size = len(next(iter(groups[0])))
    out = []
    for group in groups:
        for g in group:
            for p, a in enumerate(g):
                row = [Fraction(0)] * size
                row[abs(a) - 1] += 1 if a > 0 else -1
                row[p] -= 1
                out.append(tuple(row))
    return out


@pytest.mark.parametrize(
    ("model", "widths", "signed", "mode"),
    [
        ("mlp:1-3-1:generic", [1, 3, 1], False, "full"),
        ("mlp:1-2-1:tanh", [1, 2, 1], True, "full"),
        ("mlp:2-2-2-1:generic", [2, 2, 2, 1], False, "full"),
        ("mlp:1-2-2-1:generic", [1, 2, 2, 1], False, "product"),
        ("mlp:1-2-1-1:tanh", [1, 2, 1, 1], True, "full"),
        ("mlp:1-3-1:tanh", [1, 3, 1], True, "product"),
        ("mlp:1-2-2-1:tanh", [1, 2, 2, 1], True, "product"),
        ("mlp:1-3-2-1:generic", [1, 3, 2, 1], False, "full"),
        ("mlp:1-4-1:generic", [1, 4, 1], False, "full"),
    ],
)  # fmt: skip
def test_all_subgroups(model: str, widths: list[int], signed: bool, mode: str) -> None:
    """The nodes are the fixed spaces of all subgroups, or of all products of subgroups; enumerated without the producer's code."""
    found = sc.lattice(model, mode=mode)
    lists = [sorted(subgroups(elements), key=sorted) for elements in maps(widths, signed, mode == "full")]
    expected = set()
    for choice in itertools.product(*lists):
        equations = [({p: a for p, a in enumerate(row) if a}, 0) for row in fixed(list(choice))]
        expected.add(Subspace.from_equations(found.program, [e for e in equations if e[0]]).rows)
    assert {node.subspace.rows for node in found.nodes} == expected


@pytest.mark.parametrize(("model", "settings"), SMALL)
def test_edges_are_the_covering_relations(model: str, settings: dict[str, Any]) -> None:
    found = get(model, settings)
    n = len(found.nodes)
    inside = {(i, j) for i in range(n) for j in range(n) if i != j and found.nodes[j].subspace.includes(found.nodes[i].subspace)}
    assert not any((j, i) in inside for i, j in inside)
    assert set(found.edges) == {(i, j) for i, j in inside if not any((i, k) in inside and (k, j) in inside for k in range(n))}
    assert set(found.graph.edges) == set(found.edges) and found.graph.nodes[0]["dimension"] == found.program.size
    assert [node.number for node in found.nodes] == list(range(n)) and len({node.label for node in found.nodes}) == n
    assert found.certificate.kind == "lattice"
    assert f"{len(found.edges)} " in str(found.certificate)


@pytest.mark.parametrize(("model", "settings"), SMALL[:8])
def test_meet_and_join(model: str, settings: dict[str, Any]) -> None:
    found = get(model, settings)
    spaces = [node.subspace for node in found.nodes]
    for i, j in itertools.islice(itertools.combinations_with_replacement(range(len(spaces)), 2), 400):
        assert spaces[found.meet(i, j)] == spaces[i].intersection(spaces[j])
        above = [k for k, s in enumerate(spaces) if s.includes(spaces[i]) and s.includes(spaces[j])]
        assert found.join(i, j) == min(above, key=lambda k: spaces[k].dimension)


def test_inherited_structure_of_dead_layers() -> None:
    """Between two dead layers everything is dead: different products of groups fix the same subspace, which is listed once."""
    found = sc.lattice("mlp:1-2-2-2-1:tanh")
    assert len(found.nodes) < dowling(2) ** 3
    assert [node.label for node in found.nodes if node.label.startswith("{0: 1,2}") and node.label.endswith("{0: 1,2}")] == ["{0: 1,2} | {0: 1,2} | {0: 1,2}"]


def test_diagonal_subgroups_and_equitable_blocks() -> None:
    full, beyond = sc.lattice("mlp:2-2-2-1:generic", mode="full"), sc.lattice("mlp:2-2-2-1:generic", beyond=True)
    assert {node.subspace.rows for node in full.nodes} == {node.subspace.rows for node in beyond.nodes}
    assert [node.label for node in full.nodes if "fix" in node.label] == ["fix (1 2)|(1 2)"]
    assert [node.label for node in beyond.nodes if node.kind == "beyond"] == ["{12} ~ {12}"]
    magic = next(node for node in sc.lattice("mlp:2-3-3-1:generic", beyond=True).nodes if node.label == "{123} ~ {123}")
    assert (magic.dimension, magic.kind, magic.widths) == (8, "beyond", (1, 1))
    assert sc.prove("mlp:2-3-3-1:generic", magic.subspace).kind == "invariant"


def test_equitable_blocks_up_to_sign_and_with_dead_units() -> None:
    """Weights between dead units are frozen at any value; blocks are balanced up to the signs of their units."""
    found = {node.label: node for node in sc.lattice("mlp:1-2-2-1:tanh", beyond=True).nodes if node.kind == "beyond"}
    assert len(found) == 25 and all(sc.prove("mlp:1-2-2-1:tanh", node.subspace).kind == "invariant" for node in found.values())
    dead = found["{1}{0: 2} ~ {1}{0: 2}"]
    assert dead.dimension == 4 and dead.equations == ["W1[1,:] = 0", "W2[0,1] = 0", "W2[1,0] = 0", "W3[:,1] = 0"]  # W2[1,1] is free
    balanced = found["{12} ~ {1,-2}"]
    assert balanced.subspace == sc.subspace("mlp:1-2-2-1:tanh", "W1[0,0] = W1[1,0]; W2[0,0] = -W2[1,1]; W2[0,1] = -W2[1,0]; W3[0,0] = -W3[0,1]")
    silu = [node.label for node in sc.lattice("mlp:1-2-2-1:silu", beyond=True).nodes if "~" in node.label]
    assert "{1}{0: 2} ~ {1}{0: 2}" in silu and "{12} ~ {12}" in silu and not any("-" in label for label in silu)


CLASSES: list[tuple[str, dict[str, Any]]] = [
    ("mlp:1-4-1:generic", {}), ("mlp:1-4-1:tanh", {}), ("mlp:1-3-1:even", {}), ("mlp:1-2-3-1:tanh", {}), ("mlp:1-2-2-2-1:tanh", {}),
    ("mlp:1-2-2-1:generic", {"mode": "full"}), ("mlp:1-2-2-1:tanh", {"mode": "full"}), ("attention:2-1-2", {}),
]  # fmt: skip


@pytest.mark.parametrize(("model", "settings"), CLASSES)
def test_classes(model: str, settings: dict[str, Any]) -> None:
    """Classes against the orbits of the whole lattice under the mirrors, and their order against that of all members."""
    every, found = sc.lattice(model, **settings), sc.lattice(model, up_to="conjugacy", **settings)
    number = {v: i for i, v in enumerate(every.values)}
    from simcert.groups.mirrors import moved

    parent = list(range(len(every.nodes)))

    def root(i: int) -> int:
        while parent[i] != i:
            i = parent[i]
        return i

    for v, i in number.items():
        for m in every.mirrors:
            parent[root(i)] = root(number[moved(v, m.source, m.sign)])
    at = {root(number[v]): k for k, v in enumerate(found.values)}
    assert len(at) == len(found.nodes) == len({root(i) for i in range(len(parent))})
    assert Counter(at[root(i)] for i in range(len(parent))) == {node.number: node.size for node in found.nodes}
    below = {(at[root(i)], at[root(j)]) for i, j in every.edges}
    for _ in range(len(found.nodes)):
        below |= {(i, m) for i, k in below for j, m in below if k == j}
    assert set(found.edges) == {(i, j) for i, j in below if not any((i, k) in below and (k, j) in below for k in range(len(found.nodes)))}
    assert found.certificate.verify().status == "verified"
    assert found.certificate.data["meta"]["class_sizes"] == " ".join(str(node.size) for node in found.nodes)


def test_what_cannot_be_done_says_so_before_it_starts() -> None:
    with pytest.raises(ResourceLimit, match=r"about 1,832,224 nodes, which .* hours and a certificate of .* MB; the limit is 20,000.*--up-to conj"):
        sc.lattice("mlp:2-9-1:tanh")
    with pytest.raises(ResourceLimit, match="goes through all elements of the group, and here there are 518,400"):
        sc.lattice("mlp:1-6-6-1:generic", mode="full", limit=10**6)
    with pytest.raises(ResourceLimit, match="more than 10 nodes"):
        sc.lattice("mlp:1-3-1:silu", beyond=True, limit=10)
    with pytest.raises(ResourceLimit, match="28,629 classes of nodes"):
        sc.lattice("mlp:2-30-1:tanh", up_to="conjugacy")
    with pytest.raises(SpecError, match="every orthogonal matrix acts on index space"):
        sc.lattice("linear:2-3-2")
    with pytest.raises(SpecError, match="not of classes"):
        sc.lattice("mlp:1-2-1:tanh", up_to="conjugacy").meet(0, 1)
    with pytest.raises(SpecError, match="listed one by one"):
        sc.lattice("mlp:1-2-1:tanh", up_to="conjugacy", beyond=True)
    with pytest.raises(SpecError, match="not one of the 2 nodes"):
        sc.lattice("mlp:1-2-1:silu", beyond=True).join(0, 3)
    with pytest.raises(SpecError, match="no lattice of mode 'half'"):
        sc.lattice("mlp:1-2-1:tanh", mode="half")


def test_piecewise_even_units_keep_their_signs() -> None:
    """|z| has no slope at 0, so that w = 0 is not invariant: only exchanges are used."""
    assert [node.label for node in sc.lattice("mlp:1-2-1:abs").nodes] == ["{1}{2}", "{12}"]
    assert len(sc.lattice("mlp:1-2-1:square").nodes) == twisted(2, 1)


def run(*arguments: str) -> tuple[int, Any]:
    done = CliRunner().invoke(main, ["lattice", *arguments])
    return done.exit_code, json.loads(done.stdout) if "--json" in arguments else done.output


def test_command(tmp_path: Path) -> None:
    path = str(tmp_path / "l.json")
    code, answer = run("mlp:2-3-1:tanh", "--json", "--quiet", "--moebius", "-o", path)
    assert code == 0 and len(answer["nodes"]) == 24 and answer["certificate"] == path
    assert answer["nodes"][0] == {
        "id": 0, "dimension": 9, "label": "{1}{2}{3}", "equations": [], "kind": "symmetry", "widths": [3], "rank": 0, "moebius": 1,
    }  # fmt: skip
    assert sum(node["moebius"] for node in answer["nodes"]) == 0 and all(i > j for i, j in answer["edges"])
    assert check_text(Path(path).read_bytes()).status == "verified"
    code, text = run("mlp:1-2-1:silu", "--beyond", "-o", path)
    assert code == 0 and text.splitlines()[0] == "lattice      5 subspaces, 3 of them beyond symmetry; 6 covering relations" and "{1}{0: 2}*" in text
    code, answer = run("mlp:1-3-3-1:tanh", "--up-to", "conjugacy", "--json", "-q", "-o", path)
    assert sum(node["size"] for node in answer["nodes"]) == 24**2
    refused: list[tuple[tuple[str, ...], int]] = [
        (("linear:2-3-2",), 2),
        (("mlp:2-9-1:tanh",), 5),
        (("mlp:1-2-1:tanh", "--plot", "x.gif"), 2),
        (("mlp:1-2-1:tanh", "--up-to", "conjugacy", "--moebius"), 2),
        (("mlp:1-2-1:tanh", "--html", str(tmp_path / "no" / "x.html")), 2),
    ]
    for arguments, expected in refused:
        assert run(*arguments, "-o", path)[0] == expected
    assert run("linear:2-3-2", "--treat-orthogonal-as", "signed", "-o", path, "--json", "-q")[1]["nodes"][0]["dimension"] == 12


def test_large_lattices_are_checked_in_seconds() -> None:
    start = time.monotonic()
    sizes = [len(sc.lattice(model).certificate.claim["nodes"]) for model in ("mlp:2-5-1:tanh", "mlp:2-7-1:generic")]
    two = sc.lattice("mlp:2-4-4-1:tanh", up_to="conjugacy")
    assert sizes == [648, 877] and (len(two.nodes), sum(node.size for node in two.nodes)) == (144, 116**2)
    assert two.certificate.verify().status == "verified" and time.monotonic() - start < 60


@pytest.mark.parametrize(("terminal", "shown"), [(True, True), (False, False)])
def test_a_bar_for_people_who_wait(monkeypatch: pytest.MonkeyPatch, terminal: bool, shown: bool) -> None:
    class Screen(io.StringIO):
        def isatty(self) -> bool:
            return terminal

    screen, clock = Screen(), itertools.count(0, 0.4)
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("simcert.commands.common.time.monotonic", lambda: next(clock))
    with bar("listing") as step:
        for done in range(9):
            step(done, 9)
    assert ("listing" in screen.getvalue()) == shown


@pytest.mark.parametrize(("model", "settings"), [*SMALL, ("mlp:1-3-1:tanh", {"up_to": "conjugacy"})])
def test_certificates_follow_the_published_schema(model: str, settings: dict[str, Any]) -> None:
    schema = json.loads((resources.files("simcert.certificates") / "schema" / "v1.json").read_text())
    validator = jsonschema.Draft202012Validator(schema)
    data = get(model, settings).data()
    validator.validate(data)
    for part, key in [("claim", k) for k in data["claim"]] + [("proof", k) for k in data["proof"]]:
        broken = json.loads(json.dumps(data))
        del broken[part][key]
        assert not validator.is_valid(broken)
    for part in ("claim", "proof"):
        broken = json.loads(json.dumps(data))
        broken[part]["more"] = []
        assert not validator.is_valid(broken)


def test_same_seed_same_bytes() -> None:
    texts = {sc.lattice("mlp:2-3-1:relu", beyond=True, seed=4).certificate.text for _ in range(2)}
    assert len(texts) == 1
