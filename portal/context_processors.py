from django.conf import settings
from django.http import HttpRequest

from accounts.claveunica.provider import is_offered


def site(request: HttpRequest) -> dict[str, object]:
    """What every page needs: whether the data are of demonstration, whether ClaveÚnica is offered, and which draft of the browser
    was sent to it (static/js/form_draft.js). A body that nobody read yet may be too large to be read: it names none."""
    sent_draft = request.POST.get("client", "") if hasattr(request, "_post") else ""
    return {"demonstration": settings.DEMONSTRATION, "claveunica_offered": is_offered(), "sent_draft": sent_draft}
