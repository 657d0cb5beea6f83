from django.apps import AppConfig


class LibConfig(AppConfig):
    name = "cpo.lib"
    label = "lib"

    def ready(self) -> None:
        from django.urls import register_converter

        from . import lookups, tasks  # noqa: F401  register `among`, and the tasks that are woken by their names
        from .wording import accents, numbers  # noqa: F401  register the `plain` lookup of text fields

        register_converter(numbers.WholeConverter, "whole")
