"""A program as a function of flat float arrays, its gradient by automatic differentiation, and subspaces in floats."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, cast

import numpy as np

from simcert.crosscheck.arrays import JaxFloats, compiled
from simcert.crosscheck.members import Activations, Coefficients
from simcert.errors import CertificateFormatError
from simcert.exact.arrays import run
from simcert.models.program import Program, size_of

Array = Any
Floats = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Network:
    """F(θ)(x) on flat arrays: θ of shape (M,), inputs of shape (n, D), outputs of shape (n, K), with D input and K output entries in all.

    Arguments: `activations` stand in the place of the program's; their `coefficients` are an argument of every function here.
    """

    program: Program
    activations: Activations

    @cached_property
    def inputs(self) -> int:
        """D, the number of input entries."""
        return sum(size_of(shape) for _, shape in self.program.inputs)

    @cached_property
    def outputs(self) -> int:
        """K, the number of output entries."""
        return sum(size_of(self.program.nodes[k].shape) for k in self.program.outputs)

    def values(self, theta: Array, x: Array, coefficients: Coefficients, wanted: tuple[int, ...]) -> list[Array]:
        """The values of some nodes, each with a leading axis of size n or 1."""
        leaves: dict[str, Array] = {}
        for name, (start, shape) in self.program.offsets().items():
            leaves[name] = theta[start : start + size_of(shape)].reshape(1, *shape)
        start = 0
        for name, shape in self.program.inputs:
            leaves[name] = x[:, start : start + size_of(shape)].reshape(-1, *shape)
            start += size_of(shape)
        values = run(self.program.nodes, JaxFloats(self.activations.functions(coefficients)), leaves, wanted)
        return [values[k] for k in wanted]

    def forward(self, theta: Array, x: Array, coefficients: Coefficients) -> Array:
        """F(θ)(x) for every row of x, (n, K)."""
        import jax.numpy as jnp

        parts = [value.reshape(value.shape[0], -1) for value in self.values(theta, x, coefficients, self.program.outputs)]
        return jnp.concatenate([jnp.broadcast_to(part, (x.shape[0], part.shape[1])) for part in parts], axis=1)

    def gradients(self, theta: Array, x: Array, covectors: Array, coefficients: Coefficients) -> Array:
        """∇_θ(v·F)(x) for every row x and its covector v: (n, D), (n, K) to (n, M)."""
        import jax

        def pairing(point: Array, row: Array, covector: Array) -> Array:
            return (self.forward(point, row[None], coefficients)[0] * covector).sum()

        return jax.vmap(jax.grad(pairing), (None, 0, 0))(theta, x, covectors)

    def arguments(self, theta: Array, x: Array, coefficients: Coefficients) -> Array:
        """The arguments of all piecewise activations, (n, how many); their signs are the gates."""
        import jax.numpy as jnp

        nodes = self.program.nodes
        where = tuple(n.args[0] for n in nodes if n.op == "apply" and self.program.activations[n.activation].piecewise is not None)
        parts = [jnp.zeros((x.shape[0], 0)), *(value.reshape(value.shape[0], -1) for value in self.values(theta, x, coefficients, where))]
        return jnp.concatenate([jnp.broadcast_to(part, (x.shape[0], part.shape[1])) for part in parts], axis=1)

    @cached_property
    def piecewise(self) -> bool:
        """Whether statements about the network are about points where no argument is 0."""
        return any(activation.piecewise is not None for activation in self.program.activations.values())

    @cached_property
    def some_gradients(self) -> Any:
        """`gradients`, compiled."""
        return compiled(self.gradients)

    @cached_property
    def some_arguments(self) -> Any:
        """`arguments`, compiled."""
        return compiled(self.arguments)

    @cached_property
    def many_gradients(self) -> Any:
        """`gradients` compiled for a batch of points, each with its own inputs, covectors and members: (B, M), (B, n, D), (B, n, K) to (B, n, M)."""
        import jax

        return compiled(jax.vmap(self.gradients))

    @cached_property
    def many_outputs(self) -> Any:
        """`forward` compiled for a batch of points: (B, M), (B, n, D) to (B, n, K)."""
        import jax

        return compiled(jax.vmap(self.forward))


@dataclass(frozen=True)
class FloatSubspace:
    """L = {θ : Cθ = c} in floats: the entries (row, column, coefficient) of C and the constants."""

    size: int
    pivots: Floats
    rows: Floats
    columns: Floats
    coefficients: Floats
    constants: Floats

    @classmethod
    def from_json(cls, size: int, value: dict[str, Any]) -> FloatSubspace:
        """The subspace of a claim; raises `CertificateFormatError` where its dimension does not fit its rows."""
        listed = cast(list[dict[str, Any]], value["rows"])
        if value["dimension"] != size - len(listed):
            raise CertificateFormatError(f"dimension {value['dimension']} with {len(listed)} independent equations for {size} parameters", "/claim/subspace")
        entries = [(i, int(k), float(Fraction(c))) for i, row in enumerate(listed) for k, c in row["entries"]]
        rows, columns, coefficients = (np.array([entry[k] for entry in entries]) for k in range(3))
        pivots = np.array([row["entries"][0][0] for row in listed], dtype=np.int64)
        constants = np.array([float(Fraction(row["constant"])) for row in listed])
        return cls(size, pivots, rows.astype(np.int64), columns.astype(np.int64), coefficients, constants)

    @property
    def dimension(self) -> int:
        return self.size - len(self.pivots)

    def normals(self, vectors: Floats) -> Floats:
        """C·v divided by the length of each row of C: (…, M) to (…, rows)."""
        out = np.zeros((*vectors.shape[:-1], len(self.pivots)))
        with np.errstate(invalid="ignore"):  # trajectories that blew up are sorted out by who asks
            np.add.at(np.moveaxis(out, -1, 0), self.rows, np.moveaxis(vectors[..., self.columns] * self.coefficients, -1, 0))
        return out / self.lengths

    @cached_property
    def lengths(self) -> Floats:
        squares = np.zeros(len(self.pivots))
        np.add.at(squares, self.rows, self.coefficients**2)
        return np.sqrt(squares)

    def distance(self, vectors: Floats) -> Floats:
        """The greatest component of each vector across L, as a length: (…, M) to (…). For displacements from points of L."""
        return np.abs(self.normals(vectors)).max(axis=-1) if len(self.pivots) else np.zeros(vectors.shape[:-1])

    def points(self, rng: np.random.Generator, count: int, scale: float = 1.0) -> Floats:
        """Random points of L, (count, M): free coordinates are normal, rounded to multiples of 2^-12, so that simple equations hold exactly."""
        theta = np.round(rng.normal(0.0, scale, (count, self.size)) * 4096) / 4096
        theta[:, self.pivots] = 0.0
        rest = np.zeros((count, len(self.pivots)))
        np.add.at(rest.T, self.rows, (theta[:, self.columns] * self.coefficients).T)
        theta[:, self.pivots] = self.constants - rest
        return theta


def flat_point(program: Program, point: Any) -> Floats:
    """A point of a certificate, flat rationals by parameter, as floats (M,); raises `CertificateFormatError` where it does not fit the model."""
    try:
        parts = [np.array([float(Fraction(v)) for v in point[name]]) for name, _ in program.parameters]
    except (KeyError, TypeError, ValueError, ZeroDivisionError, OverflowError):
        raise CertificateFormatError("the point is not one rational for every parameter entry", program.title) from None
    if len(point) != len(parts) or any(len(a) != size_of(s) for a, (_, s) in zip(parts, program.parameters, strict=True)):
        raise CertificateFormatError("the point does not fit the parameters of the model", program.title)
    return np.concatenate(parts)
