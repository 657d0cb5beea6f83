"""The workflow engine on a table with one transition: actors, source states, guards, all or nothing."""

from dataclasses import replace
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from cpo.lib import clock
from cpo.lib.actor import SYSTEM, Actor
from cpo.lib.models import Job, JournalEntry
from cpo.lib.signals import transitioned
from cpo.lib.workflow import Missing, Option, Refused, Transition, Workflow
from tests.factories.arml import UserFactory

pytestmark = pytest.mark.django_db
CLERK, READER = Actor(None, role="clerk"), Actor(None, role="reader")
BEGIN = Transition(
    name="begin",
    label="Commencer",
    sources=frozenset({"waiting"}),
    target="running",
    who=lambda actor: actor.role == "clerk",
    sentence=lambda job, actor, data: f"{actor.name} commence {job.key}.",
)


def workflow(*transitions: Transition, **changes: Any) -> Workflow:
    """In these tests, a person is a list of capacities."""
    return Workflow(
        transitions or [replace(BEGIN, **changes)],
        root=lambda job: job,
        capacities=lambda user, job: user,
        lock=lambda job: Job.objects.select_for_update().get(pk=job.pk),
        journal_sentence=lambda job, sentence: f"Travail {job.kind}\u00a0: {sentence}",
    )


def make(state: str = "waiting", **fields: Any) -> Job:
    return Job.objects.create(kind="essai", key="a", state=state, created_at=clock.now(), **fields)


def stored() -> str:
    return Job.objects.get().state


def nothing_happened(state: str = "waiting") -> bool:
    return stored() == state and not JournalEntry.objects.exists()


def lacks(*missing: Missing) -> tuple[Any, ...]:
    return (lambda job: iter(missing),)


# -- Writes -----------------------------------------------------------------------------------------------------------


def test_a_transition_writes_the_state_and_one_line_of_the_journal_in_the_capacity_acted_in() -> None:
    user = UserFactory()
    actor = Actor(user, organisation="DREETS Exemple", role="clerk", side="state")
    job = workflow().apply("begin", make(), by=[actor], comment="Vite.")
    assert (job.state, stored()) == ("running", "running")
    entry = JournalEntry.objects.get()
    assert entry.sentence == f"Travail essai\u00a0: {user} commence a."
    assert (entry.verb, entry.from_state, entry.to_state, entry.comment) == ("begin", "waiting", "running", "Vite.")
    assert (entry.root, entry.subject) == (f"job:{job.pk}", f"job:{job.pk}")
    assert (entry.actor, entry.organisation, entry.role, entry.side) == (user, "DREETS Exemple", "clerk", "state")
    assert entry.audience == "both"


def test_a_transition_without_target_leaves_the_state_and_is_told_all_the_same() -> None:
    workflow(target=None).apply("begin", make(), by=[CLERK])
    entry = JournalEntry.objects.get()
    assert (stored(), entry.from_state, entry.to_state) == ("waiting", "waiting", "waiting")


def test_the_audience_may_follow_from_what_was_done() -> None:
    table = workflow(target=None, audience=lambda job, actor, data: data["audience"])
    for audience in ("state", "beneficiary"):
        table.apply("begin", Job.objects.first() or make(), by=[CLERK], data={"audience": audience})
    assert list(JournalEntry.objects.order_by("id").values_list("audience", flat=True)) == ["state", "beneficiary"]


def test_the_effect_finds_the_new_state_and_the_comment_and_what_it_writes_on_the_object_is_saved() -> None:
    calls = []

    def effect(job: Job, actor: Actor, data: dict[str, Any]) -> None:
        calls.append((job.state, data))
        job.error = "écrit"
        data["more"] = "de l’effet"

    table = workflow(effect=effect, sentence=lambda job, actor, data: data["more"])
    table.apply("begin", make(), by=[CLERK], comment="Vite.", data={"own": 1})
    assert calls == [("running", {"own": 1, "comment": "Vite.", "more": "de l’effet"})]
    assert Job.objects.get().error == "écrit"
    assert JournalEntry.objects.get().sentence.endswith("de l’effet")


def test_the_application_itself_acts_without_a_person() -> None:
    with pytest.raises(PermissionDenied):
        workflow().apply("begin", make(), by=SYSTEM)
    workflow(who=lambda actor: actor is SYSTEM).apply("begin", Job.objects.get(), by=SYSTEM)
    assert JournalEntry.objects.get().sentence == "Travail essai\u00a0: L’application commence a."


