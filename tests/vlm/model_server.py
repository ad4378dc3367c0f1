"""Gemini, Groq, an OpenAI-compatible server and Ollama on 127.0.0.1, with the shapes and faults of the real ones."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from itertools import chain, repeat
from typing import Any

from pydantic import SecretStr

from actors.vlm.settings import VlmSettings
from tests.support.http import Handler, answering

__all__ = [
    "KEY",
    "MODELS",
    "PROVIDERS",
    "Answer",
    "Asked",
    "Said",
    "Server",
    "always",
    "good",
    "in_turn",
    "serving",
    "settings_for",
]

PROVIDERS = ("gemini", "groq", "openai", "ollama")
MODELS = {
    "gemini": ("gemini-3.8-flash", "gemini-3.5-flash-lite"),
    "groq": ("openai/gpt-oss-120b", "openai/gpt-oss-20b"),
    "openai": ("first", "second"),
    "ollama": ("qwen2.5vl:7b", "llama3.2"),
}
KEY = "sk-secret-0123456789"
GEMINIS = r'"inlineData": \{[^}]*"image/jpeg"[^}]*\}'
OPENAIS = r'"type": "image_url", "image_url": \{"url": "data:image/jpeg;base64,[^"]+"\}'
"""A picture, as the one and the others are sent it."""
COUNTS = {"usage", "usageMetadata", "prompt_eval_count", "eval_count"}


@dataclass(frozen=True)
class Asked:
    """One request as it came."""

    provider: str
    model: str
    body: dict[str, Any]
    headers: Mapping[str, str]

    @property
    def texts(self) -> list[str]:
        """What was said so far: system, material, and in a repair the answer and its fault."""
        if self.provider == "gemini":
            parts = [self.body["systemInstruction"], *self.body["contents"]]
            return ["".join(part.get("text", "") for part in content["parts"]) for content in parts]
        contents = [message["content"] for message in self.body["messages"]]
        return [c if isinstance(c, str) else "".join(p.get("text", "") for p in c) for c in contents]

    @property
    def pictures(self) -> int:
        """How many pictures came with it."""
        return len(re.findall(rf"{GEMINIS}|{OPENAIS}", json.dumps(self.body))) + sum(
            len(message.get("images", ())) for message in self.body.get("messages", ())
        )

    @property
    def stage(self) -> str:
        """Which questions these are."""
        return "questions" if "stands_alone" in self.texts[0] else "wording"

    @property
    def candidates(self) -> list[dict[str, Any]]:
        """The material, parsed as a model would read it."""
        text = self.texts[1]
        inner = text[text.index("<material>") + len("<material>") : text.index("</material>")]
        return list(json.loads(inner)["candidates"])

    @property
    def repairs(self) -> bool:
        """Whether it asks to repair an answer."""
        return len(self.texts) > 2


@dataclass(frozen=True)
class Said:
    """An answer: `text` of the model (None: it says nothing, for `reason`), or an error, or worse.

    `counts`: it tells its tokens. `raw`: these bytes in the place of the answer. `cut`: it ends after so many bytes.
    `hang`: nothing comes.
    """

    text: str | None = ""
    status: int = 200
    error: str = ""
    code: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    retry_delay: str = ""
    reason: str = "STOP"
    raw: bytes | None = None
    cut: int | None = None
    hang: bool = False
    failed_generation: str | None = None
    counts: bool = True


Answer = Callable[[Asked], Said]


@dataclass
class Server:
    """Where it is, and what it was asked."""

    url: str
    asked: list[Asked] = field(default_factory=list)
    uploaded: bytes = b""
    deleted: list[str] = field(default_factory=list)
    becomes: str = "ACTIVE"

    def film(self, state: str) -> dict[str, Any]:
        """The one file that Gemini holds for us."""
        uri = f"{self.url}/v1/files/film"
        return {"name": "files/film", "uri": uri, "state": state, "mimeType": "video/mp4"}


def good(asked: Asked) -> Said:
    """What a model that understands says: the last candidate is the best, the words name their candidate."""
    count = len(asked.candidates)
    if asked.stage == "questions":
        answers = [
            {"candidate": n, "stands_alone": True, "hook": n == count, "pays_off": True, "safe": True, "mood": "calm"}
            | {"grade": 5 if n == count else 2}
            for n in range(1, count + 1)
        ]
    else:
        answers = [
            {"candidate": n, "title": f"Title {n}", "hook": f"Hook {n}", "description": f"About {n}.", "mood": "funny"}
            | {"tags": ["bees", "dance"]}
            for n in range(1, count + 1)
        ]
    return Said(json.dumps({"answers": answers}))


def in_turn(*first: Said) -> Answer:
    """These answers first, and good ones from then on."""
    answers = chain(first, repeat(None))

    def answer(asked: Asked) -> Said:
        said = next(answers)
        return good(asked) if said is None else said

    return answer


def always(said: Said) -> Answer:
    """This answer, whatever is asked."""
    return lambda asked: said


def settings_for(server: Server, *providers: str, **more: Any) -> VlmSettings:
    """Settings that point these providers at the server, with little patience."""
    for library in ("google.genai", "groq"):
        import_module(library)  # takes seconds the first time, which are no part of a model's answer
    models = ",".join(f"{provider}:{model}" for provider in providers for model in MODELS[provider])
    bases = {f"{name}_base_url": server.url + ("/v1" if name == "openai" else "") for name in PROVIDERS}
    keys = {f"{name}_api_key": SecretStr(KEY) for name in providers if name != "ollama"}
    frames = {f"{name}_frames": 0 for name in PROVIDERS}
    patience = {"vlm_model_timeout_s": 5.0, "ollama_timeout_s": 5.0, "vlm_model_wait_s": 1.0}
    return VlmSettings(**{"vlm_models": models, **bases, **keys, **frames, **patience, **more})


@contextmanager
def serving(answer: Answer) -> Iterator[Server]:
    """Serve `answer` until the block ends."""

    class Handling(Handler):
        def do_POST(self) -> None:
            if self.path.startswith("/upload/"):
                self._take()
                return
            asked = _asked(self.path, json.loads(self.body()), dict(self.headers))
            server.asked.append(asked)
            said = answer(asked)
            if said.hang:
                self.hang()
                return
            body = {key: value for key, value in _shaped(asked, said).items() if said.counts or key not in COUNTS}
            payload = said.raw if said.raw is not None else json.dumps(body).encode()
            self.tell(payload, said.status, said.headers, cut=said.cut)

        def _take(self) -> None:
            """Gemini's resumable upload: a start that names the address, then pieces, the last of which ends it."""
            body = self.body()
            command = self.headers["X-Goog-Upload-Command"]
            if command == "start":
                self.tell(b"{}", headers={"x-goog-upload-url": f"{server.url}/upload/v1/files?upload_id=1"})
                return
            server.uploaded += body
            over = "finalize" in command
            film = {"file": server.film("PROCESSING")} if over else {}
            self.tell(json.dumps(film).encode(), headers={"x-goog-upload-status": "final" if over else "active"})

        def do_GET(self) -> None:
            self.tell(json.dumps(server.film(server.becomes)).encode())

        def do_DELETE(self) -> None:
            server.deleted.append(self.path)
            self.tell(b"{}")

    with answering(Handling) as url:
        server = Server(url)
        yield server


