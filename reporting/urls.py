"""Addresses of the yearly cycle and of the dashboard."""

from django.urls import path

from .views import dashboard, reference

urlpatterns = [
    path("tableau-de-bord/", dashboard.dashboard, name="dashboard"),
    path("tableau-de-bord/liste/", dashboard.dashboard_list, name="dashboard-list"),
    path("referentiels/", reference.home, name="reference-home"),
    path("referentiels/<slug:cycle>/echeances/", reference.rules, name="reference-rules"),
    path("referentiels/<slug:cycle>/echeances/<slug:key>/", reference.rule, name="reference-rule"),
    path("referentiels/<slug:cycle>/courriels/", reference.email_list, name="reference-emails"),
    path("referentiels/<slug:cycle>/courriels/<slug:key>/", reference.email, name="reference-email"),
]
