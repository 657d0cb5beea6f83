"""HTML to PDF, for every document that the application prints.

The result is both PDF/A-3a (long-term archiving, with attached data) and PDF/UA-1 (accessible to screen readers). The
same HTML, title, author, identifier, date, attachments and libraries give the same bytes on any machine: the only date
written is the caller's, and every glyph comes from fonts that ship with the packages.

Fonts and stylesheets are parsed once per process, then reused under a lock (Pango's font maps are not thread-safe).
"""

import hashlib
import re
import threading
import urllib.parse
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial
from io import BytesIO
from pathlib import Path
from typing import Any

import pydyf
import weasyprint.pdf
from django.conf import settings
from weasyprint import CSS, HTML, Attachment
from weasyprint import __version__ as weasyprint_version
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher

from cpo.lib.wording.characters import clean
from cpo.lib.wording.french import both_genders

from . import lines, page_codes, structure
from .glyphs import DSFR_DIST, FREE_FONTS, printable
from .packing import EndedStream, PackedPDF

# Increment it whenever a change of code or style changes the bytes: the renderer is part of a document's identity.
RENDERER_SERIAL = 13

BASE_CSS = "layout/pdf.css"

# Marianne for the State's deployments only (its licence reserves it); Noto Sans, a free font, otherwise. The free font
# is always the fallback, so that a name in Greek or Cyrillic letters doesn't depend on the fonts of the machine.
FREE_FACES = (("Regular", 400, "normal"), ("Bold", 700, "normal"), ("Italic", 400, "italic"))
STATE_FACES = (
    ("Regular", 400, "normal"),
    ("Medium", 500, "normal"),
    ("Bold", 700, "normal"),
    ("Regular_Italic", 400, "italic"),
)

_lock = threading.Lock()
weasyprint.pdf.add_tags = structure.add_tags


@dataclass(frozen=True)
class Annex:
    """A file embedded in the PDF. `relationship` is PDF/A-3's: Source, Data, Alternative, Supplement, Unspecified."""

    name: str
    content: bytes
    description: str
    relationship: str = "Source"


def renderer() -> str:
    """Return the name of the renderer, part of the identity of a document.

    It ends with a hash of the site's address, which is printed on documents.
    """
    owner = "etat" if settings.STATE_DEPLOYMENT else "libre"
    site = hashlib.sha256(settings.SITE_URL.encode()).hexdigest()[:8]
    return f"{RENDERER_SERIAL}-weasyprint-{weasyprint_version}-{owner}-{site}"


def html_to_pdf(
    html: str,
    *,
    title: str,
    author: str,
    identifier: bytes,
    dated: datetime,
    attachments: Sequence[Annex] = (),
    stylesheets: Sequence[str] = (),
    page_code: page_codes.PageCode | None = None,
) -> bytes:
    """Return the bytes of the PDF. `stylesheets` are template names, added to the common one; `dated` is its date.

    `page_code` gives the text of the QR code of each page; without it, no page has one.

    `identifier` (any bytes, usually a digest) becomes the first half of the trailer's /ID. Nothing is read from the
    network or from outside the packages' folders. Raises the errors of WeasyPrint, ValueError for a naive date.
    """
    if dated.tzinfo is None:
        raise ValueError("dated must be aware: a PDF's date without time zone means nothing")
    moment = dated.astimezone(UTC).replace(microsecond=0)
    with _lock:
        warm = _warm(settings.STATE_DEPLOYMENT, (BASE_CSS, *stylesheets))
        source = HTML(string=printable(lines.unbroken(both_genders(html))), base_url="file:///", url_fetcher=_Fetcher())
        document = source.render(font_config=warm.fonts, stylesheets=warm.stylesheets, pdf_variant="pdf/a-3a")
        metadata = document.metadata
        metadata.title, metadata.authors, metadata.generator = clean(title), [clean(author)], settings.SITE_NAME
        metadata.created = metadata.modified = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
        result: bytes = document.write_pdf(
            finisher=partial(_finish, page_code=page_code),
            pdf_variant="pdf/a-3a",
            # The first version that has tagged tables and object streams of PDF/A-3 (`packing`).
            pdf_version="1.7",
            pdf_identifier=identifier.hex(),
            # A new Attachment per rendering: WeasyPrint reads it to its end.
            attachments=[_attachment(annex, moment) for annex in attachments],
        )
    return result