def test_who_listens_hears_what_changed_and_may_undo_it_all() -> None:
    signals = []

    def listen(sender: Any, **event: Any) -> None:
        signals.append({name: event[name] for name in ("transition", "actor", "from_state", "comment")})
        if event["comment"] == "Non.":
            raise Refused("Pas ainsi.")

    transitioned.connect(listen, sender=Job)
    try:
        with pytest.raises(Refused, match="Pas ainsi"):
            workflow().apply("begin", make(), by=[CLERK], comment="Non.")
        assert nothing_happened()
        workflow().apply("begin", Job.objects.get(), by=[CLERK])
    finally:
        transitioned.disconnect(listen, sender=Job)
    assert signals[1] == {"transition": "begin", "actor": CLERK, "from_state": "waiting", "comment": ""}
    assert len(signals) == 2


# -- Refusals ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("state", "words"), [("running", "en cours"), ("done", "terminé"), ("failed", "en échec")])
def test_from_another_state_the_refusal_names_the_state(state: str, words: str) -> None:
    job = make(state)
    with pytest.raises(Refused) as refusal:
        workflow().apply("begin", job, by=[CLERK])
    assert refusal.value.message == (
        f"L’action «\u00a0Commencer\u00a0» n’est plus possible\u00a0: l’état est maintenant «\u00a0{words}\u00a0»."
    )
    assert nothing_happened(state)


@pytest.mark.parametrize("state", ["waiting", "done"])
@pytest.mark.parametrize("capacities", [[], [READER]])
def test_who_may_never_do_it_is_told_so_whatever_the_state(capacities: list[Actor], state: str) -> None:
    job = make(state)
    with pytest.raises(PermissionDenied, match="Votre rôle ne permet pas l’action «\u00a0Commencer\u00a0»"):
        workflow().apply("begin", job, by=capacities)
    assert nothing_happened(state)


def test_what_may_not_be_tried_now_says_why_in_its_own_words_or_in_general_ones() -> None:
    job = make()
    with pytest.raises(Refused) as refusal:
        workflow(when=lambda job, actor: False).apply("begin", job, by=[CLERK])
    assert refusal.value.message.endswith("n’est pas possible maintenant. Rechargez la page.")
    own = workflow(when=lambda job, actor: False, not_now=lambda job, actor: f"Pas {actor.role} maintenant.")
    with pytest.raises(Refused) as refusal:
        own.apply("begin", job, by=[READER, CLERK])
    assert refusal.value.message == "Pas clerk maintenant."
    assert nothing_happened()


def test_of_several_capacities_the_one_that_may_act_now_is_taken() -> None:
    first, second = Actor(None, role="clerk", side="state"), Actor(None, role="clerk", side="beneficiary")
    table = workflow(when=lambda job, actor: actor.side == "beneficiary")
    job, person = make(), [READER, first, second]
    assert table.option(job, person, "begin").actor == second
    assert table.attempt("begin", job, person).actor == second
    table.apply("begin", job, by=person)
    assert JournalEntry.objects.get().side == "beneficiary"


@pytest.mark.parametrize("comment", ["", "   ", "\n\t"])
def test_a_comment_that_is_required_is_not_blank(comment: str) -> None:
    with pytest.raises(Refused, match="Un motif est obligatoire"):
        workflow(comment="required").apply("begin", make(), by=[CLERK], comment=comment)
    assert nothing_happened()


@pytest.mark.parametrize("requirement", ["optional", ""])
def test_a_comment_that_is_not_required_may_be_left_out(requirement: str) -> None:
    workflow(comment=requirement).apply("begin", make(), by=[CLERK])
    assert stored() == "running"


def test_what_is_missing_stops_the_transition_and_is_listed_with_its_addresses() -> None:
    job, first, second = make(), Missing("Un nom", "/nom/#id_nom"), Missing("Une date", "/date/")
    table = workflow(guards=(*lacks(first, Missing("Un mot", severity="warning")), *lacks(second)))
    with pytest.raises(Refused, match="il manque des éléments") as refusal:
        table.apply("begin", job, by=[CLERK])
    assert refusal.value.missing == [first, second]
    assert nothing_happened()


@pytest.mark.parametrize("severity", ["warning", "later"])
def test_what_is_only_said_stops_nothing(severity: str) -> None:
    table = workflow(guards=lacks(Missing("Un mot", severity=severity)))
    assert table.option(make(), [CLERK], "begin").ready
    table.apply("begin", Job.objects.get(), by=[CLERK])
    assert stored() == "running"


