"""HTML of a printed document → DOCX, for people who annotate in a word processor.

The file proves nothing: each page says so. The same HTML and arguments give the same bytes. The converter handles the
elements of our printed templates: titles, paragraphs, lists, tables, definition lists, bold, italics, insertions and
deletions. It keeps the text of any other element: no text is lost.
"""

import io
import zipfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import lxml.html
from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph

from cpo.lib.wording.characters import clean
from cpo.lib.wording.french import both_genders

FONT = "Arial"
WIDTH = Mm(170)
TITLES = {"h1": 0, "h2": 1, "h3": 2, "h4": 3}
BLOCKS = {"p", "ul", "ol", "table", "dl", "div", "section", "main", "article", "body", *TITLES}
LEFT_OUT = {"img", "style", "script", "colgroup", "title", "head"}
_SAME_DAY = (1980, 1, 1, 0, 0, 0)  # the earliest date of the ZIP format

Run = tuple[str, frozenset[str]]


def html_to_docx(html: str, *, title: str, author: str, footer: str, mention: str, dated: datetime) -> bytes:
    """Return the bytes of the DOCX; `footer` is printed at the foot of each page, `mention` at head and foot."""
    # Texts stored before they were cleaned where they come in: XML refuses a whole file for one such character.
    html, title, author, footer, mention = (clean(text) for text in (html, title, author, footer, mention))
    writer = _Writer()
    properties = writer.document.core_properties
    properties.title, properties.author, properties.language = title, author, "fr-FR"
    properties.last_modified_by, properties.comments, properties.revision = author, mention, 1
    properties.created = properties.modified = dated.astimezone(UTC).replace(microsecond=0, tzinfo=None)
    writer.frame(footer, mention)
    writer.blocks(lxml.html.fromstring(both_genders(html)).find("body"))
    return _steady(writer.document)


