"""A form that creates, posted four times at once, creates once, and each post answers the same page."""

import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections, models
from django.test import Client
from django.urls import reverse

from actions.models import Axis, Sheet
from arml.models import Attachment, Invitation
from conventions.models import Act, Comment, Convention, FundingFact, Thread
from cpo.lib.forms import once
from cpo.lib.models import JournalEntry, PostedForm
from tests.access.html import forms
from tests.factories import scenarios
from tests.factories.arml import DossierFactory, make_user
from tests.factories.conventions import PDF, cycle, lead_with_territory
from tests.factories.scenarios import Scene

Post = Callable[[], Any]
AT_ONCE = 4


def filled(user: Any, page: str, action: str = "", **typed: Any) -> Post:
    """The post of a form as the browser of this person shows it: its key is the same at each call."""
    client = Client()
    client.force_login(user)
    shown = forms(client.get(page).content.decode())
    form = next(one for one in shown if one.action.partition("#")[0] == action)
    data = form.data() | typed
    assert data[once.FIELD], "the form carries a key"

    def post() -> Any:
        browser = Client()
        browser.cookies = client.cookies
        files = {name: SimpleUploadedFile(f"{name}.pdf", value) for name, value in data.items() if value == PDF}
        return browser.post(action or page, data | files)

    return post


def at_once(post: Post) -> list[tuple[int, str]]:
    """The answers of four posts that leave together."""
    answers: list[tuple[int, str]] = []
    start = threading.Barrier(AT_ONCE)

    def one() -> None:
        try:
            start.wait()
            answer = post()
            answers.append((answer.status_code, answer.get("Location", "")))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def address(scene: Scene, name: str, **kwargs: Any) -> str:
    return reverse(name, kwargs={"number": scene.number, **kwargs})


def message(scene: Scene) -> tuple[type[models.Model], Post]:
    data = {"path": "general", "text": "Une question."}
    return Comment, filled(
        scene.director, address(scene, "convention-versions"), address(scene, "thread-create"), **data
    )


def reply(scene: Scene) -> tuple[type[models.Model], Post]:
    starter = Client()
    starter.force_login(scene.director)
    starter.post(address(scene, "thread-create"), {"path": "general", "text": "Une question.", "audience": "both"})
    there = address(scene, "thread-reply", pk=Thread.objects.get().pk)
    return Comment, filled(scene.officer, address(scene, "convention-versions"), there, text="Une réponse.")


def sheet(scene: Scene) -> tuple[type[models.Model], Post]:
    axis = Axis.objects.filter(cycle=scene.act.programme.cycle).first()
    data = {"axis": axis.pk, "title": "Réunions", "nature": "nouvelle", "first_year": 2026, "last_year": 2027}
    return Sheet, filled(scene.director, address(scene, "sheet-create"), **data)


def copied_sheet(scene: Scene) -> tuple[type[models.Model], Post]:
    key = scene.act.programme.sheets.first().key
    page = address(scene, "sheet-detail", key=key)
    return Sheet, filled(scene.director, page, address(scene, "sheet-duplicate", key=key))


def attachment(scene: Scene) -> tuple[type[models.Model], Post]:
    page = address(scene, "attachment-add", kind="recepisse_rna")
    return Attachment, filled(scene.director, page, upload=PDF, dated="02/06/2025")


def funding(scene: Scene) -> tuple[type[models.Model], Post]:
    page = address(scene, "funding-record")
    client = Client()
    client.force_login(scene.director)
    groups = client.get(page).context["form"].fields["line"].choices
    line = next(value for _, group in groups if not isinstance(group, str) for value, _ in group)
    typed = {"kind": "granted", "line": line, "amount": "100", "dated_on": "02/06/2025", "year": "2025"}
    return FundingFact, filled(scene.director, page, reference="CP 25-114", upload=PDF, **typed)


CREATING = [message, reply, sheet, copied_sheet, attachment, funding]


@pytest.mark.parametrize("case", CREATING, ids=lambda case: case.__name__)
@pytest.mark.django_db(transaction=True)
def test_what_is_posted_four_times_at_once_is_created_once(case: Callable[[Scene], tuple[Any, Post]]) -> None:
    model, post = case(scenarios.in_negotiation())
    before = model.objects.count()
    answers = at_once(post)
    assert model.objects.count() == before + 1
    assert len(set(answers)) == 1
    assert answers[0][0] == 302 and answers[0][1]


@pytest.mark.django_db
def test_an_invitation_posted_again_answers_as_the_first_one() -> None:
    """Without a key, the second would say that an invitation waits already, as if the first had failed."""
    manager = make_user("manager")
    page = reverse("invitation-add", args=[manager.roles[0].organisation.key])
    data = {"email": "invitee@exemple.example", "first_name": "Dominique", "last_name": "Invitée", "role": "officer"}
    post = filled(manager, page, **data)
    answers = [post() for _ in range(3)]
    assert [answer.status_code for answer in answers] == [302] * 3
    assert len({answer.url for answer in answers}) == 1
    assert Invitation.objects.count() == 1


