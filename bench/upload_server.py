"""Takes uploads as YouTube does, and drops the bytes: `python -m bench.upload_server` prints its port and serves."""

from __future__ import annotations

import json
import socket
import sys
import threading

BUFFER = 1 << 20


class Server:
    """One connection is served at a time by one thread each; the last upload's bytes are counted."""

    def __init__(self, listening: socket.socket) -> None:
        self._listening = listening
        self._url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        self._size = self._stored = 0

    def serve(self) -> None:
        """For ever."""
        while True:
            connection, _ = self._listening.accept()
            threading.Thread(target=self._connection, args=(connection,), daemon=True).start()

    def _connection(self, connection: socket.socket) -> None:
        buffer = memoryview(bytearray(BUFFER))
        left = b""
        with connection:
            while True:
                while b"\r\n\r\n" not in left:
                    if not (more := connection.recv(65_536)):
                        return
                    left += more
                head, _, left = left.partition(b"\r\n\r\n")
                first, *lines = head.decode().split("\r\n")
                headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
                size = int(headers.get("content-length", "0"))
                missing = size - len(left)
                left = left[size:]
                while missing > 0 and (count := connection.recv_into(buffer, min(BUFFER, missing))):
                    missing -= count
                connection.sendall(self._answer(first, headers, size))

    def _answer(self, first: str, headers: dict[str, str], size: int) -> bytes:
        method, target, _ = first.split(" ")
        if method == "POST" and target.startswith("/upload/youtube/v3/videos"):
            self._size, self._stored = int(headers["x-upload-content-length"]), 0
            return _reply("200 OK", b"", f"Location: {self._url}/upload/youtube/v3/videos?upload_id=1\r\n")
        if method == "PUT" and target.startswith("/upload"):
            self._stored += size
            if self._stored < self._size:
                return _reply("308 Resume Incomplete", b"", f"Range: bytes=0-{self._stored - 1}\r\n")
        told = {"id": "v", "status": {"uploadStatus": "processed"}, "fileDetails": {"fileSize": str(self._stored)}}
        return _reply("200 OK", json.dumps({**told, "items": [told]}).encode())


def _reply(status: str, body: bytes, headers: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n".encode() + body


if __name__ == "__main__":
    with socket.create_server(("127.0.0.1", 0)) as listening:
        sys.stdout.write(f"{listening.getsockname()[1]}\n")
        sys.stdout.flush()
        Server(listening).serve()
