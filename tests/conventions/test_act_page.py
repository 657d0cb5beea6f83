"""A page reads the facts of its act once; a decision on the same act reads them again."""

import io
import re
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from actions.models import Account, IndicatorDefinition
from actions.services import create_sheet, update_sheet
from actions.views import common
from arml.models import Organisation, User
from conventions.agreement import accepting_sides, latest_version
from conventions.guards.complete import nothing_missing
from conventions.models import Thread
from conventions.pages.act_page import ActPage, find_page
from conventions.services import threads
from conventions.services.articles import set_article
from conventions.services.parties import set_party
from conventions.services.texts import set_values
from conventions.workflow import ACT
from cpo.lib import clock
from cpo.lib.workflow import Refused
from tests.factories import scenarios
from tests.factories.arml import OrganisationFactory, make_user
from tests.factories.scenarios import Scene

pytestmark = pytest.mark.django_db


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(scene: Scene, user: User) -> ActPage:
    act_page = find_page(user, scene.number)
    assert act_page is not None
    return act_page


def test_guards_and_conditions_ask_the_page_which_asks_once() -> None:
    scene = scenarios.proposed()
    act_page = page(scene, scene.officer)
    assert {"accept", "propose"} <= {option.transition.name for option in act_page.options}
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert latest_version(act_page.act) is act_page.latest_version
        assert accepting_sides(act_page.act) == {"beneficiary"}
        assert nothing_missing(act_page.act) is act_page.missing
    assert not captured.captured_queries


def test_an_act_without_a_page_remembers_nothing() -> None:
    act = scenarios.proposed().act
    assert act.reads is None
    assert latest_version(act) is not latest_version(act)
    assert nothing_missing(act) is not nothing_missing(act)
    assert act.reads is None


def test_a_decision_does_not_believe_what_the_page_had_read() -> None:
    scene = scenarios.proposed()
    act_page = page(scene, scene.officer)
    (accept,) = [option for option in act_page.options if option.transition.name == "accept"]
    assert accept.ready
    scene.edit()
    with pytest.raises(Refused):
        ACT.apply("accept", act_page.act, by=scene.officer)


def test_the_counts_are_those_that_the_person_may_read() -> None:
    scene = scenarios.proposed()
    threads.start(scene.act, by=scene.director, path="general", text="À tous.")
    threads.start(scene.act, by=scene.director, path="general", text="Entre nous.", internal=True)
    pages = {name: page(scene, getattr(scene, name)) for name in ("officer", "director")}
    assert pages["director"].thread_count == 2 and pages["officer"].thread_count == 1
    assert pages["officer"].open_threads() == 1
    in_tables = (scene.act.articles.filter(included=True).count(), scene.act.programme.sheets.count())
    assert [one.version is None for one in pages.values()] == [True, False]
    assert [one.sizes for one in pages.values()] == [in_tables, in_tables]
    assert (pages["officer"].acts, pages["officer"].open_notices) == ([], [])


def test_the_sizes_of_who_writes_follow_the_tables() -> None:
    scene = scenarios.proposed()
    articles, sheets = page(scene, scene.officer).sizes
    axis = scene.act.programme.cycle.axes.first()
    create_sheet(programme=scene.act.programme, axis=axis, title="Neuve", by=scene.officer, expected_revision=None)
    assert page(scene, scene.officer).sizes == (articles, sheets + 1)
    assert page(scene, scene.director).sizes == (articles, sheets)


def test_before_the_signature_nobody_asks_for_later_acts_or_notices(django_assert_num_queries) -> None:
    scene = scenarios.proposed()
    act_page = page(scene, scene.officer)
    assert act_page.actors
    with django_assert_num_queries(0):
        assert (act_page.acts, act_page.all_acts, act_page.open_notices) == ([], [], [])


@pytest.mark.parametrize("address", ["programme-detail", "programme-budget"])
def test_a_version_is_drawn_once_and_what_is_written_each_time(address, client, monkeypatch) -> None:
    scene = scenarios.proposed()
    drawings: list[str] = []
    draw = common.render_to_string
    monkeypatch.setattr(
        common, "render_to_string", lambda name, *args, **kwargs: drawings.append(name) or draw(name, *args, **kwargs)
    )

    def text(person: User) -> str:
        client.force_login(person)
        return str(client.get(reverse(address, args=[scene.number])).content.decode())

    first, again = text(scene.director), text(scene.director)
    assert len(drawings) == 1
    tables = [[*re.findall(r"<table.*?</table>", one, re.DOTALL)] for one in (first, again)]
    assert tables[0] == tables[1] != []
    text(scene.officer)
    text(scene.officer)
    assert len(drawings) == 3


