from django.conf import settings
from django.http import HttpRequest

from accounts.claveunica.provider import is_offered


def site(request: HttpRequest) -> dict[str, object]:
    """What every page needs: whether the data are of demonstration, and whether ClaveÚnica is offered."""
    return {"demonstration": settings.DEMONSTRATION, "claveunica_offered": is_offered()}
