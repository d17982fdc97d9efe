"""Points of parameter space as a person hands them in: JSON, NumPy and safetensors files, nested lists, or `generic`."""

from __future__ import annotations

import os
import random
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from simcert.errors import MissingExtraError, ResourceLimit, SpecError
from simcert.exact.border import InexactLiteral, exact, inexact, to_fraction
from simcert.models.program import Program, Shape, size_of

Point = dict[str, list[Fraction]]  # for every parameter its entries, flat, row-major
MAX_PARAMETERS = 1 << 24
SMALL = 9


def parse_point(program: Program, source: str | os.PathLike[str] | Mapping[str, Any], seed: int = 0) -> Point:
    """A rational value for every parameter, flat and row-major.

    Arguments: `source` is one of

    - the path of a `.json` file `{"W1": [["1","-1/2"],["3","0"]], …}` of integers or strings in lowest terms;
    - the path of a `.npz` or `.safetensors` file, whose floats are read as the exact dyadic rationals they are;
    - `"generic"`: random nonzero integers from `seed` (see `generic_point`);
    - a mapping from names to nested lists (or arrays) of exact numbers.

    Raises `SpecError` for missing or unknown parameters (with close matches), shapes, NaN and infinities, with the entry as the place;
    `InexactInputError` for floats in JSON and in a mapping; `MissingExtraError` without the safetensors package; `ResourceLimit` for a model of more
    than 2²⁴ parameters.

    >>> from simcert.models.spec import load_model
    >>> parse_point(load_model("mlp:1-1-1:tanh"), {"W1": [["1/2"]], "W2": [[3]]})
    {'W1': [Fraction(1, 2)], 'W2': [Fraction(3, 1)]}
    """
    if program.size > MAX_PARAMETERS:
        raise ResourceLimit(f"a point with {program.size} entries", program.title, f"the limit is {MAX_PARAMETERS}")
    if isinstance(source, Mapping):
        return _point(program, dict(source), "", floats=False)
    if not isinstance(source, str | os.PathLike):
        raise SpecError(f"a point is a path, a mapping or the word generic, got {type(source).__name__}", "", 'write for example {"W1": [[1, 2]]}')
    name = os.fspath(source)
    if name == "generic":
        return generic_point(program, seed)
    suffix = Path(name).suffix.lower()
    if suffix == ".json":
        from simcert.models.spec import read_json

        data = read_json(name)
        if not isinstance(data, dict):
            raise SpecError("a point is an object from parameter names to nested lists", name, 'write for example {"W1": [["1","-1/2"]]}')
        return _point(program, data, name, floats=False)
    if suffix == ".npz":
        return _point(program, npz_arrays(name), name, floats=True)
    if suffix == ".safetensors":
        return _point(program, safetensors_arrays(name), name, floats=True)
    raise SpecError("this is not a point", name[:200], "give a .json, .npz or .safetensors file, or the word generic")


def program_point(program: Program, /, **arrays: Any) -> Point:
    """The point with these arrays, one keyword for every parameter, of exact numbers.

    >>> from simcert.models.families import mlp
    >>> program_point(mlp(1, 1, 1), W1=[[1]], W2=[[Fraction(2, 3)]])["W2"]
    [Fraction(2, 3)]
    """
    return parse_point(program, arrays)


def generic_point(program: Program, seed: int = 0) -> Point:
    """Random nonzero integers, of distinct absolute values within each parameter array: −9…9, wider in an array of more than 9 entries.

    The same seed gives the same point. *Does not prove* that the point is generic in any sense.
    """
    rng = random.Random(seed)
    out: Point = {}
    for name, shape in program.parameters:
        n = size_of(shape)
        sizes = rng.sample(range(1, max(SMALL, n) + 1), n)
        out[name] = [Fraction(k if rng.randrange(2) else -k) for k in sizes]
    return out


def _point(program: Program, arrays: dict[Any, Any], file: str, *, floats: bool) -> Point:
    from simcert.models.spec import close

    names = [name for name, _ in program.parameters]
    for key in arrays:
        if key not in names:
            raise SpecError(f"there is no parameter {str(key)[:60]!r}", file or program.title, close(str(key), names))
    prefix = f"{file}, " if file else ""
    for name in names:
        if name not in arrays:
            raise SpecError(f"the parameter {name} is missing", file or program.title, f"give all of {', '.join(names[:20])}")
    return {name: entries(arrays[name], shape, f"{prefix}{name}", floats=floats) for name, shape in program.parameters}


