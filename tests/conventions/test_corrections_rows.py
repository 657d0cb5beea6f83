"""Rows of a paper original are added or removed, and its scan replaced, with a reason; nothing of what was is lost."""

import datetime as dt
import re
import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse

from actions.models import Account
from actions.services import update_sheet
from arml.enums import OrganisationKind
from arml.models import Organisation
from conventions.documents import recognition
from conventions.effects import corrected_rows as rows
from conventions.forms.corrected_rows import ROW_FORMS
from conventions.guards.signing import signing_document
from conventions.models import Act, SignedTotal
from conventions.services.corrections import correct_record
from cpo.lib.models import JournalEntry
from cpo.lib.workflow import Refused
from reporting.models import RecordCheck
from reporting.services.payments import take_over_payment
from reporting.services.taking_over import answer_record
from tests.access import places
from tests.access.html import form_data
from tests.factories.arml import OrganisationFactory, ServiceFactory
from tests.factories.conventions import actor
from tests.factories.scenarios import Scene, later

from .test_corrections import amount_of, contribution, correct

pytestmark = pytest.mark.django_db


def change(scene: Scene, *rows: Any, by: Any = None, scan: bytes | None = None, reason: str = "Mal recopié.") -> Act:
    who = by or scene.officer
    return correct_record(act=scene.act, rows=rows, scan=scan, reason=reason, by=who, expected_revision=None)


def lead(scene: Scene) -> Organisation:
    return scene.act.dossier.lead


def test_rows_that_were_forgotten_are_added_and_the_association_confirms_again() -> None:
    scene = places.recorded()
    answer_record(convention=scene.convention, answer="confirmed", by=scene.director)
    first, sheet, axis = scene.version, scene.act.programme.sheets.get(), scene.act.programme.cycle.axes.first()
    account, funder = Account.objects.get(code="60-MAT"), Account.objects.get(code="74-REGION")
    new = rows.NewSheet(axis, "Une fiche oubliée", 2026, 2027, "9-Z")
    change(
        scene,
        rows.NewContribution(2026, "specifique", lead(scene), Decimal(1500)),
        rows.NewInstalment(2026, "Complément", Decimal(1500), dt.date(2026, 9, 1)),
        rows.NewAmount(account, 2026, Decimal(1000), sheet.key),
        rows.NewAmount(funder, 2026, Decimal(1000), sheet.key, "Région oubliée"),
        new,
        rows.NewAmount(account, 2027, Decimal(700), new.key),
        reason="Une page sautée.",
    )
    content = scene.version.content
    assert contribution(scene) == contribution_of(first) + 1500
    assert [row["label"] for row in content["instalments"] if row["year"] == 2026][-1] == "Complément"
    assert {"9-Z", sheet.code} == {one["code"] for one in content["sheets"]}
    added = next(one for one in content["sheets"] if one["code"] == "9-Z")
    assert (added["title"], [row["amount"] for row in added["expenses"]]) == ("Une fiche oubliée", ["700.00"])
    assert {one["code"] for one in first.content["sheets"]} == {sheet.code}, "what was typed first stays"
    entry = JournalEntry.objects.filter(verb="correct_record").get()
    for words in ("Une page sautée.", "Ajouté\u00a0: contribution 2026, spécifique", "fiche 9-Z", "Région oubliée"):
        assert words in entry.comment
    assert SignedTotal.objects.get(convention=scene.convention, year=2026, axis=None).amount == contribution(scene)
    assert RecordCheck.objects.get(convention=scene.convention).answer == ""
    assert scene.act.programme.frozen


def contribution_of(version: Any, year: int = 2026) -> Decimal:
    return sum((Decimal(row["amount"]) for row in version.content["contributions"] if row["year"] == year), Decimal(0))


def test_what_cannot_be_added_is_said_beside_its_field_and_nothing_is_written() -> None:
    scene = places.recorded()
    sheet, other = scene.act.programme.sheets.get(), OrganisationFactory(kind=OrganisationKind.REGION)
    account = Account.objects.get(code="60-MAT")
    for row, field in (
        (rows.NewContribution(2031, "specifique", lead(scene), Decimal(1)), "year"),
        (rows.NewContribution(2026, "socle", lead(scene), Decimal(1)), "line"),
        (rows.NewContribution(2026, "specifique", other, Decimal(1)), "service"),
        (rows.NewInstalment(2026, "Solde", Decimal(1), dt.date(2028, 1, 1)), "due_on"),
        (rows.NewAmount(account, 2024, Decimal(1), sheet.key), "year"),
        (rows.NewAmount(Account.objects.get(code="74-REGION"), 2026, Decimal(1), None, "Deets Martinik"), "funder"),
        (rows.NewSheet(sheet.axis, "Double", 2025, 2027, sheet.code), "code"),
        (rows.NewSheet(sheet.axis, "Trop tôt", 2024, 2027, "9-Y"), "first_year"),
        (rows.NewParty(other, signed_on=dt.date(2026, 10, 16)), "signed_on"),
        (rows.NewParty(lead(scene)), "organisation"),
        (rows.PartyRemoved(lead(scene)), "__all__"),
    ):
        with pytest.raises(ValidationError) as error:
            change(scene, row)
        assert field in error.value.message_dict, row
    with pytest.raises(ValidationError, match="n’existe plus"):
        change(scene, rows.NewAmount(account, 2026, Decimal(1), uuid.uuid4()))
    with pytest.raises(Refused, match="motif"):
        change(scene, rows.SheetRemoved(sheet), reason=" ")
    with pytest.raises(PermissionDenied):
        change(scene, rows.SheetRemoved(sheet), by=scene.director)
    assert scene.act.versions.count() == 1 and scene.act.programme.frozen


