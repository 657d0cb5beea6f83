"""Addresses of the yearly cycle and of the dashboard."""

from django.urls import path

from .views import dashboard

urlpatterns = [
    path("tableau-de-bord/", dashboard.dashboard, name="dashboard"),
    path("tableau-de-bord/liste/", dashboard.dashboard_list, name="dashboard-list"),
]
