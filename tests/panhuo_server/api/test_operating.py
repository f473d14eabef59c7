"""Measures of the whole server: waiting and failed work, nights, backup, heartbeat; no organisation by its code."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any


def measured(layout: Any) -> dict[tuple[str, tuple[str, ...]], float]:
    """(measure, label values) -> value, of the page's text as Prometheus' own reader reads it."""
    from prometheus_client import CollectorRegistry, generate_latest
    from prometheus_client.parser import text_string_to_metric_families

    from panhuo_server.api.operating import Operating

    registry = CollectorRegistry()
    registry.register(Operating(layout))
    text = generate_latest(registry).decode()
    return {
        (sample.name, tuple(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_what_waits_what_failed_and_when_a_night_last_ended(server: Any, queue: None, founded: Any) -> None:
    import psycopg

    from panhuo_server.flows.heartbeat import heartbeat_file
    from panhuo_server.store.acting import acting
    from panhuo_server.store.backup import Backup, note_backup
    from panhuo_server.store.operating import label_of
    from panhuo_server.store.postgres import address_of
    from panhuo_server.store.starting import start_work

    bank, other = founded("lender"), founded("lender")
    with acting(bank.org, bank.person, "nightly_run"):
        asked = [start_work("watched", f"w{n}") for n in range(3)]
        start_work("watched", "later", not_before=datetime.now(UTC) + timedelta(days=1))
        night = start_work("night", "n1")
    address, now = address_of(server), int(time.time() * 1000)
    with psycopg.connect(**address.parameters(address.admin, address.admin_password)) as c:
        c.execute("update flows.workflow_status set created_at = %s where workflow_uuid = %s", [now - 90_000, asked[0]])
        c.execute("update flows.workflow_status set status = 'ERROR' where workflow_uuid = %s", [asked[2]])
        c.execute(
            "update flows.workflow_status set status = 'SUCCESS', updated_at = %s where workflow_uuid = %s",
            [now - 7_200_000, night],
        )
    beat = heartbeat_file(server)
    beat.parent.mkdir(exist_ok=True)
    beat.touch()
    os.utime(beat, (time.time() - 40, time.time() - 40))
    made = (datetime.now(UTC) - timedelta(hours=3)).isoformat(timespec="seconds")
    note_backup(server, Backup(made, "x", {}, {}))
    found = measured(server)
    beat.unlink()
    assert found["panhuo_work", ("watched", "queued")] == 2
    assert found["panhuo_work", ("watched", "waiting")] == 1
    assert found["panhuo_work", ("watched", "failed")] == 1 and found["panhuo_failed_work", ()] >= 1
    assert 90 <= found["panhuo_oldest_work_seconds", ("watched",)] < 90 + 3600
    label = label_of(server, bank.org)
    assert 7_200 <= found["panhuo_last_night_age_seconds", (label,)] < 7_200 + 3600
    assert ("panhuo_last_night_age_seconds", (label_of(server, other.org),)) not in found
    assert 40 <= found["panhuo_worker_heartbeat_age_seconds", ()] < 40 + 3600
    assert 3 * 3600 <= found["panhuo_backup_age_seconds", ()] < 3 * 3600 + 3600
    assert found["panhuo_database_up", ()] == 1 and found["panhuo_database_bytes", ()] > 1_000_000
    # An organisation is told by nothing its code, or a list of codes, would give.
    assert not any(bank.org in value for _, labels in found for value in labels)
    assert label == label_of(server, bank.org) != label_of(server, other.org)


def test_while_the_database_is_away_it_says_so(tmp_path: Path) -> None:
    from panhuo_server.store.layout import Layout

    found = measured(Layout.create(tmp_path / "data"))
    assert found == {("panhuo_database_up", ()): 0}


def test_the_page_holds_requests_and_the_server(server: Any, queue: None) -> None:
    from panhuo_server.api.measures import page

    text = page()[0].decode()
    assert "# TYPE panhuo_requests_total counter" in text and "\npanhuo_database_up 1.0" in text


def test_every_measure_stands_on_the_operators_page(project_root: Path, server: Any, queue: None) -> None:
    page = (project_root / "docs" / "operate.md").read_text(encoding="utf-8")
    source = (project_root / "src" / "panhuo_server" / "api" / "operating.py").read_text(encoding="utf-8")
    import re

    names = set(re.findall(r'"(panhuo_\w+)"', source))
    assert len(names) >= 8 and [name for name in sorted(names) if f"`{name}`" not in page] == []
