"""The evidence room's pages: the log entry by entry, heads, batches, receipts checked in the browser, replays.

Invariant: a receipt is checked where it is read, with keys the page was given, and nothing of it is sent anywhere;
an entry of an outcome that a role may not read opens to nobody of that role.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.http import Http404, HttpResponse
from django.shortcuts import redirect

from panhuo.ground.record.columns import CodeList, Column, ColumnType, Schema
from panhuo.ground.record.errors import InvalidInput
from panhuo.journey.report.words import Text
from panhuo.trust.evidence.keys import fingerprint
from panhuo_server.console.evidence.ledger import WINDOW, Entry, checked_heads, entries_from, packed, published
from panhuo_server.console.frame import Visit, page, shown
from panhuo_server.console.night.moved import night_of
from panhuo_server.console.pieces.forms import other_form
from panhuo_server.console.pieces.grids import named
from panhuo_server.console.pieces.tables import Facts as Stated
from panhuo_server.console.pieces.tables import Head, Sheet
from panhuo_server.console.pieces.tables import shown as table_shown
from panhuo_server.console.results import last_night, nights
from panhuo_server.console.why import name_of
from panhuo_server.flows import heartbeat, replaying
from panhuo_server.store import events, log, outcomes
from panhuo_server.store.corrections import batches as sealed_batches
from panhuo_server.store.corrections import corrections as correcting
from panhuo_server.store.layout import Layout

PURPOSES = ("audit", "reporting", "approval", "monitoring", "valuation", "recovery", "origination", "market")
HERE = "/console/evidence"
_ROOM = (Text("存证", "Evidence"), HERE)
T = ColumnType
KINDS = CodeList.of("log_kinds", ("batch", "批次", "batch"), ("outcome", "结果", "outcome"),
                    ("erasure", "删除", "erasure"))  # fmt: skip


def entry_page(position: int) -> str:
    """Where an entry opens."""
    return f"{HERE}/entries/{position}"


def _about(visit: Visit) -> list[tuple[Text, str]]:
    return [(Text("机构", "organisation"), f"{visit.place.name} ({visit.place.org})")]


ENTRIES = Schema(
    "log",
    (
        Column("position", T.INT, "序号", "entry", key=True, required=True),
        Column("kind", T.CODE, "种类", "kind", codes=KINDS), Column("name", T.TEXT, "名称", "name"),
        Column("as_of", T.TEXT, "截至", "as of"), Column("rows", T.INT, "行数", "rows"),
        Column("time", T.TEXT, "签名时间", "head signed at"), Column("root", T.TEXT, "根", "root"),
    ),
    zh="日志", en="log",
)  # fmt: skip


def _entries_sheet(entries: list[Entry], language: str) -> Sheet:
    rows = []
    for one in entries:
        name = name_of(one.name) if one.kind == "outcome" else Text(f"批次 {one.name}", f"batch {one.name}")
        if one.kind == "erasure":
            name = Text("依法删除", "erasure by law")
        rows.append({
            "position": one.position, "kind": one.kind, "name": name.zh if language == "zh" else name.en,
            "as_of": str(one.content.get("lineage", {}).get("as_of", "")) or None,
            "rows": int(one.content["rows"]) if isinstance(one.content.get("rows"), int | str) else None,
            "time": one.time, "root": str(one.content.get("root", "")) or None,
        })  # fmt: skip
    table = pa.Table.from_pylist(rows, schema=ENTRIES.arrow())
    heads = (Head("position", goes=lambda r: entry_page(r["position"])), Head("kind"), Head("name"), Head("as_of"),
             Head("rows"), Head("time"), Head("root"))  # fmt: skip
    return Sheet("log", Text("日志", "Log"), Stated("log", ENTRIES, table), heads, ("kind",), "-position", rows=table,
                 facts=True)  # fmt: skip


@page()
def evidence(visit: Visit, start: int | None = None) -> HttpResponse:
    """The log."""
    with visit.acting(*PURPOSES):
        head = log.head()
        size = int(head.head["size"]) if head else 0
        first = max(0, size - WINDOW) if start is None else start
        entries = [one for one in entries_from(first) if one.open_to(visit)]
        sheet = _entries_sheet(entries, visit.language)
        if (other := other_form(sheet, None, visit, _about(visit))) is not None:
            return other
        keys = [(key.org, fingerprint(key.key)) for key in published()]
        runs = outcomes.runs()
        address = HERE if start is None else f"{HERE}/from/{start}"
        given = {
            "room": "evidence", "head": head.head if head else None, "key": head.key if head else "", "keys": keys,
            "size": size, "first": first, "earlier": max(0, first - WINDOW) if first else None, "runs": runs,
            "table": table_shown(sheet, None, visit, address),
        }  # fmt: skip
    return shown(visit.request, "console/evidence/log.html", given, visit=visit)


def _entry(visit: Visit, position: int) -> Entry:
    found = entries_from(position, 1)
    if not found or not found[0].open_to(visit):
        raise Http404
    return found[0]


def _keys() -> str:
    raw = [{"org": k.org, "raw": k.key.public_bytes(Encoding.Raw, PublicFormat.Raw).hex()} for k in published()]
    return json.dumps(raw)


@page()
def entry(visit: Visit, position: int) -> HttpResponse:
    """One entry: what it says, what it rests on, its receipt, and replays of it."""
    with visit.acting(*PURPOSES):
        held = _entry(visit, position)
        lineage = held.content.get("lineage", {})
        earlier = lineage.get("earlier", {})
        places = {}
        if earlier:
            wanted = {(name, root) for name, root in earlier.items()}
            for one in entries_from(max(0, position - WINDOW), min(position, WINDOW)):
                if (one.name, one.content.get("root")) in wanted:
                    places[one.name] = one.position
        replays = []
        for stream in events.streams(replaying.STREAM):
            if stream.startswith(f"{position}-"):
                replays.append((stream, replaying.fold(events.read(replaying.STREAM, stream))))
        given = {
            "room": "evidence", "entry": held, "lineage": lineage, "receipt": log.receipt(position).decode(),
            "crumbs": [_ROOM, (Text(f"第 {position} 条", f"entry {position}"), "")], "keys": _keys(),
            "name": name_of(held.name) if held.kind == "outcome" else Text("批次", "Batch"),
            "earlier": [(name_of(n), n, root, places.get(n)) for n, root in sorted(earlier.items())],
            "rules": sorted(lineage.get("rule_files", {}).items()), "models": sorted(lineage.get("models", {}).items()),
            "told": json.dumps(held.content, ensure_ascii=False, indent=1, sort_keys=True),
            "replays": list(reversed(replays)), "may_replay": held.kind in ("outcome", "batch"),
        }  # fmt: skip
    return shown(visit.request, "console/evidence/entry.html", given, visit=visit)


@page()
def receipt(visit: Visit, position: int) -> HttpResponse:
    """The receipt of an entry, or of one row of its outcome, as a file."""
    with visit.acting(*PURPOSES):
        held = _entry(visit, position)
        key = [part for part in visit.request.GET.getlist("key") if part]
        content, name = None, f"{held.name or held.kind}-{position}"
        if key:
            for night in nights(visit):
                known = night.listed.get(held.name)
                if known is not None and known.position == position:
                    try:
                        content = log.receipt(position, night[held.name], key)
                    except InvalidInput as error:
                        raise Http404 from error
                    name += "-" + "-".join(part for part in key if part.isalnum())[:80]
            if content is None:
                raise Http404
        else:
            content = log.receipt(position)
    answer = HttpResponse(content, content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="{name}.receipt.json"'
    return answer


@page()
def night_receipts(visit: Visit, run: str) -> HttpResponse:
    """The receipts of a night's outcomes, with the public keys, as a zip."""
    with visit.acting(*PURPOSES):
        night = night_of(visit, run)
        found = [(name, log.receipt(night.listed[name].position)) for name in night]
        data = packed(found, published())
    answer = HttpResponse(data, content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="receipts-{night.as_of.isoformat()}.zip"'
    return answer


@page()
def heads(visit: Visit) -> HttpResponse:
    """Signed heads, each checked against the entries and the keys."""
    with visit.acting(*PURPOSES):
        asked = visit.request.GET.get("skip", "")
        skip = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 10 else 0
        checked, total = checked_heads(skip=skip)
        given = {"room": "evidence", "crumbs": [_ROOM, (Text("签名树头", "Signed heads"), "")],
                 "heads": checked, "total": total, "skip": skip,
                 "earlier": skip + len(checked) if checked and skip + len(checked) < total else 0,
                 "keys": [(key.org, fingerprint(key.key)) for key in published()]}  # fmt: skip
    return shown(visit.request, "console/evidence/heads.html", given, visit=visit)


BATCHES = Schema(
    "batches",
    (
        Column("sequence", T.INT, "批次", "batch", key=True, required=True),
        Column("facts", T.INT, "事实数", "facts"), Column("tables", T.INT, "表数", "tables"),
        Column("replacing", T.INT, "其中更正", "of them corrections"),
        Column("observed_until", T.DATE, "观察截至", "observed until"),
        Column("sealed_at", T.TEXT, "封存时间", "sealed at"), Column("contents", T.TEXT, "内容", "contents"),
        Column("root", T.TEXT, "根", "root"),
    ),
    zh="批次", en="batches",
)  # fmt: skip


@page()
def batches(visit: Visit) -> HttpResponse:
    """Sealed batches with their rows by table."""
    with visit.acting(*PURPOSES):
        rows = []
        for one in sealed_batches():
            ordered = sorted(one.rows.items(), key=lambda pair: (-pair[1], pair[0]))
            parts = [f"{visit.say(named(name))} {count:,}" for name, count in ordered]
            rows.append({"sequence": one.sequence, "facts": sum(one.rows.values()), "tables": len(one.rows),
                         "replacing": one.replacing, "observed_until": one.observed_until, "sealed_at": one.sealed_at,
                         "contents": " · ".join(parts), "root": one.root})  # fmt: skip
        table = pa.Table.from_pylist(rows, schema=BATCHES.arrow())
        heads = tuple(Head(c.name, total=c.name in ("facts", "replacing")) for c in BATCHES.columns)
        sheet = Sheet("batches", Text("批次", "Batches"), Stated("batches", BATCHES, table), heads, (), "-sequence",
                      rows=table, facts=True)  # fmt: skip
        if (other := other_form(sheet, None, visit, _about(visit))) is not None:
            return other
        given = {"room": "evidence", "crumbs": [_ROOM, (Text("批次", "Batches"), "")],
                 "table": table_shown(sheet, None, visit, f"{HERE}/batches")}  # fmt: skip
    return shown(visit.request, "console/evidence/batches.html", given, visit=visit)


CORRECTIONS = Schema(
    "corrections",
    (
        Column("key", T.TEXT, "更正", "correction", key=True, required=True),
        Column("what", T.TEXT, "表", "of"), Column("entity", T.TEXT, "对象", "entity"),
        Column("replaces", T.TEXT, "替换的事实", "fact replaced"), Column("fact", T.TEXT, "新事实", "by fact"),
        Column("withdrawn", T.BOOL, "撤回", "withdrawn"), Column("effective_on", T.DATE, "生效日", "effective"),
        Column("known_on", T.DATE, "知悉日", "known"), Column("sequence", T.INT, "批次", "batch"),
        Column("source", T.TEXT, "来源", "source"),
    ),
    zh="更正", en="corrections",
)  # fmt: skip


@page()
def corrections(visit: Visit) -> HttpResponse:
    """Facts that replaced others."""
    with visit.acting(*PURPOSES):
        found, total = correcting()
        rows = [
            {"key": f"{one.table} {one.fact}", "what": visit.say(named(one.table)), "entity": one.entity,
             "replaces": one.replaces, "fact": one.fact, "withdrawn": one.withdrawn, "effective_on": one.effective_on,
             "known_on": one.known_on, "sequence": one.sequence, "source": one.source}
            for one in found
        ]  # fmt: skip
        table = pa.Table.from_pylist(rows, schema=CORRECTIONS.arrow())
        heads = tuple(Head(c.name) for c in CORRECTIONS.columns if c.name != "key")
        sheet = Sheet("corrections", Text("更正", "Corrections"), Stated("corrections", CORRECTIONS, table), heads, (),
                      "-sequence", rows=table, facts=True)  # fmt: skip
        if (other := other_form(sheet, None, visit, _about(visit))) is not None:
            return other
        given = {"room": "evidence", "crumbs": [_ROOM, (Text("更正", "Corrections"), "")],
                 "shown": len(found), "left": total - len(found),
                 "table": table_shown(sheet, None, visit, f"{HERE}/corrections")}  # fmt: skip
    return shown(visit.request, "console/evidence/corrections.html", given, visit=visit)


WORDS = {
    "signed": Text("由指纹为 {key} 的公钥签名，签于 {time}：签名以后日志再改一个字节，这张收据就不成立。",
                   "Signed by the key {key} at {time}: had a byte of the log been changed since, it would fail."),
    "placed": Text("它是机构 {org} 日志的第 {index} 条（当时共 {size} 条），路径通到签名的树头。",
                   "It is entry {index} of {size} in the log of {org}; its path leads to the signed head."),
    "outcome": Text("这一条封存的结果是“{name}”，{rows} 行，截至 {as_of}，根 {root}。",
                    "What it seals is the outcome “{name}”, {rows} rows as of {as_of}, root {root}."),
    "batch": Text("这一条封存的是第 {sequence} 批事实，根 {root}。",
                  "What it seals is batch {sequence} of facts, root {root}."),
    "erasure": Text("这一条记载依法删除。", "What it records is an erasure by law."),
    "row": Text("收据所带的这一行是该结果的第 {index} 行（共 {rows} 行），内容如下：",
                "The row it carries is row {index} of {rows} of that outcome, and says:"),
    "rests": Text("结果依据：事实到第 {batch} 批，规则文件 {rules}。",
                  "It rests on facts up to batch {batch} and the rule files {rules}."),
    "not": Text("它不证明事实本身真实，只证明当时封存的就是这些内容，此后没有变过。",
                "It does not prove that the facts are true: it proves that this was sealed then, unchanged since."),
    "bad": Text("验证未通过：", "Not verified: "), "good": Text("已在此浏览器中验证。", "Verified in this browser."),
    "cannot": Text("此浏览器不支持 Ed25519，请用 panhuo verify 验证。",
                   "This browser has no Ed25519: use panhuo verify."),
    "unknown": Text("未知", "unknown"), "yes": Text("是", "yes"), "no": Text("否", "no"),
}  # fmt: skip


@page()
def verify(visit: Visit) -> HttpResponse:
    """A receipt is checked here, in the browser."""
    with visit.acting(*PURPOSES):
        night = last_night(visit)
        schemas: dict[str, Any] = {}
        for name in night or ():
            assert night is not None
            columns = night[name].schema.columns
            codes = [{k.code: visit.say(Text(k.zh, k.en)) for k in c.codes} if c.codes else None for c in columns]
            schemas[name] = {
                "name": visit.say(name_of(name)),
                "columns": [[c.type.value, visit.say(Text(c.zh, c.en)), code]
                            for c, code in zip(columns, codes, strict=True)],
            }  # fmt: skip
        given = {
            "room": "evidence", "crumbs": [_ROOM, (Text("验证收据", "Verify a receipt"), "")], "keys": _keys(),
            "known": [(key.org, fingerprint(key.key)) for key in published()],
            "schemas": json.dumps(schemas, ensure_ascii=False),
            "words": json.dumps({name: visit.say(text) for name, text in WORDS.items()}, ensure_ascii=False),
        }  # fmt: skip
    return shown(visit.request, "console/evidence/verify.html", given, visit=visit)


@page("POST")
def start_replay(visit: Visit, position: int) -> HttpResponse:
    """Asks for an entry to be computed again; leads to the replay of it that is open, where one is."""
    purpose = visit.purpose_of(PURPOSES)
    with visit.acting(*PURPOSES):
        _entry(visit, position)
        assert purpose is not None
        stream = replaying.open_replay(position)
        if not stream:
            stream = f"{position}-{datetime.now(UTC):%Y%m%d-%H%M%S}"
            replaying.ask_for_replay(stream, position, purpose)
    return redirect(f"{HERE}/replays/{stream}")


@page()
def replay(visit: Visit, stream: str) -> HttpResponse:
    """How far a replay is, and how it ended."""
    with visit.acting(*PURPOSES):
        found = replaying.fold(events.read(replaying.STREAM, stream))
        if found.status == "none" or not _entry(visit, found.position):
            raise Http404
    given = {
        "room": "evidence", "stream": stream, "replay": found, "alive": heartbeat.fresh(Layout.current()),
        "crumbs": [_ROOM, (Text(f"第 {found.position} 条", f"entry {found.position}"), entry_page(found.position)),
                   (Text("重算", "Replay"), "")],
        "name": name_of(found.name),
    }  # fmt: skip
    part = visit.request.headers.get("HX-Request") == "true"
    return shown(visit.request, "console/evidence/replay_state.html" if part else "console/evidence/replay.html", given,
                 visit=visit)  # fmt: skip
