"""A person's own pages: profile, and why council staff need a second factor."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.forms import ProfileForm
from accounts.middleware import held_factors
from accounts.models import User


@never_cache
@require_http_methods(["GET", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """Show and change what the portal knows of the person signed in."""
    assert isinstance(request.user, User)  # noqa: S101 - LoginRequiredMiddleware let nobody else through
    # A copy: what a refused form wrote into its instance must not show in the page's header.
    form = ProfileForm(request.POST or None, instance=User.objects.get(pk=request.user.pk))
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Your data were saved."))
        return redirect("accounts:profile")
    context = {
        "form": form,
        "has_second_factor": bool(held_factors(request.user)),
        "memberships": request.user.memberships.current().select_related("municipality"),
    }
    return render(request, "accounts/profile.html", context)


@never_cache
@require_safe
def second_factor(request: HttpRequest) -> HttpResponse:
    """Say why a second factor is needed and lead to the two ways of having one."""
    assert isinstance(request.user, User)  # noqa: S101
    if held_factors(request.user):
        return redirect("portal:desk")
    return render(request, "accounts/second_factor.html")
