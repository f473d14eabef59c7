"""The addresses of people, shares and privacy."""

from __future__ import annotations

from django.urls import path

from panhuo_server.console.people import joining, people, shares

ADDRESSES = (
    path("console/invitation", joining.join),
    path("console/people", people.people),
    path("console/people/invitations", people.invite),
    path("console/people/invitations/revoke", people.revoke_invitation),
    path("console/people/roles", people.grant_role),
    path("console/people/roles/end", people.end_role),
    path("console/people/programs", people.add_program),
    path("console/people/tokens", people.issue_token),
    path("console/people/tokens/revoke", people.revoke_token),
    path("console/shares", shares.overview),
    path("console/shares/give", shares.give),
    path("console/shares/end", shares.end),
    path("console/shares/consents", shares.consent_ledger),
    path("console/shares/consents/record", shares.record),
    path("console/shares/consents/withdraw", shares.withdraw),
    path("console/shares/supervision", shares.supervised),
    path("console/shares/supervision/end", shares.end_supervision),
    path("console/shares/reads", shares.reads),
    path("console/shares/report", shares.report),
)
