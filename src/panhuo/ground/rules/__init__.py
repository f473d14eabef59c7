"""Rule sets, their versions, the condition language and its one generated `judge_rules` source.

The names a stage needs are offered here lazily, so that importing the room costs nothing.
"""

from __future__ import annotations

import importlib
from typing import Any

_HOME = {
    "Adoption": "adoption",
    "CompiledRules": "compile",
    "Period": "periods",
    "Rule": "rule",
    "RuleSet": "rule_set",
    "brackets": "schedules",
    "compile_rule_set": "compile",
    "cumulated": "schedules",
    "end_of_period": "periods",
    "explain": "explanation",
    "load_adoption": "adoption",
    "load_rule_set": "rule_set",
    "loan_prime_rate": "prime_rate",
    "number": "schedules",
    "parameter": "schedules",
    "period": "schedules",
    "rows": "schedules",
}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(importlib.import_module(f"panhuo.ground.rules.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
