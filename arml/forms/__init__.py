from .accounts import AcceptForm, LoginForm, NewPasswordForm, PasswordChangeForm, PreferencesForm, ResetForm
from .organisations import DelegationForm, MailFilterForm, OrganisationFilterForm, OrganisationForm
from .people import InvitationForm, MandateForm, RoleEndForm, RoleForm

__all__ = [
    "AcceptForm",
    "DelegationForm",
    "InvitationForm",
    "LoginForm",
    "MailFilterForm",
    "MandateForm",
    "NewPasswordForm",
    "OrganisationFilterForm",
    "OrganisationForm",
    "PasswordChangeForm",
    "PreferencesForm",
    "ResetForm",
    "RoleEndForm",
    "RoleForm",
]
