"""Addresses of this app, a module a subject. The names live in one space: `diagnostics:...`."""

from diagnostics.urls import evidence, filling, instruments, public, results, review, rounds, workbooks

app_name = "diagnostics"
urlpatterns = [
    *evidence.urlpatterns,
    *filling.urlpatterns,
    *instruments.urlpatterns,
    *public.urlpatterns,
    *results.urlpatterns,
    *review.urlpatterns,
    *rounds.urlpatterns,
    *workbooks.urlpatterns,
]
