"""A certificate as a Coq file: its bytes, its model and its claim as terms, and the theorem about them, proved by computation in Coq's kernel.

The terms are those of `formal/theories/Syntax.v`. They need no trust: Coq reads the bytes itself and compares. `_CLAIMS` has a row for every kind that the
machine-checked checker supports.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

Json = dict[str, Any]
PIECE = 4096  # characters in one string literal: Coq reads a file of many short ones faster, and without a deep stack
WIDTH = 150  # of a line
_CLASSES = {"generic": "Generic", "odd": "Odd_class", "even": "Even_class", "generic0": "Generic0", "flat": "Flat_class"}


def _list(items: Iterable[str]) -> str:
    return "[" + "; ".join(items) + "]"


def _string(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _text(text: str) -> str:
    return f"txt {_string(text)}"


def _rational(text: str) -> str:
    numerator, _, denominator = text.partition("/")
    return f"({numerator} # {denominator})%Q" if denominator else f"({numerator})%Q" if numerator.startswith("-") else f"{numerator}%Q"


def _rationals(values: Iterable[str]) -> str:
    return _list(map(_rational, values))


def _numbers(values: Iterable[int]) -> str:
    return _list(map(str, values))


def _indices(values: Iterable[int]) -> str:
    """Numbers of which −1 means none."""
    return _list("None" if v < 0 else f"Some {v}" for v in values)


def _table(table: Mapping[str, Any], value: Callable[[Any], str]) -> str:
    return _list(f"({_text(name)}, {value(table[name])})" for name in sorted(table))


def _declared(item: Json) -> str:
    return f"{{| d_name := {_text(item['name'])}; d_shape := {_numbers(item['shape'])} |}}"


def _node(node: Json) -> str:
    shape, args = _numbers(node["shape"]), cast(list[int], node.get("args", []))
    op = node["op"]
    if op in ("parameter", "input"):
        return f"N{op.capitalize()} {shape} ({_text(node['name'])})"
    if op == "stack":
        return f"NStack {shape} {_list(map(_text, node['names']))}"
    if op == "constant":
        return f"NConstant {shape} {_rationals(node['values'])}"
    if op == "add":
        return f"NAdd {shape} {_numbers(args)}"
    if op == "contract":
        terms, _, out = node["spec"].partition("->")
        return f"NContract {shape} {_numbers(args)} {_list(map(_text, terms.split(',')))} ({_text(out)})"
    if op in ("gather", "scatter"):
        return f"N{op.capitalize()} {shape} {args[0]} {_indices(node['indices'])}"
    return f"NApply {shape} {args[0]} ({_text(node['activation'])}) {node['order']}"


def _definition(definition: Json) -> str:
    ((kind, body),) = definition.items()
    if kind == "class":
        return f"Class {_CLASSES[body]}"
    if kind == "polynomial":
        return f"Polynomial {_rationals(body)}"
    return f"Piecewise {_rational(body[0])} {_rational(body[1])}" if kind == "piecewise" else f"Named ({_text(body)})"


def _assumption(meant: Any) -> str:
    return "Itself" if meant == "itself" else f"Facts {_list(fact.capitalize() for fact in meant)}"


def _model(model: Json) -> str:
    lines = [
        f"m_activations := {_table(model['activations'], _definition)}",
        f"m_inputs := {_list(map(_declared, model['inputs']))}",
        "m_nodes := [" + ";\n      ".join(map(_node, model["nodes"])) + "]",
        f"m_outputs := {_numbers(model['outputs'])}",
        f"m_parameters := {_list(map(_declared, model['parameters']))}",
    ]
    return "{| " + ";\n     ".join(lines) + " |}"


def _row(row: Json) -> str:
    entries = _list(f"({p}, {_rational(c)})" for p, c in row["entries"])
    return f"{{| r_constant := {_rational(row['constant'])}; r_entries := {entries} |}}"


def _subspace(subspace: Json) -> str:
    return f"{{| s_dimension := {subspace['dimension']}; s_rows := [" + ";\n      ".join(map(_row, subspace["rows"])) + "] |}"


def _action(action: Json) -> str:
    if "matrix" in action:
        return f"Matrix {_list(map(_rationals, action['matrix']))}"
    return f"Monomial {_numbers(action['permutation'])} {_list('true' if s < 0 else 'false' for s in action['signs'])}"


def _generator(generator: Json) -> str:
    nodes = _list(f"({n}, {_indices(axes)})" for n, axes in generator["nodes"])
    return f"{{| g_actions := {_list(map(_action, generator['actions']))}; g_nodes := {nodes} |}}"


def _generators(claim: Json) -> str:
    return "[" + ";\n     ".join(map(_generator, claim["generators"])) + "]"


def _laws(claim: Json) -> str:
    return "[" + ";\n     ".join(_list(f"({_rational(c)}, {_numbers(indices)})" for c, indices in law) for law in claim["laws"]) + "]"


def _subspaces(subspaces: list[Json]) -> str:
    return "[" + ";\n     ".join(map(_subspace, subspaces)) + "]"


def _lattice(claim: Json) -> str:
    edges = _list(f"({a}, {b})" for a, b in claim["edges"])
    conjugacy = "true" if claim["up_to"] == "conjugacy" else "false"
    return f"Lattice\n    {_subspaces(claim['beyond'])}\n    {edges}\n    {_generators(claim)}\n    {_subspaces(claim['nodes'])}\n    {conjugacy}"


def _quotient(claim: Json) -> str:
    rows = "[" + ";\n     ".join(map(_row, claim["map"])) + "]"
    return f"Quotient\n    {rows}\n    {_rationals(claim['metric'])}\n    {_model(claim['small'])}\n    {_subspace(claim['subspace'])}"


def _example(example: Json) -> str:
    target = _list(map(_rationals, example["y"]))
    return f"{{| d_input := {_table(example['x'], _rationals)}; d_target := {target}; d_weight := {_rational(example['weight'])} |}}"


def _data(claim: Json) -> str:
    data = "[" + ";\n     ".join(map(_example, claim["data"])) + "]"
    predictor = _list(_list(f"({_rational(c)}, {_numbers(p)}, {_numbers(x)})" for c, p, x in form) for form in claim["predictor"])
    return f"DataInvariant\n    {data}\n    {_generators(claim)}\n    {predictor}\n    {_subspace(claim['subspace'])}"


def _stratum(stratum: Json) -> str:
    numbers = f"t_dimension := {stratum['dimension']}; t_patterns := {stratum['patterns']}"
    points = _list(_table(point, _rationals) for point in stratum["points"])
    ends = f"t_blocks := {_numbers(stratum['blocks'])}; t_count := ({stratum['count']})%Z; {numbers}"
    return f"{{| {ends}; t_points := {points}; t_zero := {stratum['zero']} |}}"


def _classification(claim: Json) -> str:
    row = "Row_" + claim["row"].replace("-", "_")
    strata = "[" + ";\n     ".join(map(_stratum, claim["strata"])) + "]"
    induced = "true" if claim["symmetry_induced"] == "yes" else "false"
    return f"Classification {row}\n    {strata}\n    {induced} ({claim['total']})%Z"


def _intrinsic(claim: Json) -> str:
    place = {"near": "Near_point", "level": "Whole_level"}[claim["where"]]
    return f"Intrinsic\n    {_laws(claim)}\n    {claim['lower']}\n    {_table(claim['point'], _rationals)}\n    {claim['rank']} {claim['upper']} {place}"


_CLAIMS: dict[str, Callable[[Json], str]] = {
    "invariant": lambda claim: f"Invariant\n    {_subspace(claim['subspace'])}",
    "not-invariant": lambda claim: f"NotInvariant\n    {_subspace(claim['subspace'])}",
    "symmetry": lambda claim: f"Symmetry\n    {_generators(claim)}",
    "fixed-space": lambda claim: f"FixedSpace\n    {_generators(claim)}\n    {_subspace(claim['subspace'])}",
    "conservation-laws": lambda claim: f"ConservationLaws ({claim['generic']})%Z\n    {_laws(claim)}\n    {claim['rank']}",
    "orbit-dimension": lambda claim: f"OrbitDimension\n    {_table(claim['point'], _rationals)}\n    {claim['lower']} {claim['upper']}",
    "hull": lambda claim: f"Hull\n    {_table(claim['point'], _rationals)}\n    {_subspace(claim['subspace'])}",
    "lattice": _lattice,
    "quotient": _quotient,
    "data-invariant": _data,
    "classification": _classification,
    "intrinsic": _intrinsic,
}
_KINKS = """
(** The same where a piecewise function has no derivative, with every slope there. *)
Theorem certified_at_kinks : holds_at_kinks the_model the_assumptions the_claim.
Proof. exact (proj2 (proj2 (verified_claim _ _ _ _ accepted about))). Qed.
"""
_TRAINING = """
(** Every step of gradient descent and every solution of the gradient flow, for every finite data set and differentiable loss. *)
Theorem trained : forall L, claims_invariant the_claim L -> forall sigma, admissible the_model the_assumptions sigma -> training_stays the_model sigma L.
Proof. exact (verified_training _ _ _ _ accepted about). Qed.
"""


def _pieces(text: str) -> str:
    """The text without its final newline, as string literals."""
    body = text.removesuffix("\n")
    return ";\n   ".join(_string(body[k : k + PIECE]) for k in range(0, len(body), PIECE))


def _comment(text: str) -> str:
    """A text that can stand in a comment: Coq looks for strings and nested comments there."""
    return text.replace('"', "'").replace("(*", "( *").replace("*)", "* )")


def coq_file(data: Json, text: str, statement: str, not_proved: Iterable[str], module: str) -> str:
    """The Coq file of a certificate.

    Arguments: `data`, the certificate; `text`, its canonical text; `statement`, what is proved of claims of this kind, in words; `not_proved`, what is not;
    `module`, the name of the file without `.v`. The certificate must be one that the machine-checked checker verifies, else Coq refuses the file.
    """
    kind = data["claim"]["kind"]
    claim = _CLAIMS[kind](data["claim"])
    more = ""
    if kind in ("invariant", "fixed-space"):
        kinked = any("piecewise" in d and data["claim"]["activations"][name] == "itself" for name, d in data["model"]["activations"].items())
        more = (_KINKS if kinked else "") + _TRAINING
    limits = "\n".join(f"    - {_comment(line)}" for line in not_proved) or "    - (nothing that the claim says)"
    return f"""(** A theorem about a neural network, checked by Coq's kernel: one certificate ({_comment(kind)}) of simcert.

    [certified]: {_comment(statement)}.
    Its words are those of formal/theories/Meaning.v, which is to be read; of Syntax.v and Printer.v too, for [stated]: [bytes] are the text of a certificate
    with this model, these assumptions and this claim. Not proved:
{limits}

    Trusted: Coq's kernel with its virtual machine, and the axioms that Print Assumptions lists at the end (at most the four of formal/axioms.allowed). Neither
    Python nor the extraction to OCaml is. The certificate has {len(text)} bytes and the SHA-256 {hashlib.sha256(text.encode()).hexdigest()};
    `simcert formalize` writes this file again from it.

    Compile it in a checkout of simcert, with Coq 8.16 to 8.20 and Coquelicot:
      make -C formal && coqc -R formal/theories SimCert {module}.v *)
