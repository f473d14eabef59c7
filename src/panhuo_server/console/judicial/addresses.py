"""The addresses of a court's and a mediation body's pages."""

from __future__ import annotations

from django.urls import path

from panhuo_server.console.judicial import cases

ADDRESSES = (
    path("console/cases", cases.cases),
    path("console/cases/new", cases.new),
    path("console/cases/mediation/<str:case>", cases.mediation),
    path("console/cases/mediation/<str:case>/step", cases.step),
    path("console/cases/mediation/<str:case>/back", cases.back),
    path("console/cases/proceeding/<str:case>", cases.proceeding),
)
