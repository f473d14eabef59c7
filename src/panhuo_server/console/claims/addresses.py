"""The addresses of the claims room."""

from __future__ import annotations

from django.urls import path

from panhuo_server.console.claims import boards, claims, debt, debtors, ledger
from panhuo_server.console.claims.paper import pages as paper

ADDRESSES = (
    path("console/claims", claims.claims),
    path("console/claims/seizures", boards.seizures),
    path("console/claims/cases", boards.cases),
    path("console/claims/mediations", boards.mediations),
    path("console/claims/debtors/<str:party_id>", debtors.debtor),
    path("console/claims/<str:claim_id>", claims.claim),
    path("console/claims/<str:claim_id>/debt", debt.debt),
    path("console/claims/<str:claim_id>/paper", paper.paper),
    path("console/claims/<str:claim_id>/paper/try", paper.tried),
    path("console/claims/<str:claim_id>/ledger", ledger.step),
    path("console/why/debt/<str:claim_id>", debt.why_debt),
    path("console/why/paper/<str:claim_id>", paper.why_paper),
)
