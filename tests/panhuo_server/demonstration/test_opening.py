"""The demonstration before anything is made: who is in it, what it refuses, which verb it is."""

from __future__ import annotations

import json
import socket
import unicodedata
from pathlib import Path

import pytest

from panhuo.ground.record.errors import Conflict, Unavailable


def test_everybody_holds_roles_their_kind_of_organisation_has_and_six_and_more_are_main() -> None:
    from panhuo_server.accounts.roles import BY_CODE
    from panhuo_server.demonstration.cast import CAST, organisations

    kinds = {one.org: one.kind for one in organisations("清溪农村商业银行", "清溪", "某公司")}
    assert set(kinds.values()) == {
        "lender", "asset_manager", "investor", "mediation", "court", "borrower", "supervisor",
    }  # fmt: skip
    for person in CAST:
        assert all(kinds[person.org] in BY_CODE[role].kinds for role in person.roles), person.email
        assert person.email.endswith(".example")
    main = {person.roles[0] for person in CAST if person.main}
    assert main >= {"officer", "asset_manager", "lawyer", "mediator", "investor", "auditor"}
    assert len({person.email for person in CAST}) == len(CAST)


def test_passwords_are_drawn_by_chance_and_pass_the_servers_own_check(server: object) -> None:
    from panhuo_server.accounts.passwords import hashed
    from panhuo_server.demonstration.cast import CAST, password

    drawn = [password() for _ in range(200)]
    assert len(set(drawn)) == 200 and all(len(one) == 14 and one.count("-") == 2 for one in drawn)
    assert hashed(drawn[0], about=(CAST[0].email, CAST[0].name)).startswith("argon2")


def test_sign_ins_are_printed_in_columns_with_the_main_roles_first() -> None:
    from panhuo_server.demonstration.cast import CAST, SignIn, told

    lines = told([SignIn(person, "清溪" * (1 + n % 3), f"secret-{n:02}") for n, person in enumerate(CAST)]).split("\n")
    people = [line for line in lines if line]
    assert len(people) == len(CAST) and lines.index("") == sum(person.main for person in CAST)

    def width(text: str) -> int:
        return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)

    assert len({width(line.split("secret-")[0]) for line in people}) == 1


def test_a_folder_with_anything_else_or_another_demonstration_is_refused(tmp_path: Path) -> None:
    from panhuo_server.demonstration.making import Settings, open_or_make

    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("kept")
    with pytest.raises(Conflict) as refused:
        open_or_make(mine, Settings(), anew=True)
    assert "thesis.txt" in refused.value.what and (mine / "thesis.txt").read_text() == "kept"

    other = tmp_path / "demo"
    other.mkdir()
    (other / "demo.json").write_text(json.dumps({"format": 1, "preset": "county", "borrowers": 2000, "seed": 7}))
    with pytest.raises(Conflict) as refused:
        open_or_make(other, Settings(borrowers=30_000))
    assert refused.value.code == "conflict/other-demonstration" and "ANEW=1" in (refused.value.remedy or "")
    assert (other / "demo.json").exists()


@pytest.mark.parametrize("anew", [False, True])
def test_a_folder_where_no_demonstration_was_begun_is_kept_whatever_its_names(tmp_path: Path, anew: bool) -> None:
    from panhuo_server.demonstration.making import Settings, open_or_make

    kept = tmp_path / "data" / "judicial.json"
    kept.parent.mkdir()
    kept.write_text("a bank's own")
    (tmp_path / "book").mkdir()
    (tmp_path / "lock").touch()
    with pytest.raises(Conflict) as refused:
        open_or_make(tmp_path, Settings(), anew=anew)
    assert refused.value.code == "conflict/not-a-demonstration" and "book, data" in refused.value.what
    assert refused.value.remedy == "name another folder, or empty this one"
    assert kept.read_text() == "a bank's own" and not (tmp_path / "making").exists()


def test_one_that_was_begun_is_made_again_and_its_mark_goes_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from panhuo_server.demonstration import making

    def begin(folder: Path, settings: making.Settings) -> list[object]:
        assert (folder / "making").exists() and not (folder / "data").exists()
        (folder / "data").mkdir()
        raise KeyboardInterrupt

    monkeypatch.setattr(making, "make", begin)
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            making.open_or_make(tmp_path, making.Settings())
        assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "making"]
    making._keep(tmp_path, making.Settings(), [])
    assert making.made_with(tmp_path) == making.Settings() and not (tmp_path / "making").exists()


def test_the_one_that_is_there_is_opened_with_its_own_sign_ins(tmp_path: Path) -> None:
    from panhuo_server.demonstration.cast import CAST, SignIn
    from panhuo_server.demonstration.making import Settings, _keep, open_or_make

    (tmp_path / "data").mkdir()
    _keep(tmp_path, Settings(), [SignIn(person, "某机构", f"secret-{person.name}") for person in CAST])
    found, made = open_or_make(tmp_path, Settings())
    assert made is False and [one.password for one in found] == [f"secret-{person.name}" for person in CAST]
    assert (tmp_path / "sign-ins.json").stat().st_mode & 0o077 == 0


def test_the_next_free_port_is_taken_and_one_demonstration_has_its_folder(tmp_path: Path) -> None:
    from panhuo_server.demonstration.opening import _alone, free_port

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert free_port(port) > port
    with _alone(tmp_path), pytest.raises(Conflict), _alone(tmp_path):
        pass
    with pytest.raises(Unavailable):
        _none_free()


def _none_free() -> None:
    from contextlib import ExitStack

    from panhuo_server.demonstration.opening import NEAR, free_port

    with ExitStack() as held:
        for start in range(20_000, 60_000, NEAR):
            sockets = []
            try:
                for port in range(start, start + NEAR):
                    one = held.enter_context(socket.socket())
                    one.bind(("127.0.0.1", port))
                    one.listen()
                    sockets.append(one)
            except OSError:
                continue
            free_port(start)
            return


def test_without_the_servers_libraries_the_librarys_own_demonstration_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    import panhuo.verbs.demo
    from panhuo.verbs.listing import verb_named
    from panhuo_server.verbs import demo

    verb = verb_named("demo")
    assert verb is not None and verb.run == "panhuo_server.verbs.demo:run"
    asked = {}

    def alone(**given: object) -> dict[str, object]:
        asked.update(given)
        return {"report": "r"}

    monkeypatch.setattr(demo, "NEEDS", ("a_library_nobody_has",))
    monkeypatch.setattr(panhuo.verbs.demo, "run", alone)
    assert demo.run(out="here", borrowers=60) == {"report": "r"}
    assert asked["out"] == "here" and asked["borrowers"] == 60


def test_the_courts_cases_name_no_party_and_one_confirmation_is_due_soon() -> None:
    from datetime import date

    import pyarrow as pa

    from panhuo_server.demonstration.dockets import mediations

    class Nothing:
        def rows(self, name: str) -> pa.Table:
            return pa.table({"result": pa.array([], pa.string())})

    today = date(2026, 11, 29)
    cases = mediations(Nothing(), "某中心", today)  # type: ignore[arg-type]
    assert len(cases) == 5 and all(case.get("claim_id") is None for case in cases)
    waiting = [case for case in cases if case["result"] == "agreed" and "confirmation_filed_on" not in case]
    # Thirty days from the agreement: 司法确认 must be asked for by 2026-12-08, nine days from this day.
    assert [str(case["agreed_on"]) for case in waiting] == ["2026-11-08"]
