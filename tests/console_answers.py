"""What the console's tests read of an answer."""

from __future__ import annotations

import gzip
import html
import re
from typing import Any


def body(answer: Any) -> str:
    """The text of an answer, unpacked."""
    data: bytes = answer.content
    return (gzip.decompress(data) if answer.headers.get("Content-Encoding") == "gzip" else data).decode()


def seen(client: Any, address: str) -> tuple[int, str]:
    """A page's status and text without what differs from one asking to the next: its token and its own address."""
    answer = client.get(address)
    text = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", body(answer))
    return answer.status_code, text.replace(address, "ADDRESS")


def yuan(fen: int) -> str:
    """An amount to the fen, as pages write it in Chinese."""
    sign = "−" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100:,}.{abs(fen) % 100:02d}元"


def as_fen(text: str) -> int:
    """An amount to the fen, read from a Chinese page."""
    return int(re.sub(r"[^\d−]", "", text).replace("−", "-"))


def plain(text: str) -> str:
    """A page's words without its marks."""
    return html.unescape(re.sub(r"<[^>]+>", " ", text))
