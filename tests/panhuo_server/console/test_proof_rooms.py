"""Rules, evidence, models and search on a real night: counts read apart, receipts checked by library and by node."""

from __future__ import annotations

import gzip
import io
import json
import re
import shutil
import subprocess
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest

from console_answers import body, seen

pytestmark = pytest.mark.slow

STATIC = Path(__file__).parents[3] / "src/panhuo_server/console/static"


def plain(answer: Any) -> bytes:
    data = bytes(answer.content)
    return gzip.decompress(data) if answer.headers.get("Content-Encoding") == "gzip" else data


@pytest.fixture(scope="module")
def night(bank: Any) -> dict[str, Any]:
    """The bank's last night, read past the pages: outcomes by name, and the run's description."""
    from panhuo.ground.record.outcome import Outcome
    from panhuo_server.flows.results import results_folder
    from panhuo_server.store.layout import Layout

    folder = results_folder(Layout.current(), bank.org, "now")
    described = json.loads((folder / "run.json").read_text())
    return {"described": described, **{name: Outcome.read(folder, name) for name in described["tables"]}}


@pytest.fixture(scope="module")
def lines(bank: Any) -> list[dict[str, Any]]:
    """Every entry of the bank's log."""
    from panhuo_server.accounts.acting import acting
    from panhuo_server.store import log

    with acting(bank.org, bank.person, "monitoring"):
        return [json.loads(line) for line in log.entries()]


def keys_of(bank: Any) -> Any:
    from panhuo_server.accounts.acting import acting, cursor
    from panhuo_server.store import signing

    with acting(bank.org, bank.person, "monitoring"), cursor() as c:
        return signing.published(c)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_pages_are_whole_in_both_languages(bank: Any, browser: Any, night: Any, language: str) -> None:
    client = browser(bank.email, **{"accept-language": language})
    position = night["described"]["entries"]["classes"]
    card = re.search(r'href="(/console/models/[^"/]+/[^"]+)"', body(client.get("/console/models")))
    assert card is not None
    pages = [
        "/console/rules", "/console/rules/on/2020-01-01", "/console/rules/classification/CLS-13?try=1",
        "/console/rules/fees/FEE-01", "/console/evidence", f"/console/evidence/entries/{position}",
        "/console/evidence/heads", "/console/evidence/batches", "/console/evidence/corrections",
        "/console/evidence/verify", "/console/models", card[1], "/console/search?q=CL0",
    ]  # fmt: skip
    for address in pages:
        answer = client.get(address)
        text = body(answer)
        if "fees" in address and answer.status_code == 404:
            continue
        assert answer.status_code == 200, address
        assert not re.search(r"\sstyle=|<style|<script(?![^>]*src=)|\son[a-z]+=", text), address
        if language == "en" and not re.search("rules|search|models", address):  # laws and files are in Chinese
            shown = re.sub(r"<[^>]+>", " ", re.sub(r'lang="zh-CN">中文|青溪[^<]*', "", text))
            assert re.findall(r"[\u4e00-\u9fff]+", shown) == [], address


def test_every_rule_is_there_once_and_counts_are_those_of_the_reasons(bank: Any, browser: Any, night: Any) -> None:
    from openpyxl import load_workbook

    from panhuo.ground.rules.library import FILES

    client = browser(bank.email)
    ids = []
    for path in sorted(FILES.glob("*.toml")):
        ids += dict.fromkeys(rule["id"] for rule in tomllib.loads(path.read_text())["rules"])
    book = load_workbook(io.BytesIO(plain(client.get("/console/rules?as=xlsx"))))
    sheet = list(book.worksheets[0].iter_rows(values_only=True))
    at = {name: n for n, name in enumerate(sheet[0])}
    assert sorted(row[at["编号"]] for row in sheet[1:]) == sorted(ids)
    checked = 0
    for name, outcome in night.items():
        rules = [n.partition(":")[0] for n in outcome.lineage.get("rules", {})] if name != "described" else []
        for rule_set in rules:
            codes: dict[str, int] = {}
            for code in outcome.reasons.column("code").to_pylist():
                codes[code] = codes.get(code, 0) + 1
            known = tomllib.loads((FILES / f"{rule_set}.toml").read_text())["rules"]
            for rule_id in sorted({rule["id"] for rule in known} & {code.rstrip("?~") for code in codes})[:3]:
                text = body(client.get(f"/console/rules/{rule_set}/{rule_id}"))
                for what, mark in (("fired", ""), ("unknown", "?")):
                    count = codes.get(rule_id + mark, 0)
                    link = f"/console/rules/{rule_set}/rows/{name}/{what}/{rule_id}"
                    assert (f'<a href="{link}">{count}</a>' in text) is (count > 0), (link, count)
                    if count:
                        assert re.search(rf"<small>{count:,} 行|<small>{count} 行", body(client.get(link))), link
                        checked += 1
    assert checked > 6


