"""Base classes of the pages of a programme: find it, check who may edit, save without overwriting."""

import hashlib
from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.functional import cached_property
from django.views import View

from actions.models import Programme, Sheet
from actions.permissions import editor, why_not
from actions.rows import ProgrammeRows, shown_programme
from actions.services import withdrawn_sheet_key
from arml.permissions import capacities, sides
from cpo.lib import journal, zones
from cpo.lib.editing import conflicts, drafts
from cpo.lib.enums import Side
from cpo.lib.models import JournalEntry


class ProgrammeView(View):
    """A page of the programme of a convention; 404 when it is not visible."""

    template_name = ""
    tab = "programme"
    budget = False  # True when the right to edit amounts is enough

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.number: str = kwargs["number"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        shown = shown_programme(request, self.number)
        if shown is None:
            raise Http404
        self.programme, self.shown = shown.programme, shown
        zones.set_page(self.programme.dossier)
        self.load()
        return super().dispatch(request, *args, **kwargs)

    def load(self) -> None:
        """Read the other objects of the page, and refuse a person without the right."""

    @property
    def rows(self) -> ProgrammeRows:
        return self.shown.rows

    @property
    def can_edit(self) -> bool:
        return editor(self.request.user, self.programme) is not None

    @property
    def can_edit_budget(self) -> bool:
        return editor(self.request.user, self.programme, budget=True) is not None

    def url(self, name: str, **kwargs: Any) -> str:
        return reverse(name, kwargs={"number": self.number, **kwargs})

    def page(self, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
        base = self.shared_context | {
            "tab": self.tab,
            "nav_section": "convention-list",
            "why_not": why_not(self.request.user, self.programme),
        }
        return render(self.request, self.template_name, base | context, status=status)

    @cached_property
    def shared_context(self) -> dict[str, Any]:
        """What the template of a page and that of its body read."""
        return {
            "number": self.number,
            "programme": self.programme,
            "cycle": self.programme.cycle,
            "can_edit": self.can_edit,
            "can_edit_budget": self.can_edit_budget,
            "ended": self.shown.ended,
        }

    def body(self, template: str, context: Callable[[], dict[str, Any]], *others: object) -> str:
        """Draw the part of a page that shows the content. `others`: what else its context depends on.

        A version is drawn once for all who read it: the template knows neither the person nor the request.
        """

        def draw(request: HttpRequest | None = None) -> str:
            return render_to_string(template, self.shared_context | context(), request=request)

        if self.can_edit:
            return draw(self.request)  # its forms have the token of the person
        cycle, programme = self.programme.cycle, self.programme
        facts = (
            template,
            self.number,
            cycle.pk,
            cycle.revision,
            programme.frozen,
            self.can_edit_budget,
            self.shown.ended,
            *others,
        )
        return self.shown.drawn(hashlib.sha256(repr(facts).encode()).hexdigest(), draw)


class _Withdrawn(Exception):
    """The programme is visible, but its fiche does not exist any more."""


class SheetView(ProgrammeView):
    """A page of one fiche. For a withdrawn fiche, a 404 that tells who withdrew it and shows the typed text."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().dispatch(request, *args, **kwargs)
        except _Withdrawn:
            return self._withdrawn()

    def _withdrawn(self) -> HttpResponse:
        entries = journal.entries(self.programme.dossier, capacities(self.request.user, self.programme.dossier))
        context = {
            "number": self.number,
            "nav_section": "convention-list",
            "programme_url": self.url("programme-detail"),
            "entry": entries.filter(subject=withdrawn_sheet_key(self.kwargs["key"]), verb="sheet_deleted").first(),
            "typed": drafts.unsaved_prose(self.request),
        }
        return render(self.request, "actions/sheet_withdrawn.html", context, status=404)

    def load(self) -> None:
        rows = self.rows.sheet(self.kwargs["key"])
        if rows is None:
            raise _Withdrawn
        self.sheet_rows = rows
        self.sheet: Sheet = rows.sheet
        self.sheet.programme = self.programme

    def sheet_url(self, name: str = "sheet-detail") -> str:
        return self.url(name, key=self.sheet.key)


class Work:
    """Mixin of the edit pages: 403 with the reason, reminder at the top, merge when two people save."""

    verbs: tuple[str, ...] = ()  # verbs of the journal for a save of this form

    def load(self) -> None:
        reason = why_not(self.request.user, self.programme, budget=self.budget)
        if reason:
            raise PermissionDenied(reason)
        super().load()

    def page(self, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
        base = {
            "badges": turn_badges(self.request, self.programme),
            "back_name": self.programme.dossier.beneficiary,
            "with_bar": True,
            # A form that is shown again keeps its first revision, to detect a save by somebody else.
            "revision": self.request.POST.get("revision", self.programme.revision),
        }
        return super().page(base | context, status=status)

    def make(self, data: QueryDict | None = None) -> Any:
        """Build the form on the current rows."""
        raise NotImplementedError

    def write(self, form: Any, revision: int) -> Any:
        raise NotImplementedError

    def save(self) -> conflicts.Outcome:
        return conflicts.save(self.request, make=self.make, write=self.write, author=self.author)

    def author(self) -> JournalEntry | None:
        """Return the journal entry of the last save of this form."""
        subjects = [journal.key(subject) for subject in (self.programme, getattr(self, "sheet", None)) if subject]
        verbs = [*self.verbs, "programme_imported"]
        return JournalEntry.objects.filter(subject__in=subjects, verb__in=verbs).order_by("-pk").first()


def turn_badges(request: HttpRequest, programme: Programme) -> list[tuple[str, str, str]]:
    """Return the state of the act and whose turn it is, for the reminder at the top of an edit page."""
    act = programme.act
    badges = [(act.state, "act", act.get_state_display().capitalize())]
    if programme.side:
        mine = programme.side in sides(request.user, programme.dossier)
        label = "La main est à vous" if mine else f"La main est à {Side(programme.side).label}"
        badges.append(("mine" if mine else "theirs", "turn", label))
    return badges
