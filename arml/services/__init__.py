"""Verbs on organisations and people. `by` is a signed-in person, or an `Actor` for the application itself.

They raise PermissionDenied (the person may never do it) or `cpo.lib.workflow.Refused` (not now, and why), in French.
"""

from .identity import change_name, confirm_address, request_address, requested_address
from .invitations import accept, find_invitation, invite, resend, withdraw
from .organisations import save_delegation, update_organisation
from .passwords import request_reset, set_preferences
from .roles import change_role, end_role, followed_dossiers, set_mandate, successors
from .sides import check_parties, check_sides

__all__ = [
    "accept",
    "change_name",
    "change_role",
    "check_parties",
    "check_sides",
    "confirm_address",
    "end_role",
    "find_invitation",
    "followed_dossiers",
    "invite",
    "request_address",
    "request_reset",
    "requested_address",
    "resend",
    "save_delegation",
    "set_mandate",
    "set_preferences",
    "successors",
    "update_organisation",
    "withdraw",
]
