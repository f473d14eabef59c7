"""Which charges come before one's own, and one cap over several assets: cases worked by hand.

Civil Code art. 414: registered by the time of registration; art. 420: a maximum-amount mortgage secures up to one cap.
"""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panhuo.tools.finance.priority import Charge, Place, place_of, share_cap

EARLY, LATE = date(2021, 3, 1), date(2022, 3, 1)


@pytest.mark.parametrize(
    ("ours", "other", "recorded", "place"),
    [
        # by rank
        (Charge(2), Charge(1, None, 300), (1, 2), Place(2, 300, False, False)),
        (Charge(1), Charge(2, None, 300), (1, 2), Place(1, 0, False, False)),
        (Charge(1), Charge(None, None, None), (1,), Place(1, 0, False, False)),  # nothing stands before the first
        # an amount nobody knows is not zero; nor is one in another currency
        (Charge(2), Charge(1, None, None), (1, 2), Place(2, 0, True, False)),
        (Charge(2), Charge(1, None, 300, "USD"), (1, 2), Place(2, 0, True, False)),
        # second, and the book has no first
        (Charge(2), None, (2,), Place(2, 0, True, False)),
        (Charge(2), None, (1, 2), Place(2, 0, False, False)),  # the first was released
        (Charge(3), Charge(1, None, 300), (1, 3), Place(3, 300, True, False)),
        # no rank stated: by the day of registration
        (Charge(None, LATE), Charge(None, EARLY, 300), (), Place(2, 300, False, False)),
        (Charge(None, EARLY), Charge(None, LATE, 300), (), Place(1, 0, False, False)),
        (Charge(None, LATE), Charge(1, EARLY, 300), (1,), Place(2, 300, False, False)),
        # nothing tells which is first: the other is put before ours
        (Charge(None, LATE), Charge(None, None, 300), (), Place(2, 300, False, True)),
        (Charge(None), Charge(1, None, 300), (1,), Place(None, 300, False, True)),
        (Charge(2), Charge(None, None, 300), (2,), Place(2, 300, False, True)),
        (Charge(1, EARLY), Charge(1, EARLY, 300), (1,), Place(1, 300, False, True)),
        # neither rank nor registration: not the first, even where nobody else is seen
        (Charge(None), None, (), Place(None, 0, False, False)),
    ],
)
def test_who_comes_first(ours: Charge, other: Charge | None, recorded: tuple[int, ...], place: Place) -> None:
    assert place_of([ours], [other] if other else [], recorded, "CNY") == place


def test_the_best_of_our_charges_counts() -> None:
    others = [Charge(2, None, 300)]
    assert place_of([Charge(1), Charge(3)], others, (1, 2, 3), "CNY") == Place(1, 0, False, False)


@pytest.mark.parametrize(
    ("maximum", "stated", "worth", "caps"),
    [
        (600, [None], [800], [600]),
        (600, [None, None], [800, 400], [400, 200]),  # by what they are worth
        (600, [None, None], [800, 0], [600, 0]),  # what can bring nothing takes nothing of the cap
        (600, [None, None], [0, 0], [300, 300]),
        (600, [200, None, None], [800, 300, 100], [200, 300, 100]),  # what is stated comes first
        (600, [500, 400], [800, 800], [333, 267]),  # stated amounts never pass the cap together
        (600, [100, 200], [800, 800], [100, 200]),
        (None, [None, 200], [800, 800], [None, 200]),  # no cap
    ],
)
def test_one_cap_over_several_assets(
    maximum: int | None, stated: list[int | None], worth: list[int], caps: list[int | None]
) -> None:
    assert share_cap(maximum, stated, worth) == caps


@given(
    maximum=st.integers(0, 10**13),
    assets=st.lists(st.tuples(st.none() | st.integers(0, 10**13), st.integers(-(10**12), 10**13)), min_size=1),
)
def test_caps_together_never_pass_the_cap(maximum: int, assets: list[tuple[int | None, int]]) -> None:
    caps = share_cap(maximum, [stated for stated, _ in assets], [worth for _, worth in assets])
    known = [cap for cap in caps if cap is not None]
    assert len(known) == len(assets) and min(known) >= 0 and sum(known) <= maximum
    if any(stated is None for stated, _ in assets):
        assert sum(known) == maximum
