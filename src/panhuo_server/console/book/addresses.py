"""The addresses of the lender's pages: book, classes, maturities, provisions, warnings, customers, loans."""

from __future__ import annotations

from django.urls import path

from panhuo_server.console.book import classes, customers, loans, maturities, overview, provisioning, watch, why_ledger

ADDRESSES = (
    path("console/book", overview.book),
    path("console/book/classes", classes.classes),
    path("console/book/classes/propose", classes.propose),
    path("console/book/classes/reviews/<str:review_id>", classes.review),
    *[
        path(f"console/book/classes/reviews/<str:review_id>/{kind}", classes.answer, {"kind": kind})
        for kind in ("approve", "reject", "withdraw", "seal")
    ],
    path("console/book/maturities", maturities.maturities),
    path("console/book/provisions", provisioning.provisions),
    path("console/warnings", watch.warnings),
    path("console/customers/<str:party_id>", customers.customer),
    path("console/why/customer/<str:party_id>", customers.why_customer),
    path("console/why/ledger", why_ledger.why_ledger),
    path("console/why/loan/<str:drawdown_id>", why_ledger.why_loan),
    path("console/loans/<str:drawdown_id>", loans.loan),
    path("console/loans/<str:drawdown_id>/class", classes.propose_one),
)
