"""The bus as an AsyncAPI 3.0 document (https://www.asyncapi.com/docs/reference/specification/v3.0.0).

Streams and durable consumers, which AsyncAPI has no words for, are told in `x-stream` and `x-consumer`.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from contracts.audit import AuditEntry
from contracts.envelope import CONTENT_TYPE, Progress
from contracts.subjects import COMMANDS, SUBJECTS, WORK_FAILED, Subject
from runtime.envelope import event_model
from runtime.flow import actor_names, read_flow
from runtime.topology import DEAD_LETTERS, EVENTS, STORED, consumer_name

__all__ = ["asyncapi"]

Json = dict[str, Any]
_REF = "#/components/schemas/{model}"
_PLACE = {
    "Nats-Stream": "the stream",
    "Nats-Subject": "the subject under which it lies there",
    "Nats-Sequence": "its sequence",
    "Nats-Time-Stamp": "when the server stored it",
    "Nats-Last-Sequence": "the one before it on its subject; 0: it is the first",
    "Nats-Msg-Size": "bytes of its body",
}
"""Headers of what the server republishes (https://docs.nats.io/nats-concepts/jetstream/streams, RePublish)."""
_ABOUT = (
    "Every subject of the JetStream stream EVENTS, who sends it and who receives it. What Clipwire sends is structured "
    "CloudEvents 1.0 JSON; of a command the contract alone is accepted, too. Any actor may end in `work.failed`."
)


def asyncapi() -> Json:
    """A channel per subject, and for every actor the operations that its code declares."""
    envelopes: dict[str, type[BaseModel]] = {subject.name: event_model(subject) for subject in SUBJECTS}
    models: list[type[BaseModel]] = [
        *envelopes.values(),
        *(subject.model for subject in COMMANDS),
        Progress,
        AuditEntry,
    ]
    refs, schemas = models_json_schema([(model, "validation") for model in models], ref_template=_REF)
    named = {model: ref for (model, _), ref in refs.items()}
    messages = {name: _message(name, named[model], CONTENT_TYPE) for name, model in envelopes.items()}
    messages |= {
        f"{subject.name}.bare": _message(f"{subject.name}.bare", named[subject.model], "application/json")
        for subject in COMMANDS
    }
    messages["audit"] = _message("audit", named[AuditEntry], "application/json")
    messages["progress"] = _message("progress", named[Progress], "application/json")
    messages[STORED] = {"name": STORED, "headers": _place(), "payload": {"type": "string", "maxLength": 0}}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Clipwire", "version": version("clipwire"), "description": _ABOUT},
        "defaultContentType": CONTENT_TYPE,
        "servers": {"nats": _server()},
        "channels": {subject.name: _channel(subject) for subject in SUBJECTS} | _other_channels(),
        "operations": _operations(),
        "components": {
            "messages": messages,
            "schemas": schemas["$defs"],
            "securitySchemes": {"password": {"type": "userPassword", "description": "as `nats_url` says"}},
        },
    }


def _server() -> Json:
    return {
        "host": "127.0.0.1:4222",
        "protocol": "nats",
        "description": "CLIPWIRE_NATS_URL; that of `clipwire up` stands in run.json of CLIPWIRE_HOME",
        "security": [{"$ref": "#/components/securitySchemes/password"}],
    }


def _message(name: str, payload: Json, content_type: str) -> Json:
    return {"name": name, "contentType": content_type, "payload": payload}


def _place() -> Json:
    """What says where a message lies, besides the headers that it was sent with."""
    told = {name: {"type": "string", "description": about} for name, about in _PLACE.items()}
    return {"type": "object", "title": "Headers", "properties": told, "required": [*_PLACE]}


def _channel(subject: Subject[Any]) -> Json:
    messages = {"event": {"$ref": f"#/components/messages/{subject.name}"}}
    if subject.command:
        messages["bare"] = {"$ref": f"#/components/messages/{subject.name}.bare"}
    return {
        "address": subject.name,
        "title": "a command" if subject.command else "a fact",
        "description": subject.model.__doc__,
        "messages": messages,
        "x-stream": EVENTS,
    }


def _other_channels() -> Json:
    def about(*names: str) -> Json:
        return {name: {} for name in names}

    return {
        "progress": {
            "address": "progress.{stage}.{entity}",
            "description": "How far a piece of work is; not kept on a stream.",
            "parameters": about("stage", "entity"),
            "messages": {"progress": {"$ref": "#/components/messages/progress"}},
        },
        "audit": {
            "address": "audit.{family}.{what}",
            "description": "An entry of the audit of users; not kept on a stream, but in the database.",
            "parameters": about("family", "what"),
            "messages": {"audit": {"$ref": "#/components/messages/audit"}},
        },
        "redrive": {
            "address": "redrive.{actor}.{family}.{fact}",
            "description": "A stored message again, for one actor alone.",
            "parameters": about("actor", "family", "fact"),
            "messages": {subject.name: {"$ref": f"#/components/messages/{subject.name}"} for subject in SUBJECTS},
            "x-stream": EVENTS,
        },
        STORED: {
            "address": f"{STORED}.{{family}}.{{fact}}",
            "description": f"{EVENTS} has stored a message of this subject: its headers and place, without its body.",
            "parameters": about("family", "fact"),
            "messages": {STORED: {"$ref": f"#/components/messages/{STORED}"}},
        },
        f"{STORED}-redrive": {
            "address": f"{STORED}.redrive.{{actor}}.{{family}}.{{fact}}",
            "description": f"The same of what {EVENTS} has stored again for one actor.",
            "parameters": about("actor", "family", "fact"),
            "messages": {STORED: {"$ref": f"#/components/messages/{STORED}"}},
        },
        "dead-letters": {
            "address": "dlq.{consumer}.{family}.{fact}",
            "description": "A copy of each message that was set aside; why is in its headers `clipwire-*`.",
            "parameters": about("consumer", "family", "fact"),
            "messages": {subject.name: {"$ref": f"#/components/messages/{subject.name}"} for subject in SUBJECTS},
            "x-stream": DEAD_LETTERS,
        },
    }


def _operations() -> Json:
    operations: Json = {}
    for actor in actor_names():
        flow = read_flow(actor)
        for subject in flow.listens:
            receive = _operation(actor, "receive", subject) | {"x-consumer": consumer_name(actor, subject)}
            operations[f"{actor}.receive.{subject}"] = receive
        for subject in (*flow.emits, WORK_FAILED.name):
            operations[f"{actor}.send.{subject}"] = _operation(actor, "send", subject)
        operations[f"{actor}.send.progress"] = _operation(actor, "send", "progress")
    for command in COMMANDS:
        operations[f"gateway.send.{command.name}"] = _operation("gateway", "send", command.name)
    for channel in (STORED, f"{STORED}-redrive"):
        operations[f"nats.send.{channel}"] = _operation("nats", "send", channel)
    for channel in (*(subject.name for subject in SUBJECTS), "progress", STORED, f"{STORED}-redrive"):
        operations[f"gateway.receive.{channel}"] = _operation("gateway", "receive", channel)
    return operations


def _operation(who: str, action: str, channel: str) -> Json:
    kinds = [{"progress": "progress", STORED: STORED, f"{STORED}-redrive": STORED}.get(channel, "event")]
    if action == "receive" and channel in {command.name for command in COMMANDS}:
        kinds.append("bare")
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{channel}"},
        "messages": [{"$ref": f"#/channels/{channel}/messages/{kind}"} for kind in kinds],
        "tags": [{"name": who}],
    }
