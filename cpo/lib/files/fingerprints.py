"""What identifies a file that is dropped: its hash, read as it comes and kept nowhere.

A PDF that was signed or annotated holds the former file whole, then adds to it: the hash of each part that ends with an
end-of-file mark tells which file it comes from.
"""

import functools
import hashlib
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

MARK = b"%%EOF"
MOST_PARTS = 64  # a file signed by thirty people; what has more is not ours
_LONGEST_END = len(MARK) + 2


@dataclass(frozen=True)
class Fingerprint:
    """`parts`: hashes of the beginnings that are files of their own, the shortest first; the whole is not one."""

    sha256: str
    size: int
    parts: tuple[str, ...] = ()


@dataclass
class Reader:
    """Takes the bytes as they come: `feed` each piece, then `result`."""

    size: int = 0
    _hash: Any = field(default_factory=hashlib.sha256)
    _held: bytes = b""
    _parts: list[str] = field(default_factory=list)

    def feed(self, data: bytes) -> None:
        self.size += len(data)
        # The last bytes wait for the next piece: a mark, or the end of its line, may be cut in two.
        text = self._held + data
        done = 0
        limit = len(text) - _LONGEST_END
        at = text.find(MARK)
        while at != -1 and at <= limit:
            done = self._marked(text, done, at)
            at = text.find(MARK, at + len(MARK))
        keep = max(done, limit + 1 if at == -1 else at, 0)
        self._hash.update(text[done:keep])
        self._held = text[keep:]

    def _marked(self, text: bytes, done: int, at: int) -> int:
        """Note the hashes of what ends with the mark at `at`: without its end of line, then with it."""
        end = at + len(MARK)
        for finish in (b"", b"\r", b"\n", b"\r\n"):
            if text.startswith(finish, end) and len(self._parts) < MOST_PARTS:
                part = self._hash.copy()
                part.update(text[done : end + len(finish)])
                self._parts.append(part.hexdigest())
        self._hash.update(text[done:end])
        return end

    def result(self) -> Fingerprint:
        text, done = self._held, 0
        at = text.find(MARK)
        while at != -1:
            done = self._marked(text, done, at)
            at = text.find(MARK, done)
        self._hash.update(text[done:])
        self._held = b""
        whole = self._hash.hexdigest()
        return Fingerprint(whole, self.size, tuple(dict.fromkeys(part for part in self._parts if part != whole)))


def fingerprint(pieces: Iterable[bytes]) -> Fingerprint:
    reader = Reader()
    for piece in pieces:
        reader.feed(piece)
    return reader.result()


class DroppedFile(UploadedFile):
    """A file of which nothing is kept but its fingerprint."""

    fingerprint: Fingerprint


class FingerprintHandler(FileUploadHandler):
    """Upload handler that reads the files of a form as they come, and keeps nothing of them."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.reader = Reader()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.reader.feed(raw_data)

    def file_complete(self, file_size: int) -> DroppedFile:
        dropped = DroppedFile(io.BytesIO(), self.file_name, self.content_type, file_size, self.charset)
        dropped.fingerprint = self.reader.result()
        return dropped


def fingerprinted(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Decorate the view of a public page that takes files and keeps nothing: `request.FILES` holds `DroppedFile`s.

    Exempt of CSRF, whose check would read the file before its size is known: nothing is done in anybody's name.
    """

    @functools.wraps(view)
    def read(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        request.upload_handlers = [FingerprintHandler(request)]
        return view(request, *args, **kwargs)

    read.fingerprints = True  # type: ignore[attr-defined]  # read by RefuseNulMiddleware
    return csrf_exempt(read)
