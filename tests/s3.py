"""A stand-in for an S3-compatible service on the loopback. It knows only the HTTP verbs that the storage uses."""

import hashlib
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

BUCKET = "preuves"
SLICE = 8192


@dataclass
class Service:
    address: str = ""
    objects: dict[str, bytes] = field(default_factory=dict)
    requests: list[tuple[str, str]] = field(default_factory=list)
    unsigned: list[str] = field(default_factory=list)


@contextmanager
def running() -> Iterator[Service]:
    service = Service()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *args: Any) -> None:
            """Print nothing: one line per request would fill the output of the tests."""

        def name(self) -> str:
            path = self.path.partition("?")[0]
            service.requests.append((self.command, path))
            if not self.headers.get("Authorization", "").startswith("AWS4-HMAC-SHA256"):
                service.unsigned.append(path)
            return path

        def answer(self, status: int, data: bytes = b"", *, part: str = "") -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            if part:
                self.send_header("Content-Range", part)
            self.send_header("ETag", f'"{hashlib.md5(self.path.encode(), usedforsecurity=False).hexdigest()}"')
            self.send_header("Last-Modified", "Thu, 15 Oct 2026 07:00:00 GMT")
            self.end_headers()
            if self.command != "HEAD":
                for start in range(0, len(data), SLICE):
                    self.wfile.write(data[start : start + SLICE])

        def do_PUT(self) -> None:
            name = self.name()
            service.objects[name] = self.rfile.read(int(self.headers["Content-Length"]))
            self.answer(200)

        def do_HEAD(self) -> None:
            content = service.objects.get(self.name())
            self.answer(404 if content is None else 200, content or b"")

        def do_GET(self) -> None:
            content = service.objects.get(self.name())
            missing = b"<Error><Code>NoSuchKey</Code></Error>"
            byte_range = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
            if content is None:
                self.answer(404, missing)
            elif byte_range:
                first, last = int(byte_range[1]), int(byte_range[2] or len(content) - 1)
                self.answer(
                    206, content[first : last + 1], part=f"bytes {first}-{min(last, len(content) - 1)}/{len(content)}"
                )
            else:
                self.answer(200, content)

        def do_DELETE(self) -> None:
            service.objects.pop(self.name(), None)
            self.answer(204)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    service.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
