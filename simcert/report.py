"""What `simcert explain` shows: the theorem, what it does not say, why it holds, what is trusted, and the checker's verdict.

A report is a list of sections in one small markup (`$…$` around mathematics in Unicode, backquotes around names), rendered as plain text, as a LaTeX
file that compiles alone, or as one self-contained HTML page.
"""

from __future__ import annotations

import html
import re
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from simcert.certificates import codec, words

if TYPE_CHECKING:
    from simcert.certificates.claims import Verdict

Json = dict[str, Any]

_MARKS = re.compile(r"\$([^$]*)\$|`([^`]*)`")

_BEFORE = {
    "not-invariant": "If $L$ were invariant, $C_i·∇F_c(θ)(x)$ would vanish for every $θ$ in $L$, every input $x$ and every output $c$. ",
    "symmetry": "For every generator $g$ and every node of the program, $value(gθ,x)=(A_0⊗⋯⊗A_{r−1}) value(θ,x)$. ",
}
_BEFORE["fixed-space"] = _BEFORE["symmetry"]
_BEFORE["data-invariant"] = _BEFORE["symmetry"].replace("(gθ,x)", "(gθ,Tx)")
_AFTER = {
    "invariant": " A gradient flow of a loss $ℓ$ on data $x_n$ is $dθ/dt = −Σ_n ∇F(θ)(x_n)^T∇ℓ_n$; since $C∇F_c(θ)(x)=0$ where $Cθ=c$, "
    "Gronwall's inequality for $Cθ(t)−c$ keeps the flow in $L$.",
}
_RANKS = (
    " For a class of activations the rank is that of a matrix of polynomials in finitely many derivatives of $σ$; it is attained for the polynomial member "
    "that the certificate exhibits, hence for an open dense set of jets."
)
_MEMBERS: dict[str, str] = {}
_MEMBERS["not-invariant"] = (
    " For a class of activations the number is a polynomial in finitely many derivatives of $σ$; it does not vanish for the polynomial member that the "
    "certificate exhibits, hence not for an open dense set of jets."
)

_METRIC = (
    "The rows of the linear part $A$ of $Q$ are directions of $L$ with $AA^T=diag(m)$. Since $L$ is invariant (proved apart), $∇F_c$ is a direction of "
    "$L$, so the chain rule along $L$ gives $∇F_c=A^T∇G_c$, and $v=Qθ$ moves by $A∇F_c=m∘∇G_c$. In the coordinates $v_p/√m_p$ this is the Euclidean gradient "
    "flow of the small network with $√m_p$ times its parameters."
)

_TITLES = {
    "orbit-dimension": "The dimension of an orbit", "conservation-laws": "Conservation laws", "hull": "The smallest invariant affine subspace through a point",
    "invariant": "An invariant subspace", "not-invariant": "A subspace that is not invariant", "symmetry": "Symmetries", "fixed-space": "A fixed space",
    "lattice": "The lattice of invariant subspaces", "quotient": "A reduced network",
    "classification": "All orbits of a two-layer network",
    "intrinsic": "Intrinsic dynamics", "not-intrinsic": "Dynamics that are not intrinsic",
    "data-invariant": "A subspace invariant for data with a symmetry",
}  # fmt: skip

