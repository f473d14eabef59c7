"""Before the first night: a page that says what is missing and starts it.

Invariant: it stands where results will be, for whoever may see those.
"""

from __future__ import annotations

from django.http import HttpResponse

from panhuo.ground.record.errors import NotFound
from panhuo_server.console.frame import Visit, shown
from panhuo_server.store.reading import observed_until, reading

ANY = ("monitoring", "valuation", "recovery", "origination", "approval", "audit", "reporting", "nightly_run")


def first_night(visit: Visit, room: str) -> HttpResponse:
    """What stands where results will be. Inside `acting`."""
    try:
        with reading() as c:
            day = observed_until(c)
    except NotFound:
        day = None
    given = {"room": room, "day": day}
    return shown(visit.request, "console/first_night.html", given, visit=visit)
