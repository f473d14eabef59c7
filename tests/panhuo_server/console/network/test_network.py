"""The network's pages: counts and amounts are those of outcomes counted apart, a failure's cost is worked by hand."""

from __future__ import annotations

import gzip
import io
import json
import re
import time
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from console_answers import body, seen

ROOM = "/console/network"


def outcomes_of(bank: Any, *names: str) -> dict[str, Any]:
    """The rows of the last night, read past the pages."""
    from panhuo.ground.record.outcome import Outcome
    from panhuo_server.flows.results import results_folder
    from panhuo_server.store.layout import Layout

    folder = results_folder(Layout.current(), bank.org, "now")
    return {name: Outcome.read(folder, name).table.to_pylist() for name in names}


def plain(answer: Any) -> bytes:
    data = bytes(answer.content)
    return gzip.decompress(data) if answer.headers.get("Content-Encoding") == "gzip" else data


@pytest.mark.parametrize("language", ["zh", "en"])
def test_pages_are_whole_in_both_languages(bank: Any, browser: Any, language: str) -> None:
    client = browser(bank.email, **{"accept-language": language})
    held = outcomes_of(bank, "rings", "ring_membership")
    party = held["ring_membership"][0]["party_id"]
    pages = [ROOM, f"{ROOM}/parties", f"{ROOM}/parties/{party}?steps=3"]
    pages += [f"{ROOM}/rings/{ring['ring_id']}" for ring in held["rings"][:1]]
    for address in pages:
        answer = client.get(address)
        text = body(answer)
        assert answer.status_code == 200, address
        assert not re.search(r"\sstyle=|<style|<script(?![^>]*src=)|\son[a-z]+=", text), address
        if language == "en":
            shown = re.sub(
                r"<[^>]+>", " ", re.sub(r'lang="zh-CN">中文|青溪农村商业银行|<td>清溪.*?</td>|青溪[^<]*', "", text)
            )
            assert re.findall(r"[\u4e00-\u9fff]+", shown) == [], address


def test_counts_are_those_of_the_outcomes(bank: Any, browser: Any) -> None:
    client = browser(bank.email)
    held = outcomes_of(bank, "rings", "ring_membership")
    text = body(client.get(ROOM))
    figures = dict(re.findall(r"<dt>([^<]+)</dt><dd>\s*<a[^>]*>([^<]+)</a>", text))
    assert figures["存续担保圈"] == str(sum(r["live"] for r in held["rings"]))
    assert figures["历史担保圈"] == str(sum(not r["live"] for r in held["rings"]))
    assert figures["在存续圈内的主体"] == str(sum(r["in_ring"] for r in held["ring_membership"]))
    assert f"担保圈 <small>{len(held['rings'])}" in text
    assert f"关联主体 <small>{len(held['ring_membership'])}" in body(client.get(f"{ROOM}/parties"))


def test_the_picture_holds_every_party_every_tie_and_every_ring(bank: Any, browser: Any) -> None:
    client = browser(bank.email)
    held = outcomes_of(bank, "rings", "ring_membership")
    answer = client.get(f"{ROOM}/picture")
    drawn = json.loads(plain(answer))
    assert sorted(drawn["name"]) == sorted(r["party_id"] for r in held["ring_membership"])
    assert {r["id"] for r in drawn["rings"]} == {r["ring_id"] for r in held["rings"]}
    ties = set(zip(drawn["from"], drawn["to"], strict=True))
    number = {name: n for n, name in enumerate(drawn["name"])}
    for ring in held["rings"]:
        members = ring["members"].split(">")
        for a, b in zip(members, members[1:] + members[:1], strict=True):
            assert (number[a], number[b]) in ties
    assert plain(client.get(f"{ROOM}/picture")) == plain(answer)


def test_a_rings_guarantees_come_to_what_was_sealed(bank: Any, server: Any) -> None:
    from panhuo_server.accounts.sign_in import Place
    from panhuo_server.console.frame import Visit
    from panhuo_server.console.network.pages import guarantees_between
    from panhuo_server.console.network.picture import members_of
    from panhuo_server.console.results import the_night

    place = Place(bank.org, "", "lender", "own", ("officer",))
    visit = Visit(None, bank.person, place, (place,), "zh")
    with visit.acting("monitoring"):
        night = the_night(visit)
        rings = night["rings"].table.to_pylist()
        sums = []
        for ring in rings:
            members = members_of(ring)
            pairs = list(zip(members, members[1:] + members[:1], strict=True))
            rows = guarantees_between(night, pairs)
            each = [sum(r["counted"] for r in rows if (r["guarantor_id"], r["debtor_id"]) == pair) for pair in pairs]
            sums.append((sum(each), min(each)))
    assert rings
    assert sums == [(ring["amount"], ring["weakest_amount"]) for ring in rings]


