"""What the server measures of itself, for Prometheus.

Invariant: labels are routes, states and names of the program; never an organisation's data or a person.
"""

from __future__ import annotations

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest, multiprocess

from panhuo_server.api.operating import Operating
from panhuo_server.store.layout import Layout

REQUESTS = Counter("panhuo_requests_total", "requests answered", ["method", "route", "status"])
SECONDS = Histogram(
    "panhuo_request_seconds", "time to answer", ["route"], buckets=(0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
)


def page() -> tuple[bytes, str]:
    """All measures of all processes, and what the server as a whole shows, as text, and its content type."""
    import os

    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)
        own = generate_latest(registry)
    else:
        own = generate_latest()
    whole = CollectorRegistry()
    whole.register(Operating(Layout.current()))
    return own + generate_latest(whole), CONTENT_TYPE_LATEST
