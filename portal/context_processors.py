from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, object]:
    """What every page needs: whether the data are of demonstration."""
    return {"demonstration": settings.DEMONSTRATION}
