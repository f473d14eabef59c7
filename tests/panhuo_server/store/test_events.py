"""Streams of events: gapless, one winner when two decide at once, a key used once, nobody else's to read."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from panhuo.ground.record.errors import Conflict


def test_a_stream_grows_in_order_and_a_key_counts_once(founded: Any) -> None:
    from panhuo_server.accounts.acting import acting
    from panhuo_server.store.events import NewEvent, append, read

    bank, other = founded("lender"), founded("lender")
    first = [NewEvent("opened", {"claim": "C-1"}), NewEvent("assigned", {"to": "p-1"})]
    with acting(bank.org, bank.person, "administration"):
        assert append("case", "k1", first, seen=0, idempotency_key="a") == [1, 2]
        assert append("case", "k1", first, seen=0, idempotency_key="a") == [1, 2]
        with pytest.raises(Conflict):
            append("case", "k1", [NewEvent("closed", {})], seen=2, idempotency_key="a")
        with pytest.raises(Conflict):
            append("case", "k1", [NewEvent("closed", {})], seen=1, idempotency_key="b")
        assert append("case", "k1", [NewEvent("closed", {})], seen=2, idempotency_key="b") == [3]
        assert [(e.number, e.kind, e.person) for e in read("case", "k1")] == [
            (1, "opened", bank.person), (2, "assigned", bank.person), (3, "closed", bank.person),
        ]  # fmt: skip
    with acting(other.org, other.person, "administration"):
        assert read("case", "k1") == []
        assert append("case", "k1", first, seen=0, idempotency_key="a") == [1, 2], "keys are an organisation's own"


def test_two_who_decide_at_once_do_not_both_win(founded: Any) -> None:
    from django.db import connections

    from panhuo_server.accounts.acting import acting
    from panhuo_server.store.events import NewEvent, append, read

    bank = founded("lender")

    def decide(n: int) -> bool:
        try:
            with acting(bank.org, bank.person, "administration"):
                append("approval", "x", [NewEvent("approved", {"n": n})], seen=0, idempotency_key=f"k{n}")
            return True
        except Conflict:
            return False
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        won = list(pool.map(decide, range(12)))
    assert sum(won) == 1
    with acting(bank.org, bank.person, "administration"):
        assert len(read("approval", "x")) == 1


def test_streams_that_have_not_ended_are_all_found(founded: Any) -> None:
    from panhuo_server.accounts.acting import acting
    from panhuo_server.store.events import NewEvent, append, unended

    bank, other = founded("lender"), founded("lender")
    told = {
        "fresh": [("proposed", 1)], "half": [("proposed", 2), ("approved", 0)],
        "whole": [("proposed", 1), ("approved", 0)],
        "both": [("proposed", 2), ("approved", 0), ("approved", 0)], "gone": [("proposed", 1), ("withdrawn", 0)],
    }  # fmt: skip
    for who, names in ((bank, told), (other, ["fresh"])):
        with acting(who.org, who.person, "administration"):
            for name in names:
                happened = [NewEvent(kind, {"needed": n} if n else {}) for kind, n in told[name]]
                append("approval", name, happened, seen=0, idempotency_key=name)
    with acting(bank.org, bank.person, "administration"):
        found = unended("approval", ["withdrawn"], enough=("approved", "needed"))
        assert {name: [e.kind for e in happened] for name, happened in found.items()} == {
            "fresh": ["proposed"], "half": ["proposed", "approved"],
        }  # fmt: skip
        assert set(unended("approval", ["withdrawn"])) == {"fresh", "half", "whole", "both"}
        assert set(unended("case", [])) == set()
