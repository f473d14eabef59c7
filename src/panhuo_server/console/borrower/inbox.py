"""来自客户的请求: what people ask of an organisation, answered by its staff; and what staff write down for them.

Invariant: an answer is kept beside the request and never replaces it; what was written down for somebody says how that
person agreed to it.
"""

from __future__ import annotations

from django.http import Http404, HttpResponse

from panhuo.journey.report.words import Text
from panhuo_server.accounts import own_affairs
from panhuo_server.accounts.roles import allows
from panhuo_server.console.borrower.affairs import Asked, as_asked
from panhuo_server.console.frame import Visit, done, page, shown
from panhuo_server.console.pieces.asking import State

PURPOSES = ("privacy", "origination", "monitoring", "recovery")
HERE = "/console/requests"
NONE = State("empty", Text("没有客户的请求。客户在自己的页面提出更正、申诉、说明或撤回同意后，会出现在这里。",
                           "Nobody asked for anything. Corrections, appeals, explanations and withdrawals that people "
                           "ask for on their own pages arrive here."))  # fmt: skip


def _enter(visit: Visit) -> None:
    if visit.place.kind in ("borrower", "supervisor") or visit.place.judicial or visit.purpose_of(PURPOSES) is None:
        raise Http404


def _may(visit: Visit) -> bool:
    return allows(visit.place.roles, "import_facts")


@page()
def inbox(visit: Visit) -> HttpResponse:
    """Open requests first, then those that were answered."""
    _enter(visit)
    with visit.acting(*PURPOSES):
        found: list[Asked] = [as_asked(one, "") for one in own_affairs.received()]
    given = {
        "room": "requests", "waiting": [one for one in found if one.request.open],
        "over": [one for one in found if not one.request.open], "none": NONE, "may": _may(visit),
        "results": [(code.code, Text(code.zh, code.en)) for code in own_affairs.RESULTS],
        "kinds": [(c.code, Text(c.zh, c.en)) for c in own_affairs.KINDS if c.code != "withdrawal"],
    }  # fmt: skip
    return shown(visit.request, "console/inbox.html", given, visit=visit)


@page("POST")
def answer(visit: Visit) -> HttpResponse:
    """Answers one."""
    _enter(visit)
    given = visit.request.POST
    with visit.acting(*PURPOSES):
        own_affairs.answer(
            given.get("org", ""), given.get("request", ""), given.get("result", ""), given.get("said", "")
        )
    return done(visit, HERE, Text("答复已送达客户的页面。", "The answer stands on the person's page."))


@page("POST")
def on_behalf(visit: Visit) -> HttpResponse:
    """Writes down what somebody asks for who does not use the pages, with how they agreed to it."""
    _enter(visit)
    given = visit.request.POST
    with visit.acting(*PURPOSES):
        own_affairs.ask_on_behalf(
            given.get("kind", ""), given.get("party", "").strip(), given.get("said", ""), given.get("agreed", "")
        )
    said = Text("已代客户记下，并注明其同意的方式。", "Written down for the person, with how they agreed.")
    return done(visit, HERE, said)
