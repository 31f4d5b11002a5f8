"""Addresses of this app, a module a subject. The names live in one space: `municipalities:...`."""

from municipalities.urls import (
    acts,
    adhesion,
    contacts,
    desk,
    documents,
    mails,
    public_adhesions,
    register,
    review,
    signing,
    trust,
)
from municipalities.urls.register import MUNICIPALITY

__all__ = ["MUNICIPALITY"]

app_name = "municipalities"
urlpatterns = [
    *register.urlpatterns,
    *public_adhesions.urlpatterns,
    *adhesion.urlpatterns,
    *signing.urlpatterns,
    *documents.urlpatterns,
    *desk.urlpatterns,
    *contacts.urlpatterns,
    *review.urlpatterns,
    *acts.urlpatterns,
    *mails.urlpatterns,
    *trust.urlpatterns,
]
