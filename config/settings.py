"""Settings of the portal: one file, read from the environment. Every variable is listed in `.env.example`."""

import logging
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import structlog
from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _
from environs import Env
from redis.backoff import NoBackoff
from redis.retry import Retry

from config.logging import logging_configuration

BASE_DIR = Path(__file__).resolve().parent.parent

env = Env()
env.read_env(str(BASE_DIR / ".env"), recurse=False)

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="insecure-key-of-a-development-checkout" if DEBUG else "")
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1"])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", default=[])
# Shown in mails and feeds, where no request tells the address.
SITE_URL = env.str("SITE_URL", default="http://localhost:8000")
# The demonstration data and their sign-ins announce themselves on every page.
DEMONSTRATION = env.bool("DEMONSTRATION", default=False)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.forms",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "config.admin.PortalAdminConfig",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.usersessions",
    "csp",
    "django_filters",
    "django_htmx",
    "django_structlog",
    "drf_spectacular",
    "pgtrigger",
    "pghistory",
    "rest_framework",
    "template_partials.apps.SimpleAppConfig",
    "accounts",
    "accounts.claveunica",
    "municipalities",
    "budget",
    "diagnostics",
    "action_plans",
    "collaboration",
    "portal",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.page_cache.PublicPageCache",
    "csp.middleware.CSPMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.PreferredLanguage",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "accounts.middleware.HistoryContext",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.SessionActivity",
    "accounts.middleware.RequireSecondFactor",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.middleware.NamesSavedDraft",
    "accounts.middleware.BoundedBody",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [
                        (
                            "django.template.loaders.cached.Loader",
                            [
                                "django.template.loaders.filesystem.Loader",
                                "django.template.loaders.app_directories.Loader",
                            ],
                        )
                    ],
                )
            ],
            "builtins": [
                "template_partials.templatetags.partials",
                "portal.templatetags.formats",
                "portal.templatetags.repetition",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.context_processors.site",
            ],
        },
    },
]

# Forms are drawn by templates/django/forms, everywhere.
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- Data -----------------------------------------------------------------------------------------------------------

DATABASES = {"default": env.dj_db_url("DATABASE_URL", default="postgres://postgres@localhost/portal", conn_max_age=60)}
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL", default="redis://localhost:6379/0")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": env.str("CACHE_PREFIX", default="portal"),
        # A page waits for its cache only a moment; without it, it is computed.
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 2, "retry": Retry(NoBackoff(), 1)},
    },
    # Of one process: pieces of pages that follow from a published version alone, which never changes.
    "process": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "pieces",
        "OPTIONS": {"MAX_ENTRIES": 2_000},
    },
}

MEDIA_ROOT = env.path("MEDIA_ROOT", default=BASE_DIR / "media")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "config.staticfiles.SiteStaticFilesStorage"},
}
S3_BUCKET = env.str("S3_BUCKET", default="")
if S3_BUCKET:
    STORAGES["default"] = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {  # type: ignore[dict-item]
            "bucket_name": S3_BUCKET,
            "endpoint_url": env.str("S3_ENDPOINT", default=None),
            "access_key": env.str("S3_ACCESS_KEY", default=None),
            "secret_key": env.str("S3_SECRET_KEY", default=None),
            "default_acl": "private",
            "file_overwrite": False,
        },
    }

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]

# --- Queue ----------------------------------------------------------------------------------------------------------


def broker_address(url: str) -> str:
    """Celery spells a unix socket otherwise than the cache: `unix://PATH?db=N` is `redis+socket://PATH?virtual_host=N`."""
    return url.replace("unix://", "redis+socket://", 1).replace("?db=", "?virtual_host=", 1)


CELERY_BROKER_URL = broker_address(REDIS_URL)
CELERY_RESULT_BACKEND = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = env.str("CELERY_QUEUE", default="portal")
# A worker killed in the middle: the message was not acknowledged, so another takes it up.
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CONCURRENCY = env.int("WORKER_CONCURRENCY", default=2)
# Told to end, a worker gives its task this long, then puts it back into the queue instead of waiting for its end.
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 5
CELERY_TASK_TIME_LIMIT = 15 * 60
CELERY_TASK_SOFT_TIME_LIMIT = 14 * 60
# Longer than any task, or Redis would hand out the same message twice.
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 20 * 60}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "America/Santiago"
# The scores of a diagnostic follow its answers after this many seconds: whatever was saved meanwhile is computed once.
SCORES_CALM = env.int("SCORES_CALM", default=30)
_EACH_MINUTE: dict[str, Any] = {"schedule": 60, "options": {"expires": 60}}
_EACH_FIVE_MINUTES: dict[str, Any] = {"schedule": 300, "options": {"expires": 300}}