def test_a_rule_tried_on_the_page_answers_as_the_judge_does(bank: Any, browser: Any) -> None:
    client = browser(bank.email)
    address = "/console/rules/classification/CLS-10"
    for days, word in (("0", "false"), ("1", "true"), ("", "unknown")):
        text = body(client.get(f"{address}?classified_on=2026-06-30&overdue_days={days}&try=1"))
        assert f'class="answer {word}"' in text, days
    assert "读不出这个值" in body(client.get(f"{address}?overdue_days=abc&try=1"))


def test_the_log_the_heads_and_the_batches_are_what_is_there(bank: Any, browser: Any, lines: Any) -> None:
    client = browser(bank.email)
    text = body(client.get("/console/evidence"))
    assert f"日志 <small>{len(lines)} 行" in text
    heads = body(client.get("/console/evidence/heads"))
    assert "不符" not in heads.replace("不相符", "")
    assert heads.count("相符</span>") >= 3
    batches = [line for line in lines if line["kind"] == "batch"]
    assert f"批次 <small>{len(batches)} 行" in body(client.get("/console/evidence/batches"))
    place = next(n for n, line in enumerate(lines) if line.get("name") == "classes")
    assert lines[place]["root"] in body(client.get(f"/console/evidence/entries/{place}"))
    assert client.get(f"/console/evidence/entries/{len(lines)}").status_code == 404


def test_receipts_taken_away_are_proved_by_the_library(bank: Any, browser: Any, night: Any) -> None:
    from panhuo.trust.evidence.receipts import row_of, verify

    client, keys = browser(bank.email), keys_of(bank)
    entries = night["described"]["entries"]
    answer = client.get(f"/console/evidence/entries/{entries['classes']}/receipt")
    assert "attachment" in answer["Content-Disposition"]
    assert verify(plain(answer), keys).valid
    key = night["classes"].table.column("drawdown_id")[0].as_py()
    row = plain(client.get(f"/console/evidence/entries/{entries['classes']}/receipt?key={key}"))
    assert verify(row, keys).valid
    assert key.encode() in (row_of(row) or b"")
    for wrong in ("?key=none", "?key=a&key=b"):
        assert client.get(f"/console/evidence/entries/{entries['classes']}/receipt{wrong}").status_code == 404
    packed = zipfile.ZipFile(io.BytesIO(plain(client.get("/console/evidence/nights/now/receipts.zip"))))
    names = {name.removeprefix("receipts/").removesuffix(".json") for name in packed.namelist() if "receipts/" in name}
    assert names == set(night["described"]["tables"])
    assert all(verify(packed.read(f"receipts/{name}.json"), keys).valid for name in names)


