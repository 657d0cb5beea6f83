"""What a hostile signatory adds under the cover of a lawful signature: each way is refused, with its own answer.

What is drawn on paper and not on the screen, or in two places; what prepares the change of a font by the next one who
signs; what takes the frame of another party.
"""

import io
import random
import re
from collections.abc import Callable
from typing import Any

import pikepdf
import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.signers import cms_embedder

from conventions import evidence
from tests import pki
from tests.conventions.test_evidence_attacks import (
    AT,
    STAMP,
    authority,
    base,
    place,
    signed,
    trust,
    update,
    verify,
)
from tests.conventions.test_evidence_tools import DOCUMENT
from tests.forged import Place, stream

BOX = b"/Type /XObject /Subtype /Form /BBox [0 0 200 50] "
OVER_TEXT, BLANK = b"[50 680 300 730]", b"[50 300 250 350]"


@pytest.fixture(autouse=True)
def drawn_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tool signs, and leaves the drawing that the field has."""
    monkeypatch.setattr(cms_embedder.SigAppearanceSetup, "apply", lambda self, *rest: None)


def drawn(rect: bytes = BLANK, flags: int = 4, extra: bytes = b"", box: bytes = BOX, drawing: bytes = STAMP) -> bytes:
    """A field of one's own with this drawing, then signed."""
    number = place().size
    field = b"<< /Type /Annot /Subtype /Widget /FT /Sig /T (Outil) /Rect %b /F %d /AP << /N %d 0 R >> %b >>" % (
        rect, flags, number + 1, extra,
    )  # fmt: skip
    page = place().text(place().page, (b"/Annots [", b"/Annots [ %d 0 R " % number))
    form = place().text(place().form, (b"/Fields [", b"/Fields [ %d 0 R " % number))
    added = {number: field, number + 1: stream(drawing, box), place().page: page, place().form: form}
    return signed(update(base(), added), field="Outil")


def with_entry(number: int, entry: bytes, more: bytes = b"<< >>") -> bytes:
    return signed(update(base(), {place().size: more, number: place().added(number, entry)}))


# -- Shown to some and not to others -----------------------------------------------------------------------------------


def printed_only() -> bytes:
    return drawn(flags=4 | 32)


def printed_only_over_the_amount() -> bytes:
    """A line thinner than half a point, that the screen does not show, strikes the amount on paper."""
    return drawn(b"[70 704 300 704.4]", flags=4 | 32)


def of_one_size_at_any_zoom() -> bytes:
    """At half the size, the drawing hides twice as much of the page around its frame."""
    return drawn(flags=4 | 8)


def upright_on_a_turned_page() -> bytes:
    return drawn(flags=4 | 16)


def shown_under_the_pointer() -> bytes:
    return drawn(flags=4 | 256)


def frame_of_the_party_printed_only() -> bytes:
    field = place().text(place().fields[0], (b"/F 4", b"/F 36"))
    return signed(update(base(), {place().fields[0]: field}))


def words_under_the_pointer() -> bytes:
    """The text that a reader shows when the pointer rests on a field; an invisible field has no such place."""
    return drawn(extra=b"/TU (920 000 euros)")


def layer_in_the_resources() -> bytes:
    resources = b"/Resources << /Properties << /M << /Type /OCG /Name (x) >> >> >> "
    return drawn(box=BOX + resources, drawing=b"/OC /M BDC " + STAMP + b" EMC")


def line_over_the_amount() -> bytes:
    return drawn(b"[70 704 300 704.05]")


def on_no_page() -> bytes:
    """A field with a surface that no page lists: some programs draw it where it says."""
    number = place().size
    form = place().text(place().form, (b"/Fields [", b"/Fields [ %d 0 R " % number))
    field = b"<< /Type /Annot /Subtype /Widget /FT /Sig /T (Outil) /Rect %b /F 4 /P %d 0 R >>" % (
        OVER_TEXT, place().page,
    )  # fmt: skip
    return signed(update(base(), {number: field, place().form: form}), field="Outil")


