"""A person's own pages (namespace `accounts`), and allauth's views under their own names at Spanish addresses.

The list of allauth's views is written out: what is not here does not exist on this site.
"""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from allauth.socialaccount import views as outside
from allauth.usersessions import views as sessions
from django.urls import include, path

from accounts import views

own = [
    path("", views.profile, name="profile"),
    path("segundo-factor/motivo/", views.second_factor, name="second_factor"),
]

urlpatterns = [
    path("", include((own, "accounts"))),
    path("ingresar/", account.login, name="account_login"),
    path("ingresar/segundo-factor/", mfa.authenticate, name="mfa_authenticate"),
    path("ingresar/llave/", webauthn.login_webauthn, name="mfa_login_webauthn"),
    path("salir/", account.logout, name="account_logout"),
    path("inactiva/", account.account_inactive, name="account_inactive"),
    path("crear/", account.signup, name="account_signup"),
    path("correo/", account.email, name="account_email"),
    path("correo/verificar/", account.email_verification_sent, name="account_email_verification_sent"),
    path("confirmar/", account.reauthenticate, name="account_reauthenticate"),
    path("confirmar/segundo-factor/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("confirmar/llave/", webauthn.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("clave/cambiar/", account.password_change, name="account_change_password"),
    path("clave/crear/", account.password_set, name="account_set_password"),
    path("clave/recuperar/", account.password_reset, name="account_reset_password"),
    path("clave/recuperar/codigo/", account.confirm_password_reset_code, name="account_confirm_password_reset_code"),
    path("clave/recuperar/nueva/", account.complete_password_reset, name="account_complete_password_reset"),
    path("clave/recuperar/lista/", account.password_reset_from_key_done, name="account_password_reset_completed"),
    path("segundo-factor/", mfa.index, name="mfa_index"),
    path("segundo-factor/aplicacion/activar/", totp.activate_totp, name="mfa_activate_totp"),
    path("segundo-factor/aplicacion/quitar/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("segundo-factor/llaves/", webauthn.list_webauthn, name="mfa_list_webauthn"),
    path("segundo-factor/llaves/agregar/", webauthn.add_webauthn, name="mfa_add_webauthn"),
    path("segundo-factor/llaves/<int:pk>/quitar/", webauthn.remove_webauthn, name="mfa_remove_webauthn"),
    path("segundo-factor/llaves/<int:pk>/nombre/", webauthn.edit_webauthn, name="mfa_edit_webauthn"),
    path("segundo-factor/codigos/", recovery_codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("segundo-factor/codigos/crear/", recovery_codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path(
        "segundo-factor/codigos/descargar/", recovery_codes.download_recovery_codes, name="mfa_download_recovery_codes"
    ),
    path("sesiones/", sessions.list_usersessions, name="usersessions_list"),
    path("externas/", outside.connections, name="socialaccount_connections"),
    path("externas/cancelada/", outside.login_cancelled, name="socialaccount_login_cancelled"),
    path("externas/error/", outside.login_error, name="socialaccount_login_error"),
    path("externas/crear/", outside.signup, name="socialaccount_signup"),
    path("claveunica/", include("accounts.claveunica.urls")),
]
