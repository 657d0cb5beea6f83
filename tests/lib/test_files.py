"""Files stored in a folder or an S3 bucket: stored once, streamed, and never altered unnoticed."""

import errno
import hashlib
import logging
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, RequestFactory
from django.urls import reverse

from cpo.lib.files import stored as stored_files
from cpo.lib.models import StoredFile
from cpo.settings import storage
from tests import s3
from tests.access.html import form_data
from tests.factories import scenarios
from tests.factories.conventions import PDF

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


# -- A storage that refuses -------------------------------------------------------------------------------------------


class Full(FileSystemStorage):
    """A disk that takes half of each file and then has no place left."""

    def _save(self, name: str, content: Any) -> str:
        path = Path(self.path(name))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.read(content.size // 2))
        raise OSError(errno.ENOSPC, "No space left on device")


class ReadOnly(FileSystemStorage):
    def _save(self, name: str, content: Any) -> str:
        raise OSError(errno.EROFS, "Read-only file system")


class Away(FileSystemStorage):
    """A bucket whose service does not answer."""

    def exists(self, name: str) -> bool:
        raise EndpointConnectionError(endpoint_url="https://stockage.example")

    def _open(self, name: str, mode: str = "rb") -> Any:
        raise EndpointConnectionError(endpoint_url="https://stockage.example")


@pytest.fixture(params=[Full, ReadOnly, Away], ids=lambda kind: kind.__name__)
def refusing(request: Any, settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = str(tmp_path)
    here = f"{__name__}.{request.param.__name__}"
    settings.STORAGES = settings.STORAGES | {"default": {"BACKEND": here}}
    return tmp_path


def test_a_storage_that_refuses_keeps_no_partial_file_and_no_row(refusing: Path, caplog: Any) -> None:
    with pytest.raises(stored_files.NotStored, match="n’a pas pu être enregistré"):
        stored_files.store(DATA, "application/pdf")
    assert not [path for path in refusing.rglob("*") if path.is_file()]
    assert not StoredFile.objects.exists()
    assert any(record.levelno == logging.CRITICAL for record in caplog.records)


def test_our_own_errors_are_not_those_of_the_storage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored_files, "_write_whole", lambda *args: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        stored_files.store(DATA, "application/pdf")


def deposits() -> dict[str, tuple[Any, str, dict[str, Any], str]]:
    """Pages that take a file: who deposits, where, what, in which field."""
    negotiated = scenarios.in_negotiation()
    letter = SimpleUploadedFile("piece.pdf", PDF)
    pages = {
        "attachment": ("attachment-add", {"kind": "recepisse_rna"}, "dated", {"dated": "02/06/2025"}),
        "funding": ("funding-record", {}, "amount", {"kind": "granted", "amount": "10", "year": "2025"}),
    }
    return {
        name: (
            negotiated.director,
            reverse(view, kwargs={"number": negotiated.number, **more}),
            {"known_by": field, "upload": letter, "dated_on": "02/06/2025", **typed},
            "upload",
        )
        for name, (view, more, field, typed) in pages.items()
    }


@pytest.mark.parametrize("name", ["attachment", "funding"])
def test_a_refusal_of_the_storage_stands_beside_the_field_and_the_form_is_kept(
    name: str, settings: Any, tmp_path: Path
) -> None:
    user, page, data, field = deposits()[name]
    client = Client()
    client.force_login(user)
    shown = client.get(page)
    posted = form_data(shown.content.decode(), data.pop("known_by")) | data
    if name == "funding":
        groups = shown.context["form"].fields["line"].choices
        posted["line"] = next(value for _, group in groups if not isinstance(group, str) for value, _ in group)
    settings.STORAGES = settings.STORAGES | {"default": {"BACKEND": f"{__name__}.Full"}}
    settings.MEDIA_ROOT = str(tmp_path)
    answer = client.post(page, posted | {"comment": "Ma précision", "reference": "Ma précision"})
    assert answer.status_code == 200
    assert "n’a pas pu être enregistré" in " ".join(answer.context["form"].errors[field])
    assert "Ma précision" in answer.content.decode()


@pytest.mark.parametrize("gone", ["missing", "away"])
def test_a_file_that_the_storage_does_not_give_is_said_on_a_page_and_in_the_log(
    gone: str, settings: Any, tmp_path: Path, caplog: Any
) -> None:
    scene = scenarios.in_negotiation()
    attachment = scene.act.dossier.attachments.exclude(file=None).first()
    client = Client(raise_request_exception=False)
    client.force_login(scene.director)
    settings.MEDIA_ROOT = str(tmp_path)
    if gone == "away":
        settings.STORAGES = settings.STORAGES | {"default": {"BACKEND": f"{__name__}.Away"}}
    answer = client.get(reverse("attachment-file", kwargs={"number": scene.number, "pk": attachment.pk}))
    assert answer.status_code == 503
    assert "Ce fichier ne peut pas être lu pour l’instant" in answer.content.decode()
    assert attachment.file.sha256 in caplog.text
