"""Creates or updates streams, buckets and consumers as `topology` says, and tells where a server differs from it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping
from typing import Any

from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy, KeyValueConfig
from nats.js.errors import APIError, BadRequestError, NotFoundError

from runtime.topology import BUCKETS, EVENTS, STREAMS, Bucket, Consumer, Stream

__all__ = ["drift", "provision"]

_NANO = 1_000_000_000
_NAME_IN_USE = 10058  # with another configuration
_SERVER_MAX_DELIVER = -1  # what is delivered too often is set aside by the policy, which knows why


async def provision(
    nats: Client, consumers: Iterable[Consumer] = (), *, after: Mapping[str, int] | None = None
) -> None:
    """Make the server as `topology` says. Safe to run at any time, from any number of processes.

    `after`: for consumers that are new, the stream sequence behind which they begin; else at the first message.
    """
    js = nats.jetstream()
    for stream in STREAMS:
        await _apply_stream(nats, stream)
    for bucket in BUCKETS:
        await _apply_bucket(nats, bucket)
    for consumer in consumers:
        config = _consumer_config(consumer)
        if floor := (after or {}).get(consumer.name):
            config.deliver_policy, config.opt_start_seq = DeliverPolicy.BY_START_SEQUENCE, floor + 1
        elif there := await _consumer(js, consumer.name):
            # Where it began can't be changed later, so an update has to say the same.
            config.deliver_policy, config.opt_start_seq = there.deliver_policy, there.opt_start_seq
        await js.add_consumer(EVENTS, config=config)


async def drift(nats: Client, consumers: Iterable[Consumer] = ()) -> list[str]:
    """Every difference between the server and `topology`, one line each; empty when there is none."""
    js = nats.jetstream()
    lines: list[str] = []
    for stream in STREAMS:
        lines += await _stream_drift(nats, stream)
    for bucket in BUCKETS:
        current = await _stream_config(nats, f"KV_{bucket.name}")
        if current is None:
            lines.append(f"bucket {bucket.name}: missing")
            continue
        differences = _differences(_bucket_body(bucket), current)
        lines += [f"bucket {bucket.name}: {key} is {have!r}, should be {want!r}" for key, have, want in differences]
    for consumer in consumers:
        lines += await _consumer_drift(js, consumer)
    return lines


async def _apply_stream(nats: Client, stream: Stream) -> None:
    body = _stream_body(stream)
    current = await _stream_config(nats, stream.name) or await _create_stream(nats, stream, body)
    if _differences(body, current):
        # What topology does not mention (replicas, placement) is the operator's and stays.
        await _api(nats, f"STREAM.UPDATE.{stream.name}", {**current, **body})


async def _create_stream(nats: Client, stream: Stream, body: dict[str, Any]) -> dict[str, Any]:
    """Its configuration; of two processes that make it at once, both get that of the first."""
    # The time is behind every sequence of a stream of that name that was deleted.
    first = {"first_seq": time.time_ns() // 1_000_000} if stream.sourced else {}
    try:
        answer = await _api(nats, f"STREAM.CREATE.{stream.name}", {**body, **first})
    except BadRequestError as error:
        if error.err_code != _NAME_IN_USE:
            raise
        answer = await _api(nats, f"STREAM.INFO.{stream.name}", {})
    config: dict[str, Any] = answer["config"]
    return config


async def _stream_drift(nats: Client, stream: Stream) -> list[str]:
    current = await _stream_config(nats, stream.name)
    if current is None:
        return [f"stream {stream.name}: missing"]
    differences = _differences(_stream_body(stream), current)
    return [f"stream {stream.name}: {key} is {have!r}, should be {want!r}" for key, have, want in differences]


async def _apply_bucket(nats: Client, bucket: Bucket) -> None:
    current = await _stream_config(nats, f"KV_{bucket.name}")
    if current is None:
        config = KeyValueConfig(bucket=bucket.name, history=bucket.history, ttl=bucket.ttl or None, direct=True)
        await nats.jetstream().create_key_value(config)
    elif _differences(_bucket_body(bucket), current):
        await _api(nats, f"STREAM.UPDATE.KV_{bucket.name}", {**current, **_bucket_body(bucket)})


def _bucket_body(bucket: Bucket) -> dict[str, Any]:
    """A bucket is a stream; these are its settings that we choose (ADR-8 of NATS)."""
    return {"max_msgs_per_subject": bucket.history, "max_age": int(bucket.ttl * _NANO), "allow_direct": True}


async def _consumer(js: JetStreamContext, name: str) -> ConsumerConfig | None:
    try:
        config: ConsumerConfig = (await js.consumer_info(EVENTS, name)).config
    except NotFoundError:
        return None
    return config


async def _consumer_drift(js: JetStreamContext, consumer: Consumer) -> list[str]:
    current = await _consumer(js, consumer.name)
    if current is None:
        return [f"consumer {consumer.name}: missing"]
    want = _consumer_config(consumer)
    pairs = {
        "ack_wait": (current.ack_wait, want.ack_wait),
        "max_deliver": (current.max_deliver, want.max_deliver),
        "filter_subjects": (current.filter_subjects, want.filter_subjects),
    }
    return [f"consumer {consumer.name}: {key} is {a!r}, should be {b!r}" for key, (a, b) in pairs.items() if a != b]


def _consumer_config(consumer: Consumer) -> ConsumerConfig:
    return ConsumerConfig(
        durable_name=consumer.name,
        description=f"{consumer.actor} listens to {consumer.subject}",
        filter_subjects=[consumer.subject, consumer.redrive_subject],
        ack_policy=AckPolicy.EXPLICIT,
        ack_wait=consumer.ack_wait,
        max_deliver=_SERVER_MAX_DELIVER,
        max_ack_pending=1000,
    )


def _stream_body(stream: Stream) -> dict[str, Any]:
    return {
        "name": stream.name,
        "subjects": list(stream.subjects),
        "storage": "file",
        "retention": "limits",
        "max_age": int(stream.max_age * _NANO),
        "max_bytes": stream.max_bytes,
        "duplicate_window": int(stream.duplicate_window * _NANO),
        **stream.settings,
    }


def _differences(want: dict[str, Any], have: dict[str, Any]) -> list[tuple[str, Any, Any]]:
    absent = {"max_age": 0}
    rows = ((key, have.get(key, absent.get(key, False)), value) for key, value in want.items())
    return [(key, current, value) for key, current, value in rows if current != value]


async def _stream_config(nats: Client, name: str) -> dict[str, Any] | None:
    try:
        answer = await _api(nats, f"STREAM.INFO.{name}", {})
    except NotFoundError:
        return None
    config: dict[str, Any] = answer["config"]
    return config


async def _api(nats: Client, operation: str, body: dict[str, Any]) -> dict[str, Any]:
    """A raw call of the JetStream API: nats-py's `StreamConfig` does not know message schedules."""

    message = await nats.request(f"$JS.API.{operation}", json.dumps(body).encode(), timeout=10)
    answer: dict[str, Any] = json.loads(message.data)
    if "error" in answer:
        APIError.from_error(answer["error"])  # raises, by its kind
    return answer
