"""Plays requests against a server and says what they cost. Rounds of several servers alternate, so that a noisy
machine hits all of them; the median of the rounds counts."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from statistics import median, quantiles
from typing import NamedTuple

from tests.benchmarks.connection import Connection
from tests.benchmarks.usage import cpu_seconds


@dataclass(frozen=True)
class Effort:
    """How long to measure."""

    rounds: int
    requests: int
    connections: int = 1

    def __str__(self) -> str:
        return f"{self.rounds} rounds of {self.requests} requests, connections: {self.connections}"

    def numbers(self, turn: int) -> range:
        """The numbers of the requests of a round; 0 is nobody's, for a first look."""
        return range(1 + turn * self.requests, 1 + (turn + 1) * self.requests)


@dataclass(frozen=True)
class Server:
    """A running server: where it listens (HOST:PORT), the process at its root, and those that also work for it."""

    address: str
    pid: int
    others: tuple[int, ...] = ()

    def cpu(self) -> float:
        """The seconds of CPU that it has used so far."""
        return sum(map(cpu_seconds, (self.pid, *self.others)))


@dataclass(frozen=True)
class Round:
    """What one round took: seconds of the clock, of the server's CPU, and for each request."""

    clock: float
    cpu: float
    latencies: tuple[float, ...]


class Cost(NamedTuple):
    """What one request costs: CPU and latencies in milliseconds."""

    per_second: float
    p50: float
    p99: float
    cpu: float


def play(server: Server, requests: Sequence[bytes], status: int, connections: int = 1) -> Round:
    """Send the requests one after the other, shared out over keep-alive connections. AssertionError for another
    status than `status`: a benchmark of errors would be worth nothing."""
    shares = [requests[start::connections] for start in range(connections)]
    cpu, clock = server.cpu(), time.perf_counter()
    with ThreadPoolExecutor(connections) as pool:
        latencies = [each for share in pool.map(lambda s: _sent(server, s, status), shares) for each in share]
    return Round(time.perf_counter() - clock, server.cpu() - cpu, tuple(latencies))


def cost(rounds: Sequence[Round]) -> Cost:
    """The median round; the percentiles are those of all requests together."""
    cuts = quantiles([latency for each in rounds for latency in each.latencies], n=100)
    return Cost(
        median(len(each.latencies) / each.clock for each in rounds),
        cuts[49] * 1000,
        cuts[98] * 1000,
        median(each.cpu / len(each.latencies) for each in rounds) * 1000,
    )


def _sent(server: Server, requests: Sequence[bytes], status: int) -> list[float]:
    latencies = []
    with Connection(server.address) as connection:
        for request in requests:
            began = time.perf_counter()
            answer = connection.send(request)
            latencies.append(time.perf_counter() - began)
            assert answer.status == status, answer.body.decode(errors="replace")
    return latencies
