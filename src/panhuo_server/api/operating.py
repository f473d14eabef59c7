"""What an operator watches beside requests: waiting and failed work, nights, backup, heartbeat, size of the database.

Invariant: an organisation appears under a label nobody outside this server can tell it by; while the database is away
the page still answers, and says so.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import psycopg
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from panhuo.ground.record.errors import PanhuoError
from panhuo_server.flows.heartbeat import heartbeat_file
from panhuo_server.store.layout import Layout
from panhuo_server.store.operating import Figures, backup_age, figures


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, text, value=value)


class Operating(Collector):
    """Asked anew at every look; one short question to the queue and the database."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout

    def collect(self) -> Iterator[Metric]:
        """Every measure, those of the database only while it answers."""
        try:
            beat = time.time() - heartbeat_file(self._layout).stat().st_mtime
            yield _gauge("panhuo_worker_heartbeat_age_seconds", "since the worker's last sign of life", beat)
        except FileNotFoundError:
            pass
        backup = backup_age(self._layout)
        if backup is not None:
            yield _gauge("panhuo_backup_age_seconds", "since the last backup of this server", backup)
        try:
            found = figures(self._layout)
        except (psycopg.Error, PanhuoError):
            yield _gauge("panhuo_database_up", "whether the queue and the database answer", 0)
            return
        yield _gauge("panhuo_database_up", "whether the queue and the database answer", 1)
        yield from _of_the_database(found)


def _of_the_database(found: Figures) -> Iterator[Metric]:
    yield _gauge("panhuo_database_bytes", "size of the whole database", found.database_bytes)
    work = GaugeMetricFamily("panhuo_work", "durable work that is not done", labels=["kind", "state"])
    for (kind, state), count in sorted(found.work.items()):
        work.add_metric([kind, state], count)
    yield work
    oldest = GaugeMetricFamily(
        "panhuo_oldest_work_seconds", "how long the oldest queued or working piece has been there", labels=["kind"]
    )
    for kind, seconds in sorted(found.oldest.items()):
        oldest.add_metric([kind], seconds)
    yield oldest
    failed = sum(count for (_, state), count in found.work.items() if state == "failed")
    yield _gauge("panhuo_failed_work", "pieces of durable work that failed", failed)
    nights = GaugeMetricFamily(
        "panhuo_last_night_age_seconds", "since an organisation's last night ended well", labels=["organisation"]
    )
    for label, seconds in sorted(found.nights.items()):
        nights.add_metric([label], seconds)
    yield nights
