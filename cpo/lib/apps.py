from django.apps import AppConfig


class LibConfig(AppConfig):
    name = "cpo.lib"
    label = "lib"

    def ready(self) -> None:
        from . import search  # noqa: F401  registers the `plain` lookup of text fields
