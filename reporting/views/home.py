"""« À faire »: the first page after signing in."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from arml.permissions import follows_deadlines, is_national
from conventions.pages.todo import Hats
from conventions.views.listing import may_create
from cpo.lib import zones
from cpo.lib.editing import drafts
from reporting.todo.home import agenda
from reporting.todo.lines import conventions_of, in_letters, line

TASKS, OTHERS, FOLLOWING, CONVENTIONS, DRAFTS = 20, 6, 5, 10, 5


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    user: Any = request.user
    hats = Hats.of(user)
    todo = agenda(user, hats)
    tasks = todo.mine if request.GET.get("tout") else todo.mine[:TASKS]
    rows, count = conventions_of(user, hats, CONVENTIONS)
    context = {
        "today": zones.today(),
        "lines": [line(task, primary=rank == 0) for rank, task in enumerate(tasks)],
        "count": len(todo.mine),
        "count_text": in_letters(len(todo.mine)),
        "late": todo.late,
        "late_text": in_letters(todo.late).lower(),
        "hidden": len(todo.mine) - len(tasks),
        "others": todo.others[:OTHERS],
        "more_others": max(0, len(todo.others) - OTHERS),
        "following": todo.following[:FOLLOWING],
        "may_create": may_create(user),
        "with_deadlines": follows_deadlines(user),
        "drafts": [
            (draft, drafts.token(drafts.DraftKey(user.pk, draft.path, draft.form)))
            for draft in drafts.waiting(user).only("path", "form", "title", "updated_at")[:DRAFTS]
        ],
        "conventions": rows,
        "convention_count": count,
        "national": is_national(user),
        "roles": bool(user.roles),
    }
    return render(request, "reporting/home.html", context)
