from .accounts import (
    AcceptForm,
    AddressForm,
    LoginForm,
    NameForm,
    NewPasswordForm,
    PasswordChangeForm,
    PreferencesForm,
    ResetForm,
)
from .organisations import DelegationForm, MailFilterForm, OrganisationFilterForm, OrganisationForm
from .people import InvitationForm, MandateForm, RoleEndForm, RoleForm

__all__ = [
    "AcceptForm",
    "AddressForm",
    "DelegationForm",
    "InvitationForm",
    "LoginForm",
    "MailFilterForm",
    "MandateForm",
    "NameForm",
    "NewPasswordForm",
    "OrganisationFilterForm",
    "OrganisationForm",
    "PasswordChangeForm",
    "PreferencesForm",
    "ResetForm",
    "RoleEndForm",
    "RoleForm",
]
