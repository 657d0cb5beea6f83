"""Read a page as a person sees it: elements, attributes and text, with white space folded as in a browser.

A space beside a block is not drawn, so it does not count. A space inside a line counts. Its side of the edge of a link
counts too, because a space inside the link is underlined. Each element or text gives one line, so that a difference of
lines compares two pages.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from html.parser import HTMLParser


def words(text: str) -> set[str]:
    return set(text.split())


VOID = words("area base br col embed hr img input link meta param source track wbr rect circle path use")
# Elements that begin and end a line of text.
BLOCKS = words(
    "html head body title div p section article main nav header footer aside h1 h2 h3 h4 h5 h6 ul ol li dl dt dd table "
    "caption colgroup col thead tbody tfoot tr th td form fieldset legend details summary figure figcaption blockquote "
    "hr dialog address noscript option optgroup br svg g rect path defs desc pre"
)
# Classes that make an element a block at every width (static/css and the DSFR).
BLOCK_CLASSES = words(
    "fr-label fr-hint-text fr-error-text fr-message fr-input fr-select fr-input-wrap fr-nav__link fr-sidemenu__link "
    "fr-sidemenu__btn fr-accordion__btn cpo-bloc cpo-jauge cpo-carte"
)
# Flex containers: each child is a block, and the space between two children is not drawn.
FLEX_CLASSES = words(
    "fr-badges-group fr-btns-group fr-tags-group cpo-boutons cpo-ligne cpo-fiche cpo-barre__corps cpo-barre__actions "
    "cpo-legende cpo-chiffres cpo-autres cpo-filtres cpo-filtres__boutons cpo-rangee__champs cpo-entete cpo-champs "
    "cpo-ordre cpo-ajouts cpo-ajout cpo-resultat cpo-reperes cpo-reperes__champs cpo-piece cpo-bandeau"
)
# Boxes inside a line: the text around continues, and the text inside has its own lines.
BOXES = {"button", "select", "img", "input", "textarea", "iframe", "canvas", "video", "object"}
BOX_CLASSES = {"fr-btn", "fr-badge", "fr-tag"}
# Elements that are not drawn: the text on both sides is one text.
NOTHING = {"script", "style", "template", "meta", "link", "datalist"}
VERBATIM = {"pre", "textarea", "script", "style"}
SPACE = re.compile(r"[ \t\n\r\f]+")


@dataclass(frozen=True)
class Element:
    name: str
    kind: str  # block, box, nothing, inline
    flex: bool
    icon: bool
    text: "Text"  # the line that continues after it


@dataclass
class Text:
    """The position in the line. At the edge, or after a space, another space is not drawn."""

    edge: bool = True
    spaced: bool = False
    last: int = -1  # the output line that ends with a space, which an edge may remove


def kind_of(name: str, attributes: dict[str, str], parent: Element | None) -> str:
    classes = set(attributes.get("class", "").split())
    if name in NOTHING or (name == "input" and attributes.get("type") == "hidden"):
        return "nothing"
    if name in BLOCKS or classes & BLOCK_CLASSES or (parent and parent.flex):
        return "block"
    return "box" if name in BOXES or classes & BOX_CLASSES else "inline"


def drawn_icon(kind: str, attributes: dict[str, str]) -> bool:
    """Tell whether the style draws an icon in the element. A space between it and the text is visible."""
    classes = attributes.get("class", "")
    return kind in ("block", "inline") and not set(classes.split()) & BOX_CLASSES and "fr-icon-" in classes


class _Reader(HTMLParser):
    def __init__(self, mask: Callable[[str], str]) -> None:
        super().__init__(convert_charrefs=True)
        self.mask = mask
        self.lines: list[str] = []
        self.stack: list[Element] = []
        self.text = Text()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        kind = kind_of(tag, attributes, self.stack[-1] if self.stack else None)
        if kind == "block":
            self._edge()
        if "class" in attributes:
            attributes["class"] = " ".join(attributes["class"].split())
        attribute_text = "".join(f' {name}="{self.mask(value)}"' for name, value in sorted(attributes.items()))
        self.lines.append(f"<{tag}{attribute_text}>")
        outside = self.text
        if kind in ("box", "nothing"):
            self.text = Text()
        if kind == "box":
            outside.edge = outside.spaced = False
        if tag in VOID:
            self.text = outside
            if kind == "block":
                self.text.edge = True
            return
        if drawn_icon(kind, attributes):
            self.text.edge = self.text.spaced = False
        flex = bool(set(attributes.get("class", "").split()) & FLEX_CLASSES)
        self.stack.append(Element(tag, kind, flex, drawn_icon(kind, attributes), outside))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in {element.name for element in self.stack}:
            return
        while True:
            element = self.stack.pop()
            if element.icon:
                self.text.edge = self.text.spaced = False
            if element.kind != "inline":
                self._edge()
            self.text = element.text if element.kind in ("box", "nothing") else self.text
            self.lines.append(f"</{element.name}>")
            if element.name == tag:
                return

    def handle_data(self, data: str) -> None:
        if any(element.name in VERBATIM for element in self.stack):
            self.lines.append("= " + repr(self.mask(data)))
            self.text.edge = self.text.spaced = False
            return
        data = SPACE.sub(" ", data)
        if self.text.edge or self.text.spaced:
            data = data.lstrip(" ")
        if not data:
            return
        self.lines.append("  " + self.mask(data))
        self.text.edge, self.text.spaced = False, data.endswith(" ")
        if self.text.spaced:
            self.text.last = len(self.lines) - 1

    def handle_decl(self, decl: str) -> None:
        self.lines.append(f"<!{decl}>")

    def _edge(self) -> None:
        """End the line and remove its last space, which is not drawn."""
        if self.text.spaced:
            line = self.lines[self.text.last][:-1]
            self.lines[self.text.last] = "" if line == "  " else line
        self.text.edge, self.text.spaced = True, False


def lines(html: str, mask: Callable[[str], str] = lambda text: text) -> list[str]:
    """The page, one line per tag or text. `mask` hides the parts of a value or a text that change at each rendering."""
    reader = _Reader(mask)
    reader.feed(html)
    reader.close()
    merged: list[str] = []
    for line in reader.lines:
        if line.startswith("  ") and merged and merged[-1].startswith("  "):
            merged[-1] += line[2:]  # one text that a comment had split
        elif line:
            merged.append(line)
    return merged


_BESIDE_A_BLOCK = re.compile(rf"[ \t\n]*(</?(?:{'|'.join(sorted(BLOCKS))})\b[^>]*>)[ \t\n]*")


def packed(html: str) -> str:
    """The page with its white space folded, so that tests can look for a sentence or for markup."""
    return _BESIDE_A_BLOCK.sub(r"\1", SPACE.sub(" ", html))
