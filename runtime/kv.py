"""Claims and channels in key-value buckets of the NATS server."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.errors import APIError, KeyNotFoundError, KeyWrongLastSequenceError
from nats.js.kv import KeyValue
from pydantic import ValidationError

from contracts.work import Channel
from runtime.claims import Claim, ClaimLost
from runtime.errors import Reject, Unavailable
from runtime.jitter import jitter

__all__ = ["NatsChannels", "NatsClaims", "bucket_of", "claim_key", "key_of", "keys_in"]

R = TypeVar("R")
_ALLOWED = re.compile(r"[^A-Za-z0-9/_-]")
_FINAL = (KeyNotFoundError, KeyWrongLastSequenceError)


def key_of(text: str) -> str:
    """A key that the server takes: other characters as `=XX`, the colon of our ids as a slash."""
    return _ALLOWED.sub(lambda match: "".join(f"={byte:02X}" for byte in match[0].encode()), text.replace(":", "/"))


def claim_key(text: str) -> str:
    """The key of a claim. Its family is a token of its own, so that the server can tell who may change it."""
    return ".".join(key_of(part) for part in text.split("/", 1))


def bucket_of(js: JetStreamContext, name: str) -> KeyValue:
    """A bucket that is there, without asking the server what it is like: not everybody may."""
    return KeyValue(name, f"KV_{name}", f"$KV.{name}.", js, direct=True)


async def keys_in(js: JetStreamContext, bucket: str) -> list[str]:
    """Keys of a bucket, also of values that were deleted and not forgotten yet, in no order.

    The server lists the subjects of the bucket's stream. `KeyValue.keys` of nats-py makes a consumer instead, which the
    server keeps for five minutes: asked often, it reaches the limit of consumers.
    """
    prefix = f"$KV.{bucket}."
    info = await js.stream_info(f"KV_{bucket}", subjects_filter=f"{prefix}>")
    return [subject.removeprefix(prefix) for subject in info.state.subjects or ()]


class _Bucket:
    """A bucket whose calls are tried again while the server is away; a lost answer shows up as a conflict later."""

    def __init__(self, js: JetStreamContext, name: str, budget: float) -> None:
        self._name = name
        self._budget = budget
        self._kv = bucket_of(js, name)

    async def call(self, use: Callable[[KeyValue], Awaitable[R]]) -> R:
        deadline = time.monotonic() + self._budget
        while True:
            try:
                return await use(self._kv)
            except _FINAL:
                raise
            except (NatsError, APIError, OSError, TimeoutError) as error:
                if time.monotonic() > deadline:
                    raise Unavailable(
                        f"the bucket {self._name} does not answer ({error or type(error).__name__})",
                        advice="Look at the NATS server: is it running?",
                    ) from error
                await asyncio.sleep(jitter(0.05, 0.5))


class NatsClaims:
    """See `runtime.claims.Claims`."""

    def __init__(self, js: JetStreamContext, *, budget: float = 60.0) -> None:
        self._bucket = _Bucket(js, "claims", budget)

    async def take(self, key: str, owner: str) -> Claim:
        """See `Claims.take`. A lost answer to our own `create` is found again by the read that follows."""
        fresh = Claim(key=key, owner=owner)
        while True:
            there = await self.get(key)
            if there is not None:
                return there
            try:
                revision = await self._bucket.call(lambda kv: kv.create(claim_key(key), _body(fresh)))
            except KeyWrongLastSequenceError:
                continue
            return fresh.model_copy(update={"revision": revision})

    async def advance(self, claim: Claim, step: str, *, owner: str | None = None, **data: Any) -> Claim:
        """See `Claims.advance`."""
        following = claim.model_copy(
            update={"step": step, "owner": owner or claim.owner, "data": {**claim.data, **data}}
        )
        try:
            revision = await self._bucket.call(
                lambda kv: kv.update(claim_key(claim.key), _body(following), last=claim.revision)
            )
        except KeyWrongLastSequenceError:
            there = await self.get(claim.key)
            # Our own write whose answer was lost: the same content one revision on.
            if there is not None and _body(there) == _body(following):
                return there
            raise ClaimLost(f"the claim {claim.key} was changed by another worker", after=1.0) from None
        return following.model_copy(update={"revision": revision})

    async def get(self, key: str) -> Claim | None:
        """See `Claims.get`."""
        try:
            entry = await self._bucket.call(lambda kv: kv.get(claim_key(key)))
        except KeyNotFoundError:
            return None
        return Claim.model_validate_json(entry.value or b"").model_copy(update={"revision": entry.revision})


class NatsChannels:
    """See `runtime.channels.Channels`."""

    def __init__(self, js: JetStreamContext, *, budget: float = 60.0) -> None:
        self._js = js
        self._bucket = _Bucket(js, "channels", budget)

    async def get(self, channel_id: str) -> Channel:
        """See `Channels.get`."""
        channel = await self._kept(channel_id)
        if channel is not None:
            return channel
        if channel_id == "default":
            return Channel()
        raise Reject(f"there is no channel {channel_id!r}", advice="Make it, or use `default`", field="channel_id")

    async def put(self, channel: Channel) -> None:
        """See `Channels.put`."""
        body = channel.model_dump_json().encode()
        await self._bucket.call(lambda kv: kv.put(key_of(channel.channel_id), body))

    async def remove(self, channel_id: str) -> None:
        """See `Channels.remove`."""
        await self._bucket.call(lambda kv: kv.delete(key_of(channel_id)))

    async def all(self) -> list[Channel]:
        """See `Channels.all`."""
        keys = await self._bucket.call(lambda _kv: keys_in(self._js, "channels"))
        kept = [await self._kept(name) for name in sorted(set(keys) - {"default"})]
        return [await self.get("default"), *(channel for channel in kept if channel is not None)]

    async def _kept(self, channel_id: str) -> Channel | None:
        try:
            entry = await self._bucket.call(lambda kv: kv.get(key_of(channel_id)))
        except KeyNotFoundError:  # nobody made it, or somebody deleted it
            return None
        return _channel(channel_id, entry.value or b"")


def _body(claim: Claim) -> bytes:
    return claim.model_dump_json().encode()


def _channel(channel_id: str, body: bytes) -> Channel:
    try:
        return Channel.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        field, what = ".".join(str(step) for step in first["loc"]), first["msg"].removeprefix("Value error, ")
        raise Reject(
            f"the channel {channel_id!r} does not fit{f', in its field `{field}`' if field else ''}: {what}",
            advice=f"Mend that in the value `{channel_id}` of the bucket `channels`, or put the whole channel again",
            field=field or None,
        ) from None
