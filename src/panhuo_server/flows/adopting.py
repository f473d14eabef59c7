"""Adopting rules that are otherwise advice: proposed, decided by the committee, in force the next night.

Invariant: what counts changes only in the transaction that approves it; the file it replaces stays among the inputs,
so that every earlier night is replayed with what was adopted then.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta

from panhuo.ground.record.errors import Conflict, InvalidInput
from panhuo_server.flows import approvals, approving, clock
from panhuo_server.flows.approvals import Authority, Proposal
from panhuo_server.flows.proposals import open_proposals
from panhuo_server.store import book_details
from panhuo_server.store.books import drop_cached_book

ACTION = "adopt_rules"
ROLE = "committee"
"""Who decides: an adoption is a decision of the board, and its committee members make it here."""
LASTS = timedelta(days=30)
REMINDED_AFTER = timedelta(days=7)


def propose(content: bytes) -> str:
    """Proposes an adoption file in the place of the one that counts; inside `acting`. Returns the proposal's id.

    Raises:
        InvalidInput: when it is the one that counts already.
        NotAllowed: when no role of whoever acts may propose.
        Conflict: when the same file is proposed already and waits.
    """
    digest = hashlib.sha256(content).hexdigest()
    if book_details.latest().get("adoption") == digest:
        raise InvalidInput("this is what is adopted already", code="adoption/same")
    waiting = [
        name for name, happened in open_proposals().items()
        if (one := approvals.fold(happened)).action == ACTION and one.subject == digest and one.status == "open"
    ]  # fmt: skip
    if waiting:
        raise Conflict("the same file is proposed already and waits", where=waiting[0], code="adoption/waits")
    now = clock.now()
    proposal = f"adopt-{digest[:12]}-{now:%Y%m%d%H%M%S}"
    approving.propose(
        proposal, subject=digest, action=ACTION, amount=0, authorities=[Authority(ROLE, None)],
        expires_at=now + LASTS, remind_at=now + REMINDED_AFTER,
    )  # fmt: skip
    book_details.keep_input(content)
    return proposal


def take_effect(state: Proposal) -> bool:
    """Lets an adoption that has just been approved count; inside the transaction that approved it; whether it did."""
    if state.action != ACTION or state.status != "approved":
        return False
    if book_details.input_of(state.subject) is None:
        raise InvalidInput("the file that was proposed is gone", where=state.subject[:16], remedy="propose it again")
    book_details.add({**book_details.latest(), "adoption": state.subject})
    return True


def make_anew(org: str) -> None:
    """Throws the cached book away, so that the next night's is made with what counts now; after the transaction."""
    drop_cached_book(org)
