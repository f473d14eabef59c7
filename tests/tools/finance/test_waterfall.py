"""Waterfalls: nothing is made or lost; ranks are respected; the golden valuation's net to claim."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit

from panhuo.ground.record.errors import InvalidInput
from panhuo.tools.finance.waterfall import Step, distribute, net_to_claim, order_named, pay_in_order

FEN = st.integers(0, 10**13)


@st.composite
def waterfalls(draw: st.DrawFn) -> tuple[int, list[Step], dict[str, int], dict[str, bool]]:
    count = draw(st.integers(1, 10))
    amounts = {f"owed_{place}": draw(FEN) for place in range(count)} | {"cap": draw(FEN)}
    steps = [
        Step(
            step=draw(st.integers(1, 5)),
            payee=f"payee_{place}",
            basis=draw(st.sampled_from([f"owed_{place}", "remainder"])),
            cap=draw(st.sampled_from([None, "cap"])),
            condition=draw(st.sampled_from([None, "flag", "not flag"])),
            shortfall_treatment=draw(st.sampled_from(["carry", "lapse"])),
            share_ppm=draw(st.sampled_from([1_000_000, 700_000, 1, 0])),
        )
        for place in range(count)
    ]
    return draw(FEN), steps, amounts, {"flag": draw(st.booleans())}


@settings(deadline=None, max_examples=300)
@given(waterfalls())
def test_nothing_is_made_or_lost_and_ranks_hold(case: tuple) -> None:
    available, steps, amounts, flags = case
    result = distribute(available, steps, amounts, flags)
    assert sum(payment.paid for payment in result.payments) + result.left == available
    assert result.left >= 0
    short_at = None
    for payment in result.payments:
        assert 0 <= payment.paid <= payment.owed
        assert payment.shortfall == payment.owed - payment.paid
        assert payment.carried in (0, payment.shortfall)
        if short_at is not None and payment.step > short_at:
            assert payment.paid == 0
        if payment.shortfall:
            short_at = payment.step if short_at is None else short_at


def test_pro_rata_in_a_rank() -> None:
    steps = [Step(1, name, name) for name in ("a", "b", "c")]
    result = distribute(100, steps, {"a": 1_000, "b": 1_000, "c": 1_000})
    assert [payment.paid for payment in result.payments] == [34, 33, 33]
    assert result.carried == {(1, "a"): 966, (1, "b"): 967, (1, "c"): 967}


def test_carried_shortfalls_are_owed_again() -> None:
    steps = [Step(1, "senior", "interest"), Step(2, "sub", "remainder")]
    first = distribute(60, steps, {"interest": 100})
    second = distribute(200, steps, {"interest": 100}, carried=first.carried)
    assert second.paid_to("senior") == 140
    assert second.paid_to("sub") == 60
    assert second.left == 0


def test_securitisation_order() -> None:
    # ABS-07 by hand, in fen: 1,000 come in.
    amounts = {
        "taxes": 10,
        "disposal_costs": 50,
        "senior_agency_fees": 40,
        "senior_agency_fee_cap": 30,
        "senior_interest": 100,
        "reserve_top_up": 60,
        "basic_servicing_fee": 20,
        "senior_principal": 400,
        "over_cap_agency_fees": 10,
        "subordinated_principal": 200,
        "subordinated_capital_cost": 20,
        "excess_servicing_fee": 0,
    }
    steps = order_named("npl_securitisation", {11: {"basis": "remainder", "share_ppm": 700_000}})
    result = distribute(1_000, steps, amounts, {"event_of_default": False})
    assert [payment.paid for payment in result.payments] == [10, 50, 30, 100, 60, 20, 400, 10, 200, 20, 70, 30]
    default = distribute(1_000, steps, amounts, {"event_of_default": True})
    assert default.paid_to("liquidity_reserve") == 0
    assert default.left == 0


def test_refusals() -> None:
    with pytest.raises(InvalidInput):
        distribute(-1, [], {})
    with pytest.raises(InvalidInput):
        distribute(1, [Step(1, "a", "unknown")], {})
    with pytest.raises(InvalidInput):
        order_named("no such order")
    with pytest.raises(InvalidInput):
        order_named("bankruptcy", {1: {"shortfall_treatment": "forget"}})


@pytest.mark.parametrize(
    ("price", "execution_fee", "net"),
    # practice 5, golden test: seller tax 8 %, appraisal cost 20,000, cap and debt 6.00 m, in yuan.
    [(6_000_000, 57_400, 5_442_600), (4_800_000, 50_400, 4_345_600), (3_200_000, 34_400, 2_889_600)],
)
def test_golden_net_to_claim(price: int, execution_fee: int, net: int) -> None:
    tax = price * 8 // 100
    assert net_to_claim(price, execution_fee, 20_000, tax, 0, 0, 6_000_000, 6_000_000) == net


@njit
def compiled_net(a, b, c, d, e, f, g, h):
    return net_to_claim(a, b, c, d, e, f, g, h)


@settings(deadline=None)
@given(st.tuples(*[FEN] * 8))
def test_net_to_claim_is_bounded(figures: tuple[int, ...]) -> None:
    net = net_to_claim(*figures)
    assert compiled_net(*figures) == net
    assert 0 <= net <= figures[7]
    assert net <= max(0, figures[0] - sum(figures[1:6]))
    assert figures[6] == 0 or net <= figures[6]


def test_pay_in_order() -> None:
    paid = [0, 0, 0]
    assert pay_in_order(25, [10, 20, 5], paid, 3) == 0
    assert paid == [10, 15, 0]
    assert pay_in_order(-5, [1], [0], 1) == 0
