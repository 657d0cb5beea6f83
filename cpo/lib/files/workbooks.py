"""Spreadsheets that people send: counted and bounded before anything is opened, then read as plain values.

An XLSX file is a zip of XML parts. Its parts are read once by the standard library's parser, which stops at the first
bound that is passed, and notes what a reader of values can't tell from a blank: cells in error, formulas that were
never computed. Only then is a copy of these very parts, without anything else, handed to python-calamine.
"""

import io
import posixpath
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree
from xml.parsers import expat

from django.core.exceptions import ValidationError
from python_calamine import CalamineWorkbook

MEMBERS = 200
UNPACKED = 30 * 1024 * 1024  # bytes
ROWS = 2_000
COLUMNS = 100
ELEMENTS = 400_000  # of any kind, in all parts; attributes beyond those of a cell count as much
TAG = 1_000_000  # bytes
CHUNK = 65_536
READ = (".xml", ".rels")  # how the names of the parts that hold values end
TEXT = 20_000_000  # characters, each use of a shared text counted

_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')  # what a number format shows word for word
_MACROS = ("vbaproject.bin", "vbaprojectsignature.bin")
_WHERE = "Dans le tableur, enregistrez-le au format « Excel (.xlsx) », puis recommencez."


@dataclass
class Table:
    """One sheet: its rows from A1 on, and the cells that hold an error (« #REF! ») or an uncomputed formula («  »)."""

    rows: list[list[Any]] = field(default_factory=list)
    broken: dict[str, str] = field(default_factory=dict)


def letters(column: int) -> str:
    """0 → A, 25 → Z, 26 → AA."""
    head, last = divmod(column, 26)
    return (letters(head - 1) if head else "") + chr(65 + last)


def reference(row: int, column: int) -> str:
    """The name of a cell, counted from zero: (11, 3) → D12."""
    return f"{letters(column)}{row + 1}"


def read(data: bytes, *, required: Sequence[str], optional: Sequence[str] = ()) -> dict[str, Table]:
    """Read the named sheets of a workbook. Raises ValidationError that says in French why it is refused."""
    parts = _unpack(data)
    _refuse_macros(parts)
    measure = _Measure()
    places = _places(parts, measure)
    missing = [title for title in required if title not in places]
    if missing:
        names = ", ".join(f"« {title} »" for title in missing)
        kind = "la feuille" if len(missing) == 1 else "les feuilles"
        raise ValidationError(
            f"Ce classeur n’est pas celui d’un programme : il n’a pas {kind} {names}. Partez du modèle.",
            code="sheets",
        )
    titles = {part: title for title, part in places.items()}
    scans = _count(parts, titles, measure)
    percent = _percent_styles(parts)
    wanted = [title for title in (*required, *optional) if title in places]
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(_packed(parts)))
        rows = {title: book.get_sheet_by_name(title).to_python(skip_empty_area=False) for title in wanted}
    except Exception as error:  # whatever the library raises on a damaged part: CalamineError, XmlError, OSError…
        raise _unreadable() from error
    for title in wanted:
        _as_shown(rows[title], [place for place, style in scans[title].styles.items() if style in percent])
    return {title: Table(rows[title], scans[title].broken) for title in wanted}


def _unreadable() -> ValidationError:
    return ValidationError(f"Ce fichier n’est pas un classeur XLSX, ou il est incomplet. {_WHERE}", code="type")


def _unpack(data: bytes) -> dict[str, bytes]:
    """The parts of the zip, within the bounds; a header that lies about a size yields no more than it says."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            if len(members) > MEMBERS or sum(member.file_size for member in members) > UNPACKED:
                raise ValidationError(
                    "Une fois décompressé, ce fichier est beaucoup trop grand pour un programme d’actions."
                    " Retirez les images et les feuilles étrangères, ou partez du modèle.",
                    code="bomb",
                )
            if any(member.flag_bits & 1 for member in members):
                raise ValidationError(
                    "Ce classeur est protégé par un mot de passe. Retirez-le, puis recommencez.", code="password"
                )
            return {member.filename: archive.read(member) for member in members}
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError) as error:
        raise _unreadable() from error


def _packed(parts: dict[str, bytes]) -> bytes:
    """The parts that hold values, as a new zip: nothing that was not counted is opened."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name, content in parts.items():
            if name.endswith(READ):
                archive.writestr(zipfile.ZipInfo(name), content)
    return packed.getvalue()