def _steady(document: Any) -> bytes:
    """Save the file with constant dates in its ZIP entries."""
    raw = io.BytesIO()
    document.save(raw)
    steady = io.BytesIO()
    with zipfile.ZipFile(raw) as source, zipfile.ZipFile(steady, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(zipfile.ZipInfo(name, _SAME_DAY), source.read(name), zipfile.ZIP_DEFLATED)
    return steady.getvalue()


class _Writer:
    def __init__(self) -> None:
        self.document = Document()
        section = self.document.sections[0]
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.left_margin = section.right_margin = Mm(20)
        section.top_margin, section.bottom_margin = Mm(22), Mm(24)
        for name, size in (("Normal", 10), ("Title", 17), ("Heading 1", 13), ("Heading 2", 12), ("Heading 3", 11)):
            style = self.document.styles[name]
            style.font.name, style.font.size = FONT, Pt(size)
            fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
            for theme in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
                fonts.attrib.pop(qn(theme), None)
            if name != "Normal":
                style.font.color.rgb, style.font.bold = RGBColor(0x16, 0x16, 0x16), True
        self.document.styles["Normal"].paragraph_format.space_after = Pt(6)
        for language in self.document.styles.element.iter(qn("w:lang")):
            language.set(qn("w:val"), "fr-FR")

    # -- Header and footer ------------------------------------------------------------------------------------------

    def frame(self, footer: str, mention: str) -> None:
        section = self.document.sections[0]
        head = section.header.paragraphs[0]
        head.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        head.add_run(mention).bold = True
        head.runs[0]._r.append(parse_xml(_watermark(mention.partition(",")[0].upper())))
        foot = section.footer.paragraphs[0]
        foot.add_run(f"{mention.partition(',')[0]} · {footer} · page ")
        for field in ("PAGE", "NUMPAGES"):
            holder = OxmlElement("w:fldSimple")
            holder.set(qn("w:instr"), field)
            foot._p.append(holder)
            if field == "PAGE":
                foot.add_run("/")
        for run in (*head.runs, *foot.runs):
            run.font.size = Pt(8)

    # -- Blocks -----------------------------------------------------------------------------------------------------

    def blocks(self, parent: Any) -> None:
        """Write the blocks of an element, in order; text between blocks becomes a paragraph."""
        loose: list[Run] = list(_text(parent.text, frozenset()))
        for child in parent:
            if child.tag in BLOCKS:
                self._paragraph(loose)
                loose = []
                self._block(child)
            elif child.tag not in LEFT_OUT and isinstance(child.tag, str):
                loose += _runs(child, frozenset())
            loose += _text(child.tail, frozenset())
        self._paragraph(loose)

    def _block(self, block: Any) -> None:
        if block.get("class") in ("verification", "marque"):
            return  # the page that verifies documents does not know working copies, which bear a mark of their own
        if block.tag in TITLES:
            self._paragraph(_runs(block, frozenset()), self._title_style(block))
        elif block.tag == "p":
            self._paragraph(_runs(block, frozenset()))
        elif block.tag in ("ul", "ol"):
            self._list(block)
        elif block.tag == "table":
            self._table(block)
        elif block.tag == "dl":
            self._definitions(block)
        else:
            self.blocks(block)

    def _title_style(self, block: Any) -> str:
        level = TITLES[block.tag]
        return f"Heading {level}" if level else "Title"

    def _paragraph(self, runs: Sequence[Run], style: str | None = None) -> Paragraph | None:
        runs = _trim(runs)
        if not runs:
            return None
        paragraph = self.document.add_paragraph(style=style)
        _write(paragraph, runs)
        return paragraph

    def _list(self, block: Any) -> None:
        numbering = self._new_numbering() if block.tag == "ol" else None
        for item in block.iterchildren("li"):
            paragraph = self._paragraph(
                [run for part in (item, *item.iterchildren("p")) for run in _own_runs(part)],
                "List Number" if numbering else "List Bullet",
            )
            if paragraph is not None and numbering:
                paragraph._p.get_or_add_pPr().get_or_add_numPr().get_or_add_numId().val = numbering
            for inner in item.iterchildren("ul", "ol"):
                self._list(inner)

    def _new_numbering(self) -> int:
        """Create a numbering, so that each numbered list starts at 1."""
        numbering = self.document.part.numbering_part.element
        style_number = self.document.styles["List Number"].element.pPr.numPr.numId.val
        abstract = numbering.num_having_numId(style_number).abstractNumId.val
        number = numbering.add_num(abstract)
        number.add_lvlOverride(ilvl=0).add_startOverride(1)
        return int(number.numId)

    def _definitions(self, block: Any) -> None:
        """Write each label with its text: one paragraph that begins with the label in bold."""
        label: list[Run] = []
        for child in block.iter("dt", "dd"):
            if child.tag == "dt":
                label = [*_runs(child, frozenset({"bold"})), ("\u00a0: ", frozenset({"bold"}))]
            elif any(inner.tag in BLOCKS for inner in child):
                self._paragraph(label)
                self.blocks(child)
            else:
                self._paragraph([*label, *_runs(child, frozenset())])

    # -- Tables -----------------------------------------------------------------------------------------------------

    def _table(self, block: Any) -> None:
        rows = list(block.iter("tr"))
        if rows[0].get("class") == "legende":
            paragraph = self._paragraph(_runs(rows.pop(0), frozenset({"bold"})))
            if paragraph is not None:
                paragraph.paragraph_format.keep_with_next = True
        count = max(len(row) for row in rows)
        table = self.document.add_table(rows=0, cols=count, style="Table Grid")
        _widths(table, count)
        for row in rows:
            self._row(table, row, count)
        self.document.add_paragraph()

    def _row(self, table: Any, row: Any, count: int) -> None:
        heading = row.getparent().tag == "thead"
        element = OxmlElement("w:tr")
        properties = OxmlElement("w:trPr")
        properties.append(OxmlElement("w:cantSplit"))
        if heading:
            properties.append(OxmlElement("w:tblHeader"))
        element.append(properties)
        for cell in row:
            element.append(self._cell(cell, count, heading))
        table._tbl.append(element)

    def _cell(self, cell: Any, count: int, heading: bool) -> Any:
        element = OxmlElement("w:tc")
        properties = OxmlElement("w:tcPr")
        span = min(int(cell.get("colspan") or 1), count)
        if span > 1:
            spanned = OxmlElement("w:gridSpan")
            spanned.set(qn("w:val"), str(span))
            properties.append(spanned)
        element.append(properties)
        paragraph = Paragraph(OxmlElement("w:p"), self.document._body)
        element.append(paragraph._p)
        strong = heading or span > 1 or (cell.getparent().get("class") or "") in ("total", "sous-total", "section")
        _write(paragraph, _trim(_runs(cell, frozenset({"bold"} if strong else ()))))
        paragraph.paragraph_format.space_after = Pt(1)
        if "n" in (cell.get("class") or "").split():
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        for run in paragraph.runs:
            run.font.size = Pt(8)
        return element


def _widths(table: Any, count: int) -> None:
    """Make the first column, which holds labels, twice as wide as the others."""
    share = int(WIDTH / (count + 1))
    for rank, column in enumerate(table.columns):
        column.width = share * 2 if rank == 0 else share


# -- Runs of text ----------------------------------------------------------------------------------------------------

MARKS = {"strong": "bold", "b": "bold", "em": "italic", "i": "italic", "sup": "superscript", "del": "strike"}


def _text(text: str | None, marks: frozenset[str]) -> Iterator[Run]:
    if text:
        yield " ".join(text.replace("\n", " ").split(" ")) if text.strip(" \n\t") else " ", marks


def _runs(element: Any, marks: frozenset[str]) -> list[Run]:
    """Return all the text of an element, each piece with its marks."""
    marks |= {MARKS[element.tag]} if element.tag in MARKS else set()
    marks |= {"underline"} if element.tag == "ins" else set()
    runs = list(_text(element.text, marks))
    for child in element:
        if child.tag == "br":
            runs.append(("\n", marks))
        elif child.tag not in LEFT_OUT and isinstance(child.tag, str):
            if child.tag in BLOCKS or child.tag == "li":
                runs.append(("\n", marks))
            runs += _runs(child, marks)
        runs += _text(child.tail, marks)
    return runs


def _own_runs(item: Any) -> list[Run]:
    """Return the text of a list item, without the paragraphs and lists in it."""
    runs = list(_text(item.text, frozenset()))
    for child in item:
        if child.tag == "br":
            runs.append(("\n", frozenset()))
        elif child.tag not in BLOCKS and child.tag not in LEFT_OUT:
            runs += _runs(child, frozenset())
        runs += _text(child.tail, frozenset())
    return runs


def _trim(runs: Sequence[Run]) -> list[Run]:
    """Remove the blanks that HTML does not show: at both ends, and repeated."""
    trimmed: list[Run] = []
    for text, marks in runs:
        before = trimmed[-1][0] if trimmed else " "
        visible = text.lstrip(" ") if before.endswith((" ", "\n")) and text != "\n" else text
        while "  " in visible:
            visible = visible.replace("  ", " ")
        if visible and not (visible == "\n" and not trimmed):
            trimmed.append((visible, marks))
    while trimmed and not trimmed[-1][0].strip(" \n"):
        trimmed.pop()
    if trimmed:
        trimmed[-1] = (trimmed[-1][0].rstrip(" "), trimmed[-1][1])
    return trimmed


def _write(paragraph: Paragraph, runs: Sequence[Run]) -> None:
    for text, marks in runs:
        run = paragraph.add_run(text)
        for mark in sorted(marks):
            setattr(run.font, mark, True)


def _watermark(text: str) -> str:
    """Return the watermark across the page, as a VML shape: all word processors support it."""
    return (
        f'<w:pict {nsdecls("w")} xmlns:v="urn:schemas-microsoft-com:vml" '
        'xmlns:o="urn:schemas-microsoft-com:office:office">'
        '<v:shapetype id="_x0000_t136" coordsize="21600,21600" o:spt="136" adj="10800" '
        'path="m@7,l@8,m@5,21600l@6,21600e"><v:path textpathok="t" o:connecttype="rect"/>'
        '<v:textpath on="t" fitshape="t"/></v:shapetype>'
        '<v:shape id="filigrane" o:spid="_x0000_s2049" type="#_x0000_t136" alt="" style="position:absolute;'
        "margin-left:0;margin-top:0;width:440pt;height:74pt;rotation:315;z-index:-251658752;"
        "mso-position-horizontal:center;mso-position-horizontal-relative:margin;"
        'mso-position-vertical:center;mso-position-vertical-relative:margin" fillcolor="#ececec" stroked="f">'
        f'<v:textpath style="font-family:&quot;{FONT}&quot;;font-size:1pt" string="{text}"/></v:shape></w:pict>'
    )
