"""What every page of a programme does first: find it, know who may edit, and refuse to overwrite a newer revision."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views import View

from arml.permissions import sides
from cpo.lib import journal
from cpo.lib.editing import StaleRevision
from cpo.lib.enums import Side
from cpo.lib.models import JournalEntry

from ..forms.common import Flat, differences, fingerprint
from ..models import Programme, Sheet
from ..permissions import editor, why_not


def programmes(request: HttpRequest) -> QuerySet[Programme]:
    """Programmes of conventions that the person sees. The act is looked up by name: it belongs to an app above."""
    related = ("dossier__beneficiary", "dossier__lead", "cycle", "act__convention")
    return Programme.objects.visible_to(request.user).select_related(*related)


class ProgrammeView(View):
    """A page of the programme of a convention; 404 when it is not visible."""

    template_name = ""
    tab = "programme"
    budget = False  # whether the page only needs the right to edit amounts

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.number: str = kwargs["number"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.programme = get_object_or_404(programmes(request), act__convention__number=self.number, act__number=0)
        self.load()
        return super().dispatch(request, *args, **kwargs)

    def load(self) -> None:
        """Read what else the page is about, and refuse what the person may not do."""

    @property
    def can_edit(self) -> bool:
        return editor(self.request.user, self.programme) is not None

    @property
    def can_edit_budget(self) -> bool:
        return editor(self.request.user, self.programme, budget=True) is not None

    def url(self, name: str, **kwargs: Any) -> str:
        return reverse(name, kwargs={"number": self.number, **kwargs})

    def page(self, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
        base = {
            "number": self.number,
            "tab": self.tab,
            "nav_section": "convention-list",
            "programme": self.programme,
            "cycle": self.programme.cycle,
            "can_edit": self.can_edit,
            "can_edit_budget": self.can_edit_budget,
            "why_not": why_not(self.request.user, self.programme),
        }
        return render(self.request, self.template_name, base | context, status=status)


class SheetView(ProgrammeView):
    """A page of one fiche of the programme."""

    def load(self) -> None:
        sheets = self.programme.sheets.select_related("axis", "objective").prefetch_related(
            "functions", "indicators__targets", "indicators__definition_from"
        )
        self.sheet: Sheet = get_object_or_404(sheets, key=self.kwargs["key"])
        self.sheet.programme = self.programme

    def sheet_url(self, name: str = "sheet-detail") -> str:
        return self.url(name, key=self.sheet.key)


class Work:
    """Mixin of the pages where one works: who may not is told why; the reminder at the top; conflicts."""

    def load(self) -> None:
        reason = why_not(self.request.user, self.programme, budget=self.budget)
        if reason:
            raise PermissionDenied(reason)
        super().load()

    def page(self, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
        stored = self.stored() if "seen" not in context else None
        base = {
            "badges": turn_badges(self.request, self.programme),
            "back_name": self.programme.dossier.beneficiary,
            "with_bar": True,
            "revision": self.programme.revision,
            "seen": fingerprint(stored) if stored is not None else "",
        }
        return super().page(base | context, status=status)

    def stored(self) -> Flat:
        """What is stored now of the element that the page changes, in words."""
        return {}

    def save(self, write: Callable[[int], Any]) -> int | None:
        """Call `write(revision)` with what the page was opened with; return the newer revision that it would overwrite.

        When only another element changed since (`seen` is unchanged), nothing can be overwritten: the write goes on.
        """
        posted = self.request.POST.get("overwrite") or self.request.POST.get("revision", "")
        revision = int(posted) if posted.isdigit() else -1
        try:
            write(revision)
        except StaleRevision as stale:
            if self.request.POST.get("seen") != fingerprint(self.stored()):
                return stale.current
            try:
                write(stale.current)
            except StaleRevision as again:
                return again.current
        return None

    def conflict(self, typed: Flat, current: int, context: dict[str, Any]) -> HttpResponse:
        """Both versions, field by field, above the form as typed; only a button of its own replaces the newer one."""
        entry = JournalEntry.objects.filter(root=journal.key(self.programme.dossier)).order_by("-pk").first()
        stored = self.stored()
        conflict = {"current": current, "entry": entry, "differences": differences(stored, typed)}
        stale = {"revision": self.request.POST.get("revision", ""), "seen": self.request.POST.get("seen", "")}
        return self.page(context | stale | {"conflict": conflict}, status=409)


def turn_badges(request: HttpRequest, programme: Programme) -> list[tuple[str, str, str]]:
    """State of the act and whose turn it is, for the reminder at the top of a page of work."""
    act = programme.act
    badges = [(act.state, "act", act.get_state_display().capitalize())]
    if programme.side:
        mine = programme.side in sides(request.user, programme.dossier)
        label = "La main est à vous" if mine else f"La main est à {Side(programme.side).label}"
        badges.append(("mine" if mine else "theirs", "turn", label))
    return badges
