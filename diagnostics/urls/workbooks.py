from django.urls import URLPattern, re_path

from diagnostics.urls.filling import ONE
from diagnostics.views import workbooks

_ONE = ONE + r"planilla/(?P<workbook_pk>[0-9]{1,9})/"

urlpatterns: list[URLPattern] = [
    re_path(ONE + r"planilla\.xlsx$", workbooks.download, name="workbook_download"),
    re_path(ONE + r"planilla/$", workbooks.workbooks, name="workbooks"),
    re_path(_ONE + r"$", workbooks.workbook, name="workbook"),
    re_path(_ONE + r"aplicar/$", workbooks.apply, name="workbook_apply"),
    re_path(_ONE + r"descartar/$", workbooks.discard, name="workbook_discard"),
]
