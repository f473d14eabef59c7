"""What forgetting does to everything that is stored, step by step, each of which may be done again.

Invariant: a party's key is destroyed under the organisation's lock, together with its tokens: nobody seals a value of
it in between. What a crash left or a restore brought back is erased before anybody is served.
"""

from __future__ import annotations

import json
import shutil
from datetime import date
from typing import Any
from urllib.parse import quote

import psycopg

from panhuo.ground.book.catalogue import TABLES
from panhuo.ground.record.errors import PanhuoError
from panhuo_server.store import blind_index, events, log, uploads
from panhuo_server.store.acting import acting, current, cursor
from panhuo_server.store.books import drop_cached_book
from panhuo_server.store.declared import quoted
from panhuo_server.store.layout import Layout
from panhuo_server.store.party_keys import StoredPartyKeys, erasures, forgotten
from panhuo_server.store.postgres import Address
from panhuo_server.store.statements import state

STREAM = "forgetting"


def known(party: str) -> bool:
    """Whether the acting organisation holds facts of that party."""
    with cursor() as c:
        c.execute("select from parties_identity where org_id = %s and id = %s", [current().org, party])
        return c.fetchone() is not None


def erased(party: str | None = None) -> list[tuple[str, str, str, date]]:
    """(party, ground, rule, day) of every erasure of the acting organisation, or of one party's."""
    with cursor() as c:
        c.execute(
            "select party_id, ground, rule, erased_on from erasures where org_id = %s and (%s::text is null or "
            "party_id = %s) order by fact_sequence, fact_position",
            [current().org, party, party],
        )
        return list(c.fetchall())


def tokens_of(party: str) -> int:
    """How many search tokens stand for values of a party of the acting organisation."""
    with cursor() as c:
        c.execute("select count(*) from blind_index where org_id = acting_org() and party_id = %s", [party])
        return int(c.fetchone()[0])


def shares_about(party: str) -> dict[str, str]:
    """Share -> receiver, of every share the acting organisation ever gave of rows with personal columns about it."""
    found: dict[str, str] = {}
    with cursor() as c:
        c.execute("select share_id, table_name, row_id, to_org from shares where org_id = %s", [current().org])
        for share, table, row, to_org in c.fetchall():
            if table not in TABLES or not TABLES[table].personal_columns:
                continue
            names = sorted({str(column.personal) for column in TABLES[table].personal_columns})
            about = " or ".join(f"{quoted(name)} = %s" for name in names)
            c.execute(
                f"select exists (select from {quoted(table)} where org_id = %s and (%s::text is null or id = %s)"
                f" and ({about}))",
                [current().org, row, row, *[party] * len(names)],
            )
            if c.fetchone()[0]:
                found[share] = to_org
    return found


def shown_to(party: str) -> list[str]:
    """Organisations to which rows with personal columns about the party were ever shared by the acting organisation."""
    return sorted(set(shares_about(party).values()))


def tell(party: str, rule: str, day: date, to: list[str]) -> None:
    """Notes for other organisations that the party was forgotten here; they see it at their next look."""
    with cursor() as c:
        c.executemany(
            "insert into erasure_notices (org_id, party_id, to_org, rule, erased_on) values (%s, %s, %s, %s, %s)"
            " on conflict do nothing",
            [(current().org, party, one, rule, day) for one in to],
        )


def received() -> list[tuple[Any, ...]]:
    """(owner, party, rule, day, told at) of erasures others told the acting organisation of."""
    with cursor() as c:
        c.execute("select * from received_erasures()")
        return list(c.fetchall())


def record(party: str, ground: str, rule: str, day: date) -> int:
    """Seals the `erasures` fact and its leaf in the log; returns the leaf's position. The same again is the same."""
    org = current().org
    state(
        "erasures",
        {"id": f"erasure-{party}", "party_id": party, "ground": ground, "rule": rule, "erased_on": day},
        idempotency_key=f"forget {party}",
    )
    (position,) = log.append([{"kind": "erasure", "org": org, "party": party, "rule": rule}])
    return position


def destroy(party: str, ground: str, rule: str, day: date) -> None:
    """Destroys the party's key and its tokens under the organisation's lock; inside `acting`."""
    acting = current()
    with cursor() as c:
        log.hold(c, acting.org)
        said: dict[str, Any] = {"ground": ground, "rule": rule, "on": day.isoformat(), "person": acting.person}
        said |= {"judicial": acting.judicial}
        StoredPartyKeys(Layout.current(), acting.org).destroy(acting.org, party, json.dumps(said))
        blind_index.forget(party)


def copies(layout: Layout, org: str) -> dict[str, int]:
    """What `purge` would throw away now: ``book`` (1 or 0), ``runs`` with results, ``files`` handed in."""
    runs = [path for path in (layout.results / quote(org, safe="")).glob("[!.]*") if path.is_dir()]
    return {
        "book": int(layout.book(org).exists()), "runs": len(runs), "files": len(uploads.kept(layout, org)),
    }  # fmt: skip


def purge(layout: Layout, org: str) -> None:
    """Throws away what was made from the organisation's facts and can be made again, and files handed in."""
    drop_cached_book(org)
    shutil.rmtree(layout.results / quote(org, safe=""), ignore_errors=True)
    for name in uploads.kept(layout, org):
        uploads.remove(layout, org, name)


def note(party: str, kind: str, body: dict[str, Any]) -> None:
    """Adds an event to the party's stream of forgetting; each kind once."""
    held = events.read(STREAM, party)
    if all(event.kind != kind for event in held):
        events.append(
            STREAM, party, [events.NewEvent(kind, body)], seen=len(held), idempotency_key=f"forgetting {party} {kind}"
        )


def unfinished() -> list[tuple[str, str, str, date]]:
    """Erasures of the acting organisation whose last step has not been noted: a crash came between."""
    return [one for one in erased() if all(event.kind != "finished" for event in events.read(STREAM, one[0]))]


# ---- after a crash or a restore


def erase_again(layout: Layout, address: Address) -> int:
    """Erases, as the administrator and before anybody is served, what a crash left or a restore brought back.

    Every party with an `erasures` fact loses its key, every forgotten party its tokens. Returns how many keys and
    tokens went.
    """
    gone = 0
    with psycopg.connect(**address.parameters(address.admin, address.admin_password)) as c:
        for schema in ("panhuo", "judicial"):
            for org, party in c.execute(f"select distinct org_id, party_id from {quoted(schema)}.erasures").fetchall():
                keys = StoredPartyKeys(layout, org)
                if keys.get(org, party) is not None:
                    keys.destroy(org, party)
                    gone += 1
            parties = forgotten(layout)
            gone += c.execute(
                f"delete from {quoted(schema)}.blind_index b using unnest(%s::text[], %s::text[]) as f(org, party)"
                " where b.org_id = f.org and b.party_id = f.party",
                [[org for org, _ in parties], [party for _, party in parties]],
            ).rowcount
    return gone


def record_again(layout: Layout) -> list[str]:
    """Seals the erasures the keys' file knows and the restored database does not, as the person who forgot.

    Returns what could not be sealed, in words: organisation and party, for a privacy officer to do.
    """
    left: list[str] = []
    for org, party, said in erasures(layout):
        held = json.loads(said)
        try:
            with acting(org, held["person"], "privacy", judicial=held["judicial"]):
                if known(party) and not erased(party):
                    record(party, held["ground"], held["rule"], date.fromisoformat(held["on"]))
                    note(party, "finished", {"rule": held["rule"], "restored": True})
        except PanhuoError as error:
            left.append(f"{org}: {party}: {error}")
    return left
