"""A GET never writes: the walk of test_access.py refuses any statement that writes or locks.

This file tests the guard itself, and the addresses with a query (filters, pages, CSV). A GET may write only the session
table, on the link of a lost password, because the token must leave the address (tests/access/runner.py).
"""

import pytest
from django.db import connection

from arml.models import Organisation
from tests.access.addresses import BLOCKS
from tests.access.places import World
from tests.access.runner import MAY_WRITE_SESSION
from tests.access.walk import Asker, undone, writes
from tests.access.world import _files, _own_files, asker, db, world  # noqa: F401

QUERIES = {
    "convention-list": ["?etat=active&page=2", "?q=CPO&tri=-arml", "?etat=inconnu"],
    "convention-list-csv": ["?etat=active"],
    "convention-versions": ["?de=0&a=1", "?a-propos=general", "?de=x&a=y"],
    "convention-journal": [
        "?visible=both",
        "?visible=state&page=9",
        "?nature=contenu&du=01/01/2025&au=x",
        "?partie=autre",
    ],
    "convention-journal-csv": ["?visible=both&nature=echanges"],
    "convention-journal-pdf": ["?partie=state"],
    "draft-file": ["?usage=travail", "?usage=inconnu"],
    "render-progress": ["?usage=a_signer", "?usage=inconnu"],
    "convention-sign": ["?etape=code"],
    "convention-record-signature": ["?partie=1", "?lecture=1"],
    "convention-scans": ["?lecture=1", "?lecture=x"],
    "organisation-list": ["?q=exemple&nature=arml&page=2"],
    "organisation-detail service": ["?page=2"],
    "dashboard": ["?annee=2026", "?territoire=53", "?annee=x"],
    "dashboard-list": ["?mesure=retards", "?mesure=conventions&format=csv", "?mesure=inconnue"],
    "deadline-list": ["?page=2", "?tri=-date"],
    "deadline-list-csv": ["?tri=date"],
    "home": ["?tout=1"],
    "search": ["?q=a"],
    "report-list": ["?annee=2025&etat=open&retard=1", "?tri=-arml&page=3"],
    "report-list-csv": ["?annee=2025"],
    "sheet-create": ["?axe=1", "?axe=999999"],
    "demo-mail-list": ["?q=version&page=2"],
    "reference-indicators": ["?q=jeunes&axe=1&national=oui"],
}


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_in_the_address_writes_nothing_either(name: str, world: World, asker: Asker):  # noqa: F811
    block = BLOCKS[name]
    place = world.place("signature" if "signature" in block.places else block.places[-1])
    for query in QUERIES[name]:
        path = block.path(name, place).partition("?")[0] + query
        for column in ("off", "pre", "adm"):
            answer = asker.get(path, place.people[column])
            assert answer.status < 500, answer.error
            assert answer.writes == [], path


def test_the_guard_sees_what_writes_and_what_locks(world: World):  # noqa: F811
    row = Organisation.objects.filter(pk=world.place("-").lead.pk)
    with writes() as statements, undone(statements):
        list(row)
        assert statements == []
        row.update(city="Ailleurs")
        list(row.select_for_update())
        list(row.select_for_update(no_key=True))
        with connection.cursor() as cursor:
            cursor.execute("  delete FROM django_session WHERE FALSE")
    assert len(statements) == 4


def test_only_the_link_of_a_lost_password_may_write_its_session():
    assert len(MAY_WRITE_SESSION) == 1
