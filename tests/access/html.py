"""Read the forms of a page as a browser does: the data that it would post if the person changed nothing."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any


@dataclass
class Field:
    name: str
    value: str
    kind: str  # text, hidden, checkbox, radio, select, textarea, file, submit…
    required: bool = False
    sent: bool = True
    options: list[str] = field(default_factory=list)


@dataclass
class Form:
    action: str
    method: str
    fields: list[Field] = field(default_factory=list)

    def data(self) -> dict[str, Any]:
        """Names and values as the browser sends them. A name that comes several times gives a list."""
        pairs: dict[str, Any] = {}
        for item in self.fields:
            if not item.sent or item.kind in ("submit", "file", "button") or item.name == "csrfmiddlewaretoken":
                continue
            if item.name in pairs:
                previous = pairs[item.name]
                pairs[item.name] = [*(previous if isinstance(previous, list) else [previous]), item.value]
            else:
                pairs[item.name] = item.value
        return pairs

    @property
    def files(self) -> list[str]:
        return [item.name for item in self.fields if item.kind == "file"]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.by_id: dict[str, Form] = {}
        self.orphans: list[tuple[str, Field]] = []
        self.current: Form | None = None
        self.select: Field | None = None
        self.chosen = False
        self.textarea: Field | None = None
        self.inert = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value if value is not None else name for name, value in attrs}
        if tag == "template":
            self.inert += 1
        if self.inert:
            return
        if tag == "form":
            self.current = Form(attributes.get("action", ""), attributes.get("method", "get").lower())
            self.forms.append(self.current)
            if "id" in attributes:
                self.by_id[attributes["id"]] = self.current
        elif (
            tag in ("input", "textarea", "select", "button") and attributes.get("name") and "disabled" not in attributes
        ):
            self._field(tag, attributes)
        elif tag == "option" and self.select is not None:
            value = attributes.get("value", "")
            self.select.options.append(value)
            if "selected" in attributes or not self.chosen:
                self.select.value = value
                self.chosen = "selected" in attributes

    def _field(self, tag: str, attributes: dict[str, str]) -> None:
        kind = tag if tag != "input" else attributes.get("type", "text").lower()
        kind = "submit" if tag == "button" else kind
        item = Field(attributes["name"], attributes.get("value", ""), kind, "required" in attributes)
        if kind in ("checkbox", "radio"):
            item.sent = "checked" in attributes
            item.value = attributes.get("value", "on")
        if tag == "select":
            self.select, self.chosen = item, False
            item.sent = "multiple" not in attributes
        if tag == "textarea":
            self.textarea = item
        if "form" in attributes:
            self.orphans.append((attributes["form"], item))
        elif self.current is not None:
            self.current.fields.append(item)

    def handle_data(self, data: str) -> None:
        if self.textarea is not None:
            self.textarea.value += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "template":
            self.inert -= 1
        elif tag == "form":
            self.current = None
        elif tag == "select":
            self.select = None
        elif tag == "textarea" and self.textarea is not None:
            self.textarea.value = self.textarea.value.removeprefix("\n")
            self.textarea = None


def filters(html: str) -> list[Form]:
    """The forms of a page that use GET."""
    reader = _Reader()
    reader.feed(html)
    return [form for form in reader.forms if form.method == "get"]


def forms(html: str) -> list[Form]:
    """The forms of a page that use POST, without those of the frame (signing out, demonstration login)."""
    reader = _Reader()
    reader.feed(html)
    for form_id, item in reader.orphans:
        if form_id in reader.by_id:
            reader.by_id[form_id].fields.append(item)
    return [form for form in reader.forms if form.method == "post" and form.action not in FRAME]


FRAME = ("/deconnexion/", "/connexion/demonstration/")


def richest(pages: Iterable[str], path: str) -> Form | None:
    """The form with the most fields among those that these pages post to this address."""
    own = ("", path, path.partition("?")[0])
    candidates = [form for page in pages for form in forms(page) if form.action.partition("#")[0] in own]
    return max(candidates, key=lambda form: len(form.fields), default=None)


def form_data(html: str, field: str, **changes: Any) -> dict[str, Any]:
    """The data of the form that holds this field, as a browser sends it after these changes."""
    form = next(form for form in forms(html) if any(item.name == field for item in form.fields))
    return form.data() | changes


VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
MESSAGE = {"fr-error-text", "fr-message--error"}


class _Errors(HTMLParser):
    """Link each error message to its control by an id, as a screen reader does."""

    def __init__(self) -> None:
        super().__init__()
        self.stack: list[tuple[str, dict[str, str]]] = []
        self.described: dict[str, set[str]] = {}
        self.messages: dict[str, list[str]] = {}
        self.message: list[str] | None = None
        self.depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag in ("input", "textarea", "select") and attributes.get("name"):
            ids = attributes.get("aria-describedby", "").split()
            for around, its in self.stack:
                if around == "fieldset":
                    ids += (its.get("aria-labelledby", "") + " " + its.get("aria-describedby", "")).split()
            self.described.setdefault(attributes["name"], set()).update(ids)
        if tag in VOID:
            return
        self.stack.append((tag, attributes))
        if self.message is None and MESSAGE & set(attributes.get("class", "").split()):
            self.message, self.depth = [], len(self.stack)

    def handle_data(self, data: str) -> None:
        if self.message is not None:
            self.message.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID or tag not in {name for name, _ in self.stack}:
            return
        if self.message is not None and len(self.stack) == self.depth:
            text = " ".join("".join(self.message).split())
            for _, its in self.stack:
                if its.get("id"):
                    self.messages.setdefault(its["id"], []).append(text)
            self.message = None
        while self.stack.pop()[0] != tag:
            pass


def errors(html: str) -> dict[str, list[str]]:
    """The error messages of each control, by the name of the control."""
    reader = _Errors()
    reader.feed(html)
    messages = {
        name: [text for one in sorted(ids) for text in reader.messages.get(one, [])]
        for name, ids in reader.described.items()
    }
    return {name: texts for name, texts in messages.items() if texts}


def values(html: str) -> dict[str, list[str]]:
    """The values of the controls of a page, by name."""
    by_name: dict[str, list[str]] = {}
    for form in forms(html):
        for item in form.fields:
            if item.sent:
                by_name.setdefault(item.name, []).append(item.value)
    return by_name
