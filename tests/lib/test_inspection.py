"""What an uploaded file holds: what would run, unpack without end or is not what its name says is refused with why."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

import docx
import openpyxl
import pikepdf
import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from arml.models import Attachment
from cpo.lib.files import inspection
from cpo.lib.files.stored import check_upload
from tests.access.html import form_data
from tests.factories import scenarios
from tests.factories.conventions import PDF


def refused(data: bytes, name: str, **only: bool) -> str:
    with pytest.raises(ValidationError) as refusal:
        check_upload(io.BytesIO(data), name=name, size=len(data), **only)
    return str(refusal.value.code)


def accepted(data: bytes, name: str) -> str:
    return check_upload(io.BytesIO(data), name=name, size=len(data))[1]


def pdf(change: Callable[[pikepdf.Pdf], None] = lambda document: None) -> bytes:
    with pikepdf.open(io.BytesIO(PDF)) as document:
        change(document)
        out = io.BytesIO()
        document.save(out)
    return out.getvalue()


def attach(name: str, data: bytes) -> Callable[[pikepdf.Pdf], None]:
    return lambda document: document.attachments.__setitem__(name, data)


def office(kind: str) -> bytes:
    out = io.BytesIO()
    if kind == "docx":
        docx.Document().save(out)
    elif kind == "xlsx":
        openpyxl.Workbook().save(out)
    else:
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr("mimetype", inspection.OFFICE[kind])
            archive.writestr("content.xml", "<office:document-content/>")
            archive.writestr("META-INF/manifest.xml", "<manifest:manifest/>")
    return out.getvalue()


def with_members(data: bytes, **members: str) -> bytes:
    """The same archive with other members; « / » and « . » are written __ and _0_ in the names."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as after:
        named = {name.replace("__", "/").replace("_0_", "."): text for name, text in members.items()}
        for member in before.infolist():
            if member.filename not in named:
                after.writestr(member.filename, before.read(member))
        for name, text in named.items():
            after.writestr(name, text)
    return out.getvalue()