PROOF_IDEAS: dict[tuple[str, str], str] = {
    ("invariant", "symmetry"): (
        "Every generator $g$ is an orthogonal map of parameter space that passes through the program node by node, so $F(gθ)=F(θ)$ and, $g$ being "
        "orthogonal, $∇F(gθ)=g∇F(θ)$. At a point fixed by all $g$ the gradient is therefore fixed by all $g$ too, and exact elimination shows that $L$ is "
        "precisely the set of common fixed points."
    ),
    ("invariant", "congruence"): (
        "On $L$, written as $θ=Bu+b$ in free coordinates $u$, every scalar of the forward and of the backward pass is a function of $(u,x)$, and exact "
        "elimination finds the linear relations among these functions, equal arguments of $σ$ giving equal values (a balanced colouring of the network). "
        "With the gradient written in these functions the equations $C∇F_c(θ)(x)=0$ become identities that hold for every $σ$ with the stated facts."
    ),
    ("invariant", "identity"): (
        "Each entry of $C∇F_c(Bu+b)(x)$ is expanded as a polynomial in the free coordinates $u$ of $L$, the inputs and the atoms $σ^{(j)}(P)$, with $P$ "
        "again such a polynomial; the stated facts about $σ$ are the only rewriting rules. Every coefficient is 0, so the gradient is tangent to $L$."
    ),
    ("not-invariant", "rational"): (
        "The certificate names a rational $θ$ in $L$, a rational $x$ and an output for which exact arithmetic gives a number that is not 0."
    ),
    ("not-invariant", "residue"): (
        "At the rational point of the certificate this is a rational number whose denominators are units modulo $m$, so reduction modulo $m$ is a ring map, "
        "and its residue is not 0."
    ),
    ("not-invariant", "exponential"): (
        "At the rational point of the certificate every argument of the activation is rational, so the number is a rational function of $T=e^{1/N}$ "
        "(and of $e^{i/N}$ where sin or cos occur), which is transcendental by the Lindemann–Weierstrass theorem. Sending $T$ to a residue is then "
        "a ring map on everything that occurs, and the image of the number is not 0."
    ),
    ("not-invariant", "series"): (
        "Along the curve $θ(t)=Σ_j θ_j t^j$, which stays in $L$, every activation is taken at an argument that vanishes at $t=0$, so the number is a power "
        "series in $t$ whose coefficients are rational (or rational in one transcendental constant). One of them is not 0 modulo $m$, hence not 0, and the "
        "number is not 0 for all small $t≠0$."
    ),
    ("not-invariant", "ball"): "At the point of the certificate interval arithmetic with dyadic endpoints encloses this number between two bounds of one sign.",
    ("symmetry", "equivariance"): (
        "This follows from the same property of the node's arguments by one local rule for each operation, and at the outputs all $A_j$ are the identity, "
        "so $F(gθ)=F(θ)$."
    ),
    ("fixed-space", "equivariance"): (
        "This follows by one local rule for each operation, and at the outputs all $A_j$ are the identity, so $F(gθ)=F(θ)$. Exact elimination on the equations "
        "$gθ=θ$ gives the subspace; being fixed by orthogonal symmetries it is invariant, because $∇F(gθ)=g∇F(θ)$."
    ),
    ("orbit-dimension", "bounds"): (
        "From below: gradients and iterated Lie brackets, at $θ_0$ or along a curve that flows of gradient fields draw from it, are "
        "evaluated exactly (modulo a prime, "
        "or in interval arithmetic), and a square matrix made of them is regular. The dimension of the Lie algebra is constant along such "
        "a curve, and the flow carries gradients from there back to values of the Lie algebra at $θ_0$. From above: the orbit "
        "stays in an invariant subspace that contains $θ_0$ and on the level sets of conserved quantities whose differentials are independent at $θ_0$."
    ),
    ("conservation-laws", "laws"): (
        "A quadratic law $h=θ^TAθ/2$ is conserved exactly when the linear field $Aθ$ is an infinitesimal symmetry of $F$, which is followed "
        "through the program node by node; "
        "other laws are verified by expanding $∇h·∇F$. Their differentials have the stated rank at a point, and where the list is complete "
        "the orbit of that point is "
        "as large as the laws allow."
    ),
    ("hull", "hull"): (
        "The subspace is proved invariant. It is the smallest because it is spanned by gradients, each taken at a point that every "
        "invariant affine subspace through "
        "$θ_0$ must contain already, or by Taylor coefficients of curves in the orbit of $θ_0$."
    ),
    ("data-invariant", "equivariance"): (
        "This follows by one local rule for each operation, the inputs carrying $T$ and the outputs $ε$, so $F(gθ)(Tx)=εF(θ)(x)$. The risk "
        "$R(θ)=Σ ℓ(F(θ)(x),y)$ is a sum over data that $(T,ε)$ permutes, hence $R(gθ)=R(θ)$ and, $g$ being orthogonal, $∇R(gθ)=g∇R(θ)$: where $gθ=θ$ the "
        "gradient is fixed by $g$ too. Exact elimination on the equations $gθ=θ$ gives the subspace. A formula for $F$ on $L$ is found by expanding $F$; for "
        "relu it uses $σ(z)−σ(−z)=z$."
    ),
    ("lattice", "closure"): (
        "At a point fixed by an orthogonal symmetry the gradient is fixed by it too, so fixed spaces and their intersections are invariant. Each subspace of "
        "the list is the intersection of the fixed spaces that contain it, and its intersection with every other fixed space is on the list; starting from the "
        "whole space, every intersection is reached in this way. One subspace lies in another exactly when all symmetries that fix the other fix it."
    ),
    ("quotient", "expansion"): (
        "On $L$ every array of the network is a copy of an array of the small one along some axes, and adds up to it along the others, as is followed node by "
        "node; at the outputs both are equal, so $F(θ)=G(Qθ)$. " + _METRIC
    ),
    ("quotient", "identity"): (
        "$F(θ)(x)$ on $L$ and $G(Qθ)(x)$ are expanded as polynomials in coordinates of $L$, the inputs and the atoms $σ^{(j)}(P)$, and agree term by term. "
        + _METRIC
    ),
    ("lattice", "orbits"): (
        "At a point fixed by an orthogonal symmetry the gradient is fixed by it too, so fixed spaces and their intersections are invariant. The maps permute "
        "their fixed spaces, and the intersection of every listed subspace with every fixed space is carried to a listed subspace, so every intersection is. "
        "Numbers that the group does not change tell the listed subspaces apart."
    ),
    ("classification", "table"): (
        "Every gradient field acts on the pairs $(a_i,w_i)$ one by one, so equivalent pairs stay equivalent and idle ones idle: orbits have at most the "
        "dimensions of the table, which is shown once more for each type by an invariant subspace. From below: gradients and iterated Lie brackets, at each "
        "point of the claim or along a curve that flows of gradient fields draw from it, are evaluated exactly, and a square matrix made of them is regular. "
        "That this happens at all other points too is the cited theorem, whose hypotheses on $σ$ are read off its Taylor coefficients at 0."
    ),
    ("intrinsic", "immersion"): (
        "The rows of $∂φ$ lie in the Lie algebra at $θ_0$, the tangent space of the orbit, and $∂φ$ has its full rank on them. The tangent space is no "
        "larger, so $φ$ on the orbit is an immersion at $θ_0$, hence one-to-one near $θ_0$: $φ(θ)$ determines $θ$, and with it $G(θ)$."
    ),
    ("intrinsic", "recoverable"): (
        "The derivatives of $φ$ and of the conserved $h$ have a regular square minor of full size, so $(φ,h)$ is one-to-one near $θ_0$. Where $h$ is constant, "
        "$φ(θ)$ determines $θ$, and with it $G(θ)$."
    ),
    ("intrinsic", "products"): (
        "$φ$ is a product of matrices (or several), and $G$ a polynomial of the Gram matrices $A$, $B$ of its outer factors. On the level of the conserved "
        "differences of Gram matrices $ZZ^T=p(A)$ and $Z^TZ=q(B)$ for explicit polynomials, and on the possible eigenvalues these are one-to-one, so $Z$ "
        "determines $A$ and $B$."
    ),
    ("not-intrinsic", "vector"): (
        "The certificate names iterated brackets of gradients of entries of $φ$ and a rational combination $v$ of them with $∂φ(θ_0)·v=0$ and $∂G(θ_0)·v≠0$, "
        "in exact arithmetic. $v$ is the velocity of a curve in the orbit; if $G=K(φ)$ held along it, the derivative of $G$ would be $∂K·∂φ·v=0$."
    ),
}  # fmt: skip


