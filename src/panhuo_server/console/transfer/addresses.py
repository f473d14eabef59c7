"""The addresses of the transfer room."""

from __future__ import annotations

from django.urls import path

from panhuo_server.console.transfer import packages

ADDRESSES = (
    path("console/packages", packages.packages),
    path("console/packages/<str:package_id>", packages.package),
    path("console/why/package/<str:package_id>", packages.why_package),
)
