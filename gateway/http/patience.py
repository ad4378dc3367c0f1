"""How long a client may take: to say what it wants, to send it, and to take the answer; and how many there may be.

Uvicorn waits for ever for a request that has begun. Here, as in Apache's mod_reqtimeout, a head has a time limit, and a
body has one that grows with what has come, so that neither a byte a second nor a stop holds a connection.
"""

from __future__ import annotations

import asyncio
from typing import Any, cast

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from gateway.http.settings import GatewaySettings

__all__ = ["patient"]

_RATE = 1024.0
"""Bytes of a body for which it gets one second more."""
_AHEAD_S = 60.0
"""A client that was quick may not take its lead for a pause that is longer than this."""
_LINGER_S = 5.0
"""Seconds for which the rest of a body is thrown away that was answered before it was there."""
_LATE = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


def patient(settings: GatewaySettings) -> type[H11Protocol]:
    """Uvicorn's HTTP/1.1, with the time limits of the settings."""

    class Patient(_Patient):
        limits = settings

    return Patient


class _Patient(H11Protocol):
    limits: GatewaySettings

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._timer: asyncio.TimerHandle | None = None  # for what is missing of a request
        self._answer: asyncio.TimerHandle | None = None
        self._body: tuple[float, int] | None = None  # when the body began to come, and how much there is of it
        self._lingering = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """From now on its first request is waited for."""
        super().connection_made(cast(asyncio.Transport, transport))
        if len(self.connections) > self.limits.http_connections:
            self.transport.abort()
        else:
            self._wait(self.limits.http_head_s)

    def data_received(self, data: bytes) -> None:
        """Go on with the request; what is missing of it afterwards may take so much longer."""
        super().data_received(data)
        state = self.conn.their_state
        if self.transport.get_protocol() is not self:  # it is a WebSocket from now on
            self._wait(None)
        elif state is h11.IDLE:
            if self._timer is None or self._body or self._lingering:
                self._wait(self.limits.http_head_s)
            self._body, self._lingering = None, False
        elif state is h11.SEND_BODY:
            if not self._lingering:
                self._wait(self._left(len(data)))
        else:
            self._body = None
            self._wait(None)

    def on_response_complete(self) -> None:
        """Whoever was answered before the body was there has little time to notice."""
        super().on_response_complete()
        if self.conn.their_state is h11.SEND_BODY and not self.transport.is_closing():
            self._lingering = True
            self._wait(_LINGER_S)

    def pause_writing(self) -> None:
        """The client takes nothing: an answer for which that stays so is given up."""
        super().pause_writing()
        self._answer = self.loop.call_later(self.limits.http_stall_s, self.transport.abort)

    def resume_writing(self) -> None:
        """It takes again."""
        super().resume_writing()
        if self._answer is not None:
            self._answer.cancel()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is waited for any more."""
        super().connection_lost(exc)
        self._wait(None)
        if self._answer is not None:
            self._answer.cancel()

    def _left(self, more: int) -> float:
        """Seconds that the rest of the body may take, now that more of it has come."""
        now = self.loop.time()
        began, received = self._body or (now, 0)
        self._body = began, received + more
        return min(began + self.limits.http_body_s + (received + more) / _RATE - now, _AHEAD_S)

    def _wait(self, seconds: float | None) -> None:
        """For what is missing of the request; None: nothing is."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None if seconds is None else self.loop.call_later(max(0.0, seconds), self._late)

    def _late(self) -> None:
        if self.transport.is_closing():
            return
        if self.conn.their_state is h11.IDLE:
            unanswered = bool(self.conn.trailing_data[0])  # else nothing was asked
        else:
            unanswered = not self.cycle.response_started
        if unanswered:
            self.transport.write(_LATE)
        self.transport.close()
