"""The journal of a convention: its readers, its filters, its CSV and its PDF."""

import csv
import io
import re
import subprocess
from typing import Any
from zoneinfo import ZoneInfo

import page as pdf_validation
import pytest
from django.test import Client
from django.urls import reverse

from actions.services import create_sheet, delete_sheet, update_sheet
from arml.models import Territory
from conventions.services import threads
from cpo.lib import zones
from cpo.lib.dates import MONTHS
from cpo.lib.models import Job, JournalEntry
from cpo.lib.work import jobs
from tests.factories import scenarios
from tests.factories.arml import OrganisationFactory, make_user
from tests.factories.kept import kept
from tests.factories.scenarios import Scene

pytestmark = pytest.mark.django_db


@pytest.fixture
@kept
def scene() -> Scene:
    """The journal has a shared exchange, an internal one, a version, acceptances, and a request for a visa."""
    scene = scenarios.accepted_by_both()
    threads.start(scene.act, by=scene.director, path="general", text="Une question.")
    threads.start(scene.act, by=scene.officer, path="general", text="Entre nous.", internal=True)
    scene.do("ask_visa", scene.officer)
    return scene


def url(scene: Scene, name: str = "convention-journal", query: str = "") -> str:
    return reverse(name, kwargs={"number": scene.number}) + query


def lines(client: Client, scene: Scene, user: Any, query: str = "") -> list[dict[str, str]]:
    client.force_login(user)
    answer = client.get(url(scene, "convention-journal-csv", query))
    assert answer["Content-Type"].startswith("text/csv")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), delimiter=";"))


def sentences(client: Client, scene: Scene, user: Any, query: str = "") -> list[str]:
    return [line["Événement"] for line in lines(client, scene, user, query)]


def test_the_csv_holds_what_the_person_may_read_and_nothing_else(client: Client, scene: Scene) -> None:
    both = JournalEntry.objects.filter(audience="both").count()
    of_state = JournalEntry.objects.filter(audience__in=["state", "national"]).count()
    assert of_state >= 2
    assert len(lines(client, scene, scene.officer)) == both + of_state
    assert len(lines(client, scene, scene.director)) == both
    assert {line["Lu par"] for line in lines(client, scene, scene.director, "?visible=state")} == {"les deux parties"}
    assert not [text for text in sentences(client, scene, scene.director) if "demande le visa" in text]
    first = lines(client, scene, scene.officer, "?nature=negociation")[0]
    assert (first["Partie"], first["Qualité"], first["Personne"]) == ("État", "chargé·e de mission", str(scene.officer))


@pytest.mark.parametrize(
    ("query", "has", "lacks"),
    [
        ("?nature=negociation", "propose la version 1", "ouvre un échange"),
        ("?nature=echanges", "ouvre un échange", "propose la version 1"),
        ("?nature=contenu", "modifie l’échéancier", "propose la version 1"),
        ("?partie=beneficiary", "propose la version 1", "accepte la version 1"),
        ("?partie=state&visible=state", "demande le visa", "accepte la version 1"),
        ("?du=15/10/2026", "propose la version 1", "n’existe pas"),
    ],
)
def test_it_is_filtered_by_nature_side_reader_and_day(
    client: Client, scene: Scene, query: str, has: str, lacks: str
) -> None:
    text = " ".join(sentences(client, scene, scene.officer, query))
    assert has in text and lacks not in text
    page = client.get(url(scene, query=query)).content.decode()
    assert query.removeprefix("?").split("&")[0].split("=")[0] in page


def test_the_days_are_those_of_the_convention_and_both_are_inside(client: Client, scene: Scene) -> None:
    whole = len(sentences(client, scene, scene.officer))
    assert len(sentences(client, scene, scene.officer, "?du=15/10/2026&au=15/10/2026")) == whole
    assert sentences(client, scene, scene.officer, "?du=16/10/2026") == []
    assert sentences(client, scene, scene.officer, "?au=14/10/2026") == []


# Where the service is; an instant; its day and hour there; the day before there, which does not contain it.
NEAR_MIDNIGHT = [
    ("Europe/Paris", "2026-12-31 23:30+00:00", "01/01/2027", "0 h 30", "2027-01-01T00:30:00+01:00", "31/12/2026"),
    ("America/Cayenne", "2027-01-01 02:30+00:00", "31/12/2026", "23 h 30", "2026-12-31T23:30:00-03:00", "30/12/2026"),
    ("Indian/Reunion", "2026-12-31 20:30+00:00", "01/01/2027", "0 h 30", "2027-01-01T00:30:00+04:00", "31/12/2026"),
    ("Indian/Mayotte", "2026-06-30 21:30+00:00", "01/07/2026", "0 h 30", "2026-07-01T00:30:00+03:00", "30/06/2026"),
    ("America/Miquelon", "2027-01-01 02:30+00:00", "31/12/2026", "23 h 30", "2026-12-31T23:30:00-03:00", "30/12/2026"),
]


