from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ActionPlansConfig(AppConfig):
    name = "action_plans"
    verbose_name = _("Action plans")

    def ready(self) -> None:
        import_module("action_plans.events")
        digest = import_module("action_plans.notifications.digest")
        import_module("municipalities.notifications.digest").add_provider(digest.PROVIDER)
        closing = import_module("action_plans.reports.closing")
        import_module("diagnostics.reports.closings").add_source(closing.commitments_done)
