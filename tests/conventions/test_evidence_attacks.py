"""The published attacks on signed PDF files, each built from scratch, and the answer that each gets.

Sources: « 1 Trillion Dollar Refund » (Mladenov et al., 2019: USF, ISA, SWA), « Shadow Attacks » (Mainka et al., 2021),
« Breaking the Specification: PDF Certification » (Rohlmann et al., 2021: EAA, SSA), « Processing Dangerous Paths »
(Müller et al., 2021), and files that two programs read in two ways.
"""

import datetime as dt
import io
import random
from collections.abc import Callable
from functools import cache

import pikepdf
import pytest

from conventions import evidence
from conventions.evidence import Trust
from conventions.evidence.additions import read
from conventions.evidence.syntax import Ambiguous
from tests import forged, pki
from tests.forged import OTHER_TEXT, Place, stream, update

AT = dt.datetime(2026, 10, 15, 7, 0, tzinfo=dt.UTC)
SIGNATURE = b"<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached "
STAMP = b"q 1 0 0 1 0 0 cm 0 g 0 0 200 50 re f Q"


@cache
def base() -> bytes:
    return forged.base()


@cache
def place() -> Place:
    return Place(base())


@cache
def authority() -> pki.Authority:
    return pki.Authority("Autorité d’essai")


def trust() -> Trust:
    root = authority().identity.asn1
    return Trust(roots=(root,), timestamp_roots=(root,))


def signed(data: bytes | None = None, *, field: str = "signature-1", **how: object) -> bytes:
    return pki.sign(data or base(), authority().person("EXEMPLE Camille"), authority(), field=field, **how)


def verify(data: bytes, stored: bytes | None = None) -> evidence.Report:
    report = evidence.verify(data, stored or base(), trust=trust(), at=AT)
    return evidence.check_pages(report, data, stored or base())


# -- Files that two programs read in two ways --------------------------------------------------------------------------


def listed_twice() -> bytes:
    """The page's content is listed with another amount, then at its old place: the first entry wins, or the last."""
    data = update(
        base(), {place().contents: stream(OTHER_TEXT)}, rows=[(place().contents, place().offset(place().contents), 0)]
    )
    return signed(data)


def hybrid() -> bytes:
    """A second table, in a stream, that only some programs read (ISO 32000-1, 7.5.8.4)."""
    return update(base(), {}, trailer=b"/XRefStm %d" % len(base()))


def freed() -> bytes:
    """The page's content is said to be free: some programs still show it."""
    return update(base(), {}, rows=[(place().contents, None, 1)])


def number_reused() -> bytes:
    """The number of the page's content goes to another generation: programs that ignore it show that one."""
    start = len(base())
    text = b"%d 1 obj\n%b\nendobj\n" % (place().contents, stream(OTHER_TEXT))
    return update(base(), {}, rows=[(place().contents, start, 1)], unlisted=text)


def unlisted() -> bytes:
    """Another content lies between the objects: a program that repairs the file by reading it through takes it."""
    text = b"%d 0 obj\n%b\nendobj\n" % (place().contents, stream(OTHER_TEXT))
    return signed(update(base(), {place().size: b"<< >>"}, unlisted=text))


def unlisted_in_a_stream() -> bytes:
    """An object stream holds a page that no table lists."""
    page = place().text(place().page)
    return forged.packed(base(), {place().size + 5: b"<< >>", place().page: page}, listed=[place().size + 5])


def key_twice() -> bytes:
    """The page has two contents under the same key: the first or the last wins."""
    other = place().size
    page = place().added(place().page, b" /Contents %d 0 R" % other)
    return update(base(), {other: stream(OTHER_TEXT), place().page: page})


def key_twice_escaped() -> bytes:
    other = place().size
    page = place().added(place().page, b" /Content#73 %d 0 R" % other)
    return update(base(), {other: stream(OTHER_TEXT), place().page: page})


def placed_in_the_past() -> bytes:
    """Shadow « hide and replace »: the appended table only shows what already lay hidden in the file."""
    return update(base(), {}, rows=[(place().contents, place().offset(place().font), 0)])


