"""担保圈: rings of guarantees in a book, and what standing in one means for each party.

An edge runs from a guarantor to the debtor it answers for; its amount is the balance of the contracts guaranteed, held
at the cap where one is agreed, and nothing where all is repaid. A ring is *live* when every guarantee in it is for
something still owed; one that was closed by debts since repaid stays on record, for ties between owners outlast loans.
Guarantees released make no edge. Amounts of two currencies are never added up: a ring, or a party's reach, that holds
several has no amount and says so; a cap holds down a balance of its own currency alone.

Invariant: rings are of two to six different parties and are counted exactly per party, also where more stand in the
book than are listed; a ring's id depends on its members and their order alone, so it is the same ring next month.
Nothing here moves a class or a limit: it is information for those who do.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from panhuo.ground.book.currencies import CURRENCIES
from panhuo.ground.record.arguments import HOME
from panhuo.ground.record.columns import Column, ColumnType, Schema
from panhuo.ground.record.judgement import Reason, Thing

WORDS = Path(__file__).parent / "ring_words.toml"
LONGEST = 6
HOPS = 4
LISTED = 100_000  # rings of a book beyond this are counted and not listed
T = ColumnType

_RING = Column("ring_id", T.TEXT, "担保圈", "ring", key=True, required=True)
_RING_COLUMNS = (
    _RING,
    Column("members", T.TEXT, "成员（按担保方向）", "members, each guaranteeing the next"),
    Column("length", T.INT, "成员数", "members"),
    Column("amount", T.FEN, "圈内担保金额", "guaranteed within the ring"),
    Column("weakest_amount", T.FEN, "最小一环金额", "the smallest guarantee in it"),
    Column("cut_from", T.TEXT, "建议解开：保证人", "where to cut: guarantor"),
    Column("cut_to", T.TEXT, "建议解开：债务人", "where to cut: debtor"),
    Column("cut_rings", T.INT, "解开该环可打开的圈数", "rings that cut opens"),
    Column("cut_amount", T.FEN, "该担保金额", "amount of that guarantee"),
    Column("members_overdue", T.INT, "逾期成员数", "members past due"),
    Column(
        "currency", T.CODE, "币种（涉及多币种时为未知）", "currency; unknown where there are several", codes=CURRENCIES
    ),
)
_OWED = Column("all_owed", T.BOOL, "每一环均有余额", "something is owed behind every guarantee")
_SEVERAL = Column("several_currencies", T.BOOL, "涉及多个币种", "amounts are in several currencies")
RING_SUBJECT = Schema("rings", (*_RING_COLUMNS, _OWED, _SEVERAL), zh="担保圈：对象", en="ring: what is judged")
RING = Schema(
    "rings",
    (
        *_RING_COLUMNS,
        Column("live", T.BOOL, "存续（每一环均有余额）", "live: something is owed behind every guarantee"),
        Column("on_record_only", T.BOOL, "历史担保圈", "on record: some of the debts are repaid"),
        Column("mutual", T.BOOL, "两户互保", "two that guarantee each other"),
        Column("in_distress", T.BOOL, "圈内已有逾期", "a member is past due"),
        _SEVERAL,
    ),
    zh="担保圈",
    en="rings of guarantees",
)

_PARTY = Column("party_id", T.TEXT, "主体", "party", key=True, required=True)
_PARTY_COLUMNS = (
    _PARTY,
    Column("rings", T.INT, "所在存续担保圈数", "live rings it stands in"),
    Column("shortest", T.INT, "最短圈长", "length of the shortest"),
    Column("rings_on_record", T.INT, "所在担保圈数（含历史）", "rings it stands in, those of repaid debts included"),
    Column("core_size", T.INT, "所在强连通组户数", "parties of its strongly connected group"),
    Column("group_size", T.INT, "所在关联组户数", "parties of its group, directions aside"),
    Column("guaranteed", T.FEN, "对外担保金额", "answers for directly"),
    Column("exposure", T.FEN, "四跳以内担保敞口", "answers for within four steps"),
    Column("parties_reached", T.INT, "四跳以内主体数", "parties within four steps"),
    Column("others_overdue", T.INT, "组内其他逾期户数", "others past due in its strongly connected group"),
    Column(
        "currency", T.CODE, "币种（涉及多币种时为未知）", "currency; unknown where there are several", codes=CURRENCIES
    ),
    _SEVERAL,
)
PARTY_SUBJECT = Schema("ring_membership", _PARTY_COLUMNS, zh="担保圈成员：对象", en="ring membership: what is judged")
PARTY = Schema(
    "ring_membership",
    (
        *_PARTY_COLUMNS,
        Column("in_ring", T.BOOL, "在存续担保圈内", "stands in a live ring"),
        Column("in_past_ring", T.BOOL, "仅在历史担保圈内", "stands in rings of repaid debts only"),
        Column("ring_in_distress", T.BOOL, "圈内他户逾期", "another of its ring's group is past due"),
        Column("answers_beyond", T.BOOL, "间接敞口超过直接担保", "answers for more through others than directly"),
    ),
    zh="担保圈成员",
    en="ring membership",
)


def guarantee_edges(snapshot: Any, days_past_due: Any) -> pa.Table:
    """``src`` (guarantor), ``dst`` (debtor), ``amount`` (minor units still owed, 0 when repaid) and its ``currency``
    (unknown when nothing is owed) of guarantees not released; one row a guarantee and currency owed."""
    guarantees = snapshot.table("guarantees")
    given = guarantees.filter(
        guarantees.guarantor_id.notnull()
        & (guarantees.released_on.isnull() | (guarantees.released_on > ibis.literal(snapshot.as_of, "date")))
    )
    balances = ibis.memtable(days_past_due.table.select(["drawdown_id", "party_id", "currency", "total_owed"]))
    drawdowns = snapshot.table("drawdowns").select("contract_id", drawdown=ibis._.id)
    owed = balances.inner_join(drawdowns, balances.drawdown_id == drawdowns.drawdown)
    owed = owed.filter(owed.total_owed > 0).group_by(owed_contract="contract_id", owed_in="currency")
    owed = owed.aggregate(owed=ibis._.total_owed.sum().cast("int64"))
    contracts = snapshot.table("contracts").select("party_id", contract=ibis._.id)
    rows = given.left_join(owed, given.contract_id == owed.owed_contract)
    rows = rows.left_join(contracts, rows.contract_id == contracts.contract)
    balance = ibis.coalesce(rows.owed, ibis.literal(0, "int64"))
    cap = ibis.ifelse(
        ibis.coalesce(rows.currency, HOME) == ibis.coalesce(rows.owed_in, HOME), rows.cap, ibis.null("int64")
    )
    rows = rows.select(
        src=rows.guarantor_id,
        dst=ibis.coalesce(rows.debtor_id, rows.party_id),
        amount=ibis.least(balance, ibis.coalesce(cap, balance)),
        currency=rows.owed_in,
    )
    return rows.to_pyarrow()


def _by_currency(edges: pa.Table, graph: Any) -> dict[str, np.ndarray]:
    """int64[edges of `graph`] by currency: the amounts each edge carries in it. `graph` is of the same rows."""
    from panhuo.tools.network.graph import graph_of

    found = {}
    for name in sorted(set(edges["currency"].drop_null().to_pylist())) or [HOME]:
        mine = pc.fill_null(pc.equal(edges["currency"], name), False)
        amounts = pc.if_else(mine, edges["amount"], 0)
        found[name] = graph_of(edges.select(["src", "dst"]).append_column("amount", amounts)).amounts
    assert all(len(amounts) == graph.edges for amounts in found.values())
    return found


def _owed_graph(edges: pa.Table) -> Any:
    """The graph of `edges` whose amounts only say whether anything is owed: currencies are not added up."""
    from panhuo.tools.network.graph import graph_of

    owed = pc.greater(edges["amount"], 0).cast(pa.int64())
    return graph_of(edges.select(["src", "dst"]).append_column("amount", owed))


def _overdue(graph: Any, days_past_due: Any) -> np.ndarray:
    """int64[nodes]: 1 where the party has a debt past due."""
    table = days_past_due.table
    late = {
        party for party, flag in zip(table["party_id"].to_pylist(), table["overdue"].to_pylist(), strict=True) if flag
    }
    return np.array([label in late for label in graph.labels], np.int64)


def gather_rings(snapshot: Any, days_past_due: Any) -> pa.Table:
    """One row a ring."""
    from dataclasses import replace

    from panhuo.tools.network.rings import find_rings, where_to_cut

    edges = guarantee_edges(snapshot, days_past_due)
    graph = _owed_graph(edges)
    found = find_rings(graph, LONGEST, limit=LISTED)
    late = _overdue(graph, days_past_due)
    amounts = _by_currency(edges, graph)
    in_one = {name: replace(found, graph=replace(graph, amounts=one)) for name, one in amounts.items()}
    nowhere = HOME if len(amounts) > 1 else next(iter(amounts))
    rows = []
    for number, members in enumerate(found.labels()):
        text = ">".join(map(str, members))
        ties = found.edges_of(number)
        names = [name for name, one in amounts.items() if one[ties].any()] or [nowhere]
        several = len(names) > 1
        carried = amounts.get(names[0], graph.amounts)[ties]
        all_owed = bool(graph.amounts[ties].all())
        cut = where_to_cut(found if several else in_one.get(names[0], found), ties, most=1)[0]
        rows.append(
            {
                "ring_id": "R" + hashlib.sha256(text.encode()).hexdigest()[:12],
                "members": text,
                "length": len(members),
                "amount": None if several else int(carried.sum()),
                "weakest_amount": None if several else int(carried.min()),
                "cut_from": str(graph.labels[int(graph.sources[cut.edge])]) if all_owed else None,
                "cut_to": str(graph.labels[int(graph.targets[cut.edge])]) if all_owed else None,
                "cut_rings": cut.rings if all_owed else None,
                "cut_amount": cut.amount if all_owed and not several else None,
                "members_overdue": int(late[found.nodes_of(number)].sum()),
                "currency": None if several else names[0],
                "all_owed": all_owed,
                "several_currencies": several,
            }
        )
    return pa.Table.from_pylist(rows, schema=RING_SUBJECT.arrow())


def gather_members(snapshot: Any, days_past_due: Any) -> pa.Table:
    """One row a party with a guarantee given or received, of debts owed or repaid."""
    from dataclasses import replace

    from panhuo.tools.network.exposure import exposure
    from panhuo.tools.network.rings import find_rings

    edges = guarantee_edges(snapshot, days_past_due)
    everything = _owed_graph(edges)
    on_record = find_rings(everything, LONGEST, limit=0).of_node
    edges = edges.filter(pc.greater(edges["amount"], 0))
    graph = _owed_graph(edges)
    found = find_rings(graph, LONGEST, limit=0)
    late = _overdue(graph, days_past_due)
    _, parties = exposure(graph, HOPS)
    strong, weak = graph.strong, graph.weak
    late_by_core = np.bincount(strong, weights=late, minlength=1).astype(np.int64)
    amounts = _by_currency(edges, graph)
    reach = {name: exposure(replace(graph, amounts=one), HOPS)[0] for name, one in amounts.items()}
    guaranteed, reached = np.zeros(graph.nodes, np.int64), np.zeros(graph.nodes, np.int64)
    held_in, number_of = np.full(graph.nodes, -1, np.int64), np.zeros(graph.nodes, np.int64)
    for place, (_, steps) in enumerate(reach.items()):
        some = steps.sum(axis=1) > 0
        number_of += some
        held_in[some] = place
        guaranteed += np.where(some, steps[:, 0], 0)  # kept only where no other currency was added
        reached += np.where(some, steps.sum(axis=1), 0)
    several, names = number_of > 1, pa.array(list(amounts), pa.string())
    nowhere = HOME if len(amounts) > 1 else next(iter(amounts))
    columns = {
        "party_id": pa.array([str(label) for label in graph.labels], pa.string()),
        "rings": found.of_node,
        "shortest": pa.array(found.shortest, mask=found.shortest == 0),
        "core_size": np.bincount(strong, minlength=1)[strong],
        "group_size": np.bincount(weak, minlength=1)[weak],
        "guaranteed": guaranteed,
        "exposure": reached,
        "parties_reached": parties.sum(axis=1),
        "others_overdue": late_by_core[strong] - late,
        "currency": names.take(pa.array(held_in, mask=held_in < 0)),
        "several_currencies": several,
    }
    live = pa.table(columns)
    parties_of = pa.table(
        {"party_id": pa.array([str(n) for n in everything.labels], pa.string()), "rings_on_record": on_record}
    )
    rows = PARTY_SUBJECT.conform(parties_of.join(live, "party_id", join_type="left outer"))
    mixed = pc.fill_null(rows.column("several_currencies"), False)
    for place, column in enumerate(PARTY_SUBJECT.columns):
        values = rows.column(column.name)
        if column.type in (T.INT, T.FEN) and column.name != "shortest":
            values = pc.fill_null(values, 0)
        if column.type is T.FEN:
            values = pc.if_else(mixed, pa.scalar(None, pa.int64()), values)
        if column.name == "currency":
            values = pc.if_else(mixed, pa.scalar(None, pa.string()), pc.fill_null(values, nowhere))
        rows = rows.set_column(place, column.name, mixed if column.type is T.BOOL else values)
    return PARTY_SUBJECT.conform(rows)


def judge_ring(row, rules, model):  # type: ignore[no-untyped-def]
    """The ring as found, with what it means."""
    return (
        row.length,
        row.amount,
        row.weakest_amount,
        row.cut_rings,
        row.cut_amount,
        row.members_overdue,
        row.currency,
        row.all_owed,
        (not row.all_owed[0], True),
        (row.length[0] == 2, True),
        (row.members_overdue[0] > 0, True),
        row.several_currencies,
    )


def judge_member(row, rules, model):  # type: ignore[no-untyped-def]
    """A party's standing, with what it means."""
    return (
        row.rings,
        row.shortest,
        row.rings_on_record,
        row.core_size,
        row.group_size,
        row.guaranteed,
        row.exposure,
        row.parties_reached,
        row.others_overdue,
        row.currency,
        row.several_currencies,
        (row.rings[0] > 0, True),
        (row.rings[0] == 0 and row.rings_on_record[0] > 0, True),
        (row.rings[0] > 0 and row.others_overdue[0] > 0, True),
        (row.exposure[0] > 2 * row.guaranteed[0], row.exposure[1] and row.guaranteed[1]),
    )


