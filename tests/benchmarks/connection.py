"""One keep-alive HTTP connection, as thin as a client can be: the machine that is measured also runs the client."""

import socket
from dataclasses import dataclass
from io import BytesIO
from types import TracebackType
from typing import BinaryIO

# Seconds: the slowest answer is a group of 100,000 members on a busy machine.
_PATIENCE = 120.0


@dataclass(frozen=True)
class Answer:
    """What came back; header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


class Connection:
    """Sends whole requests, one after the other; connects anew after the server has closed."""

    def __init__(self, address: str) -> None:
        """`address` is HOST:PORT."""
        host, _, port = address.rpartition(":")
        self._address = (host, int(port))
        self._socket: socket.socket | None = None
        self._file: BinaryIO = BytesIO()

    def __enter__(self) -> "Connection":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def send(self, request: bytes) -> Answer:
        """The answer to a request. A worker that has answered its last request closes without a word; nothing of ours
        was read then, so it is sent again."""
        for _ in range(3):
            status_line = self._status_line(request)
            if status_line:
                return self._received(status_line)
            self.close()
        raise ConnectionError("the server closes every connection")

    def close(self) -> None:
        """Give the connection up."""
        self._file.close()
        if self._socket is not None:
            self._socket.close()
        self._socket = None

    def _status_line(self, request: bytes) -> bytes:
        """The first line of the answer; nothing when the connection had been closed."""
        if self._socket is None:
            self._socket = socket.create_connection(self._address, _PATIENCE)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._file = self._socket.makefile("rb")
        try:
            self._socket.sendall(request)
            return self._file.readline()
        except (ConnectionResetError, BrokenPipeError):
            return b""

    def _received(self, status_line: bytes) -> Answer:
        headers = {}
        while (line := self._file.readline().strip()) != b"":
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
        status = int(status_line.split(b" ", 2)[1])
        answer = Answer(status, headers, b"" if status == 204 else _body(self._file, headers))
        if headers.get("connection") == "close":
            self.close()
        return answer


def _body(stream: BinaryIO, headers: dict[str, str]) -> bytes:
    if headers.get("transfer-encoding") != "chunked":
        return stream.read(int(headers.get("content-length", "0")))
    chunks = []
    while size := int(stream.readline(), 16):
        chunks.append(stream.read(size))
        stream.readline()
    stream.readline()
    return b"".join(chunks)
