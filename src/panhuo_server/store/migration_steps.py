"""Runs a frozen text of statements in the schema a connection stands for.

Invariant: a migration's text never changes once released, and there is no way back: what was sealed stays readable.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.db import migrations
from django.db.migrations.exceptions import IrreversibleError

from panhuo_server.store.declared import placed

TEXTS = Path(__file__).parent / "migrations" / "sql"
OWNERS = {"owner": "panhuo", "owner_judicial": "judicial"}
"""Database alias -> the schema it migrates."""


class Statements(migrations.RunPython):
    """The statements of ``migrations/sql/NAME.sql``, in the named schemas only."""

    def __init__(self, name: str, schemas: tuple[str, ...] = ("panhuo", "judicial")) -> None:
        self.name, self.schemas = name, schemas
        super().__init__(self._forward, self._backward)

    def deconstruct(self) -> Any:
        """For Django's own writer."""
        return (type(self).__name__, [self.name, self.schemas], {})

    def _forward(self, apps: Any, editor: Any) -> None:
        schema = OWNERS.get(editor.connection.alias)
        if schema in self.schemas:
            text = (TEXTS / f"{self.name}.sql").read_text(encoding="utf-8")
            with editor.connection.cursor() as cursor:
                cursor.execute(placed(text, str(schema)), None)

    def _backward(self, apps: Any, editor: Any) -> None:
        raise IrreversibleError("migrations go forward only; restore a backup to go back")
