"""Files stored in a folder or an S3 bucket: stored once, streamed, and never altered unnoticed."""

import hashlib
import logging
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import RequestFactory

from cpo.lib.files import stored as stored_files
from cpo.lib.models import StoredFile
from cpo.settings import storage
from tests import s3

pytestmark = pytest.mark.django_db
DATA = b"%PDF-1.7\n" + b"preuve " * 50_000 + b"\n%%EOF"
PATH = "{0[0]}{0[1]}/{0[2]}{0[3]}/{0}".format(hashlib.sha256(DATA).hexdigest())


class Backend:
    """Direct access to the stored bytes, so that tests can read and damage them."""

    def __init__(self, read: Any, write: Any, count: Any) -> None:
        self.read, self.write, self.count = read, write, count


@pytest.fixture(params=["folder", "bucket"])
def backend(request: Any, settings: Any, tmp_path: Path) -> Iterator[Backend]:
    if request.param == "folder":
        settings.MEDIA_ROOT = str(tmp_path)

        def write(data: bytes) -> None:
            path = tmp_path / PATH
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)

        yield Backend((tmp_path / PATH).read_bytes, write, lambda: sum(p.is_file() for p in tmp_path.rglob("*")))
        return
    with s3.running() as service:
        keys = {"access_key": "cle", "secret_key": "secret", "region_name": "fr"}
        bucket = storage.bucket(s3.BUCKET, endpoint_url=service.address, **keys)
        settings.STORAGES = settings.STORAGES | {"default": bucket}
        name = f"/{s3.BUCKET}/{PATH}"
        yield Backend(
            lambda: service.objects[name],
            lambda data: service.objects.__setitem__(name, data),
            lambda: len(service.objects),
        )
        assert service.unsigned == [], "every request bears the deployment's signature"


def serve(stored_file: StoredFile, **headers: str) -> Any:
    return stored_files.serve(
        RequestFactory().get("/", headers=headers), stored_file, name="convention.pdf", inline=True
    )


def test_the_same_bytes_are_stored_once_and_read_back(backend: Backend) -> None:
    first = stored_files.store(DATA, "application/pdf")
    assert stored_files.store(DATA, "application/pdf") == first
    assert backend.count() == 1
    assert backend.read() == DATA
    assert (first.path, first.size, first.sha256) == (PATH, len(DATA), hashlib.sha256(DATA).hexdigest())
    assert stored_files.read(first) == DATA


def test_a_file_is_streamed_by_pieces_with_its_hash_as_etag(backend: Backend) -> None:
    stored_file = stored_files.store(DATA, "application/pdf")
    answer = serve(stored_file)
    pieces = list(answer.streaming_content)
    answer.close()
    assert b"".join(pieces) == DATA
    assert max(map(len, pieces)) <= stored_files.PIECE
    assert answer["Content-Length"] == str(len(DATA))
    assert answer["ETag"] == f'"{stored_file.sha256}"'
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == 'inline; filename="convention.pdf"'
    assert answer["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize("etags", ['"{0}"', '"autre", "{0}"', 'W/"{0}", "{0}"'])
def test_who_has_the_file_already_is_told_so_and_the_storage_is_not_asked(backend: Backend, etags: str) -> None:
    stored_file = stored_files.store(DATA, "application/pdf")
    backend.write(b"")
    answer = serve(stored_file, **{"If-None-Match": etags.format(stored_file.sha256)})
    assert (answer.status_code, answer.content, answer["ETag"]) == (304, b"", f'"{stored_file.sha256}"')


@pytest.mark.parametrize("altered", [DATA[:-1] + b"X", b"X" + DATA[1:], DATA[:-200], DATA + b"ajout", b"%PDF"], ids=len)
def test_an_altered_file_is_never_given_whole(backend: Backend, caplog: Any, altered: bytes) -> None:
    stored_file = stored_files.store(DATA, "application/pdf")
    backend.write(altered)
    with pytest.raises(stored_files.Altered):
        stored_files.read(stored_file)
    pieces: list[bytes] = []
    answer = serve(stored_file)
    with caplog.at_level(logging.CRITICAL), pytest.raises(stored_files.Altered):
        list(map(pieces.append, answer.streaming_content))
    answer.close()
    assert sum(map(len, pieces)) < stored_file.size, "the browser sees that something is missing"
    assert stored_file.sha256 in caplog.text


def test_what_a_dying_process_left_unfinished_is_written_anew(backend: Backend) -> None:
    backend.write(DATA[:1000])
    stored_file = stored_files.store(DATA, "application/pdf")
    assert backend.read() == DATA
    assert backend.count() == 1
    assert stored_files.read(stored_file) == DATA


def test_serving_a_big_file_holds_a_piece_of_it_in_memory(backend: Backend) -> None:
    stored_file = stored_files.store(b"%PDF" + bytes(24_000_000), "application/pdf")
    tracemalloc.start()
    try:
        answer = serve(stored_file)
        size = sum(len(piece) for piece in answer.streaming_content)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    answer.close()
    assert size == stored_file.size
    assert most < 12_000_000


def test_without_the_name_of_a_bucket_files_go_to_a_folder(monkeypatch: Any) -> None:
    monkeypatch.delenv("S3_BUCKET", raising=False)
    assert storage.default_storage() == storage.FOLDER
    monkeypatch.setenv("S3_BUCKET", "preuves")
    monkeypatch.setenv("S3_ENDPOINT", "https://s3.exemple.example")
    options = storage.default_storage()
    assert options["BACKEND"] == "storages.backends.s3.S3Storage"
    assert options["OPTIONS"]["endpoint_url"] == "https://s3.exemple.example"
    assert "region_name" not in options["OPTIONS"], "the library chooses the missing options"
