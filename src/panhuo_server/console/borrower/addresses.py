"""The addresses of a borrower's own affairs, and of the requests an institution answers."""

from __future__ import annotations

from django.urls import path

from panhuo_server.console.borrower import affairs, inbox

ADDRESSES = (
    path("console/mine/loans", affairs.loans),
    path("console/mine/decisions", affairs.decisions),
    path("console/mine/data", affairs.data),
    path("console/mine/readers", affairs.readers),
    path("console/mine/consents", affairs.consents),
    path("console/mine/consents/withdraw", affairs.withdraw),
    path("console/mine/requests", affairs.requests),
    path("console/mine/ask", affairs.ask),
    path("console/requests", inbox.inbox),
    path("console/requests/answer", inbox.answer),
    path("console/requests/on-behalf", inbox.on_behalf),
)
