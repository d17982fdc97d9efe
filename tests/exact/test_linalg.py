"""Row echelon forms and reflections, against sympy."""

from __future__ import annotations

from fractions import Fraction

import sympy
from hypothesis import given
from hypothesis import strategies as st

from simcert.exact.linalg import reflection, rref
from tests.exact.reference import RATIONAL, examples

ENTRY = st.one_of(st.just(Fraction(0)), RATIONAL)


def rational(q: Fraction | int) -> sympy.Rational:
    return sympy.Rational(q.numerator, q.denominator)


@examples(150)
@given(st.integers(1, 6).flatmap(lambda n: st.lists(st.lists(ENTRY, min_size=n, max_size=n), min_size=1, max_size=6)))
def test_rref_equals_sympy(matrix: list[list[Fraction]]) -> None:
    """The same pivots and rows, under any numbering of the columns."""
    columns = [3 * k + 2 for k in range(len(matrix[0]))]
    rows = [{c: v for c, v in zip(columns, row, strict=True) if v} for row in matrix]
    rows = [row for row in rows if row]
    wanted, pivots = sympy.Matrix([[rational(v) for v in row] for row in matrix]).rref()
    got = rref(rows) if rows else []
    assert [min(row) for row in got] == [columns[k] for k in pivots]
    for i, row in enumerate(got):
        assert [rational(row.get(c, 0)) for c in columns] == list(wanted.row(i))
        assert all(isinstance(v, int) or v.denominator > 1 for v in row.values())


@examples(120)
@given(st.integers(1, 4).flatmap(lambda n: st.tuples(st.just(n), st.lists(st.lists(ENTRY, min_size=n, max_size=n), max_size=4))))
def test_reflection_is_the_reflection_in_the_span(drawn: tuple[int, list[list[Fraction]]]) -> None:
    """Symmetric, orthogonal, and its fixed space is the span: dimension and inclusion; None exactly when the vectors span everything."""
    n, vectors = drawn
    span = sympy.Matrix(len(vectors), n, [rational(v) for vector in vectors for v in vector])
    got = reflection(vectors, n)
    if span.rank() == n:
        assert got is None
        return
    assert got is not None
    m = sympy.Matrix([[rational(v) for v in row] for row in got])
    assert m == m.T
    assert m * m == sympy.eye(n)
    assert m * span.T == span.T
    assert (m - sympy.eye(n)).rank() == n - span.rank()
