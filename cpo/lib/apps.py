from django.apps import AppConfig


class LibConfig(AppConfig):
    name = "cpo.lib"
    label = "lib"

    def ready(self) -> None:
        from . import lookups  # noqa: F401  register `among`
        from .wording import accents  # noqa: F401  register the `plain` lookup of text fields
