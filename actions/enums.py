from django.db import models


class Unit(models.TextChoices):
    NUMBER = "nb", "nombre"
    PERCENT = "%", "%"
    EURO = "€", "€"
    HOUR = "h", "heures"
    DAY = "j", "jours"
    FTE = "ETP", "ETP"
    YES_NO = "oui/non", "oui/non"
    SCORE = "note/5", "note sur 5"
    STATUS = "statut", "statut"


class IndicatorType(models.TextChoices):
    OUTPUT = "realisation", "réalisation"
    RESULT = "resultat", "résultat"
    IMPACT = "impact", "impact"
    QUALITATIVE = "qualitatif", "qualitatif"


class Direction(models.TextChoices):
    UP = "hausse", "à la hausse"
    DOWN = "baisse", "à la baisse"
    STABLE = "stable", "stable"


class Aggregation(models.TextChoices):
    SUM = "somme", "somme"
    MEAN = "moyenne", "moyenne"
    RATIO = "ratio", "ratio des sommes"
    LAST = "dernier", "dernier"
    MAX = "max", "maximum"
    NONE = "non_agrege", "non agrégé"


class AccountSide(models.TextChoices):
    EXPENSE = "expense", "charges"
    RESOURCE = "resource", "produits"


class AccountKind(models.TextChoices):
    CASH = "cash", "numéraire"
    IN_KIND = "in_kind", "nature"


class SheetNature(models.TextChoices):
    CONTINUED = "poursuite", "poursuite"
    NEW = "nouvelle", "nouvelle"
    CHANGED = "modifiee", "modifiée"


class SigningOrder(models.TextChoices):
    FREE = "free", "Ordre libre"
    BENEFICIARY_FIRST = "beneficiary", "L’association d’abord"
    STATE_FIRST = "state", "L’État d’abord"


NUMERIC_UNITS = (Unit.NUMBER, Unit.PERCENT, Unit.EURO, Unit.HOUR, Unit.DAY, Unit.FTE, Unit.SCORE)
STATE_ACCOUNT = "74-ETAT"
OTHER_STATE_ACCOUNT = "74-ETAT-AUTRE"
PRIVATE_ACCOUNT = "74-PRIVE"  # aid of companies and foundations: a grant, but not a public one
INDIRECT_ACCOUNT = "IND"
IN_KIND_TITLES = ("86", "87")


def in_kind(code: str) -> bool:
    """Whether an account holds contributions in kind, excluded from costs and totals (CERFA 12156).

    The first digits of the account decide (plan comptable); the database refuses a different `kind`.
    """
    return code.startswith(IN_KIND_TITLES)