@pytest.mark.parametrize(("zone", "moment", "day", "hour", "iso", "eve"), NEAR_MIDNIGHT)
def test_an_event_has_one_date_on_the_page_in_the_file_and_in_the_filters(
    client: Client, scene: Scene, at: Any, zone: str, moment: str, day: str, hour: str, iso: str, eve: str
) -> None:
    Territory.objects.filter(service=scene.act.dossier.lead).update(time_zone=zone)
    at(moment)
    threads.start(scene.act, by=scene.director, path="general", text="À minuit.")
    query = f"?nature=echanges&du={day}&au={day}"
    (line,) = lines(client, scene, scene.director, query)
    assert line["Date"] == iso
    assert lines(client, scene, scene.director, f"?nature=echanges&du={eve}&au={eve}") == []
    reader = make_user("national_reader")
    for user, named in ((scene.director, False), (reader, zone != "Europe/Paris")):
        client.force_login(user)
        page = client.get(url(scene, query=query)).content.decode().replace("&nbsp;", " ").replace("\u00a0", " ")
        number, month, year = day.split("/")
        french = f"{'1<sup>er</sup>' if number == '01' else number} {MONTHS[int(month) - 1]}</strong>"
        shown = page.partition('<p class="cpo-ligne__date">')[2].partition("</p>")[0]
        assert f"{french}{year}, {hour}" in shown
        assert (f"({zones.name_of(zone)})" in shown) is named
        assert (f"Dates et heures de cette page : {zones.name_of(zone)}." in page) is named
        assert zone not in page


def test_every_event_has_one_nature(client: Client, scene: Scene) -> None:
    kinds = ("negociation", "contenu", "echanges", "pieces", "suivi")
    parts = [sentences(client, scene, scene.officer, f"?nature={kind}") for kind in kinds]
    assert sum(map(len, parts)) == len(sentences(client, scene, scene.officer))


def no_other_document() -> None:
    """The document of each version waits for the same worker, who would take two seconds to render it."""
    assert Job.objects.all().delete()


def pdf_of(client: Client, scene: Scene, user: Any, query: str = "") -> str:
    client.force_login(user)
    address = url(scene, "convention-journal-pdf", query)
    assert "Produire le PDF" in client.get(address).content.decode()
    client.post(address)
    assert "en cours de production" in client.get(address).content.decode()
    assert jobs.take_up() == 1
    ready = client.get(address, headers={"accept": "application/json"}).json()
    assert (ready["url"], ready["link"]) == (address, "Télécharger le journal (PDF)")
    answer = client.get(address)
    assert answer["Content-Type"] == "application/pdf"
    content = b"".join(answer.streaming_content)
    process = subprocess.run(["pdftotext", "-raw", "-", "-"], input=content, check=True, capture_output=True)
    return " ".join(process.stdout.decode().split())


@pytest.mark.pdf
def test_the_pdf_is_printed_by_a_worker_with_what_the_person_may_read(client: Client, scene: Scene) -> None:
    no_other_document()
    assert "demande le visa" in pdf_of(client, scene, scene.officer)
    text = pdf_of(client, scene, scene.director)
    assert "propose la version 1" in text and "demande le visa" not in text
    client.force_login(scene.president)
    same = client.get(url(scene, "convention-journal-pdf"))
    assert same["Content-Type"] == "application/pdf", "people who read the same lines get the same file"
    content = b"".join(same.streaming_content)
    for profile in ("ua1", "3a"):
        report = pdf_validation.validate_pdf_bytes(content, profile=profile)
        assert report.is_compliant, [failure.message for failure in report.failures]


@pytest.mark.pdf
def test_the_pdf_gives_the_hours_of_the_territory_that_it_names(client: Client, scene: Scene) -> None:
    Territory.objects.filter(service=scene.act.dossier.lead).update(time_zone="America/Guadeloupe")
    last = JournalEntry.objects.filter(audience="both").latest("at").at.astimezone(ZoneInfo("America/Guadeloupe"))
    no_other_document()
    text = pdf_of(client, scene, scene.director)
    assert f"{last:%d/%m/%Y} à {last.hour} h {last:%M} (heure de Guadeloupe)" in text
    assert "America/" not in text
    assert f"{last:%d/%m/%Y} {last.hour} h {last:%M} " in text


