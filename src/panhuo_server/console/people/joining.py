"""Accepting an invitation: what it offers, then a new account or the one somebody is signed in with.

Invariant: the invitation's secret travels in the body of a form alone, never in an address; a wrong one, one
that lapsed and one that was used are the same answer.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect

from panhuo.ground.record.errors import PanhuoError
from panhuo.journey.report.words import Text
from panhuo_server.accounts import invitations
from panhuo_server.console import messages
from panhuo_server.console.frame import SESSION, answered, secure, shown
from panhuo_server.console.people.people import role_name
from panhuo_server.console.refused import Fault, fault

NOT_OPEN = Fault(
    Text("邀请码不对、已用过或已失效", "this invitation is wrong, used, or not open any more"),
    Text("请管理员重新邀请", "ask the administrator for a new one"),
)


@answered
def join(request: Any) -> HttpResponse:
    """The page an invitation is accepted on."""
    if request.method not in ("GET", "HEAD", "POST"):
        return HttpResponse(status=405)
    given: dict[str, Any] = {"room": "", "offer": None, "code": "", "name": "", "signed_in": SESSION in request.COOKIES}
    if request.method != "POST":
        return shown(request, "console/people/joining.html", given)
    code = request.POST.get("code", "").strip()[:1000]
    name = request.POST.get("name", "").strip()[:80]
    given |= {"code": code, "name": name}
    try:
        offer = invitations.offer(code)
    except PanhuoError:
        return shown(request, "console/people/joining.html", {**given, "fault": NOT_OPEN}, status=422)
    given |= {"offer": offer, "role": role_name(offer.role)}
    how = request.POST.get("how", "")
    if how not in ("new", "mine"):
        return shown(request, "console/people/joining.html", given)
    try:
        if how == "mine":
            invitations.accept(code, request.COOKIES.get(SESSION, ""))
        elif not name:
            told = Fault(Text("请写姓名", "your name, please"))
            return shown(request, "console/people/joining.html", {**given, "fault": told}, status=422)
        else:
            invitations.accept_as_new(code, name, request.POST.get("password", "")[:1024])
    except PanhuoError as error:
        return shown(request, "console/people/joining.html", {**given, "fault": fault(error)}, status=422)
    response = redirect("/console/" if how == "mine" else "/console/sign-in")
    text = Text(f"已加入{offer.organisation}。", f"You have joined {offer.organisation}.")
    return messages.tell(response, text, secure=secure(request))
