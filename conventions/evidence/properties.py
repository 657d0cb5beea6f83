"""The title and the metadata of a file: readers show the title in their window, indexers read the rest."""

from typing import Any
from xml.etree import ElementTree

import pikepdf

from .objects import same

# What a signing tool writes of itself and of the time; `schemas` only describes the names of other properties.
OWN_INFO = {"/ModDate", "/Producer", "/Creator"}
OWN_NAMES = {"ModifyDate", "MetadataDate", "Producer", "CreatorTool", "InstanceID", "History", "schemas"}
LARGEST = 200_000  # bytes
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"


def metadata_problem(before: pikepdf.Pdf, after: pikepdf.Pdf) -> str:
    """The code of the answer when the title, the author or another property is not that of the stored file, else ""."""
    old, new = before.trailer.get("/Info"), after.trailer.get("/Info")
    if old is not None and new is not None:
        keys = {*old.keys(), *new.keys()} - OWN_INFO
        if any(not same(old.get(key), new.get(key)) for key in keys):
            return "metadata"
    elif old is not None or (new is not None and set(new.keys()) - OWN_INFO):
        return "metadata"
    one, other = before.Root.get("/Metadata"), after.Root.get("/Metadata")
    if one is None and other is None:
        return ""
    if one is None or other is None or not (isinstance(one, pikepdf.Stream) and isinstance(other, pikepdf.Stream)):
        return "metadata"
    if one.read_raw_bytes() == other.read_raw_bytes():
        return ""
    properties = _properties(one)
    return "" if properties is not None and properties == _properties(other) else "metadata"


def _properties(stream: Any) -> list[tuple[str, str]] | None:
    """Each text of the packet with its path, but for those of the tool; None when it can't be read safely."""
    packet = stream.read_bytes()
    if len(packet) > LARGEST or b"<!" in packet:
        return None
    try:
        # Entities need a declaration, which begins with « <! »: refused above.
        root = ElementTree.fromstring(packet.decode("utf-8-sig").strip("\x00 \r\n\t"))  # noqa: S314
    except (ElementTree.ParseError, UnicodeDecodeError):
        return None
    found: list[tuple[str, str]] = []
    _gather(root, "", found)
    return sorted(found)


def _gather(element: ElementTree.Element, path: str, found: list[tuple[str, str]]) -> None:
    """Read the elements and the attributes alike: RDF writes a property in either way."""
    name = element.tag.rpartition("}")[2]
    if name in OWN_NAMES:
        return
    skipped = element.tag.startswith("{adobe:ns:meta/}") or element.tag in (f"{RDF}RDF", f"{RDF}Description")
    path = path if skipped else f"{path}/{element.tag}"
    if element.text and element.text.strip():
        found.append((path, element.text.strip()))
    for key, text in element.attrib.items():
        own = key.rpartition("}")[2] in OWN_NAMES | {"about", "xmptk", "parseType"}
        if not own:
            found.append((f"{path}/{key}", text.strip()))
    for child in element:
        _gather(child, path, found)
