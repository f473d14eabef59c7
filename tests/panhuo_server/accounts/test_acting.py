"""The one door: who may enter, what it sets, and that nothing stays behind on the connection."""

from __future__ import annotations

from typing import Any

import pytest

from panhuo.ground.record.errors import Defect, NotAllowed


def setting(alias: str = "default") -> str | None:
    """The organisation the connection stands for now."""
    from django.db import connections

    with connections[alias].cursor() as c:
        c.execute("select nullif(current_setting('panhuo.org', true), '')")
        return c.fetchone()[0]


def test_what_the_door_sets_ends_with_its_block(founded: Any) -> None:
    from panhuo_server.accounts.acting import acting

    bank = founded("lender")
    with acting(bank.org, bank.person, "monitoring"):
        assert setting() == bank.org
    assert setting() is None


def test_nobody_enters_for_an_organisation_that_is_not_theirs_or_does_not_exist(founded: Any) -> None:
    from panhuo_server.accounts.acting import acting

    bank, other = founded("lender"), founded("asset_manager")
    said = []
    for org in (other.org, "no-such-organisation"):
        with pytest.raises(NotAllowed) as refused, acting(org, bank.person, "monitoring"):
            pass
        said.append((refused.value.what, refused.value.code))
    assert said[0] == said[1], "unknown and forbidden answer alike"


def test_two_actors_do_not_share_a_transaction(founded: Any) -> None:
    from panhuo_server.accounts.acting import acting

    bank, other = founded("lender"), founded("asset_manager")
    with acting(bank.org, bank.person, "monitoring"):
        with acting(bank.org, bank.person, "monitoring"):
            assert setting() == bank.org
        with pytest.raises(Defect), acting(other.org, other.person, "monitoring"):
            pass
        assert setting() == bank.org


def test_a_court_acts_on_its_own_connection_only(founded: Any) -> None:
    from panhuo_server.accounts.acting import acting

    court, bank = founded("court"), founded("lender")
    with acting(court.org, court.person, "enforcement", judicial=True):
        assert setting("judicial") == court.org
    with pytest.raises(NotAllowed), acting(court.org, court.person, "enforcement"):
        pass
    with pytest.raises(NotAllowed), acting(bank.org, bank.person, "enforcement", judicial=True):
        pass
