"""Administrators' view of the budget tables. They are read here; imports and their actions write them."""

from django.contrib import admin

from accounts.admin import ReadOnlyAdmin
from budget.models import Account, ClassifierVersion, Dataset, Finding, Import, Indicator, PriceIndex, SourceFile


@admin.register(ClassifierVersion)
class ClassifierVersionAdmin(ReadOnlyAdmin):
    list_display = ("valid_from", "name")


@admin.register(Account)
class AccountAdmin(ReadOnlyAdmin):
    list_display = ("code", "official_name", "plain_name", "level", "side", "verification")
    list_filter = ("version", "side", "level", "verification")
    search_fields = ("code", "official_name", "plain_name")
    raw_id_fields = ("parent",)


@admin.register(Indicator)
class IndicatorAdmin(ReadOnlyAdmin):
    list_display = ("code", "name", "subject", "unit", "source")
    list_filter = ("source", "unit", "subject")
    search_fields = ("code", "name", "plain_name")


@admin.register(PriceIndex)
class PriceIndexAdmin(ReadOnlyAdmin):
    list_display = ("year", "mean", "months", "source")


@admin.register(SourceFile)
class SourceFileAdmin(ReadOnlyAdmin):
    list_display = ("name", "size", "received_at", "sha256")
    search_fields = ("name", "sha256")


@admin.register(Import)
class ImportAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "file", "source", "state", "by", "finished_at")
    list_filter = ("state", "source")
    list_select_related = ("file", "by")


@admin.register(Dataset)
class DatasetAdmin(ReadOnlyAdmin):
    list_display = ("municipality", "year", "sector", "edition", "state", "source", "published_at")
    list_filter = ("year", "state", "source", "sector")
    list_select_related = ("municipality",)
    search_fields = ("municipality__name", "municipality__cut")
    raw_id_fields = ("municipality", "file", "brought_by")


@admin.register(Finding)
class FindingAdmin(ReadOnlyAdmin):
    list_display = ("dataset", "code", "severity", "citizen_text")
    list_filter = ("severity", "code")
    list_select_related = ("dataset",)
    search_fields = ("dataset__municipality__name", "code")
