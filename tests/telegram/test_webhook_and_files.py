"""Webhooks, files in both directions, plain words, languages."""

from __future__ import annotations

import json
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from contracts import events as e
from contracts import subjects as s
from runtime.media import FileMediaStore
from tests.telegram.conftest import ADA, World, emptied, having, shows
from tests.telegram.film import asked, film, make_render
from tests.telegram.server import message_of


async def test_a_webhook_is_answered_once_its_command_is_on_the_stream(world: World, unused_port: int) -> None:
    hook = f"http://127.0.0.1:{unused_port}"
    async with world.start(telegram_webhook_url=hook, telegram_webhook_port=unused_port):
        await world.api.until(lambda: world.bot.webhook)
        await world.link()
        assert world.bot.polls == 0
        shown = await world.api.write(world.bot, ADA, "/clip https://example.org/a.mp4")
        assert world.bot.updates == [], "answered with 200"
        assert len(await world.commands()) == 1
        again: dict[str, Any] = {
            "update_id": world.bot.next_update - 1,
            "message": message_of(world.bot, shown),
        }
        again["message"]["from"] = {"id": ADA, "is_bot": False, "first_name": "Ada"}
        world.bot.updates.append(again)
        assert await world.api.deliver(world.bot) == [200]
        assert len(await world.commands()) == 1, "the same update again does nothing"


async def test_what_does_not_come_from_telegram_is_refused_without_a_word(world: World, unused_port: int) -> None:
    hook = f"http://127.0.0.1:{unused_port}"
    async with world.start(telegram_webhook_url=hook, telegram_webhook_port=unused_port):
        await world.api.until(lambda: world.bot.webhook)
        assert world.bot.webhook is not None and world.api.session is not None
        url, secret = world.bot.webhook["url"], world.bot.webhook["secret_token"]
        right = {"X-Telegram-Bot-Api-Secret-Token": secret}
        body = json.dumps({"update_id": 1})
        cases: list[tuple[str, dict[str, str], bytes, int]] = [
            (url, {}, body.encode(), 404),
            (url, {"X-Telegram-Bot-Api-Secret-Token": secret[:-1]}, body.encode(), 404),
            (f"{hook}/telegram/nothing", right, body.encode(), 404),
            (url, right, b"no json", 400),
            (url, right, b"[" * 100_000, 400),
            (url, right, b'{"update_id": "x"}', 400),
            (url, right, b" " * (1 << 21), 413),
            (url, right, body.encode(), 200),
        ]
        for address, headers, content, status in cases:
            async with world.api.session.post(address, data=BytesIO(content), headers=headers) as answer:
                assert answer.status == status, (headers, content[:20])


@pytest.fixture
def unused_port() -> int:
    from runtime.embed import free_port

    return free_port()


async def test_a_video_that_is_too_large_is_sent_as_a_smaller_one(world: World) -> None:
    async with world.start(telegram_upload_mb=1):
        await world.ready()
        await world.link()
        render = await make_render(world.media, seconds=1.0, width=270, height=480, noise=True)
        assert render.video.bytes > 1_000_000
        await world.say(s.APPROVAL_ASKED, asked(render))
        short = await world.seen(ADA, lambda shown: bool(shown.video), within=60)
        assert 0 < short.bytes <= 1_000_000
        await world.until(partial(_empty, world.home / "telegram"))


async def test_a_video_that_telegram_calls_too_large_is_sent_as_a_smaller_one(world: World) -> None:
    world.api.methods.limit = 100_000
    async with world.start():
        await world.ready()
        await world.link()
        render = await make_render(world.media, seconds=0.4, width=270, height=480, noise=True)
        await world.say(s.APPROVAL_ASKED, asked(render))
        assert render.video.bytes > 100_000
        short = await world.seen(ADA, lambda shown: "How bees find home" in shown.text, within=60)
        assert short.video is None or short.bytes <= 100_000
        assert "🚀 Publish now" in short.labels


async def test_a_short_whose_file_is_gone_is_asked_about_in_words(world: World) -> None:
    async with world.start():
        await world.ready()
        await world.link()
        render = await make_render(world.media)
        await world.media.delete(render.video.uri)
        await world.say(s.APPROVAL_ASKED, asked(render))
        short = await world.seen(ADA, lambda shown: "How bees find home" in shown.text)
        assert short.video is None
        await world.api.press(world.bot, ADA, short, "Reject")
        await world.until(lambda: shows(short, "Rejected by operator"))


