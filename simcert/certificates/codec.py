"""Certificates as text: the one canonical form, a strict reader, the theorem's name, and files that are written whole or not at all.

`docs/format.md`, section 1, is the contract. Nothing here judges a proof; that is the checker's work.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn, cast

from simcert.errors import CertificateFormatError, ResourceLimit, SpecError

Json = dict[str, Any]

FORMAT = "simcert"
VERSION = 1
KEYS = ("claim", "format", "meta", "model", "proof", "version")
MAX_BYTES = 1 << 30
MAX_DEPTH = 32
MAX_INTEGER = 1 << 62

_PLAIN = re.compile(r"[ !#-\[\]-~]*\Z")  # printable ASCII without the quote and the backslash, so that no escape is ever needed
_UNPLAIN = re.compile(r"[^ !#-\[\]-~]")


def canonical(value: object) -> str:
    """The canonical text of a JSON value: sorted keys, no spaces, printable ASCII, one final newline.

    Only objects, lists, strings and integers can be written. Raises `CertificateFormatError` with the JSON pointer of anything else.

    >>> canonical({"b": [1, "2/7"], "a": {}})
    '{"a":{},"b":[1,"2/7"]}\\n'
    """
    _check(value)
    return json.dumps(value, sort_keys=True, separators=(",", ":")) + "\n"


def _check(value: object) -> None:
    """Raise `CertificateFormatError` unless `value` consists of objects, lists, plain strings and small integers, nested at most `MAX_DEPTH` deep."""
    pending: list[tuple[object, str, int]] = [(value, "", 0)]
    while pending:
        item, place, depth = pending.pop()
        if depth > MAX_DEPTH:
            raise CertificateFormatError(f"objects and lists are nested more than {MAX_DEPTH} deep", place[:80])
        if isinstance(item, str):
            if not _PLAIN.match(item):
                raise CertificateFormatError(f"the string {item[:40]!r} needs an escape", place or "/", "use printable ASCII without quotes and backslashes")
        elif isinstance(item, dict):
            for key, child in cast(dict[object, object], item).items():
                if not isinstance(key, str) or not _PLAIN.match(key):
                    raise CertificateFormatError(f"the key {key!r} is not a plain string", place or "/")
                pending.append((child, f"{place}/{key}", depth + 1))
        elif isinstance(item, list | tuple):
            children = cast("list[object] | tuple[object, ...]", item)
            if set(map(type, children)) == {int}:  # index lists are long: look at their extremes only
                numbers = cast(list[int], children)
                if max(numbers) <= MAX_INTEGER and min(numbers) >= -MAX_INTEGER:
                    continue
            pending.extend((child, f"{place}/{k}", depth + 1) for k, child in enumerate(children))
        elif isinstance(item, bool) or not isinstance(item, int):
            raise CertificateFormatError(
                f"{item!r} is neither an object, a list, a string nor an integer", place or "/", 'write a number that matters as a string such as "2/7"'
            )
        elif abs(item) > MAX_INTEGER:
            raise CertificateFormatError("an integer of more than 62 bits", place or "/", "write a number that matters as a string")


def loads(text: str | bytes, place: str = "", limit: int = MAX_BYTES) -> Any:
    """The JSON value that a text denotes; stricter than `json.loads`.

    Arguments: `place` names the text in messages (a file), `limit` is the greatest length in bytes. Raises `CertificateFormatError` on duplicate
    keys, floats, NaN, deep nesting, escapes and anything that is not JSON; `ResourceLimit` past `limit`.

    >>> loads('{"a":[1,"2/7"]}')
    {'a': [1, '2/7']}
    """
    if len(text) > limit:
        raise ResourceLimit(f"the text has {len(text)} bytes", place, f"the limit is {limit}")
    try:
        string = text.decode("ascii") if isinstance(text, bytes) else text
        value = json.loads(string, object_pairs_hook=_pairs, parse_float=_no_float, parse_constant=_no_float)
        _check(value)
    except UnicodeDecodeError as error:
        raise CertificateFormatError("the text is not ASCII", _at(place, f"byte {error.start}"), "a certificate is ASCII text") from None
    except json.JSONDecodeError as error:
        raise CertificateFormatError(f"not JSON: {error.msg[0].lower()}{error.msg[1:]}", _at(place, f"line {error.lineno} column {error.colno}")) from None
    except RecursionError:
        raise CertificateFormatError(f"objects and lists are nested more than {MAX_DEPTH} deep", place) from None
    except CertificateFormatError as error:
        raise CertificateFormatError(error.fact, _at(place, error.place), error.remedy) from None
    except ValueError:
        raise CertificateFormatError("an integer of thousands of digits", place, "write a number that matters as a string") from None
    return value


def _at(file: str, place: str) -> str:
    return " ".join(filter(None, (file, place)))


def _pairs(pairs: list[tuple[str, Any]]) -> Json:
    out = dict(pairs)
    if len(out) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise CertificateFormatError(f"the key {twice!r} occurs twice in one object", "", "remove one of them")
    return out


def _no_float(text: str) -> NoReturn:
    raise CertificateFormatError(f"the float {text}", "", 'no float stands in a certificate; write a rational as a string such as "2/7"')


def loads_certificate(text: str | bytes, place: str = "", limit: int = MAX_BYTES) -> Json:
    """The certificate that a text in canonical form denotes.

    *Checks:* the canonical form byte for byte, and the six top-level keys. *Does not check:* the claim, the proof, the model.
    Raises `CertificateFormatError` (or `ResourceLimit`) as `loads` does.
    """
    value = loads(text, place, limit)
    if not isinstance(value, dict) or tuple(sorted(cast(Json, value))) != KEYS:
        raise CertificateFormatError(f"a certificate is an object with the keys {', '.join(KEYS)}", place or "/")
    data = cast(Json, value)
    if data["format"] != FORMAT or data["version"] != VERSION:
        found = f"{str(data['format'])[:20]!r} version {str(data['version'])[:20]}"
        raise CertificateFormatError(f"this is format {found}, not {FORMAT!r} version {VERSION}", place or "/")
    claim = data["claim"]
    for key, of in (("claim", claim), ("model", data["model"]), ("proof", data["proof"]), ("meta", data["meta"])):
        if not isinstance(of, dict):
            raise CertificateFormatError("expected an object", _at(place, f"/{key}"))
    if not isinstance(cast(Json, claim).get("kind"), str):
        raise CertificateFormatError("a claim needs a kind", _at(place, "/claim/kind"))
    string = text.decode("ascii") if isinstance(text, bytes) else text
    again = canonical(data)
    if again != string:
        first = next((k for k, (a, b) in enumerate(zip(string, again, strict=False)) if a != b), min(len(string), len(again)))
        raise CertificateFormatError("not in canonical form", _at(place, f"byte {first}"), "sorted keys, no spaces, no escapes, one final newline")
    return data


def theorem_hash(model: object, claim: object) -> str:
    """The theorem's name: SHA-256 (hexadecimal) of the canonical bytes of `{"claim":…,"model":…}` without the newline."""
    return hashlib.sha256(canonical({"claim": claim, "model": model})[:-1].encode("ascii")).hexdigest()


