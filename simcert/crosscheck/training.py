"""Training in floats, vectorised over seeds: gradient flow (diffrax) and discrete methods, on random finite data with several losses.

The state is the displacement δ = θ − θ0, so that Cδ, the distance from an affine subspace through θ0, suffers from no cancellation. Every trajectory
has its own start, data, loss, method and members of classes; all run in one compiled program.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from simcert.crosscheck.arrays import compiled
from simcert.crosscheck.members import Coefficients
from simcert.crosscheck.network import Floats, Network

Array = Any

LOSSES = ("square", "logistic", "Huber", "non-convex")
METHODS = ("gd", "sgd", "momentum", "nesterov", "weight-decay", "adam", "rmsprop", "signsgd")
DATA = 8
STEPS, SNAPSHOTS = 100, 10
DECAY, RATE = 0.1, 0.005  # of weight decay, and the step of the methods that normalise


def losses(difference: Array, sign: Array, output: Array) -> Array:
    """The four losses of one output entry, stacked: F − y, the sign of y, and F itself."""
    import jax.numpy as jnp

    square = difference**2 / 2
    huber = jnp.where(jnp.abs(difference) < 1, square, jnp.abs(difference) - 0.5)
    return jnp.stack([square, jnp.logaddexp(0.0, -sign * output), huber, jnp.log1p(difference**2) + jnp.cos(difference) / 4])


@dataclass(frozen=True)
class Problem:
    """B training problems: starts (B, M), inputs (B, n, D), targets (B, n, K), a loss and a method each (B,), members' coefficients (B, …), keys (B,)."""

    starts: Floats
    inputs: Floats
    targets: Floats
    loss: Floats
    method: Floats
    coefficients: Coefficients
    keys: Floats

    @property
    def arguments(self) -> tuple[Any, ...]:
        return self.starts, self.inputs, self.targets, self.loss, self.method, self.coefficients, self.keys


def problem(network: Network, rng: np.random.Generator, starts: Floats, methods: tuple[str, ...] = ("gd",), *, pure: bool = False) -> Problem:
    """A random data set, a loss and members for every start, each start repeated for every method."""
    count, total = len(starts), len(starts) * len(methods)
    inputs, targets = rng.normal(size=(count, DATA, network.inputs)), rng.normal(size=(count, DATA, network.outputs))
    drawn = network.activations.draw(rng, count, pure=pure)

    def repeated(array: Floats) -> Floats:
        return np.tile(array, (len(methods), *[1] * (array.ndim - 1)))

    method = np.repeat([METHODS.index(name) for name in methods], count)
    loss = repeated(np.arange(count) % len(LOSSES))
    drawn = {name: repeated(array) for name, array in drawn.items()}
    return Problem(repeated(starts), repeated(inputs), repeated(targets), loss, method, drawn, rng.integers(1 << 31, size=total))


def nearby(task: Problem, starts: Floats) -> Problem:
    """The same problems from other starts, (B, M)."""
    return replace(task, starts=starts)


