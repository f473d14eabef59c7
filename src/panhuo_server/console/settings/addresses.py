"""The addresses of the settings."""

from __future__ import annotations

from django.urls import path

from panhuo_server.console.settings import adopted, hooks, settings

ADDRESSES = (
    path("console/settings", settings.mine),
    path("console/settings/password", settings.password),
    path("console/settings/sessions", settings.end_sessions),
    path("console/settings/organisation", settings.organisation),
    path("console/settings/organisation/adopt", adopted.adopt),
    path("console/settings/webhooks", hooks.hooks),
    path("console/settings/webhooks/try", hooks.attempt),
    path("console/settings/webhooks/end", hooks.end),
    path("console/settings/server", settings.server),
)
