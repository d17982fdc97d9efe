"""The network of a certificate as a formula that a person can compare with the one they had in mind."""

from __future__ import annotations

from typing import Any, cast

Json = dict[str, Any]

WIDEST = 140  # a longer expression gets a name of its own
LONGEST = 12  # a network of more expressions is not written out


def formula(model: Json) -> list[str]:
    """The network as expressions, the last of which is `F = …`; empty when it is too long to be read.

    `A·B` is the matrix product, `a∘b` the product entry by entry, `einsum(…)` any other contraction, `v7` the value of node 7.

    >>> nodes = [{"op": "parameter", "shape": [2, 3], "name": "W"}, {"op": "input", "shape": [3], "name": "x"}]
    >>> nodes.append({"op": "contract", "shape": [2], "args": [0, 1], "spec": "ij,j->i"})
    >>> formula({"nodes": [*nodes, {"op": "apply", "shape": [2], "args": [2], "activation": "tanh", "order": 0}], "outputs": [3]})
    ['F = tanh(W·x)']
    """
    nodes, outputs = cast(list[Json], model["nodes"]), cast(list[int], model["outputs"])
    uses = [0] * len(nodes)
    for node in nodes:
        for a in cast(list[int], node.get("args", [])):
            uses[a] += 1
    out: list[str] = []
    texts: list[tuple[str, str]] = []  # the expression of each node, and what kind it is: "sum", "product" or ""
    for number, node in enumerate(nodes):
        text, kind = _expression(node, [(texts[a], nodes[a]["shape"]) for a in cast(list[int], node.get("args", []))])
        if node["op"] not in ("parameter", "input") and number not in outputs and (uses[number] > 1 or len(text) > WIDEST):
            out.append(f"v{number} = {text}")
            text, kind = f"v{number}", ""
            if len(out) > LONGEST:
                return []
        texts.append((text, kind))
    results = ", ".join(texts[k][0] for k in outputs)
    return [*out, f"F = {results}" if len(outputs) == 1 else f"F = ({results})"]


Operand = tuple[tuple[str, str], list[int]]


def _expression(node: Json, args: list[Operand]) -> tuple[str, str]:
    op = str(node["op"])
    if op in ("parameter", "input"):
        return str(node["name"]), ""
    if op == "stack":
        return f"stack({', '.join(node['names'])})", ""
    if op == "constant":
        values = cast(list[str], node["values"])
        if not node["shape"]:
            return values[0], ""
        if len(set(values)) == 1 and len(values) > 1:
            return f"constant({values[0]})", ""
        return (f"[{', '.join(values)}]" if len(values) <= 6 and len(node["shape"]) == 1 else f"constant({'×'.join(map(str, node['shape']))})"), ""
    if op == "add":
        return " + ".join(text for (text, _), _ in args), "sum"
    if op == "apply":
        order = int(node["order"])
        return f"{node['activation']}{chr(39) * order if order < 4 else f'^({order})'}({args[0][0][0]})", ""
    if op == "contract":
        return _contraction(str(node["spec"]), args)
    return f"{op}({args[0][0][0]})", ""


def _contraction(spec: str, args: list[Operand]) -> tuple[str, str]:
    left, _, out = spec.partition("->")
    terms = left.split(",")
    general = f"einsum({spec}; {', '.join(text for (text, _), _ in args)})", ""
    if len(terms) == 1:
        return (_transposed(args[0]), "") if len(terms[0]) == 2 and out == terms[0][::-1] else general
    first, second = terms
    if first == second == out:
        return f"{_grouped(args[0])}∘{_grouped(args[1])}", "product"
    shared = [letter for letter in first if letter in second]
    if len(shared) != 1 or shared[0] in out or max(len(first), len(second)) > 2:
        return general
    rest1, rest2 = first.replace(shared[0], ""), second.replace(shared[0], "")
    if out == rest1 + rest2:
        return _product(args[0], first, args[1], second, shared[0]), "product"
    if out == rest2 + rest1:
        return _product(args[1], second, args[0], first, shared[0]), "product"
    return general


def _product(left: Operand, first: str, right: Operand, second: str, letter: str) -> str:
    one = _transposed(left) if len(first) == 2 and first[0] == letter else _grouped(left, also=len(first) == 1)
    two = _transposed(right) if len(second) == 2 and second[1] == letter else _grouped(right)
    return f"{one}·{two}"


def _grouped(operand: Operand, also: bool = False) -> str:
    (text, kind), _ = operand
    return f"({text})" if kind == "sum" or (kind == "product" and also) else text


def _transposed(operand: Operand) -> str:
    (text, kind), _ = operand
    return f"({text})ᵀ" if kind else f"{text}ᵀ"
