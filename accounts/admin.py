"""Administrators' tables of people and of the events' log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django import forms
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import actions
from accounts.models import Event, User

if TYPE_CHECKING:
    UserModelAdmin = admin.ModelAdmin[User]
    AnyModelAdmin = admin.ModelAdmin[Any]
    PersonFormBase = forms.ModelForm[User]
else:
    PersonFormBase = forms.ModelForm
    UserModelAdmin = AnyModelAdmin = admin.ModelAdmin


# What the libraries would offer: other people's proven addresses, second factors and sessions, to read and to change without
# a trace. Their owners change them. Nor do groups give any permission here.
for library_model in (EmailAddress, Authenticator, SocialAccount, SocialApp, SocialToken, UserSession, Group):
    admin.site.unregister(library_model)


class ReadOnlyAdmin(AnyModelAdmin):
    """A table that another part of the portal writes: administrators read it."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class PersonForm(PersonFormBase):
    """A person as administrators see one: the e-mail is stored in lower case, as everywhere."""

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()


@admin.register(User)
class UserAdmin(UserModelAdmin):
    """Make accounts of council staff, set their role, close and reopen accounts. Nobody is deleted; passwords never show.

    A new person receives no password: they choose one with "I forgot my password", which proves the e-mail.
    """

    list_display = ("name", "email", "council_role", "is_active", "date_joined")
    list_filter = ("council_role", "is_active", "language")
    search_fields = ("name", "email")
    ordering = ("name",)
    form = PersonForm
    fields = ("email", "name", "language", "council_role", "is_active", "date_joined", "last_login")
    readonly_fields = ("date_joined", "last_login")
    actions = ("remove_second_factor",)

    @admin.action(description=_("Remove the second factor (check first who asks)"))
    def remove_second_factor(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """The person enrols anew at the next sign-in."""
        assert isinstance(request.user, User)  # noqa: S101
        for person in queryset:
            actions.remove_second_factor(by=request.user, person=person, now=timezone.now())
        self.message_user(request, _("The second factor was removed: they enrol a new one when they next sign in."))

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """An address, once in use, is changed by its owner, who proves the new one."""
        return ("email", *self.readonly_fields) if obj else self.readonly_fields

    def save_model(self, request: HttpRequest, obj: User, form: forms.ModelForm[User], change: bool) -> None:  # noqa: FBT001
        assert isinstance(request.user, User)  # noqa: S101
        data: dict[str, Any] = {name: form.cleaned_data[name] for name in form.changed_data}
        now = timezone.now()
        if change:
            actions.change_person(by=request.user, person=obj, now=now, **data)
        else:
            obj.pk = actions.make_person(by=request.user, now=now, **form.cleaned_data).pk

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    """What happened, in words."""

    list_display = ("at", "sentence", "municipality_cut", "reason")
    list_filter = ("kind",)
    search_fields = ("municipality_cut", "actor_name", "reason")
    date_hierarchy = "at"
