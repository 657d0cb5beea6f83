"""Wrong values in each form: a French message beside the field, the typed value shown again, no write.

Uploads that are empty, over 20 MB or not a PDF are refused with the reason.
"""

import re
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.access import html
from tests.access.addresses import BLOCKS
from tests.access.places import World
from tests.access.walk import SESSION_TABLE, Answer, Asker
from tests.access.world import _files, _own_files, asker, db, world  # noqa: F401
from tests.access.wrong import CASES, NOTHING_TO_MISTYPE, Wrong

ENGLISH = re.compile(r"\b(this|field|required|enter|valid|must|ensure)\b", re.I)


def page_of(block: str) -> str:
    """The page that has the form of this address, which may accept only posts."""
    return (
        "convention-versions"
        if block.startswith("thread-")
        else "deadline-detail"
        if block.startswith("deadline-")
        else block
    )


def data_of(case: Wrong, body: str, right: dict[str, Any]) -> dict[str, Any]:
    """The data of the form and the right values, with the wrong values of the case instead of theirs."""
    control = case.form or next(iter(case.fields))
    forms = [form for form in html.forms(body) if any(re.fullmatch(control, item.name) for item in form.fields)]
    data = (max(forms, key=lambda form: len(form.fields)).data() if forms else {}) | right | case.add
    for pattern, value in case.fields.items():
        names = [item.name for form in forms for item in form.fields if re.fullmatch(pattern, item.name)]
        data[names[0] if names else pattern] = value
    return data


def real_writes(answer: Answer) -> list[str]:
    """Without the session, and without the tries that are counted to slow down who guesses."""
    return [sql for sql in answer.written if SESSION_TABLE not in sql and "lib_countedtry" not in sql]


@pytest.mark.parametrize("case", CASES, ids=[case.title for case in CASES])
def test_a_wrong_value_is_told_beside_its_field_and_kept(case: Wrong, world: World, asker: Asker):  # noqa: F811
    place, block = world.place(case.place), BLOCKS[case.block]
    user, path = place.people[case.person], block.path(case.block, place)
    page_name = page_of(case.block)
    body = asker.get(BLOCKS[page_name].path(page_name, place), user).body
    data = data_of(case, body, block.post(place) if block.post else {})
    answer = asker.post(path, user, data)
    assert answer.status in (200, 409, 422), (answer.status, answer.error, answer.location)
    assert real_writes(answer) == []

    beside = [case.beside] if case.beside else list(case.fields)
    errors = html.errors(answer.body)
    for pattern in beside:
        messages = [text for name, texts in errors.items() if re.fullmatch(pattern, name) for text in texts]
        assert messages, f"nothing beside {pattern}; messages: {errors}"
        assert all(text and not ENGLISH.search(text) for text in messages), messages
        assert case.says in " ".join(messages), messages
    if not case.secret:
        values = html.values(answer.body)
        for pattern, value in case.fields.items():
            name = next((name for name in data if re.fullmatch(pattern, name)), pattern)
            options = {item.kind for form in html.forms(answer.body) for item in form.fields if item.name == name}
            if value.strip() and not options & {"select", "radio", "checkbox"}:
                assert value in values.get(name, []), f"{name}: {values.get(name)}"


def test_every_form_has_its_wrong_values():
    """An address that accepts posts is in the list of cases, in the uploads, or in `NOTHING_TO_MISTYPE`."""
    post_blocks = {name for name, block in BLOCKS.items() if block.post is not None}
    tested_blocks = {case.block for case in CASES} | set(NOTHING_TO_MISTYPE) | {name for name, *_ in UPLOADS}
    families = {name.split()[0] for name in tested_blocks if not name.startswith("convention-transition")}
    missing = {name for name in post_blocks - tested_blocks if name.split()[0] not in families}
    assert {name for name in missing if not name.startswith(("convention-transition", "report-transition"))} <= BUTTONS


BUTTONS = {
    "reference-indicator-national",
    "sheet-move",
    "thread-accept",
    "programme-import-preview",
    "report-import-preview",
    "association-import-preview",
    "association-remove members",
    "association-remove fees",
    "undelivered-messages",
    "convention-nudge",
    "report-take-over",
    "meeting-transition take_back",
    "meeting-transition record",
    "meeting-transition cancel",
    "meeting-sign",
    *("evaluation-open", "diagnosis-bring-forward", "diagnosis-file-add"),
    "report-sign",
    "report-piece-check",
    "meeting-file-add",
    *("report-sheet-file-add", "report-sheet-file-remove"),
    "report-decisions",
}