def proof_idea(kind: str, proof: Json) -> str:
    """Why the claim holds, for the kind of the claim and the method of its proof."""
    method = str(proof.get("method", "none"))
    if method == "none":
        return "The certificate states the claim and no proof."
    if (kind, method) not in PROOF_IDEAS:
        return f"The method `{method}` is described in docs/format.md."
    return _BEFORE.get(kind, "") + PROOF_IDEAS[kind, method] + (_MEMBERS.get(kind, _RANKS) if proof.get("members") else "") + _AFTER.get(kind, "")


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with paragraphs, or with a list of items, in the markup of this module."""

    title: str
    paragraphs: tuple[str, ...] = ()
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that `simcert explain` says about one certificate: a title, the checker's verdict, and sections, the first of which is the theorem."""

    title: str
    verdict: Verdict
    sections: tuple[Section, ...]

    @property
    def status(self) -> str:
        """The checker's status: `"verified"`, …"""
        return self.verdict.status

    def text(self, width: int = 100) -> str:
        """The report as plain text of at most `width` columns."""
        out: list[str] = []
        for part in self.sections:
            out.append(part.title)
            for paragraph in part.paragraphs:
                out.append(_fill(to_text(paragraph), width, "  ", "  "))
            for item in part.items:
                out.append(_fill(to_text(item), width, "  - ", "    "))
            out.append("")
        return "\n".join(out)

    def latex(self) -> str:
        """The report as a LaTeX file that compiles alone; the theorem stands in a theorem environment."""
        return _latex_page(self)

    def html(self) -> str:
        """The report as one HTML page that needs nothing else."""
        return _html_page(self)

    def __str__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        return "".join(f"<h4>{html.escape(part.title)}</h4>{_html_section(part)}" for part in self.sections)