def test_who_reads_a_version_is_not_told_that_axes_with_actions_have_none(client) -> None:
    scene = scenarios.proposed()
    empty = []
    for person in (scene.officer, scene.director):
        client.force_login(person)
        shown = client.get(reverse("programme-detail", args=[scene.number])).content.decode()
        empty.append(set(re.findall(r"(\d+)\W+aucune action", shown)))
    used = {str(sheet.axis.number) for sheet in scene.act.programme.sheets.select_related("axis")}
    assert empty[0] == empty[1] == {str(axis.number) for axis in scene.act.programme.cycle.axes.all()} - used


# -- Who writes reads the tables; everybody else reads the last version ---------------------------------------------

TABS = (
    *("convention-detail", "convention-articles", "convention-contribution", "convention-funding"),
    *("convention-parties", "convention-values", "programme-detail", "programme-budget", "programme-print"),
)
SECRET = "Chose tue"  # what the State writes in each part of the content, and has not proposed


def write_everywhere(scene: Scene) -> None:
    """As the State, which has the turn: a new fiche, a changed one, an article, a party, a value, an amount."""
    act, officer = scene.act, scene.officer
    rules = {"by": officer, "expected_revision": None}
    axis = act.programme.cycle.axes.first()
    create_sheet(programme=act.programme, axis=axis, title="Nouvelle", description=f"{SECRET}.", **rules)
    update_sheet(sheet=act.programme.sheets.first(), description=f"{SECRET}.", context=f"{SECRET}.", **rules)
    free = act.articles.filter(model_article__status="free", included=True).first()
    set_article(act=act, key=free.model_article.key, body=f"{SECRET}.", reason=f"{SECRET}, motif.", **rules)
    set_values(act=act, values={"nombre_missions_locales": f"{SECRET} 17"}, **rules)
    lead = act.parties.get(role="lead")
    set_party(party=lead, signatory_name=f"{SECRET} Exemple", capacity=lead.capacity, signatory=None, **rules)
    scenarios.set_contribution(scene, 2026, Decimal("41234.56"))