RINGS = Thing(
    subject=RING_SUBJECT,
    verdict=RING,
    judge=judge_ring,
    gather=gather_rings,
    needs=("days_past_due",),
    reasons=(
        Reason("RING", when="live", arguments=("length", "amount", "weakest_amount")),
        Reason("RING_ON_RECORD", when="on_record_only", arguments=()),
        Reason("RING_MUTUAL", when="mutual", arguments=()),
        Reason("RING_CURRENCIES", when="several_currencies", arguments=()),
        Reason("RING_DISTRESS", when="in_distress", arguments=("members_overdue", "length")),
        Reason("RING_CUT", when="cut_rings", arguments=("cut_from", "cut_to", "cut_rings", "cut_amount")),
    ),
    words=WORDS,
    zh="担保圈",
    en="rings of guarantees",
    purpose="loan_management",
)
MEMBERSHIP = Thing(
    subject=PARTY_SUBJECT,
    verdict=PARTY,
    judge=judge_member,
    gather=gather_members,
    needs=("days_past_due",),
    reasons=(
        Reason("MEMBER_OF_RINGS", when="in_ring", arguments=("rings", "shortest", "core_size")),
        Reason("MEMBER_OF_PAST_RING", when="in_past_ring", arguments=("rings_on_record",)),
        Reason("MEMBER_DISTRESS", when="ring_in_distress", arguments=("others_overdue", "core_size")),
        Reason("MEMBER_CURRENCIES", when="several_currencies", arguments=("parties_reached",)),
        Reason("MEMBER_ANSWERS_BEYOND", when="answers_beyond", arguments=("guaranteed", "exposure", "parties_reached")),
    ),
    words=WORDS,
    zh="担保圈成员",
    en="ring membership",
    purpose="loan_management",
)