# address, person, place, name of the file
UPLOADS = [
    ("attachment-add association", "dir", "state-turn", "upload"),
    ("convention-record-signature", "man", "signature", "file"),
    ("convention-scans", "man", "signature", "files"),
    ("delivery-add", "off", "active", "proof"),
    ("convention-deposit-signature", "man", "signature", "file"),
    ("meeting-deposit", "man", "reviewed", "file"),
    ("report-deposit", "pre", "submitted", "file"),
    ("report-scan", "pre", "submitted", "upload"),
    ("convention-paper-original", "off", "paper", "scan"),
    ("outside-visa-add", "man", "accepted", "upload"),
    ("programme-import", "dir", "arml-turn", "workbook"),
    ("report-import", "dir", "in_progress", "workbook"),
    ("association-import", "dir", "-", "workbook"),
    ("report-documents", "dir", "in_progress", "comptes_annuels-upload"),
]
PDF = b"%PDF-1.7\n" + b"x" * 100
FILES = {
    "not what its name says": ("piece.pdf", b"MZ\x90\x00 un programme, pas un PDF", "PDF|type|format"),
    "empty": ("piece.pdf", b"", "vide"),
    "cut short": ("piece.pdf", PDF, "incomplet"),
    "no PDF between the first line and the last": ("piece.pdf", PDF + b"\n%%EOF", "illisible|classeur"),
    "too large": ("piece.pdf", None, "20"),
}


# A signed file is kept as it came: what is inside is read by a job, which answers (tests/conventions/test_deposits.py).
READ_LATER = ("cut short", "no PDF between the first line and the last")
CASES_OF_FILES = [
    (*upload, kind)
    for upload in UPLOADS
    for kind in FILES
    if not (upload[0].endswith(("-deposit", "-deposit-signature")) and kind in READ_LATER)
]


@pytest.mark.parametrize(("name", "person", "where", "field", "kind"), CASES_OF_FILES)
def test_a_bad_file_is_refused_with_the_reason(
    name: str,
    person: str,
    where: str,
    field: str,
    kind: str,
    world: World,  # noqa: F811
    asker: Asker,  # noqa: F811
):
    place, block = world.place(where), BLOCKS[name]
    file_name, content, reason = FILES[kind]
    if content is None:
        content = PDF + b"\0" * django_settings.UPLOAD_MAX_BYTES + b"\n%%EOF"
    data = dict(block.post(place)) if block.post else {}
    data[field] = SimpleUploadedFile(file_name, content, "application/pdf")
    answer = asker.post(block.path(name, place), place.people[person], data)
    assert answer.status in (200, 422), (answer.status, answer.error)
    assert real_writes(answer) == []
    messages = html.errors(answer.body).get(field, [])
    assert messages and re.search(reason, " ".join(messages)), html.errors(answer.body)
    for other, value in data.items():  # the other typed values come back
        if isinstance(value, str) and value and other not in ("kind", "party"):
            assert value in html.values(answer.body).get(other, [value])


def _together() -> list[list[Wrong]]:
    """The cases of one form, at one place, that give distinct controls a wrong value."""
    groups: dict[tuple[str, str, str], list[Wrong]] = {}
    for case in CASES:
        if case.add or case.secret or case.beside:
            continue
        group = groups.setdefault((case.block, case.place, case.form), [])
        if not {name for one in group for name in one.fields} & set(case.fields):
            group.append(case)
    return [group for group in groups.values() if sum(len(case.fields) for case in group) > 1]


@pytest.mark.parametrize("cases", _together(), ids=[f"{cases[0].block}, {cases[0].place}" for cases in _together()])
def test_all_that_is_wrong_in_a_form_is_told_at_once(cases: list[Wrong], world: World, asker: Asker):  # noqa: F811
    first = cases[0]
    place, block = world.place(first.place), BLOCKS[first.block]
    user, page_name = place.people[first.person], page_of(first.block)
    body = asker.get(BLOCKS[page_name].path(page_name, place), user).body
    data = block.post(place) if block.post else {}
    for case in cases:
        data = data_of(case, body, data)
    fields = [field for name, _, where, field in UPLOADS if (name, where) == (first.block, first.place)]
    data |= {field: SimpleUploadedFile("piece.pdf", FILES["not what its name says"][1]) for field in fields}
    answer = asker.post(block.path(first.block, place), user, data)
    assert real_writes(answer) == []
    messages = html.errors(answer.body)
    silent = [
        pattern
        for pattern in [*(pattern for case in cases for pattern in case.fields), *fields]
        if not any(re.fullmatch(pattern, name) for name in messages)
    ]
    assert silent == [], messages
