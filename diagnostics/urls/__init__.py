"""Addresses of this app, a module a subject. The names live in one space: `diagnostics:...`."""

from diagnostics.urls import evidence, filling, instruments, public, review, rounds, workbooks

app_name = "diagnostics"
urlpatterns = [
    *evidence.urlpatterns,
    *filling.urlpatterns,
    *instruments.urlpatterns,
    *public.urlpatterns,
    *review.urlpatterns,
    *rounds.urlpatterns,
    *workbooks.urlpatterns,
]
