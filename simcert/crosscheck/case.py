"""One certificate to be cross-checked, read into a program, a claim and a proof, with the seeds to use."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from simcert.crosscheck.evidence import Finding
from simcert.crosscheck.network import FloatSubspace
from simcert.models.program import Program, from_json

Json = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """A certificate, and how many `seeds` (starting points, data sets, members) to try; `seed` starts every random choice."""

    data: Json
    seeds: int
    seed: int

    @cached_property
    def program(self) -> Program:
        return from_json(self.data["model"], str(self.data["meta"].get("title", "")))

    @property
    def claim(self) -> Json:
        return self.data["claim"]

    @property
    def proof(self) -> Json:
        return self.data["proof"]

    @cached_property
    def rng(self) -> np.random.Generator:
        return np.random.default_rng(self.seed)

    @cached_property
    def subspace(self) -> FloatSubspace:
        """The subspace of the claim."""
        return FloatSubspace.from_json(self.program.size, self.claim["subspace"])


def unsupported(why: str) -> tuple[Finding, ...]:
    """The finding that there is no cross-check, and why."""
    return (Finding(why, 0.0, "", "unsupported"),)
