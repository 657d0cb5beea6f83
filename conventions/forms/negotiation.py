"""Forms of the negotiation: messages, proposed wordings, comparison of two versions."""

from collections.abc import Sequence
from typing import Any

from django import forms

from arml.models import User
from conventions.services.threads import GENERAL, Anchor, Reader
from cpo.lib.forms.base import DsfrForm

SHARED, INTERNAL = "both", "own"
Choices = list[tuple[int, str]]
Groups = list[tuple[str, Choices]]


def by_organisation(people: Sequence[Reader]) -> Groups:
    """Return the choices of « Prévenir par courriel », grouped by organisation."""
    groups: dict[str, list[tuple[int, str]]] = {}
    for reader in people:
        groups.setdefault(reader.organisation, []).append((reader.user.pk, str(reader.user)))
    return list(groups.items())


class MessageForm(DsfrForm):
    """A message, and a person to notify by e-mail. Others may be written « @Prénom Nom » in the message."""

    mention = forms.ChoiceField(
        label="Prévenir par courriel",
        required=False,
        help_text="Pour prévenir plusieurs personnes, écrivez @Prénom Nom dans le message.",
    )

    def __init__(self, *args: Any, people: Sequence[Reader] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = people
        self.fields["mention"].choices = [("", "Personne"), *by_organisation(people)]

    @property
    def mentioned_users(self) -> list[User]:
        user_pk = self.cleaned_data["mention"]
        return [reader.user for reader in self.people if str(reader.user.pk) == user_pk]


class ThreadForm(MessageForm):
    """A new exchange: what it is about, who may read it, its first message."""

    path = forms.ChoiceField(label="À propos de", error_messages={"required": "Choisissez ce dont vous parlez."})
    text = forms.CharField(
        label="Message",
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Écrivez votre message."},
    )
    audience = forms.ChoiceField(label="Qui peut lire cet échange", widget=forms.RadioSelect, initial=SHARED)

    field_order = ["path", "text", "audience", "mention"]

    def __init__(self, *args: Any, anchors: Sequence[Anchor], own_side: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["path"].choices = [(anchor.path, anchor.label) for anchor in anchors]
        self.fields["path"].initial = GENERAL
        self.fields["audience"].choices = [
            (SHARED, "Les deux parties"),
            (INTERNAL, f"{own_side} seulement, l’autre partie ne le verra pas"),
        ]


class ReplyForm(MessageForm):
    text = forms.CharField(
        label="Votre réponse",
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Écrivez votre réponse."},
    )


class WordingForm(DsfrForm):
    """A wording proposed for the text that an exchange is about."""

    wording = forms.CharField(
        label="Rédaction proposée",
        max_length=50000,
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "true"}),
        help_text="Partez du texte actuel : l’autre partie verra la différence mot à mot.",
        error_messages={"required": "Écrivez la rédaction que vous proposez."},
    )
    text = forms.CharField(
        label="Pourquoi cette rédaction",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Lu par les deux parties. Pour un article, ce motif accompagne l’écart au modèle national.",
        error_messages={"required": "Dites pourquoi vous proposez cette rédaction."},
    )


class CompareForm(DsfrForm):
    """The two contents to compare; the values are their names in the address of the comparison."""

    mark_optional = False
    de = forms.ChoiceField(label="De")
    a = forms.ChoiceField(label="À")

    def __init__(self, *args: Any, before: Choices, after: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["de"].choices = before
        self.fields["a"].choices = after
