"""Reading a model: a shorthand such as `mlp:2-3-1:tanh`, a TOML file, or the JSON of a program.

| shorthand | function of `simcert.models.families` |
|---|---|
| `mlp:n0-…-nL:ACTIVATION[:bias]` | `mlp` |
| `linear:n0-…-nL` | `linear` |
| `attention:dim-head[-heads][:tokens=3]` | `attention` |
| `residual:in-stream-out:ACTIVATION[:blocks=1][:hidden=stream][:bias]` | `residual` |
| `conv1d:c0-…-cL:ACTIVATION[:kernel=3][:length=8][:bias]` | `conv1d` |
| `lora:n0-…-nL:ACTIVATION[:rank=1]` | `lora` |

ACTIVATION is a word of `simcert.models.activations` or `poly(0,1,1/3)`. Options may come in any order.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simcert.errors import ResourceLimit, SpecError
from simcert.exact.border import InexactLiteral, no_floats
from simcert.models import families
from simcert.models.builder import as_activation, polynomial
from simcert.models.program import MAX_DIGITS, Activation, Program, activation_from_json, from_json

MAX_BYTES = 1 << 28
MAX_SHORTHAND = 1 << 16
COUNT = re.compile(r"[1-9][0-9]*\Z")
FILES = (".toml", ".json")


@dataclass(frozen=True, slots=True)
class Family:
    """What a family can be told: `names` are the widths by name where they have one, `numbers`, `flags` and `arrays` its options."""

    build: Callable[..., Program]
    example: str
    activation: bool
    names: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    arrays: tuple[str, ...] = ()
    optional: int = 0

    @property
    def options(self) -> tuple[str, ...]:
        return self.numbers + self.flags


FAMILIES: dict[str, Family] = {
    "mlp": Family(families.mlp, "mlp:2-3-1:tanh", True, flags=("bias",)),
    "linear": Family(families.linear, "linear:3-2-3", False),
    "attention": Family(families.attention, "attention:3-2", False, names=("dim", "head", "heads"), numbers=("tokens",), optional=1),
    "residual": Family(families.residual, "residual:2-4-1:tanh:blocks=2", True, numbers=("blocks", "hidden"), flags=("bias",)),
    "conv1d": Family(families.conv1d, "conv1d:1-3-2:relu:kernel=3:length=8", True, numbers=("kernel", "length"), flags=("bias",)),
    "lora": Family(families.lora, "lora:4-6-2:tanh:rank=1", True, numbers=("rank",), arrays=("base",)),
}


def close(word: str, known: Iterable[str], fallback: str = "") -> str:
    """`"did you mean a or b?"` for known words near this one, otherwise `fallback`, or the list of known words."""
    import difflib

    names = list(known)
    near = difflib.get_close_matches(word, names, n=3, cutoff=0.5)
    if near:
        return f"did you mean {' or '.join(near)}?"
    return fallback or f"known: {', '.join(names[:20])}{', …' if len(names) > 20 else ''}"


def read_text(path: str | os.PathLike[str], what: str = "file") -> str:
    """The text of a UTF-8 file; raises `SpecError` when it cannot be read, `ResourceLimit` when it is too large."""
    name = os.fspath(path)
    try:
        if Path(name).stat().st_size > MAX_BYTES:
            raise ResourceLimit(f"a file of more than {MAX_BYTES} bytes", name)
        return Path(name).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise SpecError(f"the {what} is not UTF-8 text", name) from None
    except FileNotFoundError:
        raise SpecError("there is no such file", name, "check the path") from None
    except (OSError, ValueError) as error:
        raise SpecError(f"the {what} cannot be read: {getattr(error, 'strerror', None) or error}", name) from None


def read_json(path: str | os.PathLike[str]) -> Any:
    """The value of a JSON file; decimal literals come out as `InexactLiteral`.

    Raises `SpecError` for anything that is not JSON, duplicate keys, NaN and infinities, `ResourceLimit` for integers of more than 4,000 digits.
    """
    import json

    name = os.fspath(path)
    text = read_text(path)

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        out = dict(pairs)
        if len(out) != len(pairs):
            twice = next(k for n, (k, _) in enumerate(pairs) if k in dict(pairs[:n]))
            raise SpecError(f"the key {twice!r} occurs twice in one object", name, "keep one of them")
        return out

    def integer(digits: str) -> int:
        if len(digits) > MAX_DIGITS:
            raise ResourceLimit(f"an integer of {len(digits)} digits", name, f"the limit is {MAX_DIGITS}")
        return int(digits)

    def no_constant(word: str) -> Any:
        raise SpecError(f"{word} is not a rational number", name, "remove NaN and infinite entries")

    try:
        return json.loads(text, object_pairs_hook=unique, parse_float=InexactLiteral, parse_int=integer, parse_constant=no_constant)
    except json.JSONDecodeError as error:
        raise SpecError(f"this is not JSON: {error.msg}", f"{name}, line {error.lineno}, column {error.colno}") from None
    except RecursionError:
        raise SpecError("the JSON is nested too deeply", name) from None


def load_model(source: str | os.PathLike[str] | Program) -> Program:
    """The model that a shorthand, a `.toml` file or a `.json` file (a program, or the model of a certificate) describes.

    Raises `SpecError` with the fact, the place and the remedy; `InexactInputError` for floats; `ResourceLimit` for sizes past the limits, before
    anything of that size is allocated.

    >>> load_model("mlp:2-3-1:poly(0,1,1/3)").title
    'mlp:2-3-1:poly(0,1,1/3)'
    """
    if isinstance(source, Program):
        return source
    if not isinstance(source, str | os.PathLike):
        raise SpecError(f"a model is a shorthand or a path, got {type(source).__name__}", "", "write for example mlp:2-3-1:tanh")
    text = os.fspath(source)
    suffix = Path(text).suffix.lower()
    if suffix == ".toml":
        return _from_toml(text)
    if suffix == ".json":
        return _from_json_file(text)
    if isinstance(source, os.PathLike):
        raise SpecError(f"cannot tell what kind of model a {suffix or 'file without a suffix'} is", text, "name it .toml or .json")
    return parse_shorthand(source)


def _from_toml(name: str) -> Program:
    import tomllib

    try:
        data = tomllib.loads(read_text(name), parse_float=InexactLiteral)
    except tomllib.TOMLDecodeError as error:
        raise SpecError(f"this is not TOML: {error}", name) from None
    except RecursionError:
        raise SpecError("the TOML is nested too deeply", name) from None
    except ValueError:
        raise ResourceLimit("an integer of too many digits", name, f"the limit is {MAX_DIGITS}") from None
    for key in data:
        if key != "model":
            raise SpecError(f"unknown table or key {key!r}", name, close(key, ["model"], "a model file has one table, [model]"))
    if not isinstance(data.get("model"), dict):
        raise SpecError("there is no table [model]", name, 'begin with [model] and family = "mlp"')
    return model_from_table(data["model"], name)


def _from_json_file(name: str) -> Program:
    data = read_json(name)
    if isinstance(data, dict) and "model" in data and "nodes" not in data:
        data = data["model"]
    no_floats(data, name)
    try:
        return from_json(data, title=Path(name).stem)
    except SpecError as error:
        raise type(error)(error.fact, f"{name}, {error.place}" if error.place else name, error.remedy) from None


def _family(word: object, place: str) -> Family:
    if not isinstance(word, str) or word not in FAMILIES:
        remedy = close(word, FAMILIES) if isinstance(word, str) else f"the families are {', '.join(FAMILIES)}"
        raise SpecError(f"unknown family {word!r}" if len(repr(word)) <= 60 else "unknown family", place, remedy)
    return FAMILIES[word]


def _count(text: str, what: str, place: str) -> int:
    if not COUNT.match(text):
        shown = repr(text) if len(text) <= 40 else f"{text[:20]!r}…"
        raise SpecError(f"{what} is {shown}, not a positive integer", place, "write digits, without sign or leading zero")
    if len(text) > 9:
        raise ResourceLimit(f"{what} has {len(text)} digits", place, "the limit is 9")
    return int(text)


def parse_shorthand(text: str) -> Program:
    """The model of a shorthand (the table at the top of this file)."""
    if len(text) > MAX_SHORTHAND:
        raise ResourceLimit(f"a shorthand of {len(text)} characters", "", f"the limit is {MAX_SHORTHAND}; write a .toml or .json file")
    word, *rest = text.strip().split(":")
    place = text if len(text) <= 80 else text[:77] + "..."
    if word not in FAMILIES and ("/" in word or "\\" in word or (not rest and "." in word)):
        raise SpecError("this is neither a shorthand nor a .toml or .json file", place, "write for example mlp:2-3-1:tanh")
    family = _family(word, place)
    if not rest:
        raise SpecError(f"{word} needs widths", place, f"write for example {family.example}")
    widths = [_count(n, f"width {k}", place) for k, n in enumerate(rest[0].split("-"))]
    options: dict[str, Any] = {}
    words = rest[1:]
    if family.activation:
        if not words or words[0] in family.flags or "=" in words[0]:
            raise SpecError(f"{word} needs an activation after the widths", place, f"write for example {family.example}")
        options["activation"] = words.pop(0)
        as_activation(options["activation"], place)
    for item in words:
        key, equals, value = item.partition("=")
        if key not in family.options or (key in family.flags) == bool(equals):
            form = f"write {key}" if key in family.flags else f"write {key}=2" if key in family.numbers else ""
            known = [f"{k}=" for k in family.numbers] + list(family.flags)
            raise SpecError(f"{word} has no option {item[:40]!r}", place, form or close(item, known, f"its options: {', '.join(known) or 'none'}"))
        if key in options:
            raise SpecError(f"the option {key} is given twice", place)
        options[key] = True if key in family.flags else _count(value, key, place)
    return _build(word, family, widths, options, place)


def model_from_table(table: Mapping[str, Any], place: str = "") -> Program:
    """The model of a `[model]` table: `family`, `widths`, `activation`, and the options of the family.

    `activation` is a word or a table such as `{ polynomial = ["0", "1", "1/3"] }`; attention may name `dim`, `head` and `heads` instead of `widths`.
    """
    at = f"{place}, [model]" if place else "[model]"
    for key, value in table.items():
        no_floats(value, f"{at} {key}")
    if "family" not in table:
        raise SpecError("there is no family", at, 'write for example family = "mlp"')
    word = table["family"]
    family = _family(word, f"{at} family")
    known = ["family", "widths", *family.names, *(["activation"] if family.activation else []), *family.options, *family.arrays]
    for key in table:
        if key not in known:
            raise SpecError(f"{word} has no key {key!r}", at, close(key, known))
    options: dict[str, Any] = {k: table[k] for k in family.arrays if k in table}
    for key in family.numbers:
        if key in table:
            options[key] = _integer(table[key], key, f"{at} {key}")
    for key in family.flags:
        if key in table:
            if not isinstance(table[key], bool):
                raise SpecError(f"{key} is true or false, got {table[key]!r}", f"{at} {key}")
            options[key] = table[key]
    if family.activation:
        if "activation" not in table:
            raise SpecError(f"{word} needs an activation", at, 'write for example activation = "tanh"')
        options["activation"] = _activation(table["activation"], f"{at} activation")
    return _build(word, family, _table_widths(table, family, at), options, at)


def _integer(value: object, what: str, place: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise SpecError(f"{what} must be a positive integer, got {str(value)[:40]!r}", place)
    if value >= 10**9:
        raise ResourceLimit(f"{what} has {len(str(value))} digits", place, "the limit is 9")
    return value


def _table_widths(table: Mapping[str, Any], family: Family, at: str) -> list[int]:
    if "widths" in table:
        both = [name for name in family.names if name in table]
        if both:
            raise SpecError(f"widths and {both[0]} say the same", at, "keep one of them")
        if not isinstance(table["widths"], list):
            raise SpecError("widths is not a list", f"{at} widths", "write for example widths = [2, 3, 1]")
        return [_integer(n, f"width {k}", f"{at} widths") for k, n in enumerate(table["widths"])]
    for name in family.names[: len(family.names) - family.optional]:
        if name not in table:
            raise SpecError(f"there is no {name}", at, f"write for example {name} = 2")
    if not family.names:
        raise SpecError("there are no widths", at, "write for example widths = [2, 3, 1]")
    return [_integer(table[name], name, f"{at} {name}") for name in family.names if name in table]


def _activation(value: Any, place: str) -> str | Activation:
    if isinstance(value, str):
        as_activation(value, place)
        return value
    if isinstance(value, dict) and set(value) == {"polynomial"} and isinstance(value["polynomial"], list):
        return polynomial(value["polynomial"], place)
    return as_activation(activation_from_json(value, place), place)[1]


def _build(word: str, family: Family, widths: list[int], options: dict[str, Any], place: str) -> Program:
    if family.names and not len(family.names) - family.optional <= len(widths) <= len(family.names):
        raise SpecError(f"{word} has the widths {'-'.join(family.names)}, got {len(widths)}", place, f"write for example {family.example}")
    return family.build(*widths, **options)