def _in_the_morning(minute: int) -> dict[str, Any]:
    """On working days, more than once: a clock that stood still makes up for it."""
    hours = crontab(minute=minute, hour="9-12", day_of_week="mon-fri")
    return {"schedule": hours, "options": {"expires": 3000}}


CELERY_BEAT_SCHEDULE: dict[str, Any] = {
    # The queue gives a killed worker's messages back only after the visibility time; nobody should wait that long.
    "resume": {"task": "budget.periodic.resume", **_EACH_MINUTE},
    # Files that a silent scanner left closed, and signatures whose verdict a killed worker owes.
    "catch up documents": {"task": "municipalities.periodic.catch_up_documents", **_EACH_MINUTE},
    "catch-up-scores": {"task": "diagnostics.periodic.catch_up_scores", **_EACH_MINUTE},
    "catch-up-workbooks": {"task": "diagnostics.periodic.catch_up_workbooks", **_EACH_MINUTE},
    "open-planned-rounds": {"task": "diagnostics.periodic.open_planned_rounds", **_EACH_FIVE_MINUTES},
    "show-what-became-public": {"task": "diagnostics.periodic.show_what_became_public", **_EACH_FIVE_MINUTES},
    "send-mails": {"task": "municipalities.periodic.send_mails", **_EACH_MINUTE},
    "note-bounces": {
        "task": "municipalities.periodic.note_bounces",
        "schedule": crontab(minute="*/10"),
        "options": {"expires": 300},
    },
    # Each hour of the morning, so that a clock that stood still makes up for it; nobody gets the same mail twice.
    "remind": {"task": "municipalities.periodic.remind", **_in_the_morning(10)},
    "remind-diagnostics": {"task": "diagnostics.periodic.remind", **_in_the_morning(20)},
    "digests": {"task": "municipalities.periodic.digests", **_in_the_morning(0)},
    # Whatever citizens wrote is deleted after 90 days.
    "forget-adhesion-requests": {
        "task": "municipalities.periodic.forget_adhesion_requests",
        "schedule": crontab(hour=4, minute=10),
    },
    # At hours at which nobody minds a mail; nobody gets the same reminder twice.
    "remind-of-meetings": {
        "task": "action_plans.periodic.remind_of_meetings",
        "schedule": crontab(minute=25, hour="8-20"),
        "options": {"expires": 3000},
    },
    # Once a day for each reader; the later hours make up for a clock that stood still or a worker that died.
    "tell-followers": {"task": "action_plans.periodic.tell_followers", **_in_the_morning(35)},
    "tell-monitors": {"task": "action_plans.periodic.tell_monitors", **_in_the_morning(45)},
    # A killed worker's report waits no longer than this for another one.
    "catch-up-yearly-reports": {
        "task": "action_plans.periodic.catch_up_reports",
        "schedule": crontab(minute="*/10"),
        "options": {"expires": 300},
    },
    # What identifies citizens who took part, when its time is over.
    "forget-citizens": {"task": "action_plans.periodic.forget_citizens", "schedule": crontab(hour=4, minute=20)},
    # Each night, though a term ends once in four years: whoever starts the portal late finds it done the next morning.
    "conclude-ended-terms": {
        "task": "municipalities.periodic.conclude_ended_terms",
        "schedule": crontab(hour=0, minute=20),
    },
    # At night, when the sites of municipalities have least to do.
    "look-at-links": {"task": "diagnostics.periodic.look_at_links", "schedule": crontab(hour=3, minute=40)},
}
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"  # remembers nothing on disk: the container may be read-only