def false_length() -> bytes:
    """The length of the content is false: some programs trust it, others look for the end."""
    wrong = stream(OTHER_TEXT).replace(b"/Length %d" % len(OTHER_TEXT), b"/Length 5")
    return update(base(), {place().size: wrong})


def another_root() -> bytes:
    """The appended trailer points at another catalogue."""
    root = place().size
    return update(base(), {root: place().text(place().root)}, root=root)


def no_way_back() -> bytes:
    """The appended table is whole and doesn't lead to the stored one: a second document after the first."""
    return update(base(), {place().contents: stream(OTHER_TEXT)}, previous=10)


# -- Incremental saving, wrapping, universal forgery -------------------------------------------------------------------


def saved_after_signing() -> bytes:
    """Incremental saving attack (ISA): the content changes in a revision after the signature."""
    return update(signed(), {place().contents: stream(OTHER_TEXT)})


def saved_before_signing() -> bytes:
    return signed(update(base(), {place().contents: stream(OTHER_TEXT)}))


def saved_without_a_table() -> bytes:
    """ISA variant 3: new objects follow, with neither table nor trailer."""
    return signed() + b"%d 0 obj\n%b\nendobj\n" % (place().contents, stream(OTHER_TEXT))


def changed_then_restored() -> bytes:
    """The signed revision shows another amount; a later one gives the page its text back."""
    bad = signed(update(base(), {place().contents: stream(OTHER_TEXT)}))
    return update(bad, {place().contents: stream(forged.TEXT)})


def wrapped() -> bytes:
    """Signature wrapping (SWA): the part left out of the range is longer than the signature, and holds other bytes."""
    data = signed()
    first, length, second, rest = ranges(data)
    old = b"[0 %d %d %d]" % (length, second, rest)
    assert first == 0 and data.count(old) == 1
    new = b"[0 %d %d %d]" % (length, second + 9, rest - 9)
    return data.replace(old, new.ljust(len(old)))


def covering_less() -> bytes:
    data = signed()
    _, length, second, rest = ranges(data)
    old = b"[0 %d %d %d]" % (length, second, rest)
    return data.replace(old, (b"[0 %d %d %d]" % (length, second, rest - 20)).ljust(len(old)))


def without_content() -> bytes:
    """Universal forgery (USF): the signature has no bytes."""
    return with_signature(
        b"<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached /ByteRange [0 1 2 3] >>"
    )


def without_range() -> bytes:
    """Universal forgery: the signature doesn't say what it covers."""
    return with_signature(b"<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached /Contents <3000> >>")


def with_false_range() -> bytes:
    return with_signature(SIGNATURE + b"/Contents <3000> /ByteRange [0 -1 5 6] >>")


def with_signature(value: bytes) -> bytes:
    field = place().added(place().fields[0], b" /V %d 0 R" % place().size)
    return update(base(), {place().size: value, place().fields[0]: field})


def ranges(data: bytes) -> list[int]:
    with pikepdf.open(io.BytesIO(data)) as pdf:
        return [int(number) for number in pdf.Root.AcroForm.Fields[0].V.ByteRange]


# -- Shadow attacks, annotations, actions ------------------------------------------------------------------------------


def font_replaced() -> bytes:
    """Shadow « replace »: the font that the page uses becomes another, which draws other digits."""
    font = place().text(place().font, (b"/Helvetica", b"/Symbol"))
    return signed(update(base(), {place().font: font}))


def page_turned() -> bytes:
    return signed(update(base(), {place().page: place().added(place().page, b" /Rotate 180")}))


def page_cut() -> bytes:
    return signed(update(base(), {place().page: place().added(place().page, b" /CropBox [0 0 595 600]")}))


def comment() -> bytes:
    """Evil annotation attack (EAA): a free text covers the amount."""
    note = b"<< /Type /Annot /Subtype /FreeText /Rect [70 690 300 720] /Contents (920 000) /DA (/F1 12 Tf) /F 4 >>"
    return signed(annotated(note))