async def test_a_video_that_is_sent_becomes_a_clip(world: World, media: FileMediaStore) -> None:
    async with world.start():
        await world.ready()
        await world.link()
        place = world.home / "talk.mp4"
        film(place)
        world.bot.files["sent"] = place.read_bytes()
        video = {"file_id": "sent", "file_unique_id": "s", "width": 1, "height": 1, "duration": 1, "file_size": 9}
        for _ in range(2):
            await world.api.write(world.bot, ADA, "", video=video, caption="My talk")
        await world.until(lambda: emptied(world))
        first, second = [event.data for event in await world.commands()]
        assert isinstance(first, e.CandidateApproved) and first.url is not None
        assert first == second, "the same file is the same clip"
        assert first.url.startswith("file:///")
        assert (world.home / "uploads").stat().st_mode & 0o077 == 0
        large = {**video, "file_size": 30_000_000}
        await world.api.write(world.bot, ADA, "", video=large)
        await world.seen(ADA, lambda shown: "30 MB; I can take 20 MB" in shown.text)
        document = {"file_id": "sent", "file_unique_id": "s", "file_name": "notes.pdf", "mime_type": "application/pdf"}
        await world.api.write(world.bot, ADA, "", document=document)
        await world.seen(ADA, lambda shown: "no video that I know" in shown.text)
        assert len(await world.commands()) == 2


@pytest.mark.parametrize(
    "content", [b"#EXTM3U\nfile:///etc/passwd\n", b"<html>", b"", b"\0\0\0\x18ftypisom" + b"\0" * 64]
)
async def test_a_file_that_is_a_video_by_its_name_alone_is_refused_and_not_kept(world: World, content: bytes) -> None:
    async with world.start():
        await world.ready()
        await world.link()
        world.bot.files["sent"] = content
        video = {"file_id": "sent", "file_unique_id": "s", "file_name": "a.mp4", "mime_type": "video/mp4"}
        await world.api.write(world.bot, ADA, "", document=video)
        await world.seen(ADA, having("That does not work"))
        assert await world.commands() == []
        assert list((world.home / "uploads").iterdir()) == []


async def test_only_addresses_of_the_web_are_taken(world: World) -> None:
    async with world.start():
        await world.ready()
        await world.link()
        for text in ("/clip file:///etc/passwd", "/clip ftp://example.org/a", "/clip nothing", "/clip https://[::1"):
            said = len(world.bot.said(ADA))
            await world.api.write(world.bot, ADA, text)
            assert "no address that I can use" in (await world.said_more(ADA, said)).text
        assert await world.commands() == []


@pytest.mark.parametrize(
    ("language", "text"), [("de-DE", "Verbunden mit"), ("ru", "Чат привязан"), ("fr", "Linked to")]
)
async def test_a_person_is_spoken_to_in_their_own_language(world: World, language: str, text: str) -> None:
    async with world.start():
        await world.ready()
        await world.link(language=language)
        await world.seen(ADA, lambda shown: text in shown.text)
        await world.api.write(world.bot, ADA, "/language de")
        await world.seen(ADA, lambda shown: "Ich spreche jetzt Deutsch" in shown.text)
        assert set(world.bot.commands) == {"", "de", "en", "ru"}


class Model:
    """A server of models that answers what it was told to."""

    def __init__(self, *answers: str | int) -> None:
        self.answers = list(answers)
        self.asked: list[dict[str, Any]] = []

    async def handle(self, request: web.Request) -> web.Response:
        self.asked.append({"key": request.headers.get("Authorization"), **await request.json()})
        answer = self.answers.pop(0)
        if isinstance(answer, int):
            return web.json_response({"error": {"message": "no"}}, status=answer)
        return web.json_response({"choices": [{"message": {"content": answer}}]})


async def test_plain_words_are_understood_and_nothing_is_done_without_a_yes(world: World) -> None:
    model = Model('{"wants": "scan", "topic": "how bees find home"}', 400, '{"wants": "status"}', "no json", 503)
    app = web.Application()
    app.router.add_post("/openai/v1/chat/completions", model.handle)
    async with serving(app) as url, world.start(telegram_model="groq:small", groq_base_url=url, groq_api_key="key-1"):
        await world.ready()
        await world.link()
        await world.api.write(world.bot, ADA, "find me something on how bees find home")
        question = await world.seen(ADA, lambda shown: "Look for videos about how bees find home?" in shown.text)
        assert await world.commands() == []
        await world.api.press(world.bot, ADA, question, "Yes")
        (event,) = await world.until(world.commands)
        assert event.data.niche == "how bees find home"
        await world.until(lambda: shows(question, "Looking"))
        await world.api.write(world.bot, ADA, "what are you doing?")
        await world.seen(ADA, lambda shown: "Nothing is being worked on" in shown.text)
        for why in ("did not answer as it was asked to", "answered 503"):
            await world.api.write(world.bot, ADA, "hm")
            await world.seen(ADA, having(why))
        assert [told["key"] for told in model.asked] == ["Bearer key-1"] * 5
        assert model.asked[0]["response_format"]["type"] == "json_schema"


def serving(app: web.Application) -> Any:
    """A local server."""
    from contextlib import asynccontextmanager

    @asynccontextmanager
    async def run() -> Any:
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
        await runner.cleanup()

    return run()


async def test_without_a_model_the_bot_says_which_commands_there_are(world: World) -> None:
    async with world.start():
        await world.ready()
        await world.link()
        await world.api.write(world.bot, ADA, "find me something on bees")
        await world.seen(ADA, lambda shown: "I did not understand that" in shown.text and "/scan" in shown.text)


async def _empty(folder: Path) -> bool:
    """A preview is gone once it is sent."""
    return not list(folder.glob("*"))
