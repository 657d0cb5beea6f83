from django.db import models

from cpo.lib.enums import Side


class OrganisationKind(models.TextChoices):
    NATIONAL = "national", "administration centrale"
    STATE_SERVICE = "state_service", "service de l’État"
    ARML = "arml", "association régionale des missions locales"
    MISSION_LOCALE = "mission_locale", "mission locale"
    REGION = "region", "Région"
    OTHER = "other", "autre organisme"


class ServiceType(models.TextChoices):
    DREETS = "DREETS", "DREETS"
    DRIEETS = "DRIEETS", "DRIEETS"
    DEETS = "DEETS", "DEETS"
    DGCOPOP = "DGCOPOP", "DGCOPOP"
    DCSTEP = "DCSTEP", "DCSTEP"


def side_in_sentence(side: str, service_type: str) -> str:
    """Name a side of a dossier in a sentence: « l’ARML », « la DREETS »."""
    return "l’ARML" if side == Side.BENEFICIARY else f"la {service_type}"


class Role(models.TextChoices):
    OFFICER = "officer", "chargé·e de mission"
    MANAGER = "manager", "responsable"
    SIGNATORY = "signatory", "signataire"
    DIRECTOR = "director", "directeur·rice"
    PRESIDENT = "president", "président·e"
    ACCOUNTANT = "accountant", "comptable"
    NATIONAL_ADMIN = "national_admin", "administration nationale"
    NATIONAL_READER = "national_reader", "lecture nationale"
    READER = "reader", "lecture"


ROLES_OF_KIND: dict[str, tuple[Role, ...]] = {
    OrganisationKind.NATIONAL: (Role.NATIONAL_ADMIN, Role.NATIONAL_READER),
    OrganisationKind.STATE_SERVICE: (Role.OFFICER, Role.MANAGER, Role.SIGNATORY, Role.READER),
    OrganisationKind.ARML: (Role.DIRECTOR, Role.PRESIDENT, Role.ACCOUNTANT, Role.READER),
    OrganisationKind.MISSION_LOCALE: (Role.READER,),
    OrganisationKind.REGION: (Role.READER,),
    OrganisationKind.OTHER: (Role.READER,),
}


class Standing(models.TextChoices):
    """The position of a person's organisation towards a dossier."""

    LEAD = "lead", "service chef de file"
    COSIGNER = "cosigner", "service cosignataire"
    TERRITORY = "territory", "service d’un territoire"
    BENEFICIARY = "beneficiary", "association"
    NATIONAL = "national", "administration centrale"
    OBSERVER = "observer", "observateur"


class LabelStatus(models.TextChoices):
    """Where an association stands on the way to its label; each, but the first, is a dated step."""

    NONE = "none", "non engagée"
    SELF_ASSESSMENT = "self_assessment", "autoévaluation"
    IMPROVEMENT = "improvement", "plan d’amélioration"
    FILED = "filed", "dossier déposé"
    AUDIT = "audit", "audit"
    COMMISSION = "commission", "commission nationale"
    LABELLED = "labelled", "labellisée"
    RESERVES = "reserves", "labellisée avec réserves"
    REFUSED = "refused", "refusée ou ajournée"


LABELLED = (LabelStatus.LABELLED, LabelStatus.RESERVES)


class BoardFunction(models.TextChoices):
    PRESIDENT = "president", "présidence"
    VICE_PRESIDENT = "vice_president", "vice-présidence"
    TREASURER = "treasurer", "trésorerie"
    SECRETARY = "secretary", "secrétariat"
    MEMBER = "member", "membre du bureau"


class GeneralMeetingKind(models.TextChoices):
    ORDINARY = "ordinary", "ordinaire"
    EXTRAORDINARY = "extraordinary", "extraordinaire"


class AttachmentScope(models.TextChoices):
    CONVENTION = "convention", "convention"
    YEAR = "annee", "année"


class AttachmentMoment(models.TextChoices):
    REQUEST = "demande", "avant la rédaction"
    SIGNATURE = "signature", "avant la signature"
    YEARLY = "annuel", "avec le compte rendu annuel"
    EVENT = "evenement", "au fait désigné"
    CLOSING = "cloture", "à la clôture"
