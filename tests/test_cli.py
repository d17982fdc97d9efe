"""The command line: what stands on stdout and stderr, which exit code, and that no wrong input ends in a traceback or a half-written file."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import simcert as sc
from simcert import checker
from simcert.certificates import codec
from simcert.cli import COMMANDS, main
from simcert.errors import ResourceLimit
from simcert.invariance import decide as deciding
from simcert.invariance.decide import Decision

TIED = ("mlp:2-3-1:tanh", "tie(1: 0,1)")


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SIMCERT_DEBUG", raising=False)


def call(*arguments: str) -> Result:
    result = CliRunner().invoke(main, list(arguments))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert "Traceback" not in result.output
    return result


def answer(*arguments: str, code: int = 0) -> dict[str, Any]:
    """The one JSON object on stdout."""
    result = call(*arguments, "--json")
    assert result.exit_code == code, result.output
    value = json.loads(result.stdout)
    assert isinstance(value, dict) and result.stdout.count("\n") == 1
    return value


@pytest.fixture
def tied() -> str:
    assert call("prove", *TIED, "-q", "-o", "tied.json").exit_code == 0
    return "tied.json"


def changed(path: str, change: Any, name: str) -> str:
    data = json.loads(Path(path).read_text())
    change(data)
    Path(name).write_text(codec.canonical(data))
    return name


# prove


def test_prove_says_what_was_asked_for() -> None:
    got = answer("prove", *TIED, "-o", "tied.json")
    assert got["verdict"] == "invariant" and got["method"] == "symmetry" and got["dimension"] == 6 and got["parameters"] == 9
    assert got["certificate"] == "tied.json" and got["equations"] == ["W1[0,:] = W1[1,:]", "W2[:,0] = W2[:,1]"]
    assert got["optimizers"] == ["gd", "sgd", "momentum", "nesterov", "weight-decay", "adam", "rmsprop", "signsgd"]
    assert checker.check_text(Path("tied.json").read_bytes()).status == "verified"


def test_a_refutation_is_a_success_too() -> None:
    got = answer("prove", "mlp:2-3-1:tanh", "W1[0,:] = W1[1,:]")
    assert got["verdict"] == "not-invariant" and got["dimension"] == 7 and got["optimizers"] == []
    assert re.fullmatch(r"not-invariant-[0-9a-f]{12}\.json", got["certificate"]) and got["certificate"][14:26] == got["theorem"][:12]
    assert [file.name for file in Path().iterdir()] == [got["certificate"]]


def test_text_for_people_and_json_are_kept_apart() -> None:
    plain, both, quiet = call("prove", *TIED, "-o", "a.json"), call("prove", *TIED, "-o", "a.json", "--json"), call("prove", *TIED, "-o", "a.json", "--quiet")
    assert "training that starts in L stays in L" in " ".join(plain.stdout.split()) and not plain.stderr
    assert re.sub(r"in [\d.]+ s", "", both.stderr) == re.sub(r"in [\d.]+ s", "", plain.stdout) and json.loads(both.stdout)
    assert not quiet.output


def test_the_same_seed_gives_the_same_bytes() -> None:
    for seed in ("0", "7"):
        for name in ("a.json", "b.json"):
            assert call("prove", "mlp:2-3-1:tanh", "W1[0,:] = W1[1,:]", "--seed", seed, "-o", name).exit_code == 0
        assert Path("a.json").read_bytes() == Path("b.json").read_bytes() and f'"seed":"{seed}"' in Path("a.json").read_text()


def test_subspace_and_model_may_be_files() -> None:
    Path("space.txt").write_text("# two units\ntie(1: 0,1)\n")
    Path("net.toml").write_text('[model]\nfamily = "mlp"\nwidths = [2, 3, 1]\nactivation = "tanh"\n')
    assert answer("prove", "net.toml", "space.txt")["theorem"] == answer("prove", *TIED)["theorem"]


def test_an_open_question_is_not_a_success(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deciding, "decide", lambda *_, **__: Decision("undecided", None, 6, [], "no witness was found"))
    got = answer("prove", *TIED, "-o", "a.json", code=4)
    assert got["verdict"] == "undecided" and got["certificate"] is None and got["reason"] == "no witness was found"
    assert "undecided: no witness" in call("prove", *TIED).stdout and not list(Path().iterdir())
    with pytest.raises(sc.errors.UndecidedError, match="no witness"):
        sc.prove(*TIED)


def test_a_certificate_that_does_not_verify_is_not_written(monkeypatch: pytest.MonkeyPatch, tied: str) -> None:
    before = Path(tied).read_bytes()
    for status, code in (("invalid", 70), ("malformed", 70), ("unsupported", 70), ("limit", 5)):
        monkeypatch.setattr(checker, "check_text", lambda *_, status=status: checker.Result(status, "because"))
        got = answer("prove", *TIED, "-o", tied, code=code)
        assert "because" in got["error"] and Path(tied).read_bytes() == before and [file.name for file in Path().iterdir()] == [tied]


# what goes wrong


@pytest.mark.parametrize(
    "arguments",
    [
        [], ["prov"], ["--no-such"], ["prove"], ["prove", TIED[0]], ["prove", *TIED, "x"], ["prove", *TIED, "--seed", "x"], ["prove", *TIED, "--seed", "1.5"],
        ["prove", *TIED, "--no-such"], ["prove", *TIED, "-o", "none/c.json"], ["prove", *TIED, "-o", "."], ["prove", *TIED, "-o", "/dev/null"],
        ["prove", "mlp", TIED[1]], ["prove", "mlp:2", TIED[1]], ["prove", "mlp:2-0-1:tanh", TIED[1]], ["prove", "mlp:2-3-1:tanhh", TIED[1]],
        ["prove", "none.toml", TIED[1]], ["prove", "none.json", TIED[1]], ["prove", ".", TIED[1]], ["prove", "", TIED[1]], ["prove", "mlp:2-3-1:θ", TIED[1]],
        ["prove", TIED[0], ""], ["prove", TIED[0], "W1[0,:] = 0.5"], ["prove", TIED[0], "W9 = 0"],
        ["prove", TIED[0], "W1[7,:] = 0"], ["prove", TIED[0], "W1 = W2"],
        ["prove", TIED[0], "tie(1: 0,9)"], ["prove", TIED[0], "tie(5: 0,1)"], ["prove", TIED[0], "W1[0,0] = 1; W1[0,0] = 2"], ["prove", TIED[0], "=;="],
        ["prove", TIED[0], "W1[0,:] = W1[0,:]"], ["verify"], ["verify", "none.json"], ["verify", "."], ["verify", "x.json", "--model", "mlp:2"],
        ["verify", "x.json", "--max-bytes", "0"], ["verify", "x.json", "--seconds", "x"], ["explain"], ["explain", "none.json"], ["symmetries"],
        ["symmetries", "mlp"], ["symmetries", TIED[0], "--fixed-space", "W1 = 0"], ["symmetries", TIED[0], "--fixed-space", "swap(1: 0,9)"],
        ["explain", "x.json", "--latex", "--html"],
    ],
    ids=lambda arguments: " ".join(arguments) or "nothing",
)  # fmt: skip
def test_a_wrong_call_is_one_clear_message(arguments: list[str]) -> None:
    Path("x.json").write_text("{}\n")
    result = call(*arguments)
    assert result.exit_code == 2, result.output
    if arguments:
        assert re.match(r"error: \S.{10,}\n\Z", result.stderr) and not result.stdout
        got = answer(*arguments, code=2)
        assert got["exit_code"] == 2 and f"error: {got['error']}\n" == result.stderr.replace(" --json", "")
    assert [file.name for file in Path().iterdir()] == ["x.json"]


def test_an_error_names_fact_place_and_remedy() -> None:
    got = answer("prove", TIED[0], "W1[0,:] = W3[1,:]", code=2)
    assert "W3" in got["error"] and got["place"] and got["remedy"] and got["error"].endswith(f"(at {got['place']}); {got['remedy']}")


def test_a_resource_limit_has_its_own_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    assert answer("prove", "mlp:2-" + "9" * 12 + "-1:tanh", "W1 = 0", code=5)["error"]
    for error in (ResourceLimit("too many terms"), MemoryError()):
        monkeypatch.setattr(deciding, "decide", lambda *_, error=error, **__: (_ for _ in ()).throw(error))
        assert call("prove", *TIED).exit_code == 5


def test_an_internal_error_has_a_traceback_only_on_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deciding, "decide", lambda *_, **__: 1 // 0)
    assert re.match(r"error: internal error, ZeroDivisionError: .*report", call("prove", *TIED).stderr)
    assert answer("prove", *TIED, code=70)["exit_code"] == 70
    monkeypatch.setenv("SIMCERT_DEBUG", "1")
    result = CliRunner().invoke(main, ["prove", *TIED])
    assert result.exit_code == 70 and "Traceback" in result.stderr and "ZeroDivisionError" in result.stderr


def test_ctrl_c_writes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(checker, "check_text", interrupt)
    result = call("prove", *TIED, "-o", "c.json")
    assert result.exit_code == 130 and "interrupted" in result.stderr and not list(Path().iterdir())


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs a named pipe to wait on")
def test_a_real_ctrl_c_ends_with_130() -> None:
    os.mkfifo("pipe")
    process = subprocess.Popen([sys.executable, "-m", "simcert", "verify", "pipe", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    with open("pipe", "wb"):  # opens only when the command reads  # noqa: PTH123
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130 and "Traceback" not in err and json.loads(out)["exit_code"] == 130


def test_a_closed_pipe_is_no_traceback(tied: str) -> None:
    process = subprocess.Popen([sys.executable, "-m", "simcert", "explain", tied], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    err = process.stderr.read()
    process.stderr.close()
    assert process.wait(timeout=60) == 141 and not err


def test_a_terminal_without_greek_still_gets_an_answer() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "simcert", "prove", *TIED], capture_output=True, check=False, timeout=120, env={**os.environ, "PYTHONIOENCODING": "ascii"}
    )
    assert run.returncode == 0 and b"stays in L" in b" ".join(run.stdout.split())


# verify


def test_each_status_has_its_exit_code(tied: str) -> None:
    files = {
        tied: ("verified", 0),
        changed(tied, lambda d: d["proof"]["generators"].clear(), "invalid.json"): ("invalid", 1),
        changed(tied, lambda d: d.update(proof={"method": "none"}), "incomplete.json"): ("incomplete", 4),
        changed(tied, lambda d: d["claim"].update(extra="1"), "extra.json"): ("malformed", 3),
        "spaces.json": ("malformed", 3),
        "empty.json": ("malformed", 3),
    }
    Path("spaces.json").write_text(Path(tied).read_text().replace(",", ", "))
    Path("empty.json").write_text("")
    for file, (status, code) in files.items():
        (result,) = answer("verify", file, code=code)["results"]
        assert (result["file"], result["status"]) == (file, status) and result["seconds"] >= 0
        assert call("verify", file).stdout.startswith(f"{file}: {status}") and not call("verify", file, "-q").output
    for names, code in (
        (("invalid.json", "spaces.json", tied), 3),
        (("incomplete.json", "invalid.json"), 1),
        ((tied, "incomplete.json"), 4),
        ((tied, tied), 0),
    ):
        assert len(answer("verify", *names, code=code)["results"]) == len(names)


def test_a_verified_file_comes_with_its_small_print(tied: str) -> None:
    (result,) = answer("verify", tied)["results"]
    assert result["statement"] and result["not_claimed"] and result["trust"] and result["theorem"] == answer("prove", *TIED)["theorem"]


def test_limits_are_passed_to_the_checker(tied: str) -> None:
    for limit in ("--max-bytes", "--max-nodes", "--max-entries"):
        assert answer("verify", tied, limit, "1", code=5)["results"][0]["status"] == "limit"
    assert answer("verify", tied, "--seconds", "1e-9", code=5)["results"][0]["status"] == "limit"
    assert answer("verify", tied, "--seconds", "60", "--max-digits", "5000", "--max-terms", "1000")["results"][0]["status"] == "verified"


def test_a_certificate_about_another_model_is_refused(tied: str) -> None:
    assert answer("verify", tied, "--model", TIED[0])["results"][0]["status"] == "verified"
    (result,) = answer("verify", tied, "--model", "mlp:2-4-1:tanh", code=1)["results"]
    assert result["status"] == "other-model" and "W1 has shape [3, 2] there and [4, 2] here" in result["message"]
    assert "other-model" in call("verify", tied, "--model", "mlp:2-3-1:sin").stdout
    assert sc.verify(tied, "mlp:2-3-1:relu").status == "other-model" and sc.verify(tied, sc.mlp(2, 3, 1)).status == "verified"
    assert answer("verify", tied, "--model", "mlp:2-4-1:tanh", "--max-bytes", "9", code=5)["results"][0]["status"] == "limit"
    Path("bad.json").write_text("[]\n")
    assert answer("verify", "bad.json", "--model", TIED[0], code=3)["results"][0]["status"] == "malformed"


# symmetries and explain


def test_symmetries_of_a_tanh_network() -> None:
    got = answer("symmetries", "mlp:2-3-1:tanh", "-o", "s.json")
    assert [(space["size"], space["kind"]) for space in got["index_spaces"]] == [(3, "signed")] and got["order"] == 48 and len(got["generators"]) >= 2
    assert answer("verify", "s.json")["results"][0]["status"] == "verified"
    text = call("symmetries", "mlp:2-3-1:tanh").stdout
    assert "signed" in text and re.search(r"order +48", text)
    assert answer("symmetries", "linear:2-2-2")["order"] is None


def test_the_fixed_space_of_a_swap() -> None:
    got = answer("symmetries", "mlp:2-3-1:tanh", "--fixed-space", "swap(1: 0,1)", "-o", "f.json")
    assert got["dimension"] == 6 and got["equations"] == ["W1[0,:] = W1[1,:]", "W2[:,0] = W2[:,1]"]
    assert answer("verify", "f.json")["results"][0]["status"] == "verified"
    assert sc.fixed_space("mlp:2-3-1:tanh", "swap(1: 0,1)").dimension == 6


def test_explain_in_three_forms(tied: str) -> None:
    assert "Verdict of the independent checker" in call("explain", tied).stdout
    assert r"\begin{theorem}" in call("explain", tied, "--latex").stdout
    assert call("explain", tied, "--html").stdout.startswith("<!doctype html>")
    got = answer("explain", tied, "--html", "-o", "tied.html")
    assert got["output"] == "tied.html" and Path("tied.html").read_text() == got["text"] and got["status"] == "verified"
    timeless = [re.sub(r"in [0-9.]+ s", "", text) for text in (str(sc.explain(tied)), call("explain", tied).stdout)]
    assert timeless[0] == timeless[1]


def test_explain_has_the_exit_code_of_verify(tied: str) -> None:
    invalid = changed(tied, lambda d: d["proof"]["generators"].clear(), "invalid.json")
    assert call("explain", invalid).exit_code == 1 and "invalid, in" in call("explain", invalid).stdout
    incomplete = changed(tied, lambda d: d.update(proof={"method": "none"}), "incomplete.json")
    assert call("explain", incomplete).exit_code == 4
    for text in ("[]\n", "", "{}", Path(tied).read_text()[:-1]):
        Path("bad.json").write_text(text)
        assert answer("explain", "bad.json", code=3)["exit_code"] == 3
    Path("bad.json").write_text(Path(tied).read_text().replace('"version":1', '"version":2'))
    assert answer("explain", "bad.json", code=3)["exit_code"] == 3 and answer("verify", "bad.json", "--model", TIED[0], code=4)["results"]


# the whole


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str) -> None:
    result = call(command, "--help")
    assert result.exit_code == 0 and "--json" in result.stdout and "Example: simcert" in result.stdout and COMMANDS[command] in call("--help").stdout


def test_module_and_version() -> None:
    run = subprocess.run([sys.executable, "-m", "simcert", "--version"], capture_output=True, text=True, check=True)
    assert run.stdout == f"simcert {sc.__version__}\n"
    assert f'version = "{sc.__version__}"' in (Path(__file__).parents[1] / "pyproject.toml").read_text()


def test_a_verdict_is_no_truth_value(tied: str) -> None:
    verdict = sc.verify(tied)
    with pytest.raises(TypeError, match="compare it"):
        bool(verdict)
    assert verdict.status == "verified" and str(verdict).startswith("tied.json: verified")


def test_a_certificate_in_python(tied: str) -> None:
    certificate = sc.Certificate.load(tied)
    assert certificate == sc.prove(*TIED) and hash(certificate) == hash(sc.prove(*TIED)) and certificate.verify().status == "verified"
    assert (certificate.kind, certificate.method, certificate.dimension) == ("invariant", "symmetry", 6)
    assert certificate.save("again.json").read_bytes() == Path(tied).read_bytes() and certificate.save().name == f"invariant-{certificate.hash[:12]}.json"
    assert "is invariant" in str(certificate) and "<b>Theorem.</b>" in certificate._repr_html_() and "$" in certificate._repr_latex_()
