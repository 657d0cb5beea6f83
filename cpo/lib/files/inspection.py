"""What an uploaded file holds, whatever its name says: whether it opens, and whether something in it would run.

A file that is stored goes to the other side, to an auditor, to an archive: it must open the same everywhere and do
nothing.
"""

import io
import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

import pikepdf
from django.core.exceptions import ValidationError
from PIL import Image

SIGNATURES = {
    "application/pdf": (b"%PDF-",),
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/jpeg": (b"\xff\xd8\xff",),
    "application/zip": (b"PK\x03\x04",),
}
OFFICE = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
}
EXTENSIONS = {
    "application/pdf": "pdf",
    "image/png": "png",
    "image/jpeg": "jpg",
    **{kind: name for name, kind in OFFICE.items()},
}
MAX_PIXELS = 150_000_000  # A4 at 1,200 dpi has 139 million
Image.MAX_IMAGE_PIXELS = MAX_PIXELS
MAX_MEMBERS = 10_000
MAX_UNPACKED = 300_000_000  # bytes of an office file
DECLARATION = 1_000_000  # bytes of the part that says what an office file is

RUNS = {"/JavaScript", "/Launch"}  # the kinds of action that run something
PROGRAMS = (b"MZ", b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe", b"\xfe\xed\xfa", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe")
# What may be attached to a PDF: data, or a document of a kind that is accepted by itself.
ATTACHED = {"pdf", "png", "jpg", "jpeg", "xml", "json", "csv", "txt", *OFFICE}
MACROS = ("vbaproject.bin", "vbaprojectsignature.bin", "vbadata.xml")
HEAD = 4096

MACRO_WORDS = (
    "Ce fichier contient des macros, qui pourraient agir sur le poste de qui l’ouvre. Enregistrez-le sans macros "
    "(DOCX, XLSX, ODT, ODS), ou exportez-le en PDF, puis déposez cette copie."
)
SCRIPT_WORDS = (
    "Ce PDF contient un script ou une commande qui se lance à l’ouverture ou en cours de lecture (formulaire "
    "interactif, par exemple). Imprimez-le «\u00a0au format PDF\u00a0» et déposez cette copie."
)


def extension_of(media_type: str) -> str:
    """The extension of the name of a stored file, without its dot."""
    return EXTENSIONS.get(media_type, "pdf")


def media_type_of(data: bytes, name: str = "") -> str:
    """Return the type from the first bytes (the extension only distinguishes office files); "" if unknown."""
    for media_type, heads in SIGNATURES.items():
        if any(data.startswith(head) for head in heads):
            return OFFICE.get(name.rpartition(".")[2].lower(), "") if media_type == "application/zip" else media_type
    return ""


def check(data: bytes, media_type: str) -> None:
    """Open the file with a library: the first bytes alone prove nothing. Raises ValidationError."""
    try:
        if media_type == "application/pdf":
            _check_pdf(data)
        elif media_type in OFFICE.values():
            _check_office(data, media_type)
        else:
            _check_image(data)
    except ValidationError:
        raise
    except pikepdf.PasswordError as error:
        raise ValidationError(
            "Ce PDF est protégé par un mot de passe. Déposez-le sans protection.", code="encrypted"
        ) from error
    except (pikepdf.PdfError, zipfile.BadZipFile, zlib.error, OSError, SyntaxError, ValueError, RuntimeError) as error:
        raise ValidationError(
            "Ce fichier est illisible. Ouvrez-le pour le vérifier, puis exportez-le de nouveau.", code="unreadable"
        ) from error


# -- PDF --------------------------------------------------------------------------------------------------------------


def _check_pdf(data: bytes) -> None:
    with pikepdf.open(io.BytesIO(data)) as pdf:
        if not len(pdf.pages):
            raise ValidationError("Ce PDF n’a aucune page.", code="unreadable")
        for found in pdf.objects:
            for dictionary in dictionaries_of(found):
                _check_dictionary(dictionary)


def runs_something(item: Any) -> bool:
    """Whether an object of a PDF, or what it holds directly, runs a script or a command, or attaches a program."""
    try:
        for dictionary in dictionaries_of(item):
            _check_dictionary(dictionary)
    except ValidationError:
        return True
    return False


def dictionaries_of(found: Any) -> Iterator[Any]:
    """Yield an object and what it holds directly; what it refers to is an object of the file itself."""
    waiting = [found]
    while waiting:
        item = waiting.pop()
        if isinstance(item, pikepdf.Array):
            waiting += [part for part in item if _holds(part)]
        elif isinstance(item, pikepdf.Dictionary | pikepdf.Stream):
            yield item
            waiting += [part for part in item.values() if _holds(part)]  # type: ignore[operator]


