"""Stored files: checked by content, stored once by SHA-256, streamed only by views that check the rights."""

import hashlib
import io
import logging
import socket
from typing import IO, BinaryIO
from urllib.parse import urlsplit

import pikepdf
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.http import FileResponse, HttpRequest, HttpResponse
from django.utils.http import parse_etags, quote_etag

from cpo.lib import clock
from cpo.lib.models import StoredFile

from . import inspection

PIECE = 64 * 1024
logger = logging.getLogger(__name__)


def measure(upload: BinaryIO) -> int:
    upload.seek(0, 2)
    return upload.tell()


def check_upload(
    upload: BinaryIO, *, name: str, size: int, pdf_only: bool = False, xlsx_only: bool = False
) -> tuple[bytes, str]:
    """Read an uploaded file; return its bytes and media type. Raises ValidationError with the reason of a refusal."""
    if size == 0:
        raise ValidationError("Ce fichier est vide. Choisissez le fichier complet.", code="empty")
    if size > settings.UPLOAD_MAX_BYTES:
        limit = settings.UPLOAD_MAX_BYTES // 10**6
        raise ValidationError(
            f"Ce fichier pèse plus de {limit} Mo. Réduisez-le ou scannez-le à une résolution plus faible.",
            code="size",
        )
    upload.seek(0)
    data = upload.read()
    media_type = inspection.media_type_of(data, name)
    if xlsx_only and not data.startswith(inspection.SIGNATURES["application/zip"]):
        raise ValidationError(
            "Ce fichier n’est pas un classeur XLSX, ou il est incomplet. "
            "Dans le tableur, enregistrez-le au format « Excel (.xlsx) », puis recommencez.",
            code="type",
        )
    if xlsx_only:
        media_type = inspection.OFFICE["xlsx"]  # whatever its name; cpo.lib.files.workbooks checks the content
    elif (pdf_only or name.lower().endswith(".pdf")) and media_type != "application/pdf":
        raise ValidationError(
            "Le contenu de ce fichier n’est pas un PDF. Enregistrez ou exportez le document au format PDF.", code="type"
        )
    if not media_type:
        raise ValidationError(
            "Ce format n’est pas admis. Formats possibles : PDF, JPG, PNG, ODT, ODS, DOCX, XLSX.", code="type"
        )
    if media_type == "application/pdf" and b"%%EOF" not in data[-2048:]:
        raise ValidationError("Ce PDF est incomplet. Recommencez l’export ou la numérisation.", code="truncated")
    if not xlsx_only:
        inspection.check(data, media_type)
    scan_for_viruses(data)
    return data, media_type


