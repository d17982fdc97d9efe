"""Changed certificates through both binaries of the machine-checked checker and the independent one; `python -m formal.mutate` tries more."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from formal import mutate
from formal.test import HERE
from simcert import formal

pytestmark = pytest.mark.skipif(not all((HERE / name).is_file() for name in mutate.BINARIES), reason="the machine-checked checker is not built (make formal)")
TIED = mutate.VALID / "tie-tanh.json"


def test_no_change_proves_anything_false_and_no_two_checkers_contradict_each_other() -> None:
    report = mutate.run(900, 2026)
    assert not report.wrong, "\n".join(report.wrong)
    assert sum(counts.total() for counts in report.counts.values()) == 900 and len(report.counts) >= 6
    assert all(counts["invalid"] for counts in report.counts.values()) and report.confirmed.total() > 30
    assert "another claim" in report.table() and "orbit-dimension" in report.table()


def changed(text: str, same: bool = False) -> mutate.Mutant:
    assert text != TIED.read_text()
    return mutate.Mutant(TIED, text, same, "verified", "verified", "verified")


def test_a_false_claim_that_all_checkers_verify_is_noticed() -> None:
    data = json.loads(TIED.read_text())
    data["claim"]["subspace"] = {"dimension": 7, "rows": data["claim"]["subspace"]["rows"][:2]}
    report = mutate.Report()
    mutate.judge(changed(json.dumps(data)), report)
    assert len(report.wrong) == 1 and "the claim is false" in report.wrong[0]
    data["model"]["outputs"] = [77]
    mutate.judge(changed(json.dumps(data)), report)
    assert len(report.wrong) == 2 and "cannot tell (IndexError" in report.wrong[1]


@pytest.mark.parametrize(
    ("fast", "pure", "independent", "message"),
    [
        ("invalid", "verified", "verified", "the binaries differ"), ("verified", "verified", "invalid", "contradict"),
        ("invalid", "invalid", "verified", "contradict"),
        ("malformed", "malformed", "verified", "contradict"), ("limit", "verified", "verified", ""), ("unsupported", "unsupported", "verified", ""),
        ("malformed", "malformed", "invalid", ""),
    ],
)  # fmt: skip
def test_verdicts_that_differ(fast: str, pure: str, independent: str, message: str) -> None:
    item, report = changed(TIED.read_text() + "\n", same=True), mutate.Report()
    item.fast, item.pure, item.independent = fast, pure, independent
    mutate.judge(item, report)
    assert any(message in wrong for wrong in report.wrong) if message else not report.wrong
    assert report.counts["invariant"][fast] == 1
    assert len(report.other_words) == ((fast, independent) == ("malformed", "invalid"))


def test_the_same_seed_gives_the_same_mutants_and_every_kind_its_share() -> None:
    paths = [path for path in sorted(mutate.VALID.glob("*.json")) if formal.verify(path).status == "verified"][:20]
    first, again, other = (mutate.mutants(paths, 60, random.Random(seed)) for seed in (1, 1, 2))
    assert [item.text for item in first] == [item.text for item in again] != [item.text for item in other]
    assert len({item.text for item in first}) == 60
    assert {Path(item.origin).stem for item in first} <= {path.stem for path in paths}
