"""What a model's answer costs: data, as its makers told it on a day, and how much one request can cost at most."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from actors.vlm.ports import Ask, Reply

__all__ = ["AS_OF", "PRICES", "Price", "price_of", "prices_told"]

AS_OF = "2026-11"
PICTURE_TOKENS = 2048
"""What a picture is counted as at most, by Groq; the others count less."""


@dataclass(frozen=True)
class Price:
    """USD for a million tokens in, and out."""

    input: float
    output: float

    def of(self, reply: Reply) -> float:
        """What an answer cost, in USD."""
        return round((reply.input_tokens * self.input + reply.output_tokens * self.output) / 1e6, 8)

    def most(self, ask: Ask) -> float:
        """What a request can cost at most, in USD: no token is shorter than a byte, and the answer's are bounded."""
        texts = (ask.system, ask.text, str(ask.schema), ask.answered, ask.fault)
        tokens = sum(len(text.encode()) for text in texts) + PICTURE_TOKENS * len(ask.pictures)
        return round((tokens * self.input + ask.most_tokens * self.output) / 1e6, 8)


FREE = Price(0.0, 0.0)
PRICES: Mapping[str, Price] = {
    "groq:openai/gpt-oss-120b": Price(0.15, 0.60),
    "groq:openai/gpt-oss-20b": Price(0.075, 0.30),
}
"""By `provider:model`, as of `AS_OF`. What is not here is not known, which is not the same as free."""


def price_of(provider: str, model: str, told: Mapping[str, Price]) -> Price | None:
    """The price, if it is known: `told` by the operator, from the table, or none at all for one's own machine."""
    name = f"{provider}:{model}"
    return told.get(name) or PRICES.get(name) or (FREE if provider == "ollama" else None)


def prices_told(text: str) -> dict[str, Price]:
    """Prices from `provider:model=input/output, …`. Raises `ValueError` for what is written otherwise."""
    out = {}
    for piece in filter(None, (piece.strip() for piece in text.split(","))):
        name, _, price = piece.rpartition("=")
        tokens_in, _, tokens_out = price.partition("/")
        if not name:
            raise ValueError(f"{piece!r} is no price: write provider:model=input/output")
        out[name] = Price(float(tokens_in), float(tokens_out))
    return out
