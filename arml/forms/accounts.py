"""Forms of a person's own account: sign in, choose a password, choose how often messages arrive."""

from typing import Any

from django import forms
from django.contrib.auth import authenticate, password_validation
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from arml.auth import count_failure
from arml.models import User
from cpo.lib.forms.base import DsfrForm, HintedLabel

HINTS = (
    "Au moins 12 caractères. Une phrase de plusieurs mots convient ; évitez votre nom et les mots de passe courants."
)
REFUSED = (
    "Adresse ou mot de passe incorrect. "
    "Vérifiez les majuscules, ou choisissez un nouveau mot de passe avec « Mot de passe oublié »."
)


def password_field(label: str, autocomplete: str, help_text: str = "") -> forms.CharField:
    """Build a DSFR password component, with « Afficher ». Spaces are not stripped: a pass phrase may contain them."""
    return forms.CharField(
        label=label,
        strip=False,
        help_text=help_text,
        widget=forms.PasswordInput(attrs={"autocomplete": autocomplete, "class": "fr-password__input"}),
        template_name="arml/field/password.html",
        error_messages={"required": "Indiquez votre mot de passe."},
    )


def email_field(label: str = "Adresse électronique professionnelle", **attrs: str) -> forms.EmailField:
    return forms.EmailField(
        label=label,
        max_length=254,
        help_text="Format attendu : nom@domaine.fr",
        widget=forms.EmailInput(attrs={"autocomplete": "email", **attrs}),
        error_messages={
            "required": "Indiquez une adresse électronique.",
            "invalid": "Cette adresse n’est pas complète. Écrivez par exemple prenom.nom@domaine.fr.",
        },
    )


class LoginForm(DsfrForm):
    """Take the request as Django's login view passes it. The answer is the same for a wrong address or password."""

    username = email_field(autocomplete="username")
    password = password_field("Mot de passe", "current-password")

    def __init__(self, request: HttpRequest | None = None, *args: Any, **kwargs: Any) -> None:
        self.request = request
        self.user: User | None = None
        super().__init__(*args, **kwargs)

    def clean_username(self) -> str:
        return self.cleaned_data["username"].strip().lower()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("username") and data.get("password"):
            self.user = authenticate(self.request, username=data["username"], password=data["password"])
            if self.user is None:
                count_failure(self.request, data["username"])
                self.add_error("password", REFUSED)
        return data

    def get_user(self) -> User | None:
        return self.user


class ResetForm(DsfrForm):
    email = email_field()


class NewPasswordForm(DsfrForm):
    """A new password, typed twice, for `user`: the validators compare it with the name of this person."""

    new_password1 = password_field("Nouveau mot de passe", "new-password", HINTS)
    new_password2 = password_field("Le même mot de passe, une seconde fois", "new-password")

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        self.user = user
        super().__init__(*args, **kwargs)

    def clean_new_password1(self) -> str:
        password = self.cleaned_data["new_password1"]
        password_validation.validate_password(password, self.user)
        return password

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        first, second = data.get("new_password1"), data.get("new_password2")
        if first and second and first != second:
            self.add_error("new_password2", "Les deux saisies diffèrent. Tapez deux fois le même mot de passe.")
        return data

    def save(self) -> User:
        self.user.set_password(self.cleaned_data["new_password1"])
        self.user.save(update_fields=["password"])
        return self.user


class AcceptForm(NewPasswordForm):
    """First password of an invited person."""


class PasswordChangeForm(NewPasswordForm):
    old_password = password_field("Mot de passe actuel", "current-password")
    field_order = ["old_password", "new_password1", "new_password2"]

    def clean_old_password(self) -> str:
        password = self.cleaned_data["old_password"]
        if not self.user.check_password(password):
            raise ValidationError("Ce n’est pas votre mot de passe actuel.")
        return password


class NameForm(DsfrForm):
    first_name = forms.CharField(
        label="Prénom",
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
        error_messages={"required": "Indiquez votre prénom."},
    )
    last_name = forms.CharField(
        label="Nom",
        max_length=80,
        help_text="Ce qui est déjà signé ou écrit garde votre nom d’alors.",
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
        error_messages={"required": "Indiquez votre nom."},
    )


class AddressForm(DsfrForm):
    """Another address for the account; the password, because an open session is not enough to take an account."""

    email = email_field("Nouvelle adresse électronique professionnelle")
    password = password_field("Mot de passe actuel", "current-password")

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        self.user = user
        super().__init__(*args, **kwargs)

    def clean_email(self) -> str:
        email = self.cleaned_data["email"].strip().lower()
        if email == self.user.email:
            raise ValidationError("C’est déjà l’adresse de votre compte.")
        return email

    def clean_password(self) -> str:
        password = self.cleaned_data["password"]
        if not self.user.check_password(password):
            raise ValidationError("Ce n’est pas votre mot de passe actuel.")
        return password


class PreferencesForm(DsfrForm):
    rhythm = forms.ChoiceField(
        label="Recevoir mes messages",
        choices=[
            ("immediate", HintedLabel("À chaque événement", "Un message dès que quelque chose vous attend.")),
            (
                "weekly",
                HintedLabel(
                    "En un récapitulatif par semaine",
                    "Les rappels d’échéance et les messages de sécurité arrivent toujours aussitôt.",
                ),
            ),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez un rythme."},
    )
