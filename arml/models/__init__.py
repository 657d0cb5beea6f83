from .dossiers import Attachment, AttachmentKind, Dossier, Scope, overdue, place_of, sees_all, within_scope, zone_of
from .organisations import BY_NAME, Delegation, MissionLocaleCount, Organisation, Territory
from .people import Invitation, Membership, User

__all__ = [
    "BY_NAME",
    "Attachment",
    "AttachmentKind",
    "Delegation",
    "Dossier",
    "Invitation",
    "Membership",
    "MissionLocaleCount",
    "Organisation",
    "Scope",
    "Territory",
    "User",
    "overdue",
    "place_of",
    "sees_all",
    "within_scope",
    "zone_of",
]
