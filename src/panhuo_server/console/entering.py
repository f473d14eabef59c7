"""The door: signing in and out, choosing the organisation one acts for, and the language.

Invariant: where somebody goes next is an address of this console, whatever was asked.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.http import HttpResponse
from django.shortcuts import redirect

from panhuo.ground.record.errors import NotAllowed, Unavailable
from panhuo_server.accounts import sign_in as door
from panhuo_server.console.frame import (
    LANGUAGE,
    LANGUAGES,
    ORGANISATION,
    SESSION,
    Visit,
    answered,
    keep,
    page,
    shown,
)

YEAR = 365 * 24 * 3600


def onward(asked: str | None) -> str:
    """An address inside the console."""
    asked = asked or ""
    parts = urlsplit(asked)
    inside = not parts.scheme and not parts.netloc and parts.path.startswith("/console/") and "\\" not in asked
    return asked if inside and not any(ord(c) < 32 for c in asked) else "/console/"


@answered
def sign_in(request: Any) -> HttpResponse:
    """The page one signs in on."""
    given = {"next": onward(request.POST.get("next") or request.GET.get("next")), "email": "", "fault": "", "room": ""}
    if request.method == "GET":
        return shown(request, "console/sign_in.html", given)
    if request.method != "POST":
        return HttpResponse(status=405)
    email = request.POST.get("email", "")[:320]
    try:
        found = door.sign_in(email, request.POST.get("password", "")[:1024], request.META.get("REMOTE_ADDR", ""))
    except NotAllowed:
        return shown(request, "console/sign_in.html", {**given, "email": email, "fault": "wrong"}, status=403)
    except Unavailable as error:
        if error.code != "unavailable/too-many-tries":
            raise
        said = {**given, "email": email, "fault": "wait", "wait": "".join(c for c in error.where if c.isdigit())}
        return shown(request, "console/sign_in.html", said, status=429)
    response = redirect(given["next"])
    keep(request, response, SESSION, found.session, seconds=int(door.SESSION_LASTS.total_seconds()))
    return response


@answered
def sign_out(request: Any) -> HttpResponse:
    """Ends the session."""
    if request.method != "POST":
        return HttpResponse(status=405)
    door.sign_out(request.COOKIES.get(SESSION, ""))
    response = redirect("/console/sign-in")
    response.delete_cookie(SESSION, samesite="Lax")
    response["Clear-Site-Data"] = '"cache"'
    return response


@page("POST")
def choose(visit: Visit) -> HttpResponse:
    """Acts for another of one's organisations from here on."""
    asked = visit.request.POST.get("organisation", "")
    response = redirect("/console/")
    if any(place.org == asked for place in visit.places):
        keep(visit.request, response, ORGANISATION, asked, seconds=YEAR)
    return response


@answered
def language(request: Any) -> HttpResponse:
    """Chooses the language."""
    asked = request.POST.get("language", "")
    if request.method != "POST" or asked not in LANGUAGES:
        return HttpResponse(status=405 if request.method != "POST" else 400)
    response = redirect(onward(request.POST.get("next")))
    keep(request, response, LANGUAGE, asked, seconds=YEAR)
    return response
