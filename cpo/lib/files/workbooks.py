"""Uploaded spreadsheets: their size is checked before they are opened, then they are read as plain values.

An XLSX file is a zip of XML parts. The standard library's parser reads each part once. It stops at the first limit that
is exceeded, and records the cells that python-calamine would return as blank: cells in error, formulas that were never
computed. Then python-calamine reads a copy of these parts and nothing else.
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

from cpo.lib.files.kinds import Kind, named
from cpo.lib.wording.characters import clean, reverses

MEMBERS = 200
UNPACKED = 30 * 1024 * 1024  # bytes
ROWS = 2_000
COLUMNS = 100
ELEMENTS = 400_000  # of any kind, in all parts; attributes beyond the three of a cell count too
TAG = 1_000_000  # bytes
CHUNK = 65_536
READ = (".xml", ".rels")  # suffixes of the parts that hold values
TEXT = 20_000_000  # characters, counting each use of a shared text

_CELL_NAME = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')  # literal text in a number format
_MACROS = ("vbaproject.bin", "vbaprojectsignature.bin")
_WHERE = "Dans le tableur, enregistrez-le au format « Excel (.xlsx) », puis recommencez."


@dataclass
class Table:
    """One sheet: its rows from A1 on, and the cells that hold an error (« #REF! ») or an uncomputed formula («  »).

    `reversing`: the cells of which a bidirectional control was removed; a reader would have seen another text.
    """

    rows: list[list[Any]] = field(default_factory=list)
    faulty: dict[str, str] = field(default_factory=dict)
    reversing: list[str] = field(default_factory=list)


def letters(column: int) -> str:
    """0 → A, 25 → Z, 26 → AA."""
    head, last = divmod(column, 26)
    return (letters(head - 1) if head else "") + chr(65 + last)


def cell_name(row: int, column: int) -> str:
    """Return the name of a cell from its indexes, counted from zero: (11, 3) → D12."""
    return f"{letters(column)}{row + 1}"


def read_sheets(data: bytes, *, kind: Kind, required: Sequence[str], optional: Sequence[str] = ()) -> dict[str, Table]:
    """Read the named sheets of a workbook. Raises ValidationError with the reason of a refusal, in French."""
    with named(kind):
        return _read_sheets(data, required, optional)


def _read_sheets(data: bytes, required: Sequence[str], optional: Sequence[str]) -> dict[str, Table]:
    parts = _unpack(data)
    _refuse_macros(parts)
    measure = _Measure()
    parts_by_title = _parts_by_title(parts, measure)
    missing = [title for title in required if title not in parts_by_title]
    if missing:
        names = ", ".join(f"« {title} »" for title in missing)
        noun = "la feuille" if len(missing) == 1 else "les feuilles"
        raise ValidationError(
            "Ce classeur n’est pas celui %(owner)s : il n’a pas %(missing)s. %(start)s.",
            code="sheets",
            params={"missing": f"{noun} {names}"},
        )
    titles = {part: title for title, part in parts_by_title.items()}
    scans = _count(parts, titles, measure)
    percent = _percent_styles(parts)
    titles_to_read = [title for title in (*required, *optional) if title in parts_by_title]
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(_zip_of(parts)))
        rows = {title: book.get_sheet_by_name(title).to_python(skip_empty_area=False) for title in titles_to_read}
    except Exception as error:  # whatever the library raises on a damaged part: CalamineError, XmlError, OSError…
        raise _unreadable() from error
    reversing = {title: _reversing(rows[title]) for title in titles_to_read}
    for title in titles_to_read:
        rows[title] = [[clean(cell) if isinstance(cell, str) else cell for cell in row] for row in rows[title]]
        _as_shown(rows[title], [cell for cell, style in scans[title].styles.items() if style in percent])
    return {title: Table(rows[title], scans[title].faulty, reversing[title]) for title in titles_to_read}


def _reversing(rows: list[list[Any]]) -> list[str]:
    """The cells whose text holds a bidirectional control, which `clean` is about to remove."""
    return [
        cell_name(number, position)
        for number, row in enumerate(rows)
        for position, value in enumerate(row)
        if isinstance(value, str) and reverses(value)
    ]


def first_sheet(data: bytes, *, kind: Kind) -> Table:
    """The first sheet of any workbook, whatever its name. Raises ValidationError as `read_sheets` does."""
    with named(kind):
        title = next(iter(_parts_by_title(_unpack(data), _Measure())), "")
        return _read_sheets(data, [title], ())[title]


def _unreadable() -> ValidationError:
    return ValidationError(f"Ce fichier n’est pas un classeur XLSX, ou il est incomplet. {_WHERE}", code="type")


def _unpack(data: bytes) -> dict[str, bytes]:
    """Return the parts of the zip, within the limits. A part is never read beyond the size that its header declares."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            if len(members) > MEMBERS or sum(member.file_size for member in members) > UNPACKED:
                raise ValidationError(
                    "Une fois décompressé, ce fichier est beaucoup trop grand. "
                    "Retirez les images et les feuilles étrangères, ou %(start_lower)s.",
                    code="bomb",
                )
            if any(member.flag_bits & 1 for member in members):
                raise ValidationError(
                    "Ce classeur est protégé par un mot de passe. Retirez-le, puis recommencez.", code="password"
                )
            return {member.filename: archive.read(member) for member in members}
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError) as error:
        raise _unreadable() from error


