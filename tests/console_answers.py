"""What the console's tests read of an answer."""

from __future__ import annotations

import gzip
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