class _Warm:
    """Parsed fonts and stylesheets of one process."""

    def __init__(self, state: bool, names: tuple[str, ...]) -> None:
        self.fonts = FontConfiguration()
        texts = [_faces(state), *(_stylesheet(name) for name in names)]
        if state:
            texts.append(_block_mark_css())
        self.stylesheets = [
            CSS(string=text, font_config=self.fonts, url_fetcher=_Fetcher(), base_url="file:///") for text in texts
        ]


@cache
def _warm(state: bool, names: tuple[str, ...]) -> _Warm:
    return _Warm(state, names)


class _Fetcher(URLFetcher):  # type: ignore[misc]
    """Read only data addresses and the font files of the packages: typed text can't make the server read a file."""

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> Any:
        allowed = url.startswith("data:")
        if url.startswith("file:"):
            path = Path(urllib.parse.unquote(urllib.parse.urlsplit(url).path)).resolve()
            allowed = path.parent in (FREE_FONTS, DSFR_DIST / "fonts")
        if not allowed:
            raise ValueError(f"A document may not read {url[:80]}")
        return super().fetch(url, headers)


def _stylesheet(name: str) -> str:
    path: Path = settings.BASE_DIR / "templates" / name
    return path.read_text(encoding="utf-8")


def _faces(state: bool) -> str:
    faces = [
        _face("Noto Sans CPO", FREE_FONTS / f"NotoSans-{name}.ttf", weight, style) for name, weight, style in FREE_FACES
    ]
    family = '"Noto Sans CPO"'
    if state:
        folder = DSFR_DIST / "fonts"
        faces += [
            _face("Marianne", folder / f"Marianne-{name}.woff2", weight, style) for name, weight, style in STATE_FACES
        ]
        family = f"Marianne, {family}"
    # Margin boxes inherit from the page, not from the root element.
    return "".join(faces) + f"html {{ font-family: {family} }} @page {{ font-family: {family} }}"


def _face(family: str, path: Path, weight: int, style: str) -> str:
    return (
        f'@font-face {{ font-family: "{family}"; src: url({path.as_uri()}); '
        f"font-weight: {weight}; font-style: {style}; }}\n"
    )


def _block_mark_css() -> str:
    """Return the CSS of the State's block mark, from the installed design system: its licence forbids a copy here."""
    source = (DSFR_DIST / "component" / "logo" / "logo.main.min.css").read_text(encoding="utf-8")
    images = re.findall(r'url\("(data:image/svg[^"]+)"\)', source)
    if len(images) < 2:
        raise RuntimeError("The logo of the installed design system no longer holds its two images as data addresses")
    marianne, motto = images[:2]
    return (
        f'.bloc-marque::before {{ background: url("{marianne}") 0 -.27mm / 12.1mm 4.95mm no-repeat, '
        "linear-gradient(90deg, #000091 50%, #e1000f 50%); }\n"
        f'.bloc-marque::after {{ background: url("{motto}") 0 1.47mm / 23.1mm 16.5mm no-repeat; }}\n'
    )


def _attachment(annex: Annex, moment: datetime) -> Attachment:
    return Attachment(
        file_obj=BytesIO(annex.content),
        name=annex.name,
        description=annex.description,
        created=moment,
        modified=moment,
        relationship=annex.relationship,
    )


