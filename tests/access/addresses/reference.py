"""Reference data, which only the national administration may edit."""

from typing import Any

from conventions.models import ModelVersion
from conventions.services import national_model as services
from cpo.lib import clock
from cpo.lib.enums import MailState
from cpo.lib.models import OutboxMessage

from .base import Block, Place, form_values

CYCLE = "cpo-arml-2025-2027"
DRAFT = "2026-9"


def cycle(**more: Any) -> Any:
    return lambda place: {"cycle": CYCLE, **more}


def published(**more: Any) -> Any:
    return lambda place: {"cycle": CYCLE, "number": ModelVersion.objects.exclude(published_on=None)[0].number, **more}


def in_preparation(**more: Any) -> Any:
    def kwargs(place: Place) -> dict[str, Any]:
        place.once("model", lambda: _new_version(place))
        return {"cycle": CYCLE, "number": DRAFT, **more}

    return kwargs


def _new_version(place: Place) -> ModelVersion:
    return services.new_version(cycle=place.act.convention.cycle, number=DRAFT, note="", by=place.people["adm"])


def example(place: Place) -> dict[str, Any]:
    """The values that a new example needs."""
    objective = place.act.convention.cycle.axes.get(number=1).objectives.all()[0]
    texts = {"title": "Un exemple de plus", "context": "Un constat", "description": "Une action"}
    return {"objective": str(objective.pk), "functions": "F1", **texts}


def undelivered(place: Place) -> dict[str, Any]:
    """A message that failed, so that there is one to send again."""
    place.once("undelivered", lambda: OutboxMessage.objects.create(
        message_id="<refuse@exemple.example>", template="invitation", to="a@exemple.example", subject="Invitation",
        body="", state=MailState.FAILED, attempts=1, error="L’adresse n’est pas utilisable", created_at=clock.now(),
    ))  # fmt: skip
    return {}


BLOCKS = {
    "reference-home": Block(),
    "undelivered-messages": Block(kwargs=undelivered, post=form_values(tous="oui")),
    "reference-values": Block(kwargs=cycle()),
    "reference-axes": Block(kwargs=cycle()),
    "reference-axis": Block(kwargs=cycle(number=1)),
    "reference-indicators": Block(kwargs=cycle()),
    "reference-indicator": Block(kwargs=cycle(code="1-A-1")),
    "reference-indicator-national": Block(kwargs=cycle(code="1-A-1"), post=form_values(national="oui")),
    "reference-examples": Block(kwargs=cycle()),
    "reference-example": Block(kwargs=cycle(code="1-A")),
    "reference-example-add": Block(kwargs=cycle(), post=example),
    "reference-model": Block(kwargs=cycle(), takes=False),  # refused while a version is in preparation
    "reference-model-version published": Block(kwargs=published()),
    "reference-model-version draft": Block(kwargs=in_preparation()),
    "reference-model-whole published": Block(kwargs=published(), takes=False),
    "reference-model-whole draft": Block(kwargs=in_preparation()),
    "reference-model-article published": Block(kwargs=published(key="objet"), takes=False),
    "reference-model-article draft": Block(kwargs=in_preparation(key="objet")),
    "reference-model-publish published": Block(kwargs=published()),
    "reference-model-publish draft": Block(kwargs=in_preparation()),
    "reference-model-discard published": Block(kwargs=published()),
    "reference-model-discard draft": Block(kwargs=in_preparation()),
    "reference-rules": Block(kwargs=cycle()),
    "reference-rule": Block(kwargs=cycle(key="justificatifs_annuels")),
    "reference-threshold": Block(kwargs=cycle(), post=form_values(amount="40", applies_from="01/01/2027")),
    "reference-emails": Block(kwargs=cycle()),
    "reference-email": Block(kwargs=cycle(key="invitation")),
    "reference-accounts": Block(),
    "reference-account": Block(kwargs=lambda place: {"code": "60"}),
    "reference-jobs": Block(),
    "reference-grids": Block(),
    "reference-grid": Block(kwargs=lambda place: {"moment": "recevabilite"}, post=form_values(text="[note] Une note")),
    "reference-kinds": Block(),
    "reference-kind": Block(kwargs=lambda place: {"key": "statuts"}),
    "reference-territories": Block(),
    "reference-territory": Block(kwargs=lambda place: {"code": "53"}),
}
