"""A page saved as it was opened changes nothing: no revision, no line of the journal, no e-mail, acceptances stand."""

from typing import Any

import pytest
from django.apps import apps
from django.db.models import Model, Sum

from conventions.models import Acceptance
from cpo.lib.models import JournalEntry, OutboxMessage
from tests.access import html, table
from tests.access.addresses import BLOCKS
from tests.access.people import COLUMNS
from tests.access.places import World
from tests.access.walk import Asker
from tests.access.world import _files, _own_files, asker, db, world  # noqa: F401
from tests.test_forms_hold import ACCEPTED, TABLE
from tests.test_forms_wrong_values import page_of

# To post one of these is an act: what it does is not what its fields hold.
DEEDS = {
    *("convention-transition", "report-transition", "thread-resolve", "thread-accept", "campaign-open", "deadline-met"),
    *(
        "programme-import-preview",
        "report-import-preview",
        "sheet-delete",
        "undelivered-messages",
        "address-confirm",
        "convention-nudge",
        "association-remove",
        "association-import-preview",
    ),
    *("evaluation-transition", "evaluation-open", "forecast-transition", "diagnosis-bring-forward"),
    *("meeting-transition", "payment-transition", "payment-propose", "calendar-address", "chorus-record"),
    *("letter-add", "letter-batch"),
}
PAGES = [name for name in ACCEPTED if name.split()[0] not in DEEDS]
BEGINS = "open"  # to save a page of a report that is only open is to begin it
REVISED: list[type[Model]] = [
    model for model in apps.get_models() if any(field.name == "revision" for field in model._meta.fields)
]


def witnesses() -> dict[str, Any]:
    """What a change would show: revisions, lines of the journal, messages, acceptances that stand."""
    return {
        "acceptances": Acceptance.objects.filter(cancelled_at=None).count(),
        "journal": list(JournalEntry.objects.order_by("pk").values_list("sentence", flat=True)),
        "messages": OutboxMessage.objects.count(),
        **{model.__name__: model.objects.aggregate(sum=Sum("revision"))["sum"] for model in REVISED},
    }


def unchanged(name: str, label: str, column: str, world: World, asker: Asker) -> tuple[int, list[str]]:  # noqa: F811
    """Post each form of the page as it is rendered; return how many there are, and what changed."""
    place = world.place(label)
    user, path, page = place.people[column], BLOCKS[name].path(name, place), page_of(name)
    body = asker.get(BLOCKS[page].path(page, place), user).body
    forms = [form for form in html.forms(body) if form.action in ("", path)]
    before, problems = witnesses(), []
    for form in forms:
        answer = asker.post(path, user, form.data(), witnesses)
        changes = {key: (before[key], seen) for key, seen in answer.seen.items() if before[key] != seen}
        if "journal" in changes:
            changes["journal"] = changes["journal"][1][len(before["journal"]) :]
        if changes or answer.status >= 500:
            problems.append(f"{name} {label} {column}: {answer.status} {changes} {answer.error}")
    return len(forms), problems


def accepted(name: str) -> list[tuple[str, str]]:
    """The first person of each place for whom the table promises `ok` to a post."""
    found: dict[str, str] = {}
    for label in BLOCKS[name].places:
        if label == BEGINS:
            continue
        for column, answer in zip(COLUMNS, table.expected(TABLE[name], "POST", label) or (), strict=False):
            if answer == "ok":
                found.setdefault(label, column)
    return list(found.items())


def test_there_are_forms_of_contents_to_post() -> None:
    families = {name.split()[0] for name in PAGES}
    content = "sheet-edit sheet-indicators sheet-budget programme-structure convention-parties convention-values "
    content += "convention-contribution convention-article act-terms report-sheet report-general report-finance "
    content += "meeting-minutes"
    assert set(content.split()) <= families
    assert {"organisation-edit", "role-change", "mandate", "delegation-edit", "reference-values"} <= families


@pytest.mark.parametrize("name", PAGES)
def test_a_page_saved_as_it_was_opened_changes_nothing(name: str, world: World, asker: Asker) -> None:  # noqa: F811
    label, column = accepted(name)[0]
    _, problems = unchanged(name, label, column, world, asker)
    assert not problems


@pytest.mark.slow
@pytest.mark.parametrize("name", PAGES)
def test_in_every_state_a_page_saved_as_it_was_opened_changes_nothing(
    name: str,
    world: World,  # noqa: F811
    asker: Asker,  # noqa: F811
) -> None:
    problems: list[str] = []
    for label, column in accepted(name):
        problems += unchanged(name, label, column, world, asker)[1]
    assert not problems
