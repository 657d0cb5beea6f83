"""Who reads an event of the journal about a yearly document."""

import pytest

from arml.enums import AttachmentMoment
from arml.models import Attachment, AttachmentKind
from arml.permissions import capacities
from cpo.lib import clock, journal
from cpo.lib.files import stored
from tests.factories.arml import make_user
from tests.factories.conventions import PDF
from tests.factories.reporting import YEAR, fill, make_report, person, submitted

pytestmark = pytest.mark.django_db


def test_a_document_of_a_year_is_told_to_those_who_may_open_it_once_the_report_is_sent():
    report = fill(make_report(cosigners=1))
    dossier, director = report.dossier, person(report, "director")
    for confidential in (True, False):
        kind = AttachmentKind.objects.filter(moment=AttachmentMoment.YEARLY, confidential=confidential).first()
        one = Attachment.objects.create(
            dossier=dossier, kind=kind, year=YEAR, file=stored.store(PDF, "application/pdf"), added_by=director,
            added_at=clock.now(),
        )  # fmt: skip
        by = capacities(director, dossier)[0]
        journal.record(one, root=dossier, by=by, verb="attachment_added", sentence=f"{kind}")
    readers = {
        "director": director,
        "officer": person(report, "officer"),
        "cosigner": make_user("officer", dossier.services.get()),
    }

    def counts() -> dict[str, int]:
        return {
            name: journal.entries(dossier, capacities(user, dossier)).filter(verb="attachment_added").count()
            for name, user in readers.items()
        }

    assert counts() == {"director": 2, "officer": 0, "cosigner": 0}
    submitted(report)
    assert counts() == {"director": 2, "officer": 2, "cosigner": 1}
