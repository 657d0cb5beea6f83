"""Verbs on organisations and people. `by` is a signed-in person, or an `Actor` for the application itself.

They raise PermissionDenied (the person may never do it) or `cpo.lib.workflow.Refused` (not now, and why), in French.
"""

from .invitations import accept, find_invitation, invite, resend, withdraw
from .organisations import save_delegation, update_organisation
from .passwords import request_reset, set_preferences
from .roles import change_role, end_role, followed_dossiers, set_mandate, successors
from .sides import check_parties, check_sides

__all__ = [
    "accept",
    "change_role",
    "check_parties",
    "check_sides",
    "end_role",
    "find_invitation",
    "followed_dossiers",
    "invite",
    "request_reset",
    "resend",
    "save_delegation",
    "set_mandate",
    "set_preferences",
    "successors",
    "update_organisation",
    "withdraw",
]
