"""A file handed in once more: after it was taken back it is sealed anew; rows that name a review here stay out."""

from __future__ import annotations

from typing import Any

import pytest

from handing_in import take


def test_a_file_that_was_taken_back_is_handed_in_again_and_sealed_anew(server: Any, queue: Any, founded: Any) -> None:
    from panhuo.ground.record.errors import Conflict
    from panhuo_server.flows import importing, undoing
    from panhuo_server.store.acting import acting
    from panhuo_server.store.reading import facts_of

    bank = founded("lender")

    def held() -> set[str]:
        with acting(bank.org, bank.person, "import"):
            return {row["id"] for row in facts_of("parties").to_pylist()}

    tries = []
    for _ in range(2):
        upload = take(bank)
        tries.append(upload)
        assert importing.take_in(bank.org, bank.person, False, upload) == {"good": 2, "bad": 1}
        assert held() == {"P-1", "P-3"}, "sealed anew, not answered from the batch that was taken back"
        assert take(bank) == upload, "while it stands the same file is the same import"
        with acting(bank.org, bank.person, "import"):
            undoing.ask(upload, "wrong month")
        with pytest.raises(Conflict):
            take(bank)
        assert undoing.withdraw(bank.org, bank.person, False, upload) == 2
        assert held() == set()
    assert tries == [tries[0], f"{tries[0]}-1"] and take(bank) == f"{tries[0]}-2"


def test_a_row_that_names_a_review_here_as_its_source_is_set_aside(server: Any, queue: Any, founded: Any) -> None:
    from panhuo_server.flows import importing
    from panhuo_server.store.acting import acting
    from panhuo_server.store.reading import facts_of

    bank = founded("lender")
    content = (
        b"id,drawdown_id,party_id,decided_on,final,source_doc\n"
        b"C1,D1,P1,2026-03-31,normal,minutes of March.docx\n"
        b"C2,D2,P2,2026-03-31,normal,class review R-7\n"
        b"C3,D3,P3,2026-03-31,normal,Class Review R-8\n"
    )
    upload = take(bank, content, table="class_decisions")
    assert importing.take_in(bank.org, bank.person, False, upload) == {"good": 1, "bad": 2}
    with acting(bank.org, bank.person, "import"):
        rows = [row for row in importing.report(upload) if row["severity"] == "bad"]
        aside = importing.set_aside(upload)
        sealed = [row["id"] for row in facts_of("class_decisions").to_pylist()]
    assert [(row["row"], row["column"], row["code"]) for row in rows] == [
        (3, "source_doc", "reserved-source"), (4, "source_doc", "reserved-source"),
    ]  # fmt: skip
    assert [row.cells[0] for row in aside.rows] == ["C2", "C3"] and sealed == ["C1"]
