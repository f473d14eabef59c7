"""An auction's state 拍卖: announced, open, bids, closed, confirmed or failed, and the second round.

Invariant: bids rise by the increment from the starting price, which is the reserve, and the last one wins when it
closes; what is confirmed stays. State alone: how a sale is run, and what else the law asks of it, is the market's.
Nothing here reads a clock or a database; what the law fixes in numbers comes in as `Terms`.

Source: 最高人民法院关于人民法院网络司法拍卖若干问题的规定 (法释〔2016〕18号) art. 10 (the reserve is the starting
price), art. 20 and 26 (`Terms`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Literal

from panhuo.ground.record.columns import CodeList
from panhuo.ground.record.errors import Conflict, InvalidInput, NotAllowed, NotFound, RuleRefused
from panhuo.ground.rules.schedules import number
from panhuo_server.flows.approvals import Happened

AUCTION_STATES = CodeList.of(
    "auction_states",
    ("none", "未公告", "not announced"),
    ("announced", "已公告", "announced"),
    ("open", "竞价中", "open for bids"),
    ("closed", "竞价结束", "closed, to be confirmed"),
    ("confirmed", "成交确认", "confirmed"),
    ("failed", "流拍", "failed"),
    ("withdrawn", "撤回", "withdrawn"),
)
Status = Literal["none", "announced", "open", "closed", "confirmed", "failed", "withdrawn"]


@dataclass(frozen=True)
class Terms:
    """What holds for an auction by the day of its notice.

    Attributes:
        prolonged: a bid in this last stretch prolongs the time to this long after it.
        most_cut: by how much a second round may start lower than the first, in ppm (200_000 is 20 %).
        rounds: how many there are.
    """

    prolonged: timedelta
    most_cut: int
    rounds: int = 2


def judicial_terms(on: date) -> Terms:
    """The terms of a court's network auction whose notice is of a day (rules AUC-12 and OUT-07)."""
    minutes = number("judicial_auction", "AUC-12", "extension", on=on)
    return Terms(timedelta(minutes=minutes), number("judicial_auction", "OUT-07", "cut", on=on))


@dataclass(frozen=True)
class Bid:
    """A bid in minor units, by a bidder's number."""

    bidder: str
    amount: int
    at: str


@dataclass(frozen=True)
class Auction:
    """An auction as its events leave it; amounts in minor units of its currency, moments UTC in ISO 8601."""

    status: Status = "none"
    round: int = 0
    subject: str = ""
    seller: str = ""
    start: int = 0
    increment: int = 0
    opens_at: str = ""
    closes_at: str = ""
    bids: tuple[Bid, ...] = ()
    first_start: int = 0
    winner: str = ""
    price: int = 0
    reason: str = ""

    @property
    def best(self) -> Bid | None:
        """The highest bid of this round, which is the last one."""
        return self.bids[-1] if self.bids else None


@dataclass(frozen=True)
class Command:
    """What somebody wants: announce, open, bid, close, confirm, default, withdraw."""

    kind: Literal["announce", "open", "bid", "close", "confirm", "default", "withdraw"]
    person: str
    body: Mapping[str, Any]


def fold(happened: Iterable[Happened]) -> Auction:
    """The auction its events leave."""
    state = Auction()
    for event in happened:
        body = event.body
        match event.kind:
            case "announced":
                start = int(body["start"])
                state = Auction(
                    "announced", state.round + 1, str(body["subject"]), event.person, start, int(body["increment"]),
                    str(body["opens_at"]), str(body["closes_at"]), first_start=state.first_start or start,
                )  # fmt: skip
            case "opened":
                state = replace(state, status="open")
            case "bid":
                bid = Bid(str(body["bidder"]), int(body["amount"]), str(body["at"]))
                state = replace(state, bids=(*state.bids, bid), closes_at=str(body["closes_at"]))
            case "closed":
                best = state.best
                assert best is not None, "an auction without bids fails"
                state = replace(state, status="closed", winner=best.bidder, price=best.amount)
            case "confirmed":
                state = replace(state, status="confirmed")
            case "failed":
                state = replace(state, status="failed", winner="", price=0, reason=str(body["reason"]))
            case "withdrawn":
                state = replace(state, status="withdrawn", reason=str(body["reason"]))
    return state


