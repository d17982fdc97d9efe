"""Wrong input through the installed command line: one clear message with place and remedy, the documented exit code, no traceback, no file, no hang."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parents[1] / "certificates"
COMMAND = Path(sys.executable).with_name("simcert")
SECONDS = 60  # the real times are below a second; nothing may hang
DIGITS = "7" * 10**6
DEEP = 10**5
MODEL = "mlp:2-3-1:tanh"


def simcert(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(COMMAND)] if COMMAND.exists() else [sys.executable, "-m", "simcert"]
    done = subprocess.run([*command, *arguments], cwd=folder, capture_output=True, text=True, check=False, timeout=SECONDS)
    assert "Traceback" not in done.stdout + done.stderr and len(done.stderr) < 2000, done.stderr[-2000:]
    return done


def toml(**keys: object) -> str:
    lines = {"family": '"mlp"', "widths": "[2, 3, 1]", "activation": '"tanh"'} | {key: str(value) for key, value in keys.items()}
    return "[model]\n" + "".join(f"{key} = {value}\n" for key, value in lines.items())


def model(change: Callable[[dict[str, Any]], None]) -> str:
    """A model file with one thing wrong."""
    data = json.loads((FOLDER / "valid" / "tie-tanh.json").read_bytes())["model"]
    change(data)
    return json.dumps(data)


# name: (the model, the subspace, files, exit code, the message, its place)
ASKED: dict[str, tuple[str, str, dict[str, str], int, str, str]] = {
    "unknown-activation": ("m.toml", "W1 = 0", {"m.toml": toml(activation='"tanhh"')}, 2, "unknown activation 'tanhh'.*mean tanh", "m.toml.*activation"),
    "unknown-activation-in-a-program": (
        "m.json", "W1 = 0", {"m.json": model(lambda d: d["activations"].update(tanh={"named": "tanhh"}))}, 2, "unknown named function 'tanhh'.*tanh", "",
    ),
    "float-coefficient": ("mlp:2-3-1:poly(0,0.5)", "W1 = 0", {}, 2, "0.5 is a float.*1/2", "poly"),
    "float-width": ("m.toml", "W1 = 0", {"m.toml": toml(widths="[2, 3.5, 1]")}, 2, "3.5 is a float", "m.toml.*widths/1"),
    "float-constant": (
        "m.json", "W1 = 0",
        {"m.json": model(lambda d: d["nodes"].append({"op": "constant", "shape": [1], "values": [0.5]}))}, 2, "0.5", "m.json.*/nodes/6/values/0",
    ),
    "wrong-shape": ("m.json", "W1 = 0", {"m.json": model(lambda d: d["nodes"][2].update(shape=[4]))}, 2, "letter 'i'.* has sizes 3 and 4", "m.json.*/nodes/2"),
    "wrong-letters": ("m.json", "W1 = 0", {"m.json": model(lambda d: d["nodes"][2].update(spec="ijk,j->i"))}, 2, "3 letters for an array", "/nodes/2"),
    "wrong-sum": ("m.json", "W1 = 0", {"m.json": model(lambda d: d["nodes"][3].update(op="add", args=[2, 0]))}, 2, "unknown keys", "/nodes/3"),
    "cycle": ("m.json", "W1 = 0", {"m.json": model(lambda d: d["nodes"][2].update(args=[1, 3]))}, 2, "not all earlier nodes.*order the", "m.json.*/nodes/2"),
    "unknown-op": ("m.json", "W1 = 0", {"m.json": model(lambda d: d["nodes"][3].update(op="relu"))}, 2, "unknown op 'relu'.*the ops are", "/nodes/3"),
    "duplicate-key-in-a-program": ("m.json", "W1 = 0", {"m.json": '{"nodes":[],"nodes":[]}'}, 2, "'nodes' occurs twice.*keep one", "m.json"),
    "nan-in-a-program": ("m.json", "W1 = 0", {"m.json": '{"nodes":NaN}'}, 2, "NaN is not a rational.*remove", "m.json"),
    "deep-program": ("m.json", "W1 = 0", {"m.json": "[" * DEEP}, 2, "nested too deeply", "m.json"),
    "deep-toml": ("m.toml", "W1 = 0", {"m.toml": "model = " + "[" * DEEP}, 2, "nested too deeply|not TOML", "m.toml"),
    "million-digits-in-a-program": (
        "m.json", "W1 = 0",
        {"m.json": model(lambda d: d["activations"].update(tanh={"polynomial": ["0", DIGITS]}))}, 5, "1000000 characters.*limit is 4000", "/activations/tanh",
    ),
    "million-digits-in-toml": ("m.toml", "W1 = 0", {"m.toml": toml(activation=f'"poly(0,{DIGITS})"')}, 5, "1000000 characters.*limit", "m.toml.*activation"),
    "equation-on-a-missing-parameter": (MODEL, "tie(1: 0,1); b1 = 0", {}, 2, "no parameter 'b1'.*did you mean W1", "equation 2, column"),
    "equation-of-two-shapes": (MODEL, "W1[0,:] = W2[0,:]", {}, 2, r"shapes \(2,\) and \(3,\).*slice them", "equation 1, column 11"),
    "inconsistent": (MODEL, "tie(1: 0,1); W1[0,0] = W1[1,0] + 1/3", {}, 2, "contradict each other.*remove or correct", "equation 2"),
    "inconsistent-far-apart": ("mlp:2-3-1:tanh", "W1[0,:] = 1; W1[1,:] = 2; W1[0,:] = W1[1,:]", {}, 2, "contradict each other", "equation 3"),
    "no-equations": (MODEL, "space.txt", {"space.txt": "# only a comment\n\n"}, 2, "no equations.*write for example", ""),
    "empty-equations": (MODEL, " ; ; ", {}, 2, "no equations.*write for example", ""),
    "equations-that-say-nothing": (MODEL, "2 W1 = W1 + W1", {}, 2, "hold for all parameters.*write for example", ""),
    "million-digits": (MODEL, "space.txt", {"space.txt": f"W1[0,0] = {DIGITS}"}, 5, "1000000 digits.*limit is 4000", "space.txt, equation 1, .*column 11"),
    "million-digits-below": (MODEL, "space.txt", {"space.txt": f"W1[0,0] = 1/{DIGITS}"}, 5, "digits.*limit is 4000", "space.txt"),
    "deep-equation": (MODEL, "space.txt", {"space.txt": "W1[0,0] = " + "(" * DEEP}, 2, "brackets.*write the terms out", "space.txt, equation 1"),
    "million-signs": (MODEL, "space.txt", {"space.txt": "W1[0,0] = " + "-" * 10**6}, 5, "words and signs.*write several", "space.txt, equation 1"),
    "certificate-for-a-subspace": (MODEL, str(FOLDER / "valid" / "tie-tanh.json"), {}, 2, "", "tie-tanh.json"),
}  # fmt: skip


@pytest.mark.parametrize("name", ASKED)
def test_a_wrong_question_is_one_clear_message(name: str, tmp_path: Path) -> None:
    asked, space, files, code, message, place = ASKED[name]
    for file, content in files.items():
        (tmp_path / file).write_text(content)
    done = simcert("prove", asked, space, "-o", "out.json", "--json", folder=tmp_path)
    assert done.returncode == code, done.stderr
    assert re.match(r"error: \S.{10,}\n\Z", done.stderr) and re.search(message, done.stderr)
    answer = json.loads(done.stdout)
    assert answer["exit_code"] == code and f"error: {answer['error']}\n" == done.stderr
    assert re.search(place, answer["place"]) and (answer["place"] or answer["remedy"])
    assert {path.name for path in tmp_path.iterdir()} == set(files)


def corpus(path: str) -> bytes:
    return (FOLDER / path).read_bytes()


def zipped() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted((FOLDER / "valid").glob("tie-*.json")):
            archive.write(path, path.name)
    return buffer.getvalue()


def replaced(old: str, new: str, path: str = "valid/tie-tanh.json") -> bytes:
    text = corpus(path).decode()
    assert old in text
    return text.replace(old, new, 1).encode()


# name: (the file, the status, the exit code, the message with its place)
GIVEN: dict[str, tuple[Callable[[], bytes], str, int, str]] = {
    "zip-of-certificates": (zipped, "malformed", 3, "not printable ASCII"),
    "duplicate-key": (lambda: corpus("malformed/duplicate-key.json"), "malformed", 3, "a key twice"),
    "unknown-op": (lambda: corpus("malformed/op-unknown.json"), "malformed", 3, "/model/nodes/3: unknown op 'relu'"),
    "cycle": (lambda: corpus("malformed/cycle.json"), "malformed", 3, "/model/nodes/2: an argument is not an earlier node"),
    "nan": (lambda: corpus("malformed/nan.json"), "malformed", 3, "'NaN' is not an exact number; write rationals as strings"),
    "float": (lambda: corpus("malformed/float.json"), "malformed", 3, "'0.5' is not an exact number; write rationals as strings"),
    "wrong-shape": (lambda: corpus("malformed/shapes-do-not-fit.json"), "malformed", 3, "/model/nodes/2: the letters"),
    "unknown-activation": (lambda: corpus("malformed/activation-unknown.json"), "malformed", 3, "/model/activations/tanh: unknown activation 'tanhh'"),
    "generator-not-orthogonal": (
        lambda: corpus("malformed/generator-not-orthogonal.json"), "malformed", 3, "/proof/generators/0/actions/0: the matrix is not orthogonal",
    ),
    "claim-changed-after-proof": (lambda: corpus("invalid/claim-changed-after-proof.json"), "invalid", 1, "not the fixed space of the generators"),
    "witness-outside-subspace": (lambda: corpus("invalid/witness-outside-subspace.json"), "invalid", 1, "theta does not lie in the subspace"),
    "deep-lists": (lambda: b"[" * DEEP + b"]" * DEEP + b"\n", "malformed", 3, "nested more than 32 levels deep"),
    "deep-objects": (lambda: b'{"a":' * DEEP + b"1" + b"}" * DEEP + b"\n", "malformed", 3, "nested more than 32 levels deep"),
    "deep-inside": (lambda: replaced('"permutation":[', '"permutation":[' + "[" * DEEP), "malformed", 3, "nested more than 32 levels deep"),
    "million-digits": (
        lambda: replaced('"constant":"0"', f'"constant":"{DIGITS}"'), "limit", 5, "/claim/subspace/rows/0: a rational of 1000000 characters, the limit is 4000",
    ),
    "million-digits-below": (lambda: replaced('"constant":"0"', f'"constant":"1/{DIGITS}"'), "limit", 5, "a rational of 1000002 characters"),
    "million-digits-residue": (
        lambda: replaced('"modulus":"', f'"modulus":"{DIGITS}', "valid/rows-only-square-residue.json"), "limit", 5, "/proof/modulus: a number of",
    ),
    "million-digits-integer": (lambda: replaced('"dimension":6', f'"dimension":{DIGITS}'), "limit", 5, "a number of 1000000 digits, the limit is 4000"),
    "huge-array": (
        lambda: replaced('"shape":[3]', '"shape":[3,1000000,1000000]'), "limit", 5, "/model/nodes/2: an array of 3000000000000 entries",
    ),
    "huge-order": (
        lambda: replaced('"order":1', '"order":100000', "valid/deep-tanh.json"), "limit", 5, "the series are too long",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", GIVEN)
def test_a_wrong_certificate_is_one_clear_message(name: str, tmp_path: Path) -> None:
    make, status, code, message = GIVEN[name]
    (tmp_path / "c.json").write_bytes(make())
    done = simcert("verify", "c.json", "--json", "--seconds", "5", folder=tmp_path)
    assert done.returncode == code, done.stdout[-500:]
    (result,) = json.loads(done.stdout)["results"]
    assert result["status"] == status and message in result["message"] and len(result["message"]) < 300
    assert done.stderr == f"c.json: {status} ({result['seconds']:.2f} s)\n  {result['message']}\n"
    assert [path.name for path in tmp_path.iterdir()] == ["c.json"]


@pytest.mark.parametrize("name", ["zip-of-certificates", "duplicate-key", "deep-lists", "nan", "million-digits", "cycle"])
def test_a_page_about_a_wrong_certificate_is_not_written(name: str, tmp_path: Path) -> None:
    make, _, code, message = GIVEN[name]
    (tmp_path / "c.json").write_bytes(make())
    done = simcert("explain", "c.json", "--html", "-o", "page.html", folder=tmp_path)
    assert done.returncode == code and message in done.stderr and re.match(r"error: \S.{10,}\n\Z", done.stderr)
    assert [path.name for path in tmp_path.iterdir()] == ["c.json"]


def test_one_wrong_file_among_many_is_named(tmp_path: Path) -> None:
    names = ["valid/tie-tanh.json", "malformed/cycle.json", "invalid/rational-wrong-value.json", "incomplete/invariant-without-proof.json"]
    done = simcert("verify", *(str(FOLDER / name) for name in names), "--json", folder=tmp_path)
    assert done.returncode == 3
    assert [result["status"] for result in json.loads(done.stdout)["results"]] == ["verified", "malformed", "invalid", "incomplete"]
    assert all(f"{FOLDER / name}: " in done.stderr for name in names)


def test_a_wrong_model_to_compare_with_is_a_wrong_call(tmp_path: Path) -> None:
    (tmp_path / "m.json").write_text(ASKED["cycle"][2]["m.json"])
    done = simcert("verify", str(FOLDER / "valid" / "tie-tanh.json"), "--model", "m.json", folder=tmp_path)
    assert done.returncode == 2 and "not all earlier nodes" in done.stderr and not done.stdout
