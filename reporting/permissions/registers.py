"""Who reads and writes the registers of an association: label, governance, members, fees, training, notes.

The direction writes them; the accountant, the fees; the presidency reads. The State reads, an officer notes. Observers
(UNML, Région, DDETS) read what is public: the label and the members, never the fees, the mandates nor the sessions.
"""

from arml.enums import Role
from arml.models import Organisation, User
from arml.permissions import noter, observes_association, reads_association, writer_of_association
from cpo.lib.actor import Actor

LABEL, MANDATES, ASSEMBLIES = "labellisation", "gouvernance", "assemblees"
MEMBERS, FEES, SESSIONS, ATTENDANCES, NOTES = "adherentes", "cotisations", "sessions", "presences", "notes"
PUBLIC = (LABEL, MEMBERS)
NOT_YOURS = {
    FEES: "Les cotisations sont tenues par la direction et la comptabilité de l’association.",
    NOTES: "Les notes sont celles des chargé·es de mission et des responsables du service de l’État.",
}
DIRECTION_WRITES = "Ce registre est tenu par la direction de l’association."


def reads_register(user: User, organisation: Organisation, register: str) -> bool:
    if reads_association(user, organisation):
        return True
    return register in PUBLIC and observes_association(user, organisation)


def register_writer(user: User, organisation: Organisation, register: str) -> Actor | None:
    """The capacity in which the person writes this register, or None."""
    if register == NOTES:
        return noter(user, organisation)
    roles = (Role.DIRECTOR, Role.ACCOUNTANT) if register == FEES else (Role.DIRECTOR,)
    return writer_of_association(user, organisation, roles)


def why_not_write(register: str) -> str:
    return NOT_YOURS.get(register, DIRECTION_WRITES)
