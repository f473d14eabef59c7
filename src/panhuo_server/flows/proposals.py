"""Proposals that still wait for a decision, every one of them, however many were made since.

Invariant: a proposal is missing here only once it was rejected, taken back, ran out or has all its approvals.
"""

from __future__ import annotations

from panhuo_server.store import events
from panhuo_server.store.events import Event

STREAM = "approval"
_ENDED = ("rejected", "withdrawn", "expired")


def open_proposals() -> dict[str, list[Event]]:
    """Open proposal -> its events, the latest first; inside `acting`."""
    return events.unended(STREAM, _ENDED, enough=("approved", "needed"))
