"""Addresses of the whole site. Each application has its own; this file adds those that belong to none."""

from django.urls import include, path

from . import views

urlpatterns = [
    path("sante/", views.health, name="health"),
    path("composants/", views.components, name="components"),
    path("composants/convention/", views.components, {"page": "sample_convention"}, name="components-convention"),
    path("composants/travail/", views.components, {"page": "sample_work"}, name="components-work"),
    path("accessibilite/", views.static_page, {"page": "accessibility"}, name="accessibility"),
    path("mentions-legales/", views.static_page, {"page": "legal"}, name="legal"),
    path("donnees-personnelles/", views.static_page, {"page": "privacy"}, name="privacy"),
    path("aide/", views.static_page, {"page": "help"}, name="help"),
    path("outils-de-signature/", views.static_page, {"page": "signing_tools"}, name="signing-tools"),
    path("saisies/", views.form_draft, name="form-draft"),
    path("", include("reporting.urls")),
    path("", include("conventions.urls")),
    path("", include("actions.urls")),
    path("", include("arml.urls")),
]

handler400 = "cpo.views.bad_request"
handler403 = "cpo.views.permission_denied"
handler404 = "cpo.views.page_not_found"
handler500 = "cpo.views.server_error"
