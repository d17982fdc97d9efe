"""A certificate and a verdict as values of the Python interface."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, cast

from simcert.certificates import codec, words
from simcert.certificates.equations import subspace_equations
from simcert.errors import ResourceLimit, VerificationError

if TYPE_CHECKING:
    from simcert.checker import Limits

Json = dict[str, Any]

EXIT_CODES = {"verified": 0, "invalid": 1, "other-model": 1, "malformed": 3, "incomplete": 4, "unsupported": 4, "limit": 5}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the independent checker says of one certificate file.

    `status` is `"verified"` when the proof is valid; `"invalid"`, `"malformed"`, `"incomplete"`, `"unsupported"` and `"limit"` are the checker's
    other answers (`docs/format.md`, section 5), and `"other-model"` means that the file is about another model than the one asked for.
    *Proves:* with `"verified"`, `statement`, on the trust base `trust`. *Does not prove:* with any other status, nothing about the claim.

    >>> Verdict("invalid", file="tied.json").status
    'invalid'
    """

    status: str
    statement: str = ""
    not_claimed: tuple[str, ...] = ()
    trust: tuple[str, ...] = ()
    message: str = ""
    theorem: str = ""
    seconds: float = 0.0
    file: str = ""

    def __bool__(self) -> NoReturn:
        raise TypeError(f'a verdict is not a truth value (this one is {self.status!r}); compare it: verdict.status == "verified"')

    def __str__(self) -> str:
        head = f"{self.file}: {self.status}" if self.file else self.status
        return f"{head}: {self.message}" if self.message and self.status != "verified" else f"{head}: {self.statement}" if self.statement else head

    def to_json(self) -> Json:
        """The verdict as an entry of `results` in `simcert verify --json`."""
        return {
            "file": self.file, "status": self.status, "statement": self.statement, "not_claimed": list(self.not_claimed), "trust": list(self.trust),
            "message": self.message, "theorem": self.theorem, "seconds": round(self.seconds, 6),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Certificate:
    """One theorem about one network, and how to check it: the object that stands in a certificate file.

    *Proves:* nothing by itself; `verify` asks the independent checker. Printing it prints the theorem that it states.

    Arguments: `data`, the object of `docs/format.md` with the keys claim, format, meta, model, proof, version.
    """

    data: Json

    @classmethod
    def load(cls, path: str | Path) -> Certificate:
        """Read a certificate file; raises `CertificateFormatError` unless it is in canonical form."""
        return cls(codec.loads_certificate(codec.read_bytes(path), str(path)))

    @property
    def claim(self) -> Json:
        """The theorem's statement."""
        return cast(Json, self.data["claim"])

    @property
    def model(self) -> Json:
        """The network, as a straight-line program."""
        return cast(Json, self.data["model"])

    @property
    def proof(self) -> Json:
        """The proof: a method and its hints."""
        return cast(Json, self.data["proof"])

    @property
    def kind(self) -> str:
        """The kind of claim: `"invariant"`, `"not-invariant"`, …"""
        return str(self.claim["kind"])

    @property
    def method(self) -> str:
        """The method of the proof: `"symmetry"`, `"congruence"`, …"""
        return str(self.proof["method"])

    @property
    def dimension(self) -> int | None:
        """The dimension of the subspace that the claim is about, None for claims about no subspace."""
        return int(self.claim["subspace"]["dimension"]) if "subspace" in self.claim else None

    @property
    def parameters(self) -> int:
        """M, the number of scalar parameters of the network."""
        return sum(math.prod(cast(list[int], p["shape"])) for p in self.model["parameters"])

    @property
    def equations(self) -> list[str]:
        """The equations of the subspace that the claim is about, in the language that `prove` reads."""
        return subspace_equations(self.model, self.claim["subspace"]) if "subspace" in self.claim else []

    @property
    def optimizers(self) -> list[str]:
        """The discrete training methods that keep the subspace (full-batch ones for given data); empty unless the claim is that it is invariant."""
        if self.kind == "data-invariant":
            return words.optimizers(self.claim["subspace"], full_batch=True)
        return words.optimizers(self.claim["subspace"]) if self.kind in ("invariant", "fixed-space") else []

    @property
    def hash(self) -> str:
        """The theorem's name: the SHA-256 of model and claim."""
        return codec.theorem_hash(self.model, self.claim)

    @property
    def text(self) -> str:
        """The certificate in canonical form, as it stands in a file."""
        return codec.canonical(self.data)

    def save(self, path: str | Path = "") -> Path:
        """Write the certificate, whole or not at all, and return the path; the default name is made of the kind and the theorem's name."""
        return codec.write_atomically(path or codec.default_name(self.data), self.text)

    def verify(self) -> Verdict:
        """The independent checker's verdict on this certificate, written to a temporary file."""
        with tempfile.TemporaryDirectory() as folder:
            return verify_bytes(codec.read_bytes(self.save(Path(folder, "certificate.json"))), "certificate")

    def __hash__(self) -> int:
        return hash(self.hash)

    def __str__(self) -> str:
        from simcert import report

        return report.to_text(words.theorem(self.data))

    def _repr_html_(self) -> str:
        from simcert import report

        return report.fragment_html(self.data)

    def _repr_latex_(self) -> str:
        from simcert import report

        return report.to_latex(words.theorem(self.data))


def verify_bytes(data: bytes, name: str = "", limits: Limits | None = None) -> Verdict:
    """The independent checker's verdict on the bytes of a file.

    Arguments: `name`, what to call the file in the verdict; `limits`, those of the checker, or None for its own.
    """
    from simcert import checker

    result = checker.check_text(data, limits)
    return Verdict(result.status, result.statement, result.not_claimed, result.trust, result.message, result.theorem, result.seconds, name)


def require(verdict: Verdict) -> Verdict:
    """The verdict itself if it is `"verified"`; the producer calls this on every certificate that it makes.

    Raises `ResourceLimit` when the checker reached a limit, `VerificationError` otherwise.
    """
    if verdict.status == "limit":
        raise ResourceLimit(f"the checker reached a limit on the certificate that was just made: {verdict.message}", "", "try a smaller model")
    if verdict.status != "verified":
        fact = f"the checker does not verify the certificate that was just made: {verdict.status}, {verdict.message}"
        raise VerificationError(fact, "", "nothing was written; please report this as a bug")
    return verdict


def about(verdict: Verdict, found: Json, asked: Json) -> Verdict:
    """The verdict with the status `"other-model"` if the certificate's model `found` is not exactly the model `asked`."""
    if found == asked:
        return verdict
    try:
        what = words.difference(asked, found)
    except (KeyError, TypeError, AttributeError):
        what = "its model has another structure"
    return replace(verdict, status="other-model", message=f"the certificate is about another model: {what}")


def exit_code(verdicts: Iterable[Verdict]) -> int:
    """The exit code of the worst verdict (`docs/format.md`, section 5)."""
    codes = {EXIT_CODES.get(verdict.status, 1) for verdict in verdicts}
    return next((code for code in (3, 1, 5, 4) if code in codes), 0)
