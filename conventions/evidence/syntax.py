"""A strict reader of the objects of a PDF (ISO 32000-1, 7.3): what two programs may read in two ways is an error.

It reads what a signing tool appended, at given places. It repairs nothing: no comment inside an object, no key twice,
no length that is wrong.
"""

import re
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

WHITE = b" \t\r\n\f\x00"
SPACE = re.compile(rb"[ \t\r\n\f\x00]*")
NAME = re.compile(rb"/[^ \t\r\n\f\x00()<>\[\]{}/%]*")
NUMBER = re.compile(rb"[+-]?(?:\d+\.?\d*|\.\d+)(?=[ \t\r\n\f\x00()<>\[\]/%]|$)")
REFERENCE = re.compile(rb"(\d{1,10})[ \t\r\n\f\x00]+(\d{1,5})[ \t\r\n\f\x00]+R(?=[ \t\r\n\f\x00()<>\[\]/%]|$)")
WORD = re.compile(rb"(true|false|null)(?=[ \t\r\n\f\x00()<>\[\]/%]|$)")
HEX = re.compile(rb"<([0-9A-Fa-f \t\r\n\f\x00]*)>")
STRING_PART = re.compile(rb"[()]|\\.", re.DOTALL)
HEADER = re.compile(rb"(\d{1,10}) (\d{1,5}) obj(?=[ \t\r\n\f\x00()<>\[\]/]|\d|-|\+)")
STREAM = re.compile(rb"stream(?:\r\n|\n)")
END_OF_STREAM = re.compile(rb"(?:\r\n|\n|\r)?endstream[ \t\r\n\f\x00]+endobj")
END_OF_OBJECT = re.compile(rb"endobj")
DEEPEST = 60
MOST_UNPACKED = 20_000_000  # bytes of one table or object stream


class Ambiguous(ValueError):
    """What programs may read in two ways, or not at all. `code`: key of the French answer; `keys`: those at fault."""

    def __init__(self, code: str = "misshapen", keys: Iterable[str] = ()) -> None:
        super().__init__(code)
        self.code = code
        self.keys = sorted(keys)


@dataclass(frozen=True)
class Ref:
    number: int
    generation: int


@dataclass(frozen=True)
class Item:
    """An object of a file: its number, its value, the bytes of its stream if it has one, where it ends."""

    number: int
    generation: int
    value: Any
    stream: bytes | None
    end: int


def space(data: bytes, at: int) -> int:
    match = SPACE.match(data, at)
    return match.end() if match else at


def value(data: bytes, at: int, depth: int = 0) -> tuple[Any, int]:
    """Return the value at this place and its end: dict (keys in bytes, with their slash), list, bytes, Ref, number."""
    if depth > DEEPEST:
        raise Ambiguous
    at = space(data, at)
    if data.startswith(b"<<", at):
        return _dictionary(data, at + 2, depth)
    first = data[at : at + 1]
    if first == b"[":
        return _array(data, at + 1, depth)
    if first == b"(":
        return _string(data, at + 1)
    for pattern, made in _SIMPLE:
        match = pattern.match(data, at)
        if match:
            return made(match), match.end()
    raise Ambiguous


def _number(match: re.Match[bytes]) -> int | float:
    return float(match[0]) if b"." in match[0] else int(match[0])


def _name(match: re.Match[bytes]) -> bytes:
    """The name with its escapes read: « /#50rev » is « /Prev »."""
    return re.sub(rb"#([0-9A-Fa-f]{2})", lambda part: bytes([int(part[1], 16)]), match[0])


def _word(match: re.Match[bytes]) -> bool | None:
    return {b"true": True, b"false": False, b"null": None}[match[1]]


_SIMPLE: tuple[tuple[re.Pattern[bytes], Any], ...] = (
    (REFERENCE, lambda match: Ref(int(match[1]), int(match[2]))),
    (NAME, _name),
    (NUMBER, _number),
    (HEX, lambda match: match[0]),
    (WORD, _word),
)


