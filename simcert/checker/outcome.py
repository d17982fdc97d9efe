"""What a check can end with: a result, or one of five reasons to stop; and the limits under which it runs."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """The sizes and the time at which a check stops with the status `limit`.

    Arguments: `max_bytes` of the text; `max_digits` of one number in it; `max_nodes` of the model; `max_entries` of all arrays of the model
    together (four times as many with its gradient); `max_terms` of all normal forms together, a monomial counting once and once for each factor;
    `seconds` of one check (None: no limit). Raises `ValueError` for more digits than the interpreter converts.
    """

    max_bytes: int = 1 << 26
    max_digits: int = 4000
    max_nodes: int = 100_000
    max_entries: int = 20_000_000
    max_terms: int = 5_000_000
    seconds: float | None = None

    def __post_init__(self) -> None:
        if 0 < sys.get_int_max_str_digits() < self.max_digits:
            raise ValueError(f"Python converts at most {sys.get_int_max_str_digits()} digits; call sys.set_int_max_str_digits first")


class Stop(Exception):
    """A check that ends without a proof; `status` is the verdict."""

    status = "invalid"


class Malformed(Stop):
    """The bytes are not a certificate in canonical form."""

    status = "malformed"


class Invalid(Stop):
    """A rule of the proof does not hold. Nothing is said about the claim."""


class Unsupported(Stop):
    """A kind of claim or a method that this checker does not know."""

    status = "unsupported"


class Incomplete(Stop):
    """A claim without a proof."""

    status = "incomplete"


class Limit(Stop):
    """A stated limit was reached. Nothing is said about the claim."""

    status = "limit"


class Budget:
    """The limits of one check and the moment at which its time is over."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.start = time.monotonic()
        self._end = None if limits.seconds is None else self.start + limits.seconds

    def tick(self) -> None:
        """Raise `Limit` when the time is over; every long loop calls it."""
        if self._end is not None and time.monotonic() > self._end:
            raise Limit(f"the check took more than {self.limits.seconds} seconds")

    def bits(self, size: int) -> None:
        """Raise `Limit` when a computed number has far more bits than a number of the file may have digits."""
        if size > 64 * self.limits.max_digits:
            raise Limit(f"a number of {size} bits was computed, the limit is {64 * self.limits.max_digits}")


@dataclass(frozen=True, slots=True)
class Result:
    """The verdict on one certificate.

    `status` is one of `verified`, `invalid`, `malformed`, `incomplete`, `unsupported`, `limit` (`docs/format.md`, section 5). `statement` is the
    theorem in words, or empty where no claim was understood; it is proved only when `status` is `verified`. `not_claimed` says what it must not be
    mistaken for, `trust` which theorems and programs the proof rests on, `message` why the check ended as it did. `theorem` is the SHA-256 of the
    canonical claim and model.
    """

    status: str
    message: str
    statement: str = ""
    not_claimed: tuple[str, ...] = ()
    trust: tuple[str, ...] = ()
    theorem: str = ""
    seconds: float = 0.0

    def __bool__(self) -> bool:
        raise TypeError("a Result is not a truth value: compare result.status with 'verified'")
