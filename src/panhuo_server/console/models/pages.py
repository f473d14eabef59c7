"""The models room's pages: what the last night was judged by beside law, and each of these files with its text.

Invariant: where a model was used is read from the outcomes' own lineage, never from a list somebody keeps.
"""

from __future__ import annotations

import tomllib
from typing import Any
from urllib.parse import quote

import pyarrow as pa
from django.http import HttpResponse

from panhuo.ground.record.columns import CodeList, Column, ColumnType, Schema
from panhuo.journey.report.words import Text
from panhuo_server.console.evidence.pages import entry_page
from panhuo_server.console.frame import Visit, page, shown
from panhuo_server.console.models.files import KINDS, Taken, model_of, named, points_of, taken_by, text_of
from panhuo_server.console.pieces.exports import about
from panhuo_server.console.pieces.forms import other_form
from panhuo_server.console.pieces.tables import Facts as Stated
from panhuo_server.console.pieces.tables import Head, Sheet
from panhuo_server.console.pieces.tables import shown as table_shown
from panhuo_server.console.results import last_night, the_night
from panhuo_server.console.teaching import first_night
from panhuo_server.console.why import name_of

PURPOSES = ("origination", "monitoring", "valuation", "recovery", "approval", "audit", "reporting")
HERE = "/console/models"
T = ColumnType
FILES = Schema(
    "models",
    (
        Column("key", T.TEXT, "文件", "file", key=True, required=True),
        Column("title", T.TEXT, "名称", "name"),
        Column("kind", T.CODE, "种类", "kind",
               codes=CodeList.of("taken_kinds", *((code, text.zh, text.en) for code, text in KINDS.items()))),
        Column("used", T.INT, "用于几项结果", "outcomes made by it"), Column("where", T.TEXT, "用在", "used in"),
        Column("file", T.TEXT, "文件名", "file name"), Column("hash", T.TEXT, "散列", "hash"),
    ),
    zh="模型", en="models",
)  # fmt: skip


def file_page(name: str, digest: str) -> str:
    """Where a file opens."""
    return f"{HERE}/{quote(name, safe='')}/{digest[:16]}"


@page()
def models(visit: Visit) -> HttpResponse:
    """What the last night took beside facts and law."""
    with visit.acting(*PURPOSES):
        night = last_night(visit)
        if night is None:
            return first_night(visit, "models")
        taken = taken_by(night)
        joint = "、" if visit.language == "zh" else ", "
        rows = [
            {"key": f"{one.name} {one.hash}", "title": visit.say(one.title), "kind": one.kind, "file": one.name,
             "used": len(one.outcomes), "where": joint.join(visit.say(name_of(n)) for n in one.outcomes),
             "hash": one.hash}
            for one in taken
        ]  # fmt: skip
        table = pa.Table.from_pylist(rows, schema=FILES.arrow())
        heads = (Head("title", goes=lambda r: file_page(r["file"], r["hash"])), Head("kind"), Head("used"),
                 Head("where"), Head("file"), Head("hash"))  # fmt: skip
        stated = Stated("models", FILES, table)
        title = Text("模型与文件", "Models and files")
        sheet = Sheet("models", title, stated, heads, ("kind",), "kind", rows=table, facts=True)
        if (other := other_form(sheet, None, visit, about(visit, night))) is not None:
            return other
        given = {
            "room": "models", "night": night, "table": table_shown(sheet, None, visit, HERE),
            "trained": [one for one in taken if one.kind == "model"], "cards": _cards(taken),
        }  # fmt: skip
    return shown(visit.request, "console/models/models.html", given, visit=visit)


def _cards(taken: list[Taken]) -> list[tuple[Text, str]]:
    return [(one.title, file_page(one.name, one.hash)) for one in taken if one.kind == "card"]


@page()
def file(visit: Visit, name: str, digest: str) -> HttpResponse:
    """One file: its text and hash, where it was used; of a card its points, of a model what it says of its training."""
    with visit.acting(*PURPOSES):
        night = the_night(visit)
        taken = named(night, name, digest)
        text = text_of(taken)
        model = model_of(taken, text) if text is not None else None
        document: dict[str, Any] = tomllib.loads(text) if text is not None and taken.kind == "card" else {}
        points = points_of(model, document) if model is not None and model.card else []
        most = max([abs(value) for one in points for _, _, value in one.bins] + [1])
        bars = [
            (one, [(said, shown_, "plus" if value >= 0 else "minus", 500 - max(0, -value) * 500 // most,
                    abs(value) * 500 // most) for said, shown_, value in one.bins])
            for one in points
        ]  # fmt: skip
        used = [
            (name_of(one), one, entry_page(night.listed[one].position), night[one].lineage.get("function", ""),
             len(night[one]))
            for one in taken.outcomes
        ]  # fmt: skip
        given = {
            "room": "models", "night": night, "taken": taken, "kind": KINDS[taken.kind], "text": text, "model": model,
            "crumbs": [(Text("模型", "Models"), HERE), (taken.title, "")], "used": used, "bars": bars,
            "grounds": str(document.get("grounds", "")), "told": _told(model.about) if model is not None else [],
            "features": [(f.name, Text(f.zh or f.name, f.en or f.name), f.kind) for f in model.features]
            if model is not None and not model.card else [],
        }  # fmt: skip
    return shown(visit.request, "console/models/file.html", given, visit=visit)


def _told(about_model: dict[str, Any], before: str = "") -> list[tuple[str, str]]:
    """What a model says of its training, name by name."""
    found: list[tuple[str, str]] = []
    for name, value in sorted(about_model.items()):
        if isinstance(value, dict):
            found += _told(value, f"{before}{name}.")
        else:
            found.append((f"{before}{name}", ", ".join(map(str, value)) if isinstance(value, list) else str(value)))
    return found
