"""Objects of a PDF written in compressed streams: a tagged document has thousands of small dictionaries.

A stream has 100 objects, as qpdf writes them. WeasyPrint writes one stream for all, and readers that take objects one
at a time unpack the whole stream each time (fifty times slower with four thousand objects).

Only the tree of tags is packed: nine objects in ten. A signing tool writes again the catalogue, the page and the field;
poppler (22.12) gives a packed one a false generation, which other programs don't find.
"""

import hashlib
import itertools
from collections.abc import Iterable, Iterator
from typing import Any

import pydyf

PER_STREAM = 100
# Type, offset or number of the stream, rank in the stream (ISO 32000-1, 7.5.8.3).
WIDTHS = (1, 4, 1)
Entry = tuple[int, int, int]
FREE: Entry = (0, 0, 255)


class EndedStream(pydyf.Stream):  # type: ignore[misc]
    """A stream whose end is unambiguous.

    PDF/A (ISO 19005-3, 6.1.7.1) requires an end of line before `endstream`. When the last byte of the data is a
    carriage return, a single line feed would form a CR LF: checkers read one end of line and find one byte missing.
    """

    @property
    def data(self) -> bytes:
        data: bytes = super().data
        return data.removesuffix(b"\nendstream") + b"\r\nendstream"


class PackedPDF(pydyf.PDF):  # type: ignore[misc]
    """A PDF 1.5 or later with object streams and a cross-reference stream (ISO 32000-1, 7.5.7 and 7.5.8)."""

    def write(self, output: Any, version: Any = "1.7", identifier: Any = False, compress: bool = True) -> None:
        """Write the file. `identifier`: text, the first half of /ID; the second half is the hash of the objects."""
        self.add_object(self.info)
        self.write_line(f"%PDF-{version}".encode(), output)
        self.write_line(b"%\xf0\x9f\x96\xa4", output)
        digest, entries, small = hashlib.md5(usedforsecurity=False), [FREE] * len(self.objects), []
        for item in self.objects:
            if item.free == "f":
                continue
            if _is_tag(item):
                small.append((item.number, item.data))
                digest.update(small[-1][1])
            else:
                whole = item.indirect
                digest.update(whole)
                entries[item.number] = (1, self.current_position, 0)
                self.write_line(whole, output)
        for batch in _batches(small):
            stream = _object_stream(batch)
            self.add_object(stream)
            entries.append((1, self.current_position, 0))
            for rank, (number, _) in enumerate(batch):
                entries[number] = (2, stream.number, rank)
            self.write_line(stream.indirect, output)
        self._write_table(entries, output, identifier=str(identifier), digest=digest.hexdigest())

    def _write_table(self, entries: list[Entry], output: Any, *, identifier: str, digest: str) -> None:
        position = self.current_position
        entries.append((1, position, 0))
        table = EndedStream(
            [_predicted(entries)],
            {
                "Type": "/XRef",
                "DecodeParms": pydyf.Dictionary({"Columns": sum(WIDTHS), "Predictor": 12}),
                "Index": pydyf.Array((0, len(entries))),
                "W": pydyf.Array(WIDTHS),
                "Size": len(entries),
                "Root": self.catalog.reference,
                "Info": self.info.reference,
                "ID": pydyf.Array((pydyf.String(identifier).data, pydyf.String(digest).data)),
            },
            compress=True,
        )
        self.add_object(table)
        self.write_line(table.indirect, output)
        for line in (b"startxref", str(position).encode(), b"%%EOF"):
            self.write_line(line, output)


def _predicted(entries: list[Entry]) -> bytes:
    """The rows, each as its difference with the one above (PNG « up »).

    LibreOffice (7.4) reads the table of a file that it signs in no other form: it would free the page.
    """
    rows = [b"".join(value.to_bytes(width, "big") for value, width in zip(row, WIDTHS, strict=True)) for row in entries]
    above = [bytes(sum(WIDTHS)), *rows]
    differences = (
        bytes((one - other) % 256 for one, other in zip(row, up, strict=True))
        for row, up in zip(rows, above, strict=False)
    )
    return b"".join(b"\x02" + row for row in differences)


def _is_tag(item: pydyf.Object) -> bool:
    return isinstance(item, pydyf.Dictionary) and item.get("Type") == "/StructElem"


def _batches(objects: Iterable[tuple[int, bytes]]) -> Iterator[list[tuple[int, bytes]]]:
    waiting = iter(objects)
    while batch := list(itertools.islice(waiting, PER_STREAM)):
        yield batch


def _object_stream(batch: list[tuple[int, bytes]]) -> EndedStream:
    """Return the stream of these objects (number, bytes): pairs of a number and an offset, then the objects."""
    pairs, position = [], 0
    for number, data in batch:
        pairs.append(f"{number} {position}")
        position += len(data) + 1
    head = " ".join(pairs).encode()
    extra = {"Type": "/ObjStm", "N": len(batch), "First": len(head) + 1}
    return EndedStream([head, *(data for _, data in batch)], extra, compress=True)