def report(data: Json, verdict: Verdict) -> Report:
    """The report on a certificate, with the checker's verdict on it."""
    claim, proof = data["claim"], data["proof"]
    kind, method = str(claim["kind"]), str(proof.get("method", "none"))
    out = [Section("Theorem", (words.theorem(data),))]
    follows = words.consequences(data)
    if follows:
        out.append(Section("What follows", tuple(follows)))
    if verdict.not_claimed:
        out.append(Section("What is not claimed", (), tuple(_quiet(line) for line in verdict.not_claimed)))
    out.append(Section(f"Why it holds: {method}" if method != "none" else "Proof", (proof_idea(kind, proof),)))
    if verdict.trust:
        out.append(Section("What is trusted", (), tuple(_quiet(line) for line in verdict.trust)))
    said = f"{verdict.status}, in {verdict.seconds:.2f} s" + (f": {_quiet(verdict.message)}" if verdict.status != "verified" else "")
    out.append(Section("Verdict of the independent checker", (said,)))
    origin = [f"theorem `{codec.theorem_hash(data['model'], claim)}`"] + ([f"file `{_quiet(verdict.file)}`"] if verdict.file else [])
    origin += [f"{_quiet(key)}: `{_quiet(str(value))}` (not checked)" for key, value in sorted(data["meta"].items())]
    out.append(Section("Origin", (), tuple(origin)))
    named = _quiet(str(data["meta"].get("title", "")))
    return Report(f"{_TITLES.get(kind, kind)}{f' of {named}' if named else ''}", verdict, tuple(out))


def paragraph(text: str, width: int = 100) -> str:
    """One paragraph in the markup as indented plain text."""
    return _fill(to_text(text), width, "  ", "  ")


def labelled(label: str, text: str, width: int = 100) -> str:
    """One paragraph of plain text that hangs beside its label."""
    return _fill(text, width, f"{label:<12} ", " " * 13)


def _fill(text: str, width: int, first: str, then: str) -> str:
    return textwrap.fill(text, width, initial_indent=first, subsequent_indent=then, break_long_words=False, break_on_hyphens=False)


def _quiet(text: str) -> str:
    """A text that comes from elsewhere, without the marks of this module's markup."""
    return text.replace("$", "").replace("`", "'")


def _render(text: str, plain: Any, math: Any, code: Any) -> str:
    """A text in the markup, with one function for each of its three parts."""
    out, end = list[str](), 0
    for match in _MARKS.finditer(text):
        out.append(plain(text[end : match.start()]))
        out.append(math(match[1]) if match[1] is not None else code(match[2]))
        end = match.end()
    return "".join([*out, plain(text[end:])])


