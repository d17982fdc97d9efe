"""Orbit dimensions in floats: the rank of fields pulled back along flows."""

from __future__ import annotations

from simcert.crosscheck.case import Case, unsupported
from simcert.crosscheck.evidence import Finding, Panel
from simcert.crosscheck.members import as_defined
from simcert.crosscheck.network import Floats, Network, flat_point
from simcert.crosscheck.transport import PARAMETERS, Rank, Transport, rank, tangents

CURVES = 6


def check(case: Case) -> tuple[tuple[Finding, ...], list[Panel], str]:
    """An `orbit-dimension` claim: the rank lies between its bounds, with members of classes drawn at random."""
    network = Network(case.program, as_defined(case.program))
    if case.program.size > PARAMETERS:
        return unsupported(f"orbit dimensions are cross-checked up to {PARAMETERS} parameters, not {case.program.size}"), [], network.activations.words
    low, high = int(case.claim["lower"]), int(case.claim["upper"])
    found = dimension(case, Transport(network), flat_point(case.program, case.claim["point"]))
    return (found.finding("dimension of the orbit", low, high),), [found.panel("Tangent vectors of the orbit", low)], network.activations.words


def dimension(case: Case, transport: Transport, theta: Floats) -> Rank:
    """The numerical dimension of the orbit of a point: the clearest of a few tries."""
    tries: list[Rank] = []
    for _ in range(3):
        coefficients = {name: array[0] for name, array in transport.network.activations.draw(case.rng, 1).items()}
        tries.append(rank(tangents(transport, theta, coefficients, case.rng, CURVES)[1]))
        if tries[-1].gap >= 1e4:
            break
    return max(tries, key=lambda found: found.gap)
