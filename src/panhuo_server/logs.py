"""Structured logs: one JSON object a line, made of named fields that can hold no personal data.

Invariant: a record's text is one of the program's own sentences; values travel only in the fields listed here, and none
of them is a name, a number of a person, a row or a query's arguments.
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any

FIELDS = (
    "request", "method", "route", "status", "milliseconds", "org", "workflow", "step", "attempt", "part", "rows",
    "sequence", "error", "address",
)  # fmt: skip
"""Fields a record may carry beside its time, level, room and sentence."""


FOREIGN = ("dbos",)
"""Rooms whose sentences may hold values."""


class JsonLines(logging.Formatter):
    """Formats a record as one line of JSON; what is not a listed field is left out, arguments and traces included."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, Any] = {"at": at, "level": record.levelname.lower(), "room": record.name}
        # The sentence is the unformatted text: arguments may hold values of rows.
        line["said"] = record.msg if isinstance(record.msg, str) else type(record.msg).__name__
        if record.name.startswith("_granian"):
            line["said"] = str(line["said"]).split("\n", 1)[0]  # below it stands an error with its words
        if record.name.startswith(FOREIGN):
            # Its sentences are put together before they come here, errors and all: only where from is told.
            line["said"] = "the queue's library says something"
            line["place"] = f"{record.filename}:{record.lineno}"
        for name in FIELDS:
            value = record.__dict__.get(name)
            if isinstance(value, str | int | float | bool):
                line[name] = value
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
            line["place"] = _place(record.exc_info[2])
        return json.dumps(line, ensure_ascii=False)


def _place(trace: Any) -> str:
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}" if trace is not None else ""


def configuration(level: str = "INFO") -> dict[str, Any]:
    """For ``logging.config.dictConfig``: everything to standard error as JSON lines."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": {"()": "panhuo_server.logs.JsonLines"}},
        "handlers": {"lines": {"class": "logging.StreamHandler", "formatter": "lines", "stream": sys.stderr}},
        "root": {"handlers": ["lines"], "level": level},
        "loggers": {
            "django": {"handlers": ["lines"], "level": "WARNING", "propagate": False},
            "dbos": {"handlers": ["lines"], "level": "WARNING", "propagate": False},
            "django.request": {"handlers": ["lines"], "level": "ERROR", "propagate": False},
        },
    }