def to_text(text: str) -> str:
    """The markup as plain text.

    >>> to_text("$W_{ij}$ of `W1` in $ℝ^{9}$")
    'W_ij of W1 in ℝ^9'
    """
    return _render(text, str, lambda m: re.sub(r"([_^])\{([^{}]*)\}", lambda s: s[1] + (s[2] if s[2].isalnum() else f"({s[2]})"), m), str)


# LaTeX

_TEX = {
    "θ": r"\theta ", "φ": r"\varphi ", "∂": r"\partial ", "∇": r"\nabla ", "σ": r"\sigma ", "ℓ": r"\ell ", "Σ": r"\sum ", "ℝ": r"\mathbb{R}",
    "·": r"\cdot ", "−": "-", "⊗": r"\otimes ",
    "⋯": r"\cdots ", "≠": r"\neq ", "×": r"\times ", "≥": r"\ge ", "≤": r"\le ", "π": r"\pi ", "∈": r"\in ", "√": r"\surd ", "²": "^2",
    "±": r"\pm ", "∘": r"\circ ", "ᵀ": r"^{\mathsf{T}}", "↦": r"\mapsto ", "ε": r"\varepsilon ", "η": r"\eta ",
}  # fmt: skip
_TEX_WORDS = {"value": r"\mathrm{value}", "^T": r"^{\mathsf{T}}"}
_TEX_TEXT = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "_": r"\_", "%": r"\%", "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}", "–": "--", "—": "---", "…": r"\dots{}", "“": "``", "”": "''", "ö": r"\"o", "é": r"\'e", "<": r"$<$", ">": r"$>$",
}  # fmt: skip


def _tex_math(text: str) -> str:
    for word, macro in _TEX_WORDS.items():
        text = text.replace(word, macro)
    return f"${''.join(_TEX.get(c, c if c.isascii() else '?') for c in text).strip()}$"


def _tex_text(text: str) -> str:
    return "".join(_TEX_TEXT.get(c) or (f"${_TEX[c].strip()}$" if c in _TEX else c if c.isascii() else "?") for c in text)


def to_latex(text: str) -> str:
    r"""The markup as LaTeX, ASCII only.

    >>> to_latex("$F(gθ)=F(θ)$ for `W1[0,:]` & more")
    '$F(g\\theta )=F(\\theta )$ for \\texttt{W1[0,:]} \\& more'
    """
    return _render(text, _tex_text, _tex_math, lambda c: rf"\texttt{{{_tex_text(c)}}}")


def _latex_page(page: Report) -> str:
    out = [
        r"\documentclass[11pt]{article}", r"\usepackage[T1]{fontenc}", r"\usepackage[margin=28mm]{geometry}",
        r"\usepackage{amsmath,amssymb,amsthm}", r"\newtheorem*{theorem}{Theorem}", r"\setlength{\emergencystretch}{4em}",
        rf"\title{{{_tex_text(page.title)}}}", r"\date{}", r"\begin{document}", r"\maketitle",
    ]  # fmt: skip
    for part in page.sections:
        if part is page.sections[0]:
            out += ["", r"\begin{theorem}", *(to_latex(p) for p in part.paragraphs), r"\end{theorem}"]
            continue
        out += ["", rf"\paragraph{{{_tex_text(part.title)}.}}", *(to_latex(p) for p in part.paragraphs)]
        if part.items:
            out += [r"\begin{itemize}", *(rf"\item{{}} {to_latex(item)}" for item in part.items), r"\end{itemize}"]
    return "\n".join([*out, r"\end{document}", ""])


# HTML

