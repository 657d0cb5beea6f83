from django.apps import AppConfig


class LibConfig(AppConfig):
    name = "cpo.lib"
    label = "lib"
