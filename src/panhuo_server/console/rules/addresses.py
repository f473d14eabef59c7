"""Addresses of the rules room."""

from __future__ import annotations

from django.urls import path

from panhuo_server.console.rules import pages

ADDRESSES = (
    path("console/rules", pages.rules),
    path("console/rules/on/<str:day>", pages.rules),
    path("console/rules/<str:rule_set>/rows/<str:outcome>/<str:what>/<path:rule_id>", pages.rows),
    path("console/rules/<str:rule_set>/<path:rule_id>", pages.rule),
)