@pytest.mark.pdf
def test_a_new_event_another_reach_or_another_choice_makes_another_pdf(client: Client, scene: Scene) -> None:
    no_other_document()
    pdf_of(client, scene, scene.director, "?nature=echanges")
    address = url(scene, "convention-journal-pdf", "?nature=echanges")
    assert client.get(address)["Content-Type"] == "application/pdf"
    for user, query in ((scene.officer, "?nature=echanges"), (scene.director, ""), (make_user("national_reader"), "")):
        client.force_login(user)
        assert "Produire le PDF" in client.get(url(scene, "convention-journal-pdf", query)).content.decode()
    threads.start(scene.act, by=scene.director, path="general", text="Une autre.")
    client.force_login(scene.director)
    assert "Produire le PDF" in client.get(address).content.decode()


def test_an_observer_reads_the_signatures_and_the_notification_and_nothing_of_the_negotiation(client: Client) -> None:
    """Signatures that were annulled with their document are not those of the page either."""
    scene = scenarios.in_signature()
    scene.sign(scene.president)
    scene.do("reopen", scene.manager, "Une erreur de montant.")
    scene.edit()
    scene.do("propose", scene.officer)
    scene.do("accept", scene.director)
    scene.do("give_visa", scene.manager)
    scene.do("open_signature", scene.manager)
    scene.store_document()
    for who in (scene.president, scene.signatory):
        scene.sign(who)
    scene.do("notify", scene.officer)
    scenarios.later(scene)
    observer = make_user("reader", OrganisationFactory(national_scope=True))
    read = sentences(client, scene, observer)
    assert [re.search("notifie|signe pour", line)[0] for line in read] == ["notifie", "signe pour", "signe pour"]
    page = client.get(url(scene)).content.decode()
    assert "Une erreur de montant" not in page and "avenant n" not in page and page.count("signe pour") == 2
    synthesis = client.get(url(scene, "convention-detail")).content.decode()
    assert "propose la version" not in synthesis and "notifie" in synthesis
    client.force_login(observer)
    assert client.post(url(scene, "convention-visit")).status_code == 204
    assert client.get(url(scene, "convention-detail")).context.get("news", 0) == 0


def test_what_is_written_before_the_draft_is_shared_stays_with_the_state(client: Client) -> None:
    scene = scenarios.complete_draft()
    sheet = scene.act.programme.sheets.first()
    update_sheet(sheet=sheet, title="Un premier essai", by=scene.officer, expected_revision=None)
    scene.do("share", scene.officer)
    assert any("premier essai" in line for line in sentences(client, scene, scene.officer))
    assert not any("premier essai" in line for line in sentences(client, scene, scene.director))


# -- What is written and not proposed ---------------------------------------------------------------------------------


def secret_sheet(scene: Scene) -> str:
    """A fiche that the side with the turn adds, then another one that it withdraws; return the name of the second."""
    common: dict[str, Any] = {"by": scene.director, "axis": scene.act.programme.cycle.axes.first()}
    create_sheet(programme=scene.act.programme, title="Action secrète", **common)
    other = create_sheet(programme=scene.act.programme, title="Essai retiré", **common)
    delete_sheet(sheet=other, by=scene.director, expected_revision=None)
    return other.code


def test_the_journal_names_no_fiche_that_its_reader_cannot_read_yet(client: Client) -> None:
    scene = scenarios.in_negotiation()  # the association writes
    secret_sheet(scene)
    readers = (scene.officer, scene.manager, make_user("national_reader"))
    for user in readers:
        words = "\n".join(sentences(client, scene, user))
        assert "Action secrète" not in words and "Essai retiré" not in words, user
        client.force_login(user)
        assert "Action secrète" not in client.get(reverse("convention-detail", args=[scene.number])).content.decode()
    assert "Essai retiré" in "\n".join(sentences(client, scene, scene.president))
    scene.do("propose", scene.director)
    for user in readers:
        assert "Action secrète" in "\n".join(sentences(client, scene, user)), user


def test_who_gave_the_turn_still_reads_what_they_wrote(client: Client) -> None:
    scene = scenarios.in_negotiation()
    secret_sheet(scene)
    scene.do("ask_turn", scene.officer, "Une erreur de notre côté.")
    scene.do("give_turn", scene.director)
    assert "Action secrète" in "\n".join(sentences(client, scene, scene.director))
    assert "Action secrète" in "\n".join(sentences(client, scene, scene.officer)), "the writer reads the whole draft"
    assert "Action secrète" not in "\n".join(sentences(client, scene, make_user("national_reader")))