def annotated(note: bytes) -> bytes:
    number = place().size
    page = place().text(place().page, (b"/Annots [", b"/Annots [ %d 0 R " % number))
    return update(base(), {number: note, place().page: page})


def own_field(
    extra: bytes = b"", *, subtype: bytes = b"/Widget", rect: bytes = b"[50 300 250 350]", name: bytes = b"Outil"
) -> bytes:
    """A field that the tool adds to the page and to the form, signed afterwards."""
    number = place().size
    field = b"<< /Type /Annot /Subtype %b /FT /Sig /T (%b) /Rect %b /F 4 /P %d 0 R %b >>" % (
        subtype, name, rect, place().page, extra,
    )  # fmt: skip
    page = place().text(place().page, (b"/Annots [", b"/Annots [ %d 0 R " % number))
    form = place().text(place().form, (b"/Fields [", b"/Fields [ %d 0 R " % number))
    return update(base(), {number: field, place().page: page, place().form: form})


def signed_own(**how: bytes) -> bytes:
    return signed(own_field(**how), field="Outil")


def unsigned_field() -> bytes:
    return signed(own_field())


def disguised_field() -> bytes:
    """A free text that calls itself a signature field, with its own drawing."""
    return signed(own_field(b"/Contents (920 000 euros) /DA (/F1 12 Tf)", subtype=b"/FreeText"), field="Outil")


def field_name_twice() -> bytes:
    return signed(own_field(name=b"signature-1"), field="signature-2")


def locked() -> bytes:
    return signed(own_field(b"/Lock << /Type /SigFieldLock /Action /All >>"), field="Outil")


def catalogue(entries: bytes, *, more: bytes = b"<< >>") -> bytes:
    root = place().added(place().root, entries)
    return signed(update(base(), {place().size: more, place().root: root}))


def title_changed() -> bytes:
    return signed(update(base(), {place().info: place().text(place().info, (b"(Convention)", b"(Avenant)"))}))


def page_added() -> bytes:
    with pikepdf.open(io.BytesIO(base())) as pdf:
        pages = pdf.Root.Pages.objgen[0]
    text = b"<< /Type /Pages /Count 2 /Kids [ %d 0 R %d 0 R ] >>" % (place().page, place().size)
    page = b"<< /Type /Page /Parent %d 0 R /MediaBox [0 0 595 842] >>" % pages
    return signed(update(base(), {pages: text, place().size: page}))


def appearances_anew() -> bytes:
    """The reader is told to draw the fields again."""
    form = place().added(place().form, b" /NeedAppearances true")
    return signed(update(base(), {place().form: form}))


def protected() -> bytes:
    return update(
        base(), {place().size: b"<< /Filter /Standard /V 1 /R 2 >>"}, trailer=b"/Encrypt %d 0 R" % place().size
    )


def saved_often() -> bytes:
    data = base()
    for rank in range(21):
        data = update(data, {place().size: b"<< /N %d >>" % rank})
    return signed(data)


NAMES = b" /Names << /JavaScript << /Names [(x) %d 0 R] >> >>"
SCRIPT = b"<< /S /JavaScript /JS (app.alert\\(1\\)) >>"

