"""The addresses of a supervisor's pages."""

from __future__ import annotations

from django.urls import path

from panhuo_server.console.supervising import pages

ADDRESSES = (
    path("console/supervision", pages.supervised),
    path("console/supervision/<str:org>", pages.institution),
)
