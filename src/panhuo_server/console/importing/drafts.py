"""Files on their way in: kept enciphered while somebody matches their columns, seen by nobody else, gone when sealed.

Invariant: a draft is opened by the person who handed it in, for the organisation they handed it in for, and by nobody
else; nothing of it lies readable on the disk.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict, dataclass, field, replace
from pathlib import PurePath
from typing import Any

from panhuo.ground.record.errors import NotFound
from panhuo_server.console.frame import Visit
from panhuo_server.flows import mending
from panhuo_server.store import uploads
from panhuo_server.store.layout import Layout


@dataclass(frozen=True)
class Plan:
    """How a file is to be read; as `panhuo_server.flows.importing.hand_in` takes it.

    Attributes:
        chosen: whether a person looked at the columns and went on.
        continues: the import whose bad rows it brings.
    """

    table: str | None = None
    source: str | None = None
    mapping: dict[str, str] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    defaults: dict[str, str] = field(default_factory=dict)
    effective_on: str | None = None
    sheet: str | None = None
    continues: str = ""
    chosen: bool = False


@dataclass(frozen=True)
class Draft:
    """A file that was handed in and is not sealed yet."""

    id: str
    called: str
    content: bytes = field(repr=False)
    plan: Plan = Plan()

    @property
    def ending(self) -> str:
        """What its name ends in."""
        return "".join(PurePath(self.called).suffixes[-2:])[-12:].lower()

    @property
    def settings(self) -> dict[str, Any]:
        """As a trial of the import takes them."""
        plan = self.plan
        return {
            "table": plan.table, "source": plan.source, "ending": self.ending, "mapping": plan.mapping,
            "units": plan.units, "defaults": plan.defaults, "effective_on": plan.effective_on, "sheet": plan.sheet,
        }  # fmt: skip


def _name(draft: str, part: str = "") -> str:
    if len(draft) != 32 or not all(c in "0123456789abcdef" for c in draft):
        raise NotFound("there is no such file on its way in")
    return f"draft-{draft}{part}"


def keep(visit: Visit, content: bytes, called: str, plan: Plan) -> str:
    """Keeps a file and how it is to be read; returns the draft's id. In `acting`."""
    draft, layout, org = secrets.token_hex(16), Layout.current(), visit.place.org
    uploads.sweep(layout, org)  # files somebody began to bring and left
    head = json.dumps({"person": visit.person, "called": PurePath(called).name[:200]}, ensure_ascii=False).encode()
    uploads.keep(layout, org, _name(draft), len(head).to_bytes(4, "big") + head + content)
    uploads.keep(layout, org, _name(draft, "-plan"), json.dumps(asdict(plan), ensure_ascii=False).encode())
    return draft


def opened(visit: Visit, draft: str) -> Draft:
    """A draft of whoever looks. In `acting`.

    Raises:
        NotFound: when there is none, or it is another person's.
    """
    layout, org = Layout.current(), visit.place.org
    raw = uploads.content_of(layout, org, _name(draft))
    end = 4 + int.from_bytes(raw[:4], "big")
    head = json.loads(raw[4:end])
    if head["person"] != visit.person:
        raise NotFound("there is no such file on its way in")
    plan = Plan(**json.loads(uploads.content_of(layout, org, _name(draft, "-plan"))))
    return Draft(draft, head["called"], raw[end:], plan)


def planned(visit: Visit, draft: Draft, **changed: Any) -> Draft:
    """The draft with another plan, kept."""
    plan = replace(draft.plan, **changed)
    layout, org = Layout.current(), visit.place.org
    uploads.remove(layout, org, _name(draft.id, "-plan"))
    uploads.keep(layout, org, _name(draft.id, "-plan"), json.dumps(asdict(plan), ensure_ascii=False).encode())
    return replace(draft, plan=plan)


def drop(visit: Visit, draft: str) -> None:
    """Destroys a draft and its plan."""
    layout, org = Layout.current(), visit.place.org
    for part in ("", "-plan"):
        uploads.remove(layout, org, _name(draft, part))


def continuing(upload: str, held: mending.SetAside, headers: list[str]) -> Plan:
    """How a mended file is read: as the first one was, with its rows' first numbers and the added words left unread."""
    kept = dict(held.settings)
    given = set(headers)
    mapping = {name: column for name, column in kept["mapping"].items() if name in given} | mending.unread(headers)
    defaults = dict(kept["defaults"])
    defaults["source_doc"] = defaults.get("source_doc", f"{upload}{kept['ending']}")
    return Plan(
        kept["table"], None, mapping, dict(kept["units"]), defaults, kept["effective_on"], None, upload, chosen=True
    )