def page_of_another_name() -> bytes:
    return drawn(extra=b"/P %d 0 R" % place().font)


def place_in_the_reading_order() -> bytes:
    """The number of the page's own text in the structure: a screen reader would find the field in its place."""
    return drawn(extra=b"/StructParent 0")


# -- Prepared for the next one who signs -------------------------------------------------------------------------------


def resources_that_reach_a_font() -> bytes:
    return with_entry(place().form, b" /DR << /Foo %d 0 R >>" % place().font)


def proofs_that_reach_a_font() -> bytes:
    return with_entry(place().root, b" /DSS << /Foo [ << /X %d 0 R >> ] >>" % place().font)


def proofs_that_reach_the_page_by_a_new_object() -> bytes:
    return with_entry(place().root, b" /DSS %d 0 R" % place().size, b"<< /VRI %d 0 R >>" % place().page)


def extensions_that_reach_a_font() -> bytes:
    return with_entry(place().root, b" /Extensions << /X %d 0 R >>" % place().font)


def form_that_may_be_saved_anew() -> bytes:
    form = place().text(place().form, (b"/SigFlags 3", b"/SigFlags 1"))
    return signed(update(base(), {place().form: form}))


def version_that_is_none() -> bytes:
    return with_entry(place().root, b" /Version (1.7)")


def version_of_before() -> bytes:
    return with_entry(place().root, b" /Version /1.0")


# -- The frame of another party ----------------------------------------------------------------------------------------


def one_signature_in_two_frames() -> bytes:
    """The field of the other party refers to the same signature, before it is made."""
    for value in range(place().size, place().size + 8):
        field = place().added(place().fields[1], b" /V %d 0 R" % value)
        data = signed(update(base(), {place().fields[1]: field}))
        with pikepdf.open(io.BytesIO(data)) as pdf:
            one, other = (item.get("/V") for item in pdf.Root.AcroForm.Fields)
            if other is not None and one.objgen == other.objgen:
                return data
    raise AssertionError("the number of the signature is not found")


def stamped(authority_name: str, field: str | None = None) -> bytes:
    """A signature, then a timestamp of the whole file, by an authority of this name."""
    writer = IncrementalPdfFileWriter(io.BytesIO(signed()))
    writer._update_meta = lambda: None  # type: ignore[method-assign]
    out = io.BytesIO()
    stamper = pki.timestamper(authority() if authority_name == "" else pki.Authority(authority_name), AT)
    name = {"field_name": field} if field else {}
    signers.PdfTimeStamper(stamper, **name).timestamp_pdf(writer, "sha256", None, output=out)
    return out.getvalue()


def stamp_in_the_frame_of_the_other_party() -> bytes:
    return stamped("", "signature-2")


ATTACKS: dict[str, tuple[Callable[[], bytes], str]] = {
    function.__name__: (function, code)
    for function, code in (
        (printed_only, "field_key"),
        (printed_only_over_the_amount, "field_key"),
        (of_one_size_at_any_zoom, "field_key"),
        (upright_on_a_turned_page, "field_key"),
        (shown_under_the_pointer, "field_key"),
        (words_under_the_pointer, "field_key"),
        (frame_of_the_party_printed_only, "field_key"),
        (layer_in_the_resources, "layers"),
        (line_over_the_amount, "over_text"),
        (on_no_page, "annotation_added"),
        (page_of_another_name, "field_key"),
        (place_in_the_reading_order, "field_key"),
        (resources_that_reach_a_font, "reaches"),
        (proofs_that_reach_a_font, "reaches"),
        (proofs_that_reach_the_page_by_a_new_object, "reaches"),
        (extensions_that_reach_a_font, "reaches"),
        (form_that_may_be_saved_anew, "form"),
        (version_that_is_none, "misshapen"),
        (version_of_before, "misshapen"),
        (one_signature_in_two_frames, "value_twice"),
        (stamp_in_the_frame_of_the_other_party, "stamp_in_frame"),
    )
}


