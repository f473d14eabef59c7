"""Brings the database to what this program declares.

Invariant: it only goes forward, under one lock, as the owner.
"""

from __future__ import annotations

import os

from panhuo_server.store.layout import FOLDER_VARIABLE, Layout
from panhuo_server.store.migration_steps import OWNERS
from panhuo_server.store.postgres import Address, start


def ready(layout: Layout) -> Address:
    """Starts the database of a data folder, sets Django up for it and applies every migration.

    Erasures that a crash cut short, or that a restore undid, are done before it returns.
    """
    os.environ[FOLDER_VARIABLE] = str(layout.folder)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "panhuo_server.settings")
    address = start(layout)
    import django
    from django.db import connections
    from django.db.migrations.executor import MigrationExecutor

    django.setup()
    for alias in OWNERS:
        # Areas are numbered apart (0010 store, 0020 accounts, ...) and need not lean on each other, so the graph may
        # have several ends, which Django's own command refuses; they are applied in the order of their numbers.
        executor = MigrationExecutor(connections[alias])
        executor.loader.check_consistent_history(connections[alias])
        executor.migrate(sorted(executor.loader.graph.leaf_nodes()))
        connections[alias].close()
    from panhuo_server.store.erasing import erase_again

    erase_again(layout, address)
    return address
