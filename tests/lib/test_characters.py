"""Characters that no text may hold are dropped where text comes in, and stop no file made of a text stored before."""

import datetime as dt
import io
import unicodedata
import zipfile

import pytest
from django import forms
from django.http import QueryDict
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from cpo.lib.forms.base import DsfrForm
from cpo.lib.models import FormDraft
from cpo.lib.printing import glyphs, pdf, word
from cpo.lib.wording.characters import clean
from cpo.middleware import _cleaned
from tests.factories.arml import make_user

SAID = {"title": "Titre", "author": "Auteur", "dated": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)}
CONTROLS = [chr(code) for code in (*range(9), *range(0x0E, 0x20), 0x7F, 0x80, 0x9F)]
BIDIRECTIONAL = [chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))]
OTHERS = ["\ud800", "\udfff", "\ufdd0", "\ufffe", "\uffff", "\U0001ffff", "\U0010fffe"]
DROPPED = [*CONTROLS, *BIDIRECTIONAL, *OTHERS]
LINES = ["\r\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029"]
EVERYTHING = "".join([*DROPPED, *LINES])


@pytest.mark.parametrize("character", DROPPED, ids=ascii)
def test_what_shows_nothing_and_breaks_a_file_is_dropped(character: str) -> None:
    assert clean(f"av{character}ant\t« après »\n²") == "avant\t« après »\n²"


@pytest.mark.parametrize("end", LINES, ids=ascii)
def test_a_line_end_of_another_program_stays_a_line_end(end: str) -> None:
    assert clean(f"avant{end}après") == "avant\naprès"


@given(st.text(st.characters(codec=None)))
def test_a_clean_text_can_be_stored_and_written_as_xml_and_stays_the_same(text: str) -> None:
    cleaned = clean(text)
    assert clean(cleaned) == cleaned
    cleaned.encode("utf-8")
    forbidden = {c for c in cleaned if unicodedata.category(c) in ("Cc", "Cs") and c not in "\t\n"}
    assert not forbidden
    word.html_to_docx(f"<html><body><p>{cleaned}</p></body></html>", footer="", mention="Projet", **SAID)


class Invented(DsfrForm):
    name = forms.CharField(max_length=20)
    text = forms.CharField(widget=forms.Textarea)
    secret = forms.CharField(widget=forms.PasswordInput, strip=False)


def test_a_form_reads_the_text_without_them_a_password_as_typed() -> None:
    form = Invented({"name": "a\x0bbc\r\nd", "text": "a\x0bbc\r\nd", "secret": "a\x0bb"})
    assert form.is_valid()
    assert form.cleaned_data == {"name": "a\nbc\nd", "text": "a\nbc\nd", "secret": "a\x0bb"}


@pytest.mark.parametrize("character", BIDIRECTIONAL, ids=ascii)
def test_a_form_refuses_a_bidirectional_control_beside_its_field_and_keeps_the_rest(character: str) -> None:
    form = Invented({"name": f"ab{character}c", "text": "d", "secret": "e"})
    assert not form.is_valid()
    assert list(form.errors) == ["name"] and "sens de lecture" in form.errors["name"][0]
    assert form["name"].data == "abc"
    assert Invented({"name": "abc", "text": "d", "secret": f"e{character}"}).is_valid()


@pytest.mark.parametrize(
    ("pasted", "usual"),
    [
        ("\ufb01nancement, a\ufb00aire", "financement, affaire"),
        ("1\u1d49\u02b3", "1er"),
        ("➢ un ▪ deux \uf0d8 trois \uf0b7", "• un • deux • trois •"),
        ("e\u0301te\u0301", "été"),
        ("𝗴𝗿𝗮𝘀 Ａ", "gras A"),
        ("\uf0fc fait, \uf06f reste", "✓ fait, ☐ reste"),
        ("５ 𝟓 ²", "５ 𝟓 ²"),  # a digit stays what was typed: numbers are refused, not guessed
    ],
)
def test_what_a_paste_brings_becomes_the_usual_character(pasted: str, usual: str) -> None:
    assert clean(pasted) == usual
    assert clean(usual) == usual


@pytest.mark.parametrize("state", [True, False])
def test_what_no_font_draws_is_listed_and_what_has_a_substitute_is_not(settings, state: bool) -> None:
    settings.STATE_DEPLOYMENT = state
    assert glyphs.undrawn("Œuvre ☑ ✓ 1\u202f000 − → ≤ \u200bfin") == []
    assert glyphs.undrawn("🙂 a 漢 🙂") == ["🙂", "漢"]
    assert "?" not in glyphs.printable("−12 → ≤ 3 ✓")


def test_a_docx_of_a_text_stored_before_is_made() -> None:
    html = f"<html><body><h1>{EVERYTHING}a</h1><table><tr><td>b{EVERYTHING}</td></tr></table></body></html>"
    texts = dict.fromkeys(("title", "author", "footer", "mention"), EVERYTHING)
    data = word.html_to_docx(html, dated=SAID["dated"], **texts)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert b">a<" in archive.read("word/document.xml")


@pytest.mark.pdf
def test_a_pdf_of_a_text_stored_before_is_made() -> None:
    text = EVERYTHING.replace("\x00", "").replace("\ud800", "").replace("\udfff", "")  # PostgreSQL holds none of these
    html = f"<html lang='fr'><head><title>x</title></head><body><h1>{text}a</h1></body></html>"
    data = pdf.html_to_pdf(html, title=text + "Titre", author=text, identifier=b"1", dated=SAID["dated"])
    assert data.startswith(b"%PDF")
    assert b"<dc:title>" in data


@pytest.mark.django_db
def test_a_query_and_a_post_that_no_form_reads_are_cleaned_too(client: Client) -> None:
    user = make_user("officer")
    client.force_login(user)
    page = client.get("/recherche/?q=ab%0Bc%E2%80%AEd").content.decode()
    assert 'value="ab' in page and "\x0b" not in page and "\u202e" not in page


def test_what_the_middleware_removed_of_a_post_is_still_told_by_the_form() -> None:
    posted = _cleaned(QueryDict("name=ab%E2%80%AEc&text=d&secret=e"))
    assert posted["name"] == "abc"
    assert list(Invented(posted).errors) == ["name"]
    assert Invented(_cleaned(QueryDict("name=a%0Bb&text=d&secret=e"))).is_valid()


@pytest.mark.django_db
def test_a_draft_holds_no_more_than_a_form_would() -> None:
    from cpo.lib.editing import drafts

    user = make_user("officer")
    key = drafts.DraftKey(user=user.pk, path="/x/", form="f", alone=False)
    drafts.keep(key, '[["text", "a\\u000bb\\ud800c\\u202e"]]', title="t\x0bt\ud800")
    draft = FormDraft.objects.get()
    assert draft.raw == [["text", "a\nbc"]] and draft.title == "t\nt"
