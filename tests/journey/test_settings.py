"""What a run is told, checked before anything is judged."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from panhuo.ground.book.folder import Book
from panhuo.ground.record.errors import InvalidInput, NotFound
from panhuo.journey.settings import chosen_organisation, settings_of


def test_models_are_named_for_a_step_and_must_be_there(night: dict[str, Any], tmp_path: Path) -> None:
    book = Book(night["book"])
    file = tmp_path / "m.json"
    file.write_bytes(b"{}")
    for text in ("scores", "scores=", "=x", f"no-such-step={file}"):
        with pytest.raises(InvalidInput):
            settings_of(book, [text])
    with pytest.raises(NotFound):
        settings_of(book, [f"scores={tmp_path / 'absent.json'}"])
    assert settings_of(book, [f"scores={file}"]).models["scores"][1] == b"{}"


def test_a_board_adopts_for_its_own_institution_only(night: dict[str, Any]) -> None:
    book = Book(night["book"])
    assert settings_of(book).adoption is not None
    assert settings_of(book, org="amc").adoption is None


def test_the_organisation_is_chosen_or_asked_for(night: dict[str, Any]) -> None:
    book = Book(night["book"])
    assert chosen_organisation(book, None) == "self"
    assert chosen_organisation(book, "amc") == "amc"
    with pytest.raises(NotFound):
        chosen_organisation(book, "nobody")