ATTACKS: dict[str, tuple[Callable[[], bytes], str]] = {
    function.__name__ if function.__name__ != "<lambda>" else name: (function, code)
    for name, function, code in (
        ("", listed_twice, "defined_twice"),
        ("", hybrid, "hybrid"),
        ("", freed, "freed"),
        ("", number_reused, "changed"),
        ("", unlisted, "left_over"),
        ("", unlisted_in_a_stream, "left_over"),
        ("", key_twice, "defined_twice"),
        ("", key_twice_escaped, "defined_twice"),
        ("", placed_in_the_past, "elsewhere"),
        ("", false_length, "misshapen"),
        ("", another_root, "hidden_document"),
        ("", no_way_back, "hidden_document"),
        ("", saved_after_signing, "changed"),
        ("", saved_before_signing, "changed"),
        ("", saved_without_a_table, "trailing"),
        ("", changed_then_restored, "changed"),
        ("", wrapped, "signature_range"),
        ("", covering_less, "signature_range"),
        ("", without_content, "signature_empty"),
        ("", without_range, "signature_empty"),
        ("", with_false_range, "signature_range"),
        ("", font_replaced, "changed"),
        ("", page_turned, "changed"),
        ("", page_cut, "changed"),
        ("", comment, "annotation_added"),
        ("", unsigned_field, "annotation_added"),
        ("", disguised_field, "annotation_added"),
        ("", field_name_twice, "field_twice"),
        ("", locked, "certified"),
        ("field_over_text", lambda: signed_own(rect=b"[50 680 300 730]"), "over_text"),
        ("field_with_action", lambda: signed_own(extra=b"/A " + SCRIPT), "field_action"),
        ("field_with_event", lambda: signed_own(extra=b"/AA << /E " + SCRIPT + b" >>"), "field_action"),
        ("field_in_a_layer", lambda: signed_own(extra=b"/OC << /Type /OCG /Name (x) >>"), "field_key"),
        ("field_with_icon", lambda: signed_own(extra=b"/MK << /CA (920 000) >>"), "field_key"),
        ("opens_a_script", lambda: catalogue(b" /OpenAction " + SCRIPT), "active"),
        ("names_a_script", lambda: catalogue(NAMES % place().size, more=SCRIPT), "active"),
        ("adds_layers", lambda: catalogue(b" /OCProperties << /OCGs [] /D << >> >>"), "layers"),
        ("hides_a_script", lambda: signed(update(base(), {place().size: SCRIPT})), "active"),
        ("hides_a_layer", lambda: signed(update(base(), {place().size: b"<< /Type /OCG /Name (x) >>"})), "layers"),
        ("", title_changed, "metadata"),
        ("", page_added, "page_added"),
        ("", appearances_anew, "form"),
        ("", protected, "encrypted"),
        ("", saved_often, "too_many_revisions"),
    )
}  # fmt: skip


@pytest.mark.parametrize("name", ATTACKS)
def test_each_attack_is_refused_with_its_own_answer(name: str) -> None:
    attack, code = ATTACKS[name]
    report = verify(attack())
    assert [refusal.code for refusal in report.refusals] == [code], report.message
    assert not report.valid


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        (b"/XYZ 1", "Sous la clé /XYZ, le champ"),
        (b"/XYZ 1 /OC << >>", "Sous les clés /OC et /XYZ, le champ"),
        (b"/K1 1 /K2 1 /K3 1 /K4 1 /K5 1", "Sous les clés /K1, /K2, /K3 et 2 autres, le champ"),
        (b"/K1 1 /K2 1 /K3 1 /K4 1", "Sous les clés /K1, /K2, /K3 et 1 autre, le champ"),
        (b"/MK << /CA (920 000) >>", "Sous la clé /MK/CA, le champ"),
        (b"/" + b"A" * 60 + b" 1", f"Sous la clé /{'A' * 39}, le champ"),
        (b"/Mot#e9#0a 1", "Sous la clé /Mot??"),
    ],
)
def test_a_key_that_a_field_may_not_have_is_named(extra: bytes, words: str) -> None:
    report = verify(signed_own(extra=extra))
    assert report.code == "field_key" and report.message.startswith(words), report.message


def test_what_is_not_forged_is_accepted_alone_and_after_another() -> None:
    first = signed()
    assert verify(first).valid, verify(first).message
    second = signed(first, field="signature-2")
    assert verify(second, first).valid and verify(second).valid
    beside = verify(signed_own())
    assert beside.valid, beside.message
    ((page, image),) = beside.drawn
    assert page == 1 and image.startswith("iVBOR"), "what is drawn elsewhere is kept as a PNG"
    lawful = verify(signed(forged.packed(base(), {place().size + 5: b"<< >>"}, listed=[place().size + 5])))
    assert lawful.valid, lawful.message


