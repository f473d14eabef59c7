"""人员: members and their roles, invitations, and the tokens programs carry.

Invariant: an invitation's link and a token's text are on the one page that answers their making and nowhere else; who
is no administrator of the acting organisation finds no such page.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpResponse

from panhuo.ground.record.errors import PanhuoError
from panhuo.journey.report import words
from panhuo.journey.report.words import Text
from panhuo_server.accounts import invitations, persons, tokens
from panhuo_server.accounts.roles import BY_CODE, PURPOSES, ROLES
from panhuo_server.console.frame import Visit, done, page, shown
from panhuo_server.console.pieces.figures import Badge
from panhuo_server.console.pieces.listings import Act, Entry, Listing, moment, said, same
from panhuo_server.console.refused import Fault, fault
from panhuo_server.flows import clock

PURPOSE = "administration"
ADDRESS = "/console/people"
LASTS = (1, 3, 7, 14, 30)
"""Days an invitation may be open."""
TOKEN_DAYS = (7, 30, 90, 180, 366)


def role_name(code: str) -> Text:
    """A role in words."""
    role = BY_CODE.get(code)
    return Text(role.zh, role.en) if role else same(code)


def purpose_name(code: str) -> Text:
    """A purpose in words."""
    if code not in PURPOSES:
        return same(code)
    held = PURPOSES[code]
    return Text(held.zh, held.en)


def _purposes(codes: Any) -> Text:
    named = [purpose_name(code) for code in codes]
    return Text("、".join(t.zh for t in named), ", ".join(t.en for t in named))


def _members(visit: Visit) -> Listing:
    by_person: dict[str, list[persons.Membership]] = {}
    for one in persons.memberships():
        by_person.setdefault(one.person, []).append(one)
    rows = []
    for person, held in by_person.items():
        acts = []
        for one in held:
            name = role_name(one.role)
            last = len(held) == 1
            ask = Text(f"终止{one.name}的“{name.zh}”角色。", f"End the role “{name.en}” of {one.name}.")
            if last:
                ask = Text(f"{ask.zh}这是其最后一个角色：令牌和未接受的邀请同时失效。",
                           f"{ask.en} It is their last one: their tokens and open invitations end too.")  # fmt: skip
            acts.append(Act(f"{ADDRESS}/roles/end", Text(f"终止{name.zh}", f"End {name.en}"),
                            (("person", person), ("role", one.role)), ask=ask))  # fmt: skip
        roles = [role_name(one.role) for one in held]
        kind = Text("程序", "program") if held[0].kind == "program" else words.NOTHING
        rows.append([
            Entry(same(held[0].name), note=kind), Entry(same(held[0].email or "—")),
            Entry(Text("、".join(t.zh for t in roles), ", ".join(t.en for t in roles))),
            Entry(moment(min(one.granted_at for one in held))), Entry(acts=tuple(acts)),
        ])  # fmt: skip
    heads = (Text("姓名", "Name"), Text("邮箱", "Email"), Text("角色", "Roles"), Text("加入", "Since"),
             Text("可做", "Do"))  # fmt: skip
    return Listing("members", Text("成员", "Members"), heads, rows, Text("没有成员。", "No members."))


def _invitations() -> Listing:
    rows = []
    for one in reversed(invitations.invitations()):
        acts: tuple[Act, ...] = ()
        if one.accepted_at:
            badge = Badge(Text("已接受", "accepted"), 1)
        elif one.revoked_at:
            badge = Badge(Text("已收回", "taken back"), 2)
        elif one.valid_until <= clock.now():
            badge = Badge(Text("已过期", "lapsed"), 4)
        else:
            badge = Badge(Text("未接受", "open"), 3)
            ask = Text(
                f"收回发给 {one.email} 的邀请，链接立即失效。",
                f"Take back the invitation of {one.email}: its link ends now.",
            )
            acts = (Act(f"{ADDRESS}/invitations/revoke", Text("收回", "Take back"), (("invitation", one.invitation),),
                        ask=ask),)  # fmt: skip
        rows.append([
            Entry(same(one.email)), Entry(role_name(one.role)), Entry(badge=badge), Entry(moment(one.invited_at)),
            Entry(moment(one.valid_until)), Entry(acts=acts),
        ])  # fmt: skip
    heads = (Text("邮箱", "Email"), Text("角色", "Role"), Text("状态", "State"), Text("邀请于", "Invited"),
             Text("有效至", "Open until"), Text("可做", "Do"))  # fmt: skip
    return Listing("invitations", Text("邀请", "Invitations"), heads, rows,
                   Text("还没有邀请过人。", "Nobody was invited yet."))  # fmt: skip


def _tokens(people: dict[str, str]) -> Listing:
    rows = []
    for one in reversed(tokens.tokens()):
        acts: tuple[Act, ...] = ()
        if one.revoked_at:
            badge = Badge(Text("已吊销", "revoked"), 2)
        elif one.valid_until <= clock.now():
            badge = Badge(Text("已过期", "lapsed"), 4)
        else:
            badge = Badge(Text("有效", "live"), 1)
            ask = Text(
                f"吊销“{one.name}”，用它的程序立即被拒绝。",
                f"Revoke “{one.name}”: programs that carry it are refused at once.",
            )
            acts = (Act(f"{ADDRESS}/tokens/revoke", Text("吊销", "Revoke"), (("token", one.token),), ask=ask),)
        only = Text("只读", "reads only") if one.read_only else words.NOTHING
        rows.append([
            Entry(same(one.name), note=only), said(people.get(one.person, one.person)), Entry(_purposes(one.scopes)),
            Entry(badge=badge), Entry(moment(one.valid_until)),
            Entry(moment(one.last_used_at)), Entry(acts=acts),
        ])  # fmt: skip
    heads = (Text("名称", "Name"), Text("代表", "Speaks for"), Text("用途", "Purposes"), Text("状态", "State"),
             Text("有效至", "Until"), Text("上次使用", "Last used"), Text("可做", "Do"))  # fmt: skip
    return Listing("tokens", Text("接口令牌", "Tokens"), heads, rows, Text("没有令牌。", "No tokens."))


def _page(
    visit: Visit, told: Fault | None = None, *, secret: str = "", secret_name: Text = words.NOTHING
) -> HttpResponse:
    with visit.acting(PURPOSE):
        held = persons.memberships()
        people = {one.person: one.name for one in persons.memberships(ended=True)}
        listings = [_members(visit), _invitations(), _tokens(people)]
    speakers = {visit.person: people.get(visit.person, visit.person)}
    speakers |= {one.person: one.name for one in held if one.kind == "program"}
    roles = [(role.code, Text(role.zh, role.en)) for role in ROLES if visit.place.kind in role.kinds]
    members = sorted({(one.person, one.name) for one in held if one.kind != "program"}, key=lambda one: one[1])
    given = {
        "room": "people", "listings": listings, "fault": told, "secret": secret, "secret_name": secret_name,
        "roles": roles, "days": LASTS, "token_days": TOKEN_DAYS, "members": members, "speakers": speakers.items(),
        "purposes": [(code, purpose_name(code)) for code in PURPOSES.positions], "service": _runs_programs(visit),
    }  # fmt: skip
    return shown(visit.request, "console/people/people.html", given, visit=visit, status=422 if told else 200)


def _runs_programs(visit: Visit) -> bool:
    return visit.place.kind in BY_CODE["service"].kinds


def _whole(given: str, allowed: tuple[int, ...]) -> int:
    return int(given) if given.isdigit() and int(given) in allowed else allowed[-1] if not given else 0


@page()
def people(visit: Visit) -> HttpResponse:
    """Members, invitations, tokens."""
    return _page(visit)


def _tried(visit: Visit, act: Any, text: Text) -> HttpResponse:
    with visit.acting(PURPOSE):
        try:
            act()
            told = None
        except PanhuoError as error:
            told = fault(error)
    return _page(visit, told) if told else done(visit, ADDRESS, text)


@page("POST")
def invite(visit: Visit) -> HttpResponse:
    """Invites an address to a role; the link is on the answer, once."""
    given = visit.request.POST
    email, role = given.get("email", "")[:320], given.get("role", "")
    with visit.acting(PURPOSE):
        try:
            made = invitations.invite(email, role, lasts=timedelta(days=_whole(given.get("days", "7"), LASTS)))
        except PanhuoError as error:
            told = fault(
                error,
                Text("邀请需要一个邮箱、一个角色和有效天数", "an invitation needs an address, a role and its days"),
            )
            made = None
    if made is None:
        return _page(visit, told)
    place = f"{visit.request.scheme}://{visit.request.get_host()}/console/invitation"
    name = Text(
        f"发给 {email.strip()} 的邀请码，在 {place} 使用", f"Invitation of {email.strip()}, to be used at {place}"
    )
    return _page(visit, secret=made.link, secret_name=name)


@page("POST")
def revoke_invitation(visit: Visit) -> HttpResponse:
    """Takes an open invitation back."""
    name = visit.request.POST.get("invitation", "")
    return _tried(visit, lambda: invitations.revoke(name), Text("邀请已收回。", "The invitation was taken back."))


@page("POST")
def grant_role(visit: Visit) -> HttpResponse:
    """Gives a member another role."""
    person, role = visit.request.POST.get("person", ""), visit.request.POST.get("role", "")
    return _tried(visit, lambda: persons.grant_role(person, role), Text("已授予角色。", "The role was given."))


@page("POST")
def end_role(visit: Visit) -> HttpResponse:
    """Ends a role of a member."""
    person, role = visit.request.POST.get("person", ""), visit.request.POST.get("role", "")
    return _tried(visit, lambda: persons.end_role(person, role), Text("角色已终止。", "The role has ended."))


@page("POST")
def add_program(visit: Visit) -> HttpResponse:
    """Adds a program: a member that only tokens speak for."""
    name = visit.request.POST.get("name", "").strip()[:80]
    if not name:
        return _page(visit, Fault(Text("程序要有名称", "a program needs a name")))
    return _tried(visit, lambda: persons.add_program(name), Text("程序已添加。", "The program was added."))


@page("POST")
def issue_token(visit: Visit) -> HttpResponse:
    """Issues a token; its text is on the answer, once."""
    given = visit.request.POST
    name = given.get("name", "").strip()[:80]
    with visit.acting(PURPOSE):
        try:
            made = tokens.issue(
                name or "—", given.getlist("scopes"), person=given.get("person") or None,
                lasts=timedelta(days=_whole(given.get("days", "90"), TOKEN_DAYS)),
                read_only=given.get("read_only") == "1",
            )  # fmt: skip
        except PanhuoError as error:
            told = fault(
                error, Text("令牌需要名称、至少一项用途和有效天数", "a token needs a name, a purpose and its days")
            )
            made = None
    if made is None:
        return _page(visit, told)
    return _page(visit, secret=made.text, secret_name=Text(f"令牌“{name}”", f"Token “{name}”"))


@page("POST")
def revoke_token(visit: Visit) -> HttpResponse:
    """Ends a token."""
    token = visit.request.POST.get("token", "")
    return _tried(visit, lambda: tokens.revoke(token), Text("令牌已吊销。", "The token was revoked."))
