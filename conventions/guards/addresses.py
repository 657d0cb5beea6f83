"""The address of the page and field where a missing value is typed."""

from typing import Any

from django.urls import reverse

from conventions.models import Act


def url(act: Act, page: str, /, fragment: str = "", **kwargs: Any) -> str:
    address = reverse(page, kwargs={"number": act.reference, **kwargs})
    return f"{address}#{fragment}" if fragment else address


# Beginnings of the names of the values that are not typed on the page of the text's values, by the page that has them.
HELD_BY_PARTIES = ("signataire_", "delegation_", "date_delegation", "arml_representant", "liste_signataires", "region_")
HELD_BY_MONEY = ("contribution_", "taux_contribution", "avance_", "solde_", "liste_lignes", "liste_repartition")
HELD_BY_ASSOCIATION = ("arml_nom", "arml_adresse", "arml_siret", "arml_rna", "titulaire_compte", "iban", "bic")


def value_url(act: Act, name: str) -> str:
    """The page where a value that the articles print is filled in."""
    if name.startswith(HELD_BY_PARTIES):
        return url(act, "convention-parties")
    if name.startswith(HELD_BY_MONEY):
        return url(act, "convention-contribution")
    if name in ("service_nom", "service_adresse", "service_siret"):
        return reverse("organisation-detail", args=[act.dossier.lead.key])
    if name in HELD_BY_ASSOCIATION:
        return reverse("organisation-detail", args=[act.dossier.beneficiary.key])
    if name.startswith(("liste_fiches", "cout_")):
        return url(act, "programme-detail")
    return url(act, "convention-values", f"id_{name}")
