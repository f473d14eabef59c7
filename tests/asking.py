"""Requests to the API in tests: Django's own client with a token or without."""

from __future__ import annotations

import itertools
import json
from typing import Any

_KEYS = itertools.count(1)


class Asking:
    """Requests of one token; every answer is JSON."""

    def __init__(self, token: str = "", **headers: str) -> None:
        from django.test import Client

        self.client = Client(raise_request_exception=False)
        self.headers = {**headers, **({"Authorization": f"Bearer {token}"} if token else {})}

    def __call__(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        headers = {**self.headers, **more.pop("headers", {})}
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        return self.client.generic(
            method, path, body or b"", more.pop("content_type", "application/json"), headers=headers, **more
        )

    def get(self, path: str, **headers: str) -> Any:
        """A GET whose answer is expected to be JSON."""
        return self("GET", path, headers=headers)

    def post(self, path: str, body: Any, key: str | None = None, **headers: str) -> Any:
        """A POST with an idempotency key of its own."""
        return self("POST", path, body, headers={"Idempotency-Key": key or f"test-key-{next(_KEYS)}", **headers})
