"""What `clipwire doctor` tells of the platforms: set up or not, with which accounts, and what is missing."""

from __future__ import annotations

from actors.publisher.adapters.accounts.answers import info_of
from actors.publisher.adapters.platforms import open_platforms
from actors.publisher.settings import PublisherSettings
from contracts import asks
from contracts.publishing import Account
from runtime.bus import open_bus
from runtime.errors import ClipwireError
from runtime.home import running_clipwire
from runtime.media import open_media_store
from runtime.settings import RuntimeSettings

__all__ = ["Standing", "platforms_here"]

_ANSWER_S = 5.0


class Standing:
    """How one platform stands. `accounts`: none where no publisher runs that could tell."""

    def __init__(self, info: asks.PlatformInfo, accounts: list[Account] | None) -> None:
        self.name = info.name
        self.ready = info.ready
        self._info = info
        self._accounts = accounts

    @property
    def found(self) -> str:
        """In words."""
        if self._info.missing is not None:
            return f"set {self._info.missing}"
        if self._info.connect == "none":
            return "any name is an account"
        if self._accounts is None:
            return "set up; its accounts are known while Clipwire runs"
        if not self._accounts:
            return f"no account: clipwire account connect {self.name}"
        lost = [account.account_id for account in self._accounts if account.state != "ready"]
        ready = f"{len(self._accounts) - len(lost)} of {len(self._accounts)} accounts ready"
        return f"{ready}; connect again: {', '.join(lost)}" if lost else ready


async def platforms_here(settings: RuntimeSettings) -> list[Standing]:
    """Every platform of this version."""
    known = open_platforms(PublisherSettings(), home=settings.home, media=open_media_store(settings.media_location))
    accounts = await _accounts(settings)
    return [
        Standing(info_of(platform), None if accounts is None else [a for a in accounts if a.platform == name])
        for name, platform in known.items()
    ]


async def _accounts(settings: RuntimeSettings) -> tuple[Account, ...] | None:
    there = running_clipwire(settings.home)
    url = there.nats_url if there is not None else settings.nats_url
    if url is None:
        return None
    try:
        async with open_bus(url, name="clipwire-doctor", within=_ANSWER_S) as bus:
            return (await bus.ask(asks.ACCOUNTS, asks.Nothing(), within=_ANSWER_S)).accounts
    except ClipwireError:  # nobody runs who knows; the other findings say what does
        return None
