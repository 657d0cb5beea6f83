"""Forms of the meetings: convene, minutes with their decisions, follow-up, conclusion, scan of signed minutes."""

import datetime as dt
import re
from decimal import Decimal
from email.utils import getaddresses
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from arml.models import Organisation, User
from conventions.enums import ActKind
from cpo.lib.enums import Side
from cpo.lib.forms.base import DsfrForm, FrenchDateField, HintedLabel, MoneyField
from cpo.lib.forms.uploads import UploadForm
from cpo.lib.mail import addresses
from cpo.lib.wording import french
from reporting.enums import Attendance, DecisionState, MeetingKind, Opinion
from reporting.models import Decision, Invitee, Meeting
from reporting.services.decision_answers import Answer
from reporting.services.meetings import Plan
from reporting.services.minutes import DecisionInput

from .base import LongText

NEW_ROWS = 3  # blank rows of decisions; saving gives as many again
OUTSIDE_MOST = 30
HOUR = re.compile(r"([01]?[0-9]|2[0-3]) *(?:[hH:]) *([0-5][0-9])?")
People = list[tuple[User, Organisation]]


class HourField(forms.Field):
    """« 14 h 30 », « 14:30 », « 14h »."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"autocomplete": "off", "maxlength": 12})
        super().__init__(**{"required": False, "widget": widget} | kwargs)

    def to_python(self, value: Any) -> Any:
        text = " ".join(str(value or "").split())
        if isinstance(value, dt.time) or not text:
            return value or None
        match = HOUR.fullmatch(text)
        if not match:
            raise ValidationError(f"« {text} » n’est pas une heure. Écrivez par exemple 14 h 30.")
        return dt.time(int(match[1]), int(match[2] or 0))

    def prepare_value(self, value: Any) -> Any:
        return french.hour(value) if isinstance(value, dt.time) else value


class PlanForm(DsfrForm):
    """When, where, about what, who; the same for a new meeting and for one that changes."""

    mark_optional = False
    day = FrenchDateField(label="Date", error_messages={"required": "Donnez la date de la réunion."})
    begins_at = HourField(label="De", help_text="Par exemple 14 h 30 ; vide : toute la journée")
    ends_at = HourField(label="À")
    place = forms.CharField(
        label="Lieu", required=False, max_length=250, help_text="Adresse, salle, ou lien de la visioconférence"
    )
    agenda = LongText(label="Ordre du jour", rows=4, max_length=4000)
    people = forms.MultipleChoiceField(
        label="Personnes du dossier", required=False, widget=forms.CheckboxSelectMultiple
    )
    outside = LongText(
        label="Autres personnes",
        rows=3,
        max_length=4000,
        help_text="Une par ligne : « Nom » <adresse>, ou l’adresse seule. Elles reçoivent l’invitation par courriel.",
    )

    def __init__(self, *args: Any, known: People, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = [(str(user.pk), HintedLabel(str(user), str(organisation))) for user, organisation in known]
        self.fields["people"].choices = rows  # type: ignore[attr-defined]

    def clean_outside(self) -> list[tuple[str, str]]:
        lines = [line.strip() for line in self.cleaned_data["outside"].splitlines() if line.strip()]
        if len(lines) > OUTSIDE_MOST:
            raise ValidationError(f"Au plus {OUTSIDE_MOST} personnes hors du dossier.")
        return [_address(line) for line in lines]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        begins, ends = data.get("begins_at"), data.get("ends_at")
        if "begins_at" not in self.errors and "ends_at" not in self.errors:
            if begins and not ends:
                self.add_error("ends_at", "Donnez l’heure de fin, ou aucune heure.")
            elif ends and not begins:
                self.add_error("begins_at", "Donnez l’heure de début, ou aucune heure.")
            elif begins and ends and ends <= begins:
                self.add_error("ends_at", "La réunion finit après avoir commencé.")
        return data

    @property
    def plan(self) -> Plan:
        names = ("day", "begins_at", "ends_at", "place", "agenda", "outside")
        people = [int(key) for key in self.cleaned_data["people"]]
        return Plan(people=people, **{name: self.cleaned_data[name] for name in names})


def _address(line: str) -> tuple[str, str]:
    """Read « Nom » <adresse>. Raises ValidationError, in French."""
    pairs = getaddresses([line.replace("«", '"').replace("»", '"')])
    name, address = pairs[0] if len(pairs) == 1 else ("", "")
    try:
        validate_email(address)
        addresses.check(address)
    except ValidationError as error:
        raise ValidationError(f"« {line[:80]} » : cette ligne n’est pas une adresse de courriel.") from error
    return name.strip('" \u00a0')[:150], address


class NewMeetingForm(PlanForm):
    kind = forms.ChoiceField(label="Nature", error_messages={"required": "Choisissez la nature de la réunion."})
    year = forms.TypedChoiceField(
        label="Année dont on parle", coerce=int, error_messages={"required": "Choisissez l’année."}
    )
    field_order = ("kind", "year")

    def __init__(self, *args: Any, kinds: list[str], years: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [("", "Choisir"), *((one, MeetingKind(one).label) for one in kinds)]  # type: ignore[attr-defined]
        self.fields["year"].choices = [("", "Choisir"), *((year, str(year)) for year in years)]  # type: ignore[attr-defined]


class ChangeForm(PlanForm):
    revision = forms.IntegerField(widget=forms.HiddenInput)

    @staticmethod
    def stored(meeting: Meeting) -> dict[str, Any]:
        invitees = list(meeting.invitees.all())
        names = ("day", "begins_at", "ends_at", "place", "agenda", "revision")
        outside = [f"{row.name} <{row.email}>" for row in invitees if row.user_id is None]
        return {
            **{name: getattr(meeting, name) for name in names},
            "people": [str(row.user_id) for row in invitees if row.user_id],
            "outside": "\n".join(outside),
        }


def owner_choices(known: People, meeting: Meeting) -> list[tuple[str, str]]:
    """« ARML Bretagne », then its people; the value is a side, or « side-person »."""
    dossier = meeting.dossier
    rows: list[tuple[str, str]] = [("", "Non précisé")]
    for side, organisation in ((Side.BENEFICIARY, dossier.beneficiary), (Side.STATE, dossier.lead)):
        rows.append((str(side), str(organisation)))
        rows += [(f"{side}-{user.pk}", f"{user} ({organisation})") for user, of in known if of.pk == organisation.pk]
    return rows


class MinutesForm(DsfrForm):
    """Who was there, what was said, what was decided: existing decisions by their key, then blank rows."""

    mark_optional = False
    revision = forms.IntegerField(widget=forms.HiddenInput)
    attendees = LongText(label="Autres participants", rows=3, max_length=4000, help_text="Une personne par ligne")
    opinion = forms.ChoiceField(
        label="Avis d’ensemble sur l’année", choices=[("", "Choisir"), *Opinion.choices], required=False
    )
    summary = LongText(label="Ce qui a été dit", rows=6)

    def __init__(
        self, data: Any = None, *, meeting: Meeting, invitees: list[Invitee], decisions: list[Decision], known: People
    ) -> None:
        super().__init__(data, initial=_minutes_initial(meeting))
        self.invitees, self.decisions = invitees, decisions
        if not meeting.is_dialogue:
            del self.fields["opinion"]
        for row in invitees:
            self.fields[f"here{row.pk}"] = forms.ChoiceField(
                label=str(row), choices=[("", "Non précisé"), *Attendance.choices], required=False
            )
            self.initial[f"here{row.pk}"] = row.attendance
        owners = owner_choices(known, meeting)
        self.keys = [str(row.pk) for row in decisions] + [f"_new{rank}" for rank in range(NEW_ROWS)]
        for rank, key in enumerate(self.keys, start=1):
            self.fields[f"text{key}"] = LongText(label=f"Décision {rank}", rows=2, max_length=1000)
            self.fields[f"owner{key}"] = forms.ChoiceField(label="Qui", choices=owners, required=False)
            self.fields[f"due{key}"] = FrenchDateField(label="Pour le", required=False)
        for row in decisions:
            owner = f"{row.side}-{row.owner_id}" if row.owner_id else row.side
            self.initial |= {f"text{row.pk}": row.text, f"owner{row.pk}": owner, f"due{row.pk}": row.due_on}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for key in self.keys:
            extra = data.get(f"owner{key}") or data.get(f"due{key}")
            if extra and not data.get(f"text{key}", "").strip() and f"text{key}" not in self.errors:
                self.add_error(f"text{key}", "Écrivez la décision, ou videz la ligne.")
        return data

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("attendees", "opinion", "summary") if name in self.fields}

    def attendance(self) -> dict[int, str]:
        return {row.pk: self.cleaned_data[f"here{row.pk}"] for row in self.invitees}

    def inputs(self) -> list[DecisionInput]:
        rows = []
        for key in self.keys:
            side, _, owner = self.cleaned_data[f"owner{key}"].partition("-")
            rows.append(
                DecisionInput(
                    pk=None if key.startswith("_new") else int(key),
                    text=self.cleaned_data[f"text{key}"],
                    side=side,
                    owner_id=int(owner) if owner else None,
                    due_on=self.cleaned_data[f"due{key}"],
                )
            )
        return rows

    def presence(self) -> list[Any]:
        return [self[f"here{row.pk}"] for row in self.invitees]

    def rows(self) -> list[tuple[Any, Any, Any]]:
        return [(self[f"text{key}"], self[f"owner{key}"], self[f"due{key}"]) for key in self.keys]


def _minutes_initial(meeting: Meeting) -> dict[str, Any]:
    return {name: getattr(meeting, name) for name in ("attendees", "opinion", "summary", "revision")}


class FollowForm(DsfrForm):
    """What became of a decision."""

    mark_optional = False
    revision = forms.IntegerField(widget=forms.HiddenInput)
    state = forms.ChoiceField(label="Suite", choices=DecisionState.choices, widget=forms.RadioSelect)
    note = LongText(label="Note", rows=3, max_length=1000, help_text="Ce qui est fait, ou pourquoi la suite est autre")


class DecisionAnswersForm(DsfrForm):
    """What a report answers to the decisions of earlier years."""

    mark_optional = False
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, decisions: list[tuple[Decision, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.decisions = decisions
        for row, answer in decisions:
            self.fields[f"state{row.pk}"] = forms.ChoiceField(
                label="Suite", choices=DecisionState.choices, initial=row.state
            )
            self.fields[f"answer{row.pk}"] = LongText(
                label="Ce qui a été fait", rows=3, max_length=3000, initial=answer
            )

    def answers(self) -> dict[int, Answer]:
        data = self.cleaned_data
        return {row.pk: Answer(data[f"answer{row.pk}"], data[f"state{row.pk}"]) for row, _ in self.decisions}

    def rows(self) -> list[tuple[Decision, Any, Any]]:
        return [(row, self[f"state{row.pk}"], self[f"answer{row.pk}"]) for row, _ in self.decisions]


class ConclusionForm(DsfrForm):
    """The conclusion of a year, and the act that it opens; the lead service drafts it, its manager concludes.

    `year`: the one that is prepared, None after the term; `kinds`: the acts that may open.
    """

    mark_optional = False
    revision = forms.IntegerField(widget=forms.HiddenInput)
    conclusion = LongText(label="Conclusion", rows=5)
    recommendations = LongText(label="Recommandations", rows=4)
    next_programme = LongText(label="Programme de l’année suivante", rows=4)
    next_amount = MoneyField(label="Montant proposé", required=False, min_value=Decimal("0.01"))
    opens = forms.ChoiceField(label="Ensuite", widget=forms.RadioSelect, required=False)

    def __init__(self, *args: Any, year: int | None, kinds: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if year is None:
            del self.fields["next_amount"], self.fields["next_programme"]
        else:
            self.fields["next_amount"].label = f"Montant proposé pour {year}, en euros"
            self.fields["next_programme"].label = f"Programme de {year}"
        if not kinds:
            del self.fields["opens"]
            return
        words = {
            ActKind.ANNUAL: HintedLabel(f"Ouvrir l’acte financier {year}", "prérempli avec le montant proposé"),
            ActKind.AMENDMENT: HintedLabel("Ouvrir un avenant", "prérempli avec la conclusion et le programme"),
        }
        choices = [(str(kind), words[ActKind(kind)]) for kind in kinds]
        self.fields["opens"].choices = [
            *choices,
            ("", HintedLabel("N’ouvrir aucun acte", "il pourra l’être plus tard")),
        ]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        if "opens" not in self.fields and self.data.get("opens"):
            raise ValidationError("L’acte choisi ne peut plus s’ouvrir : relisez la page avant de conclure.")
        return super().clean() or self.cleaned_data

    def values(self) -> dict[str, Any]:
        names = ("conclusion", "recommendations", "next_programme", "next_amount")
        return {name: self.cleaned_data[name] for name in names if name in self.fields}


class FileForm(UploadForm):
    mark_optional = False
    uploads = {"upload": False}
    upload = forms.FileField(
        label="Document à joindre",
        allow_empty_file=True,
        help_text="PDF, image ou bureautique, 20 Mo au plus",
        error_messages={"required": "Choisissez un fichier."},
    )


class ReasonForm(DsfrForm):
    """The reason of a transition of a meeting."""

    comment = LongText(
        label="Motif", rows=3, required=True, max_length=1500, error_messages={"required": "Donnez le motif."}
    )