# --- People ---------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "portal:desk"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_SIGNUP_FORM_CLASS = "accounts.forms.SignUpForm"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True  # no secret in an address, so none in logs or in a Referer
ACCOUNT_EMAIL_NOTIFICATIONS = True  # whoever's password or factor changes hears of it
ACCOUNT_SESSION_REMEMBER = False  # a session ends with the browser: municipal computers are shared
ACCOUNT_LOGOUT_REDIRECT_URL = "portal:home"
# Only what differs from allauth's own limits; the rest is listed in its documentation (5 wrong passwords for one account in
# five minutes, 30 sign-ins a minute from one address, 20 sign-ups). Counted in the cache.
ACCOUNT_RATE_LIMITS = {
    "login_failed": "20/m/ip,5/5m/key",
    "reset_password": "20/m/ip,5/5m/key",
    # Not of accounts, but counted in the same way: files to verify, and requests for adhesion.
    "verify_file": "20/m/ip",
    "adhesion_request": "10/h/ip",
    # Contributions, supports and sign-ups: many neighbours may share an address (a school, a library); to one mailbox go few.
    "participation": "60/10m/ip,10/h/key",
}
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if SITE_URL.startswith("https:") else "http"
MFA_ADAPTER = "accounts.adapter.SecondFactorAdapter"
MFA_FORMS = {"add_webauthn": "accounts.forms.AddKeyForm", "edit_webauthn": "accounts.forms.KeyNameForm"}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Gobierno Abierto Municipal"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG
USERSESSIONS_TRACK_ACTIVITY = True
SOCIALACCOUNT_ADAPTER = "accounts.adapter.OutsideAccountAdapter"
SOCIALACCOUNT_REQUESTS_TIMEOUT = 10

MESSAGE_STORAGE = "accounts.middleware.Messages"
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_NAME = "sesion"

# --- Mail -----------------------------------------------------------------------------------------------------------

_email = env.dj_email_url("EMAIL_URL", default="console://")
EMAIL_BACKEND = _email["EMAIL_BACKEND"]
EMAIL_HOST = _email["EMAIL_HOST"]
EMAIL_PORT = _email["EMAIL_PORT"]
EMAIL_HOST_USER = _email["EMAIL_HOST_USER"]
EMAIL_HOST_PASSWORD = _email["EMAIL_HOST_PASSWORD"]
EMAIL_USE_TLS = _email["EMAIL_USE_TLS"]
EMAIL_USE_SSL = _email["EMAIL_USE_SSL"]
EMAIL_FILE_PATH = _email["EMAIL_FILE_PATH"]
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Gobierno Abierto Municipal <no-responder@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
# Where mails come back to: the Maildir of the address that they come from.
BOUNCES_MAILDIR = env.str("BOUNCES_MAILDIR", default="")
# How many mails of the outbox go out in a minute, more or less: what the mail server accepts from one sender.
MAILS_PER_MINUTE = env.int("MAILS_PER_MINUTE", default=300)
# Personal data of citizens who take part (Ley 21.719): days for which the address of an author is kept after what they wrote
# last (a plan's two years), and the names and addresses of those who signed up for a meeting after it.
AUTHORS_KEPT_DAYS = env.int("AUTHORS_KEPT_DAYS", default=730)
SIGN_UPS_KEPT_DAYS = env.int("SIGN_UPS_KEPT_DAYS", default=90)

# --- Language and time ----------------------------------------------------------------------------------------------