def test_remarks_are_said_with_what_the_guards_lack_and_not_computed_to_do_it() -> None:
    asked = []
    remarks = (lambda job: asked.append(job.key) or [Missing("Une remarque", severity="later")],)
    table = workflow(guards=lacks(Missing("Un mot", severity="warning")), remarks=remarks)
    said = table.option(make(), [CLERK], "begin").missing
    assert [line.text for line in said] == ["Un mot", "Une remarque"]
    assert table.attempt("begin", Job.objects.get(), [CLERK]).missing == said
    assert asked == ["a", "a"]
    table.apply("begin", Job.objects.get(), by=[CLERK])
    assert (asked, stored()) == (["a", "a"], "running")


def test_guards_look_at_the_state_before_the_transition() -> None:
    states = []
    workflow(guards=(lambda job: states.append(job.state) or (),)).apply("begin", make(), by=[CLERK])
    assert states == ["waiting"]


def test_an_effect_that_refuses_takes_back_what_it_wrote() -> None:
    def effect(job: Job, actor: Actor, data: dict[str, Any]) -> None:
        Job.objects.update(error="écrit")
        raise Refused("Trop tard.")

    with pytest.raises(Refused, match="Trop tard"):
        workflow(effect=effect).apply("begin", make(), by=[CLERK])
    assert nothing_happened()
    assert Job.objects.get().error == ""


def test_a_sentence_that_fails_takes_back_the_state() -> None:
    with pytest.raises(KeyError):
        workflow(sentence=lambda job, actor, data: data["nothing"]).apply("begin", make(), by=[CLERK])
    assert nothing_happened()


def test_the_row_as_it_is_now_decides_not_what_the_page_showed() -> None:
    stale = make()
    Job.objects.update(state="done")
    with pytest.raises(Refused, match="terminé"):
        workflow().apply("begin", stale, by=[CLERK])
    assert nothing_happened("done")


def test_an_unknown_transition_is_a_mistake_of_the_program() -> None:
    with pytest.raises(KeyError):
        workflow().apply("nothing", make(), by=[CLERK])


# -- Options ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["waiting", "running", "done"])
def test_what_is_offered_and_ready_is_what_can_be_done(state: str) -> None:
    """`available`, which gives the buttons, and `apply`, which decides, always agree."""
    job, outcomes = make(state), set()
    for who in ([], [READER], [CLERK], [READER, CLERK]):
        for when in (True, False):
            for missing in ((), (Missing("Un nom"),), (Missing("Un mot", severity="warning"),)):
                table = workflow(when=lambda job, actor, when=when: when, guards=lacks(*missing), target=None)
                option = table.option(job, who, "begin")
                try:
                    attempt = table.attempt("begin", job, who)
                except (Refused, PermissionDenied):
                    attempt = None
                assert attempt == option
                try:
                    table.apply("begin", job, by=who)
                    applied = True
                except (Refused, PermissionDenied):
                    applied = False
                assert applied == bool(option and option.ready), (state, who, when, missing)
                outcomes.add(applied)
    assert outcomes == ({True, False} if state == "waiting" else {False})


def test_what_is_offered_comes_in_the_order_of_rank_and_a_shared_guard_is_asked_once() -> None:
    calls = []
    guards = (lambda job: calls.append(job) or [Missing("Un nom")],)
    later, sooner = replace(BEGIN, name="later", rank=60, guards=guards), replace(BEGIN, name="sooner", guards=guards)
    elsewhere = replace(BEGIN, name="elsewhere", sources=frozenset({"done"}))
    options = workflow(later, sooner, elsewhere).available(make(), [CLERK])
    assert [option.transition.name for option in options] == ["sooner", "later"]
    assert [len(option.blocking) for option in options] == [1, 1]
    assert len(calls) == 1


@pytest.mark.parametrize(
    ("errors", "later", "warnings", "title"),
    [
        (1, 0, 0, "Il manque 1 point"),
        (2, 0, 0, "Il manque 2 points"),
        (1, 1, 0, "Il manque 2 points"),
        (0, 1, 0, "Il manque 1 point avant la signature"),
        (0, 3, 2, "Il manque 3 points avant la signature, 2 à vérifier"),
        (1, 0, 1, "Il manque 1 point, 1 à vérifier"),
        (0, 0, 1, "1 point à vérifier"),
        (0, 0, 2, "2 points à vérifier"),
    ],
)
def test_what_is_missing_is_counted_apart_from_what_is_only_said(
    errors: int, later: int, warnings: int, title: str
) -> None:
    severities = ["error"] * errors + ["later"] * later + ["warning"] * warnings
    assert Option(BEGIN, CLERK, [Missing("x", severity=name) for name in severities]).missing_title == title
