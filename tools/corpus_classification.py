"""The part of the corpus about classifications: every row of the table of docs/classification.md for up to three hidden units, and wrong ones."""

from __future__ import annotations

from collections.abc import Callable

from corpus_changes import Change, Json, drop, put

from simcert.groups.classification import classification
from simcert.models.spec import load_model

ROWS = {"sigmoid": "plain", "tanh": "odd", "silu": "zero", "cos": "flat", "logcosh": "flat-zero"}


def table(model: str, points: str = "auto") -> Json:
    return classification(load_model(model), points).data()


def _row(name: str, units: int) -> tuple[str, Callable[[], Json]]:
    return f"classification-{name}-{units}", lambda: table(f"mlp:2-{units}-1:{name}", "one" if units == 3 else "all")


VALID: dict[str, Callable[[], Json]] = {
    **dict(_row(name, units) for name in ROWS for units in (1, 2, 3)),
    **dict(_row(name, 2) for name in ("generic", "odd", "generic0", "even", "flat")),
    "classification-gelu-2": lambda: table("mlp:2-2-1:gelu", "one"),
    "classification-half-planes-cosh-1": lambda: table("mlp:1-1-1:cosh"),
    "classification-odd-polynomial-2": lambda: table("mlp:1-2-1:poly(0,1,0,1/3)", "one"),
}

STRATA = "/claim/strata"
INVALID: dict[str, Change] = {
    "classification-another-total": ("classification-tanh-2", "expected the total 6", (put("/claim/total", 5),)),
    "classification-finite-that-is-not": ("classification-cos-2", "expected the total -1", (put("/claim/total", 5),)),
    "classification-not-induced": ("classification-silu-2", "symmetry_induced", (put("/claim/symmetry_induced", "yes"),)),
    "classification-another-row": ("classification-silu-2", "hypotheses of row zero", (put("/claim/row", "odd"),)),
    "classification-another-count": ("classification-tanh-2", "stratum 1", (put(f"{STRATA}/1/count", 1),)),
    "classification-another-dimension": ("classification-tanh-2", "stratum 1", (put(f"{STRATA}/1/dimension", 4),)),
    "classification-more-patterns": ("classification-tanh-2", "stratum 1", (put(f"{STRATA}/1/patterns", 4),)),
    "classification-stratum-missing": ("classification-tanh-2", "lists 3 types", (drop(f"{STRATA}/1"), drop("/proof/strata/1"))),
    "classification-point-of-another-type": ("classification-tanh-2", "is of type", (put(f"{STRATA}/1/points/0/W2/0", "5"),)),
    "classification-point-outside-subspace": ("classification-cos-2", "does not lie in the subspace", (put(f"{STRATA}/3/points/0/W2/0", "5"),)),
    "classification-pattern-twice": ("classification-cos-1", "of the pattern of point 0", (put(f"{STRATA}/0/points/1", {"W1": ["1", "2"], "W2": ["1"]}),)),
    "classification-subspace-too-large": ("classification-tanh-1", "an invariant subspace of dimension 3", (put("/proof/strata/1/upper", {}),)),
    "classification-without-lower-bound": ("classification-tanh-1", "at least dimension 0", (put("/proof/strata/0/lower/0", {"method": "none"}),)),
    "classification-of-another-function": ("classification-tanh-1", "hypotheses of row zero", (put("/model/activations/tanh", {"named": "silu"}),)),
    "classification-of-relu": ("classification-tanh-1", "analytic everywhere", (put("/model/activations/tanh", {"piecewise": ["0", "1"]}),)),
    "classification-of-a-square": (
        "classification-odd-polynomial-2", "polynomials of degree at least 2", (put("/model/activations/poly", {"polynomial": ["0", "0", "1"]}),),
    ),
    "classification-of-two-outputs": (
        "classification-tanh-1", "one output entry",
        (
            put("/model/parameters/1/shape", [2, 1]), put("/model/nodes/4/shape", [2, 1]), put("/model/nodes/5/shape", [2]),
            *(put(f"{STRATA}/{k}/points/{i}/W2", ["1", "1"]) for k, i in ((0, 0), (0, 1), (0, 2), (1, 0))),
        ),
    ),
}  # fmt: skip
MALFORMED: dict[str, Change] = {
    "classification-without-points": ("classification-tanh-1", "at least one point", (put(f"{STRATA}/0/points", []),)),
    "classification-unknown-row": ("classification-tanh-1", "expected a row", (put("/claim/row", "even"),)),
    "classification-negative-count": ("classification-tanh-1", "expected an integer", (put(f"{STRATA}/0/count", -2),)),
    "classification-for-any-function": ("classification-odd-2", "exactly the facts of a class", (put("/claim/activations/odd", []),)),
    "classification-proof-too-short": ("classification-tanh-1", "expected a list of 2 items", (drop("/proof/strata/1"),)),
}
UNSUPPORTED: dict[str, Change] = {"classification-by-authority": ("classification-tanh-1", "does not know the method", (put("/proof/method", "authority"),))}
