"""Deadline rules of the cycle, national grounds and the texts of e-mails, from `fixtures/reference`."""

from typing import Any

from actions.models import Cycle
from cpo.lib.loading import create_missing, read_yaml
from cpo.lib.mail.texts import shipped_texts
from cpo.lib.models import EmailTemplate
from reporting.enums import RuleNature

from .models import DeadlineRule, GridVersion, Ground, RecoveryThreshold

ORIGINS = {
    "officiel": "Lettre d’instruction",
    "texte": "Texte ou modèle interministériel",
    "usage": "Usage, non revérifié",
    "propose": "Réglage proposé, à confirmer",
}


def load() -> int:
    return load_rules() + load_grounds() + load_threshold() + load_grids() + load_emails()


def load_rules() -> int:
    data = read_yaml("echeances.yaml")
    calendar = data["calendrier"]
    cycle = Cycle.objects.get(key=calendar["cycle"])
    rows = [
        {"cycle_id": cycle.pk, "rank": rank, **_rule(row, calendar)} for rank, row in enumerate(data["regles"], start=1)
    ]
    return len(create_missing(DeadlineRule, ["cycle_id", "key"], rows))


def load_threshold() -> int:
    data = read_yaml("motifs.yaml")
    cycle = Cycle.objects.get(key=data["cycle"])
    row = {"cycle_id": cycle.pk, "amount": data["seuil_de_recouvrement"]}
    return len(create_missing(RecoveryThreshold, ["cycle_id"], [row]))


def load_grids() -> int:
    """The national grids of each moment, published as their first version."""
    rows = [
        {
            "moment": row["moment"],
            "number": 1,
            "text": row["questions"],
            "shown": row["montree"],
            "published_on": row["publiee_le"],
        }
        for row in read_yaml("grilles.yaml")["grilles"]
    ]
    return len(create_missing(GridVersion, ["moment", "number"], rows))


def load_grounds() -> int:
    """The national grounds for leaving an amount out, and for correcting one."""
    rows = [
        {"key": row["cle"], "use": row["usage"], "label": row["libelle"], "source": row.get("source", ""), "rank": rank}
        for rank, row in enumerate(read_yaml("motifs.yaml")["motifs"], start=1)
    ]
    return len(create_missing(Ground, ["key"], rows))


def _rule(row: dict[str, Any], calendar: dict[str, Any]) -> dict[str, Any]:
    """A milestone has neither ladder nor escalation; a deadline without its own takes those of the calendar."""
    base = row["base"]
    reminds = row["nature"] == RuleNature.DEADLINE
    ladder = row.get("echelle", calendar["echelle_par_defaut"]) if reminds else []
    escalation = row.get("escalade", calendar["escalade_par_defaut"]) if reminds else []
    return {
        "key": row["cle"],
        "label": row["libelle"],
        "nature": row["nature"],
        "scope": row["portee"],
        "years": row.get("annees", []),
        "base_event": base.get("evenement", ""),
        "base_month": base.get("mois"),
        "base_day": base.get("jour"),
        "base_year": str(base.get("annee", "")),
        "shift_days": row["decalage"].get("jours", 0),
        "shift_months": row["decalage"].get("mois", 0),
        "months_after_notification": row.get("mois_apres_notification", 2),
        "responsible": _role(row.get("responsable", "")),
        "informed": [_role(name) for name in row.get("informes", [])],
        "ladder": ladder,
        "escalation": [[step["jour"], [_role(name) for name in step["destinataires"]]] for step in escalation],
        "met_by": row.get("eteinte_par", ""),
        "optional": row.get("facultative", False),
        "condition": row.get("condition", ""),
        "effect": row.get("effet", ""),
        "article": row.get("article", ""),
        "source": row.get("source", ORIGINS[row["origine"]]),
        "note": _note(row),
    }


def _role(name: str) -> str:
    return name.rpartition(".")[2]


def _note(row: dict[str, Any]) -> str:
    """Write in words what has no column: shifted accounting year, latest date."""
    parts = [row["note"]] if "note" in row else []
    if "si_exercice_decale" in row:
        parts.append("Exercice décalé : six mois après la clôture de l’exercice.")
    if "plafond" in row:
        ceiling = row["plafond"]
        parts.append(f"Au plus tard le {ceiling['jour']}/{ceiling['mois']:02d} de l’année {ceiling['annee']}.")
    return " ".join(parts)


def load_emails() -> int:
    rows = [
        {"key": text.key, "subject": text.subject, "body": text.body, "immediate": text.immediate}
        for text in shipped_texts().values()
    ]
    return len(create_missing(EmailTemplate, ["key"], rows))
