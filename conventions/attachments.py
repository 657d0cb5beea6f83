"""The checklist of typed documents of an act: what is expected, given, out of date."""

from dataclasses import dataclass

from arml.models import Attachment, AttachmentKind
from cpo.lib import clock

from .models import Act


@dataclass
class Line:
    kind: AttachmentKind
    current: Attachment | None
    expected: bool
    expired: bool

    @property
    def satisfied(self) -> bool:
        return self.current is not None and not self.expired


def checklist(act: Act) -> list[Line]:
    """One line per type of document due before the signature, in two queries."""
    given = {attachment.kind_id: attachment for attachment in act.dossier.attachments.current().order_by("added_at")}
    today = clock.today(act.dossier.time_zone)
    lines = []
    for kind in AttachmentKind.objects.filter(moment__in=["demande", "signature"]):
        current = given.get(kind.pk)
        expired = bool(current and current.valid_until and current.valid_until < today)
        lines.append(Line(kind, current, kind.condition == "toujours", expired))
    return lines
