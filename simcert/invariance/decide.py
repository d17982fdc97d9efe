"""Is this subspace a structural invariant manifold? Decided either way, with a certificate.

Search a violation modulo a prime (one ends the matter), else prove by symmetry, congruence, identity. For classes and polynomials the answer is
always one of the two; for named transcendental functions an honest "undecided" remains.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from simcert.errors import SpecError
from simcert.exact.arrays import UndefinedValueError
from simcert.exact.rationals import Rationals
from simcert.fields.gradients import Fields
from simcert.groups.generators import Generator
from simcert.groups.subspaces import Subspace
from simcert.groups.symmetries import assumed, named_generators
from simcert.invariance import algebraic, symmetry, witness
from simcert.models.activations import facts, minimal
from simcert.models.program import Activation, Program

Assumption = dict[str, tuple[str, ...] | str]
DEGREES = (5, 9, 17, 33)


@dataclass(frozen=True)
class Decision:
    """The outcome of `decide`.

    `verdict` is "invariant", "not-invariant" or "undecided"; `method` the proof rule, `dimension` that of the subspace, `optimizers` the discrete
    methods that keep it (empty unless invariant), `reason` one sentence, `certificate` the certificate object, None when undecided.
    """

    verdict: str
    method: str | None
    dimension: int
    optimizers: list[str] = field(default_factory=list[str])
    reason: str = ""
    certificate: dict[str, Any] | None = None


def read(program: Program, source: str) -> tuple[Subspace, list[Generator]]:
    """The subspace that equations describe, and the generators that its `swap(…)` statements name (where they are symmetries)."""
    from simcert.models.equations import read_statements, subspace_of

    statements = read_statements(program, source)
    try:
        return subspace_of(program, statements), named_generators(program, statements)
    except SpecError:
        return subspace_of(program, statements), []


def decide(program: Program, subspace: Subspace, seed: int = 0, hints: Sequence[Generator] = ()) -> Decision:
    """Decide whether `subspace` is invariant under the gradient flow of every loss and every data set, because of the architecture alone.

    *Proves:* what the returned certificate states; run a checker on it. *Does not prove:* that the subspace is one orbit, or the smallest invariant one.
    Arguments: `seed` fixes every random choice (same seed, same bytes); `hints` are generators to try first. Raises `SpecError` for the whole parameter space.

    Source: `math.md` section 3.
    """
    if not subspace.rows:
        raise SpecError("the subspace is the whole parameter space: there is nothing to prove", "", "give at least one equation")
    rng = random.Random(seed)
    fields = Fields(program)
    question = _Question(fields, subspace, seed, rng)
    refuted = False
    for degree in DEGREES:
        proof = question.search(degree)
        if proof is not None and question.exact:
            return question.refutation(proof)
        if proof is not None:
            refuted = True
            break
        found = question.prove(hints) if degree == DEGREES[0] else None
        if found is not None:
            return found
    return question.without_proof(refuted)


@dataclass(frozen=True)
class _Question:
    fields: Fields
    subspace: Subspace
    seed: int
    rng: random.Random

    @property
    def activations(self) -> dict[str, Activation]:
        return self.fields.program.activations

    @property
    def exact(self) -> bool:
        """Whether a violation of the polynomial stand-ins refutes the claim itself: no named transcendental function occurs."""
        return all(a.named in (None, "reciprocal") for a in self.activations.values())

    def search(self, degree: int) -> witness.Proof | None:
        return witness.violation(witness.class_problem(self.fields, self.subspace, degree, self.rng, exhibit=False), self.rng)

    def assumptions(self) -> list[Assumption]:
        """What to assume of the activations, the most general first."""
        known = {name: minimal(facts(a)) for name, a in self.activations.items()}
        itself = {name: a.piecewise is not None or a.named == "reciprocal" for name, a in self.activations.items()}

        def level(choice: dict[str, tuple[str, ...]]) -> Assumption:
            return {name: "itself" if itself[name] else choice[name] for name in known}

        out = [level(dict.fromkeys(known, ()))]
        for one in ("zero", "flat"):
            out.append(level({n: (one,) if one in facts(self.activations[n]) else () for n in known}))
        out.append(level(known))
        return [a for i, a in enumerate(out) if a not in out[:i]]

    def prove(self, hints: Sequence[Generator]) -> Decision | None:
        generators = symmetry.find(self.subspace, hints)
        if generators is not None and (not self.has_even_kinks() or self.differentiable()):
            return self.invariant("symmetry", assumed(self.fields.program, generators), {"generators": [g.to_json() for g in generators]})
        for facts_used in self.assumptions():
            if algebraic.proves(self.fields, self.subspace, facts_used, naming=True):
                return self.invariant("congruence", facts_used, {})
        last = {n: "itself" if a.cls is None and a.named in (None, "reciprocal") else minimal(facts(a)) for n, a in self.activations.items()}
        for facts_used in [*self.assumptions(), last]:
            if algebraic.proves(self.fields, self.subspace, facts_used, naming=False, max_work=3_000_000 if facts_used != last else 20_000_000):
                return self.invariant("identity", facts_used, {})
        return None

    def invariant(self, method: str, about: Assumption, proof: dict[str, Any]) -> Decision:
        claim = {"kind": "invariant", "activations": _listed(about), "subspace": self.subspace.to_json()}
        certificate = self.certificate(claim, {"method": method, **proof})
        return Decision("invariant", method, self.subspace.dimension, self.subspace.optimizers(), f"proved by {method}", certificate)

    def refutation(self, proof: witness.Proof) -> Decision:
        about: Assumption = {n: "itself" if a.cls is None else minimal(facts(a)) for n, a in self.activations.items()}
        claim = {"kind": "not-invariant", "activations": _listed(about), "subspace": self.subspace.to_json()}
        reason = f"a gradient leaves the subspace ({proof['method']} witness)"
        return Decision("not-invariant", proof["method"], self.subspace.dimension, [], reason, self.certificate(claim, proof))

    def certificate(self, claim: dict[str, Any], proof: dict[str, Any]) -> dict[str, Any]:
        p = self.fields.program
        meta = {"created_by": "simcert", "family": p.family, "seed": str(self.seed), "title": p.title}
        return {"claim": claim, "format": "simcert", "meta": meta, "model": p.to_json(), "proof": proof, "version": 1}

    def without_proof(self, refuted: bool) -> Decision:
        """No positive proof: find an exact witness for the functions themselves, or say that the question stays open."""
        for degree in DEGREES:
            problem = witness.class_problem(self.fields, self.subspace, degree, self.rng, exhibit=True)
            attempts = [witness.violation] if self.exact else [witness.exponential, witness.series, witness.ball]
            for attempt in attempts:
                proof = attempt(problem, self.rng)
                if proof is not None:
                    return self.refutation(proof)
            if not problem.members:
                break
        if refuted and not self.exact:
            itself: Assumption = {n: "itself" if a.cls is None else minimal(facts(a)) for n, a in self.activations.items()}
            if algebraic.proves(self.fields, self.subspace, itself, naming=False):
                return self.invariant("identity", itself, {})
        kinks = [n for n, a in self.activations.items() if a.piecewise is not None]
        if kinks and not self.differentiable():
            reason = f"on all of the subspace an argument of {kinks[0]} is 0, where it has no derivative: the answer depends on the value chosen for it"
            return Decision("undecided", None, self.subspace.dimension, [], reason)
        what = (
            "invariance is refuted for the class of its activations, but no witness was found for the functions themselves"
            if refuted
            else "no violation was found, and no proof within the limits"
        )
        return Decision("undecided", None, self.subspace.dimension, [], what)

    def has_even_kinks(self) -> bool:
        """Whether a piecewise function like |z| occurs: a sign flip proves nothing where its argument is 0 on all of the subspace."""
        return any(a.piecewise is not None and "even" in facts(a) for a in self.activations.values())

    def differentiable(self) -> bool:
        """Whether at some random point of the subspace no piecewise function is at its kink (False: at none of those tried)."""
        problem = witness.class_problem(self.fields, self.subspace, 3, self.rng, exhibit=False)
        for bound in (5, 9, 99, 999):
            theta, x = self.subspace.named(self.subspace.random_point(self.rng, bound)), witness.random_inputs(self.fields, self.rng, bound)
            try:
                problem.values(Rationals(problem.definitions), theta, x, self.fields.outputs[0])
            except UndefinedValueError:
                continue
            return True
        return False


def _listed(about: Assumption) -> dict[str, Any]:
    return {name: value if isinstance(value, str) else list(value) for name, value in about.items()}