@pytest.mark.django_db
def test_a_convention_posted_again_leads_to_the_one_that_was_created() -> None:
    lead, territory = lead_with_territory()
    beneficiary = DossierFactory.build().beneficiary
    beneficiary.save()
    beneficiary.territories.add(territory)
    data = {"beneficiary": beneficiary.pk, "lead": lead.pk, "cycle": cycle().pk}
    post = filled(make_user("officer", lead), reverse("convention-create"), **data)
    there = reverse("convention-detail", args=["X"]).partition("X")[0]
    assert {post().url for _ in range(3)} == {there + Convention.objects.get().number + "/"}


@pytest.mark.django_db
def test_an_amendment_posted_again_leads_to_the_one_that_was_opened() -> None:
    scene = scenarios.active_convention()
    page = reverse("act-open-amendment", kwargs={"number": scene.convention.number})
    post = filled(scene.officer, page, topic="programme", purpose="Une fiche.", cause="Un besoin.", consequences="Peu.")
    first = post()
    assert first.status_code == 302, first.content.decode()
    assert post().url == first.url
    assert Act.objects.filter(convention=scene.convention).count() == 2


def test_each_form_that_writes_something_new_or_deposits_a_file_carries_a_key() -> None:
    """The public page that verifies a file stores nothing; a report leaves a state once, and a second post says so."""
    root = Path(settings.BASE_DIR) / "templates"
    without = set()
    for path in (path for path in root.rglob("*.html") if path.parent.name != "crispy_dsfr"):
        for form in re.findall(r"<form\b.*?</form>", path.read_text(encoding="utf-8"), re.DOTALL):
            new = "alone=True" in form or "multipart/form-data" in form
            if new and "{% once %}" not in form:
                without.add(str(path.relative_to(root)))
    assert without == {"reporting/report_transition.html", "conventions/pieces/verify.html"}


# -- What is not the same form ----------------------------------------------------------------------------------------


@pytest.fixture
def scene() -> Scene:
    return scenarios.in_negotiation()


def texts() -> list[str]:
    return list(Comment.objects.order_by("id").values_list("text", flat=True))


def form_of(scene: Scene, **typed: Any) -> Post:
    data = {"path": "general", "text": "Une question."} | typed
    return filled(scene.director, address(scene, "convention-versions"), address(scene, "thread-create"), **data)


@pytest.mark.django_db
def test_the_same_words_from_a_page_opened_again_are_a_second_message(scene: Scene) -> None:
    form_of(scene)()
    form_of(scene)()
    assert texts() == ["Une question."] * 2


@pytest.mark.django_db
def test_going_back_and_typing_something_else_creates_a_second_one(scene: Scene) -> None:
    client = Client()
    client.force_login(scene.director)
    page = client.get(address(scene, "convention-versions")).content.decode()
    there = address(scene, "thread-create")
    data = next(one for one in forms(page) if one.action == there).data() | {"path": "general"}
    for text in ("Une question.", "Une question.", "Une autre."):
        assert client.post(there, data | {"text": text}).status_code == 302
    assert texts() == ["Une question.", "Une autre."]


@pytest.mark.django_db
def test_a_form_that_was_refused_may_be_posted_again(scene: Scene) -> None:
    post = form_of(scene, text="")
    assert post().status_code == post().status_code == 200
    assert not PostedForm.objects.exists()


@pytest.mark.django_db
def test_a_failure_keeps_neither_the_key_nor_what_was_written(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    post = form_of(scene)
    from cpo.lib import journal

    with monkeypatch.context() as broken:
        broken.setattr(journal, "record", lambda *args, **kwargs: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            post()
    assert texts() == [] and not PostedForm.objects.exists()
    assert post().status_code == 302
    assert texts() == ["Une question."]


@pytest.mark.django_db
def test_the_key_of_another_person_hides_nothing(scene: Scene) -> None:
    client = Client()
    client.force_login(scene.director)
    page = client.get(address(scene, "convention-versions")).content.decode()
    there = address(scene, "thread-create")
    data = next(one for one in forms(page) if one.action == there).data() | {"path": "general", "text": "Une question."}
    client.post(there, data)
    client.force_login(scene.officer)
    client.post(there, data)
    assert texts() == ["Une question."] * 2
    assert JournalEntry.objects.filter(verb="thread_started").count() == 2


@pytest.mark.django_db
def test_keys_are_forgotten_after_the_time_of_a_draft(scene: Scene, clock: Any) -> None:
    post = form_of(scene)
    post()
    clock.shift(once.KEPT)
    assert once.purge() == 1
    assert re.fullmatch(r"[\w-]{20,}", once.new_key())