@dataclass(frozen=True)
class Training:
    """Compiled training of one network."""

    network: Network

    def loss(self, theta: Array, x: Array, y: Array, weights: Array, which: Array, coefficients: Coefficients) -> Array:
        """Σ_n weight_n · ℓ(F(θ)(x_n), y_n) for the loss number `which`."""
        import jax.numpy as jnp

        outputs = self.network.forward(theta, x, coefficients)
        return (losses(outputs - y, jnp.sign(y), outputs)[which].sum(axis=1) * weights).sum()

    def scale(self, theta: Array, gradient: Any) -> tuple[Array, Array]:
        """The gradient at θ and a step that is small against its curvature there and against θ."""
        import jax
        import jax.numpy as jnp

        g = gradient(theta)
        v = g
        for _ in range(3):
            v = jax.jvp(gradient, (theta,), (v / (jnp.linalg.norm(v) + 1e-30),))[1]
        curvature = jnp.linalg.norm(v) + jnp.linalg.norm(g) / (1 + jnp.linalg.norm(theta))
        return g, jnp.minimum(1.0, 0.05 / (curvature + 1e-12))

    def _one(self, theta: Array, x: Array, y: Array, which: Array, method: Array, coefficients: Coefficients, key: Array) -> Array:
        import jax
        import jax.numpy as jnp

        even = jnp.full(x.shape[0], 1.0 / x.shape[0])
        gradient = jax.grad(self.loss)
        step = self.scale(theta, lambda point: gradient(point, x, y, even, which, coefficients))[1]
        noise = jax.random.key(key)

        def advance(state: Any, number: Array) -> tuple[Any, None]:
            delta, first, average, second = state
            chosen = jax.random.bernoulli(jax.random.fold_in(noise, number), 0.5, even.shape) * 2 * even
            g = gradient(theta + delta, x, y, jnp.where(method == METHODS.index("sgd"), chosen, even), which, coefficients)
            first, average, second = 0.9 * first + g, 0.9 * average + 0.1 * g, 0.999 * second + 0.001 * g * g
            # with a tiny ε the least rounding error of a gradient that is 0 would grow at once
            size = jnp.sqrt(second / (1 - 0.999 ** (number + 1))) + RATE / step
            # rounding errors of numbers that are 0 have no sign
            signs = jnp.where(jnp.abs(g) > 1e-10 * jnp.abs(g).max(), jnp.sign(g), 0.0)
            moves = [step * g, step * g, 0.2 * step * first, 0.2 * step * (g + 0.9 * first), step * (g + DECAY * (theta + delta)),
                     RATE * average / (1 - 0.9 ** (number + 1)) / size, RATE * g / size, RATE * signs]  # fmt: skip
            return (delta - jnp.stack(moves)[method], first, average, second), None

        def several(state: Any, numbers: Array) -> tuple[Any, Array]:
            state = jax.lax.scan(advance, state, numbers)[0]
            return state, state[0]

        zero = jnp.zeros_like(theta)
        return jax.lax.scan(several, (zero,) * 4, jnp.arange(STEPS).reshape(SNAPSHOTS, -1))[1]

    @cached_property
    def discrete(self) -> Any:
        """All of a problem's trajectories: the displacements at `SNAPSHOTS` times, (B, SNAPSHOTS, M)."""
        import jax

        return compiled(jax.vmap(self._one))

    def _flow(self, theta: Array, x: Array, y: Array, which: Array, method: Array, coefficients: Coefficients, key: Array) -> Array:
        import diffrax
        import jax
        import jax.numpy as jnp

        even = jnp.full(x.shape[0], 1.0 / x.shape[0])
        gradient = jax.grad(self.loss)
        time = STEPS * self.scale(theta, lambda point: gradient(point, x, y, even, which, coefficients))[1]
        field = diffrax.ODETerm(lambda t, delta, _: -time * gradient(theta + delta, x, y, even, which, coefficients))
        return integrate(field, diffrax.Tsit5(), jnp.zeros_like(theta), jnp.linspace(0.0, 1.0, SNAPSHOTS + 1)[1:], 1e-9)

    @cached_property
    def flow(self) -> Any:
        """The gradient flows of a problem for the time of `STEPS` steps: displacements (B, SNAPSHOTS, M); not finite where the flow blows up."""
        import jax

        return compiled(jax.vmap(self._flow))


def integrate(field: Any, solver: Any, start: Any, times: Array, tolerance: float) -> Any:
    """The solution of an ordinary differential equation from time 0 at these times; infinite after 4,096 steps."""
    import diffrax

    control = diffrax.PIDController(rtol=tolerance, atol=tolerance / 100)
    save = diffrax.SaveAt(ts=times)
    return diffrax.diffeqsolve(field, solver, 0.0, times[-1], None, start, None, saveat=save, stepsize_controller=control, max_steps=4096, throw=False).ys