def test_others_see_nothing_and_forbidden_is_unknown(bank: Any, browser: Any, founded: Any) -> None:
    held = outcomes_of(bank, "rings", "ring_membership")
    ring, party = held["rings"][0]["ring_id"], held["ring_membership"][0]["party_id"]
    other = founded("lender")
    lender = browser(f"admin{other.org.rpartition('-')[2]}@lender.example")
    for address in (f"{ROOM}/rings/{ring}", f"{ROOM}/parties/{party}", f"{ROOM}/picture"):
        assert lender.get(address).status_code == 404, address
    assert ring not in body(lender.get(ROOM))
    supervisor = founded("supervisor")
    client = browser(f"admin{supervisor.org.rpartition('-')[2]}@supervisor.example")
    unknown = seen(client, "/console/no-such-room")
    for address in (ROOM, f"{ROOM}/parties", f"{ROOM}/picture", f"{ROOM}/rings/{ring}", f"{ROOM}/parties/{party}"):
        assert seen(client, address) == unknown, address
    own = browser(bank.email)
    for address in (f"{ROOM}/rings/none", f"{ROOM}/parties/none", f"{ROOM}/rings/{ring}?as=xlsx&table=none"):
        assert own.get(address).status_code == 404, address


def test_a_table_is_exported_whole(bank: Any, browser: Any) -> None:
    from openpyxl import load_workbook

    client = browser(bank.email)
    held = outcomes_of(bank, "rings", "ring_membership", "days_past_due")
    ring = held["rings"][0]
    members = ring["members"].split(">")
    data = plain(client.get(f"{ROOM}/rings/{ring['ring_id']}?as=xlsx&table=drawdowns"))
    sheet = load_workbook(io.BytesIO(data)).worksheets[0]
    mine = [r["drawdown_id"] for r in held["days_past_due"] if r["party_id"] in members]
    assert sorted(row[0] for row in sheet.iter_rows(min_row=2, values_only=True)) == sorted(mine)


# a > b > c > a, b also answers for d, which is past due; c's debt to a is repaid.
EDGES = pa.table(
    {
        "src": ["a", "b", "c", "b", "e"],
        "dst": ["b", "c", "a", "d", "a"],
        "amount": pa.array([100, 30, 0, 5, 7], pa.int64()),
        "currency": ["CNY", "CNY", None, "USD", "CNY"],
    }
)


def test_ties_worked_by_hand() -> None:
    from panhuo_server.console.network.ties import ties_from

    ties = ties_from(EDGES, frozenset({"d"}))
    assert ties.amount("a", "b") == (100, "CNY")
    assert ties.amount("b", "d") == (5, "USD")
    assert ties.amount("c", "a") == (0, "CNY")
    assert ties.way_to_a_finding("e") == ["e", "a", "b", "d"]
    assert ties.way_to_a_finding("c") == []  # what c answers for is repaid
    near = {str(ties.graph.labels[n]): steps for n, steps in ties.around("d", 2).items()}
    assert near == {"d": 0, "b": 1, "a": 2, "c": 2}
    width = {(ties.graph.labels[a], ties.graph.labels[b]): int(w) for a, b, w in
             zip(ties.graph.sources, ties.graph.targets, ties.widths, strict=True)}  # fmt: skip
    assert width == {("a", "b"): 5, ("b", "c"): 3, ("b", "d"): 5, ("c", "a"): 0, ("e", "a"): 2}


@pytest.mark.slow
def test_fifty_thousand_parties_make_a_picture_a_page_can_load() -> None:
    from panhuo_server.console.network.picture import whole
    from panhuo_server.console.network.ties import ties_from

    chance = np.random.default_rng(1)
    heads = np.array([int(chance.integers(max(0, v - 200), v)) for v in range(1, 50_000)])
    edges = pa.table(
        {
            "src": [f"P{n:06}" for n in range(1, 50_000)] + ["P000000"],
            "dst": [f"P{n:06}" for n in heads] + ["P000001"],
            "amount": pa.array(chance.integers(0, 10**9, 50_000), pa.int64()),
            "currency": ["CNY"] * 50_000,
        }
    )
    began = time.perf_counter()
    ring = {"ring_id": "R1", "members": "P000000>P000001", "live": True, "in_distress": False}
    found = whole(ties_from(edges, frozenset({"P000007"})), [ring])
    data = json.dumps(found, separators=(",", ":")).encode()
    packed = len(gzip.compress(data, 6))
    print(f"{len(found['x'])} parties: {time.perf_counter() - began:.1f} s, {len(data):,} bytes, {packed:,} gzipped")
    assert len(found["x"]) == 50_000
    assert packed < 1_500_000
