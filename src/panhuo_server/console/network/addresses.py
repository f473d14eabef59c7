"""The addresses of the network room."""

from __future__ import annotations

from django.urls import path

from panhuo_server.console.network import pages

ADDRESSES = (
    path("console/network", pages.network),
    path("console/network/picture", pages.picture),
    path("console/network/parties", pages.parties),
    path("console/network/parties/<str:party_id>", pages.party),
    path("console/network/rings/<str:ring_id>", pages.ring),
)
