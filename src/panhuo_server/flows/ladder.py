"""Who decides on an amount of which size, until an organisation sets its own.

Invariant: a ladder rises, and its last step has no bound: every amount has somebody who may decide on it.
"""

from __future__ import annotations

from panhuo_server.flows.approvals import Authority

LADDER = (Authority("approver", 10_000_000_00), Authority("committee", None, 2))
"""For a claim's paper, a step of its case and the price of a package: one approver up to ten million, then two of the
committee."""
CLASS_LADDER = (Authority("approver", 10_000_000_00), Authority("committee", None))
"""For the classes of loans: an approver up to ten million yuan of balance in a review, above it the committee."""
