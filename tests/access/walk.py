"""Request an address as a person and give the answer as a short code. Every write is rolled back."""

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.core.handlers.base import BaseHandler
from django.core.signals import got_request_exception
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.test import RequestFactory
from django.urls import get_resolver

from arml.models import User

WRITE = re.compile(r"^\s*(INSERT|UPDATE|DELETE|MERGE|TRUNCATE|CREATE|ALTER|DROP|COPY)\b|\bFOR (NO KEY )?UPDATE\b", re.I)
SESSION_TABLE = '"django_session"'
LOGIN = "/connexion/?next="


@dataclass
class Answer:
    status: int
    location: str
    body: str
    writes: list[str]
    error: str = ""
    seen: Any = None

    @property
    def code(self) -> str:
        """`log` for a redirection to the login page, otherwise the status."""
        return "log" if self.status == 302 and self.location.startswith(LOGIN) else str(self.status)

    @property
    def written(self) -> list[str]:
        """The statements that write, without those that only lock."""
        return [statement for statement in self.writes if not statement.lstrip().upper().startswith("SELECT")]

    @property
    def sent(self) -> str:
        """The answer to a post: `ok` if the view handled it (did the action, or showed the form with its errors).

        A redirection without a write keeps its code: the action was no longer possible, or it changed nothing.
        """
        is_handled = self.status < 300 or (self.status < 400 and self.written)
        return "ok" if self.code != "log" and is_handled else self.code


class Asker:
    """Call the application without the test client, which records templates and so costs more than many pages."""

    def __init__(self) -> None:
        self.handler = BaseHandler()
        self.handler.load_middleware()
        self.requests = RequestFactory()
        self.sessions: dict[int, str] = {}
        self.errors: list[str] = []
        got_request_exception.connect(self._failed)
        # Rendering thousands of error pages would take most of the time of the walk. Other tests cover these pages.
        get_resolver().resolve_error_handler = bare

    def close(self) -> None:
        got_request_exception.disconnect(self._failed)
        del get_resolver().resolve_error_handler

    def _failed(self, **kwargs: Any) -> None:
        kind, value, trace = sys.exc_info()
        while trace and trace.tb_next:
            trace = trace.tb_next
        where = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else ""
        self.errors.append(f"{kind.__name__ if kind else ''}: {value} ({where})")

    def get(self, path: str, user: User | None) -> Answer:
        return self._ask(self.requests.get, path, user, None)

    def post(self, path: str, user: User | None, data: dict[str, Any], look: Callable[[], Any] | None = None) -> Answer:
        """`look` is called before what was written is rolled back; what it returns is `seen`."""
        return self._ask(self.requests.post, path, user, data, look)

    def _ask(
        self, make: Callable[..., Any], path: str, user: User | None, data: Any, look: Callable[[], Any] | None = None
    ) -> Answer:
        request = make(path, data) if data is not None else make(path)
        request._dont_enforce_csrf_checks = True
        if user is not None:
            request.COOKIES["sessionid"] = self._session(user)
        self.errors.clear()
        with writes() as statements, undone(statements):
            response = self.handler.get_response(request)
            body = _read(response)
            seen = look() if look else None
        location, errors = response.headers.get("Location", ""), "; ".join(self.errors)
        return Answer(response.status_code, location, body, statements, errors, seen)

    def _session(self, user: User) -> str:
        if user.pk not in self.sessions:
            session = SessionStore()
            session[SESSION_KEY] = str(user.pk)
            session[BACKEND_SESSION_KEY] = "arml.auth.EmailBackend"
            session[HASH_SESSION_KEY] = user.get_session_auth_hash()
            session.create()
            self.sessions[user.pk] = session.session_key
        return self.sessions[user.pk]


def bare(status: int) -> Callable[..., HttpResponse]:
    """An error handler that answers with the status and no page."""

    def answer(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
        return HttpResponse(status=status)

    return answer


def _read(response: HttpResponseBase) -> str:
    try:
        content = b"".join(response.streaming_content) if response.streaming else response.content
    finally:
        for close in response._resource_closers:  # not close(): it sends a signal that closes the database connection
            close()
    return content.decode("utf-8", "replace") if response.headers.get("Content-Type", "").startswith("text/") else ""


@contextmanager
def undone(statements: list[str]) -> Iterator[None]:
    """Roll back the writes made inside, if any. A useless rollback would drop the prepared plans of the connection."""
    with transaction.atomic():
        yield
        transaction.set_rollback(bool(statements) or connection.needs_rollback)


@contextmanager
def writes() -> Iterator[list[str]]:
    """Collect the statements executed inside that write or lock."""
    statements: list[str] = []

    def look(execute: Callable[..., Any], sql: Any, *args: Any) -> Any:
        if WRITE.search(str(sql)):
            statements.append(str(sql)[:200])
        return execute(sql, *args)

    with connection.execute_wrapper(look):
        yield statements
