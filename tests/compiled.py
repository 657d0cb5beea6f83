"""The tests write the columns, the joins and the order of a SELECT once for each shape of query.

Django writes the whole text of a query each time, and the tests send each query thousands of times: a quarter of what
reads the database went there. Only plain queries are remembered (no annotation, grouping or union). Their conditions
and parameters are compiled each time. The first use of what is remembered, then one in five hundred, is compared with
what Django writes: a difference is an error. The application does without.
"""

from collections import Counter
from typing import Any

from django.db.backends.postgresql.compiler import SQLCompiler
from django.db.models.expressions import Col
from django.db.models.sql import Query
from django.db.models.sql.datastructures import BaseTable, Join

COMPARED = 500  # once in so many uses

_written: dict[Any, dict[str, Any]] = {}
_uses: Counter[Any] = Counter()
_setup, _from = SQLCompiler.pre_sql_setup, SQLCompiler.get_from_clause


def install() -> None:
    SQLCompiler.pre_sql_setup = _pre_sql_setup  # type: ignore[method-assign]
    SQLCompiler.get_from_clause = _get_from_clause  # type: ignore[method-assign]


def _pre_sql_setup(self: SQLCompiler, with_col_aliases: bool = False) -> Any:
    query = self.query
    if with_col_aliases or not _plain(query):
        return _setup(self, with_col_aliases)
    if not any(query.alias_refcount.values()):
        query.get_initial_alias()
    shape = _shape(query)
    if shape is None:
        return _setup(self, with_col_aliases)
    _uses[shape] += 1
    written = _written.get(shape)
    if written is None or _uses[shape] % COMPARED == 2:
        extra_select, order_by, group_by = _setup(self, with_col_aliases)
        assert not extra_select and not group_by
        anew = {
            "select": self.select,
            "klass_info": self.klass_info,
            "annotation_col_map": self.annotation_col_map,
            "order_by": order_by,
            "from_": _from(self),
        }
        assert written is None or _texts(written) == _texts(anew), f"two queries share {shape}"
        written = _written.setdefault(shape, anew)
    self.select, self.col_count = written["select"], len(written["select"])
    self.klass_info, self.annotation_col_map = written["klass_info"], written["annotation_col_map"]
    self.where, self.having, self.qualify = query.where.split_having_qualify(must_group_by=False)
    self.has_extra_select = False
    self.from_written = written["from_"]  # type: ignore[attr-defined]
    return [], written["order_by"], []


def _get_from_clause(self: SQLCompiler) -> Any:
    written = getattr(self, "from_written", None)
    if written is None:
        return _from(self)
    return list(written[0]), list(written[1])


def _texts(written: dict[str, Any]) -> Any:
    columns = [(sql, tuple(params), alias) for _, (sql, params), alias in written["select"]]
    order = [(sql, tuple(params)) for _, (sql, params, _) in written["order_by"]]
    return columns, order, written["from_"], repr(written["annotation_col_map"])


def _plain(query: Query) -> bool:
    return (
        type(query) is Query
        and not query.annotations
        and not query.extra
        and not query.extra_tables
        and not query.extra_order_by
        and not query.combinator
        and query.group_by is None
        and not query.distinct
        and not query.subquery
        and not query.external_aliases
        and not query._filtered_relations
    )


def _shape(query: Query) -> Any:
    """All that the columns, the joins and the order depend on; None where a part is not plain."""
    tables: list[Any] = []
    for alias, table in query.alias_map.items():
        used = query.alias_refcount[alias] > 0
        if type(table) is BaseTable:
            tables.append((alias, used, table.table_name))
        elif type(table) is Join and table.filtered_relation is None:
            tables.append(
                (
                    alias,
                    used,
                    table.table_name,
                    table.parent_alias,
                    table.join_type,
                    id(table.join_field),
                    table.nullable,
                )
            )
        else:
            return None
    columns = []
    for column in query.select:
        if type(column) is not Col:
            return None
        columns.append((column.alias, id(column.target), id(column.output_field)))
    order = query.order_by
    if not all(type(name) is str for name in order):
        return None
    related = query.select_related
    return (
        query.model,
        query.alias_prefix,
        tuple(tables),
        tuple(columns),
        query.default_cols,
        query.values_select,
        tuple(query.selected.items()) if query.selected else None,
        order,
        query.default_ordering,
        query.standard_ordering,
        frozenset(query.deferred_loading[0]),
        query.deferred_loading[1],
        query.max_depth,
        related if isinstance(related, bool) else _names(related),
    )


def _names(related: dict[str, Any]) -> Any:
    return tuple([(name, _names(below)) for name, below in related.items()])
