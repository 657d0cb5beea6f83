"""One fiche: read, create, edit, copy, move and remove it."""

from collections import Counter
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest, ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import cached_property

from actions import completeness
from actions.forms.sheets import SHEET_PARTS, SheetCreateForm, SheetForm
from actions.models import Sheet
from actions.permissions import why_not
from actions.services import create_sheet, delete_sheet, duplicate_sheet, move_sheet, update_sheet
from arml.permissions import capacities
from cpo.lib import journal
from cpo.lib.editing import conflicts
from cpo.lib.editing.lock import StaleRevision
from cpo.lib.wording.numbers import whole_number

from .common import ProgrammeView, SheetView, Work, turn_badges
from .reading import read_sheet

# Fields required for a part to be shown as complete; only a missing description blocks.
EXPECTED = {
    "action": ["description", "context", "objectives"],
    "public": ["audience", "partners"],
    "moyens": ["starts_on", "ends_on", "human_means"],
    "pilotage": ["pilot_name", "deliverables", "evaluation_method"],
}


class SheetParts:
    """Mixin: the menu of the parts of a fiche, each with its state."""

    @cached_property
    def missing_elements(self) -> list[completeness.Missing]:
        if self.programme.frozen:  # nothing is missing in a signed text, nor in what remains of one that ended
            return []
        return self.shown.kept(
            f"missing:{self.number}:{self.sheet.key}",
            lambda: list(
                completeness.sheet_missing(self.sheet, self.sheet_rows.indicator_years, self.sums, self.number)
            ),
        )

    @cached_property
    def sums(self) -> completeness.Totals:
        return self.rows.sums

    def parts(self, current: str) -> list[dict[str, Any]]:
        """Return the menu: the texts by anchor, then indicators and budget. Links lead to the edit page if allowed."""
        texts = self.sheet_url("sheet-edit") if self.can_edit else self.sheet_url()
        items = [
            {
                "label": "Vue d’ensemble",
                "url": self.sheet_url(),
                "current": current == "detail",
            }
        ]
        for anchor, title, _names in SHEET_PARTS:
            count = sum("#id_description" in item.url for item in self.missing_elements) if anchor == "action" else 0
            complete = all(getattr(self.sheet, name) for name in EXPECTED[anchor])
            items.append(_item(title, f"{texts}#{anchor}", count, complete))
        pages = (
            ("Indicateurs", "sheet-indicators", self.can_edit, "indicateurs"),
            ("Budget", "sheet-budget", self.can_edit_budget, "budget"),
        )
        for label, name, editable, anchor in pages:
            page = self.sheet_url(name)
            count = sum(item.url.startswith(page) for item in self.missing_elements)
            url = page if editable else f"{self.sheet_url()}#{anchor}"
            items.append(_item(label, url, count, True) | {"current": current == name})
        return items

    def page(self, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
        base = {"sheet": self.sheet, "missing": self.missing_elements, "back": self.back}
        return super().page(base | context, status=status)

    def exchanges(self) -> dict[str, int] | None:
        """Count the open exchanges on this fiche that the person may read, by field ("" for the whole fiche).

        None for a person who takes no part in exchanges.
        """
        actors = capacities(self.request.user, self.programme.dossier)
        if not any(actor.side for actor in actors):
            return None
        whole = f"sheet/{self.sheet.key}"
        threads = self.programme.act.threads.filter(path__startswith=whole, resolved_at=None)
        paths = threads.filter(audience__in=journal.readable_by(actors)).values_list("path", flat=True)
        return dict(Counter(path[len(whole) + 1 :] for path in paths))

    @property
    def back(self) -> dict[str, str]:
        return {"label": f"{self.number}, programme", "url": self.url("programme-detail")}


def _item(label: str, url: str, count: int, complete: bool) -> dict[str, Any]:
    if count:
        return {"label": label, "url": url, "state": "missing", "state_text": f"{count} manque{'s' * (count > 1)}"}
    return {"label": label, "url": url} | ({"state": "ok", "state_text": "complet"} if complete else {})


class SheetDetail(SheetParts, SheetView):
    template_name = "actions/sheet_detail.html"

    def get(self, request: HttpRequest, number: str, key: str) -> HttpResponse:
        position = self.siblings.index(self.sheet.pk)
        open_exchanges = self.exchanges()
        others = (str(self.sheet.key), None if open_exchanges is None else sorted(open_exchanges.items()))
        return self.page(
            {
                "side_items": self.parts("detail"),
                "body": self.body(
                    "actions/_sheet_read.html",
                    lambda: {"sheet": self.sheet, "level": 2, "id": "", **read_sheet(self.sheet_rows, open_exchanges)},
                    *others,
                ),
                "why_not_budget": why_not(request.user, self.programme, budget=True),
                "revision": self.programme.revision,
                "first": position == 0,
                "last": position == len(self.siblings) - 1,
                "badges": turn_badges(request, self.programme),
                "back_name": self.programme.dossier.beneficiary,
                "exchanges": sum(open_exchanges.values()) if open_exchanges is not None else None,
            }
        )

    @cached_property
    def siblings(self) -> list[int]:
        """Ids of the fiches of the same axis, in order."""
        return [pk for pk, number in self.rows.axis_numbers.items() if number == self.sheet.axis.number]


class SheetCreate(Work, ProgrammeView):
    template_name = "actions/sheet_create.html"

    def get(self, request: HttpRequest, number: str) -> HttpResponse:
        axis = self.programme.cycle.axes.filter(number=whole_number(request.GET.get("axe"))).first()
        return self.show(SheetCreateForm(programme=self.programme, initial={"axis": axis} if axis else {}))

    def post(self, request: HttpRequest, number: str) -> HttpResponse:
        form = SheetCreateForm(request.POST, programme=self.programme)
        if not form.is_valid():
            return self.show(form)
        try:
            sheet = create_sheet(programme=self.programme, by=request.user, **form.content())
        except ValidationError as error:
            form.add_error(None, error)
            return self.show(form)
        messages.success(request, f"La fiche {sheet.code} est créée. Complétez-la.")
        return redirect("sheet-edit", number=number, key=sheet.key)

    def show(self, form: SheetCreateForm) -> HttpResponse:
        back = {"label": "Programme", "url": self.url("programme-detail")}
        return self.page({"form": form, "back": back})


class SheetEdit(SheetParts, Work, SheetView):
    template_name = "actions/sheet_edit.html"
    verbs = ("sheet_created", "sheet_updated", "indicators_set")

    def get(self, request: HttpRequest, number: str, key: str) -> HttpResponse:
        return self.show(SheetForm(instance=self.sheet, programme=self.programme))

    def post(self, request: HttpRequest, number: str, key: str) -> HttpResponse:
        outcome = self.save()
        form = outcome.form
        if not outcome.saved:
            if outcome.error:
                form.add_error(None, outcome.error)
            return self.show(form, status=outcome.status)
        messages.success(request, f"La fiche {form.cleaned_data['code']} est enregistrée.")
        return redirect(self.sheet_url("sheet-indicators" if "next" in request.POST else "sheet-detail"))

    def make(self, data: QueryDict | None = None) -> SheetForm:
        fresh = get_object_or_404(Sheet.objects.select_related("axis", "objective"), pk=self.sheet.pk)
        return SheetForm(data, instance=fresh, programme=self.programme)

    def write(self, form: SheetForm, revision: int) -> None:
        update_sheet(sheet=self.sheet, by=self.request.user, expected_revision=revision, **form.content())

    def show(self, form: SheetForm, *, status: int = 200) -> HttpResponse:
        return self.page({"form": form, "side_items": self.parts("sheet-edit")}, status=status)


class SheetDelete(SheetParts, Work, SheetView):
    """Show what is deleted with the fiche, then delete it."""

    template_name = "actions/sheet_delete.html"

    def get(self, request: HttpRequest, number: str, key: str) -> HttpResponse:
        return self.show()

    def post(self, request: HttpRequest, number: str, key: str) -> HttpResponse:
        revision = conflicts.posted_revision(request.POST.get("revision"))
        try:
            delete_sheet(sheet=self.sheet, by=request.user, expected_revision=revision)
        except StaleRevision as stale:
            return self.show(changed=True, revision=stale.current, status=409)
        messages.success(request, f"La fiche {self.sheet.code} est retirée du programme.")
        return redirect("programme-detail", number=number)

    def show(self, *, changed: bool = False, status: int = 200, **context: Any) -> HttpResponse:
        cells = self.sums.by_sheet.get(self.sheet.pk, {}).values()
        cost = sum(cell["expenses"] for cell in cells)
        back = {"label": f"Fiche {self.sheet.code}", "url": self.sheet_url()}
        base = {
            "cost": cost,
            "changed": changed,
            "back": back,
            "with_bar": False,
            "exchanges": sum((self.exchanges() or {}).values()),
            "in_versions": self.in_versions(),
        }
        return self.page(base | context, status=status)

    def in_versions(self) -> bool:
        """Whether a version of any act of the convention contains the fiche."""
        acts = self.programme.act.convention.acts
        return bool(acts.filter(versions__content__sheets__contains=[{"key": str(self.sheet.key)}]).exists())


class SheetDuplicate(Work, SheetView):
    """Only POST: the button is on the page of the fiche."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, number: str, key: str) -> HttpResponse:
        copy = duplicate_sheet(sheet=self.sheet, by=request.user)
        messages.success(request, f"La fiche {self.sheet.code} est copiée sous le code {copy.code}.")
        return redirect("sheet-detail", number=number, key=copy.key)


class SheetMove(Work, SheetView):
    """Move a fiche up or down in its axis; return to the line that moved."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, number: str, key: str) -> HttpResponse:
        direction = request.POST.get("direction")
        if direction not in ("up", "down"):
            raise BadRequest("Ce déplacement n’existe pas.")
        try:
            move_sheet(sheet=self.sheet, by=request.user, up=direction == "up")
        except ValidationError as error:
            messages.info(request, error.messages[0])
        return redirect(f"{self.url('programme-detail')}#{self._back(direction)}")

    def _back(self, direction: str) -> str:
        """Return the anchor to focus: from the list, the same button, or the other one at the end of the list."""
        if "liste" not in self.request.POST:
            return f"fiche-{self.sheet.key}"
        order = list(self.programme.sheets.filter(axis_id=self.sheet.axis_id).values_list("key", flat=True))
        edges = {"up": order[0], "down": order[-1]}
        other = {"up": "down", "down": "up"}
        return f"{direction if edges[direction] != self.sheet.key else other[direction]}-{self.sheet.key}"
