from __future__ import annotations

from actors.renderer.adapters.looks.look import Filter, Look

__all__ = ["Mirror"]


class Mirror(Look):
    """Left and right swapped. Text in the picture is mirrored too."""

    says = "left and right are swapped"

    def filters(self) -> tuple[Filter, ...]:
        return (("hflip", ""),)
