"""The journal finds the last person who saved an element by its column, never by the sentence that people read."""

import importlib

import pytest
from django.db import connection

from conventions.services import texts
from conventions.services.base import act_editing
from conventions.views.framing import last_writer
from cpo.lib.models import JournalEntry
from tests.factories.scenarios import accepted_by_both, complete_draft, in_negotiation

pytestmark = pytest.mark.django_db

migration = importlib.import_module("cpo.lib.migrations.0008_journal_element")


def test_who_saved_last_is_found_by_the_element_and_not_by_the_sentence() -> None:
    scene = complete_draft()
    for element in ("la fiche 1", "la fiche 10"):
        with act_editing(scene.act, by=scene.officer, expected_revision=None, element=element, beside=True):
            pass
    assert last_writer(scene.act, "la fiche 1").element == "la fiche 1"
    assert last_writer(scene.act, "la fiche 2") is None


def test_one_information_is_found_among_the_informations() -> None:
    scene = complete_draft()
    texts.set_values(act=scene.act, values={"lieu_signature": "Ici"}, by=scene.officer, expected_revision=None)
    entry = last_writer(scene.act, "les informations")
    assert entry is not None and entry.actor == scene.officer


def test_an_edit_that_cancels_acceptances_keeps_its_element_and_the_version() -> None:
    scene = accepted_by_both()
    element = "l’échéancier des versements"
    with act_editing(scene.act, by=scene.officer, expected_revision=None, element=element, beside=True):
        pass
    entry = last_writer(scene.act, element)
    assert entry is not None and entry.verb == "acceptances_cancelled"
    assert entry.parameters == {"version": scene.version.number}


def test_lines_written_before_the_columns_are_given_theirs() -> None:
    scene = in_negotiation()
    old = {"root": "dossier:1", "subject": f"act:{scene.act.pk}", "at": scene.act.turn_since}
    old["actor_name"] = "Zoé Martin"
    sentences = {
        "edited": "Avenant n°\u00a01\u00a0: Zoé Martin modifie les parties (DREETS).",
        "acceptances_cancelled": "Zoé Martin modifie l’échéancier\u00a0: la version 12 n’est plus acceptée.",
        "report_written": "Zoé Martin modifie la fiche 1-A du compte rendu 2025.",
        "propose": "Zoé Martin modifie un mot.",
    }
    rows = {
        verb: JournalEntry.objects.create(verb=verb, sentence=sentence, **old) for verb, sentence in sentences.items()
    }
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(migration.FILL)
    columns = {}
    for verb, row in rows.items():
        row.refresh_from_db()
        columns[verb] = (row.element, row.parameters)
    assert columns == {
        "edited": ("les parties (DREETS)", {}),
        "acceptances_cancelled": ("l’échéancier", {"version": 12}),
        "report_written": ("la fiche 1-A", {"year": 2025}),
        "propose": ("", {}),
    }
    with pytest.raises(Exception, match="Cannot update"):
        JournalEntry.objects.filter(pk=rows["edited"].pk).update(element="")
