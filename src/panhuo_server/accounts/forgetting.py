"""Forgetting a person 删除个人信息 (个人信息保护法 art. 47): when it may be done, and doing it whole.

Invariant: nobody is forgotten while a binding rule keeps a record about him; once the `erasures` fact is sealed the
rest follows, however often it is cut short: key and tokens destroyed, copies thrown away, other organisations told.
Facts, roots and receipts stay as they are: what they hold of a personal value is a commitment under the key that is
gone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from panhuo.ground.book.catalogue import TABLES
from panhuo.ground.record.columns import CodeList
from panhuo.ground.record.errors import Conflict, InvalidInput, NotFound, RuleRefused
from panhuo.trust.privacy.detection import refuse_personal
from panhuo.trust.privacy.retention import Kept, Record, kept_by
from panhuo_server.accounts.roles import require
from panhuo_server.store import erasing, log
from panhuo_server.store.acting import acting
from panhuo_server.store.layout import Layout
from panhuo_server.store.reading import facts_of, opened, stored_of_party
from panhuo_server.store.statements import today

PURPOSE = "privacy"
GROUNDS = CodeList.of(
    "erasure_grounds",
    (
        "purpose_ended",
        "处理目的已实现、无法实现或者不再必要",
        "the purpose is met, cannot be met or needs the data no more",
    ),
    ("period_ended", "停止提供服务或者保存期限已届满", "the service ended or the period of keeping is over"),
    ("consent_withdrawn", "个人撤回同意", "the person withdrew consent"),
    ("unlawful", "违反法律、行政法规或者违反约定处理", "processed against the law or the agreement"),
    ("other_law", "法律、行政法规规定的其他情形", "another case the law provides for"),
)
"""The five cases of art. 47; the rule is ``PIPL-47-N`` in their order."""
_RULE = re.compile(r"[A-Z][A-Z0-9]*(-[A-Z0-9]+)*\Z")
BACKUPS = (
    "此前备份的密钥文件仍含该主体的密钥：请立即重新备份密钥并销毁旧的密钥文件（数据备份可以保留）；用新密钥文件恢复旧数据时，删除会先重做。",
    "keys' files backed up earlier still hold this party's key: back the keys up now and destroy the older keys' files"
    " (data backups may stay); restoring older data with the new keys' file does the erasure again first.",
)
"""What is left to the operator, in both languages."""


@dataclass(frozen=True)
class Forgotten:
    """What was done.

    Attributes:
        rule: under which; position: of the erasure's leaf in the log.
        told: organisations the erasure was told to.
        against: advising rules that would have kept a record and were put aside for a stated reason.
        older_keys: keys' files in the data folder's own backups, made before, which still hold the party's key.
        remedy: what is left to the operator, in both languages.
    """

    party: str
    ground: str
    rule: str
    erased_on: date
    position: int
    told: tuple[str, ...]
    against: tuple[Kept, ...] = ()
    older_keys: tuple[str, ...] = ()
    remedy: tuple[str, str] = BACKUPS


def _facts(name: str, column: str, values: Iterable[str]) -> list[dict[str, Any]]:
    rows = facts_of(name)
    wanted = pa.array(sorted(set(values)), pa.string())
    found: list[dict[str, Any]] = rows.filter(pc.is_in(rows.column(column), value_set=wanted)).to_pylist()
    return found


def _last(days: Iterable[date | None]) -> date | None:
    return max((day for day in days if day is not None), default=None)


def _auctions(party: str, assets: set[str]) -> Iterable[Record]:
    proceedings = {row["proceeding_id"] for row in _facts("proceeding_parties", "party_id", [party])}
    lots = {row["id"] for row in _facts("auction_lots", "asset_id", assets)}
    lots |= {row["id"] for row in _facts("auction_lots", "proceeding_id", proceedings)}
    rounds = _facts("auction_rounds", "lot_id", lots)
    days = ("ends_on", "ruling_served_on", "vacated_on", "starts_on", "notice_on")
    for row in rounds:
        yield Record("auction", _last(row[day] for day in days) if row["result"] is not None else None)
    if lots - {row["lot_id"] for row in rounds}:
        yield Record("auction", None)


def _relation(party: str) -> list[date | None]:
    # The days the party's credit, guarantees, security and claims ended; None for what still runs.
    drawdowns = _facts("drawdowns", "party_id", [party])
    ended: list[date | None] = [
        row["settled_on"] if row["status"] in ("settled", "assigned", None) else None for row in drawdowns
    ]
    drawn = {row["contract_id"] for row in drawdowns}
    ended += [row["due_on"] for row in _facts("contracts", "party_id", [party]) if row["id"] not in drawn]
    ended += [row["expires_on"] for row in _facts("facilities", "party_id", [party]) if not drawdowns]
    ended += [row["released_on"] for row in _facts("guarantees", "guarantor_id", [party])]
    ended += [row["released_on"] for row in _facts("security_rights", "provider_id", [party])]
    over = ("assigned", "settled", "released", "extinguished")
    ended += [row["effective_on"] if row["status"] in over else None for row in _facts("claims", "party_id", [party])]
    return ended


def records(party: str) -> list[Record]:
    """What is held about a party that some rule keeps, with the day its period begins; inside `acting`.

    Records of processing and of provision (consents, reads, shares, notices) hold no personal value and are kept in
    full after the person is forgotten, so their periods never stand in the way and are not listed.
    """
    assets = {row["id"] for row in _facts("assets", "owner_id", [party])}
    assets |= {row["asset_id"] for row in _facts("asset_owners", "party_id", [party])}
    found = list(_auctions(party, assets))
    inquiries = [row for row in _facts("appraisals", "asset_id", assets) if row["method"] == "online"]
    found += [Record("price_inquiry", row["appraised_on"]) for row in inquiries]
    relation = _relation(party)
    if relation:
        found.append(Record("loan_file", None if None in relation else _last(relation)))
    moves = [row["booked_on"] for row in _facts("transactions", "party_id", [party])]
    stated = [row["effective_on"] for row in _facts("parties", "id", [party])]
    found.append(Record("identity", None if None in relation else _last([*relation, *moves]) or _last(stated)))
    demands = [row for row in _facts("notices", "addressee_id", [party]) if row["purpose"] != "assignment"]
    if demands:
        found.append(Record("collection", _last(row["sent_on"] for row in demands)))
    return list(dict.fromkeys(found))


def _adopted(on: date) -> frozenset[str]:
    rows = _facts("adoptions", "rule_set", ["retention"])
    return frozenset(
        row["rule"]
        for row in rows
        if row["adopted"] and row["from_on"] <= on and (row["to_on"] is None or row["to_on"] >= on)
    )


def kept(party: str, on: date | None = None) -> tuple[Kept, ...]:
    """Every rule that keeps a record about the party on a day (default: today), the longest first; inside `acting`."""
    day = on or today()
    return kept_by(records(party), day, adopted=_adopted(day))


def _values(party: str) -> set[str]:
    # The party's own values, for comparing only; they leave this file in no form.
    found: set[str] = set()
    for table in TABLES.values():
        if table.personal_columns:
            rows = opened(table, stored_of_party(table, party))
            for column in table.personal_columns:
                mine = rows.filter(pc.equal(rows.column(str(column.personal)), party))
                found |= {value for value in mine.column(column.name).to_pylist() if value}
    return found


def _checked(party: str, rule: str, reason: str) -> None:
    if not _RULE.match(rule):
        raise InvalidInput("not the name of a rule", where="rule", remedy="capitals, digits and dashes, as PIPL-47-3")
    if reason:
        refuse_personal(reason, "reason", "reason")
        if any(len(value) > 1 and value in reason for value in _values(party)):
            raise InvalidInput(
                "the reason holds personal data of the party", where="reason", remedy="name the party by its id",
                code="invalid-input/personal-data",
            )  # fmt: skip


def _allowed(party: str, day: date, reason: str) -> tuple[Kept, ...]:
    found = kept(party, day)
    binding = [one for one in found if one.binds]
    if binding:
        first = binding[0]
        until = f"until {first.until}" if first.until else "and the end is not known: the record still runs"
        raise RuleRefused(
            f"{first.rule} ({first.article}) keeps the {first.record} record {until}",
            where=party, remedy="stop every other use of the data and forget then", code=first.rule,
        )  # fmt: skip
    if found and not reason:
        first = found[0]
        raise RuleRefused(
            f"{first.rule} ({first.article}) advises to keep the {first.record} record until {first.until or '?'}",
            where=party, remedy="it is not binding here: state a reason to go against it", code=first.rule,
        )  # fmt: skip
    return found


@dataclass(frozen=True)
class Foreseen:
    """What forgetting a party would do; nothing was done.

    Attributes:
        rule: under which it would be forgotten; done: it was already.
        binding: rules that keep a record and forbid it now; advising: rules that would need a stated reason.
        values: table and column -> personal values whose key would be destroyed; tokens: search tokens that would go.
        copies: cached book, runs' results and files handed in of the organisation that would be thrown away.
        tells: organisations that would be told.
    """

    party: str
    ground: str
    rule: str
    on: date
    done: bool
    binding: tuple[Kept, ...]
    advising: tuple[Kept, ...]
    values: dict[str, int]
    tokens: int
    copies: dict[str, int]
    tells: tuple[str, ...]
    older_keys: tuple[str, ...]


def _under(ground: str, rule: str | None) -> str:
    if ground not in GROUNDS:
        raise InvalidInput(f"{ground} is no ground", remedy="grounds: " + ", ".join(GROUNDS.positions))
    return rule or f"PIPL-47-{GROUNDS.positions[ground] + 1}"


def _older_keys() -> tuple[str, ...]:
    return tuple(sorted(path.name for path in Layout.current().backups.glob("*.keys")))


def _counts(party: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for table in TABLES.values():
        if not table.personal_columns:
            continue
        rows = stored_of_party(table, party)
        for column in table.personal_columns:
            mine = rows.filter(pc.equal(rows.column(str(column.personal)), party)).column(column.name)
            if len(mine) > mine.null_count:
                found[f"{table.name}.{column.name}"] = len(mine) - mine.null_count
    return found


def foresee(
    org: str, person: str, party: str, ground: str, rule: str | None = None, *, on: date | None = None,
    judicial: bool = False,
) -> Foreseen:  # fmt: skip
    """What `forget` would do and which rules stand in its way; destroys and records nothing.

    Raises:
        NotAllowed: when no role of the person allows `forget`.
        NotFound: when the organisation holds nothing of that party.
        InvalidInput: for an unknown ground.
    """
    under = _under(ground, rule)
    with acting(org, person, PURPOSE, judicial=judicial):
        require("forget")
        if not erasing.known(party):
            raise NotFound(f"nothing is held of party {party}", where=party)
        done = erasing.erased(party)
        day = done[0][3] if done else on or today()
        found = () if done else kept(party, day)
        return Foreseen(
            party, ground, done[0][2] if done else under, day, bool(done),
            tuple(one for one in found if one.binds), tuple(one for one in found if not one.binds),
            {} if done else _counts(party), erasing.tokens_of(party), erasing.copies(Layout.current(), org),
            tuple(erasing.shown_to(party)), _older_keys(),
        )  # fmt: skip


def receipt(org: str, person: str, position: int, *, judicial: bool = False) -> bytes:
    """The receipt of an erasure's leaf in the log, against a signed head."""
    with acting(org, person, PURPOSE, judicial=judicial):
        return log.receipt(position)


