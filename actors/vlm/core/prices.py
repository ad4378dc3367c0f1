"""What a model's answer costs: data, as the makers told it, and how much one request can cost at most.

Sources, read in October and November 2026: ai.google.dev, "Gemini Developer API pricing"; console.groq.com, "Models".
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from actors.vlm.ports import Ask, Reply

__all__ = ["PRICES", "Price", "price_of", "prices_told"]

FRAME_TOKENS = 256
"""What a provider puts around the messages, at most."""
VIDEO_TOKENS = 300
"""What a second of video, with its sound, is counted as at most."""
PICTURE_TOKENS = 2048
"""What a picture is counted as at most, by Groq; the others count less."""


@dataclass(frozen=True)
class Price:
    """USD for a million tokens in, and out."""

    input: float
    output: float

    def of(self, reply: Reply) -> float | None:
        """What an answer cost, in USD; none where its tokens are not known, unless it costs nothing anyway."""
        if reply.input_tokens is None or reply.output_tokens is None:
            return None if self.input or self.output else 0.0
        return round((reply.input_tokens * self.input + reply.output_tokens * self.output) / 1e6, 8)

    def most(self, ask: Ask) -> float:
        """What a request can cost at most, in USD: no token is shorter than a byte, and the answer's are bounded."""
        texts = (ask.system, ask.text, str(ask.schema), ask.answered, ask.fault)
        tokens = sum(len(text.encode()) for text in texts) + PICTURE_TOKENS * len(ask.pictures) + FRAME_TOKENS
        tokens += math.ceil(VIDEO_TOKENS * ask.video.seconds) if ask.video else 0
        return round((tokens * self.input + ask.most_tokens * self.output) / 1e6, 8)


FREE = Price(0.0, 0.0)
PRICES: Mapping[str, Mapping[date, Price]] = {
    "gemini:gemini-3.8-flash": {date(2026, 9, 2): Price(0.75, 3.75), date(2027, 1, 1): Price(1.50, 7.50)},
    "gemini:gemini-3.5-flash-lite": {date(2026, 7, 21): Price(0.30, 2.50)},
    "groq:openai/gpt-oss-120b": {date(2025, 8, 5): Price(0.15, 0.60)},
    "groq:openai/gpt-oss-20b": {date(2025, 8, 5): Price(0.075, 0.30)},
}
"""By `provider:model`, from a day on. What is not here is not known, which is not the same as free."""


def price_of(provider: str, model: str, told: Mapping[str, Price], on: date) -> Price | None:
    """The price on a day, if it is known: `told` by the operator, from the table; one's own machine costs nothing."""
    name = f"{provider}:{model}"
    if name in told:
        return told[name]
    since = [day for day in PRICES.get(name, ()) if day <= on]
    return PRICES[name][max(since)] if since else FREE if provider == "ollama" else None


def prices_told(text: str) -> dict[str, Price]:
    """Prices from `provider:model=input/output, …`. Raises `ValueError` for what is written otherwise."""
    out = {}
    for piece in filter(None, (piece.strip() for piece in text.split(","))):
        name, _, price = piece.rpartition("=")
        tokens_in, _, tokens_out = price.partition("/")
        told = Price(float(tokens_in), float(tokens_out)) if name and tokens_in and tokens_out else None
        if told is None or not (0 <= told.input < math.inf and 0 <= told.output < math.inf):
            raise ValueError(f"{piece!r} is no price: write provider:model=input/output")
        out[name] = told
    return out
