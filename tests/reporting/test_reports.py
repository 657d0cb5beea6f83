"""Pages of a yearly report: list, overview, parts, documents, actions, rights, and no loss of typed values."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from actions.models import Account, Programme
from arml.models import Attachment, Dossier
from cpo.lib.correction import correcting
from cpo.lib.files.stored import store
from cpo.lib.models import Job
from cpo.lib.work import jobs
from reporting import figures
from reporting.models import ActualExpense, Report, SheetReport, Value
from reporting.services import reports
from reporting.services.campaigns import open_report
from tests.access.html import form_data
from tests.dom.tree import packed
from tests.factories.arml import OrganisationFactory, make_user
from tests.factories.conventions import PDF
from tests.factories.reporting import (
    account,
    admissible,
    fill,
    make_active,
    make_report,
    person,
    sent_back,
    sheet_input,
    submitted,
)

pytestmark = pytest.mark.django_db


def url(report, route="report-detail", /, **kwargs):
    return reverse(route, kwargs={"number": report.convention.number, "year": report.year, **kwargs})


def sheet_url(report, index=0):
    return url(report, "report-sheet", key=report.sheets.all()[index].sheet.key)


def as_(client, report, role):
    client.force_login(person(report, role) if isinstance(role, str) else role)
    return client


def text(response):
    return packed(response.content.decode())


def form_values(client, address, **changes):
    """The data of the form of a page after these changes."""
    return form_data(client.get(address).content.decode(), "revision", **changes)


# -- List ----------------------------------------------------------------------------------------------------------


def test_the_list_says_who_is_late_and_how_far_each_report_is(client):
    report = make_report(sheets=2)
    part = report.sheets.first()
    reports.save_sheet(part, **sheet_input(part), by=person(report, "director"), expected_revision=None)
    page = as_(client, report, "officer").get(reverse("report-list"))
    assert "en retard de 107" in text(page)
    assert "1 fiche sur 2" in text(page)
    assert page.context["lines"][0]["due"].day == dt.date(2026, 6, 30)


def test_the_list_is_filtered_and_sorted_by_its_address(client):
    late_report, submitted_report = make_report(), submitted()
    client.force_login(make_user("national_reader"))

    def numbers(**query):
        page = client.get(reverse("report-list"), query)
        return [line["number"] for line in page.context["lines"]]

    assert numbers(retard="1") == [late_report.convention.number]
    assert numbers(etat="submitted") == [submitted_report.convention.number]
    assert numbers(annee="2026") == []
    assert numbers(arml=str(submitted_report.dossier.beneficiary_id)) == [submitted_report.convention.number]
    territory = late_report.dossier.territories.get()
    assert numbers(territoire=territory.code) == [late_report.convention.number]
    both = [late_report.convention.number, submitted_report.convention.number]
    assert numbers(tri="etat") == both
    assert numbers(tri="-etat") == both[::-1]
    assert len(numbers(etat="inconnu", annee="abc", tri="x", page="99")) == 2


def test_an_empty_list_says_why_and_an_empty_search_offers_to_remove_the_filters(client):
    client.force_login(make_user("national_reader"))
    assert "Aucun compte rendu pour l’instant" in text(client.get(reverse("report-list")))
    make_report()
    assert "affichez tous les comptes rendus" in text(client.get(reverse("report-list"), {"etat": "concluded"}))


def test_the_list_costs_the_same_queries_with_one_and_three_reports(client):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    user = make_user("national_reader")
    counts = []
    for number in (1, 3):
        while Report.objects.count() < number:
            sent_back(submitted(fill(make_report(sheets=number))))
        client.force_login(user)
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("report-list"))
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert counts[0] <= 22


def test_the_csv_holds_the_filtered_list(client):
    late_report, submitted_report = make_report(), submitted()
    client.force_login(make_user("national_reader"))
    response = client.get(reverse("report-list-csv"), {"etat": "submitted"})
    lines = b"".join(response.streaming_content).decode().splitlines()
    assert len(lines) == 2
    assert submitted_report.convention.number in lines[1]
    assert "Envoyé" in lines[1]
    assert late_report.convention.number not in lines[1]


def test_a_state_is_named_for_its_reader(client):
    report = submitted()
    for role, words in (("director", "Envoyé, en examen"), ("officer", "À examiner")):
        assert words in text(as_(client, report, role).get(url(report)))
    client.force_login(make_user("national_reader"))
    assert "À examiner" not in text(client.get(url(report)))
    sent_back(report)
    for role, words in (("director", "À compléter, 1&nbsp;demande"), ("officer", "Renvoyé, premier examen")):
        assert words in text(as_(client, report, role).get(url(report))).replace("\u00a0", "&nbsp;")


def test_the_blank_form_is_offered_while_the_report_is_written_and_no_longer_once_it_is_sent(client):
    report = make_report()
    Report.objects.filter(pk=report.pk).update(form=store(PDF + b"blank%%EOF", "application/pdf"))
    blank = "Formulaire vierge, à remplir à la main"
    assert blank in text(as_(client, report, "director").get(url(report)))
    submitted(fill(Report.objects.get(pk=report.pk)))
    assert blank not in text(as_(client, report, "director").get(url(report)))


# -- Overview and rights -------------------------------------------------------------------------------------------


def test_a_report_that_one_does_not_see_answers_404_everywhere(client):
    report = make_report()
    client.force_login(make_user("officer"))
    names = [
        "report-detail",
        "report-general",
        "report-finance",
        "report-documents",
        "report-answers",
        "report-decisions",
    ]
    for name in names:
        assert client.get(url(report, name)).status_code == 404
    for name in ("report-version", "report-acknowledgement"):
        assert client.get(url(report, name, sending=1)).status_code == 404
    assert client.get(sheet_url(report)).status_code == 404
    assert client.get(url(report, "report-transition", name="submit")).status_code == 404
    assert client.post(url(report, "report-transition", name="submit")).status_code == 404


def test_the_service_sees_the_progress_of_an_unsubmitted_report_and_not_its_content(client):
    report = make_report()
    part, director = report.sheets.get(), person(report, "director")
    data = sheet_input(part, narrative="Un récit confidentiel.")
    reports.save_sheet(part, **data, by=director, expected_revision=None)
    reports.save_general(report, fields={"highlights": "Faits secrets."}, by=director, expected_revision=None)
    for reader in (person(report, "officer"), person(report, "manager"), make_user("national_admin")):
        client.force_login(reader)
        page = text(client.get(url(report)))
        assert "1 fiche sur 1" in page
        assert "secrets" not in page
        assert "59\xa0900" not in page.split("Historique")[0].split("<main")[1], "what was spent on the fiche"
        response = client.get(sheet_url(report))
        assert response.status_code == 403
        assert "pas encore envoyé" in text(response)
        for name in ("report-general", "report-finance", "report-documents"):
            assert client.get(url(report, name)).status_code == 403


def test_the_service_reads_a_sent_fiche_as_a_page_and_cannot_post_to_it(client):
    report = submitted()
    page = as_(client, report, "officer").get(sheet_url(report))
    assert page.status_code == 200
    assert "form" not in page.context or page.context.get("form") is None
    assert "Ce qui a été fait." in text(page)
    assert client.post(sheet_url(report), {}).status_code == 403


def test_observers_find_admissible_reports_only(client):
    report = submitted()
    Dossier.objects.filter(pk=report.dossier.pk).update(published_on=dt.date(2025, 10, 8))
    union = make_user("reader", OrganisationFactory(national_scope=True))
    client.force_login(union)
    assert client.get(url(report)).status_code == 404
    admissible(report)
    assert client.get(url(report)).status_code == 200
    assert client.get(sheet_url(report)).status_code == 200
    assert client.get(url(report, "report-version", sending=1)).status_code == 200
    assert client.get(url(report, "report-acknowledgement", sending=1)).status_code == 403
    assert client.get(url(report, "report-decisions")).status_code == 403


def test_the_overview_offers_the_next_step_with_what_is_missing(client):
    report = make_report()
    page = as_(client, report, "director").get(url(report))
    assert page.context["first"]["url"] == sheet_url(report)
    assert any("#id_progress" in line.url for line in page.context["missing"])
    assert "L’envoi revient à la présidence" in text(page)
    report = fill(report)
    page = as_(client, report, "president").get(url(report))
    assert page.context["primary"]["option"].transition.name == "submit"


@pytest.mark.parametrize(
    ("mandated_on", "until", "message"),
    [
        (None, None, "Aucun mandat n’est enregistré à votre nom."),
        ("2026-01-10", "2026-06-30", "Votre mandat a pris fin le 30 juin 2026."),
        ("2026-12-01", None, "Votre mandat ne commence que le 1er décembre 2026."),
        ("2026-01-10", None, ""),
    ],
)
def test_a_director_who_may_not_send_is_told_so_before_filling_in(client, mandated_on, until, message):
    report = make_report()
    director = person(report, "director")
    director.memberships.update(mandated_on=mandated_on, mandate_until=until)
    as_(client, report, director)
    page = text(client.get(url(report))).replace("\u00a0", " ")
    assert ("L’envoi revient à la présidence" in page) is bool(message)
    assert message in page
    response = client.get(url(report, "report-transition", name="submit"))
    assert response.status_code == (403 if message else 200)
    assert message in text(response).replace("\u00a0", " ")


def test_a_report_sent_back_leads_to_the_part_to_complete_then_to_the_sending(client):
    report = sent_back(None, "general")
    president = person(report, "president")
    page = as_(client, report, president).get(url(report))
    assert page.context["first"]["url"] == url(report, "report-general")
    assert page.context["primary"] is None
    reports.save_general(report, fields={"highlights": "Complété."}, by=president, expected_revision=None)
    page = client.get(url(report))
    assert page.context["primary"]["option"].transition.name == "submit"


def test_contributions_in_kind_stay_out_of_the_total_of_a_fiche(client):
    report = make_report()
    part, director = report.sheets.get(), person(report, "director")
    data = sheet_input(part)
    data["expenses"].append(reports.AmountInput(account("864").pk, Decimal(500)))
    reports.save_sheet(part, **data, by=director, expected_revision=None)
    total = figures.Sum(figures.sheet_lines(part))
    assert (total.mixed, total.actual) == (True, Decimal("59900.50"))


def test_a_report_names_accounts_and_indicators_as_the_text_of_its_act_retains_them():
    report = make_report()
    part, programme = report.sheets.get(), report.act.programme
    expense = part.sheet.expenses.filter(year=report.year).first()
    with correcting():
        Programme.objects.filter(pk=programme.pk).update(
            retained={"account": {str(expense.account_id): {"label": "Achats, dans le texte signé"}}}
        )
    part = SheetReport.objects.get(pk=part.pk)
    labels = [line.account.label for line in figures.sheet_lines(part)]
    assert "Achats, dans le texte signé" in labels
    assert "Achats, dans le texte signé" in [line.account.label for line in figures.finance(part.report).expenses.lines]
    assert Account.objects.filter(label="Achats, dans le texte signé").count() == 0


def test_requests_come_first_and_the_reopened_part_is_marked(client):
    report = sent_back(None, "general", reason="Dites-en plus sur la gouvernance.")
    page = text(as_(client, report, "director").get(url(report)))
    assert page.index("Dites-en plus") < page.index("Prévu et réalisé")
    assert "rouverte, à compléter" in page
    part = text(as_(client, report, "director").get(url(report, "report-general")))
    assert "Dites-en plus" in part


# -- Writing a fiche -----------------------------------------------------------------------------------------------


def test_the_director_fills_in_a_fiche_and_sees_the_gap(client):
    report = make_report()
    as_(client, report, "director")
    indicator = report.sheets.get().sheet.indicators.get()
    charge = f"charge-{account('64').pk}"
    address = sheet_url(report)
    data = form_values(
        client,
        address,
        progress="en_cours",
        narrative="Deux\r\nlignes",
        **{f"v{indicator.pk}": "250,5", charge: "61 000"},
    )
    assert client.post(address, data).status_code == 302
    assert Value.objects.get().number == Decimal("250.50")
    assert report.sheets.get().narrative == "Deux\nlignes"
    page = text(client.get(address)).replace("\u00a0", " ")
    assert "+1 000 €" in page
    assert "(+1,7 %)" in page


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("v", "douze", "n’est pas un nombre"),
        ("v", "-3", "supérieure ou égale à 0"),
        ("charge", "beaucoup", "n’est pas un montant"),
        ("charge", "-5", "ne peut pas être inférieur"),
        ("fte_used", "1,234", "au plus 2 chiffres"),
    ],
)
def test_a_wrong_value_is_refused_beside_its_field_and_all_that_was_typed_stays(client, field, value, message):
    report = make_report()
    as_(client, report, "director")
    indicator = report.sheets.get().sheet.indicators.get()
    names = {"v": f"v{indicator.pk}", "charge": f"charge-{account('64').pk}"}
    address = sheet_url(report)
    data = form_values(client, address, narrative="Un long récit.", **{names.get(field, field): value})
    page = client.post(address, data)
    assert page.status_code == 200
    assert message in text(page)
    assert "Un long récit." in text(page)
    assert f'value="{value}"' in text(page)
    assert "<title>Erreur" in text(page)
    assert report.sheets.get().narrative == ""


def test_an_account_that_was_not_forecast_is_added(client):
    report = make_report()
    as_(client, report, "director")
    address = sheet_url(report)
    extra = account("61-LOC")
    data = form_values(client, address, **{"charge-extra-account": str(extra.pk), "charge-extra-amount": "250"})
    assert client.post(address, data).status_code == 302
    assert ActualExpense.objects.get(account=extra).amount == 250
    assert "sans objet" in text(client.get(address))
    data = form_values(client, address, **{"charge-extra-amount": "250"})
    assert "Choisissez le compte" in text(client.post(address, data))


def test_last_year_is_shown_and_its_text_is_copied_on_demand_only(client, at):
    act = make_active()
    report = make_report(act)
    part, director = report.sheets.get(), person(report, "director")
    values = sheet_input(part, narrative="Le récit de 2025.")
    reports.save_sheet(part, **values, by=director, expected_revision=None)
    at("2027-02-01")
    following = open_report(act.convention, 2026)
    as_(client, following, "director")
    address = sheet_url(following)
    page = text(client.get(address))
    assert "Réalisé 2025</dt><dd>90" in page
    assert following.sheets.get().narrative == ""
    data = form_values(client, address, difficulties="Tapé avant", copy="narrative")
    page = client.post(address, data)
    assert page.context["form"]["narrative"].value() == "Le récit de 2025."
    assert "Tapé avant" in text(page)
    assert following.sheets.get().narrative == ""


def test_two_people_on_different_fields_are_merged_and_nothing_is_lost(client):
    report = make_report()
    as_(client, report, "director")
    address = sheet_url(report)
    data = form_values(client, address, narrative="Du directeur")
    part = report.sheets.get()
    fields = {"difficulties": "De la présidente"}
    reports.save_sheet(
        part, fields=fields, values=[], expenses=[], by=person(report, "president"), expected_revision=None
    )
    assert client.post(address, data).status_code == 302
    part.refresh_from_db()
    assert (part.narrative, part.difficulties) == ("Du directeur", "De la présidente")


def test_what_was_typed_is_shown_again_when_the_report_was_sent_meanwhile(client):
    report = fill(make_report())
    as_(client, report, "director")
    address = sheet_url(report)
    data = form_values(client, address, narrative="Tapé trop tard")
    submitted(report)
    page = client.post(address, data)
    assert page.status_code == 403
    assert "Tapé trop tard" in text(page)
    assert "n’est pas enregistrée" in text(page)


def test_the_accountant_writes_finances_and_the_charges_of_the_fiches(client):
    report = make_report()
    client.force_login(make_user("accountant", report.dossier.beneficiary))
    (charge,) = client.get(sheet_url(report)).context["form"].charges.rows
    data = form_values(client, sheet_url(report), narrative="Un récit.", **{charge.name: "700"})
    assert client.post(sheet_url(report), data).status_code == 302
    assert report.expenses.get().amount == 700
    assert report.sheets.get().narrative == ""
    address = url(report, "report-finance")
    form = client.get(address).context["form"]
    state = next(row.name for row in form.resources.rows if row.line.account.code == "74-ETAT")
    data = form_values(client, address, comment="Rien à dire", **{state: "40 000"})
    assert client.post(address, data).status_code == 302
    resource = report.resources.get()
    assert (resource.funder, resource.amount) == ("État", 40000)
    page = text(client.get(address)).replace("\u00a0", " ")
    assert "Total des produits" in page


def test_a_resource_that_was_not_forecast_needs_account_funder_and_amount(client):
    report = make_report()
    as_(client, report, "director")
    address = url(report, "report-finance")
    page = client.post(address, form_values(client, address, **{"produit-extra-funder": "Mécène"}))
    assert "Choisissez le compte" in text(page)
    assert "Écrivez le montant" in text(page)
    extra = {"produit-extra-account": str(account("74-REGION").pk)}
    data = form_values(client, address, **extra, **{"produit-extra-funder": "Mécène", "produit-extra-amount": "12,5"})
    assert client.post(address, data).status_code == 302
    assert report.resources.get().funder == "Mécène"


# -- Documents -----------------------------------------------------------------------------------------------------


def upload(data=PDF, name="comptes.pdf"):
    return SimpleUploadedFile(name, data, content_type="application/pdf")


def test_a_document_is_deposited_read_by_the_service_once_sent_and_downloaded(client):
    report = make_report()
    address = url(report, "report-documents")
    as_(client, report, "director")
    response = client.post(address, {"kind": "comptes_annuels", "comptes_annuels-upload": upload()})
    assert response.status_code == 302
    attachment = Attachment.objects.get(kind__key="comptes_annuels")
    file = url(report, "report-attachment", pk=attachment.pk)
    assert b"".join(client.get(file).streaming_content) == PDF
    assert as_(client, report, "officer").get(file).status_code == 403
    elsewhere = reverse("attachment-file", args=[report.convention.number, attachment.pk])
    assert client.get(elsewhere).status_code == 404
    submitted(fill(report, documents=False))
    assert client.get(file).status_code == 200
    client.force_login(make_user("officer"))
    assert client.get(file).status_code == 404


@pytest.mark.parametrize(
    ("data", "message"),
    [(b"", "vide"), (b"bonjour", "format"), (PDF.replace(b"%%EOF", b""), "incomplet"), (PDF * 500_000, "20")],
    ids=["empty", "text", "truncated", "too big"],
)
def test_a_bad_file_is_refused_with_the_reason_and_the_rest_is_kept(client, data, message):
    report = make_report()
    address = url(report, "report-documents")
    as_(client, report, "director")
    upload_data = {
        "kind": "comptes_annuels",
        "comptes_annuels-upload": upload(data),
        "comptes_annuels-dated": "2026-06-15",
        "comptes_annuels-provisional": "on",
    }
    page = client.post(address, upload_data)
    assert page.status_code == 200
    errors = page.context["form"].errors["upload"]
    assert message in errors[0]
    assert 'value="15/06/2026"' in text(page)
    assert not Attachment.objects.exists()


# -- Actions -------------------------------------------------------------------------------------------------------


@pytest.mark.pdf
def test_the_president_sends_from_the_page_of_the_action_and_the_acknowledgement_follows(client):
    report = fill(make_report())
    address = url(report, "report-transition", name="submit")
    as_(client, report, "president")
    assert "Un accusé de réception est produit" in text(client.get(address))
    assert client.post(address, {"comment": "Bonne lecture."}).status_code == 302
    page = text(client.get(url(report)))
    assert "Bonne lecture." in page
    assert "en cours de production" in page
    job = Job.objects.get(kind="acknowledge_report")
    assert jobs.run(job.pk)
    page = client.get(url(report))
    address = url(report, "report-acknowledgement", sending=1)
    assert address in text(page)
    pdf = b"".join(client.get(address).streaming_content)
    assert pdf.startswith(b"%PDF-1.7")


@pytest.mark.pdf
def test_the_acknowledgement_is_pdf_a_and_pdf_ua_and_says_who_sent_what(tmp_path):
    from reporting import documents
    from tests.lib.test_pdf import assert_conformant, read

    report = submitted()
    content = Job.objects.get(kind="acknowledge_report").arguments["content"]
    data = documents.render(content)
    assert_conformant(data, tmp_path)
    words = read(data, tmp_path)
    capacity, digest = "président ou présidente", content["content_sha256"][:12]
    for expected in (report.convention.number, capacity, "comptes_annuels.pdf", digest):
        assert expected in words
    assert documents.render(content) == data
    noon = content | {"submitted_at": "2026-06-30T12:00:00+00:00", "time_zone": "Indian/Reunion"}
    assert "30/06/2026 à 16 h 00 (heure de La Réunion)" in " ".join(read(documents.render(noon), tmp_path).split())


def test_the_page_of_an_action_shows_what_is_missing_instead_of_a_button(client):
    report = make_report()
    address = url(report, "report-transition", name="submit")
    page = as_(client, report, "president").get(address)
    assert "Ce qui manque" in text(page)
    assert 'name="comment"' not in text(page)
    assert client.post(address, {}).status_code == 409
    assert as_(client, report, "director").get(address).status_code == 403
    assert client.get(url(report, "report-transition", name="inconnue")).status_code == 404


def test_an_action_that_is_no_longer_possible_leads_back_to_the_report(client):
    report = submitted()
    address = url(report, "report-transition", name="submit")
    response = as_(client, report, "president").get(address, follow=True)
    assert "n’est pas possible" in text(response)


def test_the_officer_sends_back_with_a_reason_for_each_part(client):
    report = submitted()
    address = url(report, "report-transition", name="send_back")
    as_(client, report, "officer")
    form = client.get(address).context["form"]
    index = next(i for i, (path, _) in enumerate(form.parts) if path == "finance")
    page = client.post(address, {f"part{index}": "on"})
    assert "Dites à l’association" in text(page)
    page = client.post(address, {f"reason{index}": "Justifiez."})
    assert "Cochez cette rubrique" in text(page)
    assert "Justifiez." in text(page)
    assert "au moins une rubrique" in text(client.post(address, {}))
    assert client.post(address, {f"part{index}": "on", f"reason{index}": "Justifiez."}).status_code == 302
    report = Report.objects.get(pk=report.pk)
    assert report.state == "to_complete"
    assert "Justifiez." in text(as_(client, report, "director").get(url(report, "report-finance")))


def test_no_page_writes_on_get(client):
    report = make_report()
    as_(client, report, "director")
    for name in ("report-detail", "report-general", "report-finance", "report-documents"):
        client.get(url(report, name))
    client.get(sheet_url(report))
    report.refresh_from_db()
    assert (report.state, report.revision) == ("open", 0)


def test_the_convention_s_tab_lists_its_reports(client):
    report = make_report()
    page = as_(client, report, "director").get(reverse("convention-reports", args=[report.convention.number]))
    assert page.status_code == 200
    assert url(report) in text(page)


def test_a_replaced_document_stays_within_reach_and_a_date_before_the_year_is_refused(client):
    report = fill(make_report())
    as_(client, report, "director")
    address = url(report, "report-documents")
    form = {"kind": "comptes_annuels", "comptes_annuels-upload": SimpleUploadedFile("c.pdf", PDF)}
    refused = client.post(address, form | {"comptes_annuels-dated": "31/12/1999"})
    assert "ne peut pas dater d’avant" in text(refused)
    former = Attachment.objects.current().get(kind__key="comptes_annuels", year=report.year)
    form["comptes_annuels-upload"] = SimpleUploadedFile("c.pdf", PDF + b"%%EOF")
    assert client.post(address, form | {"comptes_annuels-dated": "01/01/2025"}).status_code == 302
    page = text(client.get(address))
    assert "1 version remplacée" in page
    link = url(report, "report-attachment", pk=former.pk)
    assert link in page
    assert client.get(link).status_code == 200


def test_the_lists_say_on_which_act_a_report_rests(client):
    report = make_report()
    as_(client, report, "director")
    for address in (reverse("report-list"), reverse("convention-reports", args=[report.convention.number])):
        assert "fondé sur la convention" in text(client.get(address))
