"""Classifications in floats: at every listed point the orbit has the stated dimension, and training keeps the subspaces of the strata."""

from __future__ import annotations

from typing import Any

from simcert.crosscheck.case import Case, unsupported
from simcert.crosscheck.evidence import ORDER, Finding, Panel
from simcert.crosscheck.invariant import several
from simcert.crosscheck.members import as_defined
from simcert.crosscheck.network import FloatSubspace, Network, flat_point
from simcert.crosscheck.orbit import dimension
from simcert.crosscheck.transport import PARAMETERS, Transport

POINTS = 4  # of each stratum, chosen at random
STRATA = 8  # whose subspaces are tried


def check(case: Case) -> tuple[list[Finding], list[Panel], str]:
    """A `classification` claim: the ranks at points of its strata, and the subspaces that its proof names for them. That these are all strata is cited."""
    network = Network(case.program, as_defined(case.program))
    about = network.activations.words
    if case.program.size > PARAMETERS:
        return list(unsupported(f"orbit dimensions are cross-checked up to {PARAMETERS} parameters, not {case.program.size}")), [], about
    transport = Transport(network)
    findings, panels = [], list[Panel]()
    for stratum in case.claim["strata"]:
        points, wanted = stratum["points"], int(stratum["dimension"])
        chosen = sorted(case.rng.choice(len(points), size=min(len(points), POINTS), replace=False).tolist())
        ranks = [dimension(case, transport, flat_point(case.program, points[k])) for k in chosen]
        each = [found.finding(f"dimension at {len(chosen)} of {len(points)} points of {_words(stratum)}", wanted, wanted) for found in ranks]
        worst = min(range(len(each)), key=lambda k: (ORDER.index(each[k].status), ranks[k].gap))
        findings.append(each[worst])
        if not panels:
            panels.append(ranks[worst].panel(f"Tangent vectors at {_words(stratum)}", wanted))
    spaces = _subspaces(case)
    if spaces:
        chosen = sorted(case.rng.choice(len(spaces), size=min(len(spaces), STRATA), replace=False).tolist())
        more, panel = several(case, network, [spaces[k] for k in chosen], f"the subspaces of {len(chosen)} strata")
        findings += more
        panels.append(panel)
    return findings, panels, about


def _subspaces(case: Case) -> list[FloatSubspace]:
    """The proper subspaces that the proof names, one for a stratum; none where there is no proof."""
    named = [stratum["upper"] for stratum in case.proof.get("strata", [])]
    return [FloatSubspace.from_json(case.program.size, upper["subspace"]) for upper in named if upper]


def _words(stratum: dict[str, Any]) -> str:
    """A type for people, as `[2, 1] + 1 idle`."""
    return f"{stratum['blocks']}" + (f" + {stratum['zero']} idle" if stratum["zero"] else "")
