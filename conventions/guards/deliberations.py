"""An avenant that raises what a body has decided to ask or to give needs a new deliberation of that body."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

from arml.models import Attachment
from conventions.enums import ActKind
from conventions.guards.addresses import url
from conventions.guards.money import state_total
from conventions.later.opening import OF_AMOUNTS
from conventions.models import Act
from conventions.text.values import REGION_ACCOUNT
from cpo.lib.money import total
from cpo.lib.wording.french import date, euros
from cpo.lib.workflow import Missing

OF_ASSOCIATION, OF_REGION = "deliberation_autorisation", "deliberation_region"


def deliberation_covers_the_rise(act: Act) -> Iterator[Missing]:
    """The association's covers the State's contribution; that of a Région which signs, its own."""
    agreed = _agreed_text(act)
    if agreed is None:
        return
    yield from _uncovered(
        act, agreed, OF_ASSOCIATION, "la contribution de l’État", state_total(agreed), state_total(act)
    )
    if act.options.get("region") == "cosignataire":
        yield from _uncovered(act, agreed, OF_REGION, "la contribution de la Région", _region(agreed), _region(act))


def _agreed_text(act: Act) -> Act | None:
    """The last text that set the whole amount; None if the act is no avenant. An act of amounts keeps the maximum."""
    text = act.base if act.kind == ActKind.AMENDMENT else None
    while text is not None and text.kind in OF_AMOUNTS:
        text = text.base
    return text


def _uncovered(act: Act, agreed: Act, kind: str, what: str, before: Decimal, after: Decimal) -> Iterator[Missing]:
    signed_on = agreed.signed_on or agreed.effective_on
    if after <= before or _decided_after(act, kind, signed_on):
        return
    yield Missing(
        f"Pièce\u00a0: délibération qui couvre la hausse de {what} ({euros(before)}, portée à {euros(after)}), "
        f"postérieure au {date(signed_on)}",
        url(act, "convention-documents", f"piece-{kind}"),
    )


def _decided_after(act: Act, kind: str, day: dt.date) -> bool:
    given = Attachment.objects.current().filter(dossier=act.dossier, kind__key=kind, file__isnull=False)
    return given.filter(dated__gt=day).exists()


def _region(act: Act) -> Decimal:
    return total(act.programme.resources.filter(account__code=REGION_ACCOUNT).values_list("amount", flat=True))