def _moment(body: Mapping[str, Any], name: str) -> datetime:
    try:
        found = datetime.fromisoformat(str(body[name]))
    except (KeyError, ValueError) as error:
        raise InvalidInput("a moment is missing", where=name, remedy="write 2026-03-02T10:00:00+00:00") from error
    if found.tzinfo is None:
        raise InvalidInput("a moment needs its time zone", where=name, remedy="write 2026-03-02T10:00:00+00:00")
    return found


def _announced(state: Auction, command: Command, now: datetime, terms: Terms) -> dict[str, Any]:
    body = command.body
    if state.status not in ("none", "failed"):
        raise Conflict(f"this auction is {state.status}", code="auction/state")
    if state.round >= terms.rounds:
        raise RuleRefused(
            "every round failed", remedy="sell it another way, or take it for the debt", code="auction/rounds"
        )
    start, increment = body.get("start"), body.get("increment")
    if type(start) is not int or type(increment) is not int or start <= 0 or increment <= 0:
        raise InvalidInput("starting price and increment are whole and above nothing", where="start")
    if state.round and start * 1_000_000 < state.first_start * (1_000_000 - terms.most_cut):
        raise RuleRefused("the next round may not start so low", where="start", code="auction/reduction")
    opens, closes = _moment(body, "opens_at"), _moment(body, "closes_at")
    if not now <= opens < closes:
        raise InvalidInput("it opens from now on, and closes after it opened", where="opens_at")
    return {
        "subject": str(body.get("subject") or state.subject), "start": start, "increment": increment,
        "opens_at": opens.isoformat(), "closes_at": closes.isoformat(),
    }  # fmt: skip


def _bid(state: Auction, command: Command, now: datetime, terms: Terms) -> dict[str, Any]:
    closes = datetime.fromisoformat(state.closes_at)
    if now >= closes:
        raise Conflict("the time for bids is over", where=state.closes_at, code="auction/over")
    if command.person == state.seller:
        raise NotAllowed("who sells does not bid", code="auction/seller")
    amount, bidder = command.body.get("amount"), str(command.body.get("bidder") or "")
    least = state.best.amount + state.increment if state.best else state.start
    if type(amount) is not int or amount < least:
        raise RuleRefused("the bid is too low", where="amount", remedy=f"at least {least}", code="auction/low")
    if not bidder:
        raise InvalidInput("whose bid is it?", where="bidder", remedy="give the bidder's number")
    if state.best is not None and state.best.bidder == bidder:
        raise Conflict("the highest bid is yours already", code="auction/own-bid")
    return {
        "bidder": bidder, "amount": amount, "at": now.isoformat(),
        "closes_at": max(closes, now + terms.prolonged).isoformat(),
    }  # fmt: skip


def decide(state: Auction, command: Command, *, now: datetime, terms: Terms) -> tuple[str, dict[str, Any]]:
    """The event a command leads to: (kind, body).

    Raises:
        NotFound: for an auction that was never announced.
        Conflict: when it is in no state for it, or its time is over.
        InvalidInput, RuleRefused, NotAllowed: when what it says does not stand.
    """
    kind = command.kind
    if kind == "announce":
        return "announced", _announced(state, command, now, terms)
    if state.status == "none":
        raise NotFound("there is no such auction")
    possible = {
        "open": ("announced",), "bid": ("open",), "close": ("open",), "confirm": ("closed",), "default": ("closed",),
        "withdraw": ("announced", "open"),
    }[kind]  # fmt: skip
    if state.status not in possible:
        raise Conflict(f"this auction is {state.status}", code="auction/state")
    if kind == "bid":
        return "bid", _bid(state, command, now, terms)
    if kind == "open":
        if now < datetime.fromisoformat(state.opens_at):
            raise Conflict("it does not open yet", where=state.opens_at, code="auction/early")
        return "opened", {}
    if kind == "close":
        if now < datetime.fromisoformat(state.closes_at):
            raise Conflict("it does not close yet", where=state.closes_at, code="auction/early")
        return ("closed", {}) if state.bids else ("failed", {"reason": "no-bid"})
    if kind == "confirm":
        return "confirmed", {}
    if kind == "default":  # 悔拍: the winner did not pay
        return "failed", {"reason": "winner-defaulted"}
    reason = str(command.body.get("reason") or "").strip()
    if not reason:
        raise RuleRefused("a withdrawal says why", remedy="give a reason", code="auction/reason")
    return "withdrawn", {"reason": reason}
