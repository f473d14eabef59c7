"""Which connection a model or a migration may use.

Invariant: only the owner's connections migrate; nothing of the application's own connection reaches judicial tables.
"""

from __future__ import annotations

from typing import Any

from panhuo_server.store.migration_steps import OWNERS


class Routes:
    """Django's database router."""

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        """The store's migrations on both owners' connections; Django's own tables only on the commercial one."""
        return db in OWNERS and (app_label == "store" or db == "owner")