_STYLE = """
:root { color-scheme: light dark; --ink: #1d2126; --soft: #5c6672; --page: #fdfcfa; --card: #f3f1ec; --line: #d8d4cb; --good: #1f6f43; --bad: #9c2f24; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e3df; --soft: #9aa2ab; --page: #17191c; --card: #202328; --line: #373c43; --good: #6cc493; --bad: #ee8d80; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 1.06rem/1.62 Charter, "Bitstream Charter", "Sitka Text", Cambria, Georgia, serif; }
main { max-width: 44rem; margin: 0 auto; padding: 3.5rem 1.4rem 5rem; }
h1 { font-size: 1.5rem; line-height: 1.3; font-weight: 600; margin: 0 0 .4rem; overflow-wrap: anywhere; }
h2 { font: 600 .8rem/1.4 ui-sans-serif, system-ui, sans-serif; letter-spacing: .07em; text-transform: uppercase; color: var(--soft); margin: 2.3rem 0 .5rem; }
p { margin: 0 0 .8rem; hyphens: auto; } ul { margin: 0; padding-left: 1.2rem; } li { margin: 0 0 .35rem; overflow-wrap: anywhere; }
code { font: .86em/1.4 ui-monospace, "SF Mono", Menlo, Consolas, monospace; background: var(--card); padding: .08em .3em; border-radius: 3px; }
code { overflow-wrap: anywhere; }
.theorem { border-left: 3px solid var(--good); background: var(--card); padding: 1.1rem 1.3rem .5rem; margin: 1.6rem 0 0; border-radius: 0 4px 4px 0; }
section.theorem h2 { margin-top: 0; }
.theorem code { background: var(--page); } .theorem.open { border-color: var(--bad); }
.status { font: 600 .85rem/1 ui-sans-serif, system-ui, sans-serif; color: var(--bad); } .status.verified { color: var(--good); }
.math { font-style: normal; white-space: nowrap; } .math i { padding-right: .03em; } sub, sup { line-height: 0; font-size: .72em; }
@media print { main { padding: 0; max-width: none; } body { font-size: 11pt; } }
"""


def _html_math(text: str) -> str:
    safe = re.sub(r"&amp;|&lt;|&gt;|[A-Za-zθφσℓ]+", lambda m: m[0] if m[0].startswith("&") else f"<i>{m[0]}</i>", html.escape(text, quote=False))
    safe = re.sub(r"([_^])\{([^{}]*)\}", lambda m: f"<su{'b' if m[1] == '_' else 'p'}>{m[2]}</su{'b' if m[1] == '_' else 'p'}>", safe)
    safe = re.sub(r"([_^])(<i>[A-Za-z]+</i>|\d)", lambda m: f"<su{'b' if m[1] == '_' else 'p'}>{m[2]}</su{'b' if m[1] == '_' else 'p'}>", safe)
    return f'<span class="math">{safe}</span>'


def to_html(text: str) -> str:
    """The markup as HTML.

    >>> to_html("`W1` < 2")
    '<code>W1</code> &lt; 2'
    """
    return _render(text, lambda t: html.escape(t, quote=False), _html_math, lambda c: f"<code>{html.escape(c, quote=False)}</code>")


def _html_section(part: Section) -> str:
    items = "\n".join(f"<li>{to_html(item)}</li>" for item in part.items)
    return "\n".join([*(f"<p>{to_html(paragraph)}</p>" for paragraph in part.paragraphs), *([f"<ul>\n{items}\n</ul>"] if items else [])])


def _html_page(page: Report) -> str:
    theorem, *rest = page.sections
    name, status = html.escape(page.title), html.escape(page.status)
    head = [
        "<!doctype html>", '<html lang="en">', "<head>", '<meta charset="utf-8">', '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{name}</title>", f"<style>{_STYLE}</style>", "</head>", "<body>", "<main>", f"<h1>{name}</h1>", f'<p class="status {status}">{status}</p>',
    ]  # fmt: skip
    claim = f'<section class="theorem{"" if page.status == "verified" else " open"}">\n<h2>{theorem.title}</h2>\n{_html_section(theorem)}\n</section>'
    body = [f"<section>\n<h2>{html.escape(part.title)}</h2>\n{_html_section(part)}\n</section>" for part in rest]
    return "\n".join([*head, claim, *body, "</main>", "</body>", "</html>", ""])


def fragment_html(data: Json) -> str:
    """The theorem as a notebook shows it."""
    return f'<div style="border-left:3px solid #888;padding:.2em 1em;max-width:48em"><b>Theorem.</b> {to_html(words.theorem(data))}</div>'