def _refuse_macros(parts: dict[str, bytes]) -> None:
    types = parts.get("[Content_Types].xml", b"").lower()
    named = any(posixpath.basename(name).lower() in _MACROS or "/macrosheets/" in name.lower() for name in parts)
    if named or b"macroenabled" in types or b"vbaproject" in types:
        raise ValidationError(
            "Ce classeur contient des macros. Enregistrez-le au format « Excel (.xlsx) », sans macro.",
            code="macro",
        )


def _places(parts: dict[str, bytes], measure: "_Measure") -> dict[str, str]:
    """Title of each sheet → name of its part."""
    try:
        book, links = (_tree(parts[name], measure) for name in ("xl/workbook.xml", "xl/_rels/workbook.xml.rels"))
    except (KeyError, ElementTree.ParseError, ValueError, LookupError) as error:
        raise _unreadable() from error
    targets = {link.get("Id"): posixpath.normpath(posixpath.join("/xl", link.get("Target", ""))) for link in links}
    found = {}
    for sheet in book.iter():
        if sheet.tag.rpartition("}")[2] != "sheet":
            continue
        key = next((value for name, value in sheet.attrib.items() if name.rpartition("}")[2] == "id"), "")
        part = targets.get(key, "").lstrip("/")
        if part.endswith(".xml") and part in parts:
            found[sheet.get("name", "")] = part
    return found


def _tree(content: bytes, measure: "_Measure") -> ElementTree.Element:
    _Scan("", content, measure)  # refuses a document type, hence entities
    return ElementTree.fromstring(content)  # noqa: S314


def _percent_styles(parts: dict[str, bytes]) -> set[str]:
    """The styles of cells, by their rank, that show a number as a percentage (ECMA-376, part 1, 18.8.30)."""
    if "xl/styles.xml" not in parts:
        return set()
    formats = {"9": "%", "10": "%"}
    found: set[str] = set()
    for element in _tree(parts["xl/styles.xml"], _Measure()):
        kind = element.tag.rpartition("}")[2]
        if kind == "numFmts":
            formats |= {one.get("numFmtId", ""): one.get("formatCode", "") for one in element}
        elif kind == "cellXfs":
            shown = [formats.get(one.get("numFmtId", ""), "") for one in element]
            found = {str(rank) for rank, code in enumerate(shown) if "%" in _QUOTED.sub("", code)}
    return found


def _as_shown(rows: list[list[Any]], places: Sequence[str]) -> None:
    """A cell that shows « 80 % » holds 0.8: it says what it shows."""
    for place in places:
        match = _REFERENCE.fullmatch(place)
        assert match is not None  # noqa: S101  checked when the part was read
        row, column = int(match[2]) - 1, _number(match[1]) - 1
        value = rows[row][column] if row < len(rows) and column < len(rows[row]) else None
        if isinstance(value, float | int) and not isinstance(value, bool):
            rows[row][column] = f"{Decimal(f'{value:.15g}') * 100:f}".replace(".", ",") + " %"


def _count(parts: dict[str, bytes], titles: dict[str, str], measure: "_Measure") -> dict[str, "_Scan"]:
    """Scan every part; return what is known of each sheet. A part that no sheet names is bounded like the others."""
    read = {name: content for name, content in parts.items() if name.endswith(READ)}
    scans = [_Scan(titles.get(name, ""), content, measure) for name, content in read.items()]
    lengths = [length for scan in scans for length in scan.shared]
    used = sum((scan.uses for scan in scans), Counter[int]())
    text = sum(lengths[index] * times for index, times in used.items() if index < len(lengths))
    if text > TEXT:
        raise _too_long()
    return {scan.title: scan for scan in scans if scan.title}


