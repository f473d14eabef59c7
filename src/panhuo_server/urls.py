"""Every address the server answers, room by room."""

from __future__ import annotations

from django.urls import path

from panhuo_server.api import addresses, health
from panhuo_server.console import addresses as console

urlpatterns = [
    path("health", health.health),
    path("ready", health.ready),
    path("metrics", health.metrics),
    *addresses.urlpatterns,
    *console.urlpatterns,
]