def drawn(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    if response["Content-Type"].startswith("text/html"):
        page = response.content.decode()
    else:
        book = load_workbook(io.BytesIO(response.content), read_only=True)
        page = "\n".join(str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row)
    return page.replace("\u202f", " ").replace("\u00a0", " ")


def addresses(scene: Scene) -> list[str]:
    number, act = scene.number, scene.act
    free = act.articles.filter(model_article__status="free", included=True).first()
    sheet = act.programme.sheets.order_by("pk").first()
    return [
        *(reverse(name, args=[number]) for name in (*TABS, "programme-export", "convention-versions")),
        reverse("convention-article", args=[number, free.model_article.key]),
        reverse("sheet-detail", args=[number, sheet.key]),
    ]


def reader_of(scene: Scene, role: str) -> User:
    if role == "accountant":
        return make_user(role, scene.act.dossier.beneficiary)
    return make_user(role) if role == "national_reader" else getattr(scene, role)


def test_what_a_side_writes_and_has_not_proposed_is_read_by_no_other() -> None:
    scene = scenarios.proposed()  # by the association; the State has the turn
    officer = signed_in(scene.officer)
    pages = {address: drawn(officer, address) for address in addresses(scene)}  # what a page keeps is there
    write_everywhere(scene)
    readers = [signed_in(reader_of(scene, role)) for role in ("director", "national_reader", "accountant")]
    for address in pages:
        for client in readers:
            page = drawn(client, address)
            assert SECRET not in page and "41 234,56" not in page and "41234.56" not in page, address
    seen = [text for address in pages if SECRET in (text := drawn(officer, address)) or "41 234,56" in text]
    assert len(seen) >= 10, "the person who writes sees it on nearly every page"
    assert "121 234,56" in drawn(officer, reverse("convention-list"))
    assert not ["121 234,56" for client in readers if "121 234,56" in drawn(client, reverse("convention-list"))]


def test_a_wording_and_an_exchange_start_from_the_text_that_their_author_reads() -> None:
    scene = scenarios.proposed()  # the State has the turn
    write_everywhere(scene)
    sheet = scene.act.programme.sheets.order_by("pk").first()
    wording = reverse("thread-wording", args=[scene.number, f"sheet/{sheet.key}/description"])
    talks = reverse("convention-versions", args=[scene.number])
    for address, words in ((wording, SECRET), (talks, "Nouvelle")):
        assert words in drawn(signed_in(scene.officer), address), address
        assert words not in drawn(signed_in(scene.director), address).replace("Nouvelle depuis", ""), address


def test_before_the_first_proposal_the_other_side_reads_the_text_handed_over() -> None:
    scene = scenarios.in_negotiation()  # the association has the turn, and the State reads version 0
    scene.edit()
    sheet = scene.act.programme.sheets.first()
    address = reverse("sheet-detail", args=[scene.number, sheet.key])
    assert "Et davantage." in drawn(signed_in(scene.director), address)
    assert "Et davantage." not in drawn(signed_in(scene.officer), address)
    scene.do("propose", scene.director)
    assert "Et davantage." in drawn(signed_in(scene.officer), address)
    page = drawn(signed_in(scene.officer), reverse("convention-compare", args=[scene.number, "0", "1"]))
    assert "Et davantage." in page


def test_nobody_can_accept_the_text_handed_over() -> None:
    scene = scenarios.in_negotiation()
    assert scene.act.versions.get().handed_over
    names = {option.transition.name for option in page(scene, scene.director).options if option.ready}
    assert "accept" not in names
    with pytest.raises((Refused, PermissionDenied)):
        scene.do("accept", scene.director)


# -- Reference data never rewrites what was signed ------------------------------------------------------------------


def change_reference_data(scene: Scene) -> None:
    """What the DGEFP, the service and the association may change in their own data, years after the signature."""
    dossier = scene.act.dossier
    scene.act.programme.cycle.axes.update(label=f"{SECRET} axe", short_label=f"{SECRET} axe")
    Account.objects.update(label=f"{SECRET} compte")
    for organisation in (dossier.lead, dossier.beneficiary):
        Organisation.objects.filter(pk=organisation.pk).update(
            name=f"{SECRET} nom", article_name=f"{SECRET} nom", address=f"{SECRET} adresse", siret="99999999999999"
        )
    places = {name: f"{SECRET} {name}" for name in ("prefect_title", "court", "prefecture")}
    dossier.territories.update(**places)
    scene.act.programme.cycle.texts.update(value=f"{SECRET} seuil")
    IndicatorDefinition.objects.update(national=True, label=f"{SECRET} indicateur")


def test_a_change_of_reference_data_changes_no_page_of_a_signed_text() -> None:
    scene = scenarios.active_convention()
    client = signed_in(scene.director)
    content = [address for address in addresses(scene) if "classeur" not in address and "versions" not in address]
    before = {address: main_of(drawn(client, address)) for address in content}
    change_reference_data(scene)
    cache.clear()
    for address, page in before.items():
        assert main_of(drawn(client, address)) == page, address


def main_of(page: str) -> str:
    """The content of the page, without the head, which names the association and the service of today."""
    content = page[page.index("fr-col-lg-9") if "fr-col-lg-9" in page else page.index("<main") :]
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", content)


def test_an_observer_is_not_told_how_many_exchanges_are_open() -> None:
    """Neither one who takes part in the exchanges of another dossier for the State."""
    scene = scenarios.active_convention()
    Thread.objects.create(act=scene.act, path="general", label="Tout", audience="both", created_at=clock.now())
    Thread.objects.create(act=scene.act, path="general", label="Tout", audience="state", created_at=clock.now())
    union = OrganisationFactory(national_scope=True)
    counts = {
        role: page(scene, user).thread_count
        for role, user in {
            "officer": scene.officer,
            "director": scene.director,
            "national": make_user("national_reader"),
            "observer": make_user("reader", union),
            "both": make_user("officer", user=make_user("reader", union)),
        }.items()
    }
    assert counts == {"officer": 2, "director": 1, "national": 1, "observer": 0, "both": 0}
