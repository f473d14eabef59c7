"""Files the pages need, served by the application itself under names that hold their hash.

Invariant: a name's bytes never change, so browsers keep them; nothing is served that does not stand in this folder.
"""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.http import Http404, HttpResponse

FOLDER = Path(__file__).parent / "static"
_KINDS = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
          ".txt": "text/plain; charset=utf-8"}  # fmt: skip


@dataclass(frozen=True)
class Static:
    """One file: its name with hash, its bytes plain and compressed."""

    address: str
    kind: str
    plain: bytes
    packed: bytes


@cache
def statics() -> dict[str, Static]:
    """Every file by its plain name, read once."""
    found = {}
    for path in sorted(FOLDER.iterdir()):
        data = path.read_bytes()
        stem, dot, end = path.name.rpartition(".")
        address = f"{stem}.{hashlib.sha256(data).hexdigest()[:16]}{dot}{end}"
        found[path.name] = Static(address, _KINDS[path.suffix], data, gzip.compress(data, 9, mtime=0))
    return found


@cache
def _by_address() -> dict[str, Static]:
    return {one.address: one for one in statics().values()}


def address_of(name: str) -> str:
    """Where a page finds a file."""
    return f"/console/static/{statics()[name].address}"


def serve(request: Any, address: str) -> HttpResponse:
    """A file by its name with hash."""
    found = _by_address().get(address)
    if found is None or request.method not in ("GET", "HEAD"):
        raise Http404
    packed = "gzip" in request.headers.get("Accept-Encoding", "")
    response = HttpResponse(found.packed if packed else found.plain, content_type=found.kind)
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    response["Vary"] = "Accept-Encoding"
    response["X-Content-Type-Options"] = "nosniff"
    if packed:
        response["Content-Encoding"] = "gzip"
    return response