def _dictionary(data: bytes, at: int, depth: int) -> tuple[dict[bytes, Any], int]:
    found: dict[bytes, Any] = {}
    while True:
        at = space(data, at)
        if data.startswith(b">>", at):
            return found, at + 2
        match = NAME.match(data, at)
        if not match:
            raise Ambiguous
        key = _name(match)
        if key in found:
            raise Ambiguous("defined_twice")
        found[key], at = value(data, match.end(), depth + 1)


def _array(data: bytes, at: int, depth: int) -> tuple[list[Any], int]:
    found: list[Any] = []
    while True:
        at = space(data, at)
        if data.startswith(b"]", at):
            return found, at + 1
        item, at = value(data, at, depth + 1)
        found.append(item)


def _string(data: bytes, at: int) -> tuple[bytes, int]:
    start, level = at, 1
    while level:
        match = STRING_PART.search(data, at)
        if not match:
            raise Ambiguous
        level += {b"(": 1, b")": -1}.get(match[0], 0)
        at = match.end()
    return data[start : at - 1], at


def item(data: bytes, at: int, *, length_of: Any) -> Item:
    """Return the object that begins exactly here. `length_of`: the length, in bytes, that a `Ref` gives."""
    header = HEADER.match(data, at)
    if not header:
        raise Ambiguous
    number, generation = int(header[1]), int(header[2])
    found, end = value(data, header.end())
    end = space(data, end)
    opened = STREAM.match(data, end)
    if not opened:
        closed = END_OF_OBJECT.match(data, end)
        if not closed:
            raise Ambiguous
        return Item(number, generation, found, None, closed.end())
    length = found.get(b"/Length") if isinstance(found, dict) else None
    length = length_of(length) if isinstance(length, Ref) else length
    if not isinstance(length, int) or not 0 <= length <= len(data):
        raise Ambiguous
    closed = END_OF_STREAM.match(data, opened.end() + length)
    if not closed:
        raise Ambiguous
    return Item(number, generation, found, data[opened.end() : opened.end() + length], closed.end())


# -- The bytes of a stream ---------------------------------------------------------------------------------------------


def unpacked(thing: Item) -> bytes:
    """The bytes of a table or of an object stream: without filter, or with Flate and the predictors of PNG."""
    filters = thing.value.get(b"/Filter")
    filters = filters if isinstance(filters, list) else [filters] if filters else []
    parameters = thing.value.get(b"/DecodeParms")
    parameters = parameters[0] if isinstance(parameters, list) and len(parameters) == 1 else parameters
    if thing.stream is None or filters not in ([], [b"/FlateDecode"]):
        raise Ambiguous
    if not filters:
        return thing.stream
    engine = zlib.decompressobj()
    try:
        plain = engine.decompress(thing.stream, MOST_UNPACKED)
    except zlib.error as error:
        raise Ambiguous from error
    if engine.unconsumed_tail or not engine.eof or engine.unused_data.strip(WHITE):
        raise Ambiguous
    predictor = parameters.get(b"/Predictor", 1) if isinstance(parameters, dict) else 1
    if predictor == 1:
        return plain
    if predictor < 10 or parameters.get(b"/Colors", 1) != 1 or parameters.get(b"/BitsPerComponent", 8) != 8:
        raise Ambiguous
    return _unpredicted(plain, parameters.get(b"/Columns", 1))


def _unpredicted(plain: bytes, width: int) -> bytes:
    """Undo the « Up », « Sub » and « None » filters of PNG, the only ones of tables."""
    if not isinstance(width, int) or not 0 < width < 64 or len(plain) % (width + 1):
        raise Ambiguous
    before, out = bytes(width), bytearray()
    for start in range(0, len(plain), width + 1):
        kind, row = plain[start], bytearray(plain[start + 1 : start + 1 + width])
        if kind not in (0, 1, 2):
            raise Ambiguous
        for place in range(width if kind else 0):
            row[place] = (row[place] + (before[place] if kind == 2 else row[place - 1] if place else 0)) & 255
        before = bytes(row)
        out += before
    return bytes(out)