@pytest.mark.parametrize("name", ATTACKS)
def test_each_way_is_refused_with_its_own_answer(name: str) -> None:
    attack, code = ATTACKS[name]
    report = verify(attack())
    assert [refusal.code for refusal in report.refusals] == [code], report.message


def test_what_a_lawful_tool_adds_beside_them_is_accepted() -> None:
    for data in (
        drawn(), drawn(flags=4 | 128), drawn(b"[50 300 50 300]", flags=2), drawn(b"[-90 -90 -10 -10]"),
        drawn(b"[500 300 700 350]"), with_entry(place().root, b" /Version /1.7"),
        drawn(extra=b"/P %d 0 R" % place().page),
        with_entry(place().root, b" /Extensions << /ADBE << /BaseVersion /1.7 /ExtensionLevel 8 >> >>"),
    ):  # fmt: skip
        report = verify(data)
        assert report.valid, report.message


def test_a_field_that_two_pages_list_is_refused() -> None:
    """On the second page, the same place may have text: what is blank on the first says nothing of it."""
    with pikepdf.open(io.BytesIO(base())) as pdf:
        pdf.add_blank_page(page_size=(595, 842)).Annots = pikepdf.Array()
        out = io.BytesIO()
        pdf.save(out, object_stream_mode=pikepdf.ObjectStreamMode.disable, compress_streams=False, static_id=True)
    two = out.getvalue()
    with pikepdf.open(io.BytesIO(two)) as pdf:
        second = pdf.pages[1].obj
        listed = second.unparse(resolved=True).replace(b"/Annots [ ]", b"/Annots [ %d 0 R ]")
        number = second.objgen[0]
    there = Place(two)
    field = b"<< /Type /Annot /Subtype /Widget /FT /Sig /T (Outil) /Rect %b /F 4 >>" % BLANK
    added = {
        there.size: field,
        there.page: there.text(there.page, (b"/Annots [", b"/Annots [ %d 0 R " % there.size)),
        there.form: there.text(there.form, (b"/Fields [", b"/Fields [ %d 0 R " % there.size)),
    }
    assert verify(signed(update(two, added), field="Outil"), two).valid
    both = signed(update(two, added | {number: listed % there.size}), field="Outil")
    assert verify(both, two).code == "annotation_added"


def test_a_store_of_proofs_that_leads_to_itself_does_not_stop_the_next_one_who_signs() -> None:
    first = with_entry(place().root, b" /DSS %d 0 R" % place().size, b"<< /VRI %d 0 R >>" % place().size)
    assert verify(first).valid
    second = verify(signed(first, field="signature-2"), first)
    assert second.valid, second.message


def test_a_timestamp_of_the_file_is_said_to_date_it_only_if_it_does() -> None:
    known = verify(stamped(""))
    assert known.valid and not any("ne prouve aucune date" in warning for warning in known.warnings)
    stamp = known.signatures[-1]
    assert (stamp.person, stamp.intact, stamp.timestamp_by) == (False, True, "Horodatage d’essai")
    assert "Horodatage du fichier 2\n  Autorité : Horodatage d’essai (Essais)" in known.as_text().replace("\u00a0", " ")
    stranger = verify(stamped("Inconnue"))
    assert stranger.valid and stranger.signatures[-1].timestamp_by == ""
    assert any("ne prouve aucune date" in warning for warning in stranger.warnings)
    assert "Date : non prouvée" in stranger.as_text().replace("\u00a0", " ")


def test_a_timestamp_that_dates_other_bytes_is_refused() -> None:
    """The token of another file, in the place of the token of this one."""
    data, other = stamped(""), stamped("")
    start = data.rindex(b"/Contents <") + len(b"/Contents <")
    end = data.index(b">", start)
    assert other[start:end] != data[start:end] and other[end : end + 1] == b">"
    report = verify(data[:start] + other[start:end] + data[end:])
    assert [refusal.code for refusal in report.refusals] == ["stamp_broken"], report.message


# -- A file that stops the verification itself -------------------------------------------------------------------------

VALUES = [b"null", b"-1", b"9" * 30, b"(x)", b"[]", b"<<>>", b"/X", b"true", b"1.5", b"0 0 R", b"1 0 R", b"1e5"]
VALUE = re.compile(rb"/[A-Za-z]+ ([^/\[<(>]{1,40})")


