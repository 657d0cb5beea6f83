"""Sample data of the gallery page: fictitious, never from the database."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Column, Fieldset, Layout, Row, Submit
from django import forms
from django.core.paginator import Paginator
from django.forms import formset_factory
from django.http import HttpRequest

from cpo.lib.actor import SYSTEM
from cpo.lib.enums import Audience
from cpo.lib.forms.base import DsfrForm, DsfrFormSet, FilterForm, FrenchDateField, MoneyField
from cpo.lib.workflow import Missing, Option, Transition

from . import ui

REGIONS = [("bre", "Bretagne"), ("occ", "Occitanie"), ("reu", "La Réunion")]


class SampleForm(DsfrForm):
    title = forms.CharField(label="Intitulé de l’action", help_text="Une phrase, sans sigle.")
    amount = MoneyField(label="Contribution 2026", help_text="En euros, par exemple 325 000")
    dated = FrenchDateField(label="Date de la délibération", help_text="JJ/MM/AAAA", no_future=True)
    region = forms.ChoiceField(label="Région", choices=[("", "Choisir"), *REGIONS])
    audience = forms.ChoiceField(
        label="Visible par", choices=[("both", "Les deux parties"), ("own", "L’ARML seule")], widget=forms.RadioSelect
    )
    territories = forms.MultipleChoiceField(
        label="Territoires", choices=REGIONS, widget=forms.CheckboxSelectMultiple, required=False
    )
    text = forms.CharField(label="Description", widget=forms.Textarea(attrs={"rows": 3}), required=False)
    file = forms.FileField(label="Pièce", required=False)
    agree = forms.BooleanField(label="J’ai relu cette fiche")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_id = f"{self.prefix or 'exemple'}-form"
        self.helper.layout = Layout(
            Fieldset("Action", "title", Row(Column("amount"), Column("dated"))),
            Fieldset("Portée", "region", "audience", "territories"),
            "text",
            "file",
            "agree",
        )
        self.helper.add_input(Submit(f"{self.prefix}-save", "Enregistrer l’exemple"))


class FunderForm(DsfrForm):
    funder = forms.ChoiceField(label="Financeur", choices=[("etat", "État"), ("region", "Région")])
    year = forms.IntegerField(label="Année", min_value=2025, max_value=2027)
    amount = MoneyField(label="Montant")


class ListFilter(FilterForm):
    state = forms.ChoiceField(
        label="État", choices=[("", "Tous"), ("signature", "En signature"), ("active", "En exécution")], required=False
    )
    region = forms.ChoiceField(label="Région", choices=[("", "Toutes"), *REGIONS], required=False)


@dataclass
class SampleEntry:
    at: dt.datetime
    actor_name: str
    organisation: str
    sentence: str
    comment: str = ""
    audience: Audience = Audience.BOTH

    @property
    def read_by_both(self) -> bool:
        return self.audience == Audience.BOTH

    def get_audience_display(self) -> str:
        return str(self.audience.label)


MISSING = [
    Missing("Fiche 3-A : cible 2027 de la satisfaction", "#manques"),
    Missing("Axe 2 : aucune action prévue", "#manques", severity="warning"),
    Missing("Date de la délibération du conseil d’administration", "#manques"),
]


def _option(name: str, label: str, missing: list[Missing] | None = None, **kwargs: Any) -> Option:
    transition = Transition(
        name=name,
        label=label,
        sources=frozenset({"negotiation"}),
        target=None,
        who=lambda actor: True,
        sentence=lambda obj, actor, data: "",
        **kwargs,
    )
    return Option(transition, SYSTEM, missing or [])


def _options() -> dict[str, Option]:
    return {
        "ready": _option("accept", "Accepter la version 4"),
        "reason": _option(
            "reopen",
            "Revenir en négociation",
            comment="required",
            comment_label="Motif",
            consequence="Le document et la signature déjà déposée sont annulés. Les deux parties sont prévenues.",
            dangerous=True,
        ),
        "blocked": _option("open-signature", "Ouvrir la signature", missing=MISSING),
    }


def _forms() -> dict[str, Any]:
    bad = {"bad-title": "", "bad-amount": "325 mille", "bad-dated": "31/02/2025", "bad-region": "", "bad-audience": ""}
    refused_form = SampleForm(bad, prefix="bad")
    refused_form.is_valid()
    rows = formset_factory(FunderForm, formset=DsfrFormSet, extra=1, can_delete=True)
    initial = [{"funder": "etat", "year": 2025, "amount": Decimal("320000")}]
    return {
        "blank_form": SampleForm(prefix="ok", initial={"amount": Decimal("325000.50"), "dated": dt.date(2025, 10, 8)}),
        "refused_form": refused_form,
        "rows": rows(prefix="rangs", initial=initial),
        "table_rows": rows(prefix="table", initial=initial),
    }


def context(request: HttpRequest) -> dict[str, Any]:
    numbers = Paginator(range(240), 20)
    at = dt.datetime(2025, 9, 22, 14, 32, tzinfo=dt.UTC)
    return _forms() | {
        "breadcrumb": [{"label": "À faire", "url": "/"}, {"label": "Composants"}],
        "badges": [(kind, list(states)) for kind, states in ui.BADGES.items() if kind != "tone"],
        "tones": ["grey", "info", "success", "warning", "error", "mine"],
        "filter_form": ListFilter(request.GET or None),
        "active_filters": [{"label": "En signature", "url": "?"}],
        "page_obj": numbers.get_page(request.GET.get("page", 6)),
        "menu": [
            {"label": "Synthèse", "url": "#menu-exemple", "current": True},
            {"label": "Articles", "url": "#menu-exemple", "count": 15},
            {"label": "Échanges", "url": "#menu-exemple", "count": 2, "count_text": "nouveaux échanges"},
            {"label": "Action", "url": "#menu-exemple", "state": "ok", "state_text": "complet"},
            {"label": "Budget", "url": "#menu-exemple", "state": "missing", "state_text": "1 manque"},
            {"label": "Compte rendu", "url": "#menu-exemple", "state": "returned", "state_text": "renvoyé"},
        ],
        "tabs": [
            {"label": "Rédiger", "url": "#vues", "current": True},
            {"label": "Historique", "url": "#vues", "count": 3},
        ],
        "missing_items": MISSING,
        "options": _options(),
        "facts": [("Association", "ARML Bretagne"), ("Suivi", "Maud Spécimen (DREETS)"), ("Recours", "")],
        "lines": [
            {"late": True, "distance": "3 jours (15 juin)", "title": "Répondre à la proposition de la DREETS",
             "primary": True, "detail": "CPO-2025-BRE-001 · version 2 reçue le 1er juin",
             "url": "#lignes", "verb": "Lire et répondre"},
            {"due": dt.date(2026, 7, 1), "distance": "J-13", "title": "Compléter le compte rendu 2025",
             "detail": "Renvoyé le 12 juin", "url": "#lignes", "verb": "Compléter"},
        ],
        "entries": [
            SampleEntry(at, "Camille Exemple", "ARML Bretagne", "Version 3 proposée."),
            SampleEntry(at, "Maud Spécimen", "DREETS Bretagne", "Retour en négociation.",
                        "La contribution 2026 est à revoir.", Audience.STATE),
        ],
        "amounts": [("2025", Decimal("320000"), 64.3), ("2026", Decimal("325000.5"), 64), ("2027", None, None)],
        "day": dt.date(2025, 1, 1),
        "moment": at,
    }  # fmt: skip


def convention_context(request: HttpRequest) -> dict[str, Any]:
    """The frame of the tabs of a convention (contract: templates/layout/convention.html)."""
    labels = ["Synthèse", "Articles", "Programme", "Budget et financements", "Versions et échanges"]
    menu: list[dict[str, Any]] = [
        {"label": label, "url": request.path, "current": label == "Synthèse"}
        for label in [*labels, "Documents et signatures", "Comptes rendus", "Journal"]
    ]
    menu[1]["count"] = 15
    menu[4] |= {"count": 2, "count_text": "nouveaux échanges"}
    return {
        "nav_section": "convention-list",
        "breadcrumb": [{"label": "Conventions", "url": "/"}, {"label": "CPO-2025-BRE-001"}],
        "convention": {"number": "CPO-2025-BRE-001"},
        "head": {
            "state": "negotiation",
            "turn": "mine",
            "name": "ARML Bretagne",
            "subtitle": "avec la DREETS Bretagne",
            "from": dt.date(2025, 1, 1),
            "until": dt.date(2027, 12, 31),
            "step": 2,
            "steps": 5,
            "step_title": "Négociation",
            "step_next": "Signature, quand les deux parties auront accepté la même version",
            "full": True,
            "next_step": {
                "title": "Répondre à la version 4 de la DREETS",
                "text": "Reçue le 12 septembre, il y a 10 jours.",
                "label": "Proposer la version 5",
                "url": request.path,
                "missing": MISSING,
                "soft": True,
                "missing_title": "Il manque 3 points avant la signature",
                "hint": "Ces points n’empêchent pas de proposer.",
            },
        },
        "side_menu": menu,
        "others": [_options()["ready"], _options()["reason"]],
        "action_url": request.path,
    }


def work_context(request: HttpRequest) -> dict[str, Any]:
    return {
        "back": {"label": "CPO-2025-BRE-001", "url": request.path},
        "back_name": "ARML Bretagne",
        "badges": [("negotiation", "act", ""), ("mine", "turn", "")],
        "with_bar": True,
        "form": SampleForm(prefix="travail"),
        "moment": dt.datetime(2025, 9, 22, 14, 32, tzinfo=dt.UTC),
    }


PAGES = {"gallery": context, "sample_convention": convention_context, "sample_work": work_context}