def _zip_of(parts: dict[str, bytes]) -> bytes:
    """Return a new zip of the parts that hold values, so that python-calamine opens only parts that were checked."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name, content in parts.items():
            if name.endswith(READ):
                archive.writestr(zipfile.ZipInfo(name), content)
    return packed.getvalue()


def _refuse_macros(parts: dict[str, bytes]) -> None:
    types = parts.get("[Content_Types].xml", b"").lower()
    has_macro_part = any(
        posixpath.basename(name).lower() in _MACROS or "/macrosheets/" in name.lower() for name in parts
    )
    if has_macro_part or b"macroenabled" in types or b"vbaproject" in types:
        raise ValidationError(
            "Ce classeur contient des macros. Enregistrez-le au format « Excel (.xlsx) », sans macro.",
            code="macro",
        )


def _parts_by_title(parts: dict[str, bytes], measure: "_Measure") -> dict[str, str]:
    """Map the title of each sheet to the name of its part."""
    try:
        book, links = (_tree(parts[name], measure) for name in ("xl/workbook.xml", "xl/_rels/workbook.xml.rels"))
    except (KeyError, ElementTree.ParseError, ValueError, LookupError) as error:
        raise _unreadable() from error
    targets = {link.get("Id"): posixpath.normpath(posixpath.join("/xl", link.get("Target", ""))) for link in links}
    parts_by_title = {}
    for sheet in book.iter():
        if sheet.tag.rpartition("}")[2] != "sheet":
            continue
        key = next((value for name, value in sheet.attrib.items() if name.rpartition("}")[2] == "id"), "")
        part = targets.get(key, "").lstrip("/")
        if part.endswith(".xml") and part in parts:
            parts_by_title[sheet.get("name", "")] = part
    return parts_by_title


def _tree(content: bytes, measure: "_Measure") -> ElementTree.Element:
    _Scan("", content, measure)  # refuses a document type declaration, hence entities
    return ElementTree.fromstring(content)  # noqa: S314


def _percent_styles(parts: dict[str, bytes]) -> set[str]:
    """Return the cell styles (by rank) that show a number as a percentage (ECMA-376, part 1, 18.8.30)."""
    if "xl/styles.xml" not in parts:
        return set()
    formats = {"9": "%", "10": "%"}
    percent_styles: set[str] = set()
    for element in _tree(parts["xl/styles.xml"], _Measure()):
        kind = element.tag.rpartition("}")[2]
        if kind == "numFmts":
            formats |= {one.get("numFmtId", ""): one.get("formatCode", "") for one in element}
        elif kind == "cellXfs":
            codes = [formats.get(one.get("numFmtId", ""), "") for one in element]
            percent_styles = {str(rank) for rank, code in enumerate(codes) if "%" in _QUOTED.sub("", code)}
    return percent_styles


def _as_shown(rows: list[list[Any]], cells: Sequence[str]) -> None:
    """Replace the value of percentage cells by their displayed text: 0.8 becomes « 80 % »."""
    for cell in cells:
        match = _CELL_NAME.fullmatch(cell)
        assert match is not None  # noqa: S101  checked when the part was read
        row, column = int(match[2]) - 1, _number(match[1]) - 1
        value = rows[row][column] if row < len(rows) and column < len(rows[row]) else None
        if isinstance(value, float | int) and not isinstance(value, bool):
            rows[row][column] = f"{Decimal(f'{value:.15g}') * 100:f}".replace(".", ",") + " %"


def _count(parts: dict[str, bytes], titles: dict[str, str], measure: "_Measure") -> dict[str, "_Scan"]:
    """Scan every part and return the scan of each sheet. The limits also apply to parts that no sheet uses."""
    value_parts = {name: content for name, content in parts.items() if name.endswith(READ)}
    scans = [_Scan(titles.get(name, ""), content, measure) for name, content in value_parts.items()]
    lengths = [length for scan in scans for length in scan.shared]
    uses = sum((scan.uses for scan in scans), Counter[int]())
    text = sum(lengths[index] * times for index, times in uses.items() if index < len(lengths))
    if text > TEXT:
        raise _too_long()
    return {scan.title: scan for scan in scans if scan.title}


def _too_long(title: str = "") -> ValidationError:
    rows = f"{ROWS:,}".replace(",", "\u00a0")
    return ValidationError(
        f"%(where)s est trop grand{'e' if title else ''} : {rows} lignes et {COLUMNS} colonnes au plus."
        " Supprimez les lignes et les colonnes étrangères %(owner_to)s.",
        code="rows",
        params={"where": f"La feuille « {title} »" if title else "Ce classeur"},
    )


@dataclass
class _Measure:
    """The number of elements in all the parts of a workbook."""

    elements: int = 0


class _Scan:
    """One pass over a part, which stops at the first limit exceeded."""

    def __init__(self, title: str, content: bytes, measure: _Measure) -> None:
        self.title, self.measure = title, measure
        self.shared: list[int] = []  # lengths of the shared texts
        self.uses: Counter[int] = Counter()
        self.faulty: dict[str, str] = {}
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
        """Parse piece by piece, to refuse an endless tag: expat keeps a tag in memory until it is complete."""
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
        name = attributes.get("r")
        if name is None:
            self._column += 1
            name = cell_name(self._row - 1, self._column - 1)
        match = _CELL_NAME.fullmatch(name)
        if match is None:
            raise ValueError(name)
        self._column = _number(match[1])
        self._cell = {"name": name, "row": int(match[2]), "type": attributes.get("t", "n"), "value": []}
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
            self.faulty[cell["name"]] = value if kind == "e" else ""
        elif kind == "s":
            self.uses[int(value)] += 1
        elif kind == "n" and cell["style"]:
            self.styles[cell["name"]] = cell["style"]


def _number(column: str) -> int:
    total = 0
    for letter in column:
        total = total * 26 + ord(letter) - 64
    return total
