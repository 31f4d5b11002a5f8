"""WSGI entry point: `gunicorn config.wsgi`."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()
# Django reads the key when it first signs something: without this line a server without one would start, and fail its readers.
_ = settings.SECRET_KEY
