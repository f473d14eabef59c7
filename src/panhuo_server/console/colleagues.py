"""What colleagues are called, for pages that name who did something.

Invariant: names of the acting organisation's own people alone; no address.
"""

from __future__ import annotations

from panhuo_server.accounts import persons


def names_of() -> dict[str, str]:
    """Person -> name, of everybody who is or was a member of the acting organisation. In `acting`."""
    return {one.person: one.name for one in persons.memberships(ended=True)}
