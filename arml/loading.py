"""Territories, State services, ARML, counts of Missions Locales, types of attachments, from `fixtures/reference`."""

from typing import Any

from cpo.lib.loading import create_missing, read_yaml
from cpo.lib.wording.accents import plain

from .enums import LabelStatus, OrganisationKind
from .models import AttachmentKind, LabelStep, MissionLocaleCount, Organisation, Territory


def load() -> int:
    created = load_organisations()
    created += load_counts()
    created += load_attachment_kinds()
    return created


def load_organisations() -> int:
    """Load organisations, then territories (which refer to their service), then the links between both."""
    data = read_yaml("organisations.yaml")
    rows = [_service(row) for row in data["services"]]
    rows += [_association(row) for row in data["associations"]]
    rows += [_region(row) for row in data["regions"]]
    rows += [_national(row) for row in data["nationaux"]]
    new = {organisation.key: organisation for organisation in create_missing(Organisation, ["key"], rows)}
    territories = create_missing(Territory, ["code"], _territories())
    codes = {row["cle"]: row["territoires"] for row in [*data["associations"], *data["regions"]] if row["cle"] in new}
    ids = dict(Territory.objects.values_list("code", "pk"))
    link = Organisation.territories.through
    links = [
        link(organisation_id=new[key].pk, territory_id=ids[code])
        for key, territory_codes in codes.items()
        for code in territory_codes
    ]
    link._default_manager.bulk_create(links)
    LabelStep.objects.bulk_create(
        LabelStep(organisation=one, step=one.label_status, day=one.label_since)
        for one in new.values()
        if one.label_since
    )
    return len(new) + len(territories)


def _service(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "kind": OrganisationKind.STATE_SERVICE,
        "key": row["cle"],
        "name": row["nom"],
        "short_name": row["nom"],
        "article_name": row["article"],
        "sort_name": plain(row["nom"]),
        "service_type": row["type"],
        "city": row["ville"],
    }


def _association(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "kind": OrganisationKind.ARML,
        "key": row["cle"],
        "name": row["nom"],
        "short_name": row["sigle"],
        "article_name": row["article"],
        "sort_name": plain(row["sigle"]),
        "label_status": row.get("label", LabelStatus.NONE),
        "label_since": row.get("labellisee_le"),
    }


def _region(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "kind": OrganisationKind.REGION,
        "key": row["cle"],
        "name": row["nom"],
        "short_name": row["nom"],
        "article_name": row["article"],
        "sort_name": plain(row["nom"]),
    }


def _national(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "kind": row["nature"],
        "key": row["cle"],
        "name": row["nom"],
        "short_name": row["sigle"],
        "article_name": row["article"],
        "sort_name": plain(row["sigle"]),
        "city": row["ville"],
        "national_scope": row.get("portee_nationale", False),
    }


def _territories() -> list[dict[str, Any]]:
    services = dict(Organisation.objects.filter(kind=OrganisationKind.STATE_SERVICE).values_list("key", "pk"))
    return [
        {
            "code": row["code"],
            "code3": row["code3"],
            "name": row["nom"],
            "in_sentence": row["phrase"],
            "prefecture": row["prefecture"],
            "prefect_title": row["prefet"],
            "court": row["tribunal"],
            "time_zone": row.get("fuseau", "Europe/Paris"),
            "is_region": row.get("region", True),
            "service_id": services[row["service"]],
        }
        for row in read_yaml("territoires.yaml")
    ]


def load_counts() -> int:
    ids = dict(Territory.objects.values_list("code", "pk"))
    rows = [
        {"territory_id": ids[code], "counted_on": survey["date"], "count": count, "source": survey["source"]}
        for survey in read_yaml("missions_locales.yaml")
        for code, count in survey["nombres"].items()
    ]
    return len(create_missing(MissionLocaleCount, ["territory_id", "counted_on"], rows))


def load_attachment_kinds() -> int:
    rows = [
        {
            "key": row["cle"],
            "label": row["libelle"],
            "provided_by": row["fourni_par"].rpartition(".")[2],
            "scope": row["portee"],
            "moment": row["moment"],
            "condition": "" if row["condition"] == "toujours" else row["condition"],
            "validity_months": row["validite"].get("mois"),
            "needs_end_date": row["validite"]["type"] == "date_fin",
            "blocks": "" if row["bloque"] == "rien" else row["bloque"],
            "not_applicable_allowed": row.get("sans_objet_admis", False),
            "confidential": row.get("confidentiel", False),
            "source": row["source"],
            "rank": rank,
        }
        for rank, row in enumerate(read_yaml("pieces.yaml")["liste"], start=1)
    ]
    return len(create_missing(AttachmentKind, ["key"], rows))
