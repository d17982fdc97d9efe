"""Reports: the same content as text, LaTeX and HTML, with nothing from the file taken as markup."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

import simcert as sc
from simcert import report
from simcert.certificates.claims import Verdict
from simcert.invariance.decide import decide

MARKUP = {"title": r"<b>& 50% of $x_1$ {y} \evil"}
VERDICT = Verdict("verified", "the theorem", ("that L is one orbit",), ("Python", "the Lindemann–Weierstrass theorem"), "", "0" * 64, 0.5, "some $file`.json")


def example(net: str = "mlp:2-3-1:tanh", space: str = "tie(1: 0,1)") -> report.Report:
    program = sc.load_model(net)
    certificate = decide(program, sc.subspace(program, space)).certificate
    assert certificate is not None
    return report.report({**certificate, "meta": MARKUP}, VERDICT)


def checked(net: str, space: str) -> report.Report:
    certificate = sc.prove(net, space)
    return report.report(certificate.data, certificate.verify())


class Balanced(HTMLParser):
    """Checks that every tag is closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert not {"src", "href", "onclick"} & {name for name, _ in attrs}
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_html_is_one_balanced_page_without_any_reference() -> None:
    page = example().html()
    parser = Balanced()
    parser.feed(page)
    assert not parser.open
    assert not re.search(r"https?:|//|@import|url\(|<script|<b>&", page)
    words = "".join(parser.texts)
    for expected in (
        "is invariant under the gradient flow",
        "that L is one orbit",
        "Lindemann–Weierstrass",
        r"<b>& 50% of x_1 {y} \evil",
        "prefers-color-scheme",
    ):
        assert expected in words


def test_latex_is_ascii_and_balanced() -> None:
    cases = (("mlp:2-3-1:tanh", "tie(1: 0,1)"), ("mlp:2-3-1:tanh", "W1[0,:] = W1[1,:]"), ("attention:3-2", "Q = 0"), ("mlp:2-3-1:relu", "tie(1: 0,1)"))
    for page in (example(), *(checked(net, space) for net, space in cases)):
        source = page.latex()
        assert source.isascii() and "?" not in source
        environments: list[str] = []
        for word, name in re.findall(r"\\(begin|end)\{(\w+)\}", source):
            if word == "begin":
                environments.append(name)
            else:
                assert environments.pop() == name
        assert not environments and r"\begin{theorem}" in source
        depth = 0
        for brace in re.findall(r"\\.|[{}]", source):
            depth += {"{": 1, "}": -1}.get(brace, 0)
            assert depth >= 0
        assert depth == 0 and re.sub(r"\\\$", "", source).count("$") % 2 == 0


def test_text_has_the_same_sections() -> None:
    page = example()
    text = page.text(72)
    assert all(part.title in text for part in page.sections) and max(map(len, text.splitlines())) <= 72
    assert str(page) == page.text() and "<h4>Theorem</h4>" in page._repr_html_()


@pytest.mark.parametrize(("kind", "method"), sorted(report.PROOF_IDEAS))
def test_every_proof_method_is_explained_without_loose_marks(kind: str, method: str) -> None:
    idea = report.proof_idea(kind, {"method": method, "members": {"a": ["1"]}})
    assert len(idea) > 200 and idea.count("$") % 2 == 0
    assert not set("$`") & set(report.to_text(idea)) and report.to_latex(idea).isascii() and "?" not in report.to_latex(idea)
    assert "$" not in report.to_html(idea)


def test_a_claim_without_proof_says_so() -> None:
    assert "no proof" in report.proof_idea("invariant", {"method": "none"})
    assert "docs/format.md" in report.proof_idea("orbit-dimension", {"method": "span"})


def test_mathematics_in_html_has_subscripts_and_italics() -> None:
    assert report.to_html("$F_c(θ)=R^{9}$") == '<span class="math"><i>F</i><sub><i>c</i></sub>(<i>θ</i>)=<i>R</i><sup>9</sup></span>'