LANGUAGE_CODE = "es"
LANGUAGES = [("es", _("Spanish")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
FORMAT_MODULE_PATH = ["config.formats"]
# Filters write numbers; a year must stay 2024.
USE_THOUSAND_SEPARATOR = False
TIME_ZONE = "America/Santiago"
USE_TZ = True

# --- Security -------------------------------------------------------------------------------------------------------

HTTPS = env.bool("HTTPS", default=not DEBUG)
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^salud/$"]
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
CSRF_FAILURE_VIEW = "portal.views.failures.csrf_failure"
if env.bool("BEHIND_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    ALLAUTH_TRUSTED_PROXY_COUNT = 1  # the address that rate limits count is the one the proxy saw
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# No inline script exists, so none is allowed and no nonce is needed: pages stay cacheable. The one hash is that of an empty
# <style>, which plotly fills through the object model.
EMPTY_STYLE = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
CONTENT_SECURITY_POLICY: dict[str, dict[str, list[str]]] = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF, EMPTY_STYLE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "manifest-src": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
FILE_UPLOAD_PERMISSIONS = 0o640
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
# Of council staff: the largest file to import and its form around it.
LARGEST_UPLOAD = 64 * 1024 * 1024
# Of everyone who is signed in, on the pages that take documents: one of 20 MB and its form.
LARGEST_DOCUMENT = 21 * 1024 * 1024

# --- API ------------------------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.AllowAny"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "municipalities.api.problems.answer",
    # Readers are counted by address; the header that names it is believed only from our own proxy.
    "NUM_PROXIES": 1 if env.bool("BEHIND_PROXY", default=False) else 0,
    "DEFAULT_THROTTLE_CLASSES": ["rest_framework.throttling.AnonRateThrottle"],
    "DEFAULT_THROTTLE_RATES": {"anon": env.str("API_RATE", default="600/min")},
    "UNAUTHENTICATED_USER": None,
    # The schema puts the version that it is asked for into the name of its file: nothing but ours gets there.
    "ALLOWED_VERSIONS": ["v1"],
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Gobierno Abierto Municipal",
    "DESCRIPTION": "Datos abiertos de los municipios de Chile: registro, presupuestos e indicadores.",
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "LICENSE": {"name": "CC BY 2.0 CL", "url": "https://creativecommons.org/licenses/by/2.0/cl/"},
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "ENUM_NAME_OVERRIDES": {"FactEnum": "municipalities.choices.Fact"},
}

# --- Outside services -----------------------------------------------------------------------------------------------

SINIM_URL = env.str("SINIM_URL", default="https://datos.sinim.gov.cl")
SINIM_TIMEOUT = env.int("SINIM_TIMEOUT", default=60)

# ClaveÚnica (OpenID Connect). Without a client it is not offered.
CLAVEUNICA_URL = env.str("CLAVEUNICA_URL", default="https://accounts.claveunica.gob.cl")
CLAVEUNICA_CLIENT_ID = env.str("CLAVEUNICA_CLIENT_ID", default="")
CLAVEUNICA_CLIENT_SECRET = env.str("CLAVEUNICA_CLIENT_SECRET", default="")
if CLAVEUNICA_CLIENT_ID:
    _client = {"name": "ClaveÚnica", "client_id": CLAVEUNICA_CLIENT_ID, "secret": CLAVEUNICA_CLIENT_SECRET}
    SOCIALACCOUNT_PROVIDERS = {"claveunica": {"APPS": [_client]}}
    # Chromium asks this directive again for the redirect that follows a form: the button posts here and leads there.
    _origin = "{0.scheme}://{0.netloc}".format(urlsplit(CLAVEUNICA_URL))
    CONTENT_SECURITY_POLICY["DIRECTIVES"]["form-action"] += [_origin]

# FirmaGob signs the hash of an act. Without an entity it is not offered.
FIRMAGOB_URL = env.str("FIRMAGOB_URL", default="https://api.firma.digital.gob.cl/firma/v2/files/tickets")
FIRMAGOB_ENTITY = env.str("FIRMAGOB_ENTITY", default="")
FIRMAGOB_TOKEN_KEY = env.str("FIRMAGOB_TOKEN_KEY", default="")
FIRMAGOB_SECRET = env.str("FIRMAGOB_SECRET", default="")
FIRMAGOB_TIMEOUT = env.int("FIRMAGOB_TIMEOUT", default=20)

# The certificate with which the portal seals what is signed in it, as PKCS#12. Without one, nothing is signed in the portal.
SEAL_FILE = env.str("SEAL_FILE", default="")
SEAL_PASSWORD = env.str("SEAL_PASSWORD", default="")

# Where ClamAV's daemon listens; without it files are judged by their content alone. When it fails, no file passes.
CLAMAV_URL = env.str("CLAMAV_URL", default="")
CLAMAV_TIMEOUT = env.int("CLAMAV_TIMEOUT", default=30)

# Links of evidence may lead to this very machine. Only tests need it: elsewhere it opens the inside to whoever writes a link.
LINKS_TO_THIS_MACHINE = env.bool("LINKS_TO_THIS_MACHINE", default=False)

# --- Logs -----------------------------------------------------------------------------------------------------------

LOG_LEVEL = env.log_level("LOG_LEVEL", default=logging.INFO)
LOGGING = logging_configuration(json=env.bool("LOG_JSON", default=not DEBUG), level=LOG_LEVEL)
DJANGO_STRUCTLOG_CELERY_ENABLED = True
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
# Of each request one line that tells it; what of it deserves a warning, `django.request` says.
DJANGO_STRUCTLOG_STATUS_4XX_LOG_LEVEL = logging.INFO
structlog.configure_once(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.filter_by_level,
        structlog.processors.TimeStamper(fmt="iso"),
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