def test_the_page_says_in_words_what_a_receipt_proves(bank: Any, browser: Any, night: Any) -> None:
    found = shutil.which("node")
    if found is None:
        pytest.skip("node is not installed: the page's verifier cannot be run here")
    import html

    client = browser(bank.email)
    page = body(client.get("/console/evidence/verify"))
    given = {}
    for name in ("keys", "words", "schemas"):
        held = re.search(rf'data-{name}="([^"]*)"', page)
        assert held is not None
        given[name] = html.unescape(held[1])
    place = night["described"]["entries"]["classes"]
    row = night["classes"].table.to_pylist()[0]
    receipt = plain(client.get(f"/console/evidence/entries/{place}/receipt?key={row['drawdown_id']}")).decode()
    code = """
    const fs = require("fs");
    for (const path of process.argv.slice(1)) eval(fs.readFileSync(path, "utf8"));
    (async () => {
      const given = JSON.parse(fs.readFileSync(0, "utf8")), out = [];
      for (const text of given.texts) {
        const found = await panhuoReceipts.verify(text, JSON.parse(given.keys));
        const known = JSON.parse(given.schemas), words = JSON.parse(given.words);
        out.push(found.valid ? panhuoEvidence.told(text, found, known, words) : found.reason);
      }
      console.log(JSON.stringify(out));
    })();
    """
    flipped = receipt.replace('"index":"' + str(place), '"index":"' + str(place - 1), 1)
    done = subprocess.run(
        [found, "-e", code, "--", str(STATIC / "verify.js"), str(STATIC / "evidence.js")],
        input=json.dumps({**given, "texts": [receipt, flipped]}).encode(), capture_output=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    told, refused = json.loads(done.stdout)
    assert isinstance(refused, str)
    assert any(f"第 {place} 条" in one for one in told["says"])
    assert any(night["classes"].root.hex() in one for one in told["says"])
    said = dict(told["row"])
    schema = night["classes"].schema
    assert said[schema["drawdown_id"].zh] == row["drawdown_id"]
    assert said[schema["balance"].zh] == f"{row['balance'] / 100:,.2f}"
    assert said[schema["class"].zh] == schema["class"].codes[row["class"]].zh


def test_an_outcome_is_replayed_to_the_same_root(bank: Any, browser: Any, server: Any, night: Any) -> None:
    from panhuo_server.flows import replaying
    from panhuo_server.flows.engine import prepare

    prepare(server)
    client = browser(bank.email)
    place = night["described"]["entries"]["class_floor"]
    answer = client.post(f"/console/evidence/entries/{place}/replay")
    assert answer.status_code == 302
    address = answer["Location"]
    stream = address.rpartition("/")[2]
    assert "重新计算" in body(client.get(address))
    replaying.fill(bank.org, bank.person, False, stream, "monitoring")
    assert replaying.compute(bank.org, bank.person, False, stream, place, "monitoring") == "same"
    text = body(client.get(address))
    root = night["class_floor"].root.hex()
    assert text.count(root) == 2
    assert "相同" in text
    assert stream in body(client.get(f"/console/evidence/entries/{place}"))
    assert client.post("/console/evidence/entries/999999/replay").status_code == 404


def test_an_entry_is_replayed_once_at_a_time(bank: Any, browser: Any, server: Any, night: Any) -> None:
    from datetime import timedelta

    from panhuo_server.accounts.acting import acting
    from panhuo_server.flows import clock, replaying
    from panhuo_server.flows.engine import prepare
    from panhuo_server.store import events

    prepare(server)
    client = browser(bank.email)
    place, other = night["described"]["entries"]["class_floor"], night["described"]["entries"]["classes"]
    body_of = {"position": place, "name": "class_floor", "stated": ""}
    with acting(bank.org, bank.person, "monitoring"):
        events.append("replay", "still-open", [events.NewEvent("asked", body_of)], seen=0, idempotency_key="open")
        assert replaying.open_replay(other) == ""
    again = client.post(f"/console/evidence/entries/{place}/replay")
    assert again["Location"] == "/console/evidence/replays/still-open"
    now = clock.now()
    with pytest.MonkeyPatch.context() as later, acting(bank.org, bank.person, "monitoring"):
        later.setattr(clock, "now", lambda: now + timedelta(days=1, minutes=1))
        assert replaying.open_replay(place) == ""  # what did not end in a day is dead
    with acting(bank.org, bank.person, "monitoring"):
        told = {"how": "same", "note": "", "root": ""}
        events.append("replay", "still-open", [events.NewEvent("compared", told)], seen=1, idempotency_key="ended")
        assert replaying.open_replay(place) == ""


def test_heads_and_corrections_are_read_up_to_a_number_that_is_said(bank: Any, browser: Any) -> None:
    from panhuo_server.accounts.acting import acting
    from panhuo_server.console.evidence import ledger
    from panhuo_server.store import log
    from panhuo_server.store.corrections import corrections

    with acting(bank.org, bank.person, "monitoring"):
        sizes = [one.head["size"] for one in reversed(log.heads())]
        checked, total = ledger.checked_heads(1, skip=1)
        assert ([one.signed.head["size"] for one in checked], total) == (sizes[1:2], len(sizes))
        assert all(one.checks == (True, True, True) for one in checked)
        found, whole = corrections()
        assert len(found) == whole
        few, whole_again = corrections(1)
        assert (few, whole_again) == (found[:1], whole)
    client = browser(bank.email)
    page = " ".join(body(client.get(f"/console/evidence/heads?skip={len(sizes) - 1}")).split())
    assert f"共 {len(sizes)} 个树头，本页检查了 1 个" in page
    assert page.count("相符</span>") == 3


def test_models_are_those_of_the_lineage_and_their_texts_give_their_hashes(bank: Any, browser: Any, night: Any) -> None:
    import hashlib
    import html

    from panhuo.ground.rules.library import FILES

    client = browser(bank.email)
    wanted = set()
    for name, outcome in night.items():
        if name != "described":
            files = outcome.lineage.get("rule_files", {})
            wanted |= {(file, digest) for file, digest in files.items() if not (FILES / file).exists()}
            if "adoption" in outcome.lineage:
                wanted.add(("adopted.toml", outcome.lineage["adoption"]))
    text = body(client.get("/console/models"))
    links = set(re.findall(r'href="/console/models/([^"/]+)/([0-9a-f]{16})"', text))
    assert links == {(file, digest[:16]) for file, digest in wanted}
    for file, digest in wanted:
        page = body(client.get(f"/console/models/{file}/{digest[:16]}"))
        shown = re.search(r'<pre class="text"[^>]*>(.*?)</pre>', page, re.S)
        assert shown is not None
        assert hashlib.sha256(html.unescape(shown[1]).encode()).hexdigest() == digest, file
    assert client.get("/console/models/expert_card.toml/0000000000000000").status_code == 404


def hits(text: str) -> list[str]:
    """Addresses of what a search found."""
    lists = re.findall(r'<ul class="hits">(.*?)</ul>', text, re.S)
    return [address for one in lists for address in re.findall(r'<li><a href="([^"]+)"', one)]


def test_everything_is_found_by_its_number(bank: Any, browser: Any, night: Any, lines: Any) -> None:
    client = browser(bank.email)
    claim = night["claim_values"].table.column("claim_id")[0].as_py()
    debt = night["classes"].table.to_pylist()[0]
    place = next(n for n, line in enumerate(lines) if line.get("name") == "classes")
    for asked, address in (
        (claim, f"/console/claims/{claim}"),
        (claim.lower(), f"/console/claims/{claim}"),
        (debt["drawdown_id"], f"/console/loans/{debt['drawdown_id']}"),
        (debt["party_id"], f"/console/customers/{debt['party_id']}"),
        ("CLS-10", "/console/rules/classification/CLS-10"),
        (lines[place]["root"], f"/console/evidence/entries/{place}"),
        (lines[place]["root"][:12], f"/console/evidence/entries/{place}"),
        (str(place), f"/console/evidence/entries/{place}"),
    ):
        text = body(client.get("/console/search", {"q": asked}))
        assert address in hits(text), asked
        assert text.count("autofocus") == 1
    assert hits(body(client.get("/console/search", {"q": claim})))[0] == f"/console/claims/{claim}"
    for strange in ("%", "_", "\\", "'; drop table parties; --", "\x00"):
        answer = client.get("/console/search", {"q": strange})
        assert answer.status_code == 200
        assert not [h for h in hits(body(answer)) if h.startswith(("/console/customers", "/console/loans"))], strange


def test_a_person_is_found_by_an_exact_value_and_the_search_is_noted(bank: Any, browser: Any, night: Any) -> None:
    from panhuo_server.accounts.acting import acting
    from panhuo_server.accounts.reads import personal_rows, reads_of

    party = night["classes"].table.to_pylist()[0]["party_id"]
    with acting(bank.org, bank.person, "monitoring"):
        value = personal_rows("parties", [party], ["identifier"])[0]["identifier"]
        before = len(reads_of(party))
    client = browser(bank.email)
    text = body(client.post("/console/search", {"column": "identifier", "value": value}))
    assert f"/console/customers/{party}" in hits(text)
    with acting(bank.org, bank.person, "monitoring"):
        assert len(reads_of(party)) == before + 1
    assert not hits(body(client.get("/console/search", {"q": value})))  # the plain search knows no personal value
    assert "没有主体曾以这个值登记" in body(
        client.post("/console/search", {"column": "identifier", "value": value[:-1]})
    )
    assert client.post("/console/search", {"column": "region", "value": "33"}).status_code == 404


def test_others_find_nothing_and_forbidden_is_unknown(
    bank: Any, browser: Any, founded: Any, night: Any, lines: Any
) -> None:
    claim = night["claim_values"].table.column("claim_id")[0].as_py()
    place = night["described"]["entries"]["classes"]
    other = founded("lender")
    lender = browser(f"admin{other.org.rpartition('-')[2]}@lender.example")
    for asked in (claim, night["classes"].table.to_pylist()[0]["party_id"], lines[place]["root"], str(place)):
        found = hits(body(lender.get("/console/search", {"q": asked})))
        assert [one for one in found if not one.startswith("/console/rules/")] == [], asked  # rules are everybody's
    for address in (f"/console/evidence/entries/{place}", f"/console/evidence/entries/{place}/receipt",
                    "/console/evidence/nights/now/receipts.zip"):  # fmt: skip
        assert lender.get(address).status_code == 404, address
    supervisor = founded("supervisor")
    client = browser(f"admin{supervisor.org.rpartition('-')[2]}@supervisor.example")
    unknown = seen(client, "/console/no-such-room")
    for address in ("/console/rules", "/console/rules/classification/CLS-10", "/console/evidence",
                    "/console/evidence/verify", f"/console/evidence/entries/{place}", "/console/evidence/heads",
                    "/console/evidence/corrections", "/console/models"):  # fmt: skip
        assert seen(client, address) == unknown, address
    own = browser(bank.email)
    for address in ("/console/rules/none/X", "/console/rules/classification/NONE", "/console/rules/on/never",
                    "/console/rules/classification/rows/classes/fired/CLS-10",
                    "/console/rules/classification/rows/class_floor/other/CLS-10"):  # fmt: skip
        assert own.get(address).status_code == 404, address
