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


class Reopening(models.TextChoices):
    """What an admissible report that is open again lets the association write."""

    FULL = "full", "Complète : textes, chiffres et pièces"
    LIMITED = "limited", "Limitée : textes et pièces, aucun chiffre"


class Opinion(models.TextChoices):
    SATISFACTORY = "satisfaisant", "Satisfaisant"
    PARTIAL = "partiel", "Partiel"
    INSUFFICIENT = "insuffisant", "Insuffisant"


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
