"""The one family of errors.

Invariant: every error says what was wrong, where, and what to do; its kind is mapped to an exit code here and to an
HTTP status in the API, once each.
"""

from __future__ import annotations

from typing import Any


class PanhuoError(Exception):
    """Base of all errors a user may meet.

    Args:
        what: what was wrong, one sentence.
        where: file, row, column, key or option concerned; empty when the whole input is.
        remedy: what the reader can do about it.
        code: stable machine-readable code such as ``invalid-input/unknown-column``.
    """

    kind = "defect"
    exit_code = 70

    def __init__(self, what: str, *, where: str = "", remedy: str = "", code: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.remedy = remedy
        self.code = code or self.kind

    def __str__(self) -> str:
        parts = [self.what]
        if self.where:
            parts.append(f"[{self.where}]")
        if self.remedy:
            parts.append(f"-> {self.remedy}")
        return " ".join(parts)

    def as_json(self) -> dict[str, Any]:
        """The one error shape: ``{"error": {"kind", "code", "what", "where", "remedy"}}``."""
        return {
            "error": {
                "kind": self.kind,
                "code": self.code,
                "what": self.what,
                "where": self.where,
                "remedy": self.remedy,
            }
        }


class InvalidInput(PanhuoError):
    """The input cannot be read as what it claims to be."""

    kind = "invalid-input"
    exit_code = 2


class NotFound(PanhuoError):
    """What was asked for does not exist (or is not the asker's to see)."""

    kind = "not-found"
    exit_code = 3


class NotAllowed(PanhuoError):
    """The asker may not do this."""

    kind = "not-allowed"
    exit_code = 4


class Conflict(PanhuoError):
    """Another fact or command already stands in the way."""

    kind = "conflict"
    exit_code = 5


class RuleRefused(PanhuoError):
    """A rule of law or policy forbids it; ``code`` is the rule's id."""

    kind = "rule-refused"
    exit_code = 6


class Unavailable(PanhuoError):
    """Something needed is not installed or not reachable now."""

    kind = "unavailable"
    exit_code = 7


class Defect(PanhuoError):
    """A promise of this program does not hold: please report it."""

    kind = "defect"
    exit_code = 70
