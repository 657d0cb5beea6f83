"""A form tells all that is wrong at once: what a field refuses, and what the rule behind the form refuses."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from tests.factories import scenarios
from tests.factories.conventions import add_sheet, make_act, member

pytestmark = pytest.mark.django_db


def post(client: Client, user: Any, address: str, data: dict[str, Any]) -> dict[str, Any]:
    client.force_login(user)
    form = client.post(address, data).context["form"]
    return {name: list(messages) for name, messages in form.errors.items()}


def test_a_fiche_tells_its_wrong_figures_and_its_broken_rules_together(client: Client) -> None:
    act = make_act()
    add_sheet(act, code="1-B")
    sheet = add_sheet(act, code="1-A")
    address = reverse("sheet-edit", args=[act.reference, sheet.key])
    data = {
        "revision": act.programme.revision, "axis": sheet.axis_id, "code": "1-B", "title": "Titre",
        "nature": "nouvelle", "first_year": 2027, "last_year": 2026, "fte": "beaucoup", "starts_on": "32/13/2026",
    }  # fmt: skip
    errors = post(client, member(act, "officer"), address, data)
    assert set(errors) == {"fte", "starts_on", "last_year", "code"}
    assert errors["last_year"] == ["La dernière année ne peut pas précéder la première."]


def test_a_new_fiche_too_and_it_may_leave_its_code_blank(client: Client) -> None:
    act = make_act()
    axis = act.programme.cycle.axes.first()
    data = {
        "revision": act.programme.revision, "axis": axis.pk, "code": "", "title": "", "nature": "nouvelle",
        "first_year": 2027, "last_year": 2025, "description": "",
    }  # fmt: skip
    errors = post(client, member(act, "officer"), reverse("sheet-create", args=[act.reference]), data)
    assert set(errors) == {"title", "last_year"}


def test_a_piece_tells_its_wrong_date_and_its_wrong_file_together(client: Client) -> None:
    scene = scenarios.in_negotiation()
    address = reverse("attachment-add", args=[scene.number, "liste_dirigeants"])
    upload = SimpleUploadedFile("liste.pdf", b"MZ ce n'est pas un PDF")
    data = {"dated": "32/13/2026", "upload": upload, "revision": scene.act.programme.revision}
    errors = post(client, scene.director, address, data)
    assert set(errors) == {"dated", "upload"}


def test_a_piece_tells_a_term_before_its_date_beside_a_missing_file(client: Client) -> None:
    scene = scenarios.in_negotiation()
    address = reverse("attachment-add", args=[scene.number, "liste_dirigeants"])
    data = {"dated": "01/06/2026", "valid_until": "01/06/2025", "revision": scene.act.programme.revision}
    data["comment"] = "x" * 300
    errors = post(client, scene.director, address, data)
    assert set(errors) == {"comment", "upload"}


def test_a_creation_tells_a_missing_association_with_what_its_rules_refuse(client: Client) -> None:
    act = make_act()
    lead = act.dossier.lead
    data = {"beneficiary": "", "lead": lead.pk, "cycle": act.convention.cycle_id}
    data |= {"cosigners": [lead.pk], "number": act.convention.number}
    errors = post(client, member(act, "officer"), reverse("convention-paper-create"), data)
    assert set(errors) == {"beneficiary", "cosigners", "number"}


def test_a_creation_tells_a_used_number_beside_an_association_that_has_its_convention(client: Client) -> None:
    act = make_act()
    dossier = act.dossier
    data = {"beneficiary": dossier.beneficiary_id, "lead": dossier.lead_id, "cycle": act.convention.cycle_id}
    data |= {"territories": [one.pk for one in dossier.territories.all()], "number": act.convention.number}
    errors = post(client, member(act, "officer"), reverse("convention-paper-create"), data)
    assert set(errors) == {"beneficiary", "number"}


def test_the_perimeter_tells_a_missing_territory_with_a_service_that_still_pays(client: Client) -> None:
    act = make_act(cosigners=1)
    service = act.dossier.services.get()
    act.contributions.create(year=2025, amount=5, service=service, line="socle")
    client.force_login(member(act, "officer"))
    data = {"form": "perimetre", "perimetre-revision": act.programme.revision}
    answer = client.post(reverse("convention-parties", args=[act.reference]), data)
    assert set(answer.context["perimeter"].errors) == {"territories", "cosigners"}


def test_a_funding_tells_a_year_that_its_fiche_lacks_with_its_wrong_date_and_file(client: Client) -> None:
    scene = scenarios.in_negotiation()
    sheet = add_sheet(scene.act, code="1-Z")
    type(sheet).objects.filter(pk=sheet.pk).update(first_year=2026)
    data = {
        "kind": "paid",
        "line": "",
        "sheet": str(sheet.key),
        "year": "2025",
        "amount": "0",
        "dated_on": "32/13/2025",
    }
    data["upload"] = SimpleUploadedFile("avis.pdf", b"MZ ce n'est pas un PDF")
    errors = post(client, scene.director, reverse("funding-record", args=[scene.number]), data)
    assert set(errors) == {"line", "year", "amount", "dated_on", "upload"}
