from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DiagnosticsConfig(AppConfig):
    name = "diagnostics"
    verbose_name = _("Diagnostics")

    def ready(self) -> None:
        import_module("diagnostics.events")
        digest = import_module("diagnostics.notifications.digest")
        import_module("municipalities.notifications.digest").add_provider(digest.PROVIDER)
