"""The parts of a claim's page beyond its value: security, rights, chain, cases, ledger, and where to go from there.

Invariant: a part without facts is left out of the way in one sentence, never filled with noughts.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.http import Http404

from panhuo_server.console.claims.chain import breaks_of, chain_grid, chain_verdict, notices_grid
from panhuo_server.console.claims.holding import holding_of
from panhuo_server.console.claims.ledger import ledger_shown
from panhuo_server.console.claims.proceedings import measures_grid, orders_grid, proceedings_grid
from panhuo_server.console.claims.questions import questions_of
from panhuo_server.console.claims.rights import events_grid, rights_of_claim_grid
from panhuo_server.console.claims.security import burdens_grid, rights_grid, security_grid, seizures_grid
from panhuo_server.console.frame import Visit
from panhuo_server.console.pieces.figures import Badge
from panhuo_server.console.results import Night


def sections_of(visit: Visit, night: Night, claim_id: str) -> dict[str, Any]:
    """What the claim page's further parts show."""
    holding = holding_of(night, claim_id)
    if holding is None:
        raise Http404
    verdict, step = chain_verdict(holding)
    here = f"/console/claims/{quote(claim_id, safe='')}"
    return {
        "holding": holding, "security": security_grid(holding), "rights_registered": rights_grid(holding),
        "burdens": burdens_grid(holding), "seizures": seizures_grid(holding), "rights": rights_of_claim_grid(holding),
        "events": events_grid(holding), "chain": chain_grid(holding), "notices": notices_grid(holding),
        "chain_badge": Badge(verdict, step), "chain_breaks": breaks_of(holding),
        "proceedings": proceedings_grid(holding), "orders": orders_grid(holding), "measures": measures_grid(holding),
        "ledger": ledger_shown(visit, holding), "part": {"questions": questions_of(holding)},
        "debt_page": f"{here}/debt", "paper_page": f"{here}/paper",
        "debtor_page": f"/console/claims/debtors/{quote(holding.claim['party_id'] or '', safe='')}"
        if holding.claim["party_id"] else "",
    }  # fmt: skip
