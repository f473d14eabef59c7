"""Claims and what stands behind them, told in a line each; amounts in millions of yuan."""

from __future__ import annotations

from typing import Any

from stages.monitoring.small_book import YUAN, Story

MILLION = 1_000_000 * YUAN


class Estate(Story):
    """Claims, what stands behind them, and who else wants it."""

    def claim(self, id: str, due: str = "2024-05-06", **columns: Any) -> str:
        party = str(columns.pop("party_id", "D"))
        barred = columns.pop("barred", False)
        self.add(
            "contracts",
            id=f"K-{id}",
            party_id=party,
            signed_on="2022-05-06",
            principal=4 * MILLION,
            assignment_barred=barred,
        )
        return self.add(
            "claims", id=id, party_id=party, kind="loan", due_on=due,
            **{"contract_id": f"K-{id}", "principal": 4 * MILLION, "interest": MILLION, **columns},
        )  # fmt: skip

    def asset(self, id: str, kind: str = "shop", appraisal: int | None = 8, on: str = "2025-01-06") -> None:
        self.add("assets", id=id, kind=kind, owner_id="D")
        if appraisal is not None:
            self.appraise(id, appraisal, on)

    def appraise(self, asset: str, millions: int, on: str, **columns: Any) -> None:
        self.add(
            "appraisals", asset_id=asset, method="commissioned", appraised_on=on, amount=millions * MILLION,
            effective_on=on, **columns,
        )  # fmt: skip

    def right(
        self, id: str, asset: str, *claims: str, rank: int | None = 1, cap: int | None = 6, **columns: Any
    ) -> None:
        amount = None if cap is None else cap * MILLION
        self.add("security_rights", id=id, kind="maximum_mortgage", maximum_amount=amount, rank=rank, **columns)
        self.add("security_assets", security_right_id=id, asset_id=asset)
        for claim in claims:
            self.add("security_rights_debts", security_right_id=id, contract_id=f"K-{claim}")

    def guarantee(self, claim: str, guarantor: str | None, **columns: Any) -> None:
        given = {"kind": "joint", "period_kind": "agreed", "period_to_on": "2027-05-06", "signed_on": "2022-05-06"}
        self.add("guarantees", contract_id=f"K-{claim}", guarantor_id=guarantor, **{**given, **columns})
