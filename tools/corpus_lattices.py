"""The part of the corpus about lattices: how the valid certificates are made, and the wrong ones as changes of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from corpus_changes import Change, Edit, Json, drop, insert, put, row

from simcert.groups.lattice import lattice
from simcert.models.spec import load_model


def lattice_of(model: str, **options: Any) -> Json:
    """The lattice of a model, with the options of `simcert lattice`."""
    return lattice(load_model(model), **options).data()


VALID: dict[str, Callable[[], Json]] = {
    "lattice-tanh": lambda: lattice_of("mlp:2-3-1:tanh"),
    "lattice-generic": lambda: lattice_of("mlp:2-3-1:generic"),
    "lattice-two-tanh-units": lambda: lattice_of("mlp:1-2-1:tanh"),
    "lattice-relu-bias": lambda: lattice_of("mlp:2-3-1:relu:bias"),
    "lattice-heads": lambda: lattice_of("attention:2-1-2:tokens=2"),
    "lattice-linear-signed": lambda: lattice_of("linear:1-2-2-1", signed_only=True),
    "lattice-diagonal-swap": lambda: lattice_of("mlp:2-2-2-1:generic", mode="full"),
    "lattice-up-to-conjugacy": lambda: lattice_of("mlp:1-3-2-1:generic", up_to="conjugacy"),
    "lattice-full-up-to-conjugacy": lambda: lattice_of("mlp:1-2-2-1:odd", mode="full", up_to="conjugacy"),
    "lattice-beyond-silu": lambda: lattice_of("mlp:2-3-1:silu", beyond=True),
    "lattice-beyond-logcosh": lambda: lattice_of("mlp:2-2-1:logcosh", beyond=True),
    "lattice-beyond-equitable": lambda: lattice_of("mlp:1-3-3-1:generic", beyond=True),
    "lattice-beyond-equitable-up-to-sign": lambda: lattice_of("mlp:1-2-2-1:tanh", beyond=True),
}

# the first unit dead, or the second: one class under the exchange, told apart by counting twice the sign change of the first, which is listed twice
DEAD = tuple({"dimension": 2, "rows": [row((p, "1")), row((p + 2, "1"))]} for p in range(2))
FIRST_TWICE: tuple[Edit, ...] = (
    put("/claim/up_to", "conjugacy"),
    insert("/claim/generators/4", {"actions": [{"permutation": [0, 1], "signs": [-1, 1]}], "nodes": [[1, [0, -1]], [4, [-1, 0]]]}),
    put(
        "/claim/nodes",
        [
            {"dimension": 4, "rows": []},
            {"dimension": 2, "rows": [row((0, "1"), (1, "-1")), row((2, "1"), (3, "-1"))]},
            *DEAD[::-1],
            {"dimension": 0, "rows": [row((p, "1")) for p in range(4)]},
        ],
    ),
    put("/claim/edges", [[1, 0], [2, 0], [3, 0], [4, 1], [4, 2], [4, 3]]),
    put(
        "/proof",
        {
            "images": [[[1, []], [1, [3]], [3, []], [2, []], [3, []]], *([[4, []]] * n for n in (4, 4, 3)), []],
            "method": "orbits",
            "nodes": [[[2, [0]], [3, [0]]]] * 5,
        },
    ),
)
DEAD_FIRST = {"dimension": 3, "rows": [row((0, "1"))]}
INVALID: dict[str, Change] = {
    "lattice-node-missing": ("lattice-two-tanh-units", "is not listed", (drop("/claim/nodes/5"), put("/claim/edges", []))),
    "lattice-node-that-no-symmetry-fixes": ("lattice-two-tanh-units", "not an intersection", (put("/claim/nodes/1", DEAD_FIRST),)),
    "lattice-node-twice": ("lattice-generic", "once more", (put("/claim/nodes/1", {"dimension": 9, "rows": []}),)),
    "lattice-edge-missing": ("lattice-generic", "missing", (drop("/claim/edges/0"),)),
    "lattice-edge-that-is-no-cover": ("lattice-generic", "not a covering relation", (insert("/claim/edges/3", [4, 0]),)),
    "lattice-signs-of-any-function": ("lattice-two-tanh-units", "do not follow", (put("/claim/activations/tanh", []),)),
    "lattice-fewer-symmetries": ("lattice-generic", "not an intersection", (drop("/claim/generators/0"), drop("/proof/nodes/0"))),
    "lattice-intersection-of-others": ("lattice-beyond-silu", "not the intersection", (put("/proof/beyond/3", {"method": "intersection", "of": [0, 1]}),)),
    "lattice-beyond-without-the-value-at-zero": ("lattice-beyond-silu", "normal form", (put("/claim/activations/silu", []),)),
    "lattice-image-of-another-node": (
        "lattice-up-to-conjugacy", "is not carried to", (put("/proof/images/0/0/0", 2),)
    ),
    "lattice-class-twice": ("lattice-two-tanh-units", "could not be told apart", FIRST_TWICE),
    "lattice-image-by-another-word": ("lattice-up-to-conjugacy", "is not carried to", (put("/proof/images/0/1/1", []),)),
}  # fmt: skip

MALFORMED: dict[str, Change] = {
    "lattice-edges-not-increasing": ("lattice-generic", "/claim/edges", (put("/claim/edges/0", [3, 1]), put("/claim/edges/1", [1, 0]))),
    "lattice-edge-of-unknown-node": ("lattice-generic", "/claim/edges", (put("/claim/edges/0/1", 7),)),
    "lattice-intersection-with-itself-to-come": (
        "lattice-beyond-silu", "/proof/beyond/3", (put("/proof/beyond/3", {"method": "intersection", "of": [0, 19]}),)
    ),
    "lattice-beyond-in-classes": ("lattice-up-to-conjugacy", "beyond", (put("/claim/beyond", [{"dimension": 14, "rows": [row((0, "1"))]}]),)),
}  # fmt: skip

UNSUPPORTED: dict[str, Change] = {
    "lattice-by-oracle": ("lattice-generic", "does not know the method", (put("/proof/method", "oracle"),)),
}
