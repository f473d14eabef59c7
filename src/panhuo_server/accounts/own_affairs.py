"""A person's own affairs 本人事务: who it is at the organisations that hold its data, what it may ask of them.

Invariant: a withdrawal holds from the next query on, before anybody of the organisation has seen it; every request is
kept with its answer, and what was written down for somebody says how that person agreed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from panhuo.ground.book.purposes import purpose_named
from panhuo.ground.record.columns import CodeList
from panhuo.ground.record.errors import InvalidInput, NotFound
from panhuo.trust.privacy.detection import refuse_personal
from panhuo_server.accounts import consent
from panhuo_server.accounts.roles import require
from panhuo_server.store import erasing, own_affairs
from panhuo_server.store.acting import current

KINDS = CodeList.of(
    "own_request_kinds",
    ("correction", "更正", "correct something"),
    ("appeal", "申诉", "look at a decision again"),
    ("explanation", "要求说明", "explain a decision"),
    ("withdrawal", "撤回同意", "withdraw a consent"),
)
RESULTS = CodeList.of(
    "own_request_results",
    ("taken", "已受理", "being looked at"),
    ("done", "已办理", "done"),
    ("refused", "不予办理", "refused"),
)
LONGEST = 1000


@dataclass(frozen=True)
class Mine:
    """A party the acting organisation is, at another that shares its row for own affairs."""

    org: str
    name: str
    party: str
    level: int


@dataclass(frozen=True)
class Request:
    """Something asked, with the latest answer."""

    org: str
    request: str
    to_org: str
    party: str
    kind: str
    about_table: str | None
    about_id: str | None
    said: str
    consent_purpose: str | None
    recipient: str | None
    on_behalf: str | None
    asked_at: datetime
    result: str | None
    answer: str | None
    answered_at: datetime | None

    @property
    def open(self) -> bool:
        """Whether it still waits for somebody: a withdrawal holds without an answer."""
        return self.result in (None, "taken") and self.kind != "withdrawal"


@dataclass(frozen=True)
class ReadOfMine:
    """A read of one's data."""

    owner: str
    party: str
    reader: str
    reader_name: str | None
    purpose: str
    table: str
    columns: tuple[str, ...]
    read_at: datetime


@dataclass(frozen=True)
class ShareOfMine:
    """A share with somebody else of a row that is about one."""

    owner: str
    table: str
    row: str | None
    to_org: str
    to_name: str | None
    level: int
    purpose: str
    valid_from: datetime
    valid_until: datetime
    ended_at: datetime | None


def parties() -> list[Mine]:
    """Who the acting organisation is elsewhere; inside `acting` for own affairs."""
    return [Mine(*row) for row in own_affairs.parties()]


def reads() -> list[ReadOfMine]:
    """Every read of one's data, the latest first."""
    return [
        ReadOfMine(owner, party, reader, name, purpose, table, tuple(columns), at)
        for owner, party, reader, name, purpose, table, columns, at in own_affairs.reads()
    ]


def shares() -> list[ShareOfMine]:
    """Whom one's data was shared with, the latest first."""
    return [ShareOfMine(*row) for row in own_affairs.shares()]


def _words(said: str, *, needed: bool = True) -> str:
    text = said.strip()
    if needed and not text:
        raise InvalidInput("a sentence is needed", where="said", remedy="say in a few words what it is about")
    if len(text) > LONGEST:
        raise InvalidInput(f"at most {LONGEST} characters", where="said", remedy="say it shorter")
    refuse_personal(text, "said", "said")
    return text


def ask(kind: str, to_org: str, party: str, said: str, *, about: tuple[str, str] | None = None) -> str:
    """Asks for a correction, an explanation or another look; returns the request's name; inside `acting`.

    Raises:
        InvalidInput: without words, with personal numbers in them, or for another kind.
        NotFound: when that organisation does not say one is that party.
    """
    if kind not in KINDS or kind == "withdrawal":
        raise InvalidInput(f"there is no request {kind}", remedy="kinds: " + ", ".join(KINDS.positions))
    return own_affairs.ask(to_org, party, kind, _words(said), about=about)


def withdraw(to_org: str, party: str, purpose: str, recipient: str | None = None) -> str:
    """Withdraws a consent at an organisation; it bars the use from the next query on.

    Raises:
        InvalidInput: for a purpose that does not rest on consent.
        NotFound: when there is no such purpose, or that organisation does not say one is that party.
    """
    if purpose_named(purpose).basis != "consent":
        raise InvalidInput(f"{purpose} does not rest on consent", remedy="ask for a correction or an explanation")
    return own_affairs.ask(to_org, party, "withdrawal", "", consent=(purpose, recipient))


def ask_on_behalf(kind: str, party: str, said: str, agreed: str) -> str:
    """Writes down what a party of the acting organisation asks of it, with how that party agreed to it being written.

    Raises:
        InvalidInput: without words or without how it was agreed.
        NotFound: when the organisation holds nothing of that party.
        NotAllowed: when no role of whoever acts takes in data.
    """
    require("import_facts")
    if kind not in KINDS or kind == "withdrawal":
        raise InvalidInput(f"there is no request {kind}", remedy="a withdrawal is recorded as a consent's end")
    if not erasing.known(party):
        raise NotFound(f"nothing is held of party {party}", where=party)
    noted = _words(agreed)[:200]
    return own_affairs.ask(current().org, party, kind, _words(said), on_behalf=noted)


def asked() -> list[Request]:
    """What the acting organisation asked, the latest first."""
    return [Request(*row) for row in own_affairs.asked()]


def received() -> list[Request]:
    """What people asked of the acting organisation, open ones first."""
    return [Request(*row) for row in own_affairs.received()]


def answer(from_org: str, request: str, result: str, said: str) -> None:
    """Answers a request.

    Raises:
        InvalidInput: for another result, or without words.
        NotFound: when there is no such request.
        NotAllowed: when no role of whoever acts takes in data or forgets.
    """
    require("import_facts")
    if result not in RESULTS:
        raise InvalidInput(f"there is no answer {result}", remedy="answers: " + ", ".join(RESULTS.positions))
    own_affairs.answer(from_org, request, result, _words(said))


def seal_withdrawals() -> int:
    """Seals the withdrawals people stated of the acting organisation as facts of its books; returns how many.

    A consent they gave anew after that stands, as it does in the moment of use.
    """
    sealed = 0
    for from_org, request, party, purpose, recipient, asked_at in own_affairs.unsealed_withdrawals():
        key = f"withdrawal {from_org} {request}"
        sealed += bool(
            consent.withdraw(party, purpose, recipient=recipient, idempotency_key=key, asked_at=asked_at)
        )  # fmt: skip
    return sealed
