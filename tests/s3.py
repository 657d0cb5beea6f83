"""A stand-in for an S3-compatible service, on the loopback: the few verbs that the storage speaks."""

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
    asked: list[tuple[str, str]] = field(default_factory=list)
    unsigned: list[str] = field(default_factory=list)


@contextmanager
def running() -> Iterator[Service]:
    service = Service()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *args: Any) -> None:
            """Tests have no use for a line per request."""

        def name(self) -> str:
            path = self.path.partition("?")[0]
            service.asked.append((self.command, path))
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
            found = service.objects.get(self.name())
            self.answer(404 if found is None else 200, found or b"")

        def do_GET(self) -> None:
            found = service.objects.get(self.name())
            missing = b"<Error><Code>NoSuchKey</Code></Error>"
            asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
            if found is None:
                self.answer(404, missing)
            elif asked:
                first, last = int(asked[1]), int(asked[2] or len(found) - 1)
                self.answer(
                    206, found[first : last + 1], part=f"bytes {first}-{min(last, len(found) - 1)}/{len(found)}"
                )
            else:
                self.answer(200, found)

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
