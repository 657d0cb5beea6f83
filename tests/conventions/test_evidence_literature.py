"""More classes of attacks found in the literature, beside those of `test_evidence_attacks`: each has its own answer.

Sources: « Caradoc » (Endignoux, Levillain, Migeon, 2016): names, generations, loops; « Processing Dangerous Paths »
(Müller et al., 2021): exhaustion, fetching, launching; « Breaking the Specification: PDF Certification » (Rohlmann et
al., 2021); « Shadow Attacks » (Mainka et al., 2021); OpenPDF, issues 158 and 487 (wrapping).
"""

import re
import time
import zlib
from collections.abc import Callable

import pytest

from tests import forged, pki
from tests.conventions.test_evidence_attacks import (
    SIGNATURE,
    annotated,
    authority,
    base,
    own_field,
    place,
    ranges,
    signed,
    update,
    verify,
    with_signature,
)
from tests.forged import OTHER_TEXT, stream


def page(*changes: tuple[bytes, bytes], more: bytes = b"") -> bytes:
    """The page written again."""
    return place().text(place().page, *changes).rstrip()[:-2] + more + b" >>"


def contents_of(reference: bytes) -> bytes:
    """The page with its contents named by another reference."""
    return update(base(), {place().page: page((b"/Contents %d 0 R" % place().contents, b"/Contents " + reference))})


# -- Two readings of one text (Caradoc) --------------------------------------------------------------------------------


def name_half_escaped() -> bytes:
    """« /Foo#7/Bar »: one name for some programs, two for others."""
    return signed(update(base(), {place().page: page(more=b" /Foo#7/Bar 1 ")}))


def generation_that_does_not_exist() -> bytes:
    """Some programs forget the generation of a reference, and find the object of another one."""
    return signed(contents_of(b"%d 1 R" % place().contents))


def negative_generation() -> bytes:
    return contents_of(b"%d -2 R" % place().contents)


def generation_of_the_freed() -> bytes:
    """65535 is the generation of what is free for ever: some programs still show such an object."""
    text = b"%d 65535 obj\n%b\nendobj\n" % (place().contents, stream(OTHER_TEXT))
    return update(base(), {}, rows=[(place().contents, len(base()), 65535)], unlisted=text)


def number_spelled_otherwise() -> bytes:
    """« +7 » and « 7. »: an integer for some programs, nothing for others."""
    return contents_of(b"+%d 0 R" % place().contents)


def comment_between_two_objects() -> bytes:
    """A comment that holds an object: a program that repairs the file reads it."""
    text = b"%% %d 0 obj << >> endobj\n" % place().contents
    return signed(update(base(), {place().size: b"<< >>"}, unlisted=text))


# -- Exhaustion (dangerous paths) --------------------------------------------------------------------------------------


def table_that_leads_to_itself() -> bytes:
    return update(base(), {}, previous=len(base()))


def bomb() -> bytes:
    """A table in a stream that unpacks to some hundreds of megabytes."""
    start, number = len(base()), place().size
    content = zlib.compress(bytes(300_000_000), 9)
    extra = b"/Type /XRef /W [1 4 1] /Size %d /Root %d 0 R /Prev %d /Filter /FlateDecode " % (
        number + 1, place().root, forged.last_table(base()),
    )  # fmt: skip
    return base() + b"%d 0 obj\n%b\nendobj\nstartxref\n%d\n%%%%EOF\n" % (number, stream(content, extra), start)


def nested() -> bytes:
    return update(base(), {place().size: b"[" * 50_000 + b"]" * 50_000})


# -- Fetching and launching (dangerous paths) --------------------------------------------------------------------------


def drawing_fetched_elsewhere() -> bytes:
    """The drawing of the field is a stream whose bytes are in another file."""
    extra = b"/Type /XObject /Subtype /Form /BBox [0 0 1 1] /F (https://exemple.example/x) /FFilter /FlateDecode "
    field = place().added(place().fields[0], b" /AP << /N %d 0 R >>" % place().size)
    return signed(update(base(), {place().size: stream(b" ", extra), place().fields[0]: field}))


def link() -> bytes:
    action = b"/A << /S /URI /URI (https://exemple.example/) >>"
    return signed(annotated(b"<< /Type /Annot /Subtype /Link /Rect [0 0 595 842] %b >>" % action))


def launches() -> bytes:
    return signed(update(base(), {place().size: b"<< /S /Launch /F (calc.exe) >>"}))


def submits() -> bytes:
    return signed(update(base(), {place().size: b"<< /S /SubmitForm /F (https://exemple.example/) >>"}))


def joined_file() -> bytes:
    note = b"<< /Type /Annot /Subtype /FileAttachment /Rect [0 0 9 9] /FS << /Type /Filespec /F (x.exe) >> >>"
    return signed(annotated(note))


# -- Certification and shadow attacks ----------------------------------------------------------------------------------


