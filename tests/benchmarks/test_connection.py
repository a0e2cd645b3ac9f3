"""The client of the benchmarks: whole answers, however they are framed, on one connection for as long as it lasts."""

import socket
import threading

from tests.benchmarks.connection import Connection

REQUEST = b"GET / HTTP/1.1\r\n\r\n"
PLAIN = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhell\r\n1\r\no\r\n0\r\n\r\n"
LAST = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello"
EMPTY = b"HTTP/1.1 204 No Content\r\n\r\n"


def bodies(*connections):
    """What comes back when the server answers like this on one connection after the other, closing each."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=serve, args=(server, connections), daemon=True).start()
        with Connection(f"127.0.0.1:{server.getsockname()[1]}") as connection:
            return [connection.send(REQUEST).body for answers in connections for _ in answers]


def serve(server, connections):
    for answers in connections:
        accepted, _ = server.accept()
        with accepted:
            for answer in answers:
                accepted.recv(1000)
                accepted.sendall(answer)


def test_answers_follow_one_another_on_one_connection():
    assert bodies([PLAIN, EMPTY, CHUNKED, PLAIN]) == [b"hello", b"", b"hello", b"hello"]


def test_an_announced_close_is_followed_by_a_new_connection():
    assert bodies([PLAIN, LAST], [PLAIN]) == [b"hello"] * 3


def test_a_silent_close_is_followed_by_a_new_connection():
    assert bodies([PLAIN], [CHUNKED]) == [b"hello"] * 2
