"""The notification of a signed act: by what means, when it was sent and received, with which proof."""

import datetime as dt
import io
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import ProgrammingError, transaction
from django.test import Client
from django.urls import reverse

from conventions.models import Delivery
from conventions.services.deliveries import record_delivery
from cpo.lib.models import JournalEntry
from reporting.deadlines.facts import facts_of
from reporting.services.deadlines import sync
from tests.factories.conventions import PDF
from tests.factories.scenarios import Scene, active_convention, in_signature

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 10, 15)


def record(scene: Scene, **changed: Any) -> Delivery:
    proof = (io.BytesIO(PDF), "avis.pdf", len(PDF))
    facts = {
        "addressee": scene.act.dossier.beneficiary, "means": "recommande", "sent_on": DAY, "received_on": DAY,
        "number": "1A 234 567 8901 2", "proof": proof, "by": scene.officer,
    }  # fmt: skip
    return record_delivery(act=scene.act, **facts | changed)


def test_to_notify_in_the_application_is_recorded_for_each_other_party_and_says_no_day_of_receipt() -> None:
    scene = active_convention()
    rows = Delivery.objects.filter(act=scene.act)
    assert [(row.addressee, row.means, row.sent_on, row.received_on) for row in rows] == [
        (scene.act.dossier.beneficiary, "application", DAY, None)
    ]


def test_a_letter_is_recorded_with_its_days_its_number_and_its_proof(client: Client) -> None:
    scene = active_convention()
    row = record(scene)
    sentence = JournalEntry.objects.get(verb="delivered").sentence.replace("\u00a0", " ")
    assert "envoyée le 15 octobre 2026, reçue le 15 octobre 2026" in sentence
    client.force_login(scene.director)
    page = client.get(reverse("convention-documents", args=[scene.number])).content.decode()
    assert "1A 234 567 8901 2" in page and reverse("delivery-add", args=[scene.number]) not in page
    served = client.get(reverse("delivery-file", args=[scene.number, row.pk]))
    assert b"".join(served.streaming_content) == PDF


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"sent_on": DAY - dt.timedelta(days=1), "received_on": None}, "sent_on"),
        ({"sent_on": DAY + dt.timedelta(days=1), "received_on": None}, "sent_on"),
        ({"received_on": DAY - dt.timedelta(days=1)}, "received_on"),
        ({"received_on": DAY + dt.timedelta(days=1)}, "received_on"),
        ({"proof": None}, "proof"),
        ({"proof": (io.BytesIO(b"rien"), "avis.pdf", 4)}, "proof"),
    ],
)
def test_days_out_of_order_and_a_receipt_without_proof_are_refused_beside_their_field(changed, field) -> None:
    with pytest.raises(ValidationError) as refusal:
        record(active_convention(), **changed)
    assert field in refusal.value.message_dict


def test_a_letter_whose_receipt_is_not_known_yet_needs_no_proof() -> None:
    assert record(active_convention(), received_on=None, proof=None).proof is None


def test_only_the_lead_service_records_it_and_only_of_an_act_in_force() -> None:
    scene = active_convention()
    for person in (scene.director, scene.president, scene.signatory):
        with pytest.raises(PermissionDenied):
            record(scene, by=person)
    with pytest.raises(PermissionDenied):
        record(scene, addressee=scene.act.dossier.lead)
    with pytest.raises(ValidationError, match="une fois l’acte signé et notifié"):
        record(in_signature())


@pytest.mark.parametrize("change", ["update", "delete"])
def test_the_database_keeps_a_notification_as_it_was_recorded(change: str) -> None:
    rows = Delivery.objects.filter(act=active_convention().act)
    with pytest.raises(ProgrammingError), transaction.atomic():
        rows.update(means="main") if change == "update" else rows.delete()


def test_a_wrong_day_is_told_beside_its_field_and_what_was_typed_is_kept(client: Client) -> None:
    scene = active_convention()
    client.force_login(scene.officer)
    values = {
        "addressee": scene.act.dossier.beneficiary.pk, "means": "recommande", "sent_on": "14/10/2026",
        "number": "1A 234",
    }  # fmt: skip
    page = client.post(reverse("delivery-add", args=[scene.number]), values).content.decode()
    assert "il n’est pas notifié avant" in page and "1A 234" in page
    client.post(reverse("delivery-add", args=[scene.number]), values | {"sent_on": "15/10/2026"})
    assert Delivery.objects.filter(act=scene.act, number="1A 234").exists()


def test_what_follows_the_notification_runs_from_its_receipt_once_recorded_and_the_page_says_from_which(
    client: Client, clock: Any
) -> None:
    scene = active_convention()
    convention = scene.convention
    convention.cycle.deadline_rules.exclude(key="versement_annee_1").update(active=False)
    rule = convention.cycle.deadline_rules.get(key="versement_annee_1")
    sync(convention)
    documents = reverse("convention-documents", args=[scene.number])

    def due() -> dt.date:
        return convention.deadlines.get(rule=rule).due_on

    def says() -> str:
        client.force_login(scene.director)
        return " ".join(client.get(documents).content.decode().replace("\u00a0", " ").split())

    after = dt.timedelta(days=rule.shift_days)
    assert due() == DAY + after and "aucune réception n’est enregistrée" in says()
    clock.shift(dt.timedelta(days=6))
    received = DAY + dt.timedelta(days=5)
    record(scene, received_on=None, proof=None)
    assert due() == DAY + after, "sent, not received yet"
    record(scene, received_on=received)
    assert due() == received + after and "jour de la réception par l’association" in says()
    facts = facts_of(convention)
    assert (facts["notification"], facts["notification_comptee"]) == (DAY, received), "« Notifier » is met by sending"