def test_a_party_is_added_with_its_signature_and_removed_with_all_that_it_was_said_to_sign_kept() -> None:
    scene = places.recorded()
    region = OrganisationFactory(kind=OrganisationKind.REGION, name="Région oubliée")
    change(scene, rows.NewParty(region, "Dominique Exemple", "présidente", dt.date(2025, 9, 20)))
    document = signing_document(scene.act)
    assert document is not None
    signature = document.signatures.get(party__organisation=region)
    assert (signature.scan_id, signature.signed_on, scene.act.signed_on) == (
        document.file_id, dt.date(2025, 9, 20), dt.date(2025, 9, 20),
    )  # fmt: skip
    assert str(region.pk) and [one["role"] for one in scene.version.content["parties"]].count("cofunder") == 1
    change(scene, rows.PartyRemoved(region), reason="La Région n’a pas signé.")
    assert [one["role"] for one in scene.version.content["parties"]].count("cofunder") == 0
    signature.refresh_from_db()
    assert signature.voided_at is not None and signature.party.organisation == region
    assert scene.act.signed_on == dt.date(2025, 9, 1)
    change(scene, rows.NewParty(region))
    assert not scene.act.parties.get(organisation=region).signs, "named, and did not sign"
    service = ServiceFactory(name="DREETS voisine")
    change(scene, rows.NewParty(service, "Alex Exemple", "directeur", dt.date(2025, 9, 2)))
    assert service in scene.act.dossier.services.all()
    change(scene, rows.NewContribution(2026, "socle", service, Decimal(100)))
    with pytest.raises(ValidationError, match="contribue"):
        change(scene, rows.PartyRemoved(service))
    correct(scene, {f"contribution-2026-socle-{service.pk}": Decimal(0)})
    change(scene, rows.PartyRemoved(service))
    assert service not in scene.act.dossier.services.all()


def test_a_wrong_scan_is_replaced_and_the_former_one_stays_in_the_register(client: Client) -> None:
    scene = places.recorded()
    former = signing_document(scene.act)
    assert former is not None
    signed = {(one.party_id, one.signatory_name, one.signed_on) for one in former.signatures.all()}
    with pytest.raises(ValidationError) as error:
        change(scene, scan=places.SCAN)
    assert set(error.value.message_dict) == {"scan"}
    change(scene, scan=places.SCAN + b"%R", reason="Une page manquait.")
    now = signing_document(scene.act)
    assert now is not None and now.file_id != former.file_id
    assert {(one.party_id, one.signatory_name, one.signed_on) for one in now.signatures.all()} == signed
    assert {one.scan_id for one in now.signatures.all()} == {now.file_id}
    assert scene.act.versions.count() == 1, "what was typed is the same"
    entry = JournalEntry.objects.filter(verb="correct_record").get()
    assert f"{former.file.sha256[:12]} → {now.file.sha256[:12]}" in entry.comment
    assert RecordCheck.objects.get(convention=scene.convention).answer == ""
    client.force_login(scene.director)
    listed = client.get(reverse("convention-documents", args=[scene.number])).content.decode()
    for document in (former, now):
        url = reverse("document-file", args=[scene.number, document.pk])
        assert url in listed and client.get(url).status_code == 200
    assert recognition.identify(former.file.sha256).verdict != recognition.identify(now.file.sha256).verdict  # type: ignore[union-attr]