def forget(
    org: str, person: str, party: str, ground: str, rule: str | None = None, *, reason: str = "",
    on: date | None = None, judicial: bool = False,
) -> Forgotten:  # fmt: skip
    """Forgets a party of an organisation; opens its own doors, each step in a transaction of its own.

    Done again for a party that was forgotten it does what was cut short and answers the same.

    Args:
        ground: a code of `GROUNDS`; rule: under which, by default the case of art. 47 that `ground` is.
        reason: why, where a rule that only advises would keep a record; without personal data.
        on: the day; today in China by default.

    Raises:
        NotAllowed: when no role of the person allows `forget`.
        NotFound: when the organisation holds nothing of that party.
        RuleRefused: while a binding rule keeps a record (`code` is the rule, the words say until when), or one that
            advises does and no reason is stated.
        InvalidInput: for an unknown ground, or personal data in the reason.
        Conflict: when it was forgotten under another rule.
    """
    under = _under(ground, rule)
    against: tuple[Kept, ...] = ()
    with acting(org, person, PURPOSE, judicial=judicial):
        require("forget")
        if not erasing.known(party):
            raise NotFound(f"nothing is held of party {party}", where=party)
        done = erasing.erased(party)
        if done and (done[0][1], done[0][2]) != (ground, under):
            raise Conflict(f"the party was forgotten under {done[0][2]}", where=party)
        day = done[0][3] if done else on or today()
        if not done:
            _checked(party, under, reason)
            against = _allowed(party, day, reason)
        told = erasing.shown_to(party)
        position = erasing.record(party, ground, under, day)
        erasing.tell(party, under, day, told)
        body = {"ground": ground, "rule": under, "reason": reason, "told": told}
        erasing.note(party, "asked", {**body, "against": sorted({one.rule for one in against})})
    _finish(org, person, party, ground, under, day, judicial)
    return Forgotten(party, ground, under, day, position, tuple(told), against, _older_keys())


def _finish(org: str, person: str, party: str, ground: str, rule: str, day: date, judicial: bool) -> None:
    with acting(org, person, PURPOSE, judicial=judicial):
        erasing.destroy(party, ground, rule, day)
    erasing.purge(Layout.current(), org)
    with acting(org, person, PURPOSE, judicial=judicial):
        erasing.note(party, "finished", {"rule": rule})


def finish(org: str, person: str, *, judicial: bool = False) -> list[str]:
    """Does what a crash left undone of the organisation's erasures; returns the parties concerned."""
    with acting(org, person, PURPOSE, judicial=judicial):
        require("forget")
        left = erasing.unfinished()
    for party, ground, rule, day in left:
        _finish(org, person, party, ground, rule, day, judicial)
    return [party for party, *_ in left]


def received() -> list[tuple[str, str, str, date]]:
    """(owner, party, rule, day) of erasures other organisations told the one acted for: copies are to go; inside
    `acting`."""
    return [(owner, party, rule, day) for owner, party, rule, day, _ in erasing.received()]


def erased(party: str) -> tuple[str, date] | None:
    """(rule, day) under which a party of the organisation acted for was forgotten; None when it was not."""
    done = erasing.erased(party)
    return (done[0][2], done[0][3]) if done else None
