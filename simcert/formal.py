"""The machine-checked checker (`formal/`): where its binary is, how it is run, and what counts as a disagreement with the other checker."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simcert.errors import SimcertError, SpecError

VARIABLE = "SIMCERT_FORMAL"
_NAME = "simcert-coq"
_EXIT_CODES = {0: "verified", 1: "invalid", 3: "malformed", 5: "limit"}
# methods in which the machine-checked checker looks at the claim and not at the hints; "precision": lower bounds, for which it may take more bits
_PROVES_MORE = ("congruence", "scaling", "expansion", "precision")
_NOT_PROVED = "; not proved: "  # between what the binary says is proved and what it says is not
TRUST = (
    "the definitions in formal/theories (Meaning.v, Syntax.v, Printer.v) that the theorem is about",
    "Coq's kernel, with the four axioms of its classical real numbers; its extraction to OCaml",
    "OCaml's compiler and runtime, the mapping of Coq's integers to Zarith, and the few lines that read files",
)
_DECIDED = ("verified", "invalid", "malformed")


@dataclass(frozen=True, slots=True)
class FormalVerdict:
    """What the machine-checked checker says of one file.

    `status` is one of `"verified"`, `"invalid"`, `"malformed"`, `"incomplete"`, `"unsupported"`, `"limit"`; `statement` says what kind of theorem was proved,
    `not_proved` what is not proved in Coq although one may think so.
    *Proves:* with `"verified"`, the theorem of `formal/README.md` for this claim. *Does not prove:* with any other status, nothing about the claim.
    """

    status: str
    statement: str = ""
    not_proved: tuple[str, ...] = ()
    seconds: float = 0.0

    def __str__(self) -> str:
        return f"{self.status} ({self.seconds:.2f} s)" + (f": {self.statement}" if self.statement else "")

    @property
    def trust(self) -> tuple[str, ...]:
        """What the verdict rests on; nothing where there is none."""
        return TRUST if self.status == "verified" else ()

    def to_json(self) -> dict[str, Any]:
        """The entry `formal` of a result of `simcert verify --formal --json`."""
        lists = {"not_proved": list(self.not_proved), "trust": list(self.trust)}
        return {"status": self.status, "statement": self.statement, **lists, "seconds": round(self.seconds, 6)}


def binary() -> Path | None:
    """The binary: the one that the environment variable `SIMCERT_FORMAL` names, else that of this checkout, else `simcert-coq` on the path."""
    if named := os.environ.get(VARIABLE):
        return Path(named)
    built = Path(__file__).parents[1] / "formal" / _NAME
    if built.is_file():
        return built
    found = shutil.which(_NAME)
    return Path(found) if found else None


def require_binary() -> Path:
    """The binary; raises `SpecError` with the way to build it where there is none."""
    found = binary()
    if found is None or not os.access(found, os.X_OK):
        remedy = f"run 'make formal' in a checkout of simcert, or set {VARIABLE} to its path"
        raise SpecError("the machine-checked checker is not built", str(found or ""), remedy)
    return found


def verify(path: str | Path, seconds: float = 600.0) -> FormalVerdict:
    """The machine-checked checker's verdict on a file, within a number of seconds.

    Raises `SpecError` if the binary is missing or the file cannot be read, `SimcertError` if the binary fails.
    """
    command = [str(require_binary()), "--seconds", str(max(1, round(seconds))), "--", str(path)]
    start = time.perf_counter()
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    took = time.perf_counter() - start
    if run.returncode == 2:
        raise SpecError("the machine-checked checker cannot read the file", str(path), "check the path")
    word, _, statement = run.stdout.strip().removeprefix(f"{path}: ").partition(": ")
    if _EXIT_CODES.get(run.returncode, word) != word or word not in {*_EXIT_CODES.values(), "incomplete", "unsupported"}:
        raise SimcertError(f"the machine-checked checker stopped with exit code {run.returncode}", str(path), run.stderr.strip() or "run it by hand to see why")
    statement, *not_proved = statement.split(_NOT_PROVED)
    return FormalVerdict(word, statement, tuple(not_proved), took)


def contradicts(status: str, formal: str, method: str) -> bool:
    """Whether two verdicts on the same bytes cannot both be right; one that decides nothing contradicts nothing.

    A proof by congruence, scaling or expansion may be invalid for one checker and verified by the other, which compares larger normal forms, expands all laws
    and reduced networks, and so proves more; a lower bound by interval arithmetic, where it asks for fewer bits than the other takes.
    """
    if (status, formal) == ("invalid", "verified") and method in _PROVES_MORE:
        return False
    return status != formal and "verified" in (status, formal) and {status, formal} <= set(_DECIDED)


def method_of(path: str | Path) -> str:
    """The method of the proof in a certificate file, or one that proves more here where a part of it has this method; nothing where there is none to read."""
    try:
        return method_in(json.loads(Path(path).read_bytes()))
    except (OSError, ValueError, RecursionError):
        return ""


def method_in(data: Any) -> str:
    """The same for a certificate that is read, whatever it is."""
    proof = data.get("proof") if isinstance(data, dict) else None
    if not isinstance(proof, dict) or "method" not in proof:
        return ""
    inside, parts = set[str](), [proof]
    while parts:
        part = parts.pop()
        if isinstance(part, dict):
            inside.add(str(part.get("method", "")))
            if isinstance(numbers := part.get("numbers"), dict):
                inside.update(numbers)
            parts.extend(part.values())
        elif isinstance(part, list):
            parts.extend(part)
    return next((method for method in _PROVES_MORE if method in inside), str(proof["method"]))
