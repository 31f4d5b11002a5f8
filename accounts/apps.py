from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("People and permissions")

    def ready(self) -> None:
        from allauth.mfa.signals import authenticator_added

        from accounts.middleware import remember_enrolment

        authenticator_added.connect(remember_enrolment)
