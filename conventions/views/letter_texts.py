"""The texts of the letters: those of a service, which its manager writes, and the national ones, to copy from."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from arml.models import Organisation, User
from arml.permissions import is_national
from conventions.enums import LetterKind
from conventions.forms.letters import TemplateForm
from conventions.models import LetterTemplate
from conventions.services import letters as services
from conventions.text.letters import VARIABLES, wording
from cpo.lib.editing.lock import StaleRevision
from cpo.lib.wording.numbers import whole_number
from cpo.lib.wording.words import changed_paragraphs

from .drafting import add_errors

NATIONAL = "national"
NOT_FOUND = "Cette page n’existe pas, ou ne vous est pas ouverte."
SAMPLES = {one.name: f"[{one.label}]" for one in VARIABLES.values()}
CROWDED = "Une autre version vient d’être écrite. Votre texte est gardé ci-dessous : relisez-la, puis enregistrez."


def _service(user: User, key: str) -> Organisation | None:
    """The service of the address, None for the national texts. Raises Http404, PermissionDenied."""
    own = services.services_of(user)
    if key == NATIONAL:
        if not own and not is_national(user):
            raise PermissionDenied("Les modèles de lettre sont lus par les services de l’État.")
        return None
    service = next((one for one in own if one.key == key), None)
    if service is None and is_national(user):
        service = Organisation.objects.filter(key=key, kind="state_service").first()
    if service is None:
        raise Http404(NOT_FOUND)
    return service


def _crumbs(service: Organisation | None, *last: str) -> list[dict[str, str]]:
    name = f"Modèles de lettre, {service or 'textes nationaux'}"
    url = reverse("letter-templates", args=[service.key if service else NATIONAL])
    return [
        {"label": "Conventions", "url": reverse("convention-list")},
        {"label": "Lettres", "url": reverse("letter-list")},
        {"label": name, "url": url if last else ""},
        *({"label": label, "url": ""} for label in last),
    ]


@require_safe
def letter_templates(request: HttpRequest, service: str) -> HttpResponse:
    """Each kind of letter, with the version in use."""
    owner = _service(request.user, service)
    latest = {
        (row.service_id, row.kind): row
        for row in LetterTemplate.objects.filter(service__in=[owner] if owner else []).order_by("number")
    } | {(None, row.kind): row for row in LetterTemplate.objects.of(None).order_by("number")}
    lines = []
    for kind in LetterKind:
        own, national = latest.get((owner.pk, kind)) if owner else None, latest.get((None, kind))
        newer = bool(own and national and own.source_id != national.pk)
        lines.append((kind, own or national, own is not None, newer))
    context = {
        "nav_section": "convention-list",
        "service": owner,
        "key": service,
        "lines": lines,
        "may_write": owner is not None and services.text_writer(request.user, owner) is not None,
        "breadcrumb": _crumbs(owner),
    }
    return render(request, "conventions/letters/templates.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def letter_template(request: HttpRequest, service: str, kind: str) -> HttpResponse:
    """Read the versions of a text; its manager writes the next one, or takes the national text."""
    owner = _service(request.user, service)
    if kind not in LetterKind.values:
        raise Http404(NOT_FOUND)
    versions = list(LetterTemplate.objects.of(owner).filter(kind=kind).select_related("written_by", "source"))
    national = LetterTemplate.objects.of(None).filter(kind=kind).order_by("-number").first()
    writes = owner is not None and services.text_writer(request.user, owner) is not None
    if request.method == "POST" and not writes:
        raise PermissionDenied(services.NOT_YOUR_TEXT)
    used = versions[0] if versions else national
    shown = _shown(request, versions) or used
    form = None
    if writes and shown is used and owner is not None:
        form = TemplateForm(
            request.POST if request.method == "POST" else None,
            initial={
                "subject": used.subject if used else "",
                "body": used.body if used else "",
                "number": versions[0].number if versions else 0,
            },
        )
        if request.method == "POST" and (answer := _write(request, owner, kind, form, national)):
            return answer
    context = {
        "nav_section": "convention-list",
        "service": owner,
        "key": service,
        "kind": LetterKind(kind),
        "versions": versions,
        "national": national if owner else None,
        "differs": _differs(versions, national) if owner else [],
        "newer": bool(owner and versions and national and versions[0].source_id != national.pk),
        "shown": shown,
        "is_used": shown is used,
        "form": form,
        "choices": [(one, "") for one in VARIABLES.values()],
        "preview_html": _preview(form, shown),
        "breadcrumb": _crumbs(owner, LetterKind(kind).label),
    }
    return render(request, "conventions/letters/template.html", context)


def _shown(request: HttpRequest, versions: list[LetterTemplate]) -> LetterTemplate | None:
    number = whole_number(request.GET.get("version", ""))
    return next((row for row in versions if row.number == number), None)


def _differs(versions: list[LetterTemplate], national: LetterTemplate | None) -> list[Any]:
    return changed_paragraphs(national.body, versions[0].body) if versions and national else []


def _preview(form: TemplateForm | None, shown: LetterTemplate | None) -> str:
    body = str(form.data.get("body", "")) if form and form.is_bound else shown.body if shown else ""
    return wording(SAMPLES, proof=True).html(body)


def _write(
    request: HttpRequest, owner: Organisation, kind: str, form: TemplateForm, national: LetterTemplate | None
) -> HttpResponse | None:
    """Save what was typed, or the national text; None: show the page again."""
    taken = "national" in request.POST and national is not None
    if "apercu" in request.POST or not (taken or form.is_valid()):
        form.is_valid()
        return None
    if taken and national is not None:
        subject, body = national.subject, national.body
        number = whole_number(request.POST.get("number", "")) or 0
    else:
        subject, body, number = form.text.subject, form.text.body, form.cleaned_data["number"]
    try:
        row = services.save_template(
            service=owner, kind=kind, subject=subject, body=body, by=request.user, expected_number=number, taken=taken
        )
    except ValidationError as error:
        add_errors(form, error)
        return None
    except StaleRevision as stale:
        form.is_valid()
        form.add_error(None, CROWDED)
        form.data = form.data.copy()
        form.data["number"] = stale.current  # type: ignore[index]
        return None
    messages.success(request, f"La version {row.number} est enregistrée." if row else "Rien n’a changé.")
    return redirect("letter-template", owner.key, kind)
