"""The families of networks that have a shorthand, each written with the `Builder`.

Parameters are named as in the docstrings; matrices are out × in, hidden layers count from 1, units from 0. Every function returns a
`Program` whose `title` is its shorthand (`simcert.models.spec`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from simcert.errors import ResourceLimit, SpecError
from simcert.models.builder import MAX_LISTED, Builder, Expr, as_activation
from simcert.models.program import Activation, Program

MAX_LAYERS = 1 << 12


def _positive(value: Any, what: str, place: str) -> int:
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise SpecError(f"{what} must be an integer, got {value!r}", place)
    if int(value) < 1:
        raise SpecError(f"{what} must be at least 1, got {int(value)}", place)
    return int(value)


def _widths(widths: Sequence[Any], place: str, least: int = 2, most: int = MAX_LAYERS) -> tuple[int, ...]:
    if len(widths) < least:
        raise SpecError(f"{place} needs at least {least} widths, got {len(widths)}", place, f"write {place}({', '.join(map(str, range(least, 0, -1)))}, …)")
    if len(widths) > most:
        if most == MAX_LAYERS:
            raise ResourceLimit(f"{len(widths)} layers", place, f"the limit is {MAX_LAYERS}")
        raise SpecError(f"{place} has {most} widths, got {len(widths)}", place)
    return tuple(_positive(n, "a width", place) for n in widths)


def _word(activation: str | Activation, place: str) -> str:
    word, definition = as_activation(activation, place)
    return word if word != "poly" or definition.polynomial is None else f"poly({','.join(map(str, definition.polynomial))})"


def _title(family: str, widths: Sequence[int], *options: str) -> str:
    return ":".join([family, "-".join(map(str, widths)), *(o for o in options if o)])


def mlp(*widths: int, activation: str | Activation = "tanh", bias: bool = False) -> Program:
    """A fully connected network, h_l = σ(W_l h_{l−1} + b_l), with σ after every layer but the last.

    Arguments: `widths` n_0, …, n_L; `activation`, a word, `"poly(0,1,1/3)"` or an `Activation`; `bias` on every layer.

    Returns: a program with parameters W1 … WL (W_l of shape n_l × n_{l−1}), each followed by b_l (n_l) with `bias`; input x (n_0).

    >>> mlp(2, 3, 1, activation="tanh").parameters
    (('W1', (3, 2)), ('W2', (1, 3)))
    """
    sizes = _widths(widths, "mlp")
    b = Builder(_title("mlp", sizes, _word(activation, "mlp"), "bias" if bias else ""))
    h = b.input("x", sizes[0])
    for layer, (n, m) in enumerate(pairwise(sizes), 1):
        h = b.parameter(f"W{layer}", m, n) @ h
        if bias:
            h = h + b.parameter(f"b{layer}", m)
        if layer < len(sizes) - 1:
            h = b.apply(activation, h)
    return b.program(h, family="mlp")


def linear(*widths: int) -> Program:
    """A deep linear network W_L ⋯ W_1 x; parameters W1 … WL (W_l of shape n_l × n_{l−1}), input x (n_0).

    Source of its conservation laws: Marcotte, Gribonval, Peyré, "Abide by the law and follow the flow", arXiv 2307.00144.

    >>> linear(3, 2, 3).size
    12
    """
    sizes = _widths(widths, "linear")
    b = Builder(_title("linear", sizes))
    h = b.input("x", sizes[0])
    for layer, (n, m) in enumerate(pairwise(sizes), 1):
        h = b.parameter(f"W{layer}", m, n) @ h
    return b.program(h, family="linear")


def residual(*widths: int, activation: str | Activation = "tanh", blocks: int = 1, hidden: int | None = None, bias: bool = False) -> Program:
    """A residual network: h = E x, then `blocks` times h ← h + B_l σ(A_l h), then F = R h.

    With `bias`: h = E x + e, h ← h + B_l σ(A_l h + a_l) + b_l, F = R h + r.

    Arguments: `widths` = input, stream, output; `hidden` width of the blocks, by default that of the stream.

    Returns: a program with parameters E (stream × input), A_l (hidden × stream), B_l (stream × hidden), R (output × stream), each matrix followed
    by its bias; input x. The stream is one index space, the hidden units of each block another.

    Source: Marcotte, Gribonval, Peyré, "Transformative or conservative?", arXiv 2506.06194, for its conservation laws.

    >>> [name for name, _ in residual(2, 4, 1, blocks=2).parameters]
    ['E', 'A1', 'B1', 'A2', 'B2', 'R']
    """
    n, stream, m = _widths(widths, "residual", 3, 3)
    count = _depth(blocks, "blocks", "residual")
    inner = stream if hidden is None else _positive(hidden, "hidden", "residual")
    options = [f"blocks={count}", f"hidden={inner}" if inner != stream else "", "bias" if bias else ""]
    b = Builder(_title("residual", (n, stream, m), _word(activation, "residual"), *options))

    def affine(name: str, out: int, source: Expr) -> Expr:
        image = b.parameter(name, out, source.shape[0]) @ source
        return image + b.parameter(name.lower(), out) if bias else image

    h = affine("E", stream, b.input("x", n))
    for k in range(1, count + 1):
        h = h + affine(f"B{k}", stream, b.apply(activation, affine(f"A{k}", inner, h)))
    return b.program(affine("R", m, h), family="residual")


def _depth(value: Any, what: str, place: str) -> int:
    count = _positive(value, what, place)
    if count > MAX_LAYERS:
        raise ResourceLimit(f"{what} = {count}", place, f"the limit is {MAX_LAYERS}")
    return count


def conv1d(*channels: int, activation: str | Activation = "relu", kernel: int = 3, length: int = 8, bias: bool = False) -> Program:
    """A one-dimensional convolutional network, stride 1 and no padding, whose output is the sum over the positions of the last layer.

    h_l[o, p] = σ(Σ_{i,k} C_l[o, i, k] h_{l−1}[i, p + k] + b_l[o]), without σ in the last layer; F[o] = Σ_p h_L[o, p].

    Arguments: `channels` c_0, …, c_L; `kernel` size K; `length` of the input; each layer shortens it by K − 1.

    Returns: a program with parameters C1 … CL (C_l of shape c_l × c_{l−1} × K), each followed by b_l (c_l) with `bias`; input x (c_0 × length).
    The hidden channels of each layer are an index space.

    >>> conv1d(1, 3, 2, kernel=3, length=8).parameters
    (('C1', (3, 1, 3)), ('C2', (2, 3, 3)))
    """
    sizes = _widths(channels, "conv1d")
    k, positions = _positive(kernel, "kernel", "conv1d"), _positive(length, "length", "conv1d")
    if positions - (len(sizes) - 1) * (k - 1) < 1:
        raise SpecError(f"{len(sizes) - 1} layers of kernel {k} do not fit a length of {positions}", "conv1d", f"use length={(len(sizes) - 1) * (k - 1) + 1}")
    if max(sizes) * positions * k > MAX_LISTED:
        raise ResourceLimit(f"{max(sizes)} channels × {positions} positions × kernel {k}", "conv1d", f"the limit is {MAX_LISTED}")
    b = Builder(_title("conv1d", sizes, _word(activation, "conv1d"), f"kernel={k}", f"length={positions}", "bias" if bias else ""))
    h = b.input("x", sizes[0], positions)
    for layer, (n, m) in enumerate(pairwise(sizes), 1):
        after = positions - k + 1
        patches = b.gather(h, (n, after, k), [i * positions + p + j for i in range(n) for p in range(after) for j in range(k)])
        h, positions = b.contract("oik,ipk->op", b.parameter(f"C{layer}", m, n, k), patches), after
        if bias:
            h = b.add(h, b.contract("o->op", b.parameter(f"b{layer}", m), sizes={"p": positions}))
        if layer < len(sizes) - 1:
            h = b.apply(activation, h)
    return b.program(h.sum(1), family="conv1d")


def attention(dim: int, head: int, heads: int = 1, tokens: int = 3) -> Program:
    """One attention layer, F(X) = Σ_h softmax(X Q_hᵀ K_h Xᵀ) X V_hᵀ O_h, softmax over the last axis, no scaling.

    Arguments: `dim` of a token, `head` dimension, number of `heads`, number of `tokens`.

    Returns: a program with input x (tokens × dim), output tokens × dim, and parameters Q, K, V, O of shape head × dim; with several heads Q1, K1,
    V1, O1, Q2, …, stacked so that the heads are an index space.

    Source: Marcotte, Gribonval, Peyré, "Transformative or conservative?", arXiv 2506.06194.

    >>> [name for name, _ in attention(3, 2, heads=2).parameters]
    ['Q1', 'K1', 'V1', 'O1', 'Q2', 'K2', 'V2', 'O2']
    """
    n, d, t = _positive(dim, "dim", "attention"), _positive(head, "head", "attention"), _positive(tokens, "tokens", "attention")
    count = _depth(heads, "heads", "attention")
    b = Builder(_title("attention", (n, d, count) if count > 1 else (n, d), f"tokens={t}"))
    x = b.input("x", t, n)
    if count == 1:
        names = list("QKVO")
        q, k, v, o = (b.parameter(name, d, n) for name in names)
        queries, keys, values = (b.contract("ti,di->td", x, matrix) for matrix in (q, k, v))
        weights = b.softmax(b.contract("td,sd->ts", queries, keys))
        return b.program(weights @ values @ o, family="attention")
    names = [f"{letter}{h}" for h in range(1, count + 1) for letter in "QKVO"]
    q, k, v, o = (b.stack(names[j::4], d, n) for j in range(4))
    queries, keys, values = (b.contract("ti,hdi->htd", x, stack) for stack in (q, k, v))
    weights = b.softmax(b.contract("htd,hsd->hts", queries, keys))
    mixed = b.contract("hts,hsd->htd", weights, values)
    return b.program(b.contract("htd,hdi->ti", mixed, o), parameters=names, family="attention")


def lora(*widths: int, activation: str | Activation = "tanh", rank: int = 1, base: Sequence[Any] | None = None) -> Program:
    """A fully connected network with frozen weights W_l and trainable low-rank updates, h_l = σ(W_l h_{l−1} + B_l (A_l h_{l−1})).

    Arguments: `widths` n_0, …, n_L; `rank` r; `base`, the frozen W_1, …, W_L as nested lists of exact numbers (n_l × n_{l−1}). Without it the entries of
    every W_l, row-major, are 2, −3, 5, −7, 11, …: the primes in order with alternating signs, so that no symmetry comes from the frozen weights.

    Returns: a program with parameters A1, B1, A2, … (A_l of shape r × n_{l−1}, B_l of shape n_l × r); input x (n_0). The r components of each layer
    are an index space.

    Source: Hu et al., "LoRA: low-rank adaptation of large language models", arXiv 2106.09685.

    >>> lora(4, 6, 2, rank=1).parameters
    (('A1', (1, 4)), ('B1', (6, 1)), ('A2', (1, 6)), ('B2', (2, 1)))
    """
    sizes = _widths(widths, "lora")
    r = _positive(rank, "rank", "lora")
    largest = max(n * m for n, m in pairwise(sizes))
    if largest > MAX_LISTED:
        raise ResourceLimit(f"a frozen matrix of {largest} entries", "lora", f"the limit is {MAX_LISTED}")
    if base is not None and (not hasattr(base, "__len__") or len(base) != len(sizes) - 1):
        raise SpecError(f"base is not a list of {len(sizes) - 1} frozen matrices", "base", "give one for every layer")
    numbers = _signed_primes(largest) if base is None else []
    b = Builder(_title("lora", sizes, _word(activation, "lora"), f"rank={r}", "" if base is None else "own base"))
    h = b.input("x", sizes[0])
    for layer, (n, m) in enumerate(pairwise(sizes), 1):
        frozen = b.constant([numbers[i * n : (i + 1) * n] for i in range(m)] if base is None else base[layer - 1])
        if frozen.shape != (m, n):
            raise SpecError(f"the frozen matrix has shape {frozen.shape}, not {(m, n)}", f"base, layer {layer}")
        down, up = b.parameter(f"A{layer}", r, n), b.parameter(f"B{layer}", m, r)
        h = frozen @ h + up @ (down @ h)
        if layer < len(sizes) - 1:
            h = b.apply(activation, h)
    return b.program(h, family="lora")


def _signed_primes(count: int) -> list[int]:
    """The first `count` primes with alternating signs, from 2."""
    bound = 16 + int(count * (math.log(count + 1) + math.log(math.log(count + 3))))
    sieve = bytearray([1]) * bound
    sieve[:2] = b"\0\0"
    for k in range(2, math.isqrt(bound) + 1):
        if sieve[k]:
            sieve[k * k :: k] = bytes(len(range(k * k, bound, k)))
    primes = (k for k in range(bound) if sieve[k])
    return [p if i % 2 == 0 else -p for i, p in zip(range(count), primes, strict=False)]
