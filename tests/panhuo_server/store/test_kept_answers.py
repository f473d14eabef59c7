"""Kept answers: one is worked out once at a time, only what was asked for last stays, and a failure stays nowhere."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from panhuo_server.store.kept_answers import KeptAnswers


def test_who_asks_for_the_same_meanwhile_waits_for_the_answer() -> None:
    kept: KeptAnswers[int] = KeptAnswers(4)
    asked, go, made = threading.Barrier(8), threading.Event(), []

    def make() -> int:
        made.append(1)
        assert go.wait(30)
        return 7

    def ask(_: int) -> int:
        asked.wait(30)
        return kept.of("a", make)

    with ThreadPoolExecutor(8) as threads:
        answers = threads.map(ask, range(8))
        # Another answer is not held up by one that takes its time.
        assert kept.of("b", lambda: 1) == 1
        go.set()
        assert list(answers) == [7] * 8
    assert made == [1]


def test_what_was_asked_for_longest_ago_makes_room() -> None:
    kept: KeptAnswers[str] = KeptAnswers(2)
    for name in ("a", "b", "a", "c"):
        kept.of(name, lambda name=name: name)  # type: ignore[misc]
    assert kept.of("a", lambda: "anew") == "a"
    assert kept.of("b", lambda: "anew") == "anew"


def test_a_failure_is_told_to_who_asked_and_the_next_one_tries_again() -> None:
    kept: KeptAnswers[int] = KeptAnswers(2)

    def fail() -> int:
        raise ValueError("not now")

    with pytest.raises(ValueError, match="not now"):
        kept.of("a", fail)
    assert kept.of("a", lambda: 3) == 3