def _too_long(title: str = "") -> ValidationError:
    where = f"La feuille « {title} »" if title else "Ce classeur"
    return ValidationError(
        f"{where} est trop grand{'e' if title else ''} : {ROWS:,} lignes et {COLUMNS} colonnes au plus.".replace(
            ",", "\u00a0"
        )
        + " Supprimez les lignes et les colonnes étrangères au programme.",
        code="rows",
    )


@dataclass
class _Measure:
    """What the parts of a workbook hold together."""

    elements: int = 0


class _Scan:
    """One pass over a part, which stops at the first bound."""

    def __init__(self, title: str, content: bytes, measure: _Measure) -> None:
        self.title, self.measure = title, measure
        self.shared: list[int] = []  # lengths of the shared texts
        self.uses: Counter[int] = Counter()
        self.broken: dict[str, str] = {}
        self.styles: dict[str, str] = {}  # of the cells that hold a number
        self._row = self._column = 0
        self._in_text = False
        self._length = 0
        self._cell: dict[str, Any] | None = None
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = self._doctype
        try:
            self._parse(parser, content)
        except (expat.ExpatError, ValueError, LookupError) as error:
            raise _unreadable() from error

    def _parse(self, parser: expat.XMLParserType, content: bytes) -> None:
        """Piece by piece: a tag is told once it is whole, and one that does not end would be kept until then."""
        for start in range(0, len(content), CHUNK):
            parser.Parse(content[start : start + CHUNK], False)
            if start - parser.CurrentByteIndex > TAG:
                raise _too_long(self.title)
        parser.Parse(b"", True)

    def _doctype(self, *args: Any) -> None:
        raise ValueError("no part of a workbook has a document type")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        self.measure.elements += max(1, len(attributes) - 2)  # a cell has three
        if self.measure.elements > ELEMENTS:
            raise _too_long(self.title)
        if name == "row":
            self._row, self._column = int(attributes.get("r", self._row + 1)), 0
        elif name == "c":
            self._open_cell(attributes)
        elif name == "si":
            self._length = 0
        elif name == "f" and self._cell:
            self._cell["formula"] = True
        elif name in ("v", "t"):
            self._in_text = True

    def _open_cell(self, attributes: dict[str, str]) -> None:
        place = attributes.get("r")
        if place is None:
            self._column += 1
            place = reference(self._row - 1, self._column - 1)
        match = _REFERENCE.fullmatch(place)
        if match is None:
            raise ValueError(place)
        self._column = _number(match[1])
        self._cell = {"place": place, "row": int(match[2]), "type": attributes.get("t", "n"), "value": []}
        self._cell["style"] = attributes.get("s")

    def _text(self, text: str) -> None:
        if self._in_text:
            self._length += len(text)
            if self._cell is not None:
                self._cell["value"].append(text)

    def _end(self, name: str) -> None:
        name = name.rpartition(":")[2]
        if name in ("v", "t"):
            self._in_text = False
        elif name == "si":
            self.shared.append(self._length)
        elif name == "c" and self._cell:
            self._close_cell(self._cell)
            self._cell = None

    def _close_cell(self, cell: dict[str, Any]) -> None:
        value = "".join(cell["value"])
        kind = cell["type"]
        uncomputed = "formula" in cell and not value and kind != "str"
        if not value and not uncomputed:
            return
        if cell["row"] > ROWS + 1 or self._column > COLUMNS:
            raise _too_long(self.title)
        if kind == "e" or uncomputed:
            self.broken[cell["place"]] = value if kind == "e" else ""
        elif kind == "s":
            self.uses[int(value)] += 1
        elif kind == "n" and cell["style"]:
            self.styles[cell["place"]] = cell["style"]


def _number(column: str) -> int:
    total = 0
    for letter in column:
        total = total * 26 + ord(letter) - 64
    return total
