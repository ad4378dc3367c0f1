"""Which part of a picture platforms leave free of their own buttons and texts.

No platform publishes a contract about this, and all of them move their buttons now and then. The figures for 9:16 are
shares of a 1080x1920 picture as the platforms' own advertising guides and the usual templates of editors give them for
posts without a call to action (TikTok: 131 px above, 370 below, 60 left, 140 right; YouTube Shorts: 180, 380, 48, 130;
Instagram and Facebook Reels: 220, 430, 60, 130; Snapchat Spotlight: 150, 340, 64, 120), rounded away from the buttons.
Advertisements need more room below (Meta and Google ask for 35 %). Other shapes are shown without buttons over them;
there it is the title-safe area of SMPTE ST 2046-1, 90 % of either side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["PLATFORMS", "SafeArea", "safe_area"]

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
PLATFORMS: dict[str, SafeArea] = {
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
    known = [PLATFORMS[name] for name in platforms if name in PLATFORMS] or list(PLATFORMS.values())
    return SafeArea(
        left=max(area.left for area in known),
        top=max(area.top for area in known),
        right=min(area.right for area in known),
        bottom=min(area.bottom for area in known),
    )
