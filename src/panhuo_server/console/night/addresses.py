"""The addresses of the night's pages."""

from __future__ import annotations

from django.urls import path

from panhuo_server.console.night import moved, running

ADDRESSES = (
    path("console/night", running.night),
    path("console/night/<str:run>", running.watch),
    path("console/night/<str:run>/moved", moved.what_moved),
    path("console/night/<str:run>/moved/<str:outcome>", moved.one_line),
)
