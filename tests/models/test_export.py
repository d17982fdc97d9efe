"""The torch module that `simcert quotient --export torch` writes, run with a small stand-in for torch that computes with numpy."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import random
import sys
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

import simcert as sc
from simcert.cli import main
from simcert.errors import MissingExtraError, SpecError
from simcert.models.activations import SHORTHANDS
from simcert.models.export import target, torch_module
from simcert.models.program import Program
from tests.models.evaluate import evaluate


class Tensor(np.ndarray):
    """An array with the methods of tensors that the files use."""

    grad: Any = None

    def new_tensor(self, values: Any) -> Tensor:
        return np.array(values, dtype=float).view(Tensor)

    def new_zeros(self, size: int) -> Tensor:
        return np.zeros(size).view(Tensor)

    def expand(self, shape: tuple[int, ...]) -> Tensor:
        return np.broadcast_to(self, shape).view(Tensor)

    def index_add(self, axis: int, index: Any, source: Any) -> Tensor:
        assert axis == 0
        out = np.array(self)
        np.add.at(out, np.asarray(index, dtype=int), np.asarray(source))
        return out.view(Tensor)


class NoGrad:
    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None: ...


def stand_in() -> ModuleType:
    """A module `torch` for the calls that occur in exported files."""
    torch, nn = ModuleType("torch"), ModuleType("torch.nn")
    rng = np.random.default_rng(0)
    for name in ("tanh", "sin", "arctan", "sinh", "cos", "cosh", "exp", "expm1", "logaddexp", "where", "stack"):
        setattr(torch, name, getattr(np, name))
    from math import erf

    found: dict[str, Any] = {
        "erf": np.vectorize(erf, otypes=[float]), "sigmoid": lambda z: 1 / (1 + np.exp(-z)), "rsqrt": lambda z: 1 / np.sqrt(z),
        "einsum": lambda spec, *args: np.asarray(np.einsum(spec, *args)).view(Tensor),
        "cat": np.concatenate, "tensor": lambda values, dtype=None: np.array(values).view(Tensor), "no_grad": NoGrad, "nn": nn,
        "randn": lambda shape: np.asarray(rng.normal(size=shape)).view(Tensor),
    }  # fmt: skip
    for name, value in found.items():
        setattr(torch, name, value)
    nn.Module, nn.Parameter, nn.ParameterDict = object, lambda value: value, dict  # pyright: ignore[reportAttributeAccessIssue]
    torch.__spec__ = importlib.machinery.ModuleSpec("torch", None)
    return torch


def loaded(text: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    torch = stand_in()
    monkeypatch.setitem(sys.modules, "torch", torch)
    space: dict[str, Any] = {}
    exec(compile(text.replace("super().__init__()", "pass"), "reduced.py", "exec"), space)
    return space


def compare(program: Program, text: str, monkeypatch: pytest.MonkeyPatch, functions: dict[str, Any] | None = None, against: Program | None = None) -> None:
    space, rng = loaded(text, monkeypatch), random.Random(1)
    module = space["Reduced"](**(functions or {}))
    assert {name: value.shape for name, value in module.values.items()} == dict(program.parameters)
    x = {name: np.array([rng.gauss(0, 1) for _ in range(int(np.prod(shape)))]).reshape(shape) for name, shape in program.inputs}
    for name, value in module.values.items():
        module.values[name] = (np.abs(value) + 0.5).view(Tensor) if "rsqrt" in program.activations else np.asarray(value, dtype=float).view(Tensor)
    if "rsqrt" in program.activations:
        x = {name: np.abs(value) + 0.5 for name, value in x.items()}
    out = module.forward(**{f"in_{name}": value.view(Tensor) for name, value in x.items()})
    wanted = evaluate(against or program, {name: np.asarray(v) for name, v in module.values.items()}, x)
    for a, b in zip(out if isinstance(out, tuple) else (out,), wanted, strict=True):
        assert a.shape == b.shape and np.allclose(a, b, atol=1e-9)


def metric(program: Program) -> dict[str, list[Fraction]]:
    return {name: [Fraction(1, 2)] * int(np.prod(shape)) for name, shape in program.parameters}


@pytest.mark.parametrize(
    "model",
    [
        "mlp:2-3-2:tanh:bias", "residual:2-3-1:silu:blocks=2", "conv1d:1-2-2:gelu:kernel=2:length=4:bias", "attention:2-2-2:tokens=3", "attention:2-2:tokens=2",
        "lora:2-3-2:sin:rank=1", "linear:2-3-2",
        *(f"mlp:2-2-1:{word}" for word in SHORTHANDS if word not in ("generic", "odd", "even", "generic0", "flat")), "mlp:2-2-1:poly(1/2,0,-3)",
    ],
)  # fmt: skip
def test_an_exported_network_computes_the_same(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    program = sc.load_model(model)
    compare(program, torch_module(program, metric(program)), monkeypatch)


def test_a_class_becomes_an_argument(monkeypatch: pytest.MonkeyPatch) -> None:
    program, same = sc.load_model("mlp:2-3-1:odd:bias"), sc.load_model("mlp:2-3-1:sin:bias")
    compare(program, torch_module(program, metric(program)), monkeypatch, {"odd": np.sin}, same)


def test_scatter_and_constants(monkeypatch: pytest.MonkeyPatch) -> None:
    b = sc.Builder("blocks")
    x = b.input("x", 2)
    h = b.concatenate([b.parameter("W", 2, 2) @ x, b.parameter("V", 3, 2) @ x])
    program = b.program([b.parameter("A", 1, 5) @ b.apply("tanh", h + 1), h])
    compare(program, torch_module(program, metric(program)), monkeypatch)


def test_a_step_uses_the_metric(monkeypatch: pytest.MonkeyPatch) -> None:
    found = sc.quotient("mlp:2-3-1:tanh", "tie(1: 0,1)")
    text = torch_module(found.program, {n: [Fraction(m) for m in v] for n, v in found.metrics().items()}, found.certificate.hash)
    module = loaded(text, monkeypatch)["Reduced"]()
    assert found.certificate.hash in text
    before = {name: np.array(value) for name, value in module.values.items()}
    for value in module.values.values():
        value.grad = np.ones(value.shape)
    module.descend(0.5)
    assert np.allclose(before["W1"] - module.values["W1"], [[0.25, 0.25], [0.5, 0.5]]) and np.allclose(before["W2"] - module.values["W2"], [[1.0, 0.5]])


def test_derivatives_cannot_be_exported() -> None:
    from simcert.models.program import Activation, Node

    nodes = (Node("parameter", (1,), name="w"), Node("apply", (1,), (0,), activation="tanh", order=1))
    program = Program((("w", (1,)),), (), nodes, (1,), {"tanh": Activation(named="tanh")})
    with pytest.raises(SpecError, match="derivative"):
        torch_module(program, {"w": [Fraction(1)]})


def test_without_torch_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *more: None if name == "torch" else find(name, *more))
    with pytest.raises(MissingExtraError, match=r"simcert\[torch\]"):
        target("torch")


def test_the_command_writes_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "torch", stand_in())
    done = CliRunner().invoke(main, ["quotient", "mlp:2-3-1:tanh", "tie(1: 0,1)", "--export", "torch:small.py", "-o", "q.json"])
    assert done.exit_code == 0 and "small.py" in done.output, done.output
    compare(sc.load_model("mlp:2-2-1:tanh"), Path("small.py").read_text(), monkeypatch)
