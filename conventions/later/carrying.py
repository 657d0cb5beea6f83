"""When an act becomes the last signed text, the other open acts are changed to start from its text.

An avenant keeps its own changes; it also takes the amounts that an annual act or a budget adaptation has fixed, except
those that it changes itself. An act of amounts is copied again from the signed avenant, then its changes to the amounts
of its year are written again. In both cases the content changes, so acceptances are cancelled and both sides are told,
as after any edit.
"""

from actions.models import Programme
from actions.services.copies import copy_into
from conventions.enums import ConventionState
from conventions.models import Act
from cpo.lib import journal
from cpo.lib.actor import Actor
from cpo.lib.editing.lock import edit
from cpo.lib.workflow import Refused

from . import amounts
from .opening import OF_AMOUNTS, OPEN, copy_rows


def carry(signed_act: Act, before: Act, actor: Actor) -> list[Act]:
    """Make the other open acts start from the text of `signed_act`; return them.

    `before`: the last signed text until then. Call it under the lock of `signed_act`, after the freeze of its content.
    """
    open_acts = signed_act.convention.acts.filter(state__in=OPEN, number__gt=0).exclude(pk=signed_act.pk)
    acts = list(open_acts.select_related("programme", "convention__dossier"))
    for act in acts:
        with edit(
            act.programme, expected_revision=None, by=actor, element=f"le texte de départ, désormais {signed_act.name}"
        ):
            _still_negotiated(act)
            write = _restart_from_avenant if act.kind in OF_AMOUNTS else _take_amounts
            conflicts = write(act, signed_act, before)
            day = max(act.effective_on, signed_act.effective_on)
            if act.kind in OF_AMOUNTS:  # it has taken the term of the signed text, which may be shorter
                day = min(day, signed_act.ends_on)
            Act.objects.filter(pk=act.pk).update(base=signed_act, effective_on=day)
        several = "s" if conflicts > 1 else ""
        conflict_words = (
            f" {conflicts} montant{several} changé{several} des deux côtés : la valeur de cet acte est gardée."
        )
        journal.record(
            act,
            root=act.dossier,
            by=actor,
            verb="carried",
            sentence=f"{act.subject} part désormais du texte de {signed_act.name_in_sentence}."
            + (conflict_words if conflicts else ""),
        )
    return acts


def _still_negotiated(act: Act) -> None:
    """Raise Refused if the act is now at the signature: its text cannot change, and would undo that of `signed_act`."""
    act.refresh_from_db(fields=["state"])
    if act.state == ConventionState.SIGNATURE:
        raise Refused(f"{act.subject} vient de passer à la signature : il doit d’abord être notifié.")


def _take_amounts(act: Act, signed_act: Act, before: Act) -> int:
    """Write the amounts changed by `signed_act`, except those that this act changes; return how many both change."""
    start = amounts.rows(before)
    own_changes = amounts.changes(start, amounts.rows(act))
    signed_changes = amounts.changes(start, amounts.rows(signed_act))
    amounts.put(act, {key: value for key, value in signed_changes.items() if key not in own_changes})
    return sum(key in own_changes and own_changes[key] != value for key, value in signed_changes.items())


def _restart_from_avenant(act: Act, signed_act: Act, before: Act) -> int:
    """Copy the whole text of `signed_act`, then write this act's changes again; return how many amounts both change."""
    start = amounts.rows(before)
    own_changes = amounts.changes(start, amounts.rows(act))
    signed_changes = amounts.changes(start, amounts.rows(signed_act))
    programme: Programme = act.programme
    programme.expenses.all().delete()
    programme.resources.all().delete()
    programme.sheets.all().delete()
    copy_into(signed_act.programme, programme)
    for name in ("articles", "parties", "contributions", "instalments"):
        getattr(act, name).all().delete()
    copy_rows(signed_act, act)
    Act.objects.filter(pk=act.pk).update(
        options=signed_act.options,
        values=signed_act.values,
        ends_on=signed_act.ends_on,
        effective_on=min(act.effective_on, signed_act.ends_on),
    )
    Programme.objects.filter(pk=programme.pk).update(term_year=signed_act.programme.term_year)
    amounts.put(act, own_changes)
    return sum(key in own_changes and own_changes[key] != value for key, value in signed_changes.items())
