"""What a run is told, read before anything is judged: models, adoptions, what the book names beside its facts."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from panhuo.ground.book.folder import Book
from panhuo.ground.book.table import OWN_ORGANISATION
from panhuo.ground.record.errors import InvalidInput, NotFound
from panhuo.journey.night import Settings


def chosen_organisation(book: Book, org: str | None) -> str:
    """The organisation a run is for: the one named, else ``self``, else the only one.

    Raises:
        NotFound: when the book holds no facts of it.
        InvalidInput: when several could be meant.
    """
    have = book.organisations
    if org is not None:
        if org not in have:
            raise NotFound(f"the book holds no facts of {org}", where="--org", remedy=f"one of: {', '.join(have)}")
        return org
    if OWN_ORGANISATION in have:
        return OWN_ORGANISATION
    if len(have) == 1:
        return have[0]
    if not have:
        raise NotFound("the book holds no facts yet", where=str(book.folder), remedy="import or sample first")
    raise InvalidInput("several organisations could be meant", remedy=f"give --org, one of: {', '.join(have)}")


MODELS = ("scores",)
"""Names of the models a run can be given, each the step it serves."""


def settings_of(book: Book, models: Sequence[str] = (), org: str = OWN_ORGANISATION) -> Settings:
    """Settings from ``NAME=FILE`` models and what book.json names by hash: ``inputs`` by name, and ``adoption``.

    Raises:
        InvalidInput: for a model that is not ``NAME=FILE``, or that no step takes.
        NotFound: when a file is not there.
    """
    read = {}
    for text in models:
        name, separator, file = text.partition("=")
        if not separator or not name or not file:
            raise InvalidInput(
                f"{text} is not NAME=FILE", where="--model", remedy="for example --model scores=sme.json"
            )
        if name not in MODELS:
            raise InvalidInput(
                f"no step takes a model called {name}", where="--model", remedy=f"one of: {', '.join(MODELS)}"
            )
        path = Path(file)
        if not path.exists():
            raise NotFound(f"no model file {file}", where="--model")
        data = path.read_bytes()
        read[name] = (hashlib.sha256(data).hexdigest(), data)
    # A board adopts for its own institution: the book's adoption file is that of the book's own organisation.
    digest = book.description.get("adoption") if org == OWN_ORGANISATION else None
    named = {str(name): str(one) for name, one in book.description.get("inputs", {}).items()}
    inputs = {name: (one, book.read_input(one)) for name, one in named.items()}
    return Settings(models=read, inputs=inputs, adoption=book.read_input(str(digest)) if digest else None)
