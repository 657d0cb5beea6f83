from .dossiers import Attachment, AttachmentKind, Dossier, Sight, sees_all, within_sight
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
    "Sight",
    "Territory",
    "User",
    "sees_all",
    "within_sight",
]
