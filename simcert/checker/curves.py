"""Curves in the orbit of a point, as power series: the solution of θ' = Σ c_i(t) X_i(θ), and of the adjoint equation along it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .batch import Batch
from .canonical import Json, Rational, integer, items, natural, rationals
from .evaluate import System
from .local import Along, Exact, Local, Numbers
from .outcome import Invalid, Malformed
from .residue import inverse, reduce
from .vectors import Duals, Field, Fields


class Start:
    """The fields of a proof at the point where it starts, each with its exact forward pass there if the numbers need it."""

    def __init__(self, f: Fields, numbers: Numbers, chosen: Sequence[Field], point: Sequence[Rational]) -> None:
        if numbers.refused:
            raise Invalid(numbers.refused)
        self.f, self.numbers, self.chosen, self.point = f, numbers, chosen, point
        self._exact: dict[int, Exact] = {}

    def _known(self, i: int) -> Exact | None:
        if i not in self._exact and self.numbers.exact:
            self._exact[i] = self.f.exact(self.chosen[i], self.point)
        return self._exact.get(i)

    def here(self, i: int) -> System[Any]:
        """The system at the point for one field."""
        return self.numbers.system(self.f.budget, self._known(i))

    def together(self, theta: Sequence[Any], numbers: Sequence[int]) -> list[list[Any]]:
        """The vectors at θ of the fields with these numbers, by batches."""

        def system(several: Batch, first: int) -> System[Any]:
            known = [self._known(i) for i in numbers[first : first + several.count]]
            exact = [arrays for arrays in known if arrays is not None]
            return self.numbers.system(self.f.budget, several.together(exact) if exact else None)

        return self.f.gradients([self.chosen[i] for i in numbers], theta, system)

    def along(self, i: int, terms: int) -> Along:
        """Power series in t with this many terms, along a curve that starts at the point, for one field."""
        return Along(Local(self.f.budget, self.numbers, self._known(i)), terms)

    def check_curve(self, control: Json, curve: Json, place: str) -> list[list[int]]:
        """The residues of the Taylor coefficients θ_0, …, θ_{K−1} of the solution of θ' = Σ c_i(t) X_i(θ), θ(0) = θ0, a curve in the orbit.

        The equation determines them one by one, (k+1)·θ_{k+1} being the coefficient of t^k on the right, which depends on θ_0, …, θ_k only. Dividing by
        2, …, K − 1 stays in the ring that is reduced when these are units, so the stated residues, which satisfy the reduced equation up to t^(K−2) with the
        reduced θ0, are those of the solution over the reals. Raises `Invalid` where they do not.
        """
        f, m = self.f, self.numbers.modulus
        if self.numbers.precision:
            raise Invalid("a curve in the orbit needs residues")
        steps = self.read_steps(curve, place)
        for k in range(2, len(steps) + 1):
            inverse(k, m)
        theta = [[reduce(q, m) for q in self.point], *steps]
        controls = self.read_control(control, place, len(steps))
        right = [0] * f.model.size
        for i, factor, system in controls:
            x = f.gradient(self.chosen[i], [system.pack(a) for a in zip(*theta, strict=True)], system)
            right = [system.dot((1, factor), (a, b)) for a, b in zip(right, x, strict=True)]
        if not self.solves(theta, right):
            raise Invalid("the curve does not solve its differential equation")
        return theta

    def check_adjoint(self, control: Json, adjoint: Json, columns: Sequence[int], theta: Sequence[Sequence[int]], place: str) -> list[list[list[int]]]:
        """The residues of the Taylor coefficients u_0, …, u_{K−1} of the solution of u' = −Σ c_i(t) DX_i(θ(t))·u, u(0) = e_c, for each column c.

        θ is what `check_curve` returns. The equation determines the coefficients as there: those of θ and u up to t^k give that of t^k on the right, where
        DX_i(θ)·u is the coefficient of ε in X_i(θ + ε·u). Raises `Invalid` where the stated residues are not these.
        """
        f, terms = self.f, len(theta) - 1
        controls = [
            (self.chosen[i], [system.pack(a) for a in zip(*theta, strict=True)], system.dot((factor,), (system.rational(-1),)), system)
            for i, factor, system in self.read_control(control, place, terms)
        ]
        out: list[list[list[int]]] = []
        for c, item in zip(columns, items(adjoint, place, len(columns)), strict=True):
            u = [[int(p == c) for p in range(f.model.size)], *self.read_steps(item, place)]
            if len(u) != len(theta):
                raise Malformed(f"{place}: expected as many coefficients as the curve has")
            right = [0] * f.model.size
            for field, points, minus, system in controls:
                x = f.gradient(field, list(zip(points, [system.pack(b) for b in zip(*u, strict=True)], strict=True)), Duals(system))
                right = [system.dot((1, minus), (a, b)) for a, (_, b) in zip(right, x, strict=True)]
            if not self.solves(u, right):
                raise Invalid(f"a row of the adjoint of the curve, that of column {c}, does not solve its differential equation")
            out.append(u)
        return out

    def read_steps(self, value: Json, place: str) -> list[list[int]]:
        """Residues of M coefficients for each of t, t², …"""
        return [[natural(a, place, self.f.budget, 0, self.numbers.modulus) for a in items(row, place, self.f.model.size)] for row in items(value, place)]

    def read_control(self, control: Json, place: str, terms: int) -> list[tuple[int, int, Along]]:
        """For each term c_i(t) X_i of the control: the field's number, c_i as a power series with so many terms, the system for the field along the curve."""
        out: list[tuple[int, int, Along]] = []
        for item in items(control, place):
            c, number = items(item, place, 2)
            coefficients, i = rationals(c, place, self.f.budget), integer(number, place, 0, len(self.chosen) - 1)
            if terms:
                system = self.along(i, terms)
                out.append((i, system.pack([reduce(q, self.numbers.modulus) for q in coefficients]), system))
        return out

    def solves(self, stated: Sequence[Sequence[int]], right: Sequence[int]) -> bool:
        """Whether M power series, coefficient by coefficient as stated, have the derivatives on the right, modulo t^(K−1)."""
        terms, m = len(stated) - 1, self.numbers.modulus
        if not terms:
            return True
        system = Along(Local(self.f.budget, self.numbers, None), terms)
        series = zip(zip(*stated, strict=True), right, strict=True)
        return all(system.unpack(b) == [k * a[k] % m for k in range(1, terms + 1)] for a, b in series)
