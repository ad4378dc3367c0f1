"""Outside services with the keys that they need, and what each key enables; platforms to publish on tell their own."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["SERVICES", "Service"]


@dataclass(frozen=True)
class Service:
    """A service; `variable` sets it up. Whether this version uses it follows from the settings there are."""

    name: str
    variable: str
    enables: str
    keyless: bool = False
    """Whether it works without being set up."""


def _service(name: str, enables: str, suffix: str = "API_KEY", *, keyless: bool = False) -> Service:
    return Service(name, f"CLIPWIRE_{name}_{suffix}", enables, keyless)


SERVICES: tuple[Service, ...] = (
    _service("YOUTUBE", "searching YouTube for candidates"),
    _service("YOUTUBE_ANALYTICS", "learning from YouTube's figures"),
    _service("PEERTUBE", "searching a PeerTube server"),
    _service("REDDIT", "searching Reddit for candidates"),
    _service("TWITCH", "searching Twitch for candidates"),
    _service("ARCHIVE_ORG", "searching the Internet Archive (needs no key)", "BASE_URL", keyless=True),
    _service("PEXELS", "footage from Pexels"),
    _service("PIXABAY", "footage from Pixabay"),
    _service("NASA", "footage from NASA"),
    _service("WIKIMEDIA", "footage from Wikimedia Commons"),
    _service("BILIBILI", "searching Bilibili for candidates"),
    _service("DAILYMOTION", "searching Dailymotion for candidates"),
    _service("VIMEO", "searching Vimeo for candidates"),
    _service("DUCKDUCKGO", "searching the web for candidates"),
    _service("RUMBLE", "searching Rumble for candidates"),
    _service("GROQ", "listening, and judging moments, by Groq"),
    _service("OPENAI", "listening by OpenAI or a server like it; judging, with a model in CLIPWIRE_VLM_MODELS"),
    _service("GEMINI", "judging moments by Gemini"),
    _service("OLLAMA", "judging by a model of your own, named in CLIPWIRE_VLM_MODELS", "BASE_URL"),
    _service("ELEVENLABS", "speech by ElevenLabs"),
    _service("FAL", "pictures by fal"),
    _service("SILICONFLOW", "pictures by SiliconFlow"),
    _service("TELEGRAM", "the Telegram bot"),
)
