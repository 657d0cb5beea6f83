"""The form of the text of an e-mail."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from cpo.lib.forms.base import RevisedModelForm
from cpo.lib.mail import texts
from cpo.lib.mail.emails import FOOTER, VARIABLE
from cpo.lib.models import EmailTemplate


class EmailTextForm(RevisedModelForm):
    class Meta:
        model = EmailTemplate
        fields = ["subject", "body", "immediate"]
        widgets = {"body": forms.Textarea(attrs={"rows": 14})}
        help_texts = {"immediate": "Sinon, chaque personne choisit de le recevoir tout de suite ou chaque semaine."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.variables = texts.admitted_variables(self.instance.key)
        if self.instance.key == FOOTER:
            del self.fields["subject"], self.fields["immediate"]

    def _checked_text(self, text: str) -> str:
        unknown = [name for name in dict.fromkeys(VARIABLE.findall(text)) if name not in self.variables]
        if unknown:
            names = "\u00a0», «\u00a0".join(unknown)
            raise ValidationError(f"Ce message ne connaît pas « {names} » : choisissez une variable de la liste.")
        if re.search(r"\{\{|\}\}", VARIABLE.sub("", text)):
            raise ValidationError("Une variable s’écrit {{ nom }}, entre deux paires d’accolades.")
        return text

    def clean_subject(self) -> str:
        return self._checked_text(self.cleaned_data["subject"])

    def clean_body(self) -> str:
        body = self._checked_text(self.cleaned_data["body"].replace("\r\n", "\n").strip())
        if self.instance.key != FOOTER and "lien" not in VARIABLE.findall(body):
            raise ValidationError("Gardez {{ lien }} : c’est l’adresse de la page où agir.")
        return body
