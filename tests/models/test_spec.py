"""Shorthands, TOML and JSON models: what they mean, and one test for each mistake."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simcert.errors import InexactInputError, ResourceLimit, SimcertError, SpecError
from simcert.models.families import attention, conv1d, linear, lora, mlp, residual
from simcert.models.program import Program
from simcert.models.spec import FAMILIES, load_model, model_from_table

MEANING = [
    ("mlp:2-3-1:tanh", mlp(2, 3, 1, activation="tanh")),
    ("mlp:2-3-3-1:generic:bias", mlp(2, 3, 3, 1, activation="generic", bias=True)),
    ("mlp:2-3-1:poly(0,1,1/3)", mlp(2, 3, 1, activation="poly(0,1,1/3)")),
    ("mlp:4-8-8-1:relu", mlp(4, 8, 8, 1, activation="relu")),
    ("linear:3-3-3", linear(3, 3, 3)),
    ("attention:3-2", attention(3, 2)),
    ("attention:3-2-2", attention(3, 2, heads=2)),
    ("attention:3-2:tokens=4", attention(3, 2, tokens=4)),
    ("attention:3-2-2:tokens=4", attention(3, 2, 2, 4)),
    ("residual:2-4-1:tanh", residual(2, 4, 1)),
    ("residual:2-4-1:tanh:blocks=2:hidden=3:bias", residual(2, 4, 1, blocks=2, hidden=3, bias=True)),
    ("residual:2-4-1:tanh:bias:blocks=2", residual(2, 4, 1, blocks=2, bias=True)),
    ("conv1d:1-3-2:relu:kernel=3:length=8", conv1d(1, 3, 2)),
    ("conv1d:1-3-2:tanh:kernel=2:length=4:bias", conv1d(1, 3, 2, activation="tanh", kernel=2, length=4, bias=True)),
    ("lora:4-6-2:tanh:rank=1", lora(4, 6, 2)),
    ("lora:4-6-2:tanh", lora(4, 6, 2)),
]


@pytest.mark.parametrize(("text", "program"), MEANING)
def test_shorthand(text: str, program: Program) -> None:
    loaded = load_model(text)
    assert loaded == program and loaded.title == program.title


@pytest.mark.parametrize(("_", "program"), MEANING)
def test_the_title_is_a_shorthand_of_the_same_model(_: str, program: Program) -> None:
    assert load_model(program.title) == program


@pytest.mark.parametrize("family", FAMILIES)
def test_the_examples_in_messages_work(family: str) -> None:
    assert load_model(FAMILIES[family].example).family == family


def test_a_program_passes() -> None:
    program = mlp(2, 1)
    assert load_model(program) is program


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("", "unknown family"),
        (":", "unknown family"),
        ("mpl:2-3-1:tanh", "unknown family 'mpl'.*did you mean mlp"),
        ("mlp", "needs widths.*mlp:2-3-1:tanh"),
        ("mlp:2-3-1", "needs an activation"),
        ("mlp:2-3-1:bias", "needs an activation"),
        ("residual:2-3-1:blocks=2", "needs an activation"),
        ("mlp:2-3-1:tahn", "tanh"),
        ("mlp:2-x-1:tanh", "width 1 is 'x', not a positive integer"),
        ("mlp:2-0-1:tanh", "width 1 is '0', not a positive integer"),
        ("mlp:2--1:tanh", "width 1 is ''"),
        ("mlp:2-+3:tanh", "not a positive integer"),
        ("mlp:2-٣:tanh", "not a positive integer"),
        ("mlp:2-3.0:tanh", "not a positive integer"),
        ("mlp:2-03:tanh", "leading zero"),
        ("mlp::tanh", "width 0 is ''"),
        ("mlp:2:tanh", "at least 2 widths"),
        ("linear:2", "at least 2 widths"),
        ("linear:2-2:tanh", "linear has no option 'tanh'"),
        ("mlp:2-3-1:tanh:bais", "no option 'bais'.*did you mean bias"),
        ("mlp:2-3-1:tanh:bias=1", "write bias"),
        ("mlp:2-3-1:tanh:bias:bias", "given twice"),
        ("mlp:2-3-1:tanh:", "no option ''"),
        ("residual:2-4-1:tanh:blocks", "write blocks=2"),
        ("residual:2-4-1:tanh:blocks=0", "blocks is '0'"),
        ("residual:2-4-1:tanh:blocks=", "blocks is ''"),
        ("residual:2-4-1:tanh:blokcs=2", "did you mean blocks="),
        ("residual:2-4:tanh", "3 widths"),
        ("attention:3", "dim-head-heads, got 1"),
        ("attention:3-2-1-1", "dim-head-heads, got 4"),
        ("attention:3-2:bias", "no option 'bias'"),
        ("conv1d:1-1-1:relu:length=2", "do not fit a length of 2"),
        ("mlp:2-3-1:poly", "cannot read the polynomial"),
        ("mlp:2-3-1:poly(0,0)", "trailing zeros"),
        ("models/mlp", "neither a shorthand nor"),
        ("model.txt", "neither a shorthand nor"),
        ("nowhere.toml", "no such file"),
        ("nowhere.json", "no such file"),
    ],
)
def test_mistakes_in_a_shorthand(text: str, fact: str) -> None:
    with pytest.raises(SpecError, match=fact) as caught:
        load_model(text)
    assert type(caught.value) is SpecError


def test_a_float_in_a_shorthand() -> None:
    with pytest.raises(InexactInputError, match="write 1/2"):
        load_model("mlp:2-3-1:poly(0,0.5)")


@pytest.mark.parametrize(
    "text",
    [
        "mlp:1000000-1000000-1:tanh",
        "mlp:99999999999999999999-1:tanh",
        "mlp:2-" + "9" * 60000 + ":tanh",
        "linear:" + "1-" * 5000 + "1",
        "linear:" + "1-" * 100000 + "1",
        "attention:2-2-1000000",
        "residual:2-2-2:tanh:blocks=999999999",
        "mlp:2-1:poly(" + "9" * 5000 + ")",
    ],
)
def test_limits_of_a_shorthand(text: str) -> None:
    with pytest.raises(ResourceLimit):
        load_model(text)


@given(st.text(alphabet="mlpinear:-0123456789tanhbias=(),/. ", max_size=40))
def test_no_text_breaks_the_reader(text: str) -> None:
    try:
        load_model(f"mlp:{text}")
    except SimcertError as error:
        assert error.EXIT_CODE in (2, 5)


def toml(folder: Path, text: str) -> Path:
    path = folder / "m.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "program"),
    [
        ('family = "mlp"\nwidths = [2, 3, 1]\nactivation = "tanh"\nbias = false', mlp(2, 3, 1)),
        ('family = "mlp"\nwidths = [2, 3, 1]\nactivation = "relu"\nbias = true', mlp(2, 3, 1, activation="relu", bias=True)),
        ('family = "mlp"\nwidths = [2, 3, 1]\nactivation = { polynomial = ["0", "1", "1/3"] }', mlp(2, 3, 1, activation="poly(0,1,1/3)")),
        ('family = "mlp"\nwidths = [2, 3, 1]\nactivation = { polynomial = [0, 1] }', mlp(2, 3, 1, activation="poly(0,1)")),
        ('family = "mlp"\nwidths = [2, 1]\nactivation = "poly(0,1)"', mlp(2, 1, activation="poly(0,1)")),
        ('family = "linear"\nwidths = [2, 1]', linear(2, 1)),
        ('family = "attention"\nwidths = [3, 2, 2]\ntokens = 4', attention(3, 2, 2, 4)),
        ('family = "attention"\ndim = 3\nhead = 2', attention(3, 2)),
        ('family = "attention"\ndim = 3\nhead = 2\nheads = 2', attention(3, 2, 2)),
        ('family = "residual"\nwidths = [2, 4, 1]\nactivation = "tanh"\nblocks = 2\nhidden = 3', residual(2, 4, 1, blocks=2, hidden=3)),
        ('family = "conv1d"\nwidths = [1, 2]\nactivation = "relu"\nkernel = 2\nlength = 4', conv1d(1, 2, kernel=2, length=4)),
        ('family = "lora"\nwidths = [2, 1]\nactivation = "tanh"\nrank = 2\nbase = [[["1/2", 3]]]', lora(2, 1, rank=2, base=[[[Fraction(1, 2), 3]]])),
    ],
)
def test_toml(tmp_path: Path, text: str, program: Program) -> None:
    path = toml(tmp_path, f"[model]\n{text}\n")
    assert load_model(path) == load_model(str(path)) == program


def test_toml_with_a_definition(tmp_path: Path) -> None:
    path = toml(tmp_path, '[model]\nfamily = "mlp"\nwidths = [2, 3, 1]\nactivation = { piecewise = ["1/10", "1"] }\n')
    (activation,) = load_model(path).activations.values()
    assert activation.piecewise == (Fraction(1, 10), 1)


GOOD = 'family = "mlp"\nwidths = [2, 3, 1]\n'


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("", r"no table \[model\]"),
        ("model = 3", r"no table \[model\]"),
        ("[modle]", "unknown table or key 'modle'.*did you mean model"),
        ("[model]\n[census]", "unknown table or key 'census'"),
        ("[model]", "there is no family"),
        ('[model]\nfamily = "mpl"', "did you mean mlp"),
        ("[model]\nfamily = 3", "unknown family 3"),
        ('[model]\nfamily = "mlp"\nactivation = "tanh"', "there are no widths"),
        (f"[model]\n{GOOD}", "needs an activation"),
        (f'[model]\n{GOOD}activation = "tahn"', "tanh"),
        (f"[model]\n{GOOD}activation = 3", "an activation is an object"),
        (f'[model]\n{GOOD}activation = {{ polynomial = ["2/4"] }}', "lowest terms"),
        (f'[model]\n{GOOD}activation = {{ class = "odd ones" }}', "odd"),
        (f'[model]\n{GOOD}activation = "tanh"\nbias = 1', "bias is true or false"),
        (f'[model]\n{GOOD}activation = "tanh"\nbais = true', "no key 'bais'.*did you mean bias"),
        (f'[model]\n{GOOD}activation = "tanh"\nblocks = 2', "mlp has no key 'blocks'"),
        ('[model]\nfamily = "mlp"\nwidths = [2, 0]\nactivation = "tanh"', "width 1 must be a positive integer"),
        ('[model]\nfamily = "mlp"\nwidths = [2, true]\nactivation = "tanh"', "width 1 must be a positive integer"),
        ('[model]\nfamily = "mlp"\nwidths = "2-3"\nactivation = "tanh"', "widths is not a list"),
        ('[model]\nfamily = "attention"\ndim = 3', "there is no head"),
        ('[model]\nfamily = "attention"\ndim = 3\nwidths = [3, 2]', "widths and dim say the same"),
        ('[model]\nfamily = "lora"\nwidths = [2, 1]\nactivation = "tanh"\nbase = 3', "1 frozen matrices"),
        ("[model", "not TOML"),
        ("a = " + "[" * 10000, "not TOML|nested too deeply"),
    ],
)
def test_mistakes_in_toml(tmp_path: Path, text: str, fact: str) -> None:
    with pytest.raises(SpecError, match=fact) as caught:
        load_model(toml(tmp_path, text))
    assert type(caught.value) is SpecError


@pytest.mark.parametrize("line", ["widths = [2.0, 3]", "widths = [2, 3]\nactivation = { polynomial = [0, 0.5] }", "widths = [2, 3]\nbias = 1e3"])
def test_floats_in_toml(tmp_path: Path, line: str) -> None:
    with pytest.raises(InexactInputError, match="write the string") as caught:
        load_model(toml(tmp_path, f'[model]\nfamily = "mlp"\n{line}\n'))
    assert "[model]" in caught.value.place


def test_limits_in_toml(tmp_path: Path) -> None:
    for line in ("widths = [1000000, 1000000]", "widths = [2, 99999999999]", "widths = [2, " + "9" * 10000 + "]"):
        with pytest.raises(ResourceLimit):
            load_model(toml(tmp_path, f'[model]\nfamily = "mlp"\nactivation = "tanh"\n{line}\n'))


def test_a_table_is_read_for_other_files() -> None:
    assert model_from_table({"family": "linear", "widths": [2, 2]}) == linear(2, 2)


def test_json_of_a_program_and_of_a_certificate(tmp_path: Path) -> None:
    path = tmp_path / "net.json"
    for program in (mlp(2, 3, 1, bias=True), attention(2, 1, 2)):
        model = program.to_json()
        path.write_text(json.dumps(model), encoding="utf-8")
        assert load_model(path) == program and load_model(path).title == "net"
        path.write_text(
            json.dumps({"claim": {"kind": "invariant"}, "format": "simcert", "meta": {}, "model": model, "proof": {}, "version": 1}), encoding="utf-8"
        )
        assert load_model(str(path)) == program


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("", "not JSON"),
        ("[1]", "expected an object"),
        ("{}", "missing keys"),
        ('{"nodes":[],"nodes":[]}', "occurs twice"),
        ('{"model":{"nodes":NaN}}', "NaN is not a rational"),
        ('{"activations":{},"inputs":[],"nodes":[{"op":"magic"}],"outputs":[0],"parameters":[]}', "unknown op.*"),
        ("[" * 100000, "nested too deeply"),
    ],
)
def test_mistakes_in_json(tmp_path: Path, text: str, fact: str) -> None:
    path = tmp_path / "bad.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SpecError, match=fact) as caught:
        load_model(path)
    assert "bad.json" in caught.value.place


def test_floats_and_long_integers_in_json(tmp_path: Path) -> None:
    path = tmp_path / "m.json"
    model = mlp(2, 1).to_json()
    path.write_text(json.dumps(model).replace("[1, 2]", "[1, 2.5]"), encoding="utf-8")
    with pytest.raises(InexactInputError, match=r"2\.5 is a float.*m\.json/"):
        load_model(path)
    path.write_text(json.dumps(model).replace("[1, 2]", f"[1, {'9' * 5000}]"), encoding="utf-8")
    with pytest.raises(ResourceLimit, match="5000 digits"):
        load_model(path)


def test_unreadable_files(tmp_path: Path) -> None:
    (tmp_path / "folder.json").mkdir()
    (tmp_path / "latin.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(SpecError, match="cannot be read"):
        load_model(tmp_path / "folder.json")
    with pytest.raises(SpecError, match="not UTF-8"):
        load_model(tmp_path / "latin.toml")
    with pytest.raises(SpecError, match="cannot tell what kind"):
        load_model(tmp_path / "model")
    with pytest.raises(SpecError, match="shorthand or a path"):
        load_model(3)  # pyright: ignore[reportArgumentType]