From Coq Require Import List Ascii String ZArith NArith QArith.
From SimCert Require Import Syntax Printer Meaning Kinks Check Training Kernel.
Import ListNotations.
Local Open Scope string_scope.
Local Open Scope N_scope.

Definition the_model : model :=
  {_model(data["model"])}.

Definition the_assumptions : list (text * assumption) := {_table(data["claim"]["activations"], _assumption)}.

Definition bytes : text := file_of
  [{_pieces(text)}].

Definition the_claim : claim := {claim}.

(** The checker, run by the kernel on the bytes, and what it read. *)
Lemma accepted : check_text bytes = Verified.
Proof. vm_cast_no_check (eq_refl Verified). Qed.
Lemma about : question bytes = Some (the_model, the_assumptions, the_claim).
Proof. vm_cast_no_check (eq_refl (Some (the_model, the_assumptions, the_claim))). Qed.

Theorem stated : states bytes the_model the_assumptions the_claim.
Proof. exact (proj1 (verified_claim _ _ _ _ accepted about)). Qed.

Theorem certified : claim_holds the_model the_assumptions the_claim.
Proof. exact (proj1 (proj2 (verified_claim _ _ _ _ accepted about))). Qed.
{more}
(** The theorem with the words of the claim, and what it rests on. *)
Eval cbv beta iota delta [claim_holds the_claim] in claim_holds the_model the_assumptions the_claim.
Check certified.
Print Assumptions certified.
"""
