"""Whether an order can be carried out at all, as far as its channel tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actors.downloader.core.addresses import Refusal

if TYPE_CHECKING:  # building the contracts costs more than all else here, and the child processes need none of them
    from contracts.work import Channel

__all__ = ["refused_recipe"]


def refused_recipe(name: str, channel: Channel) -> Refusal | None:
    """Why no short could be made in this recipe: its channel has none of the name."""
    known = sorted(recipe.name for recipe in channel.recipes)
    if name in known:
        return None
    return Refusal(
        f"the channel {channel.channel_id!r} has no recipe {name!r}",
        f"Use one that it has ({', '.join(known) or 'none'}), or add it to the channel",
    )