def png(width: int, height: int) -> bytes:
    """A complete PNG of one colour that says it has this size."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 64)) + chunk(b"IEND", b"")
    )


# -- Images -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(60_000, 60_000), (15_000, 10_001), (2**31 - 1, 1_000)])
def test_an_image_that_unpacks_to_gigabytes_is_refused_before_it_is_unpacked(size: tuple[int, int]) -> None:
    assert refused(png(*size), "photo.png") == "pixels"


def test_a_scan_of_a4_at_the_finest_resolution_is_accepted() -> None:
    assert accepted(png(9_921, 14_031), "scan.png") == "image/png"
    assert accepted(png(15_000, 10_000), "scan.png") == "image/png"


def test_a_jpeg_is_an_image_too() -> None:
    out = io.BytesIO()
    Image.new("L", (20, 20)).save(out, "JPEG")
    assert accepted(out.getvalue(), "scan.jpg") == "image/jpeg"
    huge = bytearray(out.getvalue())
    at = huge.index(b"\xff\xc0") + 5
    huge[at : at + 4] = struct.pack(">HH", 65_000, 65_000)
    assert refused(bytes(huge), "scan.jpg") == "pixels"


# -- PDF --------------------------------------------------------------------------------------------------------------


def script() -> pikepdf.Dictionary:
    return pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert('x')"))


def launch() -> pikepdf.Dictionary:
    return pikepdf.Dictionary(S=pikepdf.Name.Launch, F=pikepdf.String("cmd.exe"))


def opens_with(action: Callable[[], Any]) -> Callable[[pikepdf.Pdf], None]:
    return lambda document: document.Root.__setattr__("OpenAction", document.make_indirect(action()))


def in_the_names(document: pikepdf.Pdf) -> None:
    document.Root.Names = pikepdf.Dictionary(JavaScript=pikepdf.Dictionary(Names=["a", script()]))


def on_a_page(document: pikepdf.Pdf) -> None:
    document.pages[0].obj.AA = pikepdf.Dictionary(O=script())


def in_a_field(document: pikepdf.Pdf) -> None:
    field = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Widget, AA=pikepdf.Dictionary(K=script()))
    document.pages[0].obj.Annots = pikepdf.Array([field])


def after_a_link(document: pikepdf.Pdf) -> None:
    go = pikepdf.Dictionary(S=pikepdf.Name.URI, URI=pikepdf.String("https://domaine.fr"))
    go.Next = pikepdf.Array([script()])
    document.pages[0].obj.Annots = pikepdf.Array([pikepdf.Dictionary(Subtype=pikepdf.Name.Link, A=go)])


@pytest.mark.parametrize(
    "change",
    [opens_with(script), opens_with(launch), in_the_names, on_a_page, in_a_field, after_a_link],
    ids=["script at the opening", "launch", "names", "page", "field", "after a link"],
)
def test_a_pdf_that_runs_something_is_refused(change: Callable[[pikepdf.Pdf], None]) -> None:
    assert refused(pdf(change), "piece.pdf") == "script"
    assert refused(pdf(change), "piece.pdf", pdf_only=True) == "script", "a signed PDF and an original too"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("outil.exe", b"MZ" + bytes(200)),
        ("OUTIL.JS", b"alert(1)"),
        ("commande.bat", b"del"),
        ("document.docm", office("docx")),
        ("sans_extension", b"texte"),
        ("donnees.xml", b"MZ" + bytes(200)),
        ("donnees.csv", b"#!/bin/sh\n"),
    ],
)
def test_a_pdf_that_carries_a_program_is_refused(name: str, data: bytes) -> None:
    assert refused(pdf(attach(name, data)), "piece.pdf") == "attached"


def test_a_pdf_that_carries_data_or_a_document_is_accepted() -> None:
    for name, data in (("facture.xml", b"<a/>"), ("annexe.pdf", PDF), ("contenu.json", b"{}")):
        assert accepted(pdf(attach(name, data)), "piece.pdf") == "application/pdf"


def test_links_bookmarks_and_destinations_run_nothing(tmp_path: Any) -> None:
    def harmless(document: pikepdf.Pdf) -> None:
        page = document.pages[0].obj
        link = pikepdf.Dictionary(S=pikepdf.Name.URI, URI=pikepdf.String("https://domaine.fr"))
        page.Annots = pikepdf.Array([pikepdf.Dictionary(Subtype=pikepdf.Name.Link, A=link)])
        document.Root.OpenAction = pikepdf.Array([page, pikepdf.Name.Fit])

    assert accepted(pdf(harmless), "piece.pdf") == "application/pdf"


@pytest.mark.pdf
@pytest.mark.django_db
def test_our_own_documents_are_accepted_when_they_come_back_signed() -> None:
    document = scenarios.real_document(scenarios.in_signature(document=False))
    from cpo.lib.files import stored

    data = stored.read(document.file)
    assert accepted(data, "convention.pdf") == "application/pdf"


# -- Office files -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["docx", "xlsx", "odt", "ods"])
def test_an_office_file_is_what_its_name_says(kind: str) -> None:
    assert accepted(office(kind), f"piece.{kind}") == inspection.OFFICE[kind]
    for other in {"docx", "xlsx", "odt", "ods"} - {kind}:
        assert refused(office(kind), f"piece.{other}") == "type"


@pytest.mark.parametrize("kind", ["docx", "xlsx", "odt", "ods"])
def test_any_other_archive_is_no_office_file(kind: str) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("photo.txt", "rien")
    assert refused(out.getvalue(), f"piece.{kind}") == "type"
    assert refused(out.getvalue()[:40], f"piece.{kind}") == "unreadable"


@pytest.mark.parametrize(
    ("kind", "members"),
    [
        ("docx", {"word__vbaProject_0_bin": "x"}),
        ("docx", {"word__vbaData_0_xml": "x"}),
        ("xlsx", {"xl__vbaProject_0_bin": "x"}),
        ("xlsx", {"xl__activeX__activeX1_0_xml": "x"}),
        ("odt", {"Basic__Standard__Module1_0_xml": "x"}),
        ("ods", {"Scripts__python__a_0_py": "x"}),
    ],
)
def test_an_office_file_with_macros_is_refused(kind: str, members: dict[str, str]) -> None:
    assert refused(with_members(office(kind), **members), f"piece.{kind}") == "macros"


def test_a_file_with_macros_whose_name_was_changed_is_refused() -> None:
    with zipfile.ZipFile(io.BytesIO(office("docx"))) as archive:
        declared = archive.read("[Content_Types].xml").decode()
    renamed = declared.replace(
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
        "application/vnd.ms-word.document.macroEnabled.main+xml",
    )
    assert refused(with_members(office("docx"), **{"[Content_Types]_0_xml": renamed}), "piece.docx") == "macros"


def test_an_archive_that_unpacks_to_gigabytes_is_refused_before_it_is_unpacked(monkeypatch: Any) -> None:
    monkeypatch.setattr(inspection, "MAX_UNPACKED", 1_000_000)
    assert refused(with_members(office("docx"), word__a_0_xml="0" * 1_000_000), "piece.docx") == "size"
    monkeypatch.setattr(inspection, "MAX_MEMBERS", 3)
    assert refused(office("docx"), "piece.docx") == "size"


def test_a_protected_open_document_is_refused() -> None:
    manifest = "<manifest:encryption-data/>"
    assert refused(with_members(office("odt"), **{"META-INF__manifest_0_xml": manifest}), "a.odt") == "encrypted"


# -- On the page ------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("data", "name", "words"),
    [
        (png(60_000, 60_000), "photo.png", "Cette image a trop de points"),
        (pdf(opens_with(script)), "a.pdf", "Ce PDF contient un script"),
        (pdf(attach("outil.exe", b"MZ")), "a.pdf", "un fichier joint qui pourrait agir"),
        (with_members(office("docx"), word__vbaProject_0_bin="x"), "a.docx", "contient des macros"),
        (office("xlsx"), "a.docx", "n’est pas un document DOCX, malgré son nom"),
    ],
    ids=["pixels", "script", "attached", "macros", "name"],
)
def test_the_reason_stands_beside_the_field_and_nothing_is_stored(data: bytes, name: str, words: str) -> None:
    scene = scenarios.in_negotiation()
    client = Client()
    client.force_login(scene.director)
    page = reverse("attachment-add", kwargs={"number": scene.number, "kind": "recepisse_rna"})
    before = Attachment.objects.count()
    posted = form_data(client.get(page).content.decode(), "dated", dated="02/06/2025", comment="Ma précision")
    posted["upload"] = SimpleUploadedFile(name, data)
    answer = client.post(page, posted)
    assert answer.status_code == 200
    assert words in " ".join(answer.context["form"].errors["upload"])
    assert 'value="Ma précision"' in answer.content.decode(), "what was typed is kept"
    assert Attachment.objects.count() == before
