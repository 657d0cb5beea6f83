"""Changes shared by all subjects: the turn, the state of the convention, cancelled acceptances, voided signatures."""

from typing import Any

from actions.models import Programme
from conventions.models import Acceptance, Act, Version
from cpo.lib import clock
from cpo.lib.workflow import Refused

Data = dict[str, Any]


def give_turn(act: Act, side: str) -> None:
    """Write which side may edit, with the time: on the programme, where `actions` reads it, and on the act."""
    Programme.objects.filter(pk=act.programme_id).update(side=side)
    act.programme.side = side
    act.turn_since = clock.now() if side else None
    act.turn_asked_at = None
    act.president_visa_asked_at = None


def update_convention_state(act: Act) -> None:
    """Copy the state of act 0 to the convention."""
    if act.number == 0:
        type(act.convention).objects.filter(pk=act.convention_id).update(state=act.state, state_since=clock.now())


def last_version(act: Act) -> Version:
    version = act.versions.proposed().order_by("-number").first()
    if version is None:
        raise Refused("Aucune version n’a encore été proposée.")
    return version


def version_as_read(act: Act, data: Data) -> Version:
    """The latest version, if it is still the one that the person's page shows. Raises Refused otherwise."""
    version = last_version(act)
    expected = data.get("expected_version")
    if expected is not None and int(expected) != version.number:
        raise Refused(f"La version {version.number} a été proposée entre-temps : relisez-la d’abord.")
    return version


def cancel_acceptances(act: Act, by: str) -> Version | None:
    """Cancel the valid acceptances; return their version, or None without any."""
    valid = Acceptance.objects.filter(version__act=act, cancelled_at=None).select_related("version")
    version = next((acceptance.version for acceptance in valid), None)
    valid.update(cancelled_at=clock.now(), cancelled_by=by)
    return version


def void_signing(act: Act) -> None:
    """Void the document to sign and its signatures; they stay readable."""
    now = clock.now()
    for document in act.documents.to_sign():
        document.signatures.filter(voided_at=None).update(voided_at=now)
        type(document).objects.filter(pk=document.pk).update(voided_at=now)