def test_rows_are_corrected_in_the_acts_that_started_from_the_original_unless_they_have_their_own() -> None:
    first = places.recorded()
    paper = later(first, "paper", effective_on=dt.date(2026, 3, 1))
    places.give_original(paper, dt.date(2026, 2, 1))
    paper.do("record_paper", paper.officer)
    ours = later(Scene(first.convention))
    sheet = first.act.programme.sheets.get()
    new = rows.NewSheet(sheet.axis, "Une fiche oubliée", 2026, 2027, "9-Z")
    region = OrganisationFactory(kind=OrganisationKind.REGION, name="Région oubliée")
    change(
        first,
        new,
        rows.NewContribution(2027, "specifique", lead(first), Decimal(300)),
        rows.NewInstalment(2027, "Complément", Decimal(300)),
        rows.NewParty(region, "Dominique Exemple", "présidente", dt.date(2025, 9, 1)),
    )
    for scene in (paper, ours):
        assert {"9-Z", sheet.code} == set(scene.act.programme.sheets.values_list("code", flat=True))
        assert scene.act.contributions.filter(year=2027, line="specifique", amount=300).count() == 1
        assert scene.act.instalments.filter(year=2027, label="Complément").count() == 1
    assert [one.act.parties.get(organisation=region).signs for one in (first, paper, ours)] == [True, False, True]
    update_sheet(
        sheet=ours.act.programme.sheets.get(code="9-Z"), by=ours.officer, expected_revision=None, title="Changée"
    )
    with pytest.raises(ValidationError, match="modifie cette fiche"):
        change(first, rows.SheetRemoved(first.act.programme.sheets.get(code="9-Z")))
    change(first, rows.PartyRemoved(region))
    update_sheet(
        sheet=ours.act.programme.sheets.get(code="9-Z"), by=ours.officer, expected_revision=None, title=new.title
    )
    change(first, rows.SheetRemoved(first.act.programme.sheets.get(code="9-Z")))
    for scene in (first, paper, ours):
        assert [one.code for one in scene.act.programme.sheets.all()] == [sheet.code]
        assert not scene.act.parties.filter(organisation=region).exists()
    assert {one["code"] for one in paper.version.content["sheets"]} == {sheet.code}


def test_no_correction_leaves_less_than_what_is_already_committed() -> None:
    scene = places.recorded()
    take_over_payment(
        convention=scene.convention, by=actor(scene.act, "officer"), year=2026,
        amount=Decimal(39000), paid_on=dt.date(2026, 2, 1),
    )  # fmt: skip
    with pytest.raises(ValidationError, match="déjà engagés"):
        correct(scene, {amount_of(scene): Decimal(38999)})
    correct(scene, {amount_of(scene): Decimal(39000)})


def test_each_row_has_its_page_and_a_wrong_value_is_told_there(client: Client) -> None:
    scene = places.recorded()
    client.force_login(scene.officer)
    sheet, start = scene.act.programme.sheets.get(), reverse("record-correct", args=[scene.number])
    OrganisationFactory(kind=OrganisationKind.REGION, name="Région à choisir")
    found = set()
    for place in ("parties", "montants", str(sheet.key)):
        html = client.get(start, {"endroit": place}).content.decode()
        found |= {url.replace("&amp;", "&") for url in re.findall(r'href="([^"]*/correction/[\w-]+/[^"]*)"', html)}
    assert {url.split("/")[-2] for url in found} == set(ROW_FORMS) - {"retirer-partie"}
    for url in found:
        page = client.get(url)
        assert page.status_code == 200, url
        empty = client.post(url, form_data(page.content.decode(), "reason", reason=""))
        assert empty.status_code == 200 and "Dites pourquoi" in empty.content.decode(), url
    page = reverse("record-correct-row", args=[scene.number, "contribution"])
    values = {"year": "2026", "line": "specifique", "service": lead(scene).pk, "reason": "Oubliée."}
    html = client.get(page).content.decode()
    for typed_amount in ("500²", "0", ""):
        answer = client.post(page, form_data(html, "reason", **values, amount=typed_amount))
        assert answer.status_code == 200 and "id_amount_error" in answer.content.decode(), typed_amount
    assert client.post(page, form_data(html, "reason", **values, amount="1 500")).status_code == 302
    assert contribution(scene) == 41500
    removal = reverse("record-correct-row", args=[scene.number, "retirer-fiche"])
    for wrong in ("", "²", "../x", "00000000-0000-4000-8000-000000000000"):
        assert client.get(removal, {"endroit": wrong}).status_code == 404, wrong
    assert client.get(reverse("record-correct-row", args=[scene.number, "autre"])).status_code == 404


def test_an_act_with_a_plan_of_its_own_keeps_it() -> None:
    first = places.recorded()
    ours = later(Scene(first.convention))
    row = ours.act.instalments.filter(year=2027).first()
    assert row is not None
    type(row).objects.filter(pk=row.pk).update(label="Un autre objet")
    before = set(ours.act.instalments.values_list("year", "label", "amount"))
    change(first, rows.NewInstalment(2027, "Complément", Decimal(300)))
    assert set(ours.act.instalments.values_list("year", "label", "amount")) == before
    assert first.act.instalments.filter(year=2027, label="Complément").exists()
