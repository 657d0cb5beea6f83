"""Conventions: the list, the drafting pages, the documents, the journal."""

import datetime as dt
from typing import Any

from actions.models import Account
from arml.models import AttachmentKind
from conventions.models import FundingFact
from conventions.text.dating import FROM_PIECES
from cpo.lib import clock
from cpo.lib.files import stored
from tests.access.places import SCAN

from .base import Block, Place, constant, file, form_values, on_convention


def article(status: str) -> Any:
    def key(place: Place) -> str:
        articles = place.act.articles.filter(model_article__status=status, included=True)
        return articles.values_list("model_article__key", flat=True).first()

    return key


def kind(side: str) -> Any:
    roles = ("officer", "manager", "signatory") if side == "state" else ("director", "president", "accountant")

    def key(place: Place) -> str:
        kinds = AttachmentKind.objects.filter(provided_by__in=roles, scope="convention", confidential=False)
        # What dates the text is content, given in one's turn alone (tests/conventions/test_dates.py).
        return kinds.exclude(key__in=FROM_PIECES.values()).values_list("key", flat=True).first()

    return key


def upload(place: Place) -> dict[str, Any]:
    return {
        "upload": file(),
        "dated": "02/06/2025",
        "valid_until": "31/12/2028",
        "revision": place.act.programme.revision,
    }


def new(place: Place) -> dict[str, Any]:
    """A convention of another association of the lead's territory."""
    from tests.factories.arml import ArmlFactory

    territory = place.act.dossier.territories.filter(service=place.lead).first()
    other = place.once("new", lambda: ArmlFactory(territories=[territory]))
    return {
        "cycle": place.act.convention.cycle_id,
        "beneficiary": other.pk,
        "lead": place.lead.pk,
        "territories": [territory.pk],
        "cosigners": [],
        "number": "",
    }


def yearly(place: Place) -> int:
    """A document of a year: only those who may read its report may read it."""
    return place.confidential()


def funding(place: Place) -> int:
    """A grant of the Région, with its letter. No service creates it, because a draft refuses to record one."""

    def create() -> FundingFact:
        return FundingFact.objects.create(
            convention=place.act.convention,
            kind="granted",
            account=Account.objects.get(code="74-REGION"),
            funder="Région",
            year=2025,
            amount=18000,
            dated_on=dt.date(2025, 6, 2),
            file=stored.store(SCAN, "application/pdf"),
            file_name="lettre.pdf",
            recorded_by=place.people["off"],
            recorded_at=clock.now(),
        )

    return place.once("funding", create).pk


GRANT = form_values(
    kind="granted", line="74-REGION|Région", sheet="", year="2025", amount="1 500", dated_on="02/06/2025"
)


def scan(place: Place) -> dict[str, Any]:
    data: dict[str, Any] = {"scan": file(), "notified_on": "01/10/2025", "revision": place.act.programme.revision}
    for party in place.act.parties.filter(signs=True):
        data |= {
            f"name-{party.pk}": "Alex Exemple",
            f"capacity-{party.pk}": "présidente",
            f"signed-{party.pk}": "01/09/2025",
        }
    return data


BLOCKS = {
    "convention-list": Block(),
    "convention-list-csv": Block(),
    "convention-create": Block(post=new),
    "convention-paper-create": Block(post=lambda place: new(place) | {"number": "CPO-2025-PAP-001"}),
    "convention-detail": on_convention(),
    "convention-parties": on_convention(),
    "convention-values": on_convention(),
    "retained-values": on_convention(),
    "convention-contribution": on_convention(),
    "convention-funding": on_convention(),
    "convention-funding-csv": on_convention(),
    "funding-record": on_convention(GRANT),
    "funding-void": on_convention(form_values(reason="Une erreur."), pk=funding),
    "funding-file": on_convention(pk=funding),
    "convention-articles": on_convention(),
    "convention-article free": on_convention(form_values(reason="Un motif."), key=article("free")),
    "convention-article locked": Block(
        ("draft", "state-turn", "active"),
        on_convention(key=article("locked")).kwargs,
        form_values(body="x"),
        takes=False,
    ),
    "convention-article quoted": on_convention(
        form_values(title="Article 9", former="Une fois par an.", body="Deux fois par an."),
        states=("paper-avenant", "paper", "recorded"),
        key=constant("evaluation"),
    ),
    "convention-article unknown": on_convention(states=("draft",), key=constant("n-existe-pas")),
    "attachment-add association": on_convention(upload, kind=kind("beneficiary")),
    "attachment-add state": on_convention(upload, kind=kind("state")),
    "attachment-file open": on_convention(pk=lambda place: place.attachment(kind__confidential=False)),
    "attachment-file yearly": on_convention(states=("active",), pk=yearly),
    "convention-paper-original": on_convention(scan, states=("paper", "paper-act", "draft", "active")),
    "convention-journal": on_convention(),
    "convention-journal-csv": on_convention(),
    "convention-journal-pdf": on_convention(),
    "convention-visit": on_convention(),
}
