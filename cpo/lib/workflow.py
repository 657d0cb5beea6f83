"""The workflow engine: each application declares its transition table; only `apply` writes a state.

A `Transition` declares its source states and target, who may do it, its conditions, and whether it needs a comment.
`available` lists the transitions open to a person with what is missing for each; templates draw all buttons from it.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import models, transaction

from . import journal
from .actor import Actor
from .enums import Audience
from .signals import transitioned


@dataclass(frozen=True)
class Missing:
    """A missing element: a French sentence and the address of the field to complete.

    `severity` is "error" (it blocks), "later" (it will block a later action) or "warning" (it never blocks).
    """

    text: str
    url: str = ""
    severity: str = "error"


class Refused(Exception):
    """The state or the guards refuse a transition; `missing` lists the reasons, in French."""

    def __init__(self, message: str, missing: Sequence[Missing] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.missing = list(missing)


@dataclass(frozen=True)
class Transition:
    """One line of a table. `target` None: the state does not change (propose, accept, sign).

    who: actor -> whether the role and standing allow it. when: (obj, actor) -> whether it can be tried now (turn).
    not_now: (obj, actor) -> the reason when `when` is false, a French sentence; "" for the general one.
    guards: obj -> missing elements. remarks: the same, none of which ever blocks: pages say them, `apply` ignores them.
    effect: (obj, actor, data) -> writes the consequences, in the same transaction.
    sentence: (obj, actor, data) -> the line of the journal. audience: its readers, or a function that returns them.
    comment: "required", "optional" or "".
    """

    name: str
    label: str
    sources: frozenset[str]
    target: str | None
    who: Callable[[Actor], bool]
    sentence: Callable[[Any, Actor, dict[str, Any]], str]
    when: Callable[[Any, Actor], bool] = lambda obj, actor: True
    not_now: Callable[[Any, Actor], str] = lambda obj, actor: ""
    guards: tuple[Callable[[Any], Iterable[Missing]], ...] = ()
    remarks: tuple[Callable[[Any], Iterable[Missing]], ...] = ()
    effect: Callable[[Any, Actor, dict[str, Any]], None] | None = None
    comment: str = ""
    comment_label: str = "Commentaire"
    consequence: str = ""
    audience: str | Callable[[Any, Actor, dict[str, Any]], str] = Audience.BOTH
    rank: int = 50
    dangerous: bool = False
    own_page: bool = False
    aside: bool = False  # offered, but never as the next step

    @property
    def comment_required(self) -> bool:
        return self.comment == "required"

    @property
    def shown(self) -> tuple[Callable[[Any], Iterable[Missing]], ...]:
        """All that a page says to be missing."""
        return (*self.guards, *self.remarks)


@dataclass(frozen=True)
class Option:
    """A transition open to a person, with their capacity and the missing elements."""

    transition: Transition
    actor: Actor
    missing: list[Missing] = field(default_factory=list)

    @property
    def blocking(self) -> list[Missing]:
        return [item for item in self.missing if item.severity == "error"]

    @property
    def ready(self) -> bool:
        return not self.blocking

    @property
    def missing_title(self) -> str:
        """« Il manque 3 points », now or only before the signature; warnings are counted apart."""
        lacking = sum(item.severity != "warning" for item in self.missing)
        others = len(self.missing) - lacking
        if not lacking:
            return f"{others} point{'s' if others > 1 else ''} à vérifier"
        title = f"Il manque {lacking} point{'s' if lacking > 1 else ''}{' avant la signature' if self.ready else ''}"
        return f"{title}, {others} à vérifier" if others else title


class Workflow:
    """The table of one model.

    `root(obj)` returns the object whose journal lists the events; `capacities(user, obj)`, the capacities of a person;
    `lock(obj)`, a fresh object with its rows locked in the agreed order; `journal_sentence(obj, sentence)`, the line of
    the journal, where it must name the object.
    """

    def __init__(
        self,
        transitions: Sequence[Transition],
        *,
        root: Callable[[Any], models.Model],
        capacities: Callable[[Any, Any], list[Actor]],
        lock: Callable[[Any], Any],
        journal_sentence: Callable[[Any, str], str] = lambda obj, sentence: sentence,
    ) -> None:
        self.transitions = {transition.name: transition for transition in transitions}
        self.root = root
        self.capacities = capacities
        self.lock = lock
        self.journal_sentence = journal_sentence

    def available(self, obj: Any, user: Any) -> list[Option]:
        """List the transitions that the person may try now, by rank, with what is missing for each."""
        capacities = self.capacities(user, obj)
        checked: dict[Callable[[Any], Iterable[Missing]], list[Missing]] = {}
        options = []
        for transition in self.transitions.values():
            actor = self._actor(transition, obj, capacities)
            if actor is None:
                continue
            missing: list[Missing] = []
            for guard in transition.shown:
                if guard not in checked:
                    checked[guard] = list(guard(obj))
                missing += checked[guard]
            options.append(Option(transition, actor, missing))
        return sorted(options, key=lambda option: option.transition.rank)

    def option(self, obj: Any, user: Any, name: str) -> Option | None:
        """Return the option of that name, or None when the person may not try it now."""
        return next((option for option in self.available(obj, user) if option.transition.name == name), None)

    def attempt(self, name: str, obj: Any, user: Any) -> Option:
        """Return the option of that name with what is missing.

        Raises, like `apply`, PermissionDenied (the person may never do it) or Refused (not now).
        """
        transition = self.transitions[name]
        actor = self._checked_actor(transition, obj, user)
        return Option(transition, actor, [item for guard in transition.shown for item in guard(obj)])

    def apply(self, name: str, obj: Any, *, by: Any, comment: str = "", data: dict[str, Any] | None = None) -> Any:
        """Do a transition: lock, check state, person and guards, write state, effects and journal, in one transaction.

        `by` is a user, or an `Actor` for the application itself. Returns the object as written. Raises PermissionDenied
        (the person may never do it), Refused (not now: state, turn, or something missing).
        """
        transition = self.transitions[name]
        data = dict(data or {}, comment=comment)
        with transaction.atomic():
            obj = self.lock(obj)
            actor = self._checked_actor(transition, obj, by)
            if transition.comment_required and not comment.strip():
                raise Refused("Un motif est obligatoire pour cette action.")
            missing = [item for guard in transition.guards for item in guard(obj) if item.severity == "error"]
            if missing:
                raise Refused("Cette action n’est pas encore possible : il manque des éléments.", missing)
            before = obj.state
            if transition.target is not None:
                obj.state = transition.target
            if transition.effect:
                transition.effect(obj, actor, data)
            obj.save()
            audience = transition.audience
            journal.record(
                obj,
                root=self.root(obj),
                by=actor,
                verb=name,
                sentence=self.journal_sentence(obj, transition.sentence(obj, actor, data)),
                audience=audience(obj, actor, data) if callable(audience) else audience,
                comment=comment,
                from_state=before,
                to_state=obj.state,
            )
            transitioned.send(
                type(obj), obj=obj, transition=name, actor=actor, from_state=before, comment=comment, data=data
            )
        return obj

    def _actor(self, transition: Transition, obj: Any, capacities: list[Actor]) -> Actor | None:
        if obj.state not in transition.sources:
            return None
        return next((a for a in capacities if transition.who(a) and transition.when(obj, a)), None)

    def _checked_actor(self, transition: Transition, obj: Any, by: Any) -> Actor:
        capacities = [by] if isinstance(by, Actor) else self.capacities(by, obj)
        able = [actor for actor in capacities if transition.who(actor)]
        if not able:
            raise PermissionDenied(f"Votre rôle ne permet pas l’action « {transition.label} » sur ce dossier.")
        if obj.state not in transition.sources:
            raise Refused(
                f"L’action « {transition.label} » n’est plus possible : "
                f"l’état est maintenant « {obj.get_state_display()} »."
            )
        actor = next((actor for actor in able if transition.when(obj, actor)), None)
        if actor is None:
            general = f"L’action « {transition.label} » n’est pas possible maintenant. Rechargez la page."
            raise Refused(transition.not_now(obj, able[0]) or general)
        return actor