def spoiled(data: bytes, seed: int) -> bytes:
    """A value of the part that the tool added becomes another one, or a byte another byte."""
    draw = random.Random(seed)
    if draw.random() < 0.3:
        at = draw.randrange(len(base()), len(data))
        return data[:at] + bytes([draw.randrange(256)]) + data[at + draw.choice([0, 1, 4]) :]
    found = draw.choice(list(VALUE.finditer(data, len(base()))))
    return data[: found.start(1)] + draw.choice(VALUES).ljust(len(found[1])) + data[found.end(1) :]


def test_no_spoiled_file_makes_the_verification_fail() -> None:
    """A job that fails is tried again: a deposit would stay unanswered for ever."""
    data, answers = signed(), set()
    for seed in range(500):
        answers.add(evidence.verify(spoiled(data, seed), base(), trust=trust(), at=AT).code)
    assert len(answers) > 5, answers


def test_a_length_beyond_any_file_is_refused() -> None:
    wrong = stream(STAMP).replace(b"/Length %d" % len(STAMP), b"/Length " + b"9" * 30)
    assert verify(update(base(), {place().size: wrong})).code == "misshapen"


# -- The parts of a document that the application produced -------------------------------------------------------------


def set_entry(writer: IncrementalPdfFileWriter, thing: Any, key: str, value: Any) -> None:
    thing[generic.NameObject(key)] = value
    writer.update_container(thing)


def pages_turned_round(writer: IncrementalPdfFileWriter) -> None:
    kids = writer.root["/Pages"]["/Kids"]
    turned = generic.ArrayObject([kids.raw_get(rank) for rank in reversed(range(len(kids)))])
    set_entry(writer, writer.root["/Pages"], "/Kids", turned)


def joined_content_replaced(writer: IncrementalPdfFileWriter) -> None:
    joined = writer.root["/Names"]["/EmbeddedFiles"]["/Names"][1]
    other = writer.add_object(generic.StreamObject(stream_data=b'{"montant": "1"}'))
    set_entry(writer, joined["/EF"], "/F", other)


def digits_copied_otherwise(writer: IncrementalPdfFileWriter) -> None:
    """The text that one copies or hears is not the one that one sees."""
    fonts = writer.root["/Pages"]["/Kids"][0]["/Resources"]["/Font"]
    other = writer.add_object(generic.StreamObject(stream_data=b"begincmap endcmap"))
    set_entry(writer, fonts[next(iter(fonts))], "/ToUnicode", other)


def text_heard_otherwise(writer: IncrementalPdfFileWriter) -> None:
    top = writer.root["/StructTreeRoot"]["/K"]
    set_entry(writer, top[0] if isinstance(top, list) else top, "/ActualText", generic.TextStringObject("920 000"))


def shown_as_a_portfolio(writer: IncrementalPdfFileWriter) -> None:
    """The window shows a joined file in the place of the pages."""
    set_entry(writer, writer.root, "/Collection", generic.DictionaryObject())


def outline_renamed(writer: IncrementalPdfFileWriter) -> None:
    set_entry(writer, writer.root["/Outlines"]["/First"], "/Title", generic.TextStringObject("Avenant"))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (pages_turned_round, "page_added"),
        (joined_content_replaced, "changed"),
        (digits_copied_otherwise, "changed"),
        (text_heard_otherwise, "changed"),
        (shown_as_a_portfolio, "changed"),
        (outline_renamed, "changed"),
        (lambda writer: None, ""),
    ],
)
def test_no_part_of_the_document_itself_changes(change: Callable[[IncrementalPdfFileWriter], None], code: str) -> None:
    writer = IncrementalPdfFileWriter(io.BytesIO(DOCUMENT))
    writer._update_meta = lambda: None  # type: ignore[method-assign]
    change(writer)
    out = io.BytesIO()
    writer.write(out)
    assert verify(signed(out.getvalue()), DOCUMENT).code == code
