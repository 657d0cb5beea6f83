"""A wording that ships with a new release never overwrites: it is told, then taken or set aside."""

import pytest
from django.test import Client
from django.urls import reverse

from actions.models import Cycle
from arml.models import User
from conventions.models import ModelVersion, ShippedChoice
from conventions.services import national_model as conventions_services
from conventions.text.loading import load as load_model
from conventions.text.model_content import text_of
from conventions.text.shipped import new_emails, new_model
from cpo.lib.models import EmailTemplate
from cpo.lib.workflow import Refused
from reporting.loading import load_emails
from tests.factories.arml import make_user

from .test_reference_pages import KEY, initial, last_entry

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> User:
    return make_user("national_admin")


@pytest.fixture
def page(client: Client, admin: User) -> Client:
    client.force_login(admin)
    return client


@pytest.fixture
def cycle() -> Cycle:
    return Cycle.objects.get(key=KEY)


def test_a_model_that_a_release_brings_is_told_and_taken_as_a_draft_or_set_aside(
    page: Client, cycle: Cycle, admin: User
) -> None:
    url = reverse("reference-model", args=[KEY])
    assert new_model(cycle) is None and "source" not in page.get(url).context["form"].fields
    published = ModelVersion.objects.get(cycle=cycle, number="2025-1")
    shipped = text_of(published)
    published.articles.filter(key="objet").update(body="La rédaction d’avant.")
    published.articles.filter(key="duree").delete()
    ModelVersion.objects.update(revision=1)
    before = text_of(published)
    load_model()
    assert text_of(published) == before, "loading overwrites nothing"
    title = published.articles.get(key="objet").title
    html = page.get(url).content.decode()
    assert f"{title}\u00a0: modifié" in html and "ajouté" in html and "Garder notre rédaction" in html
    assert "Nouvelle rédaction du modèle national" in page.get(reverse("reference-home")).content.decode()
    assert "source" in page.post(url, {"number": "2026-1", "note": ""}).context["form"].errors
    assert page.post(url, {"number": "2026-1", "note": "", "source": "shipped"}).status_code == 302
    draft = ModelVersion.objects.get(cycle=cycle, number="2026-1")
    assert (draft.published_on, text_of(draft), text_of(published)) == (None, shipped, before)
    assert new_model(cycle) is None
    conventions_services.discard(version=draft, by=admin)
    assert new_model(cycle) is None, "who abandons it has seen it"
    ShippedChoice.objects.all().delete()
    assert page.post(url, {"garder": "1"}).status_code == 302
    assert new_model(cycle) is None and last_entry().verb == "model_wording_kept"
    with pytest.raises(Refused):
        conventions_services.take_shipped(cycle=cycle, number="2026-1", note="", by=admin)
    ShippedChoice.objects.update(sha256="0" * 64)
    assert new_model(cycle) is not None, "the next release is told again"


def test_a_text_of_an_email_that_a_release_brings_is_told_and_taken_or_left(page: Client) -> None:
    url, listed = reverse("reference-email", args=[KEY, "invitation"]), reverse("reference-emails", args=[KEY])
    row = EmailTemplate.objects.filter(key="invitation")
    shipped = row.values_list("subject", "body").get()
    assert new_emails() == {} and "Nouvelle rédaction" not in page.get(listed).content.decode()
    row.update(subject="D’avant")
    assert set(new_emails()) == {"invitation"}
    assert page.get(listed).content.decode().count("Nouvelle rédaction</strong>") == 1
    assert "1\u00a0nouvelle rédaction de courriel" in page.get(reverse("reference-home")).content.decode()
    html = page.get(url).content.decode()
    assert "Prendre cette rédaction" in html
    page.post(url, {"livree": "prendre", "revision": "7"})
    assert row.get().subject == "D’avant", "somebody else has edited it since"
    page.post(url, {"livree": "prendre", "revision": "0"})
    assert row.values_list("subject", "body").get() == shipped
    page.post(url, initial(page.get(url)) | {"subject": "Le nôtre"})
    assert new_emails() == {}, "who edits a text has seen the shipped one"
    ShippedChoice.objects.update(sha256="0" * 64)
    assert set(new_emails("invitation")) == {"invitation"}, "the next release is told, and overwrites nothing"
    load_emails()
    assert row.get().subject == "Le nôtre"
    page.post(url, {"livree": "garder"})
    assert new_emails() == {} and row.get().subject == "Le nôtre"
    assert last_entry().verb == "email_wording_kept"
    assert page.post(url, {"livree": "prendre", "revision": "2"}).status_code == 302
    assert row.get().subject == "Le nôtre", "it was left"
