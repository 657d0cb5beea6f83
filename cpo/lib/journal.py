"""Write and read the journal: one readable sentence per event, with the capacity of the person.

What one may read of an event is the rule of the page that it speaks of. The application that has the page of an object
registers its rule here (`rule_of`), and whatever shows events begins with `entries`.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.db import models
from django.db.models import F, Func

from . import clock
from .actor import Actor, reads_negotiation
from .enums import Audience, Side
from .models import JournalEntry

EVERY = models.Q()
NONE = models.Q(pk__in=[])
# For a kind of object: the condition on its events, at a root, for a person with these capacities.
Rule = Callable[[models.Model, list[Actor]], models.Q]
_rules: dict[str, Rule] = {}


def rule_of(kind: str) -> Callable[[Rule], Rule]:
    """Register the rule of the events about a kind of object (`Model._meta.model_name`)."""

    def register(rule: Rule) -> Rule:
        if kind in _rules:
            raise ValueError(f"the events about {kind} already have a rule")
        _rules[kind] = rule
        return rule

    return register


def key(obj: models.Model) -> str:
    """Return the key of an object in the journal, such as "dossier:12"."""
    return f"{obj._meta.model_name}:{obj.pk}"


def record(
    subject: models.Model | str,  # the journal key instead of an object that is about to be deleted
    *,
    root: models.Model,
    by: Actor,
    verb: str,
    sentence: str,
    element: str = "",
    parameters: dict[str, Any] | None = None,
    audience: str = Audience.BOTH,
    comment: str = "",
    from_state: str = "",
    to_state: str = "",
    stored: bool = True,
) -> JournalEntry:
    """Append one event. Call it inside the transaction of the change.

    Not `stored`: the caller stores the events of many objects with one query.
    """
    entry = JournalEntry(
        root=key(root),
        subject=subject if isinstance(subject, str) else key(subject),
        verb=verb,
        sentence=sentence[:400],
        element=element[:300],
        parameters=parameters or {},
        from_state=from_state,
        to_state=to_state,
        at=clock.now(),
        actor=by.user,
        actor_name=by.name,
        organisation=str(by.organisation or ""),
        role=by.role,
        side=by.side,
        audience=audience,
        comment=comment,
    )
    if stored:
        entry.save(force_insert=True)
    return entry


def last(subject: models.Model, *verbs: str) -> JournalEntry | None:
    """Return the latest event about an object with one of these verbs."""
    return JournalEntry.objects.filter(subject=key(subject), verb__in=verbs).first()


def last_writing(subject: models.Model, element: str, *verbs: str) -> JournalEntry | None:
    """Return the latest event with one of these verbs that wrote this element of an object.

    « les informations » also matches the longer « les informations (SIRET) ».
    """
    of_element = models.Q(element=element) | models.Q(element__startswith=f"{element} ")
    return JournalEntry.objects.filter(of_element, subject=key(subject), verb__in=verbs).first()


def readable_by(actors: list[Actor]) -> list[str]:
    """Return the audiences that a person with these capacities on a dossier may read."""
    audiences = {Audience.BOTH}
    for actor in actors:
        if actor.side == Side.STATE:
            audiences |= {Audience.STATE, Audience.NATIONAL}
        elif actor.side == Side.BENEFICIARY:
            audiences.add(Audience.BENEFICIARY)
        elif actor.standing == "national":
            audiences.add(Audience.NATIONAL)
    return sorted(audiences)


def entries(root: models.Model, actors: list[Actor]) -> models.QuerySet[JournalEntry]:
    """Return the events of a root that these capacities may read, newest first."""
    of_audience = JournalEntry.objects.filter(root=key(root), audience__in=readable_by(actors))
    return of_audience.filter(_of_readable_pages(root, actors))


def entries_about(obj: models.Model, root: models.Model, actors: list[Actor]) -> models.QuerySet[JournalEntry]:
    """Those of `entries` that are about one object: only the rule of its kind is asked."""
    about = JournalEntry.objects.filter(root=key(root), subject=key(obj), audience__in=readable_by(actors))
    return about.filter(_of_readable_pages(root, actors, {str(obj._meta.model_name)}))


def shared(root: models.Model) -> models.QuerySet[JournalEntry]:
    """Return the events that everybody on both sides may read: for a file that all of them get."""
    everybody = [Actor(user=None, standing="national")]
    return JournalEntry.objects.filter(root=key(root), audience=Audience.BOTH).filter(
        _of_readable_pages(root, everybody)
    )


def _of_readable_pages(root: models.Model, actors: list[Actor], present: set[str] | None = None) -> models.Q:
    """Condition: the person may read the page that the event speaks of.

    Whoever reads the negotiation reads all but what the rule of a kind refuses; an observer, only what a rule grants.
    """
    readable = EVERY if reads_negotiation(actors) else NONE
    present = _kinds_at(root) if present is None else present
    for rule, kinds in _kinds_of_rules().items():
        if not (kinds_here := [kind for kind in kinds if kind in present]):
            continue
        about, granted = _about(kinds_here), rule(root, actors)
        if not reads_negotiation(actors):
            readable |= about & granted
        elif granted != EVERY:
            readable &= ~about | granted
    return readable


def _kinds_of_rules() -> dict[Rule, list[str]]:
    """Each rule once, with the kinds whose events it is asked about."""
    kinds: dict[Rule, list[str]] = {}
    for kind, rule in _rules.items():
        kinds.setdefault(rule, []).append(kind)
    return kinds


def _kinds_at(root: models.Model) -> set[str]:
    """The kinds of objects that the events of this root speak of: the rule of any other kind need not be asked."""
    text = models.CharField()
    kind = Func(F("subject"), models.Value(":"), models.Value(1), function="split_part", output_field=text)
    return set(JournalEntry.objects.filter(root=key(root)).order_by().values_list(kind, flat=True).distinct())


def _about(kinds: Iterable[str]) -> models.Q:
    about = NONE
    for kind in kinds:
        about |= models.Q(subject__startswith=f"{kind}:")
    return about
