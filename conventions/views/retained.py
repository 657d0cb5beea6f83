"""The page of the reference values that changed since an act began: who has the turn takes them into account."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from conventions.content.retained import changes
from conventions.forms.retained import RetainedForm
from conventions.pages.retained import rows
from conventions.services.retained import take_values
from cpo.lib.editing import conflicts

from .drafting import add_errors
from .framing import editing_rights, last_writer, open_page, page, read_again


@require_http_methods(["GET", "HEAD", "POST"])
def retained_values(request: HttpRequest, number: str) -> HttpResponse:
    act = open_page(request, number).act
    rights = editing_rights(request.user, act)
    if not rights["may_edit"]:
        raise PermissionDenied(rights["why_not"])

    def make(data: QueryDict | None = None) -> RetainedForm:
        fresh = read_again(act)
        return RetainedForm(data, changes=changes(fresh), initial={"revision": fresh.programme.revision})

    form, status = make(), 200
    if request.method == "POST":
        outcome = conflicts.save(
            request,
            make=make,
            write=lambda bound, revision: take_values(
                act=act, keys=bound.cleaned_data["changes"], by=request.user, expected_revision=revision
            ),
            author=lambda: last_writer(act, "les valeurs de référence"),
        )
        if outcome.saved:
            messages.success(request, "Le texte porte désormais les valeurs choisies.")
            return redirect("retained-values" if changes(act) else "convention-detail", number)
        form, status = outcome.form, outcome.status
        if outcome.error:
            add_errors(form, outcome.error)
    checked = set(form.data.getlist("changes")) if form.is_bound else set()
    lines = [row | {"checked": row["key"] in checked} for row in rows(changes(act))]
    context = rights | {"form": form, "rows": lines, "page_title": "Valeurs de référence"}
    return page(request, "text/retained", act, "informations", context, status)
