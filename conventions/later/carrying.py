"""When an act becomes the last text signed, the acts still negotiated beside it start from it from then on.

An avenant keeps what it has changed and takes the amounts that an annual act or a notice has fixed, but for those that
it changes itself; an act of amounts is made anew from the avenant, with the amounts of its year put back. Either way
the content has changed: acceptances are cancelled and both sides are told, as by any edit.
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


def carry(signed: Act, before: Act, actor: Actor) -> list[Act]:
    """Put the others on the text of `signed`, which followed `before`; return them. Call it under the lock of `signed`,
    once its content is frozen."""
    beside = signed.convention.acts.filter(state__in=OPEN, number__gt=0).exclude(pk=signed.pk)
    carried = list(beside.select_related("programme", "convention__dossier"))
    for act in carried:
        with edit(
            act.programme, expected_revision=None, by=actor, element=f"le texte de départ, désormais {signed.name}"
        ):
            _still_negotiated(act)
            left = _from_avenant(act, signed, before) if act.kind in OF_AMOUNTS else _amounts(act, signed, before)
            day = max(act.effective_on, signed.effective_on)
            Act.objects.filter(pk=act.pk).update(base=signed, effective_on=day)
        several = "s" if left > 1 else ""
        kept = f" {left} montant{several} changé{several} des deux côtés : la valeur de cet acte est gardée."
        journal.record(
            act,
            root=act.dossier,
            by=actor,
            verb="carried",
            sentence=f"{act.subject} part désormais du texte de {signed.name_in_sentence}." + (kept if left else ""),
        )
    return carried


def _still_negotiated(act: Act) -> None:
    """Under its lock: what is at the signature can't be changed, and would put back what `signed` has changed."""
    act.refresh_from_db(fields=["state"])
    if act.state == ConventionState.SIGNATURE:
        raise Refused(f"{act.subject} vient de passer à la signature : il doit d’abord être notifié.")


def _amounts(act: Act, signed: Act, before: Act) -> int:
    """The amounts that `signed` has changed, but for those that this act changes too; return how many these are."""
    start = amounts.rows(before)
    mine, theirs = amounts.changes(start, amounts.rows(act)), amounts.changes(start, amounts.rows(signed))
    amounts.put(act, {key: value for key, value in theirs.items() if key not in mine})
    return sum(key in mine and mine[key] != value for key, value in theirs.items())


def _from_avenant(act: Act, signed: Act, before: Act) -> int:
    """The whole text of `signed`, then what this act had changed in the amounts of its year."""
    start = amounts.rows(before)
    mine, theirs = amounts.changes(start, amounts.rows(act)), amounts.changes(start, amounts.rows(signed))
    programme: Programme = act.programme
    programme.expenses.all().delete()
    programme.resources.all().delete()
    programme.sheets.all().delete()
    copy_into(signed.programme, programme)
    for name in ("articles", "parties", "contributions", "instalments"):
        getattr(act, name).all().delete()
    copy_rows(signed, act)
    Act.objects.filter(pk=act.pk).update(options=signed.options, values=signed.values, ends_on=signed.ends_on)
    amounts.put(act, mine)
    return sum(key in mine and mine[key] != value for key, value in theirs.items())
