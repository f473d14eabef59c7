"""Addresses of the evidence room."""

from __future__ import annotations

from django.urls import path

from panhuo_server.console.evidence import pages

ADDRESSES = (
    path("console/evidence", pages.evidence),
    path("console/evidence/from/<int:start>", pages.evidence),
    path("console/evidence/entries/<int:position>", pages.entry),
    path("console/evidence/entries/<int:position>/receipt", pages.receipt),
    path("console/evidence/entries/<int:position>/replay", pages.start_replay),
    path("console/evidence/replays/<str:stream>", pages.replay),
    path("console/evidence/nights/<str:run>/receipts.zip", pages.night_receipts),
    path("console/evidence/heads", pages.heads),
    path("console/evidence/batches", pages.batches),
    path("console/evidence/corrections", pages.corrections),
    path("console/evidence/verify", pages.verify),
)
