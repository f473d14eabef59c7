"""The console's addresses, all under ``/console/``; what matches none is the same page as what may not be seen."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import path, re_path

from panhuo_server.console import deadlines, entering, facts, finding, statics, today, walk, why
from panhuo_server.console.applications import addresses as applications
from panhuo_server.console.book import addresses as book
from panhuo_server.console.borrower import addresses as borrower
from panhuo_server.console.claims import addresses as claims
from panhuo_server.console.evidence import addresses as evidence
from panhuo_server.console.frame import Visit, page
from panhuo_server.console.importing import addresses as importing
from panhuo_server.console.investing import addresses as investing
from panhuo_server.console.judicial import addresses as judicial
from panhuo_server.console.kit import page as kit
from panhuo_server.console.models import addresses as models
from panhuo_server.console.network import addresses as network
from panhuo_server.console.night import addresses as night
from panhuo_server.console.people import addresses as people
from panhuo_server.console.pieces import views
from panhuo_server.console.rules import addresses as rules
from panhuo_server.console.settings import addresses as settings
from panhuo_server.console.supervising import addresses as supervising
from panhuo_server.console.tasks import addresses as tasks
from panhuo_server.console.transfer import addresses as transfer

ROOMS = (
    applications, book, network, claims, transfer, evidence, models, rules,
    importing, night, tasks, people, settings,
    borrower, judicial, investing, supervising,
)  # fmt: skip
"""The rooms, in a loan's order; then where work gets done, then others' places."""


@page()
def nowhere(visit: Visit, rest: str = "") -> HttpResponse:
    """No such page."""
    raise Http404


def front(request: Any) -> HttpResponse:
    """The server's bare address leads to the console."""
    return redirect("/console/")


urlpatterns = [
    path("", front),
    path("console/", today.today),
    path("console/static/<str:address>", statics.serve),
    path("console/sign-in", entering.sign_in),
    path("console/sign-out", entering.sign_out),
    path("console/organisation", entering.choose),
    path("console/language", entering.language),
    path("console/deadlines", deadlines.deadlines),
    path("console/deadlines/notice", deadlines.notice),
    *(address for room in ROOMS for address in room.ADDRESSES),
    path("console/why/<str:name>", why.why),
    path("console/why/fact/<str:table>/<str:fact_id>", facts.why_fact),
    path("console/search", finding.search),
    path("console/kit", kit.kit),
    path("console/walk", walk.walk),
    path("console/walk/away", walk.put_away),
    path("console/views", views.keep),
    re_path(r"^console/(?P<rest>.*)$", nowhere),
]
