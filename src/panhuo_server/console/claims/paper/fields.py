"""The fields of a valuation paper as people write and read them: per cent, months, whole units of the currency.

Invariant: what is read back is what was written, to the last unit a field is kept in; nothing is rounded on the way in.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from panhuo.ground.record.arguments import scaled_text
from panhuo.ground.record.errors import InvalidInput
from panhuo.ground.values.currency import minor_digits
from panhuo.journey.report.words import Text
from panhuo_server.console.claims.paper.events import Change
from panhuo_server.console.claims.paper.values import Field, Judged, field_of
from panhuo_server.console.pieces.grids import whole

STATUS = {
    "none": Text("草稿", "draft"), "open": Text("待审批", "waits for approval"), "approved": Text("已批准", "approved"),
    "rejected": Text("已退回", "rejected"),
    "withdrawn": Text("已撤回", "taken back"), "expired": Text("已过期", "expired"),
}  # fmt: skip
"""Where a paper stands."""


def written(field: Field, value: int | None, currency: str = "CNY") -> str:
    """A field's value as its input shows it: per cent, months, or whole units of the currency."""
    if value is None:
        return ""
    if field.unit == "ppm":
        text = scaled_text(value, 10_000, 4)
        return text.rstrip("0").rstrip(".") if "." in text else text
    if field.unit == "fen":
        return whole(value, currency).en.replace(",", "")
    return str(value)


def read_field(field: Field, text: str, currency: str = "CNY") -> int:
    """A field's value from its input.

    Raises:
        InvalidInput: when it is no number, or finer than the field is kept.
    """
    places = {"ppm": 4, "months": 0}.get(field.unit, minor_digits(currency))
    try:
        scaled = Decimal(text.strip().rstrip("%").replace(",", "")).scaleb(places)
    except InvalidOperation as error:
        raise InvalidInput(f"not a number: {text[:20]}", where=field.text.en) from error
    if not scaled.is_finite() or abs(scaled) > 10**16 or scaled != scaled.to_integral_value():
        raise InvalidInput(f"finer than is kept: {text[:20]}", where=field.text.en)
    return int(scaled)


def wanted_of(given: Mapping[str, str], judged: Judged) -> dict[str, int]:
    """Fields named in a form, read; those left empty stay as they are.

    Raises:
        InvalidInput: for what cannot be read.
    """
    found = {}
    for name in judged.fields:
        text = str(given.get(f"f.{name}", "")).strip()
        field = field_of(name)
        if text and field is not None:
            found[name] = read_field(field, text, judged.currency)
    return found


def said_of(change: Change, currency: str) -> Text:
    """A change in words: each field, what it was and became."""
    zh, en = [], []
    for name, before, after in change.fields:
        field = field_of(name)
        if field is None:
            continue
        asset = name.partition("@")[2]
        was, now = written(field, before, currency) or "—", written(field, after, currency)
        unit = {"ppm": " %", "fen": f" {currency}", "months": ""}[field.unit]
        zh.append(f"{asset}{field.text.zh} {was} → {now}{unit}")
        en.append(f"{asset} {field.text.en} {was} → {now}{unit}".strip())
    return Text("；".join(zh), "; ".join(en))


def yuan_of(text: str, currency: str) -> int:
    """An amount in whole units of a currency as minor units.

    Raises:
        InvalidInput: when it is no number, or finer than the currency is kept.
    """
    return read_field(Field("amount", Text("金额", "Amount"), "fen"), text, currency)