def _asked(path: str, body: dict[str, Any], headers: dict[str, str]) -> Asked:
    if found := re.fullmatch(r"/v1/models/(.+):generateContent", path):
        return Asked("gemini", found[1], body, headers)
    paths = {"/openai/v1/chat/completions": "groq", "/v1/chat/completions": "openai", "/api/chat": "ollama"}
    return Asked(paths[path], body["model"], body, headers)


def _shaped(asked: Asked, said: Said) -> dict[str, Any]:
    return (_error if said.status != 200 else _answer)(asked, said)


def _answer(asked: Asked, said: Said) -> dict[str, Any]:
    if asked.provider == "gemini":
        usage = {"promptTokenCount": 900, "candidatesTokenCount": 80, "thoughtsTokenCount": 20, "totalTokenCount": 1000}
        if said.text is None:
            empty = {"promptFeedback": {"blockReason": "SAFETY"}} if said.reason == "BLOCKED" else {}
            held = {"candidates": [{"finishReason": said.reason, "content": {"role": "model"}}]}
            return {"usageMetadata": usage, **(empty or held)}
        content = {"role": "model", "parts": [{"text": said.text}]}
        return {"candidates": [{"content": content, "finishReason": said.reason}], "usageMetadata": usage}
    if asked.provider == "ollama":
        place = "thinking" if _only_thinks(asked) else "content"
        return {
            "model": asked.model,
            "message": {"role": "assistant", "content": "", place: said.text or ""},
            "done": True,
            "done_reason": "stop" if said.text else "length",
            "prompt_eval_count": 900,
            "eval_count": 100,
        }
    choice = {"index": 0, "message": {"role": "assistant", "content": said.text}, "finish_reason": "stop"}
    usage = {"prompt_tokens": 900, "completion_tokens": 100, "total_tokens": 1000}
    return {"id": "x", "object": "chat.completion", "model": asked.model, "choices": [choice], "usage": usage}


def _only_thinks(asked: Asked) -> bool:
    """Models of Ollama that think do nothing else where they are held to a schema and not told how much."""
    told = asked.body.get("think")
    if "gpt-oss" in asked.model:
        return told not in ("low", "medium", "high")
    return "qwen3" in asked.model and told is not False


def _error(asked: Asked, said: Said) -> dict[str, Any]:
    key = asked.headers.get("x-goog-api-key") or asked.headers.get("Authorization", "").removeprefix("Bearer ")
    message = said.error.replace("{key}", key) or "something is wrong"
    if asked.provider == "ollama":
        return {"error": message}
    if asked.provider == "gemini":
        details = [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": said.retry_delay}]
        fault = {"code": said.status, "message": message, "status": said.code or "UNKNOWN"}
        return {"error": fault | ({"details": details} if said.retry_delay else {})}
    fault = {"message": message, "type": "invalid_request_error", "code": said.code}
    return {"error": fault | ({"failed_generation": said.failed_generation} if said.failed_generation else {})}
