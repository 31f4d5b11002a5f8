"""The site as the bench serves it: with the plain view, and without the page cache if BENCH_PAGE_CACHE is `off`."""

import os

from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
settings.ROOT_URLCONF = "portal.bench.urls"
if os.environ.get("BENCH_PAGE_CACHE") == "off":
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if not name.endswith("PublicPageCache")]

from config.wsgi import application as application  # noqa: E402 (it reads the settings)