def assemble(model: Json, claim: Json, proof: Json, meta: dict[str, str]) -> Json:
    """The certificate object of these four parts; `meta` is made plain ASCII (`plain`)."""
    return {
        "claim": claim, "format": FORMAT, "meta": {plain(k): plain(str(v)) for k, v in meta.items()},
        "model": model, "proof": proof, "version": VERSION,
    }  # fmt: skip


def plain(text: str) -> str:
    """A string with every character that JSON would escape replaced by `?`.

    >>> plain('a "b"')
    'a ?b?'
    """
    return _UNPLAIN.sub("?", text)


def default_name(data: Json) -> str:
    """The default file name of a certificate, `<kind>-<first 12 digits of the theorem's name>.json`."""
    return f"{data['claim']['kind']}-{theorem_hash(data['model'], data['claim'])[:12]}.json"


def read_bytes(path: str | Path, limit: int = MAX_BYTES) -> bytes:
    """The bytes of a file of at most `limit` bytes; raises `SpecError` if it cannot be read, `ResourceLimit` if it is longer."""
    try:
        with Path(path).open("rb") as stream:
            data = stream.read(limit + 1)
    except FileNotFoundError:
        raise SpecError("there is no such file", str(path), "check the path") from None
    except (OSError, ValueError) as error:
        raise SpecError(f"the file cannot be read ({_reason(error)})", str(path)) from None
    if len(data) > limit:
        raise ResourceLimit(f"the file has more than {limit} bytes", str(path))
    return data


def write_atomically(path: str | Path, text: str, check: Callable[[Path], None] | None = None) -> Path:
    """Write a text file so that at any moment `path` holds either what it held before or the whole text.

    Arguments: `check` is called with the path of the complete temporary file, which stands beside `path`; when it raises, nothing is left behind.
    Raises `SpecError` if the file cannot be written.
    """
    with _staged(Path(path)) as (temporary, stream):
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
        if check is not None:
            check(temporary)
    return Path(path)


def require_writable(path: str | Path) -> None:
    """Raise `SpecError` unless a file can be written at `path` (`""`: in the current folder); called before long computations."""
    where = Path(path)
    if path and where.exists() and not where.is_file():
        raise SpecError("the output exists and is not a regular file", str(path), "choose another name")
    folder = where.parent if path else where
    if not folder.is_dir():
        raise SpecError("there is no such folder", str(folder), "create it first")
    if not os.access(folder, os.W_OK):
        raise SpecError("the folder cannot be written", str(folder), "choose another name")


@contextmanager
def _staged(path: Path) -> Generator[tuple[Path, Any], None, None]:
    """A temporary file beside `path` that replaces it on success and is removed on any error, Ctrl-C included."""
    require_writable(path)
    temporary = path.with_name(f".{path.name[:80]}.{secrets.token_hex(6)}.tmp")
    try:
        stream = temporary.open("x", encoding="utf-8", newline="\n")
    except (OSError, ValueError) as error:
        raise SpecError(f"the file cannot be written ({_reason(error)})", str(path), "choose another name") from None
    try:
        with stream:
            yield temporary, stream
        temporary.replace(path)
    except OSError as error:
        raise SpecError(f"the file cannot be written ({_reason(error)})", str(path), "choose another name") from None
    finally:
        temporary.unlink(missing_ok=True)


def _reason(error: OSError | ValueError) -> str:
    return (error.strerror if isinstance(error, OSError) and error.strerror else str(error)).lower()
