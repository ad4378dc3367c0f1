"""Which spans of a clip can stand alone: borders, candidate spans, a visible score, the best set without overlap."""

from __future__ import annotations

from actors.vlm.core.choosing import Judgements, candidates, choose

__all__ = ["DEFAULT_WANTED", "METHOD", "Judgements", "candidates", "choose"]

METHOD = "local/2"
DEFAULT_WANTED = 4
