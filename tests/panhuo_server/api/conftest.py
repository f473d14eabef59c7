"""A caller of the API: Django's own client with a token, over the real database and the queue's tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from asking import Asking


@pytest.fixture(scope="session")
def queue(server: Any) -> None:
    """The tables of the queue of work; nobody works them off."""
    from panhuo_server.flows.engine import prepare

    prepare(server)


@pytest.fixture(autouse=True)
def unhurried(server: Any) -> Iterator[None]:
    """Rates that no test meets but the one about them."""
    from django.test import override_settings

    from panhuo_server.api import rates

    held = rates.CALLERS.burst, rates.FAILING.burst
    rates.CALLERS.burst = rates.FAILING.burst = 1e9
    with override_settings(ROOT_URLCONF="panhuo_server.api.addresses"):  # this room's addresses
        yield
    rates.CALLERS.burst, rates.FAILING.burst = held


@pytest.fixture
def caller(server: Any, queue: None) -> Callable[..., Asking]:
    """`caller(place, *scopes, read_only=)`: somebody with a token of that organisation."""
    from panhuo_server.accounts import tokens
    from panhuo_server.accounts.acting import acting

    def make(place: Any, *scopes: str, read_only: bool = False, judicial: bool = False, **headers: str) -> Asking:
        with acting(place.org, place.person, "administration", judicial=judicial):
            issued = tokens.issue("test", scopes or ("monitoring",), read_only=read_only)
        return Asking(issued.text, **headers)

    return make
