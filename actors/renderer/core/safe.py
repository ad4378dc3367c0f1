"""Which part of a picture platforms leave free of their own buttons and texts.

No platform publishes this for ordinary posts, and all of them move their buttons now and then. The figures for 9:16 are
shares of a 1080x1920 picture out of templates and guides of editors, which differ by some 40 pixels from one another:
TikTok about 130 to 150 px above, 340 to 370 below, 120 to 140 on the right; YouTube Shorts 140 to 190, 320 to 380, 100
to 130; Instagram and Facebook Reels 200 to 220, 350 to 430, 100 to 130; Snapchat Spotlight 150, 340, 120. Where they
differ, the larger one counts. Advertisements need more room: Meta's guide asks for 14 % above, 35 % below, 6 % beside.
Other shapes are shown without buttons over them; there it is the title-safe area of SMPTE ST 2046-1, 90 % of each side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["FREE", "SafeArea", "safe_area"]

TALL = 0.65
"""Width by height under which a picture fills a phone, with buttons over it."""


@dataclass(frozen=True)
class SafeArea:
    """A part of a picture by its edges; shares of width and height from the top left corner."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def centered_width(self) -> float:
        """Width of the widest box in it that stands in the middle of the picture."""
        return 2 * min(0.5 - self.left, self.right - 0.5)


TITLE_SAFE = SafeArea(0.05, 0.05, 0.95, 0.95)
FREE: dict[str, SafeArea] = {
    "tiktok": SafeArea(0.06, 0.07, 0.87, 0.80),
    "youtube": SafeArea(0.05, 0.10, 0.88, 0.80),
    "instagram": SafeArea(0.06, 0.12, 0.88, 0.77),
    "facebook": SafeArea(0.06, 0.12, 0.88, 0.77),
    "snapchat": SafeArea(0.06, 0.08, 0.88, 0.82),
}
"""Free of buttons on 9:16 pictures; names as accounts and channels have them."""


def safe_area(platforms: Sequence[str], width: float, height: float) -> SafeArea:
    """What is free on all of these platforms; on all that are known where none of them is."""
    if width / height >= TALL:
        return TITLE_SAFE
    known = [FREE[name] for name in platforms if name in FREE] or list(FREE.values())
    return SafeArea(
        left=max(area.left for area in known),
        top=max(area.top for area in known),
        right=min(area.right for area in known),
        bottom=min(area.bottom for area in known),
    )
