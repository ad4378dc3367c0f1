"""The exported document of the bus: whole, true to the contracts and to the actors."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema_rs import Draft7Validator

from contracts.subjects import COMMANDS, SUBJECTS
from gateway.asyncapi import asyncapi
from runtime.bus import open_bus
from runtime.embed import NatsServer
from runtime.flow import actor_folder, actor_names, read_docstring_flow
from runtime.topology import EVENTS, STORED


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """As a program reads it."""
    exported: dict[str, Any] = json.loads(json.dumps(asyncapi()))
    return exported


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)


def _resolve(document: Any, reference: str) -> Any:
    for part in reference.removeprefix("#/").split("/"):
        document = document[part]
    return document


def test_the_document_is_valid_asyncapi_3(document: dict[str, Any]) -> None:
    """By the schema that the AsyncAPI Initiative publishes; a wrong document is told from a right one."""
    schema = json.loads((Path(__file__).parent / "asyncapi-3.0.0.json").read_text(encoding="utf-8"))
    valid = Draft7Validator(schema)
    assert [error.message for error in valid.iter_errors(document)] == []
    wrong = {**document, "channels": {**document["channels"], "render.done": {"adress": "render.done"}}}
    assert not valid.is_valid(wrong)


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    references = set(_references(document))
    assert len(references) > 100
    for reference in references:
        assert reference.startswith("#/")
        assert _resolve(document, reference)


def test_every_subject_is_a_channel_of_its_stream_with_its_contract(document: dict[str, Any]) -> None:
    for subject in SUBJECTS:
        channel = document["channels"][subject.name]
        assert (channel["address"], channel["x-stream"]) == (subject.name, EVENTS)
        event = _resolve(document, channel["messages"]["event"]["$ref"])
        envelope = _resolve(document, event["payload"]["$ref"])
        contract = _resolve(document, envelope["properties"]["data"]["$ref"])
        assert contract["title"] == subject.model.__name__
        assert "specversion" in envelope["properties"]


def test_a_command_may_be_bare_and_a_fact_may_not(document: dict[str, Any]) -> None:
    bare = {name for name, channel in document["channels"].items() if "bare" in channel["messages"]}
    assert bare == {subject.name for subject in COMMANDS}


@pytest.mark.parametrize("actor", actor_names())
def test_who_sends_and_receives_is_what_the_actors_say(document: dict[str, Any], actor: str) -> None:
    flow = read_docstring_flow(actor_folder(actor))
    mine = [operation for operation in document["operations"].values() if operation["tags"] == [{"name": actor}]]
    told = {action: {_address(document, op) for op in mine if op["action"] == action} for action in ("send", "receive")}
    assert told["receive"] == set(flow.listens)
    assert told["send"] == {*flow.emits, "work.failed", "progress.{stage}.{entity}"}
    consumers = {op["x-consumer"] for op in mine if op["action"] == "receive"}
    assert consumers == {f"{actor}--{subject.replace('.', '_')}" for subject in flow.listens}


def _address(document: dict[str, Any], operation: dict[str, Any]) -> str:
    address: str = _resolve(document, operation["channel"]["$ref"])["address"]
    return address


async def test_what_the_server_says_of_a_stored_message_is_what_the_document_tells(
    document: dict[str, Any], tmp_path: Path
) -> None:
    """Of the real server: every subject that it republishes to is a channel, and every header of its own is told."""
    server = NatsServer(tmp_path, sync="2m")
    await server.start()
    try:
        async with open_bus(server.url, name="test") as bus:
            subscription = await bus.client.subscribe(f"{STORED}.>")
            for subject in ("publish.done", "redrive.ranker.candidate.found"):
                await bus.js.publish(subject, b"{}")
            heard = [await subscription.next_msg(timeout=5) for _ in range(2)]
    finally:
        await server.stop()
    for message, name in zip(heard, (STORED, f"{STORED}-redrive"), strict=True):
        channel = document["channels"][name]
        assert re.fullmatch(re.sub(r"\{\w+\}", "[a-z]+", channel["address"]), message.subject)
        told = _resolve(document, channel["messages"][STORED]["$ref"])
        assert set(message.headers or {}) == set(told["headers"]["properties"]) == set(told["headers"]["required"])
        assert len(message.data) <= told["payload"]["maxLength"]
        mine = [op for op in document["operations"].values() if op["channel"]["$ref"] == f"#/channels/{name}"]
        assert {(op["action"], op["tags"][0]["name"]) for op in mine} == {("send", "nats"), ("receive", "gateway")}


def test_the_messages_of_an_operation_are_those_of_its_channel(document: dict[str, Any]) -> None:
    for operation in document["operations"].values():
        channel = operation["channel"]["$ref"]
        assert all(message["$ref"].startswith(f"{channel}/messages/") for message in operation["messages"])


def test_recorded_events_have_the_fields_that_it_tells(document: dict[str, Any]) -> None:
    samples = Path(__file__).resolve().parents[1] / "contracts/samples/v1"
    for subject in SUBJECTS:
        event = json.loads((samples / f"{subject.name}.json").read_text())
        data = event.get("data", event)
        schema = document["components"]["schemas"][subject.model.__name__]
        assert set(data) <= set(schema["properties"])
        assert set(schema.get("required", [])) <= set(data)
