"""The same three stages on Celery and Redis, with late acknowledgement: what is compared loses no work."""

from __future__ import annotations

import os
import time

import redis
from celery import Celery

URL = os.environ["BENCH_REDIS_URL"]
app = Celery("bench", broker=URL)
app.conf.update(
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_ignore_result=True,
    worker_prefetch_multiplier=4,
    task_routes={"one": {"queue": "one"}, "two": {"queue": "two"}, "three": {"queue": "three"}},
    broker_connection_retry_on_startup=True,
    worker_hijack_root_logger=False,
)
_redis = redis.Redis.from_url(URL)


@app.task(name="one")
def one(event: dict[str, object]) -> None:
    """First stage."""
    two.delay(event)


@app.task(name="two")
def two(event: dict[str, object]) -> None:
    """Second stage."""
    three.delay(event)


@app.task(name="three")
def three(event: dict[str, object]) -> None:
    """Last stage: leaves its outcome where the benchmark counts it."""
    _redis.rpush("outcomes", f"{event['n']} {event['sent']} {time.time()}")
