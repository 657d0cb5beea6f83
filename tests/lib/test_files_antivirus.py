"""ClamAV, if configured, scans each file. A file is refused while ClamAV does not answer."""

import socketserver
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from cpo.lib.files import stored

DATA = b"%PDF-1.7\n" + b"texte " * 30_000 + b"\n%%EOF"


@pytest.fixture
def clamav(settings: Any) -> Iterator[Callable[[bytes], list[bytes]]]:
    """`clamav(answer)` starts a server that reads one stream as ClamAV does and returns that answer."""
    servers: list[socketserver.TCPServer] = []

    def start(answer: bytes) -> list[bytes]:
        streams: list[bytes] = []

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                assert self.rfile.read(10) == b"zINSTREAM\0"
                while size := int.from_bytes(self.rfile.read(4), "big"):
                    streams.append(self.rfile.read(size))
                self.wfile.write(answer)

        server = socketserver.TCPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.CLAMAV_URL = f"tcp://127.0.0.1:{server.server_address[1]}"
        return streams

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_a_clean_file_is_taken_once_all_of_it_was_read(clamav: Callable[[bytes], list[bytes]]) -> None:
    streams = clamav(b"stream: OK\0")
    stored.scan_for_viruses(DATA)
    assert b"".join(streams) == DATA


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (b"stream: Eicar-Test-Signature FOUND\0", "virus"),
        (b"INSTREAM size limit exceeded. ERROR\0", "antivirus"),
        (b"", "antivirus"),
    ],
)
def test_an_infected_file_or_one_that_was_not_read_is_refused(
    clamav: Callable[[bytes], list[bytes]], answer: bytes, code: str
) -> None:
    clamav(answer)
    with pytest.raises(ValidationError) as refusal:
        stored.scan_for_viruses(DATA)
    assert refusal.value.code == code


def test_no_file_is_taken_while_the_antivirus_is_away(settings: Any) -> None:
    settings.CLAMAV_URL = "tcp://127.0.0.1:1"
    with pytest.raises(ValidationError, match="L’antivirus ne répond pas"):
        stored.scan_for_viruses(DATA)
