"""WSGI entry point: `gunicorn config.wsgi`."""

import gc
import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()
# Django reads the key when it first signs something: without this line a server without one would start, and fail its readers.
_key = settings.SECRET_KEY
# Every view with all that it imports, once before gunicorn forks: else the first reader of each process waits some seconds.
_views = get_resolver().url_patterns
# What stands now stays for good: the collector need not walk through it again while someone waits, nor copy its memory in a fork.
gc.freeze()
