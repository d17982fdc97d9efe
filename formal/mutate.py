"""Changed certificates through both binaries and the independent checker: `python -m formal.mutate --count 10000 --seed 0` in the root of the checkout.

Certificates of `certificates/valid` that `simcert-coq` verifies are changed at random, all kinds alike. Where a changed file is verified here, its claim
must be the old one, or be confirmed by a computation that knows neither checker (`tests/mutations.py`). Wrong are: a verified claim that this refutes or
cannot tell, two verdicts of the binaries that differ, and a contradiction between this checker and the independent one. Different words that are no
contradiction (two faults in one file, of which each checker sees another first) are counted. Needs the packages of `simcert[test]`.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from formal.test import CORPUS, verdicts
from simcert import formal
from simcert.certificates import codec
from simcert.checker import Limits, check_text
from tests.mutations import at, changed, holds, places, variants

VALID = CORPUS / "valid"
BINARIES = ("simcert-coq", "simcert-coq-pure")
LIMITS = Limits(max_terms=200_000, seconds=10.0)
SKETCH = Limits(max_terms=1_000, seconds=0.2)  # enough to see whether a text is malformed
SECONDS = {"simcert-coq": 20, "simcert-coq-pure": 2}  # for one file; the second is many times slower in arithmetic
BATCH = 250  # files in one call of a binary
PARTS = ("claim", "claim", "proof", "model")  # which part is changed, the claim twice as often
TRIES = 16  # most random changes are malformed: of three mutants in four this many are tried until one is not
Json = Any


@dataclass(slots=True)
class Mutant:
    """A changed certificate: the file it was made of, its text, whether it still has the old model and claim, and what the checkers say of it."""

    origin: Path
    text: str
    same: bool
    fast: str = ""
    pure: str = ""
    independent: str = ""


@dataclass(slots=True)
class Report:
    """How many mutants of each kind had which verdict, how many verified ones have another claim or model, and everything that is wrong."""

    counts: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    confirmed: Counter[str] = field(default_factory=Counter)
    proves_more: Counter[str] = field(default_factory=Counter)
    other_words: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    wrong: list[str] = field(default_factory=list)

    def table(self) -> str:
        """Kinds by verdicts of `simcert-coq`."""
        words = sorted({word for counts in self.counts.values() for word in counts})
        rows = [("kind", "changed", *words, "verified, another claim")]
        rows += [(kind, str(c.total()), *(str(c[w]) for w in words), str(self.confirmed[kind])) for kind, c in sorted(self.counts.items())]
        total = sum(self.counts.values(), Counter[str]())
        rows.append(("all", str(total.total()), *(str(total[w]) for w in words), str(self.confirmed.total())))
        widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
        return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)


@cache
def original(path: Path) -> Json:
    return json.loads(path.read_text())


def change(data: Json, before: Json, rng: random.Random) -> Json:
    """One change: of any value in a part, of all equal ones in claim and proof together, or an equation less."""
    part, how = rng.choice(PARTS), rng.random()
    space = data["claim"].get("subspace")
    if how < 0.1 and data["claim"].keys() == before["claim"].keys() and space == before["claim"].get("subspace") and space and space["rows"]:
        rows, k = space["rows"], rng.randrange(len(space["rows"]))
        return changed(data, ("claim", "subspace"), {**space, "dimension": space["dimension"] + 1, "rows": rows[:k] + rows[k + 1 :]})
    where = rng.choice(list(places(data[part], (part,))))
    value = at(data, where)
    other = [v for v in variants(value) if v != value]
    if not other:
        return data
    new = rng.choice(other)
    if how < 0.3 and isinstance(value, str | int):
        for place in places({key: data[key] for key in ("claim", "proof")}, ()):
            if place and place[-1] == where[-1] and at(data, place) == value:
                data = changed(data, place, new)
    return changed(data, where, new)


def mutant(path: Path, rng: random.Random) -> Mutant:
    """A certificate with one to three small changes of claim, proof or model, well-formed more often than not."""
    before, text, after = original(path), "", None
    for _ in range(rng.choice((1, TRIES, TRIES, TRIES))):
        after = before
        for _ in range(rng.choice((1, 1, 1, 2, 3))):
            after = change(after, before, rng)
        text = json.dumps(after, sort_keys=True, separators=(",", ":")) + "\n"
        if after != before and check_text(text, SKETCH).status != "malformed":
            break
    return Mutant(path, text, after is not None and all(after.get(part) == before[part] for part in ("claim", "model")))


def mutants(paths: Sequence[Path], count: int, rng: random.Random) -> list[Mutant]:
    """Distinct mutants; every kind as often as any other, whatever the number of its files."""
    kinds = defaultdict[str, list[Path]](list)
    for path in paths:
        kinds[original(path)["claim"]["kind"]].append(path)
    found, names = dict[str, Mutant](), sorted(kinds)
    while len(found) < count:
        path = rng.choice(kinds[names[len(found) % len(names)]])
        made = mutant(path, rng)
        if made.text not in found and made.text != codec.canonical(original(path)):
            found[made.text] = made
    return list(found.values())


def ask(batch: list[Mutant], run: Callable[[str, list[Path], int], list[str]] = verdicts) -> None:
    """Fill in what the two binaries and the independent checker say."""
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder, f"{k}.json") for k in range(len(batch))]
        for file, item in zip(files, batch, strict=True):
            file.write_text(item.text)
        fast, pure = (run(binary, files, SECONDS[binary]) for binary in BINARIES)
    for item, item.fast, item.pure in zip(batch, fast, pure, strict=True):
        item.independent = check_text(item.text, LIMITS).status


def judge(item: Mutant, report: Report) -> None:
    """Count a mutant, and say what is wrong with the verdicts on it."""
    kind = original(item.origin)["claim"]["kind"]
    report.counts[kind][item.fast] += 1
    said = f"{item.origin.name}: {item.fast} (simcert-coq), {item.pure} (simcert-coq-pure), {item.independent} (independent)"
    if item.fast != item.pure and "limit" not in (item.fast, item.pure):
        report.wrong.append(f"the binaries differ: {said}: {item.text}")
    data = json.loads(item.text)
    if formal.contradicts(item.independent, item.fast, formal.method_in(data)):
        report.wrong.append(f"the checkers contradict each other: {said}: {item.text}")
    elif {item.independent, item.fast} == {"verified", "invalid"}:
        report.proves_more[formal.method_in(data)] += 1
    elif item.independent != item.fast and not {"unsupported", "limit"} & {item.independent, item.fast}:
        report.other_words[f"{item.fast} here and {item.independent} there"].append(f"{item.origin.name}: {item.text}")
    if item.fast == "verified" and not item.same:
        report.confirmed[kind] += 1
        if reason := refuted(data):
            report.wrong.append(f"verified, but {reason}: {said}: {item.text}")


def refuted(data: Json) -> str:
    """Why the claim of a certificate is not confirmed by another computation; empty where it is."""
    try:
        return "" if holds(data) else "another computation says that the claim is false"
    except (ArithmeticError, ValueError, KeyError, TypeError, IndexError) as error:
        return f"another computation cannot tell ({type(error).__name__}: {error})"


def run(count: int, seed: int, progress: Callable[[int], None] = lambda done: None) -> Report:
    """Change `count` certificates, drawn with `seed`, and judge what the checkers say of them."""
    files = sorted(VALID.glob("*.json"))
    supported = [file for file, word in zip(files, verdicts(BINARIES[0], files), strict=True) if word == "verified"]
    made, report = mutants(supported, count, random.Random(seed)), Report()
    for start in range(0, count, BATCH):
        batch = made[start : start + BATCH]
        ask(batch)
        for item in batch:
            judge(item, report)
        progress(start + len(batch))
    return report


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=10000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--show", type=int, default=0, help="how many files that are no contradiction, but have different verdicts, to print")
    options = parser.parse_args()
    start = time.perf_counter()
    report = run(options.count, options.seed, lambda done: print(f"\r{done} of {options.count}", end="", file=sys.stderr, flush=True))
    print(file=sys.stderr)
    print(report.table())
    for words, texts in sorted(report.other_words.items()):
        print(f"{len(texts)} files are {words}")
        print("".join(f"  {text}" for text in texts[: options.show]), end="")
    for method, number in sorted(report.proves_more.items()):
        print(f"{number} files with the method {method} are verified here and invalid for the independent checker, which looks at the hints")
    print("\n".join(report.wrong))
    print(f"{len(report.wrong)} wrong of {options.count} (seed {options.seed}, {time.perf_counter() - start:.0f} s)")
    return int(bool(report.wrong))


if __name__ == "__main__":
    sys.exit(main())
