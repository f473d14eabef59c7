"""What every page stands in: who looks, for which organisation, in which language, and the headers of the answer.

Invariant: what does not exist and what this person may not see are the same 404, made the same way; no page asks
another host for anything and none holds script or style of its own.
"""

from __future__ import annotations

import functools
import logging
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.gzip import gzip_page

from panhuo.ground.record.errors import Conflict, Defect, NotAllowed, NotFound, PanhuoError, Unavailable
from panhuo.journey.report.words import Text
from panhuo_server.accounts.acting import acting
from panhuo_server.accounts.roles import BY_CODE, PURPOSES
from panhuo_server.accounts.sign_in import Place, person_of, places_of
from panhuo_server.console import messages

_LOG = logging.getLogger("panhuo.console")
SESSION = "panhuo_session"
ORGANISATION = "panhuo_organisation"
LANGUAGE = "panhuo_language"
LANGUAGES = ("zh", "en")
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True)
class Room:
    """A place of the left rail: who may enter it by the purposes their roles allow, in which kinds of organisation."""

    code: str
    address: str
    name: Text
    purposes: tuple[str, ...]
    kinds: tuple[str, ...] = ()


_LOOKING = ("approval", "audit", "reporting")
TASKS = ("approval", "recovery", "monitoring", "valuation", "origination", "market", "nightly_run", "due_diligence",
         "enforcement", "mediation")  # fmt: skip
"""For what somebody may act who has tasks: proposals, reminders, work that failed."""
SHARES = ("administration", "privacy", "audit", "import", "market", "enforcement", "mediation", "own_affairs")
"""For what somebody may act who looks after what others see."""
BUSINESS = ("lender", "asset_manager", "investor")
"""Kinds of organisation that lend, hold or buy; courts, borrowers and supervisors have other rooms."""
ROOMS = (
    Room("today", "/console/", Text("今日", "Today"), tuple(PURPOSES.positions)),
    Room("mine_loans", "/console/mine/loans", Text("我的贷款", "My loans"), ("own_affairs",)),
    Room("mine_data", "/console/mine/data", Text("我的信息", "My data"), ("own_affairs",)),
    Room("mine_consents", "/console/mine/consents", Text("我的同意", "My consents"), ("own_affairs",)),
    Room("mine_requests", "/console/mine/requests", Text("我的请求", "My requests"), ("own_affairs",)),
    Room("supervised", "/console/supervision", Text("被监管机构", "Institutions"), ("supervision",)),
    Room("cases", "/console/cases", Text("案件", "Cases"), ("mediation", "enforcement"), ("court", "mediation")),
    Room("offers", "/console/offers", Text("收到的资产", "Offered to us"), ("due_diligence", "market", "valuation"),
         ("investor", "asset_manager")),
    Room("deadlines", "/console/deadlines", Text("期限墙", "Deadlines"), ("recovery", "monitoring", *_LOOKING),
         BUSINESS),
    Room("tasks", "/console/tasks", Text("待办", "Tasks"), TASKS),
    Room("applications", "/console/applications", Text("进件与授信审批", "Applications"),
         ("origination", "approval", "audit", "reporting"), BUSINESS),
    Room("book", "/console/book", Text("信贷台账", "Book"), ("monitoring", *_LOOKING), BUSINESS),
    Room("after_loan", "/console/warnings", Text("贷后与预警", "After-loan"), ("monitoring", *_LOOKING), BUSINESS),
    Room("network", "/console/network", Text("关联与担保圈", "Network"), ("monitoring", *_LOOKING), BUSINESS),
    Room("claims", "/console/claims", Text("资产保全", "Claims"), ("valuation", "recovery", "market", *_LOOKING),
         BUSINESS),
    Room("transfer", "/console/packages", Text("资产转让与处置招商", "Transfer"), ("market", "valuation", *_LOOKING),
         BUSINESS),
    Room("evidence", "/console/evidence", Text("存证", "Evidence"),
         ("monitoring", "valuation", "recovery", "origination", "market", *_LOOKING)),
    Room("models", "/console/models", Text("模型", "Models"),
         ("origination", "monitoring", "valuation", "recovery", *_LOOKING), BUSINESS),
    Room("rules", "/console/rules", Text("规则", "Rules"),
         ("monitoring", "origination", "valuation", "recovery", "market", *_LOOKING)),
    Room("import", "/console/import", Text("数据导入", "Import"), ("import",)),
    Room("night", "/console/night", Text("夜间运行", "The night"),
         ("nightly_run", "monitoring", "valuation", "recovery", "origination", *_LOOKING), BUSINESS),
    Room("requests", "/console/requests", Text("客户的请求", "Requests of people"),
         ("privacy", "origination", "monitoring", "recovery"), ("lender", "asset_manager", "investor")),
    Room("people", "/console/people", Text("人员", "People"), ("administration",)),
    Room("shares", "/console/shares", Text("共享与个人信息", "Shares and privacy"), SHARES),
    Room("settings", "/console/settings", Text("设置", "Settings"), tuple(PURPOSES.positions)),
)  # fmt: skip
"""The rooms there are, in a loan's order."""

