"""The functions of the Python interface: each takes a model as a `Program` or as text, and returns certificates and verdicts."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simcert.certificates import claims, codec
from simcert.certificates.claims import Certificate, Verdict
from simcert.errors import CertificateFormatError, ResourceLimit, UndecidedError

if TYPE_CHECKING:
    from simcert.checker import Limits
    from simcert.dynamics.doubled import FlowLaws
    from simcert.dynamics.flow import IntrinsicFlow
    from simcert.groups.classification import Classification
    from simcert.groups.lattice import Lattice
    from simcert.groups.quotient import Quotient
    from simcert.groups.subspaces import Subspace
    from simcert.groups.symmetries import Symmetries
    from simcert.models.program import Program
    from simcert.report import Report


def subspace(net: Program | str, text: str) -> Subspace:
    """The subspace of the parameter space of a model that equations describe.

    Arguments: `text`, equations separated by `;`, such as `"W1[0,:] = W1[1,:]; tie(2: 0,1)"`. Raises `SpecError` with the equation at fault.
    """
    from simcert.models.equations import parse_subspace
    from simcert.models.spec import load_model

    return parse_subspace(load_model(net), text)


def prove(net: Program | str, subspace: Subspace | str, seed: int = 0) -> Certificate:
    """Decide whether a subspace L is invariant under the gradient flow of every loss and every data set, with a certificate either way.

    *Proves:* what the certificate states, `invariant` or `not-invariant` (`.kind`); the independent checker has verified it when this returns.
    *Does not prove:* that L is one orbit, or that flows approach or avoid it.

    Arguments: `net`, a model or its shorthand; `subspace`, equations or a `Subspace` of this model; `seed` of every random choice.
    Raises `UndecidedError` when neither a proof nor a refutation was found, `SpecError` for input that cannot be understood.
    """
    from simcert.invariance.decide import decide, read
    from simcert.models.spec import load_model

    program = load_model(net)
    space, hints = read(program, subspace) if isinstance(subspace, str) else (subspace, [])
    decision = decide(program, space, seed, hints)
    if decision.certificate is None:
        raise UndecidedError(
            f"undecided: {decision.reason}", program.title, "try another seed, or a class of activations such as odd instead of a named function"
        )
    return _checked(decision.certificate)


def symmetries(net: Program | str) -> Symmetries:
    """The symmetry group of a model: orthogonal maps g of parameter space with F(gθ) = F(θ), one factor for each index space.

    *Proves:* nothing by itself; `.certificate(seed)` is a certificate of the generators. *Does not prove:* that there are no other symmetries.
    """
    from simcert.groups.symmetries import derive
    from simcert.models.spec import load_model

    return derive(load_model(net))


def fixed_space(net: Program | str, statements: str, seed: int = 0) -> Certificate:
    """A certificate that the common fixed space of some symmetries is a certain subspace, which is therefore invariant.

    Arguments: `statements` such as `"swap(1: 0,1)"`.
    """
    from simcert.groups.symmetries import fixed_space as find
    from simcert.models.spec import load_model

    return _checked(find(load_model(net), statements, seed))


def lattice(
    net: Program | str, mode: str = "product", up_to: str = "equality", *, beyond: bool = False, signed_only: bool = False, limit: int = 20_000, seed: int = 0
) -> Lattice:
    """The lattice of the invariant subspaces that symmetries of a model induce: `.nodes`, `.edges`, `.graph`, `.plot(path)`, `.html(path)`, `.certificate`.

    *Proves:* (in `.certificate`) that the nodes are all intersections of fixed spaces of the listed symmetries, that they are invariant, and how they lie in
    each other. *Does not prove:* that there are no other invariant sets.

    Arguments: `mode` "product" (of subgroups, one for each index space) or "full" (all subgroups); `up_to` "equality" or "conjugacy"; `beyond` adds invariant
    subspaces that these symmetries do not induce; `signed_only` takes signed permutations for orthogonal groups. Raises `ResourceLimit` for more than `limit`
    nodes, before anything hopeless is started.
    """
    from simcert.groups.lattice import lattice as build
    from simcert.models.spec import load_model

    return build(load_model(net), mode, up_to, beyond=beyond, signed_only=signed_only, limit=limit, seed=seed)


def quotient(net: Program | str, subspace: Subspace | str, seed: int = 0) -> Quotient:
    """The smaller network that a model is on an invariant subspace: `.program`, `.widths`, `.multiplicities`, `.metrics()`, `.image(theta)`, `.certificate`.

    *Proves:* (in `.certificate`) that the subspace is invariant, that on it F(θ)(x) = G(Qθ)(x) for the small network G, and that gradient flows (and steps of
    gradient descent) on it are those of G for a metric. *Does not prove:* that there is no smaller network.

    Arguments: `subspace`, equations or a `Subspace` of this model. Raises `SpecError` if it is not invariant, `UndecidedError` if nothing was found.
    """
    from simcert.groups.quotient import quotient as find
    from simcert.invariance.decide import read
    from simcert.models.spec import load_model

    program = load_model(net)
    space, hints = read(program, subspace) if isinstance(subspace, str) else (subspace, [])
    return find(program, space, seed, hints)


def classify(net: Program | str, points: str = "auto", *, limit: int = 400, seed: int = 0) -> Classification:
    """All orbits of a two-layer network without biases and with one output: `.strata`, `.total` (None: infinitely many), `.symmetry_induced`, `.certificate`.

    *Proves:* (in `.certificate`) the hypotheses on the activation, the list of types of strata with their numbers, and that at every listed point the orbit has
    exactly the dimension of its stratum. *Cites:* the theorem of `docs/classification.md`, that these are all orbits.

    Arguments: `points` "all" (one in each pattern of coincidences), "one" (in each type) or "auto". Raises `SpecError` for networks and activations that the
    theorem does not cover, `ResourceLimit` for more than `limit` points, `UndecidedError` where no orbit dimension could be certified.
    """
    from simcert.groups.classification import classification
    from simcert.models.spec import load_model

    return classification(load_model(net), points, limit=limit, seed=seed)


@dataclass(frozen=True, slots=True)
class OrbitDimension:
    """The dimension of an orbit: `dimension` is None where `lower` and `upper` differ; `reasons` say what holds the orbit back."""

    dimension: int | None
    lower: int
    upper: int
    parameters: int
    reasons: tuple[str, ...]
    certificate: Certificate


def orbit_dimension(net: Program | str, at: Any, seed: int = 0) -> OrbitDimension:
    """The dimension of the orbit of a point: of all that gradient flows of any losses on any data can reach from it.

    *Proves:* (in `.certificate`) lower ≤ dim Lie(V)(θ0) ≤ upper; that this is the dimension of the orbit is the theorem of Hermann and Nagano.
    *Does not prove:* which points the orbit contains.

    Arguments: `at`, a point as `net.point(W1=…)` gives it, nested lists of exact numbers by name, a file, or `"generic"`.
    """
    from simcert.fields.orbits import Point
    from simcert.fields.uppers import orbit
    from simcert.models.spec import load_model

    program = load_model(net)
    found = orbit(Point(program, _point(program, at, seed), seed))
    certificate = _checked(found.certificate())
    return OrbitDimension(found.dimension, found.lower.bound, found.upper.bound, program.size, tuple(found.upper.words), certificate)


@dataclass(frozen=True, slots=True)
class ConservationLaws:
    """Conservation laws: `count` independent ones, `laws` as formulas, `orbit_dimension` that of generic points when `complete`."""

    laws: tuple[str, ...]
    count: int
    complete: bool
    orbit_dimension: int | None
    certificate: Certificate


def conservation_laws(net: Program | str, degree: int = 2, seed: int = 0) -> ConservationLaws:
    """The polynomial conservation laws of a model: functions of the parameters that no gradient flow changes.

    *Proves:* (in `.certificate`) that each is conserved, how many are independent, and when complete that there are no others of any form.
    *Does not prove:* when not complete, that there are no more.
    """
    from simcert.laws.search import conservation_laws as search
    from simcert.models.spec import load_model

    found = search(load_model(net), degree, seed)
    return ConservationLaws(found.texts, found.count, found.complete, found.orbit_dimension, _checked(found.certificate))


@dataclass(frozen=True, slots=True)
class Intrinsic:
    """The dynamics of a factorisation at a point.

    `verdict` is "intrinsic", "not-intrinsic" or "undecided"; `lie_dimension` that of Lie(W_φ)(θ0) (None where its bounds differ), `rank_phi` the rank of
    ∂φ(θ0), `kernel_dimension` the dimension of Lie(W_φ)(θ0) ∩ ker ∂φ(θ0). `where` is "level", "near" or "orbit"; `flow` has the equation of z in words.
    """

    verdict: str
    lie_dimension: int | None
    rank_phi: int
    kernel_dimension: int | None
    where: str
    flow: tuple[str, ...]
    reason: str
    certificate: Certificate | None


@dataclass(frozen=True, slots=True)
class DataInvariant:
    """A subspace that data with a symmetry keep invariant.

    `order` is that of the group of the data (None: infinite, or not counted), `units` how hidden units move along with each generator, `predictor` a formula
    for each output on the subspace where the network is affine in x there.
    """

    dimension: int
    parameters: int
    order: int | None
    units: tuple[str, ...]
    predictor: tuple[str, ...]
    certificate: Certificate


def hull(net: Program | str, at: Any, seed: int = 0) -> Certificate:
    """The certificate of the smallest invariant affine subspace that contains a point; `.dimension` and `.equations` describe it.

    Raises `UndecidedError` when the subspace found was not proved to be invariant, or not to be the smallest.
    """
    from simcert.fields.orbits import Point
    from simcert.invariance.hull import hull as find
    from simcert.models.spec import load_model

    program = load_model(net)
    found = find(Point(program, _point(program, at, seed), seed))
    if found.certificate is None:
        raise UndecidedError(f"undecided: the hull is {found.reason}", program.title)
    return _checked(found.certificate)


def intrinsic(net: Program | str, at: Any, seed: int = 0) -> Intrinsic:
    """Whether the training dynamics of a model's factorisation φ are intrinsic at a point: whether G = ∂φ∂φᵀ is a function of z = φ(θ) there.

    *Proves:* (in `.certificate`) with `verdict` "intrinsic", that a K with G(θ) = K(φ(θ)) exists, on the level of the conservation laws, or near the point;
    with "not-intrinsic", that none does. *Does not prove:* with "undecided" (then `.certificate` is None) nothing but the numbers.

    Arguments: `net`, a model of a family with a known factorisation, or a program without inputs, which is φ itself; `at` as in `orbit_dimension`.

    Source: Marcotte, Peyré, Gribonval, arXiv 2508.07370.
    """
    from simcert.dynamics.decide import intrinsic as decide
    from simcert.dynamics.factorizations import factorization
    from simcert.dynamics.formulas import formula
    from simcert.models.spec import load_model

    program = factorization(load_model(net))
    found = decide(program, _point(program, at, seed), seed)
    certificate = None if found.certificate is None else _checked(found.certificate)
    return Intrinsic(found.verdict, found.lie, found.rank, found.kernel, found.where, tuple(formula(found)), found.reason, certificate)


def intrinsic_flow(net: Program | str, at: Any, seed: int = 0) -> IntrinsicFlow:
    """The intrinsic flow Z, S ↦ Ż = −K(Z)S of a model's factorisation at a point, S = ∂f/∂Z, as a function of numpy arrays; `.formula` says it in words.

    *Proves:* nothing: it computes in floats, for plots and comparisons; `intrinsic` gives the certificate. Raises `UndecidedError` where no K is known.

    >>> import simcert as sc
    >>> flow = sc.intrinsic_flow("linear:1-1-1", {"W1": [[1]], "W2": [[2]]})
    >>> flow.formula[0], float(flow([[2.0]], [[1.0]])[0, 0])
    ("ż = −sqrt(9 + 4z²)·f'(z)", -5.0)
    """
    from simcert.dynamics.factorizations import factorization
    from simcert.dynamics.flow import intrinsic_flow as build
    from simcert.models.spec import load_model

    program = factorization(load_model(net))
    return build(program, _point(program, at, seed), seed)


def momentum_laws(net: Program | str, flow: str = "momentum", seed: int = 0) -> FlowLaws:
    """How many conservation laws a model's factorisation has under momentum flow, on (t, θ, θ'), or under the entropic mirror flow (`flow="mirror"`).

    *Proves:* there are at most `.count` independent laws near generic points (a rank modulo a prime). *Does not prove:* that there are so many.

    Source: Marcotte, Gribonval, Peyré, "Keep the momentum", arXiv 2405.12888.

    >>> import simcert as sc
    >>> sc.momentum_laws("linear:2-3-2").count, sc.momentum_laws("mlp:2-3-1:relu").count
    (3, 0)
    """
    from simcert.dynamics.doubled import flow_laws
    from simcert.dynamics.factorizations import factorization
    from simcert.models.spec import load_model

    return flow_laws(factorization(load_model(net)), flow, seed)


def data_invariant(net: Program | str, symmetry: Any, data: Any, units: str = "auto", seed: int = 0) -> DataInvariant:
    """A subspace that training on data with a symmetry never leaves, whatever the loss with the same symmetry.

    *Proves:* (in `.certificate`) that the data are closed under (x, y) ↦ (Tx, εy) for every generator, that F(gθ)(Tx) = εF(θ)(x) with g orthogonal, that the
    subspace is {θ : gθ = θ}, hence invariant for these data and losses with ℓ(εz, εy) = ℓ(z, y); and a formula for F on it where it is affine in x.
    *Does not prove:* anything for other data, or for mini-batches that are not closed.

    Arguments: `symmetry` such as `"flip; eps = -1"` (`simcert.groups.transformations`); `data`, a file or `{"x": […], "y": […]}` of exact numbers
    (`simcert.models.datasets`); `units`, how hidden units move along (`simcert.groups.lifts`). Raises `SpecError` when the data are not closed, naming the
    example whose image is missing; `UndecidedError` when the symmetry induces no map of the parameters.
    """
    from simcert.certificates import words
    from simcert.groups.transformations import parse_symmetry
    from simcert.invariance.data import data_invariance
    from simcert.models.datasets import parse_data
    from simcert.models.spec import load_model

    program = load_model(net)
    found = data_invariance(program, parse_symmetry(program, symmetry), parse_data(program, data), units, seed)
    certificate = _checked(found.certificate)
    formulas = tuple(words.predictor_text(certificate.model, terms) for terms in certificate.claim["predictor"])
    return DataInvariant(found.subspace.dimension, program.size, found.order, tuple(lift.units for lift in found.lifts), formulas, certificate)


def _point(program: Program, at: Any, seed: int) -> dict[str, list[Fraction]]:
    from simcert.models.points import parse_point
    from simcert.models.program import size_of

    flat = isinstance(at, dict) and all(
        isinstance(v, list) and len(v) == size_of(dict(program.parameters).get(n, ())) and all(isinstance(x, Fraction) for x in v) for n, v in at.items()
    )
    return at if flat and set(at) == {n for n, _ in program.parameters} else parse_point(program, at, seed)


def verify(path: str | Path, model: Program | str | None = None, limits: Limits | None = None) -> Verdict:
    """The independent checker's verdict on a certificate file.

    *Proves:* with `status == "verified"`, the theorem `statement`. *Does not prove:* with any other status, nothing about the claim.

    Arguments: `model`, if given, must be exactly the model of the certificate: otherwise the status is `"other-model"`; `limits` of the checker.
    Raises `SpecError` if the file or the model cannot be read.
    """
    data = codec.read_bytes(path)
    verdict = claims.verify_bytes(data, str(path), limits)
    if model is None or verdict.status == "malformed" or not verdict.theorem:
        return verdict
    from simcert.models.spec import load_model

    found, asked = codec.loads(data, str(path)), load_model(model)
    if asked.inputs and found["claim"]["kind"] in ("intrinsic", "not-intrinsic"):
        from simcert.dynamics.factorizations import factorization

        asked = factorization(asked)
    return claims.about(verdict, found["model"], asked.to_json())


def explain(path: str | Path) -> Report:
    """The theorem of a certificate file in words, why it holds, what is not claimed, what is trusted, and the checker's verdict.

    Printing the report gives text; `.latex()` and `.html()` give files. Raises `CertificateFormatError` for a malformed file.
    """
    from simcert.report import report

    data = codec.read_bytes(path)
    verdict = claims.verify_bytes(data, str(path))
    if verdict.status == "limit" and not verdict.theorem:
        raise ResourceLimit(verdict.message, str(path))
    if verdict.status == "malformed" or not verdict.theorem:
        raise CertificateFormatError(verdict.message, str(path))
    try:
        return report(codec.loads_certificate(data, str(path)), verdict)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise CertificateFormatError(f"the file has another structure than docs/format.md says ({type(error).__name__}: {error})", str(path)) from None


def _checked(data: dict[str, Any]) -> Certificate:
    certificate = Certificate(codec.assemble(data["model"], data["claim"], data["proof"], data.get("meta", {})))
    claims.require(certificate.verify())
    return certificate
