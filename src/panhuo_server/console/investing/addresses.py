"""The addresses of what is offered to a buyer."""

from __future__ import annotations

from django.urls import path

from panhuo_server.console.investing import offers

ADDRESSES = (
    path("console/offers", offers.offers),
    path("console/offers/package/<str:org>/<str:package_id>", offers.package),
    path("console/offers/claim/<str:org>/<str:claim_id>", offers.claim),
    path("console/offers/claim/<str:org>/<str:claim_id>/notes", offers.note),
)
