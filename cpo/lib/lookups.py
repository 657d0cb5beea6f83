"""`filter(pk__among=[…])`: as `in`, the list being one array; thousands of ids cost no more to write than one."""

from typing import Any

from django.db.models import IntegerField, Lookup


@IntegerField.register_lookup
class Among(Lookup):  # type: ignore[type-arg]  # Django's own is not generic at run time
    lookup_name = "among"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        left, parameters = self.process_lhs(compiler, connection)
        return f"{left} = ANY(%s::bigint[])", (*parameters, list(self.rhs))
