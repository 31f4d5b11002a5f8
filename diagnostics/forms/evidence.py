"""What arrives about evidence: a file or a link, what is said of it, what of the library to show."""

from __future__ import annotations

from datetime import date
from pathlib import PurePath
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from diagnostics.actions.evidence import Details, Sent
from diagnostics.choices import LinkState
from diagnostics.models import Diagnostic, Evidence, EvidenceQuerySet
from diagnostics.rules import links
from diagnostics.rules.instrument import Instrument
from municipalities.choices import DocumentState
from municipalities.forms.days import day_field
from municipalities.rules.register import normalise
from municipalities.rules.uploads import LARGEST, TOO_LARGE

ACCEPT: Final = ".pdf,.jpg,.jpeg,.png,.xlsx,.docx"
LONGEST_TITLE: Final = 150


class SourceForm(forms.Form):
    """A file or an address: one of the two. `key` is made when the form is shown: it counts once however often it comes."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    file = forms.FileField(
        label=_("File"),
        required=False,
        max_length=200,
        help_text=_("PDF, picture (JPEG or PNG), document or workbook without macros (DOCX or XLSX). At most 20 MB."),
        widget=forms.FileInput({"accept": ACCEPT}),
        error_messages={"empty": _("The file is empty. Check that it opens on your computer and choose it again.")},
    )
    url = forms.CharField(
        label=_("Or the address of a page"),
        required=False,
        max_length=links.LONGEST,
        widget=forms.TextInput({"inputmode": "url", "placeholder": "https://", "autocomplete": "off"}),
        error_messages={"max_length": links.TOO_LONG},
    )

    def clean_file(self) -> UploadedFile[Any] | None:
        file: UploadedFile[Any] | None = self.cleaned_data["file"]
        if file is not None and (file.size or 0) > LARGEST:
            raise forms.ValidationError(TOO_LARGE)
        return file

    def clean_url(self) -> str:
        return links.tidy(self.cleaned_data["url"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors and bool(cleaned.get("file")) == bool(cleaned.get("url")):
            both = _("Send either a file or an address. For both, add two pieces of evidence.")
            self.add_error(None, both if cleaned.get("file") else _("Choose a file, or write the address of a page."))
        return cleaned

    def sent(self) -> Sent:
        """What a valid form brings."""
        file = self.cleaned_data["file"]
        return Sent(file, file.name, "") if file else Sent(url=self.cleaned_data["url"])

    def own_title(self) -> str:
        """What to call it when nobody says: the file's name, or the page's address."""
        sent = self.sent()
        if sent.upload is None:
            parts = urlsplit(sent.url)
            words = unquote(f"{parts.hostname or ''}{parts.path.rstrip('/')}")
            return "".join(letter for letter in words if letter.isprintable())[:LONGEST_TITLE]
        return " ".join(PurePath(sent.name).stem.replace("_", " ").split())[:LONGEST_TITLE] or str(_("Document"))


class _Said(forms.Form):
    """What is said of a piece of evidence."""

    title = forms.CharField(label=_("Title"), max_length=LONGEST_TITLE, help_text=_("What it is, in a few words."))
    description = forms.CharField(
        label=_("Description"),
        required=False,
        max_length=2_000,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("What it shows, and on which page of the document."),
    )
    dated = day_field(_("Date of the document"), required=False)
    expires = day_field(_("Valid until"), required=False, help_text=_("Leave it empty when it does not expire."))
    is_public = forms.BooleanField(
        label=_("Everyone may read it once the diagnostic is validated"),
        required=False,
        help_text=_("Do not mark it when the document names people who are not authorities."),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        dated, expires = cleaned.get("dated"), cleaned.get("expires")
        if dated and expires and expires < dated:
            self.add_error("expires", _("It cannot be valid until a day before its own date."))
        return cleaned

    def details(self, **more: Any) -> Details:
        fields = ("title", "description", "dated", "expires", "is_public")
        return Details(**{**{field: self.cleaned_data[field] for field in fields}, **more})


class AddForm(SourceForm, _Said):
    """A new piece of evidence of the library."""

    field_order = ("key", "file", "url", "title", "description", "dated", "expires", "is_public")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["title"].required = False
        self.fields["title"].help_text = _("Without one, the name of the file or the address stands for it.")

    def details(self, **more: Any) -> Details:
        return super().details(**{"title": self.cleaned_data["title"] or self.own_title(), **more})


class DetailsForm(_Said):
    """What is said of a piece, changed. `seen` is how the person saw it."""

    owner = forms.ModelChoiceField(User.objects.none(), label=_("Who answers for it"))
    seen = forms.CharField(widget=forms.HiddenInput, max_length=20)

    def __init__(self, *args: Any, people: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = people  # type: ignore[attr-defined]


class RemoveForm(forms.Form):
    """Nothing but the decision."""


class PieceForm(forms.Form):
    """Which piece of evidence is meant."""

    key = forms.UUIDField()


class PlaceForm(forms.Form):
    """To which question of an open diagnostic."""

    place = forms.ChoiceField(label=_("Question"), error_messages={"required": _("Choose a question.")})

    def __init__(self, *args: Any, diagnostics: list[tuple[Diagnostic, Instrument]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.diagnostics = {str(diagnostic.pk): diagnostic for diagnostic, _instrument in diagnostics}
        groups = [
            (
                f"{diagnostic.round}: {part.name}",
                [(f"{diagnostic.pk}:{question.id}", question.text) for question in part.questions()],
            )
            for diagnostic, instrument in diagnostics
            for part in instrument.dimensions
        ]
        self.fields["place"].choices = [("", "—"), *groups]  # type: ignore[attr-defined]

    def chosen(self) -> tuple[Diagnostic, str]:
        """The place of a valid form."""
        pk, _colon, question = self.cleaned_data["place"].partition(":")
        return self.diagnostics[pk], question


class LibraryForm(forms.Form):
    """What of the library to show. A value that means nothing asks for nothing."""

    buscar = forms.CharField(label=_("Title or description"), required=False, max_length=100)
    estado = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[
            ("", _("Any")),
            ("vencida", _("Out of date")),
            ("sin-respuesta", _("The link does not answer")),
            ("cuarentena", _("In quarantine")),
            ("sin-uso", _("In no question")),
        ],
    )

    def chosen(self, pieces: EvidenceQuerySet, *, today: date) -> EvidenceQuerySet:
        """Those of `pieces`, annotated `with_state`, that fulfil what was asked."""
        self.is_valid()
        states = {
            "vencida": Q(expires__lt=today),
            "sin-respuesta": Q(link_state=LinkState.DEAD),
            "cuarentena": Q(document_state=DocumentState.QUARANTINED),
            "sin-uso": Q(is_used=False),
        }
        asked = states.get(self.cleaned_data.get("estado", ""), Q())
        return found_by(pieces.filter(asked), self.cleaned_data.get("buscar", ""))


def found_by(pieces: EvidenceQuerySet, text: str) -> EvidenceQuerySet:
    """Those whose title or description holds every word, whatever its accents and capitals."""
    for word in normalise(text[:100]).split():
        pieces = pieces.filter(search__contains=word)
    return pieces


def said_of(evidence: Evidence, *, seen: str) -> dict[str, Any]:
    """What the form shows of a piece at first."""
    fields = ("title", "description", "dated", "expires", "is_public", "owner")
    return {**{field: getattr(evidence, field) for field in fields}, "seen": seen}
