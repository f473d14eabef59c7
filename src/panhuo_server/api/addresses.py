"""The addresses under ``/api``: the frame with every resource, and one answer for all that is none of them."""

from __future__ import annotations

from typing import Any

from django.urls import path, re_path

from panhuo_server.api.errors import as_answer, nothing_here
from panhuo_server.api.frame import API
from panhuo_server.api.resources import cases, consents, entry, facts, outcomes, receipts, runs, shares, tools, who

RESOURCES = (entry, who, tools, facts, outcomes, receipts, runs, shares, consents, cases)
"""Modules that added their endpoints to the frame when they were imported."""


def _nothing(request: Any) -> Any:
    return as_answer(nothing_here())


urlpatterns = [path("api/", API.urls), re_path(r"^api/.*", _nothing)]
