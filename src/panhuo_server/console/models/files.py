"""The files a night took beside its facts: models, expert cards, policies, assumptions, adoption; each by its hash.

Invariant: a text shown is the text whose hash the night recorded; a file not used by the night is not shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from panhuo.ground.record.errors import NotFound, PanhuoError
from panhuo.ground.rules.library import FILES, PACKAGE, REFERENCE, text_hash
from panhuo.journey.report.words import Text
from panhuo.tools.learning.expert_card import read_expert_card
from panhuo.tools.learning.model import CardColumn, Model, read_model
from panhuo_server.console.results import Night
from panhuo_server.store.outcomes import input_kept

NAMES = {
    "credit_policy.toml": Text("信贷政策", "Credit policy"), "expert_card.toml": Text("专家评分卡", "Expert card"),
    "expected_loss.toml": Text("预期信用损失参数", "Parameters of expected loss"),
    "assumptions.toml": Text("估值假设", "Assumptions of valuation"),
    "route_assumptions.toml": Text("处置路径假设", "Assumptions of routes"),
    "lpr.toml": Text("贷款市场报价利率", "Loan prime rate"), "adopted.toml": Text("采纳的规则", "Rules adopted"),
}  # fmt: skip
KINDS = {
    "model": Text("模型", "model"), "card": Text("专家评分卡", "expert card"), "policy": Text("政策", "policy"),
    "assumptions": Text("假设", "assumptions"), "reference": Text("参考序列", "reference series"),
    "adoption": Text("采纳", "adoption"), "input": Text("输入", "input"),
}  # fmt: skip


@dataclass(frozen=True)
class Taken:
    """A file a night took: what kind, its name and hash, and which outcomes it served."""

    kind: str
    name: str
    hash: str
    outcomes: tuple[str, ...]

    @property
    def title(self) -> Text:
        """What it is called."""
        return NAMES.get(self.name, Text(self.name, self.name))


def _kind(name: str) -> str:
    if name == "expert_card.toml":
        return "card"
    if (REFERENCE / name).exists():
        return "reference"
    return "assumptions" if "assumption" in name or name == "expected_loss.toml" else "policy"


def taken_by(night: Night) -> list[Taken]:
    """Everything the outcomes this visit may see were made by, rule sets apart. In `acting`."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for name in night:
        lineage = night[name].lineage
        for file, digest in lineage.get("rule_files", {}).items():
            if not (FILES / file).exists():
                found.setdefault((_kind(file), file, digest), []).append(name)
        for model, digest in lineage.get("models", {}).items():
            found.setdefault(("model", model, digest), []).append(name)
        for given, digest in lineage.get("inputs", {}).items():
            found.setdefault(("input", given, digest), []).append(name)
        if "adoption" in lineage:
            found.setdefault(("adoption", "adopted.toml", lineage["adoption"]), []).append(name)
    order = list(KINDS)
    made = [Taken(kind, name, digest, tuple(names)) for (kind, name, digest), names in found.items()]
    return sorted(made, key=lambda t: (order.index(t.kind), t.name, t.hash))


def named(night: Night, name: str, digest: str) -> Taken:
    """A file by its name and the beginning of its hash.

    Raises:
        NotFound: when the night took none of that name.
    """
    for one in taken_by(night):
        if one.name == name and one.hash.startswith(digest) and len(digest) >= 8:
            return one
    raise NotFound(f"the night took no {name}")


def text_of(taken: Taken) -> str | None:
    """The very text the night took; None when nobody kept it. In `acting`."""
    content = input_kept(taken.hash)
    if content is not None:
        return content.decode("utf-8", errors="replace")
    for path in PACKAGE.rglob(taken.name):  # a file shipped as it was used
        text = path.read_text(encoding="utf-8")
        if text_hash(text) == taken.hash:
            return text
    return None


def model_of(taken: Taken, text: str) -> Model | None:
    """The model in a file, of a card or a trained one; None when it is neither."""
    try:
        if taken.kind == "card":
            return read_expert_card(text, taken.name)
        return read_model(text.encode()) if taken.kind == "model" else None
    except PanhuoError:
        return None


@dataclass(frozen=True)
class Points:
    """A column of a card: its words, why it stands there, and what each of its values is worth."""

    name: str
    title: Text
    grounds: str
    bins: list[tuple[Text, str, int]]


def points_of(model: Model, document: dict[str, Any]) -> list[Points]:
    """The card's columns with their bins, in points; widths in tenths for a bar from the middle."""
    grounds = {c.get("name"): str(c.get("grounds", "")) for c in document.get("column", [])}
    found = []
    for column in model.card:
        feature = model.features[column.feature]
        bins = [(said, _points(value), value) for said, value in _bins(model, column)]
        title = Text(feature.zh or feature.name, feature.en or feature.name)
        found.append(Points(feature.name, title, grounds.get(feature.name, ""), bins))
    return found


def _points(thousandths: int) -> str:
    sign = "+" if thousandths > 0 else "−" if thousandths < 0 else ""
    whole, rest = divmod(abs(thousandths), 1000)
    return f"{sign}{whole}" + (f".{rest:03d}".rstrip("0") if rest else "")


def _bins(model: Model, column: CardColumn) -> list[tuple[Text, int]]:
    said = [Text(zh, en) for zh, en in column.words]
    values = [*column.points, column.unknown_points]
    if len(said) != len(values):
        feature = model.features[column.feature]
        if column.groups:
            groups = range(len(column.points))
            said = [Text(*["、".join(level for level, group in zip(feature.levels, column.groups, strict=False)
                                    if group == number) or "…"] * 2) for number in groups]  # fmt: skip
        else:
            edges = [f"{edge:,.6g}" for edge in column.edges]
            said = [Text(f"不超过 {e}", f"up to {e}") for e in edges]
            last = edges[-1] if edges else ""
            said.append(Text(f"超过 {last}", f"over {last}") if last else Text("任何值", "any"))
        said.append(Text("未知", "unknown"))
    return list(zip(said, values, strict=True))
