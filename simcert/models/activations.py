"""The table of activations: derivatives, parities, values at 0, exactness, and a float version for cross-checks.

A named function is written as a polynomial in z and finitely many *atoms* whose derivatives are again such polynomials (tanh' = 1 − tanh²),
so that all its derivatives are polynomials in the same variables, with rational coefficients. `NAMED` has one row for every named function of
`docs/format.md`, section 2; the tests prove every row with sympy.
"""

from __future__ import annotations

import difflib
import functools
import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from simcert.errors import InexactInputError, SpecError
from simcert.models.program import Activation

Poly = dict[tuple[int, ...], Fraction]

FACTS = ("even", "flat", "odd", "zero")
IMPLIED = {"odd": "zero", "even": "flat"}
CLASSES: dict[str, tuple[str, ...]] = {"generic": (), "odd": ("odd",), "even": ("even",), "generic0": ("zero",), "flat": ("flat",)}

# atom: (its derivative, its value at 0 or None where it is not defined there); a value in words is the name of a constant
ATOMS: dict[str, tuple[str, int | str | None]] = {
    "exp": ("exp", 1),  # e^z
    "tanh": ("1 - tanh^2", 0),
    "sigmoid": ("sigmoid - sigmoid^2", "1/2"),  # 1/(1+e^(-z))
    "sin": ("cos", 0),
    "cos": ("-sin", 1),
    "sinh": ("cosh", 0),
    "cosh": ("sinh", 1),
    "gauss": ("-2*z*gauss", 1),  # e^(-z^2)
    "phi": ("-z*phi", 1),  # e^(-z^2/2)
    "erf": ("two_over_sqrt_pi*gauss", 0),
    "normal": ("one_over_sqrt_two_pi*phi", "1/2"),  # (1+erf(z/√2))/2
    "arctan": ("lorentz", 0),
    "lorentz": ("-2*z*lorentz^2", 1),  # 1/(1+z^2)
    "softplus": ("sigmoid", "log2"),  # log(1+e^z)
    "logcosh": ("tanh", 0),
    "reciprocal": ("-reciprocal^2", None),
    "rsqrt": ("-1/2*rsqrt^3", None),  # z^(-1/2)
}
CONSTANTS: dict[str, float] = {
    "two_over_sqrt_pi": 2 / math.sqrt(math.pi),
    "one_over_sqrt_two_pi": 1 / math.sqrt(2 * math.pi),
    "log2": math.log(2),
}


