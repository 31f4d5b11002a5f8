"""Anyone verifies an act: by the file, whose bytes are never kept, by its folio, or by the code printed on it."""

from __future__ import annotations

from functools import partial

from allauth.core import ratelimit
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from accounts.middleware import takes_documents
from config.page_cache import public_page
from municipalities.forms.public import FileHash, HashingHandler
from municipalities.reports import verification
from municipalities.reports.verification import Verdict
from municipalities.rules.uploads import LARGEST
from municipalities.rules.verification import LONGEST_FOLIO, read_folio, read_sha256

PAGE = "municipalities/verify/verify.html"


# It changes nothing, so nobody gains by sending it in another's name; without a token the page is the same for everyone.
@partial(takes_documents, of="anyone")
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@public_page
def verify(request: HttpRequest) -> HttpResponse:
    """The form, and the verdict on a file or on its hash (`?sha256=`); `?folio=` leads to the folio's own address."""
    if request.method == "POST":
        return _of_upload(request)
    typed = request.GET.get("folio", "")[:LONGEST_FOLIO]
    folio = read_folio(typed)
    if folio:
        return redirect("municipalities:verify_folio", folio=f"MGAM-{folio.year}-{folio.number:04d}")
    if typed:
        fault = _("This is not a folio. It looks like MGAM-2026-0001 and stands at the top of the act.")
        return _page(request, typed=typed, folio_fault=fault)
    if "sha256" not in request.GET:
        return _page(request)
    sha256 = read_sha256(request.GET["sha256"])
    if sha256 is None:
        return _page(
            request, file_fault=_("This is not a SHA-256: it has 64 digits and letters from a to f."), status=400
        )
    return _page(request, verdict=verification.of_file(sha256), sha256=sha256)


def _of_upload(request: HttpRequest) -> HttpResponse:
    """The verdict on a file sent to the portal: it is hashed while it arrives, and dropped."""
    if not ratelimit.consume(request, action="verify_file"):
        fault = _("Too many files came from your network. Wait a minute and try again.")
        return _page(request, file_fault=fault, status=429)
    request.upload_handlers = [HashingHandler(request)]
    upload = request.FILES.get("archivo")
    if not isinstance(upload, FileHash):
        return _page(request, file_fault=_("Choose the PDF of the act first."), status=400)
    if (upload.size or 0) > LARGEST:
        return _page(request, file_fault=_("The file is larger than 20 MB: no act is that large."), status=400)
    return _page(request, verdict=verification.of_file(upload.sha256), sha256=upload.sha256)


@require_safe
@public_page
def verify_folio(request: HttpRequest, folio: str) -> HttpResponse:
    """The verdict on a folio: where the code printed on an act leads."""
    read = read_folio(folio)
    if read is None:
        fault = _("This is not a folio. It looks like MGAM-2026-0001 and stands at the top of the act.")
        return _page(request, typed=folio, folio_fault=fault, status=404)
    written = f"MGAM-{read.year}-{read.number:04d}"
    if folio != written:
        return redirect("municipalities:verify_folio", folio=written)
    verdict = verification.of_folio(read)
    return _page(request, verdict=verdict, typed=written, status=200 if verdict.signature else 404)


def _page(
    request: HttpRequest,
    *,
    verdict: Verdict | None = None,
    sha256: str = "",
    typed: str = "",
    file_fault: str = "",
    folio_fault: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "verdict": verdict,
        "sha256": sha256,
        "typed": typed,
        "file_fault": file_fault,
        "folio_fault": folio_fault,
        "largest": LARGEST,
    }
    return render(request, PAGE, context, status=status)
