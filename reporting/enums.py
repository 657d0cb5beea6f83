from django.db import models


class ReportState(models.TextChoices):
    OPEN = "open", "Ouvert"
    IN_PROGRESS = "in_progress", "En cours"
    SUBMITTED = "submitted", "Envoyé"
    TO_COMPLETE = "to_complete", "À compléter"
    ADMISSIBLE = "admissible", "Recevable"
    REVIEWED = "reviewed", "Revu"
    CONCLUDED = "concluded", "Conclu"


class Progress(models.TextChoices):
    NOT_STARTED = "non_demarree", "Non démarrée"
    IN_PROGRESS = "en_cours", "En cours"
    DONE = "realisee", "Réalisée"
    DROPPED = "abandonnee", "Abandonnée"
    POSTPONED = "reportee", "Reportée"


UNDONE = (Progress.NOT_STARTED, Progress.DROPPED, Progress.POSTPONED)


class Opening(models.TextChoices):
    """When the report of a year opens for one convention."""

    USUAL = "usual", "à la date de la campagne"
    EARLY = "early", "par avance, dès maintenant"
    SKIPPED = "skipped", "pas du tout"


class Reopening(models.TextChoices):
    """What an admissible report that is open again lets the association write."""

    FULL = "full", "Complète : textes, chiffres et pièces"
    LIMITED = "limited", "Limitée : textes et pièces, aucun chiffre"


class Opinion(models.TextChoices):
    SATISFACTORY = "satisfaisant", "Satisfaisant"
    PARTIAL = "partiel", "Partiel"
    INSUFFICIENT = "insuffisant", "Insuffisant"


class GroundUse(models.TextChoices):
    REJECTED = "ecart", "montant écarté d’un compte rendu"
    CORRECTED = "correction", "correction après contrôle"


class GridMoment(models.TextChoices):
    ADMISSIBILITY = "recevabilite", "Recevabilité"
    EXAMINATION = "instruction", "Instruction"
    CONTROL = "controle", "Contrôle"
    EVALUATION = "evaluation", "Évaluation"

    @classmethod
    def of_report(cls) -> "tuple[GridMoment, ...]":
        """Those that are filled about a report; a control and the final evaluation have their own pages."""
        return cls.ADMISSIBILITY, cls.EXAMINATION


class EvaluationState(models.TextChoices):
    DRAFT = "draft", "En préparation"
    SHARED = "shared", "Partagée"
    CONCLUDED = "concluded", "Conclue"


class Recommendation(models.TextChoices):
    """What the joint evaluation concludes (article 9.5)."""

    RENEW = "reconduire", "Reconduire le partenariat"
    AMEND = "modifier", "Modifier le partenariat"
    STOP = "arreter", "Mettre fin au partenariat"


class ForecastState(models.TextChoices):
    DRAFT = "draft", "En préparation"
    SENT = "sent", "Envoyée"


class ControlKind(models.TextChoices):
    DOCUMENTS = "pieces", "Sur pièces"
    ON_THE_SPOT = "place", "Sur place"


class ControlState(models.TextChoices):
    ANNOUNCED = "announced", "Annoncé"
    FOUND = "found", "Constats communiqués"
    CLOSED = "closed", "Clos"


class CorrectionState(models.TextChoices):
    PROPOSED = "proposed", "Proposée"
    NOTIFIED = "notified", "Contradictoire en cours"
    DECIDED = "decided", "Décidée"
    DONE = "done", "Soldée"


class CorrectionEffect(models.TextChoices):
    """What becomes of a correction once it is decided."""

    RECOVERY = "reversement", "Reversement par titre"
    IMPUTATION = "imputation", "Imputation sur le prochain versement"
    REDUCTION = "reduction", "Réduction par acte financier annuel"
    DROPPED = "sans_suite", "Sans suite"
    NOT_RECOVERED = "non_recouvree", "Non recouvrée, sous le seuil"


class FollowUp(models.TextChoices):
    INTEREST = "interets", "Intérêts"
    LATE = "retard", "Retard"
    DISPUTE = "litige", "Contestation"


class MeetingKind(models.TextChoices):
    DIALOGUE = "dialogue", "Dialogue de gestion"
    STEERING = "pilotage", "Comité de pilotage"
    FUNDERS = "financeurs", "Conférence des financeurs"
    INTERINSTITUTIONAL = "institutions", "Rencontre interinstitutionnelle"
    TECHNICAL = "technique", "Comité technique"


class MeetingState(models.TextChoices):
    PLANNED = "planned", "Prévue"
    HELD = "held", "Tenue"
    CANCELLED = "cancelled", "Annulée"


class Attendance(models.TextChoices):
    PRESENT = "present", "Présent·e"
    EXCUSED = "excused", "Excusé·e"
    ABSENT = "absent", "Absent·e"


class DecisionState(models.TextChoices):
    TODO = "todo", "À faire"
    IN_PROGRESS = "in_progress", "En cours"
    DONE = "done", "Fait"
    DROPPED = "dropped", "Abandonné"


class RuleNature(models.TextChoices):
    DEADLINE = "echeance", "échéance"
    MILESTONE = "jalon", "jalon"


class RuleScope(models.TextChoices):
    CONVENTION = "convention", "une fois par convention"
    YEAR = "annee", "chaque année"


class ReminderState(models.TextChoices):
    SENT = "sent", "envoyé"
    OUTDATED = "outdated", "dépassé"


class DoneAnswer(models.TextChoices):
    """What had become of a deadline when a paper convention was taken over."""

    DONE = "done", "Fait"
    NOT_DONE = "not_done", "Pas encore fait"
    NOT_OWED = "not_owed", "Sans objet"


class RecordAnswer(models.TextChoices):
    CONFIRMED = "confirmed", "Confirmée"
    CONTESTED = "contested", "Erreur signalée"


class ExtractState(models.TextChoices):
    """What became of an extract of Chorus."""

    WAITING = "waiting", "En cours de lecture"
    COLUMNS = "columns", "Colonnes à choisir"
    READ = "read", "Lu"
    REFUSED = "refused", "Illisible"


class PaymentState(models.TextChoices):
    PLANNED = "planned", "Prévu"  # an instalment of the text; never stored
    PROPOSED = "proposed", "Proposé"
    CERTIFIED = "certified", "Service fait certifié"
    ORDERED = "ordered", "Mandaté"
    PAID = "paid", "Payé"
    VOIDED = "voided", "Annulé"


class PaymentKind(models.TextChoices):
    ADVANCE = "avance", "avance"
    BALANCE = "solde", "solde"
    COMPLEMENT = "complement", "complément"


class NetworkMeasure(models.TextChoices):
    """The figures of the network in a year, as the information system i-milo counts them; young people, unless told."""

    MET = "accueillis", "Jeunes accueillis pour la première fois (i-milo)"
    ACCOMPANIED = "accompagnes", "Jeunes accompagnés dans l’année (i-milo)"
    PACEA_IN = "pacea_entrees", "Entrées en PACEA"
    PACEA_OUT = "pacea_sorties", "Sorties de PACEA"
    CEJ_IN = "cej_entrees", "Entrées en CEJ"
    CEJ_OUT = "cej_sorties", "Sorties de CEJ"
    CEJ_OUT_WORKING = "cej_emploi", "Sorties de CEJ vers l’emploi ou la formation"
    JOBS = "emploi", "Accès à l’emploi ou à l’alternance (i-milo)"
    TRAINING = "formation", "Entrées en formation (i-milo)"
