"""Allocation against enumeration, and the proof of its gap."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panhuo.ground.record.errors import InvalidInput, Unavailable
from panhuo.tools.optimisation import allocation
from panhuo.tools.optimisation.allocation import Option, allocate, bound_at, feasible


@st.composite
def problems(draw: st.DrawFn) -> tuple[list[Option], list[int]]:
    budgets = [draw(st.integers(0, 15)) for _ in range(draw(st.integers(1, 2)))]
    options = []
    for item in range(draw(st.integers(1, 3))):
        for way in range(draw(st.integers(1, 2))):
            lower = draw(st.integers(1, 3))
            upper = lower + draw(st.integers(0, 2))
            uses = tuple(draw(st.integers(0, 3)) for _ in budgets)
            options.append(Option(f"item {item}", f"way {way}", draw(st.integers(-5, 30)), lower, upper, uses))
    return options, budgets


def best_by_enumeration(options: list[Option], budgets: list[int]) -> int:
    choices = [[0, *range(o.lower, o.upper + 1)] for o in options]
    return max(
        sum(o.value * n for o, n in zip(options, lots, strict=True))
        for lots in itertools.product(*choices)
        if feasible(options, budgets, lots)
    )


@settings(max_examples=150, deadline=None)
@given(problems())
def test_own_answer_keeps_every_limit_and_its_bound_holds(problem: tuple[list[Option], list[int]]) -> None:
    options, budgets = problem
    best = best_by_enumeration(options, budgets)
    found = allocate(options, budgets, engine="own")
    assert feasible(options, budgets, found.lots)
    assert found.objective <= best <= found.bound
    assert found.gap_ppm == 0 or found.bound > found.objective
    assert bound_at(options, budgets, [7] * len(budgets)) >= best  # any prices give a bound


@settings(max_examples=40, deadline=None)
@given(problems())
def test_the_solver_finds_the_best(problem: tuple[list[Option], list[int]]) -> None:
    pytest.importorskip("pyscipopt")
    options, budgets = problem
    found = allocate(options, budgets, engine="scip")
    assert feasible(options, budgets, found.lots)
    assert found.objective == best_by_enumeration(options, budgets)
    assert found.bound >= found.objective


def test_a_hand_made_case() -> None:
    # 10 lots: A at 9 a lot up to 6, B at 8 from 5 on, C at 1. Best: A 5, B 5 = 85; serving A in full leaves no room
    # for B's least (54 and 4 lots of C).
    options = [Option("A", "", 9, 1, 6), Option("B", "", 8, 5, 10), Option("C", "", 1, 1, 10)]
    own = allocate(options, [10], engine="own")
    assert (own.lots, own.objective, own.used) == ((5, 5, 0), 85, (10,))
    assert own.bound == 86  # 6 x 9 + 4 x 8
    assert own.gap_ppm == 11_765


def test_without_the_solver_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "pyscipopt", None)
    monkeypatch.setattr(allocation, "scip_installed", lambda: False)
    options = [Option("A", "", 1, 1, 2)]
    with pytest.raises(Unavailable, match="SCIP"):
        allocate(options, [5], engine="scip")
    assert allocate(options, [5]).engine == "own"


def test_nothing_worth_taking_and_bad_input() -> None:
    empty = allocate([Option("A", "", -1, 1, 2)], [5], engine="own")
    assert (empty.objective, empty.bound, empty.gap_ppm) == (0, 0, 0)
    assert allocate([], [5], engine="own").lots == ()
    with pytest.raises(InvalidInput):
        allocate([Option("A", "", 1, 0, 2)], [5])
    with pytest.raises(InvalidInput):
        allocate([Option("A", "", 1, 1, 2, (1, 1))], [5])
