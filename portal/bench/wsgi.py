"""The site as the bench serves it: with the plain view, and without the page cache if BENCH_PAGE_CACHE is `off`."""

import gc
import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
settings.ROOT_URLCONF = "portal.bench.urls"
if os.environ.get("BENCH_PAGE_CACHE") == "off":
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if not name.endswith("PublicPageCache")]
application = get_wsgi_application()
# As config.wsgi does.
_views = get_resolver().url_patterns
gc.freeze()
