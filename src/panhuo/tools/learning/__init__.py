"""Binning, scorecards, boosted trees, calibration, reasons, leaks, cards; models saved as text.

Invariant: importing this face imports nothing heavy; scoring never imports a training library.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_PLACES = {
    "Model": "model",
    "read_model": "model",
    "Scorer": "scoring",
    "Scores": "scoring",
    "score_table": "scoring",
    "load_expert_card": "expert_card",
    "train": "training",
    "Training": "training",
}

__all__ = list(_PLACES)


def __getattr__(name: str) -> Any:
    if name in _PLACES:
        return getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
    raise AttributeError(name)
