"""One routine for one row and for many: the same bits, and the identities of the field."""

from __future__ import annotations

import math

from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit

from panhuo.ground.values.transcendental import exponential, logarithm, power


@njit
def _in_a_kernel(x: float) -> tuple[float, float, float]:
    return exponential(x), logarithm(x), power(x, 1.7)


@settings(deadline=None)
@given(st.floats(min_value=1e-300, max_value=700.0))
def test_plain_and_compiled_give_the_same_bits(x: float) -> None:
    assert _in_a_kernel(x) == (exponential(x), logarithm(x), power(x, 1.7))


@settings(deadline=None)
@given(st.floats(min_value=-700.0, max_value=700.0))
def test_within_an_ulp_or_so_of_the_standard_library(x: float) -> None:
    assert math.isclose(exponential(x), math.exp(x), rel_tol=4e-16)
    assert math.isclose(logarithm(exponential(x)), x, rel_tol=1e-12, abs_tol=1e-12)


def test_edges_do_not_raise() -> None:
    assert exponential(1e6) == math.inf
    assert exponential(-1e6) == 0.0
    assert logarithm(0.0) == -math.inf
    assert math.isnan(logarithm(-1.0))
    assert math.isnan(power(-2.0, 0.5))
    assert power(2.0, -1.0) == 0.5
