"""A float evaluator of programs for tests: einsum over the nodes, written from docs/format.md without the code under test."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from simcert.models.activations import float_function
from simcert.models.program import Program


def evaluate(program: Program, parameters: Mapping[str, np.ndarray], inputs: Mapping[str, np.ndarray]) -> list[np.ndarray]:
    """The output arrays in float64."""
    values: list[np.ndarray] = []
    for node in program.nodes:
        args = [values[a] for a in node.args]
        if node.op == "parameter":
            value = np.asarray(parameters[node.name], dtype=float)
        elif node.op == "stack":
            value = np.stack([np.asarray(parameters[name], dtype=float) for name in node.names])
        elif node.op == "input":
            value = np.asarray(inputs[node.name], dtype=float)
        elif node.op == "constant":
            value = np.array([float(v) for v in node.values]).reshape(node.shape)
        elif node.op == "add":
            value = sum(args[1:], args[0])
        elif node.op == "contract":
            value = _contract(node.spec, args, node.shape)
        elif node.op == "gather":
            flat = args[0].ravel()
            value = np.array([flat[k] if k >= 0 else 0.0 for k in node.indices]).reshape(node.shape)
        elif node.op == "scatter":
            value = np.zeros(int(np.prod(node.shape)))
            for k, v in zip(node.indices, args[0].ravel(), strict=True):
                if k >= 0:
                    value[k] += v
            value = value.reshape(node.shape)
        else:
            value = float_function(program.activations[node.activation], node.order)(args[0])
        assert value.shape == node.shape, (node.op, value.shape, node.shape)
        values.append(value)
    return [values[k] for k in program.outputs]


def _contract(spec: str, args: list[np.ndarray], shape: tuple[int, ...]) -> np.ndarray:
    """An einsum in which a letter that only the output has is a broadcast."""
    left, out = spec.split("->")
    kept = "".join(letter for letter in out if letter in left)
    value = np.einsum(f"{left}->{kept}", *args)
    where = tuple(slice(None) if letter in left else None for letter in out)
    return np.broadcast_to(np.asarray(value)[where], shape)


def random_arrays(shapes: tuple[tuple[str, tuple[int, ...]], ...], seed: int) -> dict[str, np.ndarray]:
    """Standard normal arrays of these names and shapes."""
    rng = np.random.default_rng(seed)
    return {name: rng.standard_normal(shape) for name, shape in shapes}
