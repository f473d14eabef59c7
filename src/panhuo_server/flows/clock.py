"""The one clock of durable work.

Invariant: nothing below the flows reads a clock to decide; a test that wants time to pass puts another `now` here.
"""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)


def text(at: datetime) -> str:
    """A moment as events write it: UTC, ISO 8601, so that texts compare as moments do."""
    return at.astimezone(UTC).isoformat()
