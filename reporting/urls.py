"""Addresses of the yearly cycle and of the dashboard."""

from django.urls import path

from .views import dashboard, deadlines, home, reference, search

urlpatterns = [
    path("", home.home, name="home"),
    path("recherche/", search.search, name="search"),
    path("campagnes/<slug:cycle>/<int:year>/", home.campaign, name="campaign-open"),
    path("echeances/", deadlines.deadline_index, name="deadline-list"),
    path("echeances/liste.csv", deadlines.deadline_csv, name="deadline-list-csv"),
    path("echeances/calendrier.ics", deadlines.deadline_calendar, name="deadline-calendar"),
    path("echeances/calendrier/<str:token>.ics", deadlines.deadline_feed, name="deadline-feed"),
    path("echeances/<int:pk>/", deadlines.deadline_detail, name="deadline-detail"),
    path("echeances/<int:pk>/faite/", deadlines.deadline_met, name="deadline-met"),
    path("echeances/rappels/<int:pk>/", deadlines.reminder_message, name="reminder-message"),
    path("tableau-de-bord/", dashboard.dashboard, name="dashboard"),
    path("tableau-de-bord/liste/", dashboard.dashboard_list, name="dashboard-list"),
    path("referentiels/", reference.home, name="reference-home"),
    path("referentiels/<slug:cycle>/echeances/", reference.rules, name="reference-rules"),
    path("referentiels/<slug:cycle>/echeances/<slug:key>/", reference.rule, name="reference-rule"),
    path("referentiels/<slug:cycle>/courriels/", reference.email_list, name="reference-emails"),
    path("referentiels/<slug:cycle>/courriels/<slug:key>/", reference.email, name="reference-email"),
]
