"""Addresses of the models room."""

from __future__ import annotations

from django.urls import path

from panhuo_server.console.models import pages

ADDRESSES = (
    path("console/models", pages.models),
    path("console/models/<str:name>/<str:digest>", pages.file),
)