GROUPS: tuple[tuple[Text, tuple[str, ...]], ...] = (
    (Text("今天", "Now"), ("today", "deadlines", "tasks", "worklist", "cases", "supervised")),
    (Text("贷款", "Loans"), ("applications", "book", "classes", "after", "after_loan", "customers", "network")),
    (Text("不良", "Bad debts"), ("claims", "transfer", "packages", "auctions", "offers")),
    (Text("证明", "Proof"), ("evidence", "models", "rules", "tools")),
    (Text("本机构", "House"), ("import", "night", "requests", "people", "shares", "settings")),
)
"""Headings of the left rail where it gets long, and the rooms under each; a room not named joins the one before it."""
PLAIN = ("today", "settings")
"""Rooms a borrower's rail holds beside its own."""
LONG = 8
"""Rooms a rail holds without headings."""


def language_of(request: Any) -> str:
    """The language chosen here, else the browser's; Chinese when neither says."""
    chosen = request.COOKIES.get(LANGUAGE)
    if chosen in LANGUAGES:
        return str(chosen)
    for part in request.headers.get("Accept-Language", "").split(","):
        asked = part.split(";")[0].strip().lower()[:2]
        if asked in LANGUAGES:
            return asked
    return "zh"


@dataclass(frozen=True)
class Visit:
    """Whoever looks at a page, acting for one organisation."""

    request: Any
    person: str
    place: Place
    places: tuple[Place, ...]
    language: str

    def say(self, text: Text | str) -> str:
        """A text in this visit's language."""
        return text if isinstance(text, str) else (text.zh if self.language == "zh" else text.en)

    def purpose_of(self, purposes: tuple[str, ...]) -> str | None:
        """The first of the purposes that this person's roles allow."""
        allowed = {one for role in self.place.roles if role in BY_CODE for one in BY_CODE[role].purposes}
        return next((one for one in purposes if one in allowed), None)

    @property
    def rooms(self) -> list[Room]:
        """The rooms this person may enter."""
        kind = self.place.kind
        found = [room for room in ROOMS if self.purpose_of(room.purposes) and (not room.kinds or kind in room.kinds)]
        return [room for room in found if room.code in PLAIN or room.code.startswith("mine_")] if self.plain else found

    def has_room(self, path: str) -> bool:
        """Whether the room an address lies in is one that this kind of organisation has."""
        held = [room for room in ROOMS if path == room.address or path.startswith(room.address.rstrip("/") + "/")]
        room = max(held, key=lambda one: len(one.address), default=None)
        return room is None or not room.kinds or self.place.kind in room.kinds

    @property
    def rail(self) -> list[tuple[Text | None, list[Room]]]:
        """The rooms under their headings; one list without heading while it is short."""
        rooms = self.rooms
        if len(rooms) <= LONG:
            return [(None, rooms)]
        held: dict[Text | None, list[Room]] = {}
        last: Text | None = None
        for room in rooms:
            last = next((name for name, codes in GROUPS if room.code in codes), last)
            held.setdefault(last, []).append(room)
        order = {name: at for at, (name, _) in enumerate(GROUPS)}
        return sorted(held.items(), key=lambda group: order.get(group[0], -1) if group[0] else -1)

    @property
    def purposes(self) -> tuple[str, ...]:
        """Everything this person's roles allow, in the order of the declaration."""
        held = {one for role in self.place.roles if role in BY_CODE for one in BY_CODE[role].purposes}
        return tuple(code for code in PURPOSES.positions if code in held)

    @property
    def plain(self) -> bool:
        """Whether pages are set in large type, one thing a screen: for borrowers and debtors."""
        return self.place.kind == "borrower"

    @property
    def may_run_the_night(self) -> bool:
        """Whether this person may start the nightly run."""
        return self.purpose_of(("nightly_run",)) is not None

    @contextmanager
    def acting(self, *purposes: str) -> Iterator[None]:
        """Acts for the organisation for the first allowed of the purposes.

        Raises:
            Http404: when none is allowed.
        """
        purpose = self.purpose_of(purposes)
        if purpose is None:
            raise Http404
        with acting(self.place.org, self.person, purpose, judicial=self.place.judicial):
            yield


