"""The errors of simcert: every one says what is wrong, where, and what to do about it.

The command line turns each class into an exit code (`EXIT_CODE`), so that a script can tell a wrong input
from an exhausted limit and both from a claim that was decided.
"""

from __future__ import annotations


class SimcertError(Exception):
    """Base class of all errors that simcert raises on purpose.

    Arguments: `fact` says what is wrong, `place` where (a JSON pointer, an equation, a layer), `remedy` what to do.
    """

    EXIT_CODE = 70

    def __init__(self, fact: str, place: str = "", remedy: str = "") -> None:
        self.fact, self.place, self.remedy = fact, place, remedy
        super().__init__(str(self))

    def __str__(self) -> str:
        where = f" (at {self.place})" if self.place else ""
        then = f"; {self.remedy}" if self.remedy else ""
        return f"{self.fact}{where}{then}"


class SpecError(SimcertError):
    """A model, subspace, point or option that cannot be understood."""

    EXIT_CODE = 2


class InexactInputError(SpecError):
    """A float where an exact number is needed."""


class CertificateFormatError(SimcertError):
    """A file that is not a certificate in canonical form."""

    EXIT_CODE = 3


class VerificationError(SimcertError):
    """A certificate whose proof is not valid; raised for a certificate that the producer has just written."""

    EXIT_CODE = 1


class InvalidProofError(SimcertError):
    """A certificate of somebody else whose proof a checker refuses."""

    EXIT_CODE = 1


class UndecidedError(SimcertError):
    """The claim could be neither proved nor refuted."""

    EXIT_CODE = 4


class ResourceLimit(SimcertError):
    """A stated limit on size, digits, degree, nodes or time was reached."""

    EXIT_CODE = 5


class MissingExtraError(SpecError):
    """An optional dependency is not installed."""

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(f"{package} is not installed", "", f"install simcert[{extra}]")
