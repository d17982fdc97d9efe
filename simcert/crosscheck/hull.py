"""Hulls in floats: the point lies in L, training keeps L, and random flows from the point span L."""

from __future__ import annotations

import numpy as np

from simcert.crosscheck.case import Case
from simcert.crosscheck.evidence import Finding, Panel, small
from simcert.crosscheck.invariant import evidence
from simcert.crosscheck.members import as_claimed, as_defined
from simcert.crosscheck.network import Floats, Network, flat_point
from simcert.crosscheck.orbit import CURVES
from simcert.crosscheck.transport import PARAMETERS, Rank, Transport, inputs, rank


def check(case: Case) -> tuple[list[Finding], list[Panel], str]:
    """A `hull` claim."""
    space, theta = case.subspace, flat_point(case.program, case.claim["point"])
    off = np.abs(np.append(space.normals(theta), 0.0) - np.append(space.constants / space.lengths, 0.0)).max() / (1 + np.abs(theta).max())
    findings = [small("distance of the point from L", float(off), 1e-12, 1e-8)]
    more, panels, about = evidence(case, as_claimed(case.program, case.claim["activations"]), space, ("gd", "momentum"))
    findings += more
    if case.program.size <= PARAMETERS:
        found = spanned(case, Network(case.program, as_defined(case.program)), theta)
        findings.append(found.finding("dimension of the affine span of random flows from the point", space.dimension, space.dimension))
        panels.append(found.panel("Directions of random flows", space.dimension))
    return findings, panels, about


def spanned(case: Case, network: Network, theta: Floats) -> Rank:
    """The numerical dimension of the smallest affine space that contains several random flows from a point."""
    coefficients = {name: array[0] for name, array in network.activations.draw(case.rng, 1).items()}
    transport, pool = Transport(network), inputs(network, case.rng, theta, coefficients, case.program.size + 8)
    places, directions = theta[None], [np.zeros((1, len(theta)))]
    for _ in range(2):
        starts = places[case.rng.integers(len(places), size=CURVES)]
        places = transport.curves(starts, case.rng, 0.7, pool, coefficients)[0].reshape(-1, len(theta))
        places = places[np.isfinite(places).all(axis=1)]
        directions.append(places - theta)
        v = case.rng.normal(size=(len(pool), network.outputs))
        directions += [np.asarray(network.some_gradients(place, pool, v, coefficients)) for place in places[:CURVES]]
        if not len(places):
            break
    vectors = np.concatenate(directions)
    vectors = vectors[np.isfinite(vectors).all(axis=1)]
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return rank(np.where(lengths > 1e-10 * (1 + np.linalg.norm(theta)), vectors / np.maximum(lengths, 1e-300), 0.0))
