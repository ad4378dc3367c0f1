"""Every policy of Clipwire: pure functions from (channel, event) to commands."""

from __future__ import annotations

from actors.producer.core.candidates import after_ranking
from actors.producer.core.command import Command, DeadEndError, is_rule
from actors.producer.core.cuts import Cut, cuts_by_clip, cuts_here
from actors.producer.core.moments import Choice, after_analysis, chosen
from actors.producer.core.shorts import after_render, rights_allow

__all__ = [
    "Choice",
    "Command",
    "Cut",
    "DeadEndError",
    "after_analysis",
    "after_ranking",
    "after_render",
    "chosen",
    "cuts_by_clip",
    "cuts_here",
    "is_rule",
    "rights_allow",
]