@dataclass(frozen=True, slots=True)
class Form:
    """A function σ and all its derivatives as polynomials in z and finitely many atoms.

    `variables`: "z", then the atoms, then at most one transcendental constant. `value` is σ; `slopes[i]` is the derivative of `variables[i]`
    (z ↦ 1, constant ↦ 0). The polynomials are shared: do not change them.
    """

    variables: tuple[str, ...]
    value: Poly
    slopes: tuple[Poly, ...]

    @property
    def atoms(self) -> tuple[str, ...]:
        """The variables other than z and the constant."""
        return tuple(v for v in self.variables if v in ATOMS)

    @property
    def constant(self) -> str | None:
        """The transcendental constant among the variables, if there is one."""
        return self.variables[-1] if self.variables[-1] in CONSTANTS else None


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the table: a named function σ.

    `facts`: sorted, without implied members. `exactness`: "exponential" (rational in e^{z/N} or e^{iz/N}, and z), "algebraic" (in z), or "ball"
    (only enclosures, and series at 0). `at_zero`: the value of every atom at z = 0, a rational or the name of a constant; empty where σ is not
    defined at 0. `value0`, `slope0`: σ(0) and σ'(0), a rational or words. `partial`: σ is not defined everywhere.
    """

    name: str
    facts: tuple[str, ...]
    exactness: str
    form: Form
    at_zero: dict[str, Fraction | str]
    value0: Fraction | str
    slope0: Fraction | str
    partial: bool


def _parse(text: str, variables: tuple[str, ...]) -> Poly:
    """The polynomial that a sum of products such as `"1 - 2*z*gauss^2"` denotes."""
    out: Poly = {}
    for sign, term in re.findall(r"([+-]?)\s*([^\s+-]+)", text):
        coefficient, exponents = Fraction(-1 if sign == "-" else 1), [0] * len(variables)
        for factor in term.split("*"):
            base, _, power = factor.partition("^")
            if base in variables:
                exponents[variables.index(base)] += int(power or 1)
            else:
                coefficient *= Fraction(base)
        out[tuple(exponents)] = out.get(tuple(exponents), Fraction(0)) + coefficient
    return {m: c for m, c in out.items() if c}


def _number(value: int | str) -> Fraction | str:
    return Fraction(value) if isinstance(value, int) or re.fullmatch(r"[0-9/]+", value) else value


def _entry(name: str, value: str, others: str, facts: str, exactness: str, value0: int | str, slope0: int | str) -> Entry:
    variables = ("z", *others.split())
    slopes = {"z": "1", **dict.fromkeys(CONSTANTS, "0"), **{a: slope for a, (slope, _) in ATOMS.items()}}
    shape = Form(variables, _parse(value, variables), tuple(_parse(slopes[v], variables) for v in variables))
    zeros = {a: at for a, (_, at) in ATOMS.items() if a in variables}
    at_zero = {a: _number(at) for a, at in zeros.items() if at is not None}
    return Entry(name, tuple(facts.split()), exactness, shape, at_zero, _number(value0), _number(slope0), len(at_zero) < len(zeros))


NAMED: dict[str, Entry] = {
    row[0]: _entry(*row)
    for row in (
        # name, value, atoms and constant, facts, exactness, value at 0, slope at 0
        ("tanh", "tanh", "tanh", "odd", "exponential", 0, 1),
        ("sigmoid", "sigmoid", "sigmoid", "", "exponential", "1/2", "1/4"),
        ("silu", "z*sigmoid", "sigmoid", "zero", "exponential", 0, "1/2"),
        ("softplus", "softplus", "softplus sigmoid", "", "ball", "log 2", "1/2"),
        ("gelu", "z*normal", "normal phi one_over_sqrt_two_pi", "zero", "ball", 0, "1/2"),
        ("erf", "erf", "erf gauss two_over_sqrt_pi", "odd", "ball", 0, "2/sqrt(pi)"),
        ("arctan", "arctan", "arctan lorentz", "odd", "ball", 0, 1),
        ("sin", "sin", "sin cos", "odd", "exponential", 0, 1),
        ("cos", "cos", "sin cos", "even", "exponential", 1, 0),
        ("exp", "exp", "exp", "", "exponential", 1, 1),
        ("expm1", "exp - 1", "exp", "zero", "exponential", 0, 1),
        ("sinh", "sinh", "sinh cosh", "odd", "exponential", 0, 1),
        ("cosh", "cosh", "sinh cosh", "even", "exponential", 1, 0),
        ("gaussian", "gauss", "gauss", "even", "exponential", 1, 0),
        ("logcosh", "logcosh", "logcosh tanh", "even zero", "ball", 0, 0),
        ("reciprocal", "reciprocal", "reciprocal", "odd", "algebraic", "undefined", "undefined"),
        ("rsqrt", "rsqrt", "rsqrt", "", "algebraic", "undefined", "undefined"),
    )
}

SHORTHANDS: dict[str, Activation] = {
    **{name: Activation(cls=name) for name in CLASSES},
    **{name: Activation(named=name) for name in NAMED},
    "linear": Activation(polynomial=(Fraction(0), Fraction(1))),
    "square": Activation(polynomial=(Fraction(0), Fraction(0), Fraction(1))),
    "cube": Activation(polynomial=(Fraction(0), Fraction(0), Fraction(0), Fraction(1))),
    "relu": Activation(piecewise=(Fraction(0), Fraction(1))),
    "leaky_relu": Activation(piecewise=(Fraction(1, 100), Fraction(1))),
    "abs": Activation(piecewise=(Fraction(-1), Fraction(1))),
}


def _unknown(kind: str, word: str, known: Iterable[str], place: str) -> SpecError:
    names = sorted(known)
    close = difflib.get_close_matches(word.strip().lower().replace("-", "_"), names)
    hint = f"did you mean {' or '.join(close)}? " if close else ""
    return SpecError(f"unknown {kind} {word!r}", place, f"{hint}known: {', '.join(names)}")


def _row(name: str, place: str = "") -> Entry:
    if name not in NAMED:
        raise _unknown("named function", name, NAMED, place)
    return NAMED[name]


def form(name: str) -> Form:
    """The form of the named function; raises `SpecError` for an unknown name.

    >>> form("gelu").variables
    ('z', 'normal', 'phi', 'one_over_sqrt_two_pi')
    """
    return _row(name).form


@functools.cache
def derivative(name: str, order: int) -> Poly:
    """σ^(order) of the named function, as a polynomial in the variables of `form(name)`; cached and shared: do not change it.

    Arguments: `order` ≥ 0. Raises `SpecError` for an unknown name or a negative order.

    >>> derivative("tanh", 1)
    {(0, 0): Fraction(1, 1), (0, 2): Fraction(-1, 1)}
    """
    of = form(name)
    if order < 0:
        raise SpecError(f"derivative order {order} is negative", name)
    if order == 0:
        return of.value
    out: Poly = {}
    for exponents, coefficient in derivative(name, order - 1).items():
        for i, e in enumerate(exponents):
            for slope, c in of.slopes[i].items() if e else ():
                monomial = tuple(a + b - (j == i) for j, (a, b) in enumerate(zip(exponents, slope, strict=True)))
                out[monomial] = out.get(monomial, Fraction(0)) + coefficient * e * c
    return {m: c for m, c in out.items() if c}


def lookup(word: str, place: str = "") -> Activation:
    """The activation that a word of the command line means; raises `SpecError` with close matches and the list of words.

    >>> lookup("relu")
    Activation(cls=None, polynomial=None, piecewise=(Fraction(0, 1), Fraction(1, 1)), named=None)
    """
    if word not in SHORTHANDS:
        raise _unknown("activation", word, SHORTHANDS, place)
    return SHORTHANDS[word]


def validate(activation: Activation, place: str = "") -> None:
    """Raise `SpecError` unless exactly one definition is given, its class or function is known, and its numbers are exact."""
    if sum(d is not None for d in (activation.cls, activation.polynomial, activation.piecewise, activation.named)) != 1:
        raise SpecError("an activation has exactly one definition", place, "give a class, a polynomial, a piecewise or a named function")
    if activation.cls is not None and activation.cls not in CLASSES:
        raise _unknown("class of activations", activation.cls, CLASSES, place)
    if activation.named is not None:
        _row(activation.named, place)
    for c in (*(activation.polynomial or ()), *(activation.piecewise or ())):
        if not isinstance(c, Fraction):
            raise InexactInputError(f"the numbers of an activation are Fractions, got {c!r}", place, "write Fraction(1, 10) for 0.1")
    if activation.polynomial is not None and (not activation.polynomial or (len(activation.polynomial) > 1 and not activation.polynomial[-1])):
        raise SpecError("a polynomial needs coefficients, and no trailing zero", place)
    if activation.piecewise is not None and len(activation.piecewise) != 2:
        raise SpecError("piecewise needs two slopes", place)


def closure(facts: Iterable[str]) -> frozenset[str]:
    """The facts and what they imply of an everywhere differentiable function: odd ⇒ zero, even ⇒ flat.

    >>> sorted(closure(["odd"]))
    ['odd', 'zero']
    """
    known = frozenset(facts)
    return known | {IMPLIED[f] for f in known if f in IMPLIED}


def minimal(facts: Iterable[str]) -> tuple[str, ...]:
    """The facts, sorted and without implied members: the form in which a certificate lists them.

    >>> minimal({"zero", "odd"})
    ('odd',)
    """
    known = set(facts)
    return tuple(sorted(known - {IMPLIED[f] for f in known if f in IMPLIED}))


def facts(activation: Activation) -> frozenset[str]:
    """All facts of the activation, among `odd`, `even`, `zero` (σ(0)=0) and `flat` (σ'(0)=0).

    Closed under implication, except that a parity of a piecewise or partial function says nothing about its derivative or value at 0.

    >>> sorted(facts(lookup("tanh"))), sorted(facts(lookup("abs"))), sorted(facts(lookup("reciprocal")))
    (['odd', 'zero'], ['even', 'zero'], ['odd'])
    """
    validate(activation)
    if activation.cls is not None:
        return closure(CLASSES[activation.cls])
    if activation.named is not None:
        row = NAMED[activation.named]
        return frozenset(row.facts) if row.partial else closure(row.facts)
    if activation.piecewise is not None:
        s, t = activation.piecewise
        return frozenset(f for f, holds in (("zero", True), ("odd", s == t), ("even", s == -t)) if holds)
    c = activation.polynomial or ()
    holds = {"even": not any(c[1::2]), "flat": not any(c[1:2]), "odd": not any(c[0::2]), "zero": not any(c[:1])}
    return frozenset(f for f in FACTS if holds[f])


def exactness(activation: Activation) -> str:
    """How the activation is computed exactly: "class", "polynomial", "piecewise", "exponential", "algebraic" or "ball".

    >>> exactness(lookup("silu")), exactness(lookup("gelu")), exactness(lookup("cube"))
    ('exponential', 'ball', 'polynomial')
    """
    validate(activation)
    if activation.named is not None:
        return NAMED[activation.named].exactness
    return "class" if activation.cls is not None else "polynomial" if activation.polynomial is not None else "piecewise"


def classes_of(activation: Activation) -> tuple[str, ...]:
    """The classes all of whose facts, implied ones included, the activation has.

    *Does not prove:* that it is differentiable or defined everywhere: for piecewise and partial functions a theorem about the class holds where
    they are. The reciprocal is odd but not of the class `odd` (no value at 0), and abs is not of the class `even` (no slope at 0).

    >>> classes_of(lookup("tanh"))
    ('generic', 'odd', 'generic0')
    """
    known = facts(activation)
    return tuple(name for name, needed in CLASSES.items() if closure(needed) <= known)


def _term(c: Fraction, k: int) -> str:
    power = "" if k == 0 else "z" if k == 1 else f"z^{k}"
    over = f"/{c.denominator}" if c.denominator > 1 else ""
    return f"{'' if power and c.numerator == 1 else c.numerator}{power}{over}"


def _polynomial_words(coefficients: Iterable[Fraction]) -> str:
    out = ""
    for k, c in enumerate(coefficients):
        if c:
            sign = ("-" if c < 0 else "") if not out else " - " if c < 0 else " + "
            out += sign + _term(abs(c), k)
    return out or "0"


def words(activation: Activation) -> str:
    """The activation as a person writes it.

    >>> words(lookup("odd")), words(lookup("relu")), words(Activation(polynomial=(Fraction(0), Fraction(1), Fraction(0), Fraction(-2, 3))))
    ('any odd differentiable function', 'max(z, 0)', 'z - 2z^3/3')
    """
    validate(activation)
    if activation.named is not None:
        return activation.named
    if activation.cls is not None:
        return {
            "generic": "any differentiable function",
            "odd": "any odd differentiable function",
            "even": "any even differentiable function",
            "generic0": "any differentiable function σ with σ(0) = 0",
            "flat": "any differentiable function σ with σ'(0) = 0",
        }[activation.cls]
    if activation.piecewise is None:
        return _polynomial_words(activation.polynomial or ())
    s, t = activation.piecewise
    if s == t:
        return _polynomial_words((Fraction(0), s))
    known = {"0 1": "max(z, 0)", "1 0": "min(z, 0)", "-1 1": "|z|", "1 -1": "-|z|"}
    left, right = (_polynomial_words((Fraction(0), c)) for c in (s, t))
    return known.get(f"{s} {t}", f"{left} for z < 0, {right} for z > 0")


def _float_atoms(np: Any) -> dict[str, Callable[[Any], Any]]:
    erf, erfc = (np.vectorize(f, otypes=[np.float64]) for f in (math.erf, math.erfc))
    return {
        "z": lambda z: z,
        "exp": np.exp,
        "tanh": np.tanh,
        "sigmoid": lambda z: (1 + np.tanh(z / 2)) / 2,
        "sin": np.sin,
        "cos": np.cos,
        "sinh": np.sinh,
        "cosh": np.cosh,
        "gauss": lambda z: np.exp(-z * z),
        "phi": lambda z: np.exp(-z * z / 2),
        "erf": erf,
        "normal": lambda z: erfc(-z / math.sqrt(2)) / 2,
        "arctan": np.arctan,
        "lorentz": lambda z: 1 / (1 + z * z),
        "softplus": lambda z: np.logaddexp(0, z),
        "logcosh": lambda z: np.logaddexp(z, -z) - math.log(2),
        "reciprocal": lambda z: 1 / z,
        "rsqrt": lambda z: 1 / np.sqrt(z),
        **{name: lambda z, c=c: np.full_like(z, c) for name, c in CONSTANTS.items()},
    }


def float_function(activation: Activation, order: int = 0) -> Callable[[Any], Any]:
    """The `order`-th derivative of the activation on numpy arrays of floats, for cross-checks only.

    Arguments: `order` ≥ 0. Returns a function of an array (or a number) that returns a float64 array of its shape, with an absolute error of a
    few units of rounding of its largest term. A piecewise function has the mean of its slopes at 0. Raises `SpecError` for a class.

    >>> float(float_function(lookup("sigmoid"), 1)(0))
    0.25
    """
    import numpy as np

    validate(activation)
    if activation.cls is not None:
        raise SpecError(f"{words(activation)} is not one function", "", "name a function, or give a polynomial")
    if order < 0:
        raise SpecError(f"derivative order {order} is negative")
    if activation.piecewise is not None:
        s, t = (float(c) for c in activation.piecewise)
        mean, half = (s + t) / 2, (t - s) / 2
        parts = (lambda z: np.where(z < 0, s, t) * z, lambda z: mean + half * np.sign(z), np.zeros_like)
        piece = parts[min(order, 2)]
        return lambda z: piece(np.asarray(z, dtype=np.float64))
    if activation.named is not None:
        variables, poly = form(activation.named).variables, derivative(activation.named, order)
    else:
        variables = ("z",)
        poly = {(k - order,): c * math.perm(k, order) for k, c in enumerate(activation.polynomial or ()) if k >= order}
    atoms = _float_atoms(np)
    terms = [(float(c), exponents) for exponents, c in poly.items()]

    def evaluate(z: Any) -> Any:
        z = np.asarray(z, dtype=np.float64)
        values = [atoms[v](z) for v in variables]
        out = np.zeros_like(z)
        for c, exponents in terms:
            out = out + math.prod((v**e for v, e in zip(values, exponents, strict=True) if e), start=c)
        return out

    return evaluate
