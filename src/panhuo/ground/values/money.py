"""Money as whole fen: reading, printing, rounding, interest and sharing out.

Invariant: every amount is an int64 number of fen (or of the minor unit of its currency); `Decimal` lives only inside
the functions that read or print text; nothing here makes or loses a fen; nothing overflows int64 while amounts stay
within 10**13 fen. The scalars work the same in plain Python and inside compiled kernels.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation, localcontext
from typing import Any

from panhuo.ground.values.jitable import jitable

FEN_A_YUAN = 100
FEN_A_WAN = 1_000_000
MILLION = 1_000_000
LARGEST = 2**63 - 1


def fen_from_text(text: str, *, rounding: str = "exact") -> int:
    """Fen of a plain decimal amount in yuan: ``"1234.5"`` gives 123450.

    Args:
        text: digits with an optional sign and decimal point; blanks around it are allowed. Thousands separators and
            unit words are the reader's business and refused here.
        rounding: ``exact`` refuses anything finer than a fen; ``half_up`` rounds it, ties away from zero.

    Raises:
        ValueError: the text is no decimal number, is finer than a fen, or does not fit 64 bits.
    """
    return _scaled_from_text(text, FEN_A_YUAN, rounding)


def fen_from_wan_text(text: str, *, rounding: str = "exact") -> int:
    """Fen of a plain decimal amount in 万元: ``"1.5"`` gives 1500000. Arguments and errors as in `fen_from_text`."""
    return _scaled_from_text(text, FEN_A_WAN, rounding)


def _scaled_from_text(text: str, scale: int, rounding: str) -> int:
    if rounding not in ("exact", "half_up"):
        raise ValueError(f"rounding is exact or half_up, not {rounding!r}")
    stripped = text.strip()
    try:
        amount = Decimal(stripped) if "_" not in stripped else Decimal("NaN")
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite():
        raise ValueError(f"not an amount of money: {text!r}")
    if amount.adjusted() > 30:
        raise ValueError(f"amount too large for 64 bits: {text!r}")
    with localcontext() as context:
        context.prec = max(50, len(stripped) + 40)
        scaled = amount * scale
        whole = scaled.to_integral_value(rounding=ROUND_HALF_UP)
        if rounding == "exact" and whole != scaled:
            raise ValueError(f"finer than a fen: {text!r}")
    fen = int(whole)
    if not -LARGEST <= fen <= LARGEST:
        raise ValueError(f"amount too large for 64 bits: {text!r}")
    return fen


def yuan_text(fen: int, *, separators: bool = False) -> str:
    """Yuan with two decimals, exact: 123450 gives ``"1234.50"``, with separators ``"1,234.50"``."""
    sign = "-" if fen < 0 else ""
    yuan, rest = divmod(abs(int(fen)), FEN_A_YUAN)
    return f"{sign}{yuan:,}.{rest:02d}" if separators else f"{sign}{yuan}.{rest:02d}"


def wan_text(fen: int, places: int | None = None, *, separators: bool = False) -> str:
    """万元 without its unit: 123456789 gives ``"123.456789"``; with ``places=2`` half up ``"123.46"``.

    Args:
        fen: the amount.
        places: decimals from 0 to 6; None prints all that are needed, at least two, so that nothing is lost.
        separators: thousands separators in the whole part.
    """
    if places is not None and not 0 <= places <= 6:
        raise ValueError("places is 0 to 6, or None for exact")
    unit = 10 ** (6 - (6 if places is None else places))
    scaled = divide_half_up(abs(int(fen)), unit)
    digits = 6 if places is None else places
    whole, rest = divmod(scaled, 10**digits)
    sign = "-" if fen < 0 and scaled else ""
    head = f"{whole:,}" if separators else str(whole)
    if digits == 0:
        return sign + head
    tail = f"{rest:0{digits}d}"
    if places is None:
        tail = tail.rstrip("0").ljust(2, "0")
    return f"{sign}{head}.{tail}"


@jitable
def divide_half_up(numerator: int, denominator: int) -> int:
    """`numerator / denominator` to the nearest integer, ties away from zero (so a reversal is exactly the negative).

    `denominator` is positive; never overflows for int64 arguments above the smallest one.
    """
    magnitude = -numerator if numerator < 0 else numerator
    quotient = magnitude // denominator
    rest = magnitude - quotient * denominator
    if rest >= denominator - rest:
        quotient += 1
    return -quotient if numerator < 0 else quotient


@jitable
def multiply_divide(amount: int, weight: int, denominator: int) -> tuple[int, int]:
    """`amount * weight` over `denominator` as (whole, remainder), exact: whole is rounded down, 0 <= remainder.

    Both factors are split by the denominator, so int64 suffices while the result fits and `denominator` is below
    3_037_000_499 (its square must fit): 360 or 365 days times a million ppm is about a tenth of that.
    """
    amount_whole = amount // denominator
    amount_rest = amount - amount_whole * denominator
    weight_whole = weight // denominator
    weight_rest = weight - weight_whole * denominator
    product = amount_rest * weight_rest
    carried = product // denominator
    return amount_whole * weight + amount_rest * weight_whole + carried, product - carried * denominator


@jitable
def accrue(whole: int, remainder: int, amount: int, weight: int, denominator: int) -> tuple[int, int]:
    """Adds `amount * weight / denominator` to an accrual kept as (whole fen, remainder over the denominator).

    The pair is the unrounded integer numerator of the accrual: nothing is rounded until `posted`.
    """
    more_whole, more_remainder = multiply_divide(amount, weight, denominator)
    remainder += more_remainder
    whole += more_whole
    if remainder >= denominator:
        remainder -= denominator
        whole += 1
    return whole, remainder


@jitable
def posted(whole: int, remainder: int, denominator: int) -> int:
    """Fen of an accrual (whole, remainder over the denominator), half up with ties away from zero."""
    gap = denominator - remainder
    if remainder > gap or (remainder == gap and whole >= 0):
        return whole + 1
    return whole


@jitable
def interest(principal: int, rate_ppm: int, days: int, year_days: int) -> int:
    """Fen of simple interest, rounded half up once: principal x rate x days / year_days.

    Args:
        principal: fen. rate_ppm: yearly rate, 50_000 is 5 %. days: elapsed. year_days: 360, 365 or 366.
    """
    denominator = year_days * 1_000_000
    whole, remainder = multiply_divide(principal, rate_ppm * days, denominator)
    return posted(whole, remainder, denominator)


@jitable
def proportion(amount: int, rate_ppm: int) -> int:
    """Fen of a share given in ppm (50_000 is 5 %), half up."""
    whole, remainder = multiply_divide(amount, rate_ppm, 1_000_000)
    return posted(whole, remainder, 1_000_000)


@jitable
def multiply_divide_wide(amount: int, weight: int, total: int) -> tuple[int, int]:
    """(whole, remainder) of `amount * weight / total` for 0 <= weight <= total < 2**62 and any amount >= 0.

    Long division bit by bit: slower than `multiply_divide`, without its limit on the denominator.
    """
    whole = 0
    remainder = 0
    bit = 62
    while bit >= 0:
        whole = whole + whole
        remainder = remainder + remainder
        if remainder >= total:
            remainder -= total
            whole += 1
        if (amount >> bit) & 1:
            remainder += weight
            if remainder >= total:
                remainder -= total
                whole += 1
        bit -= 1
    return whole, remainder


@jitable
def ratio(part: int, whole: int) -> int:
    """`part / whole` in ppm, exact and then half up, for parts not below zero; 0 where there is no whole."""
    if whole <= 0:
        return 0
    times = part // whole
    more, rest = multiply_divide_wide(1_000_000, part - times * whole, whole)
    return times * 1_000_000 + posted(more, rest, whole)


@jitable
def share_out(amount: int, weights: Any, shares: Any, remainders: Any, count: int) -> None:
    """Splits `amount` fen by the first `count` of `weights` into `shares` by the largest remainder; sums exactly.

    Weights are not negative. Each share is within one fen of its exact part; left-over fen go to the largest
    remainders, ties to the earlier position. Without any positive weight the first position takes all.
    `remainders` is scratch of the same length. Compiled twin of `share_by_weight`.
    """
    total = 0
    for position in range(count):
        total += weights[position]
        shares[position] = 0
        remainders[position] = 0
    if total == 0:
        if count > 0:
            shares[0] = amount
        return
    magnitude = -amount if amount < 0 else amount
    left = magnitude
    for position in range(count):
        whole, remainder = multiply_divide_wide(magnitude, weights[position], total)
        shares[position] = whole
        remainders[position] = remainder
        left -= whole
    while left > 0:
        best = 0
        for position in range(1, count):
            if remainders[position] > remainders[best]:
                best = position
        shares[best] += 1
        remainders[best] = -1
        left -= 1
    if amount < 0:
        for position in range(count):
            shares[position] = -shares[position]


def share_by_weight(amount: int, weights: Sequence[int]) -> list[int]:
    """Splits `amount` fen by `weights` so that the parts add up to it exactly (largest remainder).

    Args:
        amount: fen, of either sign. weights: not negative, at least one positive unless the amount is 0.

    Raises:
        ValueError: a weight is negative, or there is money and no weight to put it on.
    """
    if any(weight < 0 for weight in weights):
        raise ValueError("weights must not be negative")
    total = sum(weights)
    if total == 0:
        if amount:
            raise ValueError("no positive weight to share the amount by")
        return [0] * len(weights)
    magnitude = abs(amount)
    parts = [divmod(magnitude * weight, total) for weight in weights]
    shares = [whole for whole, _ in parts]
    left = magnitude - sum(shares)
    by_remainder = sorted(range(len(parts)), key=lambda position: (-parts[position][1], position))
    for position in by_remainder[:left]:
        shares[position] += 1
    return [-share for share in shares] if amount < 0 else shares
