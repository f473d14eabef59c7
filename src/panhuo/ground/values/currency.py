"""What a currency's minor unit is: how many make one, and how many decimals an amount is written with.

Invariant: an amount is an integer of minor units; nothing here converts one currency into another.
"""

from __future__ import annotations

_DIGITS = dict.fromkeys(
    ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"), 0
) | dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3)


def minor_digits(currency: str) -> int:
    """Decimals of an amount: 2 for CNY, 0 for JPY, 3 for KWD.

    Source: ISO 4217, column "minor unit"; 2 where the list names none.
    """
    return _DIGITS.get(currency, 2)


def minor_units(currency: str) -> int:
    """Minor units in one unit of a currency: 100 fen in a yuan, 1 in a yen, 1,000 fils in a dinar of Kuwait."""
    return int(10 ** minor_digits(currency))
