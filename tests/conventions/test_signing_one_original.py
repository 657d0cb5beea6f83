"""One paper original that several parties signed is deposited once, for all of them or for none."""

import datetime as dt
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from conventions.models import Party, Signature
from tests.factories.conventions import PDF
from tests.factories.scenarios import Scene, in_signature

pytestmark = pytest.mark.django_db
SCAN = PDF + b"% the original, signed by all\n%%EOF"


def posted(scene: Scene, role: str, **fields: Any) -> dict[str, Any]:
    party = scene.party(role)
    return {
        "party": party.pk,
        "signatory_name": party.signatory_name,
        "capacity": party.capacity,
        "signed_on": "15/10/2026",
        "reference": scene.number,
        "short_hash": scene.version.short_hash,
        "file": SimpleUploadedFile("original.pdf", SCAN, "application/pdf"),
    } | fields


def also(scene: Scene, role: str, day: str = "") -> dict[str, str]:
    pk = scene.party(role).pk
    return {f"also-{pk}": "on", f"also_on-{pk}": day}


def deposit(client: Client, scene: Scene, data: dict[str, Any], by: Any = None) -> Any:
    client.force_login(by or scene.manager)
    return client.post(reverse("convention-record-signature", args=[scene.number]), data)


def test_one_deposit_records_each_party_that_signed_it_with_its_own_name_and_date(client: Client, at: Any) -> None:
    scene = in_signature()
    at("2026-10-20")
    answer = deposit(client, scene, posted(scene, "beneficiary") | also(scene, "lead", "19/10/2026"))
    assert answer.status_code == 302
    rows = {row.party.role: row for row in Signature.objects.select_related("party")}
    assert set(rows) == {"beneficiary", "lead"}
    for role, day in (("beneficiary", dt.date(2026, 10, 15)), ("lead", dt.date(2026, 10, 19))):
        party = scene.party(role)
        assert (rows[role].signatory_name, rows[role].capacity) == (party.signatory_name, party.capacity)
        assert rows[role].signed_on == day
    assert len({row.scan_id for row in rows.values()}) == 1
    assert scene.act.signed_on == dt.date(2026, 10, 19)


def test_without_a_date_of_its_own_a_party_signed_on_the_same_day(client: Client) -> None:
    scene = in_signature()
    deposit(client, scene, posted(scene, "beneficiary") | also(scene, "lead"))
    assert set(Signature.objects.values_list("signed_on", flat=True)) == {dt.date(2026, 10, 15)}
    assert Signature.objects.count() == 2


@pytest.mark.parametrize("first", ["beneficiary", "lead"])
def test_the_order_of_the_act_holds_whatever_party_is_named_first(client: Client, first: str) -> None:
    scene = in_signature()
    scene.admit(signing_order=first.replace("lead", "state"))
    other = "lead" if first == "beneficiary" else "beneficiary"
    assert deposit(client, scene, posted(scene, first) | also(scene, other)).status_code == 302
    roles = Signature.objects.order_by("id").values_list("party__role", flat=True)
    assert list(roles) == [first, other]


def test_a_paper_that_is_not_the_document_records_nobody(client: Client) -> None:
    scene = in_signature()
    data = posted(scene, "beneficiary", short_hash="0000 0000 0000") | also(scene, "lead")
    assert "Cette empreinte n’est pas celle" in deposit(client, scene, data).content.decode()
    assert not Signature.objects.exists()


def test_if_one_party_cannot_be_recorded_none_is(client: Client) -> None:
    scene = in_signature()
    Party.objects.filter(pk=scene.party("lead").pk).update(by_delegation=True, delegation=None)
    answer = deposit(client, scene, posted(scene, "beneficiary") | also(scene, "lead"))
    assert answer.status_code == 409 and "délégation" in answer.content.decode()
    assert not Signature.objects.exists()


def test_a_date_before_the_document_or_without_its_party_is_said_beside_its_field(client: Client) -> None:
    scene = in_signature()
    pk = scene.party("lead").pk
    text = deposit(client, scene, posted(scene, "beneficiary") | also(scene, "lead", "14/10/2026")).content.decode()
    assert f'href="#id_also_on-{pk}"' in text and text.count("n’a pas pu être signé avant") == 2
    text = deposit(client, scene, posted(scene, "beneficiary") | {f"also_on-{pk}": "15/10/2026"}).content.decode()
    assert f'href="#id_also-{pk}"' in text and text.count("Cochez cette partie") == 2
    assert not Signature.objects.exists()


def test_who_records_for_one_party_alone_is_offered_no_other(client: Client) -> None:
    scene = in_signature()
    page = reverse("convention-record-signature", args=[scene.number])
    for user, offered in ((scene.manager, True), (scene.president, False)):
        client.force_login(user)
        assert ("Qui d’autre a signé" in client.get(page).content.decode()) == offered
    deposit(client, scene, posted(scene, "beneficiary") | also(scene, "lead"), scene.president)
    assert [row.party.role for row in Signature.objects.all()] == ["beneficiary"]