def stamp_with_its_drawing() -> bytes:
    """EAA with a stamp, which a P3 certification admits."""
    return signed(annotated(b"<< /Type /Annot /Subtype /Stamp /Rect [70 690 300 720] /F 4 /AP << >> >>"))


def redaction() -> bytes:
    return signed(annotated(b"<< /Type /Annot /Subtype /Redact /Rect [70 690 300 720] /F 4 >>"))


def field_of_the_document_moved_over_the_text() -> bytes:
    """Sneaky signature attack (SSA) in the field of the document itself."""
    text = place().text(place().fields[0])
    moved = re.sub(rb"/Rect \[[^\]]*\]", b"/Rect [ 50 680 300 730 ]", text)
    return signed(update(base(), {place().fields[0]: moved}))


def certified() -> bytes:
    return signed(certify=True)


def form_of_another_kind() -> bytes:
    """An XFA form, which some programs draw in the place of the pages."""
    form = place().added(place().form, b" /XFA %d 0 R" % place().size)
    return signed(update(base(), {place().size: stream(b"<xdp/>"), place().form: form}))


def field_with_a_value() -> bytes:
    """Shadow « replace » by the text that is laid over a field until it has the focus."""
    return signed(own_field(b"/MK << /CA (920 000) /TP 1 >>"), field="Outil")


def text_field_beside() -> bytes:
    form = place().text(place().form, (b"/Fields [", b"/Fields [ %d 0 R " % place().size))
    field = b"<< /Type /Annot /Subtype /Widget /FT /Tx /T (montant) /V (920 000) /Rect [70 690 300 720] /F 4 >>"
    annots = page((b"/Annots [", b"/Annots [ %d 0 R " % place().size))
    return signed(update(base(), {place().size: field, place().form: form, place().page: annots}))


# -- Signatures that are not what they say (USF, SWA) ------------------------------------------------------------------


def entries_in_the_gap() -> bytes:
    """The hexadecimal string ends early, and the rest of the gap holds entries that no signature covers."""
    data = signed()
    _, length, second, _ = ranges(data)
    gap = data[length:second]
    entry = b"> /Location (" + b"x" * 200 + b")"
    return data[:length] + gap[: -len(entry)] + entry + data[second:]


def of_another_file() -> bytes:
    """The signature that this person gave to another document, under the same numbers."""
    assert base().count(b"120 000") == 1
    other = pki.sign(base().replace(b"120 000", b"920 000"), authority().person("EXEMPLE Camille"), authority())
    _, length, second, _ = ranges(other)
    data = signed()
    _, own_length, own_second, _ = ranges(data)
    return data[:own_length] + other[length:second].ljust(own_second - own_length) + data[own_second:]


def endless_range() -> bytes:
    return with_signature(SIGNATURE + b"/Contents <3000> /ByteRange [0 9 10 99999999999999999999] >>")


def of_an_unknown_kind() -> bytes:
    value = b"<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /x.y /Contents <3000> /ByteRange [0 1 2 3] >>"
    return with_signature(value)


def file_of_two_kinds() -> bytes:
    """A ZIP whose first member is the document: a PDF for those who look for its header further."""
    return b"PK\x03\x04" + bytes(26) + signed()


ATTACKS: dict[str, tuple[Callable[[], bytes], str]] = {
    function.__name__: (function, code)
    for function, code in (
        (name_half_escaped, "misshapen"),
        (generation_that_does_not_exist, "changed"),
        (negative_generation, "misshapen"),
        (generation_of_the_freed, "engines"),
        (number_spelled_otherwise, "misshapen"),
        (comment_between_two_objects, "left_over"),
        (table_that_leads_to_itself, "hidden_document"),
        (bomb, "misshapen"),
        (nested, "misshapen"),
        (drawing_fetched_elsewhere, "active"),
        (link, "annotation_added"),
        (launches, "active"),
        (submits, "active"),
        (joined_file, "annotation_added"),
        (stamp_with_its_drawing, "annotation_added"),
        (redaction, "annotation_added"),
        (field_of_the_document_moved_over_the_text, "field_key"),
        (certified, "certified"),
        (form_of_another_kind, "active"),
        (field_with_a_value, "field_key"),
        (text_field_beside, "field_key"),
        (entries_in_the_gap, "signature_range"),
        (of_another_file, "broken"),
        (endless_range, "misshapen"),
        (of_an_unknown_kind, "signature_range"),
        (file_of_two_kinds, "not_pdf"),
    )
}


@pytest.mark.parametrize("name", ATTACKS)
def test_each_class_of_the_literature_has_its_own_answer_within_seconds(name: str) -> None:
    attack, code = ATTACKS[name]
    data = attack()
    began = time.process_time()
    report = verify(data)
    assert [refusal.code for refusal in report.refusals] == [code], report.message
    assert time.process_time() - began < 5