_PDFUA_EXTENSION = b"""<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">\
<pdfuaid:part>1</pdfuaid:part></rdf:Description>\
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" \
xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">\
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">\
<pdfaSchema:schema>PDF/UA Universal Accessibility Schema</pdfaSchema:schema>\
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>\
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>\
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">\
<pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType>\
<pdfaProperty:category>internal</pdfaProperty:category>\
<pdfaProperty:description>Indicates, which part of ISO 14289 standard is followed</pdfaProperty:description>\
</rdf:li></rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>"""


def _finish(document: Any, pdf: pydyf.PDF, *, page_code: page_codes.PageCode | None) -> None:
    """Declare PDF/UA in uncompressed metadata, and let readers show the title instead of the file name."""
    reference = int(pdf.catalog["Metadata"].split()[0])
    metadata = pdf.objects[reference]
    packet = b"".join(part if isinstance(part, bytes) else str(part).encode() for part in metadata.stream)
    metadata.stream = [packet.replace(b"</rdf:RDF>", _PDFUA_EXTENSION + b"</rdf:RDF>")]
    # Archives and indexers read the packet without decompressing it.
    metadata.compress = False
    if page_code:
        page_codes.add(pdf, page_code)
    for item in pdf.objects:
        # CIDSet is optional since PDF/A-2. WeasyPrint's lacks the parts of composite glyphs, an error for PDF/UA.
        if isinstance(item, dict) and item.get("Type") == "/FontDescriptor":
            item.pop("CIDSet", None)
        elif isinstance(item, dict) and item.get("Type") == "/Annot":
            # The order and the decimals that signing tools write again: one that rounds must move no field nor link.
            one, other, third, fourth = (round(side, 2) for side in item["Rect"])
            sides = (min(one, third), min(other, fourth), max(one, third), max(other, fourth))
            item["Rect"] = pydyf.Array(sides)
        elif isinstance(item, pydyf.Stream):
            item.__class__ = EndedStream
    # A tool that writes the catalogue again, to declare its field, keeps this array as it was.
    pdf.catalog["OutputIntents"] = _indirect(pdf, pdf.catalog["OutputIntents"])
    _make_signature_fields(pdf)
    pdf.__class__ = PackedPDF
    pdf.catalog["ViewerPreferences"] = pydyf.Dictionary({"DisplayDocTitle": "true"})


def _indirect(pdf: pydyf.PDF, value: pydyf.Object) -> bytes:
    """Make a value an object of its own; return the reference to it."""
    pdf.add_object(value)
    reference: bytes = value.reference
    return reference


def _make_signature_fields(pdf: pydyf.PDF) -> None:
    """Turn the check boxes that a template draws for signatories into empty signature fields.

    WeasyPrint places, names and tags them as form elements. A field added by a signing tool would have no tag, an error
    for PDF/UA. Each field has an appearance that draws nothing, as PDF/A requires.
    """
    form = pdf.catalog.get("AcroForm")
    if form is None:
        return
    # One drawing for all: poppler gives the number of one that no other field has to a new object.
    drawing = pdf.objects[int(form["Fields"][0].split()[0])]["AP"]["N"]["on"]
    pdf.objects[int(drawing.split()[0])].stream = []
    for reference in form["Fields"]:
        field = pdf.objects[int(reference.split()[0])]
        field["FT"], field["AP"] = "/Sig", pydyf.Dictionary({"N": drawing})
        for key in ("V", "AS", "MK", "Border"):
            del field[key]
    # Own resources: a signing tool adds its font to those of the form, which must not be those of the pages.
    form["DR"] = _indirect(pdf, pydyf.Dictionary())
    # An object, not a part of the catalogue: poppler forgets to write a field that it adds to a part.
    pdf.catalog["AcroForm"] = _indirect(pdf, form)
    # Appearances regenerated by a reader would break PDF/A and the signatures.
    del form["NeedAppearances"]
    # The file has signature fields and signatures are appended, so that signing changes no key of the form.
    form["SigFlags"] = 3
    for item in pdf.objects:
        if isinstance(item, dict) and item.get("S") == "/Form":
            # One object, not a list of one: signing tools only recognise the tag of a field in this form.
            (item["K"],) = item["K"]
