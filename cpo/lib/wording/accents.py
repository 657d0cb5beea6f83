"""Search and sort French names: É with E, whatever the case. The embedded PostgreSQL has no ICU, hence f_unaccent."""

from typing import Any

from django.db.models import TextField, Transform
from django.db.models.fields import CharField


class Plain(Transform):
    """`name__plain__contains="ile"` finds « Île »; the immutable SQL function can be indexed."""

    lookup_name = "plain"
    output_field = TextField()

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **kwargs: Any) -> tuple[str, Any]:
        sql, params = compiler.compile(self.lhs)
        return f"f_unaccent(lower({sql}))", params


CharField.register_lookup(Plain)
TextField.register_lookup(Plain)


def plain(text: str) -> str:
    """Return a text without accent, in lower case, as the database's `plain` does."""
    import unicodedata

    return "".join(c for c in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(c))
