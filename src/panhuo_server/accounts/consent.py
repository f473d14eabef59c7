"""The consent ledger 同意台账: given, withdrawn at any time, asked in the moment of use, every use written down.

Invariant: a withdrawal bars the use from the next request on, here, in shares that rest on the consent and in the next
night; what was done before stands (个人信息保护法 art. 15). No use of a consent is handed on before it is noted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from panhuo.ground.book.catalogue import TABLES, table_named
from panhuo.ground.book.purposes import PURPOSES, purpose_named
from panhuo.ground.record.errors import InvalidInput, NotAllowed, NotFound, RuleRefused
from panhuo.trust.privacy.detection import refuse_personal
from panhuo_server.accounts import shares
from panhuo_server.accounts.roles import allows
from panhuo_server.store import consents
from panhuo_server.store.acting import current
from panhuo_server.store.reading import facts_of
from panhuo_server.store.statements import state, today

SEPARATE = frozenset({"sharing", "cross_institution", "sensitive"})
"""Purposes whose consent must be given separately (arts. 23, 29)."""
NAMED = frozenset({"sharing", "cross_institution"})
"""Purposes whose consent names who receives the data (art. 23)."""


@dataclass(frozen=True)
class Consent:
    """A consent as its latest fact states it; `standing` is ``given``, ``withdrawn``, ``expired`` or ``refused``."""

    consent: str
    party: str
    purpose: str
    granted: bool | None
    granted_on: date | None
    expires_on: date | None
    withdrawn_on: date | None
    recipient: str | None
    separate: bool | None
    evidence: str | None
    effective_on: date
    standing: str


@dataclass(frozen=True)
class Use:
    """Who used which consent for what, when."""

    consent: str
    purpose: str
    recipient: str | None
    used_for: str
    person: str
    acting_purpose: str
    used_at: datetime


def _may_state() -> None:
    if not any(allows(current().roles, act) for act in ("import_facts", "forget")):
        raise NotAllowed(
            "no role of this person records consents", where=current().org,
            remedy="ask the privacy officer or whoever takes in data", code="not-allowed/act",
        )  # fmt: skip


def _statement(row: dict[str, Any]) -> Consent:
    return Consent(row.pop("id"), row.pop("party_id"), **row)


def of_party(party: str) -> list[Consent]:
    """Every consent of a party of the organisation acted for, as it stands today."""
    return [_statement(row) for row in consents.statements(today(), party=party)]


def grant(
    party: str, purpose: str, *, idempotency_key: str, recipient: str | None = None, separate: bool = False,
    expires_on: date | None = None, evidence: str | None = None,
) -> str:  # fmt: skip
    """Seals that a party consents to a purpose from today on; returns the consent's id; inside `acting`.

    Args:
        recipient: who receives the data; needed where the purpose provides it to another.
        separate: it was given on its own and not within other terms; needed for some purposes.
        evidence: where the proof is kept; a document's name or number, without personal data.

    Raises:
        NotAllowed: when no role of whoever acts records consents.
        RuleRefused: when the law asks for more than was given (code: the article).
        InvalidInput: for a purpose no consent is asked for, or personal data in `evidence`.
    """
    _may_state()
    known = purpose_named(purpose)
    codes = table_named("consents").schema["purpose"].codes
    if codes is None or purpose not in codes:
        raise InvalidInput(f"{purpose} does not rest on consent", remedy=f"its basis is {known.basis}: {known.article}")
    if purpose in SEPARATE and not separate:
        raise RuleRefused(f"{purpose} needs a separate consent", where=party, code=known.article)
    if purpose in NAMED and not recipient:
        raise RuleRefused(f"{purpose} needs the recipient's name", where=party, code=known.article)
    if expires_on is not None and expires_on < today():
        raise InvalidInput("the consent would have expired already", remedy="give a later day")
    refuse_personal([evidence or "", recipient or ""], "evidence", "evidence")
    consent = ":".join(["consent", party, purpose, *([recipient] if recipient else [])])
    before = [row["effective_on"] for row in consents.statements(today(), party, purpose)]
    state(
        "consents",
        {"id": consent, "party_id": party, "purpose": purpose, "granted": True, "granted_on": today(),
         "expires_on": expires_on, "recipient": recipient, "separate": separate, "evidence": evidence},
        idempotency_key=idempotency_key, not_before=max(before, default=None),
    )  # fmt: skip
    return consent


def withdraw(
    party: str, purpose: str, *, idempotency_key: str, recipient: str | None = None, asked_at: datetime | None = None
) -> list[str]:  # fmt: skip
    """Seals that a party withdraws its consent, to one recipient or to all; returns the consents; inside `acting`.

    Args:
        asked_at: when the party said so, where that was earlier: what it consented to since stands.

    Raises:
        NotAllowed: when no role of whoever acts records consents.
        NotFound: when the party never stated a consent to that purpose.
    """
    _may_state()
    found = [
        row for row in consents.statements(today(), party, purpose_named(purpose).code)
        if recipient is None or row["recipient"] in (None, recipient)
    ]  # fmt: skip
    if not found:
        raise NotFound(f"no consent to {purpose} is on record", where=party)
    since = consents.granted_since(party, purpose, asked_at) if asked_at is not None else set()
    latest = max(row["effective_on"] for row in found)
    ended = [row for row in found if row["id"] not in since]
    for row in ended:
        own = {name: row[name] for name in ("granted_on", "expires_on", "separate", "evidence")}
        # Not granted any more as well as withdrawn today: books that are observed to an earlier day see it too.
        state(
            "consents",
            {"id": row["id"], "party_id": party, "purpose": purpose, "granted": False, "withdrawn_on": today(),
             "recipient": row["recipient"] if recipient is None or row["recipient"] else recipient, **own},
            idempotency_key=f"{idempotency_key} {row['id']}", not_before=latest,
        )  # fmt: skip
    for row in found if ended else []:
        if row["id"] in since:  # the latest statement counts: said once more, it is later than the withdrawal
            names = ("id", "party_id", "purpose", "granted", "granted_on", "expires_on", "recipient", "separate",
                     "evidence")  # fmt: skip
            state("consents", {name: row[name] for name in names},
                  idempotency_key=f"{idempotency_key} since {row['id']}", not_before=latest)  # fmt: skip
    return [row["id"] for row in ended]


def _otherwise(table: str, purpose: str) -> bool:
    # Whether the books record another basis for this table (see panhuo.ground.book.purposes.consented).
    instead = PURPOSES[purpose].instead
    said = [
        row for row in facts_of("confirmations").to_pylist()
        if row["subject_table"] == table and row["subject_id"] == purpose and row["lawful_basis"] in instead
    ]  # fmt: skip
    confirmed = max((r["confirmed_on"] for r in said if r["result"] == "confirmed"), default=None)
    disputed = max((r["confirmed_on"] for r in said if r["result"] == "disputed"), default=None)
    return confirmed is not None and (disputed is None or disputed < confirmed)


def rows(table: str, purpose: str, *, used_for: str, recipient: str | None = None) -> pa.Table:
    """The visible facts of a table that may be used for a purpose now; personal columns closed; inside `acting`.

    A purpose whose basis is not consent gives every row. One that rests on consent gives the rows of parties whose
    consent stands at this moment, and notes each use before they are returned.

    Args:
        used_for: what they are used for, in a word or code; it stands in the log of uses.

    Raises:
        NotFound: when there is no such purpose or table.
        InvalidInput: when the table names no party.
    """
    known = purpose_named(purpose)
    refuse_personal(used_for, "used_for", "used_for")
    facts = facts_of(table)
    if known.basis != "consent" or _otherwise(table, purpose):
        return facts
    about = "id" if table == "parties" else "party_id"
    if about not in facts.column_names:
        raise InvalidInput(f"{table} names no party whose consent could be asked", where=table)
    day = today()
    given: dict[str, str] = {}
    for row in consents.statements(day, purpose=purpose):  # after the facts: a withdrawal in between is seen
        if consents.standing(row["party_id"], purpose, recipient, day) == "given":
            given[row["party_id"]] = row["id"]
    allowed = facts.filter(pc.is_in(facts.column(about), value_set=pa.array(sorted(given), pa.string())))
    used = sorted(set(allowed.column(about).to_pylist()))
    if used:
        consents.note_use(current(), [(party, given[party]) for party in used], purpose, recipient, used_for)
    return allowed


def share(
    table: str, row: str, to_org: str, level: int, purpose: str, until: datetime, *, party: str,
    consent_purpose: str = "sharing",
) -> str:  # fmt: skip
    """Shares one entity on the strength of its party's consent; it shows nothing from the moment that is withdrawn.

    Args:
        party: whose consent it rests on; the entity must name it. See `shares.grant` for the rest.
        consent_purpose: what the party consented to, with `to_org` as recipient.

    Raises:
        NotAllowed: when no such consent stands (the database itself refuses), or whoever acts may not share.
        InvalidInput: when the entity does not name the party.
    """
    if table not in TABLES or not consents.is_about(table, row, party):
        raise InvalidInput("that entity does not name the party whose consent is used", where=table)
    made = shares.grant(table, to_org, level, purpose, until, row=row, consent=(party, consent_purpose))
    held = [
        one["id"] for one in consents.statements(today(), party, consent_purpose)
        if one["recipient"] in (None, to_org)
    ]  # fmt: skip
    consents.note_use(current(), [(party, held[0])], consent_purpose, to_org, f"share {made}")
    return made


def uses_of(party: str) -> list[Use]:
    """Every use of a party's consents in the organisation acted for."""
    return [Use(*row) for row in consents.uses(party)]


def purposes() -> Sequence[str]:
    """Purposes that rest on consent."""
    return [code for code, one in PURPOSES.items() if one.basis == "consent"]
