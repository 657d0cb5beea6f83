"""What a signed file changes in the stored one, object by object, read by qpdf: signatures and nothing else.

Each object of the stored file must be the same in the signed one, but for a few that signing changes: the catalogue,
the form, the page of a new field, the field, the proofs of the signatures (ISO 32000-1, 12.7, 12.8; ETSI EN 319 142).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pikepdf

from cpo.lib.files.inspection import dictionaries_of, runs_something

from .objects import reaches_out, same
from .properties import metadata_problem
from .reach import check_reach, containers
from .syntax import Ambiguous

# What a signing tool may write in the catalogue and in the form.
CATALOGUE = {"/AcroForm", "/DSS", "/Extensions", "/Metadata", "/Version"}
FORM = {"/Fields", "/SigFlags", "/DR", "/DA", "/NeedAppearances"}
# What signing may change in a field of the document, then all that a field of one's own may hold.
# The default value (/DV) is the signature itself, or nothing: LibreOffice writes it twice.
SIGNED_FIELD = {"/V", "/DV", "/AP", "/MK", "/DA", "/F", "/M", "/NM", "/DR", "/Ff", "/BS", "/Border", "/Rect", "/Q",
                "/AS"}  # fmt: skip
OWN_FIELD = SIGNED_FIELD | {"/Type", "/Subtype", "/FT", "/T", "/TU", "/TM", "/P", "/H"}
DRAWN = {"/R", "/BC", "/BG"}
# NoZoom, NoRotate, NoView, ToggleNoView (ISO 32000-1, 12.5.3): shown on paper and not on the screen, or over its sides.
SHOWN_OTHERWISE = 8 | 16 | 32 | 256
VERSIONS = {"/1.4", "/1.5", "/1.6", "/1.7", "/2.0"}
# The codes of the answers for the keys of the catalogue that open or run something.
REASONS = {
    "/Perms": "certified", "/OCProperties": "layers", "/OpenAction": "active", "/AA": "active", "/Names": "active",
    "/URI": "active", "/Pages": "page_added", "/Lang": "metadata", "/ViewerPreferences": "metadata",
}  # fmt: skip
# What may hide or replace a drawing, or fetch it elsewhere.
HIDING = {"/OC", "/OPI", "/Ref", "/RichMediaContent", "/PS", "/OCGs"}


@dataclass(frozen=True)
class Field:
    """A signature field that is new or newly signed. `rect`: left, bottom, right, top in points; `page`: from 0."""

    name: str
    page: int | None
    rect: tuple[float, float, float, float]
    own: bool

    @property
    def visible(self) -> bool:
        left, bottom, right, top = self.rect
        return self.page is not None and right > left and top > bottom


@dataclass(frozen=True)
class Changes:
    """`level`: « none », « validation » (proofs only) or « signing »."""

    level: str
    fields: tuple[Field, ...]


def changes(before: pikepdf.Pdf, after: pikepdf.Pdf, *, whole: bool = True) -> Changes:
    """Return what `after` adds to `before`. Raises Ambiguous with the code of the answer for anything else.

    `whole`: False for a saving before the last one: some tools add their field, save, then sign in it.
    """
    return _Comparison(before, after, whole).result()


def form_fields(pdf: pikepdf.Pdf) -> list[Any]:
    form = pdf.Root.get("/AcroForm")
    return _objects(form.get("/Fields", ())) if form is not None else []


def _objects(array: Iterable[Any]) -> list[Any]:
    """The dictionaries of an array of fields or annotations, each an object of its own."""
    items = list(array)
    if any(not isinstance(item, pikepdf.Dictionary) or not item.is_indirect for item in items):
        raise Ambiguous("form")
    return items


class _Comparison:
    def __init__(self, before: pikepdf.Pdf, after: pikepdf.Pdf, whole: bool) -> None:
        self.before, self.after, self.whole = before, after, whole
        self.known = {item.objgen for item in before.objects if isinstance(item, pikepdf.Object)}

    @cached_property
    def changed(self) -> set[tuple[int, int]]:
        return {key for key in self.known if not _unchanged(self.before.get_object(key), self.after.get_object(key))}

    @cached_property
    def earlier_fields(self) -> dict[tuple[int, int], Any]:
        return {item.objgen: item for item in form_fields(self.before)}

    def result(self) -> Changes:
        if len(self.before.pages) != len(self.after.pages):
            raise Ambiguous("page_added")
        self._check_trailer()
        self._check_catalogue()
        pages = [(old.obj, new.obj) for old, new in zip(self.before.pages, self.after.pages, strict=True)]
        if any(old.objgen != new.objgen for old, new in pages):
            raise Ambiguous("page_added")
        fields = self._check_form()
        for old, new in pages:
            self._check_page(old, new)
        allowed = self._allowed(pages)
        if self.changed - allowed:
            raise Ambiguous(self._reason(self.changed - allowed))
        self._check_added()
        check_reach(self.before, self.after, self.known)
        store = self.before.Root.get("/DSS")
        proofs = bool(_keys(containers(store)) & self.changed) or not same(store, self.after.Root.get("/DSS"), 1)
        return Changes("signing" if fields else "validation" if proofs else "none", tuple(fields))

    def _reason(self, keys: set[tuple[int, int]]) -> str:
        tags = (self.before.get_object(key) for key in keys)
        kinds = {str(item.get("/Type", "")) for item in tags if isinstance(item, pikepdf.Dictionary | pikepdf.Stream)}
        return "page_added" if "/Pages" in kinds else "changed"

    # -- The file and its catalogue ------------------------------------------------------------------------------------

    def _check_trailer(self) -> None:
        if self.before.Root.objgen != self.after.Root.objgen:
            raise Ambiguous("hidden_document")
        problem = metadata_problem(self.before, self.after)
        if problem:
            raise Ambiguous(problem)

    def _check_catalogue(self) -> None:
        for key in _different(self.before.Root, self.after.Root):
            if key not in CATALOGUE:
                raise Ambiguous(REASONS.get(key, "changed"))
        version = self.after.Root.get("/Version")
        if version is not None and not (isinstance(version, pikepdf.Name) and str(version) in VERSIONS):
            raise Ambiguous

    # -- The form ------------------------------------------------------------------------------------------------------

    def _check_form(self) -> list[Field]:
        old, new = self.before.Root.get("/AcroForm"), self.after.Root.get("/AcroForm")
        if new is None:
            if old is not None:
                raise Ambiguous("changed")
            return []
        for key in _different(old or pikepdf.Dictionary(), new):
            if key not in FORM or (key == "/NeedAppearances" and new.get(key)):
                raise Ambiguous("active" if key == "/XFA" else "form")
        if int((old or pikepdf.Dictionary()).get("/SigFlags", 0)) & ~int(new.get("/SigFlags", 0)):
            raise Ambiguous("form")  # without « append only », the next tool may save the file anew
        earlier, later = list(self.earlier_fields), [item.objgen for item in form_fields(self.after)]
        if later[: len(earlier)] != earlier and [key for key in later if key in set(earlier)] != earlier:
            raise Ambiguous("form")
        if len(set(later)) != len(later) or (0, 0) in later:
            raise Ambiguous("form")
        names = [str(item.get("/T", "")) for item in form_fields(self.after)]
        if len(set(names)) != len(names):
            raise Ambiguous("field_twice")
        values = [item.V.objgen for item in form_fields(self.after) if "/V" in item and item.V.is_indirect]
        if len(set(values)) != len(values):
            raise Ambiguous("value_twice")
        found = [self._field(item) for item in form_fields(self.after)]
        return [item for item in found if item]

    def _field(self, new: Any) -> Field | None:
        old = self.earlier_fields.get(new.objgen)
        if old is not None:
            different = _different(old, new)
            if not different and same(old.get("/V"), new.get("/V")):
                return None
            if "/V" in old:
                raise Ambiguous("earlier_signature")
            if not different <= SIGNED_FIELD or not _near(old.get("/Rect", ()), new.get("/Rect", ())):
                raise _wrong_field(different, different - SIGNED_FIELD or {"/Rect"})
        elif not set(new.keys()) <= OWN_FIELD or new.get("/Subtype") != "/Widget" or new.get("/FT") != "/Sig":
            keys = set(new.keys())
            raise _wrong_field(keys, keys - OWN_FIELD or {"/FT"}, str(new.get("/Subtype", "")))
        if new.get("/V") is None and self.whole:
            raise Ambiguous("annotation_added")
        if "/DV" in new and (new.get("/V") is None or new.DV.objgen != new.V.objgen or new.DV.objgen == (0, 0)):
            raise Ambiguous("field_key", ["/DV"])
        _check_drawing(new)
        _check_value(new.get("/V"))
        if old is not None and new.get("/V", {}).get("/Type") == "/DocTimeStamp":
            raise Ambiguous("stamp_in_frame")
        left, bottom, right, top = (float(side) for side in new.get("/Rect", (0, 0, 0, 0)))
        rect = (min(left, right), min(bottom, top), max(left, right), max(bottom, top))
        return self._placed(new, Field(str(new.get("/T", "")), self._page_of(new), rect, old is None))

    def _placed(self, new: Any, field: Field) -> Field:
        """Check that a field with a surface is on one page, the one that it names, and shows there to all alike."""
        if field.rect[0] == field.rect[2] or field.rect[1] == field.rect[3]:
            return field
        if field.page is None:
            raise Ambiguous("annotation_added")
        if "/P" in new and new.P.objgen != self.after.pages[field.page].obj.objgen:
            raise Ambiguous("field_key", ["/P"])
        if int(new.get("/F", 0)) & SHOWN_OTHERWISE:
            raise Ambiguous("field_key", ["/F"])
        if field.own and "/TU" in new:  # a reader shows this text under the pointer; pyHanko names its timestamps so
            raise Ambiguous("field_key", ["/TU"])
        return field

    def _page_of(self, field: Any) -> int | None:
        """The page that lists the field; two pages that list it would show one drawing in two places."""
        pages = [
            rank
            for rank, page in enumerate(self.after.pages)
            if any(item.objgen == field.objgen for item in _objects(page.obj.get("/Annots", ())))
        ]
        if len(pages) > 1:
            raise Ambiguous("annotation_added")
        return pages[0] if pages else None

    # -- The pages and the rest ----------------------------------------------------------------------------------------

    def _check_page(self, old: Any, new: Any) -> None:
        if not _different(old, new) <= {"/Annots"}:
            raise Ambiguous("changed")
        earlier = [item.objgen for item in _objects(old.get("/Annots", ()))]
        later = [item.objgen for item in _objects(new.get("/Annots", ()))]
        own = {item.objgen for item in form_fields(self.after)} - self.earlier_fields.keys()
        if [key for key in later if key not in own] != earlier or len(set(later)) != len(later):
            raise Ambiguous("annotation_added")

    def _allowed(self, pages: list[tuple[Any, Any]]) -> set[tuple[int, int]]:
        """The objects of the stored file that were checked above, or that only proofs and fonts of the form reach."""
        root = self.before.Root
        form = root.get("/AcroForm") or pikepdf.Dictionary()
        checked = [root, root.get("/Metadata"), self.before.trailer.get("/Info"), form, form.get("/Fields")]
        checked += [form.get("/DR"), *_parts(form.get("/DR"))]
        checked += [part for old, _ in pages for part in (old, old.get("/Annots"))]
        checked += self.earlier_fields.values()
        checked += [root.get("/Extensions"), *containers(root.get("/DSS"))]
        # Some forms share their resources with the pages, which no signature may change.
        drawn = [part for old, _ in pages for part in (old.get("/Resources"), *_parts(old.get("/Resources")))]
        return _keys(checked) - _keys(drawn)

    def _check_added(self) -> None:
        """Refuse what runs, hides or fetches something in the objects added or written again."""
        unchanged = self.known - self.changed
        for item in self.after.objects:
            if not isinstance(item, pikepdf.Object) or item.objgen in unchanged:
                continue
            if runs_something(item) or reaches_out(item):
                raise Ambiguous("active")
            if item.objgen not in self.known and _hides(item):
                raise Ambiguous("layers")


def _keys(items: Iterable[Any]) -> set[tuple[int, int]]:
    return {item.objgen for item in items if isinstance(item, pikepdf.Object) and item.is_indirect}


def _unchanged(old: Any, new: Any) -> bool:
    """Whether an object of the file is the same. Nearly all are written alike, which is faster to see."""
    plain = isinstance(old, pikepdf.Dictionary) and isinstance(new, pikepdf.Dictionary)
    return bool(plain and old.unparse(resolved=True) == new.unparse(resolved=True)) or same(old, new)


def _different(old: Any, new: Any) -> set[str]:
    """The keys whose values differ. What a same reference leads to is an object of the file, compared by itself."""
    return {key for key in {*old.keys(), *new.keys()} if not same(old.get(key), new.get(key), 1)}


def _near(old: Iterable[Any], new: Iterable[Any]) -> bool:
    """Whether two rectangles are the same to a hundredth of an inch, or the new one is empty: nothing is drawn."""
    pairs = list(zip(old, new, strict=False))
    if len(pairs) == 4 and not any(float(side) for side in new):
        return True
    return len(pairs) == 4 and all(abs(float(one) - float(other)) < 0.72 for one, other in pairs)


def _wrong_field(keys: set[str], faults: set[str], subtype: str = "/Widget") -> Ambiguous:
    """Why a field with these keys is refused; `faults`: those that it should not have, or have otherwise."""
    if keys & {"/A", "/AA"}:
        return Ambiguous("field_action")
    if keys & {"/Lock", "/SV"}:
        return Ambiguous("certified")
    return Ambiguous("field_key", faults) if subtype == "/Widget" else Ambiguous("annotation_added")


def _check_drawing(field: Any) -> None:
    """Check that the drawing of a field is a single form, and that its caption holds colours and a rotation only."""
    appearance, caption = field.get("/AP"), field.get("/MK")
    if caption is not None and (others := set(caption.keys()) - DRAWN):
        raise Ambiguous("field_key", [f"/MK{key}" for key in others])
    if appearance is None:
        return
    drawing = appearance.get("/N")
    one = set(appearance.keys()) == {"/N"} and isinstance(drawing, pikepdf.Stream)
    if not one or drawing.get("/Subtype") != "/Form":
        raise Ambiguous("field_key", ["/AP"])


def _check_value(value: Any) -> None:
    """Check that a signature has bytes, and says which bytes of the file it covers (ISO 32000-1, 12.8.1)."""
    if value is None:
        return
    typed = isinstance(value, pikepdf.Dictionary) and value.get("/Type", "/Sig") in ("/Sig", "/DocTimeStamp")
    content = value.get("/Contents") if typed else None
    if not isinstance(content, pikepdf.String) or not bytes(content).strip(b"\0"):
        raise Ambiguous("signature_empty")
    covered = value.get("/ByteRange")
    numbers: list[Any] = list(covered) if isinstance(covered, pikepdf.Array) else []
    if len(numbers) != 4 or not all(isinstance(number, int) for number in numbers):
        raise Ambiguous("signature_empty")


def _hides(item: Any) -> bool:
    """Whether an object, or what it holds directly, is a layer, belongs to one, or is drawn otherwise elsewhere."""
    return any(
        HIDING & set(found.keys()) or str(found.get("/Type", "")) in ("/OCG", "/OCMD")
        for found in dictionaries_of(item)
    )


def _parts(resources: Any) -> Iterator[Any]:
    """The dictionaries of the resources of the form, which tools complete with their font."""
    if isinstance(resources, pikepdf.Dictionary):
        yield from (part for part in resources.values() if isinstance(part, pikepdf.Dictionary))
