"""The one door, as everything above the store enters it; it stands in the store because the store reads who acts."""

from __future__ import annotations

from panhuo_server.store.acting import CLOCK, Acting, acting, acting_as_clock, current, cursor

__all__ = ["CLOCK", "Acting", "acting", "acting_as_clock", "current", "cursor"]
