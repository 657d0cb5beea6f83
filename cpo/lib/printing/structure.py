"""The structure tree of a PDF: what a screen reader speaks, and in which order. It replaces WeasyPrint's own.

WeasyPrint begins its tree again on each page, so that a table, a list or a sentence that goes on becomes two. Here an
element of the HTML has one node, whatever the number of pages that it takes. ISO 32000-1, 14.7 and 14.8; ISO 14289-1.

* What margins repeat, and the head of a table on the pages where it goes on, are artifacts of pagination.
* A header cell has its scope; a data cell names its headers: column, row, and the titles of rows above.
* A description list is one list of labels with their bodies, a caption belongs to its table.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pydyf
from weasyprint.formatting_structure import boxes
from weasyprint.layout.absolute import AbsolutePlaceholder

TAGS = {
    "main": "Part", "section": "Sect", "article": "Art", "div": "Div", "p": "P", "blockquote": "BlockQuote",
    "ul": "L", "ol": "L", "dl": "L", "li": "LI", "dt": "Lbl", "dd": "LBody", "a": "Link", "img": "Figure",
    "table": "Table", "thead": "THead", "tbody": "TBody", "tfoot": "TFoot", "tr": "TR", "th": "TH", "td": "TD",
    "caption": "Caption", "input": "Form", **{f"h{level}": f"H{level}" for level in range(1, 7)},
}  # fmt: skip
GROUPS = {"Document", "Part", "Sect", "Art", "Div"}  # they hold blocks: a text of theirs needs a paragraph
KEPT_EMPTY = {"TR", "TH", "TD"}
NUMBERING = {"ol": "/Decimal", "ul": "/Disc"}
CAPTION_ROW = "legende"  # a row of the head of a table that is its caption: each page repeats it
SUBTITLE_ROW = "sous-section"


@dataclass(eq=False)
class Node:
    """An element of the tree. `source` is its element of the HTML, `kids` are nodes, (page, MCID) and annotations."""

    tag: str
    parent: "Node | None" = None
    source: Any = None
    kids: list[Any] = field(default_factory=list)
    attributes: dict[str, Any] = field(default_factory=dict)
    alt: str = ""
    name: str = ""

    def child(self, tag: str, source: Any, *, first: bool = False) -> "Node":
        node = Node(tag, self, source)
        self.kids.insert(0 if first else len(self.kids), node)
        return node

    def nodes(self) -> Iterator["Node"]:
        return (kid for kid in self.kids if isinstance(kid, Node))

    @property
    def empty(self) -> bool:
        return self.tag not in KEPT_EMPTY and not any(not isinstance(kid, Node) or not kid.empty for kid in self.kids)


@dataclass
class _Annotation:
    page: int
    object: Any


class Tree:
    """The nodes of a document, made from its boxes, page after page."""

    def __init__(self) -> None:
        self.root = Node("Document")
        self.known: dict[Any, Node] = {}
        self.begun_on: dict[Any, int] = {}  # the page on which the head of each table begins
        self.page = 0
        self.marks: dict[Any, dict[str, Any]] = {}
        self.artifacts: list[tuple[int, str]] = []  # MCID and subtype, of the present page

    def read(self, page_box: Any, page: int, marks: dict[Any, dict[str, Any]]) -> list[tuple[int, str]]:
        """Add the boxes of a page, whose marked contents are `marks`. Return those that are artifacts."""
        self.page, self.marks, self.artifacts = page, marks, []
        for child in page_box.children:
            self._visit(child, self.root)
        return self.artifacts

    def _visit(self, box: Any, parent: Node) -> None:
        if isinstance(box, AbsolutePlaceholder):
            box = box._box
        if isinstance(box, boxes.MarginBox):
            self._leave_out(box, "Footer" if box.at_keyword.startswith("@bottom") else "Header")
            return
        if box.element_tag == "thead" and self.begun_on.setdefault(box.element, self.page) != self.page:
            self._leave_out(box, "Header")
            return
        node = self._node(box, parent)
        for annotation in (box.link_annotation, box.widget_annotation):
            if annotation:
                node.kids.append(_Annotation(self.page, annotation))
        if isinstance(box, boxes.TextBox | boxes.ReplacedBox):
            self._take(box, node)
        for child in getattr(box, "children", ()):
            self._visit(child, node)

    def _take(self, box: Any, node: Node) -> None:
        mark = self.marks.pop(box, None)
        if mark is not None:
            _with_text(node).kids.append((self.page, mark["mcid"]))

    def _leave_out(self, box: Any, subtype: str) -> None:
        mark = self.marks.pop(box, None)
        if mark is not None:
            self.artifacts.append((mark["mcid"], subtype))
        for child in getattr(box, "children", ()):
            self._leave_out(child, subtype)

    def _node(self, box: Any, parent: Node) -> Node:
        element, tag = box.element, box.element_tag
        if element is None or tag is None:
            return parent
        if tag.endswith("::marker"):
            item = parent.parent if parent.tag == "LBody" and parent.parent else parent
            return self._once((element, "marker"), "Lbl", item, element)
        name = TAGS.get(tag.partition("::")[0])
        inside = (tag == "td" and parent.tag == "Caption") or (tag == "div" and parent.tag == "L")
        if name is None or element is parent.source or inside:
            return parent
        if element in self.known:
            return self.known[element]
        node = self.known[element] = self._new(name, tag, element, parent)
        return node

    def _once(self, key: Any, tag: str, parent: Node, source: Any) -> Node:
        if key not in self.known:
            self.known[key] = parent.child(tag, source, first=True)  # before the body of its item
        return self.known[key]

    def _new(self, name: str, tag: str, element: Any, parent: Node) -> Node:
        if name == "LI":
            return parent.child("LI", element).child("LBody", element)
        if tag == "dt":
            return parent.child("LI", None).child("Lbl", element)
        if tag == "dd":
            items = [item for item in parent.nodes() if item.tag == "LI"]
            return (items[-1] if items else parent.child("LI", None)).child("LBody", element)
        if name == "TR" and element.get("class") == CAPTION_ROW and parent.parent:
            return parent.parent.child("Caption", element, first=True)
        node = (_with_text(parent) if name in ("Link", "Form") else parent).child(name, element)
        if tag in NUMBERING:
            node.attributes = {"O": "/List", "ListNumbering": NUMBERING[tag]}
        if name == "Figure":
            node.alt = element.get("alt", "")
        return node


def _with_text(node: Node) -> Node:
    """The node itself, or the paragraph that a text directly in a group needs."""
    if node.tag not in GROUPS:
        return node
    last = node.kids[-1] if node.kids else None
    return last if isinstance(last, Node) and last.tag == "P" and last.source is None else node.child("P", None)


# -- Tables ----------------------------------------------------------------------------------------------------------


def name_headers(root: Node) -> list[Node]:
    """Give each header cell its scope and name, each data cell the names of its headers. Return the header cells."""
    headers: list[Node] = []
    for table in _all(root, "Table"):
        columns: dict[int, list[str]] = {}
        above: list[str] = []  # the titles of rows that the next rows stand under
        for row in _all(table, "TR"):
            cells = list(row.nodes())
            in_head = row.parent is not None and row.parent.tag == "THead"
            names: list[str] = []
            rank = 0
            for cell in cells:
                span = int(cell.source.get("colspan", 1))
                if span > 1:
                    cell.attributes["ColSpan"] = span
                if cell.tag == "TH":
                    headers.append(cell)
                    cell.name = f"h{len(headers)}"
                    scope = cell.source.get("scope")
                    cell.attributes |= {"O": "/Table", "Scope": "/Row" if scope == "row" else "/Column"}
                    if in_head:
                        for column in range(rank, rank + span):
                            columns.setdefault(column, []).append(cell.name)
                    elif scope == "row":
                        names.append(cell.name)
                    else:
                        kept = above[:1] if SUBTITLE_ROW in row.source.get("class", "").split() else []
                        above = [*kept, cell.name]
                else:
                    cell.attributes |= {"O": "/Table"}
                    own = [name for column in range(rank, rank + span) for name in columns.get(column, [])]
                    cell.attributes["Headers"] = [*own, *names, *above]
                rank += span
    return headers


def _all(node: Node, tag: str) -> Iterator[Node]:
    for kid in node.nodes():
        if kid.tag == tag:
            yield kid
        else:
            yield from _all(kid, tag)


# -- Objects of the PDF ----------------------------------------------------------------------------------------------


def add_tags(pdf: pydyf.PDF, document: Any, _version: Any, streams: list[Any]) -> None:
    """Write the structure tree of a document. Same arguments as the function of WeasyPrint that it stands for."""
    tree = Tree()
    counts = []
    for number, (page, stream) in enumerate(zip(document.pages, streams, strict=True)):
        counts.append(len(stream._tags))
        _mark_artifacts(stream, tree.read(page._page_box, number, stream._tags))
    headers = name_headers(tree.root)
    _Writer(pdf, document, counts).write(tree.root, headers)
    pdf.catalog["MarkInfo"] = pydyf.Dictionary({"Marked": "true"})


def _mark_artifacts(stream: Any, artifacts: list[tuple[int, str]]) -> None:
    subtypes = dict(artifacts)
    for place, item in enumerate(stream.stream):
        if isinstance(item, pydyf.Dictionary) and item.get("MCID") in subtypes:
            stream.stream[place - 1] = "/Artifact"
            subtype = subtypes[item["MCID"]]
            stream.stream[place] = pydyf.Dictionary({"Type": "/Pagination", "Subtype": f"/{subtype}"})


class _Writer:
    def __init__(self, pdf: pydyf.PDF, document: Any, counts: list[int]) -> None:
        self.pdf, self.document = pdf, document
        self.owners: list[list[Any]] = [["null"] * count for count in counts]  # of each marked content of each page
        self.annotations: list[tuple[Any, Any]] = []

    def write(self, root: Node, headers: list[Node]) -> None:
        parents, top = pydyf.Dictionary({}), pydyf.Dictionary({"Type": "/StructTreeRoot"})
        self.pdf.add_object(parents)
        self.pdf.add_object(top)
        top["ParentTree"] = parents.reference
        self.names: dict[str, Any] = {}
        top["K"] = pydyf.Array([self._element(root, top.reference)])
        if headers:
            pairs = [part for name in sorted(self.names) for part in (pydyf.String(name), self.names[name])]
            top["IDTree"] = pydyf.Dictionary({"Names": pydyf.Array(pairs)})
        numbers: list[Any] = []
        for page, owners in enumerate(self.owners):
            numbers += [page, pydyf.Array(owners)]
        for key, (owner, annotation) in enumerate(self.annotations, start=len(self.owners)):
            numbers += [key, owner]
            annotation["StructParent"] = key
        parents["Nums"] = pydyf.Array(numbers)
        self.pdf.catalog["StructTreeRoot"] = top.reference

    def _element(self, node: Node, parent: Any) -> Any:
        element = pydyf.Dictionary({"Type": "/StructElem", "S": f"/{node.tag}", "P": parent})
        self.pdf.add_object(element)
        page = next((kid[0] for kid in node.kids if isinstance(kid, tuple)), None)
        if page is not None:
            element["Pg"] = self.pdf.page_references[page]
        kids = [self._kid(kid, page, element.reference) for kid in node.kids if not _is_empty(kid)]
        element["K"] = pydyf.Array(kids)
        self._describe(node, element, page)
        return element.reference

    def _kid(self, kid: Any, page: int | None, owner: Any) -> Any:
        if isinstance(kid, Node):
            return self._element(kid, owner)
        if isinstance(kid, _Annotation):
            self.annotations.append((owner, kid.object))
            place = self.pdf.page_references[kid.page]
            shown = pydyf.Dictionary({"Type": "/OBJR", "Obj": kid.object.reference, "Pg": place})
            self.pdf.add_object(shown)
            return shown.reference
        number, mcid = kid
        self.owners[number][mcid] = owner
        if number == page:
            return mcid
        return pydyf.Dictionary({"Type": "/MCR", "Pg": self.pdf.page_references[number], "MCID": mcid})

    def _describe(self, node: Node, element: Any, page: int | None) -> None:
        if node.alt:
            element["Alt"] = pydyf.String(node.alt)
        if node.name:
            element["ID"] = pydyf.String(node.name)
            self.names[node.name] = element.reference
        if node.attributes:
            attributes = dict(node.attributes)
            if "Headers" in attributes:
                attributes["Headers"] = pydyf.Array([pydyf.String(name) for name in attributes["Headers"]])
            element["A"] = pydyf.Dictionary(attributes)


def _is_empty(kid: Any) -> bool:
    return isinstance(kid, Node) and kid.empty
