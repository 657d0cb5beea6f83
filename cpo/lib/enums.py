from django.db import models


class Audience(models.TextChoices):
    BOTH = "both", "les deux parties"
    STATE = "state", "services de l’État"
    BENEFICIARY = "beneficiary", "association"
    NATIONAL = "national", "services de l’État et administration centrale"


class Side(models.TextChoices):
    """The two sides of a dossier; the national administration and observers are on neither."""

    STATE = "state", "l’État"
    BENEFICIARY = "beneficiary", "l’association"

    @staticmethod
    def other(side: str) -> "Side":
        """Return the opposite side. Raises ValueError when `side` is none."""
        return Side.BENEFICIARY if Side(side) == Side.STATE else Side.STATE


class JobState(models.TextChoices):
    WAITING = "waiting", "en attente"
    RUNNING = "running", "en cours"
    DONE = "done", "terminé"
    FAILED = "failed", "en échec"


class MailState(models.TextChoices):
    WAITING = "waiting", "à envoyer"
    SENT = "sent", "envoyé"
    DIGEST = "digest", "gardé pour le récapitulatif"
    FAILED = "failed", "en échec"
