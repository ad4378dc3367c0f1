"""Everybody who can listen, by the settings."""

from __future__ import annotations

from pathlib import Path

from actors.transcriber.adapters.asking import Service
from actors.transcriber.adapters.groq import Groq
from actors.transcriber.adapters.openai import OpenAI
from actors.transcriber.adapters.remote import ServiceRecognizer
from actors.transcriber.adapters.whisper import WhisperRecognizer
from actors.transcriber.ports import Recognizer
from actors.transcriber.settings import TranscriberSettings

__all__ = ["recognizers"]


def recognizers(settings: TranscriberSettings, scratch: Path) -> list[Recognizer]:
    """One of each kind; whether it can listen shows when it is asked to. What is sent is cut out in `scratch`."""
    services: list[Service] = [Groq(settings), OpenAI(settings)]
    remote = (
        ServiceRecognizer(
            service,
            scratch=scratch,
            upload_mb=settings.transcriber_upload_mb,
            memory_mb=settings.transcriber_memory_mb,
            timeout_s=settings.transcriber_sound_timeout_s,
        )
        for service in services
    )
    return [WhisperRecognizer(settings), *remote]
