from django.apps import AppConfig


class ConventionsConfig(AppConfig):
    name = "conventions"

    def ready(self) -> None:
        from . import receivers  # noqa: F401
