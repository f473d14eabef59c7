"""对外通知: programs outside that are told what happened; adding one, trying it, ending it.

Invariant: a key is on the one page that answers its making; a try sends no more than its own id,
to the address that was looked at.
"""

from __future__ import annotations

import json
import secrets

from django.http import Http404, HttpResponse

from panhuo.ground.record.errors import PanhuoError
from panhuo.journey.report import words
from panhuo.journey.report.words import Text
from panhuo_server.console.frame import Visit, done, page, shown
from panhuo_server.console.pieces.figures import Badge
from panhuo_server.console.pieces.listings import Act, Entry, Listing, moment, same
from panhuo_server.console.refused import Fault, fault
from panhuo_server.console.settings.settings import ADDRESS, tabs
from panhuo_server.flows import clock, webhooks
from panhuo_server.store import webhooks as kept
from panhuo_server.store.layout import Layout

PURPOSE = "administration"
HERE = f"{ADDRESS}/webhooks"
RESULTS = {
    "delivered": Badge(Text("已送达", "delivered"), 1), "failed": Badge(Text("将重试", "to be tried again"), 3),
    "dead": Badge(Text("已放弃", "given up"), 5), "ended": Badge(Text("已终止", "ended"), 2),
    "": Badge(Text("待发送", "waits"), 2),
}  # fmt: skip


def _kinds(codes: tuple[str, ...]) -> Text:
    held = [webhooks.KINDS[code] for code in codes if code in webhooks.KINDS]
    return Text("、".join(one.zh for one in held), ", ".join(one.en for one in held))


def _page(
    visit: Visit, told: Fault | None = None, *, secret: str = "", secret_name: Text = words.NOTHING
) -> HttpResponse:
    with visit.acting(PURPOSE):
        found = kept.all_webhooks()
        sent = kept.deliveries()
    rows = []
    for one in found:
        acts: tuple[Act, ...] = ()
        if one.ended_at is None:
            ask = Text("终止后不再通知，也不再重试。", "It is told nothing any more, and nothing is tried again.")
            given = (("webhook", one.webhook),)
            acts = (
                Act(f"{HERE}/try", Text("试发一条", "Send a try"), given),
                Act(f"{HERE}/end", Text("终止", "End"), given, ask=ask),
            )
        badge = Badge(Text("已终止", "ended"), 2) if one.ended_at else Badge(Text("有效", "live"), 1)
        rows.append([
            Entry(same(one.url), note=same(one.webhook)), Entry(_kinds(one.kinds)),
            Entry(badge=badge, note=moment(one.ended_at) if one.ended_at else words.NOTHING), Entry(acts=acts),
        ])  # fmt: skip
    heads = (Text("地址", "Address"), Text("通知什么", "Told of"), Text("状态", "State"), Text("可做", "Do"))
    listing = Listing("webhooks", Text("对外通知", "Webhooks"), heads, rows,
                      Text("没有对外通知。", "No webhook."))  # fmt: skip
    lines = []
    for delivery in reversed(sent[-50:]):
        body = json.loads(delivery.body)
        lines.append([
            Entry(_kinds((str(body["kind"]),))), Entry(same(body["subject_id"])), Entry(badge=RESULTS[delivery.result]),
            Entry(same(delivery.attempts), number=True), Entry(same(delivery.said or "—")),
        ])  # fmt: skip
    past = Listing("deliveries", Text("最近的通知", "Last messages"), (
        Text("内容", "What"), Text("对象", "Of"), Text("结果", "Result"), Text("次数", "Tries"), Text("应答", "Answer"),
    ), lines, Text("还没有发过。", "None was sent yet."))  # fmt: skip
    given_page = {
        "room": "settings", "tabs": tabs(visit, "webhooks"), "listings": [listing, past], "fault": told,
        "secret": secret, "secret_name": secret_name,
        "kinds": [(one.code, Text(one.zh, one.en)) for one in webhooks.KINDS],
    }  # fmt: skip
    return shown(visit.request, "console/settings/webhooks.html", given_page, visit=visit, status=422 if told else 200)


@page("GET", "HEAD", "POST")
def hooks(visit: Visit) -> HttpResponse:
    """Webhooks; adding one answers with its key, once."""
    if visit.request.method != "POST":
        return _page(visit)
    given = visit.request.POST
    with visit.acting(PURPOSE):
        try:
            _, key = webhooks.subscribe(given.get("url", "").strip()[:2000], given.getlist("kinds"))
        except PanhuoError as error:
            key, told = "", fault(error, Text("需要一个公网 https 地址和至少一类通知",
                                              "a public https address and a kind of message are needed"))  # fmt: skip
    if not key:
        return _page(visit, told)
    return _page(visit, secret=key, secret_name=Text("签名密钥（HMAC-SHA256）", "The signing key (HMAC-SHA256)"))


def _named(visit: Visit) -> kept.Webhook:
    name = visit.request.POST.get("webhook", "")
    found = next((one for one in kept.all_webhooks() if one.webhook == name and one.ended_at is None), None)
    if found is None:
        raise Http404
    return found


@page("POST")
def attempt(visit: Visit) -> HttpResponse:
    """Sends one message that says nothing but that it is a try."""
    with visit.acting(PURPOSE):
        found = _named(visit)
    key = kept.key_of(Layout.current(), visit.place.org, found.webhook)
    delivery = f"try-{secrets.token_hex(8)}"
    body = json.dumps({"id": delivery, "kind": "try", "organisation": visit.place.org}).encode()
    answer = webhooks.send(found.url, key, delivery, body, str(int(clock.now().timestamp())))
    if answer[:1] == "2" and answer.isdigit():
        return done(visit, HERE, Text(f"已送达，对方应答 {answer}。", f"Delivered: it answered {answer}."))
    return _page(visit, Fault(Text("没有送达", "it was not delivered"), Text(
        "核对地址、证书和对方服务", "see the address, its certificate, and the program there"), answer))  # fmt: skip


@page("POST")
def end(visit: Visit) -> HttpResponse:
    """Ends a webhook."""
    with visit.acting(PURPOSE):
        webhooks.unsubscribe(_named(visit).webhook)
    return done(visit, HERE, Text("已终止。", "It has ended."))
