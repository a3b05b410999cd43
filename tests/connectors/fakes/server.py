"""A web API on loopback whose state tests change and whose faults tests script; time in it is simulated."""

import email.utils
import json
import re
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from connectors.sources.clock import Clock

START = datetime(2026, 11, 2, 3, 0, 0, tzinfo=UTC)


class SimulatedTime:
    """Time that passes only when somebody waits; `waits` are the pauses that were asked for."""

    def __init__(self, start: datetime = START) -> None:
        self.at = start
        self.waits: list[float] = []

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.waits.append(seconds)
        self.at += timedelta(seconds=seconds)

    def tick(self, **span: float) -> None:
        """Let time pass without anyone waiting for it; a second unless told."""
        self.at += timedelta(**(span or {"seconds": 1}))

    @property
    def clock(self) -> Clock:
        """The clock to give to a source."""
        return Clock(lambda: self.at, self.sleep, lambda: (self.at - START).total_seconds())  # noqa: PLW0108 - `at` moves

    def stamp(self, at: datetime | None = None) -> str:
        """Return the time as APIs write it."""
        return (at or self.at).strftime("%Y-%m-%dT%H:%M:%S.") + f"{(at or self.at).microsecond // 1000:03}Z"


@dataclass
class Request:
    """What the server was asked."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def form(self) -> dict[str, str]:
        """The body as a form."""
        return {name: values[0] for name, values in parse_qs(self.body.decode()).items()}


@dataclass
class Reply:
    """What the server answers: `data` as JSON, or `body` as it is."""

    data: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None

    @property
    def content(self) -> bytes:
        """The bytes to send."""
        return json.dumps(self.data, ensure_ascii=False).encode() if self.body is None else self.body


@dataclass
class Script:
    """What happens to the requests that `path` (a pattern) matches, after `skip` of them, `times` times.

    `act` gets the request and the true reply and returns what is sent: a reply, or one of `drop` (the connection ends),
    `hang` (no answer), `cut` (the body ends in the middle), `drip` (a byte of the body now and then).
    """

    path: str
    act: Callable[[Request, Reply], Reply | str]
    times: float = 1
    skip: int = 0


class FakeServer:
    """A server in a thread; subclasses answer in `route`, and set `limits`: pattern -> calls, seconds."""

    limits: ClassVar[dict[str, tuple[int, float]]] = {}

    def __init__(self, time_: SimulatedTime) -> None:
        self.time = time_
        self.requests: list[Request] = []
        self.scripts: list[Script] = []
        self.before: Callable[[Request], None] = lambda _: None
        self.hang_seconds = 0.5
        self.drip_seconds = 0.02
        self._seen: dict[str, deque[datetime]] = {}
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _handler_of(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Where the server is."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        """Stop the server."""
        self._server.shutdown()
        self._server.server_close()

    def script(
        self, path: str, act: Callable[[Request, Reply], Reply | str], *, times: float = 1, skip: int = 0
    ) -> None:
        """Script what happens to requests."""
        self.scripts.append(Script(path, act, times, skip))

    def asked(self, path: str) -> list[Request]:
        """Return the requests whose method and path match a pattern."""
        return [one for one in self.requests if re.search(path, f"{one.method} {one.path}")]

    def route(self, request: Request) -> Reply:
        """Return the true answer."""
        raise NotImplementedError

    def answer(self, request: Request) -> tuple[Reply, str]:
        """Return what is sent, the true answer or what a script makes of it, and how: whole, drop, hang, cut, drip."""
        with self._lock:
            self.requests.append(request)
            self.before(request)
            reply = self._over_limit(request) or self._route(request)
            reply.headers.setdefault("Date", email.utils.format_datetime(self.time.at, usegmt=True))
            for script in self.scripts:
                if script.times > 0 and re.search(script.path, f"{request.method} {request.path}"):
                    if script.skip > 0:
                        script.skip -= 1
                        continue
                    script.times -= 1
                    acted = script.act(request, reply)
                    return (reply, acted) if isinstance(acted, str) else (acted, "whole")
            return reply, "whole"

    def _route(self, request: Request) -> Reply:
        """Return the true answer; a question that this server cannot read is a bad request."""
        try:
            return self.route(request)
        except (ValueError, KeyError, AssertionError) as error:
            return Reply({"error": f"bad request: {error!r}"}, 400)

    def too_many(self, request: Request) -> Reply:
        """Return the answer to a request over a limit."""
        del request
        return Reply({"error": "too many"}, 429, {"Retry-After": "5"})

    def _over_limit(self, request: Request) -> Reply | None:
        """Return the answer to a request over a limit, None within all of them."""
        for pattern, (calls, seconds) in self.limits.items():
            if re.search(pattern, f"{request.method} {request.path}"):
                seen = self._seen.setdefault(pattern, deque())
                while seen and seen[0] <= self.time.at - timedelta(seconds=seconds):
                    seen.popleft()
                if len(seen) >= calls:
                    return self.too_many(request)
                seen.append(self.time.at)
        return None


class _Server(ThreadingHTTPServer):
    """Says nothing about clients that hang up: time-outs are scripted."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def _handler_of(fake: FakeServer) -> type[BaseHTTPRequestHandler]:
    """Return the handler class of a server."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # else the client waits 40 ms for each body

        def _serve(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            request = Request(self.command, parts.path, query, dict(self.headers), body)
            reply, how = fake.answer(request)
            if how == "hang":
                time.sleep(fake.hang_seconds)
            if how in ("hang", "drop"):
                self.close_connection = True
                return
            self._send(reply, how)

        def _send(self, reply: Reply, how: str) -> None:
            content = reply.content
            self.send_response_only(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if how == "cut":
                self.wfile.write(content[: len(content) // 2])
                self.close_connection = True
                return
            for byte in content if how == "drip" else b"":
                self.wfile.write(bytes([byte]))
                time.sleep(fake.drip_seconds)
            if how == "drip":
                return
            self.wfile.write(content)

        do_GET = do_POST = do_DELETE = _serve  # noqa: N815 - the names of the library

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler


def refuse(status: int, data: Any = None, **headers: str) -> Callable[[Request, Reply], Reply]:
    """Return a script that answers with this status; `Retry_After="5"` sets a header."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _request, _reply: Reply(data if data is not None else {"error": "scripted"}, status, dict(named))


def happen(what: str) -> Callable[[Request, Reply], str]:
    """Return a script that does `drop`, `hang`, `cut` or `drip`."""
    return lambda _request, _reply: what


def half_json(_request: Request, reply: Reply) -> Reply:
    """Send half of the body as if it were whole."""
    return Reply(status=reply.status, headers=reply.headers, body=reply.content[: len(reply.content) // 2])
