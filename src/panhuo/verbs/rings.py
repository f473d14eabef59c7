"""``panhuo rings``: rings, groups and exposure in a directed edge table.

Invariant: counts are exact whatever is listed; a ring starts with its smallest party and rings stand in order.
"""

from __future__ import annotations

from typing import Any

from panhuo.verbs.declaration import RECEIPT, Argument, Verb

VERB = Verb(
    name="rings",
    zh="担保圈：有向图中的环、关联组与多跳敞口",
    en="rings, groups and exposure in a directed graph",
    arguments=(
        Argument(
            "edges",
            "path",
            zh="边表：src、dst 及可选的 amount（CSV、Parquet、Excel、JSON，- 为标准输入）",
            en="edge table: src, dst, optional amount (CSV, Parquet, Excel, JSON; - is standard input)",
        ),
        Argument(
            "max_length", "int", option=True, required=False, default=6, zh="环的最大长度", en="longest ring looked for"
        ),
        Argument(
            "most",
            "int",
            option=True,
            required=False,
            default=10_000,
            zh="最多列出多少个环和组（计数始终准确）",
            en="list at most this many rings and groups (counts stay exact)",
        ),
        Argument("hops", "int", option=True, required=False, default=4, zh="敞口追踪步数", en="steps of exposure"),
        RECEIPT,
    ),
    said="panhuo.verbs.rings:said",
    run="panhuo.verbs.rings:run",
    show="panhuo.verbs.rings:show",
    example="printf 'src,dst,amount\\nA,B,5\\nB,C,3\\nC,A,4\\n' | panhuo rings - --json",
)


def run(
    edges: str, max_length: int = 6, most: int = 10_000, hops: int = 4, receipt: str | None = None
) -> dict[str, Any]:
    """Reads an edge table and returns its rings, groups, cuts and exposures.

    Keys: ``rings`` (lists of ids), ``by_length`` (length as text -> exact count), ``count``, ``listed``, ``groups``
    (``members``, ``cores``, ``edges``, ``amount``, ``ringed``), ``ring_amounts`` (``total``, ``smallest`` beside each
    listed ring), ``cuts`` (edges that open the most rings), ``exposure`` (parties that answer for most, by step),
    ``parties``, ``edges``, ``notes``. Amounts are in the table's own unit. With `receipt`, ``receipt``,
    ``public_key`` and ``root`` too.

    Raises:
        InvalidInput: when an amount has more than two decimals.
    """
    search = _searched(edges, max_length, most, hops)
    result = _told(search, most)
    if receipt is not None:
        from panhuo.journey.tool_receipts import write_receipt

        result |= write_receipt(_sealed(search), receipt)
    return result


def said(edges: str, max_length: int = 6, most: int = 10_000, hops: int = 4) -> Any:
    """What a receipt of this table seals (`journey.tool_receipts.Said`)."""
    return _sealed(_searched(edges, max_length, most, hops))


def _searched(edges: str, max_length: int, most: int, hops: int) -> dict[str, Any]:
    import numpy as np

    from panhuo.ground.book.reading.frames import read_frame
    from panhuo.tools.network.exposure import exposure
    from panhuo.tools.network.graph import graph_of
    from panhuo.tools.network.rings import find_rings, groups, where_to_cut

    frame = read_frame(edges)
    table, unit = _whole_amounts(frame)
    graph = graph_of(table)
    found = find_rings(graph, max_length, limit=most)
    exposed: list[tuple[int, list[int], int]] = []
    if graph.has_amounts:
        amounts, met = exposure(graph, hops)
        order = np.lexsort((np.arange(graph.nodes), -amounts.sum(axis=1)))[:20]
        exposed = [(int(n), amounts[n].tolist(), int(met[n].sum())) for n in order]
    return {
        "frame": frame,
        "unit": unit,
        "found": found,
        "groups": groups(found),
        "cuts": where_to_cut(found),
        "exposed": exposed,
        "parameters": {"max_length": max_length, "most": most, "hops": hops},
    }


def _sealed(search: dict[str, Any]) -> Any:
    from panhuo.journey.tool_receipts import Said
    from panhuo.tools.network.rings import find_rings
    from panhuo.tools.network.sealed_results import sealed_rings

    exposed = [(node, sum(steps), met) for node, steps, met in search["exposed"]]
    outcome = sealed_rings(search["found"], search["groups"], search["cuts"], exposed)
    parts_of_unit = {"amount_parts_of_unit": search["unit"]}
    outcome.lineage.update(parts_of_unit)
    return Said("rings", outcome, {"edges": search["frame"]}, find_rings, search["parameters"])