def pdf_pages(data: bytes) -> int:
    """Count the pages of a PDF that `check_upload` accepted."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        return len(pdf.pages)


def scan_for_viruses(data: bytes) -> None:
    """Send the bytes to ClamAV when CLAMAV_URL is set.

    Raises ValidationError for an infected file, and for any file when ClamAV does not confirm that it is clean.
    """
    if not settings.CLAMAV_URL:
        return
    try:
        answer = _ask_clamav(data)
    except OSError:
        answer = b""
    if b"FOUND" in answer:
        raise ValidationError("L’antivirus a refusé ce fichier.", code="virus")
    if not answer.rstrip(b"\0").endswith(b"OK"):
        logger.error("ClamAV gives no answer to rely on: %r", answer[:200])
        raise ValidationError(
            "L’antivirus ne répond pas : aucun fichier n’est accepté pour l’instant. "
            "Réessayez dans quelques minutes, ou prévenez l’assistance.",
            code="antivirus",
        )


def _ask_clamav(data: bytes) -> bytes:
    """Return the answer of ClamAV to INSTREAM. Raises OSError."""
    url = urlsplit(settings.CLAMAV_URL)
    with socket.create_connection((url.hostname or "localhost", url.port or 3310), timeout=30) as link:
        link.sendall(b"zINSTREAM\0")
        for start in range(0, len(data), PIECE):
            chunk = data[start : start + PIECE]
            link.sendall(len(chunk).to_bytes(4, "big") + chunk)
        link.sendall((0).to_bytes(4, "big"))
        return link.recv(4096)


def store(data: bytes, media_type: str) -> StoredFile:
    """Store bytes once and return their row; the same bytes give the same row. Raises NotStored."""
    digest = hashlib.sha256(data).hexdigest()
    existing = StoredFile.objects.filter(sha256=digest).first()
    if existing:
        return existing
    path = f"{digest[:2]}/{digest[2:4]}/{digest}"
    _write(path, data)
    file, _ = StoredFile.objects.get_or_create(
        sha256=digest,
        defaults={"size": len(data), "media_type": media_type, "path": path, "created_at": clock.now()},
    )
    return file


def store_upload(data: bytes, media_type: str, *, field: str) -> StoredFile:
    """Store a file that a person deposited. Raises ValidationError beside the field when the storage refuses it."""
    try:
        return store(data, media_type)
    except NotStored as error:
        raise ValidationError({field: str(error)}) from error


class NotStored(Exception):
    """The storage refused the file: it is full, read-only or away. The message is for the person."""

    def __init__(self) -> None:
        super().__init__(
            "Ce fichier n’a pas pu être enregistré\u00a0: l’espace de stockage ne répond pas ou il est plein. "
            "Votre saisie reste sur cette page\u00a0; réessayez dans quelques minutes, ou prévenez l’assistance."
        )


class Unreadable(Exception):
    """The storage does not give the file, which is registered: it is away, or the file is missing."""


def _of_the_storage(error: Exception) -> bool:
    """Whether the storage failed, and not our code: the folder (OSError), or the client of the bucket."""
    return isinstance(error, OSError) or type(error).__module__.partition(".")[0] in ("botocore", "boto3", "s3transfer")


def _write(path: str, data: bytes) -> None:
    """Write the file, or nothing. Raises NotStored."""
    try:
        _write_whole(path, data)
    except Exception as error:
        if not _of_the_storage(error):
            raise
        logger.critical("the storage refused %s (%s bytes): %s", path, len(data), error)
        _remove_partial(path, len(data))
        raise NotStored from error


def _remove_partial(path: str, size: int) -> None:
    """A file cut short would keep a full disk full."""
    try:
        if default_storage.exists(path) and default_storage.size(path) != size:
            default_storage.delete(path)
    except Exception as error:
        if not _of_the_storage(error):
            raise
        logger.critical("the partial file %s could not be removed: %s", path, error)


def _open(file: StoredFile) -> IO[bytes]:
    """Open a stored file. Raises Unreadable."""
    try:
        handle: IO[bytes] = default_storage.open(file.path)
    except Exception as error:
        if not _of_the_storage(error):
            raise
        logger.critical("stored file %s cannot be read: %s", file.sha256, error)
        raise Unreadable(file.sha256) from error
    return handle


def _write_whole(path: str, data: bytes) -> None:
    """Write the file unless it exists. An incomplete one, left by a killed process, is written again: no row has it."""
    if default_storage.exists(path):
        if default_storage.size(path) == len(data):
            return
        default_storage.delete(path)
    default_storage.save(path, ContentFile(data))


def read(file: StoredFile) -> bytes:
    """Return the bytes, checked against their hash. Raises Unreadable; Altered if the storage was tampered with."""
    with _open(file) as handle:
        data: bytes = handle.read()
    if hashlib.sha256(data).hexdigest() != file.sha256:
        raise Altered(file)
    return data


class Altered(ValueError):
    """The bytes in the storage are not those that were stored."""

    def __init__(self, file: StoredFile) -> None:
        super().__init__(f"stored file {file.sha256} does not match its hash")


class _CheckedFile:
    """A stored file that is hashed while it is read. The last piece is returned only when the hash is right.

    An altered file thus gives an incomplete download, never a complete one.
    """

    def __init__(self, file: StoredFile) -> None:
        self.file, self.remaining, self.hash = file, file.size, hashlib.sha256()
        self.handle = _open(file)

    def read(self, size: int = PIECE) -> bytes:
        data: bytes = self.handle.read(size)
        self.hash.update(data)
        self.remaining -= len(data)
        ended = self.remaining <= 0 or not data
        if ended and (self.remaining or self.hash.hexdigest() != self.file.sha256):
            logger.critical("stored file %s does not match its hash", self.file.sha256)
            raise Altered(self.file)
        return data

    def close(self) -> None:
        self.handle.close()


class _Response(FileResponse):
    block_size = PIECE


def serve(request: HttpRequest, file: StoredFile, *, name: str, inline: bool = False) -> HttpResponse | FileResponse:
    """Stream a file with an ETag, one piece in memory at a time; the caller checked the rights. Raises Unreadable."""
    etag = quote_etag(file.sha256)
    if etag in parse_etags(request.headers.get("If-None-Match", "")):
        return HttpResponse(status=304, headers={"ETag": etag})
    response = _Response(_CheckedFile(file), as_attachment=not inline, filename=name, content_type=file.media_type)
    response["Content-Length"] = str(file.size)
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    response["X-Content-Type-Options"] = "nosniff"
    return response