def test_a_signature_already_recorded_is_neither_changed_nor_taken_away() -> None:
    first = signed()
    earlier = Place(first)
    bare = place().text(place().fields[0])
    forged_file = signed(update(first, {earlier.fields[0]: bare}), field="signature-2")
    assert verify(forged_file, first).code == "earlier_signature"


def test_a_drawing_of_the_field_that_spills_over_the_page_is_refused() -> None:
    """The frame of a party may be drawn in; what is drawn around it may not."""
    drawing = place().size
    big = b"/Type /XObject /Subtype /Form /BBox [0 0 200 50] "
    field = place().added(place().fields[0], b" /AP << /N %d 0 R >>" % drawing)
    data = update(base(), {drawing: stream(STAMP, big), place().fields[0]: field})
    assert verify(signed(data)).valid


# -- Any appended section ----------------------------------------------------------------------------------------------


def random_section(seed: int) -> bytes:
    """A section drawn at random: objects of the page or new ones, rows twice, freed, in the past, bytes unlisted."""
    draw = random.Random(seed)
    known = [place().contents, place().page, place().font, place().fields[0], place().root]
    texts = {
        place().contents: stream(draw.choice([forged.TEXT, OTHER_TEXT])),
        **{number: place().text(number) for number in known[1:]},
    }
    chosen = {number: texts[number] for number in draw.sample(known, draw.randint(0, 3))}
    if draw.random() < 0.5:
        chosen[place().size] = draw.choice([b"<< >>", stream(OTHER_TEXT), b"[ 1 2 ]", SCRIPT])
    rows: list[forged.Row] = []
    for number in draw.sample(known, draw.choice([0, 0, 1, 2])):
        where = draw.choice([None, place().offset(number), place().offset(place().font), len(base())])
        rows.append((number, where, draw.choice([0, 0, 1])))
    hidden = b"%d 0 obj\n%b\nendobj\n" % (place().contents, stream(OTHER_TEXT)) if draw.random() < 0.2 else b""
    data = update(base(), chosen, rows=rows, unlisted=hidden)
    if draw.random() < 0.6:
        at = draw.randrange(len(base()), len(data))
        part = draw.choice([b"", b" ", b"%\n", b"0", b"endobj\n", b"/", data[at - 9 : at]])
        data = data[:at] + part + data[at + draw.choice([0, 0, 1, 3]) :]
    return data


def text_of_first_entries(data: bytes) -> bytes:
    """The content of the page for a program that keeps the first row of a number, and trusts the rows."""
    section = data[forged.last_table(data) :]
    lines = section.partition(b"trailer")[0].split(b"\n")[1:]
    pairs = zip(lines[::2], lines[1::2], strict=False)
    places = {}
    for head, row in pairs:
        if row.rstrip().endswith(b"n"):
            places.setdefault(int(head.split()[0]), int(row.split()[0]))
    at = places.get(place().contents, place().offset(place().contents))
    return data[at:].partition(b"stream\n")[2].partition(b"\nendstream")[0]


def assert_one_meaning(seed: int) -> bool:
    """Whether the section is accepted; if it is, each way of reading shows the text of the stored page."""
    data = random_section(seed)
    try:
        read(data, base())
    except (Ambiguous, pikepdf.PdfError):
        return False
    with pikepdf.open(io.BytesIO(data)) as pdf:
        assert pdf.pages[0].Contents.read_bytes() == forged.TEXT, seed
        assert str(pdf.pages[0].Resources.Font.F1.BaseFont) == "/Helvetica", seed
    assert text_of_first_entries(data) == forged.TEXT, seed
    found = data[len(base()) :].count(b"%d 0 obj" % place().contents)
    assert not found or OTHER_TEXT not in data[len(base()) :].partition(b"%d 0 obj" % place().contents)[2][:120], seed
    return True


def test_no_section_that_programs_read_differently_is_accepted() -> None:
    accepted = [seed for seed in range(400) if assert_one_meaning(seed)]
    assert 20 < len(accepted) < 300, "the draw gives both"


@pytest.mark.slow
def test_no_section_of_many_is_accepted_either() -> None:
    assert sum(assert_one_meaning(seed) for seed in range(1000, 12_000))
