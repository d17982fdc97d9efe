"""JAX floats: one more number system in which a program runs. What comes out is numerical evidence and never enters a proof.

Arrays are traced JAX arrays of float64, so one program can be compiled, vectorised over seeds (`jax.vmap`) and differentiated (`jax.grad`), which is
independent of `simcert.models.program.gradient`.
"""

from __future__ import annotations

import importlib.util
import logging
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from fractions import Fraction
from typing import Any

import numpy as np

from simcert.errors import MissingExtraError, SpecError
from simcert.exact.arrays import ArraySystem
from simcert.models.activations import CONSTANTS, derivative, form, validate, words
from simcert.models.program import Activation, Node, Shape, split_spec

Array = Any  # a JAX array
Function = Callable[[Array, int], Array]  # (z, order of the derivative) to an array of the shape of z


def require() -> None:
    """Raise `MissingExtraError` without jax or diffrax."""
    for package in ("jax", "diffrax"):
        if importlib.util.find_spec(package) is None:
            raise MissingExtraError(package, "jax")


@contextmanager
def double_precision() -> Iterator[None]:
    """Float64 inside the body, whatever is set outside, and no remarks about accelerators that are not there."""
    require()
    import jax

    logger = logging.getLogger("jax._src.xla_bridge")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with jax.enable_x64(True):
            yield
    finally:
        logger.setLevel(level)


def device() -> str:
    """The device on which JAX computes, as `cpu` or `gpu (its name)`."""
    import jax

    first = jax.devices()[0]
    return first.platform if first.platform == "cpu" else f"{first.platform} ({first.device_kind})"


QUICK = 512  # a first argument with up to this many numbers: compiling takes longer than running


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """`jax.jit` of a function whose first argument is an array; on a CPU little time is spent on making machine code of it fast, and least for small arrays."""
    import jax

    if jax.devices()[0].platform != "cpu":
        return jax.jit(function)
    quick, steady = (jax.jit(function, compiler_options={"xla_backend_optimization_level": level}) for level in (0, 1))

    def call(first: Array, *rest: Any) -> Any:
        return (quick if first.size <= QUICK else steady)(first, *rest)

    return call


def _atoms() -> dict[str, Callable[[Array], Array]]:
    import jax.numpy as jnp
    from jax.nn import sigmoid
    from jax.scipy.special import erf, ndtr

    return {
        "z": lambda z: z,
        "exp": jnp.exp,
        "tanh": jnp.tanh,
        "sigmoid": sigmoid,
        "sin": jnp.sin,
        "cos": jnp.cos,
        "sinh": jnp.sinh,
        "cosh": jnp.cosh,
        "gauss": lambda z: jnp.exp(-z * z),
        "phi": lambda z: jnp.exp(-z * z / 2),
        "erf": erf,
        "normal": ndtr,
        "arctan": jnp.arctan,
        "lorentz": lambda z: 1 / (1 + z * z),
        "softplus": lambda z: jnp.logaddexp(0.0, z),
        "logcosh": lambda z: jnp.logaddexp(z, -z) - math.log(2),
        "reciprocal": lambda z: 1 / z,
        "rsqrt": lambda z: 1 / jnp.sqrt(z),
        **{name: lambda z, c=c: jnp.full_like(z, c) for name, c in CONSTANTS.items()},
    }


def function(activation: Activation) -> Function:
    """The activation and its derivatives on JAX arrays: the polynomials in atoms of `simcert.models.activations`.

    A piecewise function has the mean of its slopes at 0. Raises `SpecError` for a class, which is not one function (`simcert.crosscheck.members` draws some).
    """
    validate(activation)
    if activation.cls is not None:
        raise SpecError(f"{words(activation)} is not one function", "", "name a function, or give a polynomial")
    if activation.piecewise is not None:
        return _piecewise(*map(float, activation.piecewise))
    atoms = _atoms()

    def evaluate(z: Array, order: int = 0) -> Array:
        import jax.numpy as jnp

        if activation.named is not None:
            variables, poly = form(activation.named).variables, derivative(activation.named, order)
        else:
            variables = ("z",)
            poly = {(k - order,): c * math.perm(k, order) for k, c in enumerate(activation.polynomial or ()) if k >= order}
        used = {v for exponents in poly for v, e in zip(variables, exponents, strict=True) if e}
        values = {v: atoms[v](z) for v in variables if v in used}
        out = jnp.zeros_like(z)
        for exponents, c in poly.items():
            term = float(c) * jnp.ones_like(z)
            for v, e in zip(variables, exponents, strict=True):
                term = term * values[v] ** e if e else term
            out = out + term
        return out

    return evaluate


def _piecewise(low: float, high: float) -> Function:
    def evaluate(z: Array, order: int = 0) -> Array:
        import jax.numpy as jnp

        mean, half = (low + high) / 2, (high - low) / 2
        return mean * z + half * jnp.abs(z) if order == 0 else mean + half * jnp.sign(z) if order == 1 else jnp.zeros_like(z)

    return evaluate


class JaxFloats(ArraySystem):
    """Float64 JAX arrays with one leading batch axis of size 1 or B.

    Arguments: `functions` gives a function for every activation that the program names.
    """

    def __init__(self, functions: Mapping[str, Function]) -> None:
        super().__init__({})
        self.functions = functions

    def number(self, value: Fraction) -> float:
        return float(value)

    def apply(self, node: Node, x: Array) -> Array:
        return self.functions[node.activation](x, node.order)

    def array(self, values: Sequence[Fraction], shape: Shape) -> Array:
        import jax.numpy as jnp

        return jnp.asarray(np.array([float(v) for v in values], dtype=np.float64).reshape(1, *shape))

    def stack(self, parts: Sequence[Array]) -> Array:
        import jax.numpy as jnp

        return jnp.stack(list(parts), axis=1)

    def gather(self, node: Node, x: Array) -> Array:
        import jax.numpy as jnp

        padded = jnp.concatenate([x.reshape(x.shape[0], -1), jnp.zeros((x.shape[0], 1))], axis=1)
        return padded[:, np.asarray(node.indices, dtype=np.int64)].reshape(x.shape[0], *node.shape)

    def scatter(self, node: Node, x: Array) -> Array:
        import jax.numpy as jnp

        size = math.prod(node.shape)
        where = np.asarray([k if k >= 0 else size for k in node.indices], dtype=np.int64)
        out = jnp.zeros((x.shape[0], size + 1)).at[:, where].add(x.reshape(x.shape[0], -1))
        return out[:, :-1].reshape(x.shape[0], *node.shape)

    def contract(self, node: Node, parts: Sequence[Array]) -> Array:
        import jax.numpy as jnp

        terms, out = split_spec(node.spec)
        kept = "".join(letter for letter in out if any(letter in term for term in terms))
        value = jnp.einsum(f"{','.join('...' + term for term in terms)}->...{kept}", *parts)
        spread = value.reshape(value.shape[0], *(n if letter in kept else 1 for letter, n in zip(out, node.shape, strict=True)))
        return jnp.broadcast_to(spread, (value.shape[0], *node.shape))
