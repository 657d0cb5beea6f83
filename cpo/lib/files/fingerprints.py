"""The hash that identifies an uploaded file, computed during the upload; the file is stored nowhere.

A PDF that was signed or annotated contains the former file unchanged, followed by additions. The hash of each part that
ends with an end-of-file mark therefore identifies the original file.
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
MOST_PARTS = 64  # a file signed by thirty people; our files never have more
_LONGEST_END = len(MARK) + 2


@dataclass(frozen=True)
class Fingerprint:
    """`parts`: hashes of the beginnings that are complete files, the shortest first, without the whole file."""

    sha256: str
    size: int
    parts: tuple[str, ...] = ()


@dataclass
class Reader:
    """Compute a fingerprint piece by piece: `feed` each piece, then call `result`."""

    size: int = 0
    _hash: Any = field(default_factory=hashlib.sha256)
    _tail: bytes = b""
    _parts: list[str] = field(default_factory=list)

    def feed(self, data: bytes) -> None:
        self.size += len(data)
        # The last bytes wait for the next piece: a mark, or the end of its line, may be cut in two.
        text = self._tail + data
        start = 0
        limit = len(text) - _LONGEST_END
        at = text.find(MARK)
        while at != -1 and at <= limit:
            start = self._record_part(text, start, at)
            at = text.find(MARK, at + len(MARK))
        keep = max(start, limit + 1 if at == -1 else at, 0)
        self._hash.update(text[start:keep])
        self._tail = text[keep:]

    def _record_part(self, text: bytes, start: int, at: int) -> int:
        """Record the hashes of the part that ends with the mark at `at`: without its end of line, then with it."""
        end = at + len(MARK)
        for finish in (b"", b"\r", b"\n", b"\r\n"):
            if text.startswith(finish, end) and len(self._parts) < MOST_PARTS:
                part = self._hash.copy()
                part.update(text[start : end + len(finish)])
                self._parts.append(part.hexdigest())
        self._hash.update(text[start:end])
        return end

    def result(self) -> Fingerprint:
        text, start = self._tail, 0
        at = text.find(MARK)
        while at != -1:
            start = self._record_part(text, start, at)
            at = text.find(MARK, start)
        self._hash.update(text[start:])
        self._tail = b""
        whole = self._hash.hexdigest()
        return Fingerprint(whole, self.size, tuple(dict.fromkeys(part for part in self._parts if part != whole)))


def fingerprint(pieces: Iterable[bytes]) -> Fingerprint:
    reader = Reader()
    for piece in pieces:
        reader.feed(piece)
    return reader.result()


class DroppedFile(UploadedFile):
    """An uploaded file of which only the fingerprint is kept."""

    fingerprint: Fingerprint


class FingerprintHandler(FileUploadHandler):
    """Upload handler that hashes the files of a form during the upload and stores nothing."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.reader = Reader()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.reader.feed(raw_data)

    def file_complete(self, file_size: int) -> DroppedFile:
        dropped = DroppedFile(io.BytesIO(), self.file_name, self.content_type, file_size, self.charset)
        dropped.fingerprint = self.reader.result()
        return dropped


def fingerprint_uploads(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Decorate the view of a public page that hashes files and stores nothing: `request.FILES` holds `DroppedFile`s.

    Exempt from CSRF, whose check would read the file before its size is known. The view writes nothing.
    """

    @functools.wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        request.upload_handlers = [FingerprintHandler(request)]
        return view(request, *args, **kwargs)

    wrapper.fingerprints = True  # type: ignore[attr-defined]  # read by TypedTextMiddleware
    return csrf_exempt(wrapper)
