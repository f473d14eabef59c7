"""The addresses of the applications room."""

from __future__ import annotations

from django.urls import path

from panhuo_server.console.applications import applications, card

ADDRESSES = (
    path("console/applications", applications.applications),
    path("console/applications/<str:party>", applications.application),
    path("console/applications/<str:party>/card", card.card),
)
