"""An auction's states: no sequence of commands sells below the reserve, to the seller, or twice."""

from __future__ import annotations

import contextlib
import itertools
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panhuo.ground.record.errors import Conflict, InvalidInput, NotAllowed, NotFound, PanhuoError, RuleRefused
from panhuo_server.flows.auctions import Command, Terms, decide, fold, judicial_terms

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
TERMS = judicial_terms(date(2026, 3, 2))
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Said:
    kind: str
    body: dict[str, Any]
    person: str


def after(events: list[Said], kind: Any, now: datetime = NOON, person: str = "seller", **body: Any) -> list[Said]:
    past, said = decide(fold(events), Command(kind, person, body), now=now, terms=TERMS)
    return [*events, Said(past, said, person)]


def announced(events: list[Said] | None = None, start: int = 1_000_000_00, now: datetime = NOON) -> list[Said]:
    times = {"opens_at": (now + DAY).isoformat(), "closes_at": (now + 2 * DAY).isoformat()}
    return after(events or [], "announce", now, subject="assets/A-1", start=start, increment=10_000_00, **times)


def test_the_law_sets_five_minutes_and_a_fifth() -> None:
    # 法释〔2016〕18号 art. 20: five minutes; art. 26: not more than 20 % lower than the first starting price.
    assert Terms(timedelta(minutes=5), 200_000) == TERMS


def test_a_bid_in_the_last_five_minutes_prolongs_and_the_highest_wins() -> None:
    events = after(announced(), "open", NOON + DAY)
    events = after(events, "bid", NOON + DAY, "b1", bidder="17", amount=1_000_000_00)
    with pytest.raises(RuleRefused):
        after(events, "bid", NOON + DAY, "b2", bidder="18", amount=1_009_999_99)
    late = NOON + 2 * DAY - timedelta(minutes=1)
    events = after(events, "bid", late, "b2", bidder="18", amount=1_010_000_00)
    assert fold(events).closes_at == (late + timedelta(minutes=5)).isoformat()
    with pytest.raises(Conflict):
        after(events, "close", NOON + 2 * DAY)
    events = after(events, "close", late + timedelta(minutes=5))
    assert (fold(events).winner, fold(events).price) == ("18", 1_010_000_00)
    assert fold(after(events, "confirm", NOON + 3 * DAY)).status == "confirmed"


def test_the_second_round_starts_a_fifth_lower_at_most_and_is_the_last() -> None:
    failed = after(after(announced(), "open", NOON + DAY), "close", NOON + 2 * DAY)
    assert fold(failed).status == "failed"
    later = NOON + 10 * DAY
    with pytest.raises(RuleRefused):
        announced(failed, 799_999_99, later)
    again = announced(failed, 800_000_00, later)
    assert (fold(again).round, fold(again).first_start) == (2, 1_000_000_00)
    failed = after(after(again, "open", later + DAY), "close", later + 2 * DAY)
    with pytest.raises(RuleRefused):
        announced(failed, 800_000_00, NOON + 20 * DAY)


def test_a_winner_who_does_not_pay_gets_nothing_and_what_does_not_stand_is_refused() -> None:
    events = after(after(announced(), "open", NOON + DAY), "bid", NOON + DAY, "b", bidder="1", amount=1_000_000_00)
    with pytest.raises(NotAllowed):
        after(events, "bid", NOON + DAY, "seller", bidder="2", amount=2_000_000_00)
    with pytest.raises(Conflict):
        after(events, "bid", NOON + DAY, "b", bidder="1", amount=2_000_000_00)
    closed = after(events, "close", NOON + 2 * DAY)
    state = fold(after(closed, "default", NOON + 9 * DAY))
    assert (state.status, state.winner, state.reason) == ("failed", "", "winner-defaulted")
    with pytest.raises(Conflict):
        after(closed, "withdraw", reason="x")
    with pytest.raises(RuleRefused):
        after(events, "withdraw", reason=" ")
    with pytest.raises(NotFound):
        after([], "open")
    with pytest.raises(InvalidInput):
        announced(start=0)


TRIED = st.tuples(
    st.sampled_from(["announce", "open", "bid", "close", "confirm", "default", "withdraw"]),
    st.sampled_from(["seller", "a", "b"]), st.integers(0, 40), st.integers(0, 200), st.sampled_from(["", "r"]),
)  # fmt: skip


@given(st.lists(TRIED, max_size=40))
def test_whatever_is_tried_the_price_stands_on_bids_above_the_reserve(tried: list[tuple[Any, ...]]) -> None:
    events: list[Said] = []
    now, sold = NOON, None
    for kind, person, hours, amount, reason in tried:
        now += timedelta(hours=hours)
        body = {
            "subject": "A", "start": 100, "increment": 5, "opens_at": now.isoformat(), "amount": amount,
            "reason": reason, "closes_at": (now + timedelta(hours=24)).isoformat(), "bidder": person,
        }  # fmt: skip
        with contextlib.suppress(PanhuoError):
            events = after(events, kind, now, person, **body)
        state = fold(events)
        assert state.round <= 2
        amounts = [bid.amount for bid in state.bids]
        assert all(y - x >= state.increment for x, y in itertools.pairwise(amounts))
        assert all(x >= state.start for x in amounts)
        assert state.seller not in {bid.bidder for bid in state.bids}
        assert bool(state.winner) == (state.status in ("closed", "confirmed"))
        if sold is not None:
            assert state == sold, "what is confirmed stays"
        if state.status == "confirmed":
            sold = state
