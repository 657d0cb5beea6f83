"""Whether a message can be sent to an address, by the steps of the delivery: a form refuses what would fail there."""

from django.core.exceptions import ValidationError
from django.core.mail.message import sanitize_address

INVALID = "Cette adresse n’est pas complète. Écrivez par exemple prenom.nom@domaine.fr."
LONG = "Cette adresse est trop longue pour recevoir un message. Vérifiez-la."
FOREIGN = "Avant l’arobase, une adresse s’écrit sans accent ni lettre d’un autre alphabet. Vérifiez-la."
UNSENDABLE = "Aucun message ne peut partir vers cette adresse. Vérifiez ce qui suit l’arobase."
# RFC 5321, 4.5.3.1: octets of the address as it is sent, the domain in its ASCII form.
MAX_LOCAL, MAX_DOMAIN, MAX_WHOLE = 64, 253, 254


def check(address: str) -> None:
    """Raise ValidationError, in French, for an address that the delivery would refuse. "" is accepted."""
    if not address:
        return
    local, _, domain = address.rpartition("@")
    if not local or not domain:
        raise ValidationError(INVALID, code="invalid")
    if not local.isascii():  # would need SMTPUTF8 of every server on the way
        raise ValidationError(FOREIGN, code="foreign")
    if len(local) > MAX_LOCAL:
        raise ValidationError(LONG, code="long")
    try:
        sent = sanitize_address(address, "utf-8")
    except ValueError as error:  # UnicodeError: IDNA refuses a label, or the whole
        raise ValidationError(UNSENDABLE, code="unsendable") from error
    if not sent.isascii() or len(sent.rpartition("@")[2]) > MAX_DOMAIN or len(sent) > MAX_WHOLE:
        raise ValidationError(LONG, code="long")