def secure(request: Any) -> bool:
    """Whether cookies are for encrypted connections alone: everywhere but on this machine's own address."""
    host = request.get_host()
    return (host if host.endswith("]") else host.rsplit(":", 1)[0]) not in LOOPBACK


def keep(request: Any, response: HttpResponse, name: str, value: str, *, seconds: int | None = None) -> None:
    """Sets a cookie that no script reads."""
    response.set_cookie(name, value, max_age=seconds, httponly=True, samesite="Lax", secure=secure(request))


def dressed(response: HttpResponse) -> HttpResponse:
    """An answer with the headers every page carries."""
    for name, value in HEADERS.items():
        response.setdefault(name, value)
    patch_vary_headers(response, ("Cookie", "Accept-Language", "HX-Request"))
    return response


def shown(request: Any, template: str, given: dict[str, Any], *, visit: Visit | None = None, status: int = 200) -> Any:
    """A page from a template, with what the frame needs."""
    language = visit.language if visit else language_of(request)
    part = request.headers.get("HX-Request") == "true"
    said = None if part else messages.waiting(request)
    context = {"visit": visit, "language": language, "here": request.get_full_path(), **given, "just_said": said}
    response = render(request, template, context, status=status)
    if said is not None:
        messages.forget(response)
    return response


def lost(request: Any, visit: Visit | None = None) -> Any:
    """The one answer to what does not exist or may not be seen."""
    return shown(request, "console/lost.html", {"room": ""}, visit=visit, status=404)


def visit_of(request: Any) -> Visit | None:
    """The visit of a request; None when nobody is signed in.

    Raises:
        Http404: when the person acts for no organisation.
    """
    session = request.COOKIES.get(SESSION, "")
    try:
        person = person_of(session)
        places = tuple(places_of(session))
    except NotAllowed:
        return None
    if not places:
        raise Http404
    chosen = request.COOKIES.get(ORGANISATION)
    place = next((one for one in places if one.org == chosen), places[0])
    return Visit(request, person, place, places, language_of(request))


def answered(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A view of the console: CSRF is checked, errors are pages, headers are set."""

    @gzip_page
    @csrf_protect
    @functools.wraps(view)
    def answer(request: Any, *given: Any, **named: Any) -> HttpResponse:
        """The view's answer, or the page that says what went wrong; always with the headers."""
        try:
            return dressed(view(request, *given, **named))
        except (Http404, NotFound, NotAllowed):
            return dressed(lost(request))
        except Unavailable as error:
            said = {"what": error.what, "remedy": error.remedy, "room": ""}
            return dressed(shown(request, "console/unavailable.html", said, status=503))
        except Defect:
            return dressed(broken(request))
        except PanhuoError as error:
            return dressed(refused(request, error))
        except Exception:  # whatever went wrong, a person is told what to do
            return dressed(broken(request))

    return answer


def done(
    visit: Visit, address: str, text: Text, *, undo: str = "", fields: Mapping[str, str] | None = None
) -> HttpResponse:
    """Sends to an address whose page says once what was done; `undo` and `fields` are the form that takes it back."""
    return messages.tell(redirect(address), text, undo=undo, fields=fields, secure=secure(visit.request))


def refused(request: Any, error: PanhuoError, visit: Visit | None = None) -> Any:
    """What was asked cannot be done: what is wrong, where, and what to do."""
    given = {"what": error.what, "where": error.where, "remedy": error.remedy, "code": error.code, "room": ""}
    return shown(
        request, "console/refused.html", given, visit=visit, status=409 if isinstance(error, Conflict) else 422
    )


def broken(request: Any) -> Any:
    """A fault of the program, under a number that the operator finds in the server's log."""
    number = secrets.token_hex(4)
    _LOG.exception("a page failed", extra={"request": number, "method": request.method, "status": 500})
    return shown(request, "console/broken.html", {"number": number, "room": ""}, status=500)


def page(*methods: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """A page for whoever is signed in; others are sent to the door and come back."""

    def wrap(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        """A view that is given the visit in place of the request."""

        @functools.wraps(view)
        def entered(request: Any, *given: Any, **named: Any) -> HttpResponse:
            """Lets in who is signed in, by a method the page has, into a room their organisation has."""
            if request.method not in (methods or ("GET", "HEAD")):
                return HttpResponse(status=405)
            visit = visit_of(request)
            if visit is None:
                from urllib.parse import quote

                return redirect(f"/console/sign-in?next={quote(request.get_full_path())}")
            if not visit.has_room(request.path):
                return lost(request, visit)
            try:
                return view(visit, *given, **named)
            except (Http404, NotFound, NotAllowed):
                return lost(request, visit)
            except (Unavailable, Defect):
                raise
            except PanhuoError as error:
                return refused(request, error, visit)

        return answered(entered)

    return wrap