def _told(search: dict[str, Any], most: int) -> dict[str, Any]:
    found, unit, every = search["found"], search["unit"], search["groups"]
    graph = found.graph
    names = graph.labels
    result: dict[str, Any] = {
        "rings": list(found.labels()),
        "by_length": {str(k): v for k, v in found.by_length.items()},
        "count": found.count,
        "listed": found.listed,
        "parties": graph.nodes,
        "edges": graph.edges,
    }
    result["group_count"] = len(every)
    result["groups"] = [
        {
            "members": [names[n] for n in group.members],
            "cores": [[names[n] for n in core] for core in group.cores],
            "edges": group.edges,
            "amount": _in_unit(group.amount, unit),
            "ringed": group.ringed,
        }
        for group in every[:most]
    ]
    result["cuts"] = [
        {
            "src": names[int(graph.sources[cut.edge])],
            "dst": names[int(graph.targets[cut.edge])],
            "rings": cut.rings,
            "amount": _in_unit(cut.amount, unit),
        }
        for cut in search["cuts"]
    ]
    if graph.has_amounts:
        total, smallest = found.amounts()
        result["ring_amounts"] = [
            {"total": _in_unit(t, unit), "smallest": _in_unit(s, unit)}
            for t, s in zip(total.tolist(), smallest.tolist(), strict=True)
        ]
        result["exposure"] = [
            {
                "party": names[node],
                "amount": _in_unit(sum(steps), unit),
                "by_step": [_in_unit(amount, unit) for amount in steps],
                "parties": met,
            }
            for node, steps, met in search["exposed"]
        ]
    result["notes"] = _notes(graph)
    return result


def _whole_amounts(table: Any) -> tuple[Any, int]:
    """The table with whole amounts, and how many of them make one of its own units (1, or 100 for decimals)."""
    import pyarrow as pa
    import pyarrow.compute as pc

    from panhuo.ground.record.errors import InvalidInput

    if "amount" not in table.column_names or not pa.types.is_floating(table.column("amount").type):
        return table, 1
    amount = table.column("amount")
    if pc.all(pc.equal(pc.round(amount), amount)).as_py() is not False:
        return table, 1
    cents = pc.round(pc.multiply(amount, 100.0), 0)
    finer = pc.fill_null(pc.not_equal(pc.divide(cents, 100.0), amount), False)
    if pc.any(finer).as_py():
        at = pc.index(finer, True).as_py()
        many = pc.sum(finer).as_py()
        raise InvalidInput(
            f"the amount {amount[at].as_py()!r} has more than two decimals ({many} amount(s) have)",
            where=f"row {at + 1} of the table, column amount",
            remedy="state amounts to the cent, or as whole numbers of a smaller unit",
            code="invalid-input/amount",
        )
    return table.set_column(table.schema.get_field_index("amount"), "amount", cents.cast(pa.int64())), 100


def _in_unit(amount: int, unit: int) -> int | float:
    return amount if unit == 1 else amount / unit


def _notes(graph: Any) -> list[dict[str, str]]:
    notes = []

    def note(code: str, zh: str, en: str) -> None:
        notes.append({"code": code, "zh": zh, "en": en})

    if graph.dropped:
        note("gaps", f"{graph.dropped} 行缺少一端，未计入", f"{graph.dropped} row(s) without one end were set aside")
    if graph.self_loops:
        note(
            "self-loops",
            f"{graph.self_loops} 行指向自身，不构成环",
            f"{graph.self_loops} row(s) point at themselves and make no ring",
        )
    if graph.repeats:
        note(
            "repeats",
            f"{graph.repeats} 行与前面的边相同，金额已合并，不另成环",
            f"{graph.repeats} row(s) repeat an edge: amounts were added, no further ring is made",
        )
    if graph.edges and 2 * graph.mutual_pairs == graph.edges:
        note(
            "undirected",
            "每条边都有反向边：可能是无向图，此时长度为 2 的环只是同一条边的两个方向",
            "every edge has its opposite: the table may be undirected, and rings of two then mean nothing",
        )
    return notes


def show(result: dict[str, Any], language: str) -> str:
    """Counts by length, the first rings, the largest groups, where to cut, notes."""
    zh = language == "zh"
    lengths = "，".join if zh else ", ".join
    counted = lengths(f"{k}: {v:,}" for k, v in result["by_length"].items())
    parties, edges, count = (f"{result[name]:,}" for name in ("parties", "edges", "count"))
    lines = [
        f"{parties} 个主体，{edges} 条边，{count} 个环（按长度 {counted}）"
        if zh
        else f"{parties} parties, {edges} edges, {count} rings (by length {counted})"
    ]
    lines += ["  " + " -> ".join(map(str, [*ring, ring[0]])) for ring in result["rings"][:20]]
    if result["count"] > 20:
        rest = result["count"] - 20
        lines.append(f"  ……另有 {rest:,} 个" if zh else f"  ... and {rest:,} more")
    if result["cuts"]:
        cut = result["cuts"][0]
        lines.append(
            f"最该解开的一条：{cut['src']} -> {cut['dst']}，可同时打开 {cut['rings']:,} 个环"
            if zh
            else f"the edge to cut first: {cut['src']} -> {cut['dst']} opens {cut['rings']:,} ring(s)"
        )
    if result["groups"]:
        group = result["groups"][0]
        many, size, ringed = f"{result['group_count']:,}", f"{len(group['members']):,}", f"{group['ringed']:,}"
        lines.append(
            f"{many} 个关联组，最大的有 {size} 个主体，其中 {ringed} 个在环中"
            if zh
            else f"{many} groups; the largest has {size} parties, {ringed} of them in rings"
        )
    lines += [note["zh" if zh else "en"] for note in result["notes"]]
    return "\n".join(lines)
