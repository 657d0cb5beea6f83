"""The pages of a draft convention: who reads, who writes, what a refused form shows."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from actions.models import Programme
from arml.models import Attachment, AttachmentKind
from conventions.guards.parties import signatories_complete
from conventions.models import Act, Convention
from conventions.services.drafting import set_options
from conventions.services.pieces import add_attachment
from conventions.services.texts import set_values
from tests.dom.tree import packed
from tests.factories.arml import DossierFactory, OrganisationFactory, make_user
from tests.factories.conventions import (
    PDF,
    complete_act,
    cycle,
    lead_with_territory,
    make_act,
    make_convention,
    member,
)

pytestmark = pytest.mark.django_db

TABS = [
    "convention-detail",
    "convention-parties",
    "convention-values",
    "convention-contribution",
    "convention-articles",
    "convention-journal",
]


def address(act: Act, name: str, *args) -> str:
    return reverse(name, args=[act.convention.number, *args])


def text(response) -> str:
    return packed(response.content.decode()).replace("\u00a0", " ")


@pytest.mark.parametrize("name", TABS)
def test_a_draft_is_open_to_the_service_and_does_not_exist_for_the_association(client, name):
    act = make_act()
    client.force_login(member(act, "officer"))
    assert client.get(address(act, name)).status_code == 200
    for role in ("director", "president"):
        client.force_login(member(act, role))
        assert client.get(address(act, name)).status_code == 404
    client.force_login(make_user("officer"))
    assert client.get(address(act, name)).status_code == 404


@pytest.mark.parametrize("name", ["convention-parties", "convention-values", "convention-contribution"])
def test_without_the_turn_one_reads_and_a_post_is_refused_with_the_reason(client, name):
    act = make_act(state="negotiation", side="state")
    client.force_login(member(act, "director"))
    page = client.get(address(act, name))
    assert page.status_code == 200 and "Lecture seule" in text(page)
    answer = client.post(address(act, name), {"form": "informations"})
    assert answer.status_code == 403 and "La main est à" in text(answer)


def test_an_officer_creates_a_convention_from_the_list(client):
    lead, territory = lead_with_territory()
    officer = make_user("officer", lead)
    beneficiary = DossierFactory.build().beneficiary
    beneficiary.save()
    beneficiary.territories.add(territory)
    client.force_login(officer)
    assert "Aucune convention pour l’instant" in text(client.get(reverse("convention-list")))
    page = client.get(reverse("convention-create"))
    assert page.context["form"]["lead"].value() == lead.pk
    answer = client.post(
        reverse("convention-create"), {"beneficiary": beneficiary.pk, "lead": lead.pk, "cycle": cycle().pk}
    )
    convention = Convention.objects.get()
    assert answer.url == reverse("convention-detail", args=[convention.number])
    assert list(convention.dossier.territories.all()) == [territory]
    again = client.post(
        reverse("convention-create"), {"beneficiary": beneficiary.pk, "lead": lead.pk, "cycle": cycle().pk}
    )
    assert again.status_code == 200 and "déjà une convention" in text(again)
    assert again.context["form"]["beneficiary"].value() == str(beneficiary.pk)


def test_nobody_else_creates(client):
    for role in ("director", "signatory", "national_admin"):
        client.force_login(make_user(role))
        for name in ("convention-create", "convention-paper-create"):
            assert client.get(reverse(name)).status_code == 403


def test_the_officer_names_the_signatory_of_a_party(client):
    act = make_act()
    party = act.parties.get(role="beneficiary")
    client.force_login(member(act, "officer"))
    prefix = f"partie-{party.pk}"
    client.post(
        address(act, "convention-parties"),
        {
            "form": prefix,
            f"{prefix}-revision": 0,
            f"{prefix}-signatory_name": "Alex Exemple",
            f"{prefix}-capacity": "vice-présidente",
        },
    )
    party.refresh_from_db()
    assert (party.signatory_name, party.capacity, party.signatory) == ("Alex Exemple", "vice-présidente", None)


def delegation_of(act, **fields):
    values = {"holder_name": "Dominique Exemple", "holder_capacity": "directrice", "reference": "l’arrêté n° 1"}
    return act.dossier.lead.delegations.create(**values | {"dated": dt.date(2026, 1, 1)} | fields)


def choose(client, act, delegation):
    party = act.parties.get(role="lead")
    prefix = f"partie-{party.pk}"
    values = {"revision": act.programme.revision, "delegation": delegation.pk if delegation else ""}
    data = {f"{prefix}-{name}": value for name, value in values.items()}
    return client.post(address(act, "convention-parties"), {"form": prefix, **data})


def test_to_sign_by_delegation_follows_from_the_delegation_that_is_chosen(client):
    act = make_act(delegated=False)
    client.force_login(member(act, "officer"))
    page = text(client.get(address(act, "convention-parties")))
    assert "by_delegation" not in page and "le préfet signe lui-même" in page
    choose(client, act, delegation_of(act))
    party = act.parties.get(role="lead")
    assert (party.by_delegation, party.signatory_name, party.capacity) == (True, "Dominique Exemple", "directrice")
    choose(client, Act.objects.get(pk=act.pk), None)
    party.refresh_from_db()
    assert (party.by_delegation, party.delegation) == (False, None)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"valid_until": dt.date(2026, 10, 14)}, "expirée le 14/10/2026"),
        ({"valid_until": dt.date(2026, 10, 15)}, ""),
        ({"dated": dt.date(2026, 10, 15)}, ""),
        ({"dated": dt.date(2026, 10, 16)}, "en vigueur à partir du 16/10/2026"),
    ],
)
def test_a_delegation_out_of_force_is_marked_and_not_chosen(client, fields, words):
    act = make_act(delegated=False)
    delegation = delegation_of(act, **fields)
    client.force_login(member(act, "officer"))
    page = text(client.get(address(act, "convention-parties")))
    assert (f"({words})" in page) if words else ("(expirée" not in page and "(en vigueur" not in page)
    answer = choose(client, act, delegation)
    party = act.parties.get(role="lead")
    assert party.by_delegation == (not words)
    assert not words or f"Cette délégation n’est pas en vigueur ({words})" in text(answer)
    client.force_login(member(act, "manager"))
    badge = text(client.get(reverse("organisation-detail", args=[act.dossier.lead.key])))
    assert (words[:1].upper() + words[1:] if words else "En vigueur") in badge


def test_a_delegation_that_expired_since_it_was_chosen_stays_and_the_guard_says_it(client):
    act = make_act()
    act.parties.get(role="lead").delegation.__class__.objects.update(valid_until=dt.date(2026, 10, 14))
    client.force_login(member(act, "officer"))
    assert choose(client, act, act.parties.get(role="lead").delegation).status_code == 302
    assert "la délégation de signature n’est pas en vigueur" in [
        line.text.partition(" : ")[2] or line.text.partition("\u00a0: ")[2] for line in signatories_complete(act)
    ]


def test_the_officer_reads_who_records_a_delegation(client):
    act = make_act(delegated=False)
    client.force_login(member(act, "officer"))
    page = address(act, "convention-parties")
    manager = member(act, "manager")
    assert f"Enregistrée par {manager}, sur la page du service" in text(client.get(page))
    manager.memberships.all().delete()
    assert "Enregistrée par la personne responsable du service, qui reste à inviter" in text(client.get(page))


def test_a_wrong_date_is_said_beside_the_field_and_kept_as_typed(client):
    act = make_act()
    client.force_login(member(act, "officer"))
    answer = client.post(
        address(act, "convention-values"),
        {"form": "informations", "revision": 0, "date_deliberation": "le 3 mai", "lieu_signature": "Ici"},
    )
    assert "« le 3 mai » n’est pas une date" in text(answer)
    assert 'value="le 3 mai"' in text(answer) and 'value="Ici"' in text(answer)
    assert text(answer).count("<title>Erreur :") == 1


def test_the_association_fills_in_its_part_and_does_not_see_the_service_s(client):
    act = make_act(state="negotiation", side="beneficiary")
    client.force_login(member(act, "director"))
    page = text(client.get(address(act, "convention-values")))
    assert "id_diagnostic_regional" in page and "id_centre_couts" not in page and "id_date_deliberation" in page
    client.post(
        address(act, "convention-values"),
        {"form": "informations", "revision": 0, "diagnostic_regional": "Un constat.", "organe_deliberant": ""},
    )
    assert Act.objects.get(pk=act.pk).values["diagnostic_regional"] == "Un constat."


def contribution(act: Act, **amounts: str) -> dict[str, str]:
    lead = act.dossier.lead_id
    return {"form": "contribution", "revision": "0"} | {
        f"m-{lead}-{name.replace('_', '-')}": value for name, value in amounts.items()
    }


def test_the_contribution_is_typed_in_a_grid(client):
    act = make_act()
    client.force_login(member(act, "officer"))
    client.post(address(act, "convention-contribution"), contribution(act, socle_2025="430 000", socle_2026="9 001,50"))
    assert list(act.contributions.values_list("year", "amount")) == [
        (2025, Decimal(430000)),
        (2026, Decimal("9001.50")),
    ]
    page = text(client.get(address(act, "convention-contribution")))
    assert 'value="430 000"' in page and "−430 000 €" in page


def test_a_wrong_amount_is_said_beside_its_cell_and_kept(client):
    act = make_act()
    client.force_login(member(act, "officer"))
    answer = text(
        client.post(address(act, "convention-contribution"), contribution(act, socle_2025="beaucoup", socle_2026="-3"))
    )
    assert "« beaucoup » n’est pas un montant" in answer and 'value="beaucoup"' in answer and 'value="-3"' in answer
    assert not act.contributions.exists()


def test_a_phone_shows_first_the_year_of_a_wrong_amount(client):
    act = make_act()
    client.force_login(member(act, "officer"))
    url = address(act, "convention-contribution")
    radio = 'value="{}" data-rang="{}" checked'
    assert radio.format(2025, 1) in client.get(url).content.decode()
    answer = client.post(url, contribution(act, socle_2026="beaucoup")).content.decode()
    assert radio.format(2026, 2) in answer


def test_the_plan_of_payments_is_typed_line_by_line(client):
    act = make_act()
    client.force_login(member(act, "officer"))
    form_data = {
        "form": "versements",
        "revision": "0",
        "versement-TOTAL_FORMS": "2",
        "versement-INITIAL_FORMS": "0",
        "versement-0-year": "2025",
        "versement-0-label": "Avance",
        "versement-0-amount": "160 000",
        "versement-0-due_on": "31/03/2025",
        "versement-1-year": "2025",
        "versement-1-label": "",
        "versement-1-amount": "5",
    }
    answer = client.post(address(act, "convention-contribution"), form_data)
    assert "Donnez l’objet du versement" in text(answer) and 'value="160 000"' in text(answer)
    client.post(address(act, "convention-contribution"), form_data | {"versement-1-label": "Solde"})
    assert list(act.instalments.values_list("rank", "label", "due_on")) == [
        (1, "Avance", dt.date(2025, 3, 31)),
        (2, "Solde", None),
    ]


def test_a_free_article_is_previewed_then_saved_with_its_reason(client):
    act = make_act()
    client.force_login(member(act, "officer"))
    url = address(act, "convention-article", "preambule")
    assert "Texte de l’article" in text(client.get(url))
    form_data = {"revision": 0, "body": "Bonjour **{{ arml_nom }}**.", "reason": "Plus court"}
    preview = client.post(url, form_data | {"apercu": "1"})
    assert f"<strong>{act.dossier.beneficiary.article_name}" in text(preview).replace("&#x27;", "'")
    assert Act.objects.get(pk=act.pk).programme.revision == 0
    assert client.post(url, form_data).status_code == 302
    page = text(client.get(url))
    assert "Différence avec le modèle national" in page and "<ins>" in page
    error_page = text(client.post(url, {"revision": 1, "body": "{{ rien }}", "reason": "x"}))
    assert "La variable « rien » n’existe pas" in error_page and "{{ rien }}" in error_page
    client.post(url, {"revision": 1, "body": "x", "reason": "", "modele": "1"})
    assert not act.articles.get(model_article__key="preambule").departs


def test_markup_typed_in_an_article_never_becomes_html(client):
    act = make_act()
    client.force_login(member(act, "officer"))
    url = address(act, "convention-article", "preambule")
    form_data = {"revision": 0, "body": "<script>alert(1)</script> <b>x</b>", "reason": "essai", "apercu": "1"}
    page = text(client.post(url, form_data))
    assert "<script>alert(1)" not in page and "<b>x</b>" not in page


def test_a_locked_article_is_read_only_and_an_optional_one_has_a_box(client):
    act = make_act()
    client.force_login(member(act, "officer"))
    locked = address(act, "convention-article", "objet")
    assert "Enregistrer l’article" not in text(client.get(locked))
    assert client.post(locked, {"revision": 0, "body": "x", "reason": "y"}).status_code == 403
    optional = address(act, "convention-article", "communication")
    assert 'name="included"' in text(client.get(optional))
    client.post(optional, {"revision": 0, "reason": "Charte à part"})
    assert not act.articles.get(model_article__key="communication").included
    assert client.get(address(act, "convention-article", "rien")).status_code == 404


def test_a_document_is_given_read_and_refused_when_bad(client):
    act = make_act(state="negotiation", side="beneficiary")
    client.force_login(member(act, "director"))
    url = address(act, "attachment-add", "statuts")
    bad = client.post(url, {"revision": 0, "upload": SimpleUploadedFile("a.pdf", b"bonjour"), "comment": "signés"})
    assert "Le contenu de ce fichier n’est pas un PDF" in text(bad) and 'value="signés"' in text(bad)
    unknown = client.post(url, {"revision": 0, "upload": SimpleUploadedFile("a.txt", b"bonjour")})
    assert "Ce format n’est pas admis" in text(unknown)
    empty = client.post(url, {"revision": 0, "upload": SimpleUploadedFile("a.pdf", b"")})
    assert "Ce fichier est vide" in text(empty)
    assert client.post(url, {"revision": 0}).status_code == 200
    assert not Attachment.objects.exists()
    client.post(url, {"revision": 0, "upload": SimpleUploadedFile("a.pdf", PDF), "dated": "2025-06-02"})
    attachment = Attachment.objects.get()
    response = client.get(address(act, "attachment-file", attachment.pk))
    assert b"".join(response.streaming_content) == PDF
    client.force_login(make_user("director"))
    assert client.get(address(act, "attachment-file", attachment.pk)).status_code == 404


def test_a_document_of_the_other_side_is_refused_with_the_reason(client):
    act = make_act(state="negotiation", side="beneficiary")
    client.force_login(member(act, "officer"))
    answer = client.get(address(act, "attachment-add", "statuts"))
    assert answer.status_code == 403 and "fournie par" in text(answer)


def test_a_file_of_another_dossier_is_not_found_under_this_one(client):
    act, other = make_act(), make_act()
    add_attachment(
        act=other,
        kind=AttachmentKind.objects.get(key="delegation_signature_etat"),
        upload=SimpleUploadedFile("a.pdf", PDF),
        name="a.pdf",
        valid_until=dt.date(2028, 1, 1),
        by=member(other, "officer"),
    )
    client.force_login(member(act, "officer"))
    assert client.get(address(act, "attachment-file", Attachment.objects.get().pk)).status_code == 404


def test_a_paper_original_is_recorded_with_its_signatories(client):
    act = make_act(origin="paper")
    client.force_login(member(act, "officer"))
    url = address(act, "convention-paper-original")
    form_data = {"revision": 0, "notified_on": "2025-10-02"}
    for party in act.parties.all():
        form_data |= {
            f"name-{party.pk}": "Alex",
            f"capacity-{party.pk}": "signataire",
            f"signed-{party.pk}": "2025-09-01",
        }
    answer = client.post(url, form_data | {"scan": SimpleUploadedFile("a.png", b"\x89PNG\r\n\x1a\n")})
    assert "n’est pas un PDF" in text(answer) and 'value="Alex"' in text(answer)
    client.post(url, form_data | {"scan": SimpleUploadedFile("a.pdf", PDF)})
    assert Act.objects.get(pk=act.pk).signed_on == dt.date(2025, 9, 1)
    assert client.get(address(make_act(), "convention-paper-original")).status_code == 404


def test_the_journal_hides_what_is_not_for_the_reader(client):
    act = make_act()
    set_values(act=act, values={"lieu_signature": "Ici"}, by=member(act, "officer"), expected_revision=None)
    act = Act.objects.get(pk=act.pk)
    client.force_login(member(act, "officer"))
    assert "modifie les informations" in text(client.get(address(act, "convention-journal")))
    type(act.dossier).objects.filter(pk=act.dossier.pk).update(shared_on=dt.date(2026, 1, 1))
    client.force_login(member(act, "director"))
    assert "modifie les informations" not in text(client.get(address(act, "convention-journal")))


def test_the_region_is_added_and_removed_as_cofunder(client):
    act = make_act()
    region = OrganisationFactory(kind="region")
    client.force_login(member(act, "officer"))
    client.post(
        address(act, "convention-parties"),
        {
            "form": "cofinanceur",
            "cofinanceur-revision": 0,
            "cofinanceur-organisation": region.pk,
            "cofinanceur-signs": "on",
        },
    )
    party = act.parties.get(role="cofunder")
    assert party.signs
    name = f"partie-{party.pk}"
    form_data = {"form": name, f"{name}-revision": 1, f"{name}-signatory_name": "Alix Modèle"}
    client.post(address(act, "convention-parties"), form_data)
    party.refresh_from_db()
    assert not party.signs and party.signatory_name == "Alix Modèle"
    assert "ne signe pas" in text(client.get(address(act, "convention-parties")))
    client.post(address(act, "convention-parties"), {"form": f"retirer-{party.pk}"})
    assert not act.parties.filter(role="cofunder").exists()


@pytest.mark.slow
@pytest.mark.parametrize("state", ["draft", "negotiation", "signature", "abandoned"])
@pytest.mark.parametrize("role", ["officer", "manager", "signatory", "director", "president"])
def test_every_tab_shows_in_every_state(client, state, role):
    side = {"draft": "state", "negotiation": "beneficiary"}.get(state, "")
    act = complete_act()
    Programme.objects.filter(pk=act.programme_id).update(side=side)
    Act.objects.filter(pk=act.pk).update(state=state)
    type(act.dossier).objects.filter(pk=act.dossier.pk).update(shared_on=dt.date(2026, 1, 1))
    client.force_login(member(act, role))
    for name in TABS:
        assert client.get(address(act, name)).status_code == 200
    for key in ("preambule", "objet", "communication"):
        assert client.get(address(act, "convention-article", key)).status_code == 200


def test_the_head_raises_the_letters_of_the_first_of_the_month(client):
    act = make_act()
    Act.objects.filter(pk=act.pk).update(effective_on=dt.date(2025, 1, 1), ends_on=dt.date(2027, 12, 31))
    client.force_login(member(act, "officer"))
    page = client.get(address(act, "convention-detail")).content.decode()
    assert "du 1<sup>er</sup>\u00a0janvier 2025 au 31\u00a0décembre 2027" in page


def test_making_a_convention_gives_a_number_per_region():
    assert make_convention().number.endswith("-001")


def test_only_the_information_that_the_articles_print_is_asked(client):
    act = make_act()
    client.force_login(member(act, "officer"))
    page = text(client.get(address(act, "convention-values")))
    assert "id_date_deliberation" in page and "id_date_signature" not in page
    set_options(act=act, options={"mode_signature": "manuscrite"}, by=member(act, "officer"), expected_revision=None)
    assert "id_date_signature" in text(client.get(address(act, "convention-values")))