def entries(array: Any, shape: Shape, place: str, *, floats: bool) -> list[Fraction]:
    """The entries of one parameter, after a check of its shape."""
    level: list[Any] = [_plain(array, shape, place)]
    for depth, n in enumerate(shape):
        for k, item in enumerate(level):
            if not isinstance(item, list | tuple):
                raise SpecError(f"a number where the shape {shape} needs a list of {n}", _at(place, shape[:depth], k))
            if len(item) != n:
                raise SpecError(f"{len(item)} items along axis {depth} where the shape {shape} needs {n}", _at(place, shape[:depth], k))
        level = [value for item in level for value in item]
    out: list[Fraction] = []
    for k, value in enumerate(level):
        try:
            out.append(_entry(value, shape, floats=floats))
        except SpecError as error:
            raise type(error)(error.fact, _at(place, shape, k), error.remedy) from None
    return out


def _at(place: str, shape: Shape, flat: int) -> str:
    """The place of entry number `flat` (row-major) of an array of this shape."""
    where: list[str] = []
    for n in reversed(shape):
        flat, k = divmod(flat, n)
        where.append(str(k))
    return f"{place}[{','.join(reversed(where))}]" if where else place


def _plain(array: Any, shape: Shape, place: str) -> Any:
    """An array of NumPy or torch as nested lists, after a comparison of shapes; anything else as it is."""
    if not hasattr(array, "tolist") or not hasattr(array, "shape"):
        return array
    if tuple(array.shape) != shape:
        raise SpecError(f"an array of shape {tuple(array.shape)} where the model has {shape}", place, "transpose or reshape it: matrices are out × in")
    return array.tolist()


def _entry(value: Any, shape: Shape, *, floats: bool) -> Fraction:
    if isinstance(value, InexactLiteral):
        raise inexact(value.text, "")
    if isinstance(value, list | tuple):
        raise SpecError(f"a list where the shape {shape} needs a number")
    return exact(value) if floats else to_fraction(value)


def npz_arrays(name: str) -> dict[str, Any]:
    """The arrays of a NumPy archive; object arrays, which could run code, are refused."""
    import zipfile
    import zlib

    import numpy as np

    try:
        with Path(name).open("rb") as file:
            archive = np.load(file, allow_pickle=False)
            if isinstance(archive, np.ndarray):
                raise SpecError("this is one array, not an archive of named arrays", name, "save it with numpy.savez(path, W1=…, W2=…)")
            with archive:
                return {key: archive[key] for key in archive.files}
    except FileNotFoundError:
        raise SpecError("there is no such file", name, "check the path") from None
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile, zlib.error):
        raise SpecError("this is not a NumPy archive of plain arrays of numbers", name, "save it with numpy.savez(path, W1=…, W2=…)") from None


def safetensors_arrays(name: str) -> dict[str, Any]:
    """The arrays of a safetensors file, bfloat16 included."""
    try:
        import safetensors  # pyright: ignore[reportMissingImports]
    except ImportError:
        raise MissingExtraError("safetensors", "torch") from None
    import numpy as np

    kinds = {
        "F64": "<f8",
        "F32": "<f4",
        "F16": "<f2",
        "I64": "<i8",
        "I32": "<i4",
        "I16": "<i2",
        "I8": "<i1",
        "U64": "<u8",
        "U32": "<u4",
        "U16": "<u2",
        "U8": "<u1",
    }
    try:
        tensors = safetensors.deserialize(Path(name).read_bytes())
    except FileNotFoundError:
        raise SpecError("there is no such file", name, "check the path") from None
    except (OSError, safetensors.SafetensorError) as error:
        raise SpecError(f"this is not a safetensors file: {error}", name) from None
    out: dict[str, Any] = {}
    for key, tensor in tensors:
        kind, data = tensor["dtype"], bytes(tensor["data"])
        if kind == "BF16":  # the upper half of a float32
            values = (np.frombuffer(data, dtype="<u2").astype("<u4") << 16).view("<f4")
        elif kind in kinds:
            values = np.frombuffer(data, dtype=kinds[kind])
        else:
            raise SpecError(f"entries of type {kind} cannot be read", f"{name}, {key}", "convert them to float32")
        out[key] = values.reshape(tensor["shape"])
    return out
