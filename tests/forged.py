"""PDF files forged by hand: a section appended to a file, written byte by byte, lawful or not."""

import io
import re
import zlib
from collections.abc import Iterable

import pikepdf

Row = tuple[int, int | None, int]  # number, offset (None: freed), generation

TEXT = b"BT /F1 12 Tf 72 700 Td (Subvention de 120 000 euros) Tj ET"
OTHER_TEXT = b"BT /F1 12 Tf 72 700 Td (Subvention de 920 000 euros) Tj ET"


def base() -> bytes:
    """A page with a text, a title, and two signature fields; objects outside streams, so that one sees them."""
    out = io.BytesIO()
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(595, 842))
        font = pikepdf.Dictionary(
            Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica,
            Encoding=pikepdf.Name.WinAnsiEncoding,
        )  # fmt: skip
        page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=pdf.make_indirect(font)))
        page.Contents = pdf.make_stream(TEXT)
        pdf.docinfo["/Title"] = "Convention"
        fields = [
            pdf.make_indirect(
                pikepdf.Dictionary(
                    Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Widget, FT=pikepdf.Name.Sig, F=4, P=page.obj,
                    T=f"signature-{rank}", Rect=[100, 100 * rank, 300, 100 * rank + 50],
                )
            )
            for rank in (1, 2)
        ]  # fmt: skip
        page.Annots = pikepdf.Array(fields)
        pdf.Root.AcroForm = pdf.make_indirect(pikepdf.Dictionary(Fields=pikepdf.Array(fields), SigFlags=3))
        pdf.save(out, object_stream_mode=pikepdf.ObjectStreamMode.disable, compress_streams=False, static_id=True)
    return out.getvalue()


class Place:
    """The numbers of what an attack rewrites, and the text of an object."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        with pikepdf.open(io.BytesIO(data)) as pdf:
            page = pdf.pages[0].obj
            self.root, self.page, self.info = pdf.Root.objgen[0], page.objgen[0], pdf.trailer.Info.objgen[0]
            self.form = pdf.Root.AcroForm.objgen[0]
            self.contents, self.font = page.Contents.objgen[0], page.Resources.Font.F1.objgen[0]
            self.fields = [item.objgen[0] for item in pdf.Root.AcroForm.Fields]
            self.size = int(pdf.trailer.Size)
            self._texts = {
                number: pdf.get_object(number, 0).unparse(resolved=True)
                for number in (self.root, self.page, self.form, self.font, self.info, *self.fields)
            }

    def text(self, number: int, *changes: tuple[bytes, bytes]) -> bytes:
        """The object in PDF syntax, with these parts replaced; each must be there."""
        text = self._texts[number]
        for old, new in changes:
            assert old in text, (old, text)
            text = text.replace(old, new, 1)
        return text

    def added(self, number: int, entries: bytes) -> bytes:
        """The dictionary with these entries at its end."""
        return self._texts[number].rstrip()[:-2] + entries + b" >>"

    def offset(self, number: int) -> int:
        """Where the object is in the file."""
        found = list(re.finditer(rb"(?:^|[\r\n])(%d 0 obj)" % number, self.data))
        return found[-1].start(1)


def stream(content: bytes, extra: bytes = b"") -> bytes:
    return b"<< /Length %d %b>>\nstream\n%b\nendstream" % (len(content), extra, content)


def last_table(data: bytes) -> int:
    return int(data[data.rindex(b"startxref") :].split()[1])


def update(
    data: bytes,
    objects: dict[int, bytes],
    *,
    rows: Iterable[Row] = (),
    unlisted: bytes = b"",
    trailer: bytes = b"",
    root: int | None = None,
    previous: int | None = None,
    size: int | None = None,
) -> bytes:
    """Append a classic section: these objects, more rows (each in its own range), bytes that no table lists."""
    place = Place(data)
    body, listed = bytearray(data), list[Row]()
    for number, text in objects.items():
        listed.append((number, len(body), 0))
        body += b"%d 0 obj\n%b\nendobj\n" % (number, text)
    body += unlisted
    start = len(body)
    body += b"xref\n"
    for number, offset, generation in [*listed, *rows]:
        kind = b"n" if offset is not None else b"f"
        body += b"%d 1\n%010d %05d %b \n" % (number, offset or 0, generation, kind)
    highest = max([place.size, *(row[0] + 1 for row in listed)])
    body += b"trailer\n<< /Size %d /Root %d 0 R /Info %d 0 R /Prev %d %b >>\nstartxref\n%d\n%%%%EOF\n" % (
        size or highest, root or place.root, place.info, previous or last_table(data), trailer, start,
    )  # fmt: skip
    return bytes(body)


def packed(data: bytes, objects: dict[int, bytes], *, listed: Iterable[int]) -> bytes:
    """Append a stream that holds these objects, and a table in a stream that lists some of them only."""
    place = Place(data)
    container, table = place.size, place.size + 1
    pairs, at = [], 0
    for number, text in objects.items():
        pairs.append(b"%d %d" % (number, at))
        at += len(text) + 1
    head = b" ".join(pairs) + b"\n"
    body = bytearray(data)
    offset = len(body)
    content = head + b"\n".join(objects.values())
    body += b"%d 0 obj\n%b\nendobj\n" % (
        container, stream(content, b"/Type /ObjStm /N %d /First %d " % (len(objects), len(head))),
    )  # fmt: skip
    start = len(body)
    ranks = {number: rank for rank, number in enumerate(objects)}
    lines = [(number, 2, container, ranks[number]) for number in listed]
    lines += [(container, 1, offset, 0), (table, 1, start, 0)]
    lines.sort()
    index = b" ".join(b"%d 1" % line[0] for line in lines)
    entries = b"".join(bytes([kind]) + where.to_bytes(4, "big") + bytes([rank]) for _, kind, where, rank in lines)
    extra = b"/Type /XRef /W [1 4 1] /Index [%b] /Size %d /Root %d 0 R /Info %d 0 R /Prev %d /Filter /FlateDecode " % (
        index, max(line[0] for line in lines) + 1, place.root, place.info, last_table(data),
    )  # fmt: skip
    body += b"%d 0 obj\n%b\nendobj\nstartxref\n%d\n%%%%EOF\n" % (table, stream(zlib.compress(entries), extra), start)
    return bytes(body)
