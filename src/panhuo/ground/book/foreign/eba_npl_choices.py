"""The choices of the EBA NPL templates in the words of this book.

Invariant: a position stands here only where the book has a word for what the template says; the rest is not known.
Source: EBA NPL transaction data templates (2017/18), choices (a), (b), ... numbered from 0.
"""

from __future__ import annotations

BALANCES = {
    "principal": "principal_balance",
    "interest": "accrued_interest_balance_on_book",
    "interest_off_balance": "accrued_interest_balance_off_book",
    "fee": "other_balances",
}
"""Component -> column of the loan template it is stated in."""

BORROWERS = {0: "person", 1: "company"}
SIZES = {0: "micro", 1: "small", 2: "medium", 3: "large"}

# Asset class: residential and commercial real estate, corporate, automobile, consumer, credit card, leasing, other.
PRODUCTS = {0: "home_mortgage", 1: "business_property", 2: "working_capital", 3: "consumer", 4: "consumer",
            5: "credit_card", 6: "other", 7: "other"}  # fmt: skip

# Residential owner-occupied, residential investment, commercial real estate, margin lending, debt financing,
# commercial and residential development, working capital, credit card, consumer, asset finance.
PURPOSES = {0: "home_purchase", 1: "home_purchase", 2: "other", 3: "other", 4: "refinancing", 5: "construction",
            6: "construction", 7: "working_capital", 8: "consumption", 9: "consumption", 10: "equipment"}  # fmt: skip

# Linear, annuity, interest only with a bullet, bespoke.
STYLES = {0: "equal_principal", 1: "equal_instalment", 2: "bullet_monthly_interest", 3: "irregular"}

IMPAIRED = {"0": False, "1": False, "2": True, "4": True, "5": False}
"""Accounting stage -> credit-impaired; fair value through profit and loss (3) says nothing."""

GUARANTEE = "16"
"""Collateral type (q)."""

# Cars to aeroplanes, machine tools to energy equipment, goods, securities, life insurance, deposit, other.
COLLATERAL = {
    **dict.fromkeys((0, 1, 2, 12), "vehicle"),
    **dict.fromkeys((3, 4, 5, 6, 15, 17, 19, 20), "other"),
    **dict.fromkeys((7, 8, 9, 10, 11, 13), "equipment"),
    14: "inventory",
    18: "deposit",
}
SECTORS = {0: "shop", 1: "home"}

# Houses and flats; caravan park; car park; health, hotel; industrial; land (3); leisure; multifamily; mixed; office;
# bar, restaurant, retail, high street, commercial centre; self-storage, warehouse; other.
PROPERTIES = {
    **dict.fromkeys((0, 1, 2, 3, 13), "home"),
    5: "parking",
    **dict.fromkeys((8, 21, 22), "plant"),
    **dict.fromkeys((9, 10, 11), "land"),
    15: "office",
    **dict.fromkeys((16, 17, 18, 19, 20), "shop"),
    **dict.fromkeys((4, 6, 7, 12, 14, 23), "other"),
}
OCCUPIERS = {0: "owner", 1: "owner", 2: "tenant", 3: "vacant", 4: "unknown"}

# Full appraisal, drive-by, automated, indexed, desktop, agent, purchase price, hair cut, mark to market,
# the counterparty's own, other.
METHODS = {0: "commissioned", 1: "commissioned", 2: "online", 3: "internal", 4: "internal", 5: "commissioned",
           6: "internal", 7: "internal", 8: "internal", 9: "internal", 10: "internal"}  # fmt: skip

# Extension, amortisation change, principal write-off, rate reduction, capitalised interest, capitalised costs,
# combination, other.
FORBEARANCE = {0: "extension", 1: "rescheduling", 2: "principal_waiver", 3: "rate_reduction", 4: "rescheduling",
               5: "rescheduling", 6: "rescheduling"}  # fmt: skip