def _holds(part: Any) -> bool:
    return isinstance(part, pikepdf.Array | pikepdf.Dictionary) and not part.is_indirect


def _check_dictionary(dictionary: Any) -> None:
    if "/JS" in dictionary or str(dictionary.get("/S", "")) in RUNS:
        raise ValidationError(SCRIPT_WORDS, code="script")
    if isinstance(dictionary.get("/EF"), pikepdf.Dictionary):
        names = {str(dictionary[key]) for key in ("/UF", "/F") if key in dictionary}
        streams = [part for part in dictionary["/EF"].values() if isinstance(part, pikepdf.Stream)]
        for name in names or {""}:
            if name.rpartition(".")[2].lower() not in ATTACHED or any(_program(part) for part in streams):
                raise ValidationError(
                    f"Ce PDF contient un fichier joint qui pourrait agir sur le poste de qui l’ouvre "
                    f"(«\u00a0{name[:80] or 'sans nom'}\u00a0»). Retirez-le, puis déposez le PDF seul.",
                    code="attached",
                )


def _program(stream: Any) -> bool:
    """Whether the first bytes are those of a program; a compressed file is opened no further than these."""
    head: bytes = stream.read_raw_bytes()
    if str(stream.get("/Filter", "")) in ("/FlateDecode", "[/FlateDecode]") or _only_flate(stream):
        head = zlib.decompressobj().decompress(head, HEAD)
    return head.startswith(PROGRAMS)


def _only_flate(stream: Any) -> bool:
    filters = stream.get("/Filter")
    return isinstance(filters, pikepdf.Array) and [str(one) for one in filters] == ["/FlateDecode"]


# -- Images -----------------------------------------------------------------------------------------------------------


def _check_image(data: bytes) -> None:
    """Read the size before anything is unpacked: a few kilobytes may stand for an image of ten gigabytes."""
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as image:
            width, height = image.size
            if width * height > MAX_PIXELS:
                raise Image.DecompressionBombError
            image.verify()
    except Image.DecompressionBombError as error:
        raise ValidationError(
            "Cette image a trop de points. Réduisez-la ou scannez-la à une résolution plus faible.", code="pixels"
        ) from error


# -- Office files -----------------------------------------------------------------------------------------------------


def _check_office(data: bytes, media_type: str) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = archive.infolist()
        if len(members) > MAX_MEMBERS or sum(member.file_size for member in members) > MAX_UNPACKED:
            raise ValidationError("Ce fichier est trop gros une fois ouvert. Exportez-le en PDF.", code="size")
        names = [member.filename for member in members if not member.is_dir()]
        if media_type.startswith("application/vnd.oasis"):
            _check_open_document(archive, names, media_type)
        else:
            _check_open_xml(archive, names, media_type)


def _declared(archive: zipfile.ZipFile, name: str) -> bytes:
    """Return the part of this name; "" when there is none. It is never unpacked further than what it may hold."""
    try:
        with archive.open(name) as part:
            return part.read(DECLARATION)
    except KeyError:
        return b""


def _wrong(extension: str) -> ValidationError:
    return ValidationError(
        f"Le contenu de ce fichier n’est pas un document {extension.upper()}, malgré son nom. Ouvrez-le dans le "
        "logiciel qui l’a produit et enregistrez-le de nouveau.",
        code="type",
    )


def _check_open_xml(archive: zipfile.ZipFile, names: list[str], media_type: str) -> None:
    declared = _declared(archive, "[Content_Types].xml")
    bases = {posixpath.basename(name).lower() for name in names}
    if b"macroenabled" in declared.lower() or bases & set(MACROS) or any("/activex/" in f"/{n}".lower() for n in names):
        raise ValidationError(MACRO_WORDS, code="macros")
    if f"{media_type}.main+xml".encode() not in declared:
        raise _wrong(next(extension for extension, kind in OFFICE.items() if kind == media_type))


def _check_open_document(archive: zipfile.ZipFile, names: list[str], media_type: str) -> None:
    if any(name.startswith(("Basic/", "Scripts/")) for name in names):
        raise ValidationError(MACRO_WORDS, code="macros")
    if _declared(archive, "mimetype").strip() != media_type.encode() or "content.xml" not in names:
        raise _wrong(next(extension for extension, kind in OFFICE.items() if kind == media_type))
    if b"encryption-data" in _declared(archive, "META-INF/manifest.xml"):
        raise ValidationError(
            "Ce fichier est protégé par un mot de passe. Déposez-le sans protection.", code="encrypted"
        )
