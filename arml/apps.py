from django.apps import AppConfig


class ArmlConfig(AppConfig):
    name = "arml"
