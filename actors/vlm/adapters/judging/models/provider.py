"""What the providers of models have in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from actors.vlm.adapters.judging.models.http import LOST, failed, refusal
from actors.vlm.ports import ModelError
from runtime.replies import fault_of, retry_after

__all__ = ["Access", "Provider"]


@dataclass(frozen=True)
class Access:
    """How a provider is reached, and what it is asked. `watches`: it is sent the video instead of pictures."""

    http: httpx.AsyncClient
    key: str
    base_url: str
    models: Sequence[str]
    pictures: int
    patience_s: float
    watches: bool = False


class Provider:
    """What of `ChatModel` is the same for all. `title` names it for a person."""

    provider: str
    title: str

    def __init__(self, access: Access) -> None:
        self.access = access
        self.watches = access.watches
        self.patience_s = access.patience_s

    def offers(self, pictures: int) -> Sequence[tuple[str, int]]:
        """See `ChatModel.offers`."""
        shown = 0 if self.watches else min(pictures, self.access.pictures)
        return [(model, shown) for model in self.access.models]

    async def posted(self, path: str, body: dict[str, Any]) -> httpx.Response:
        """The answer to plain HTTP with the key, whatever its status. Raises `ModelError` where there is none."""
        headers = {"Authorization": f"Bearer {self.access.key}"} if self.access.key else {}
        try:
            return await self.access.http.post(f"{self.access.base_url.rstrip('/')}{path}", json=body, headers=headers)
        except LOST as error:
            raise failed(self.title, error) from None

    def refused(self, answer: httpx.Response) -> ModelError:
        """What it means that it answers so."""
        after = retry_after(answer.headers)
        return refusal(self.title, answer.status_code, fault_of(answer.content), key=self.access.key, after=after)
