"""The peer of the HTTP door: a bare FastAPI endpoint that publishes what it gets with nats-py."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import nats
import uvicorn
from fastapi import FastAPI, Request


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    client = await nats.connect(os.environ["CLIPWIRE_NATS_URL"])
    app.state.js = client.jetstream()
    yield
    await client.close()


app = FastAPI(lifespan=_lifespan)


@app.post("/events/{subject}", status_code=202)
async def send(subject: str, request: Request) -> dict[str, object]:
    """Put it on the stream and say where."""
    body = await request.json()
    ack = await request.app.state.js.publish(subject, json.dumps(body).encode(), headers={"Nats-Msg-Id": str(uuid4())})
    return {"sequence": ack.seq, "duplicate": bool(ack.duplicate)}


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["BENCH_PORT"]), log_level="warning", access_log=False)
