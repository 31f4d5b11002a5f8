from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from municipalities.choices import AdhesionState, Fact, Office, RuralClass, SignatureMethod
from municipalities.models import Act, Adhesion, Municipality, Region, Signature
from municipalities.rules.adhesion_states import FINAL, PUBLIC

SHOWN_STATES = [(state.value, state.label) for state in AdhesionState if state in PUBLIC | FINAL]


class RegionSerializer(serializers.ModelSerializer[Region]):
    code = serializers.CharField(help_text=_("Code of the region: two digits."))
    name = serializers.CharField(help_text=_("Official name."))
    short_name = serializers.CharField(help_text=_("Name people use."))
    order = serializers.IntegerField(help_text=_("Place from north to south."))
    page = serializers.SerializerMethodField(help_text=_("Address of its page in this portal."))

    class Meta:
        model = Region
        fields = ["code", "name", "short_name", "order", "page"]

    def get_page(self, region: Region) -> str:
        return absolute(self.context, f"/regiones/{region.code}-{region.slug}/")


class MunicipalitySerializer(serializers.ModelSerializer[Municipality]):
    cut = serializers.CharField(help_text=_("Code of the municipality (CUT): five digits, the first may be zero."))
    name = serializers.CharField(help_text=_("Official name."))
    region = serializers.CharField(source="region_id", help_text=_("Code of its region."))
    province = serializers.CharField(source="province_id", help_text=_("Code of its province."))
    rural_class = serializers.ChoiceField(
        choices=RuralClass.choices, help_text=_("Class in the national policy of rural development, Census 2024.")
    )
    latitude = serializers.FloatField(help_text=_("Latitude of the seat, in degrees."))
    longitude = serializers.FloatField(help_text=_("Longitude of the seat, in degrees."))
    distance_km = serializers.IntegerField(help_text=_("Kilometres to Santiago in a straight line."))
    inhabitants = serializers.IntegerField(help_text=_("Inhabitants in the latest census."))
    peer_group = serializers.CharField(help_text=_("Code of the group of municipalities alike."))
    page = serializers.SerializerMethodField(help_text=_("Address of its page in this portal."))

    class Meta:
        model = Municipality
        fields = [
            "cut", "name", "region", "province", "rural_class", "latitude", "longitude", "distance_km", "inhabitants",
            "peer_group", "page",
        ]  # fmt: skip

    def get_page(self, municipality: Municipality) -> str:
        return absolute(self.context, f"/municipios/{municipality.cut}-{municipality.slug}/")


class SignedActSerializer(serializers.Serializer[Signature]):
    """The accepted act of an adhesion. It names an office, never a person."""

    folio = serializers.CharField(source="act.folio", help_text=_("Folio of the act, such as MGAM-2026-0001."))
    signed_at = serializers.DateTimeField(
        allow_null=True, help_text=_("When it was signed; null where that is not known.")
    )
    office = serializers.ChoiceField(
        source="act.authority.office", choices=Office.choices, help_text=_("Office of the authority who signs.")
    )
    method = serializers.ChoiceField(choices=SignatureMethod.choices, help_text=_("How it was signed."))
    is_intact = serializers.ChoiceField(
        choices=Fact.choices, help_text=_("Whether the file is unchanged since it was signed.")
    )
    is_trusted = serializers.ChoiceField(
        choices=Fact.choices, help_text=_("Whether the certificate is trusted and was valid on the day of signing.")
    )
    is_mayor = serializers.ChoiceField(
        choices=Fact.choices, help_text=_("Whether whoever signed held the office on that day.")
    )
    covers_act = serializers.ChoiceField(
        choices=Fact.choices, help_text=_("Whether the whole act was signed, as it was issued.")
    )
    sha256 = serializers.CharField(
        source="document.sha256", help_text=_("SHA-256 of the signed file, to check that yours is the same.")
    )
    pdf = serializers.SerializerMethodField(help_text=_("Address of the public copy of the act, in PDF."))

    def get_pdf(self, signature: Signature) -> str | None:
        if signature.public_document_id is None:
            return None
        return absolute(self.context, f"/adhesiones/actas/{signature.act.folio}.pdf")


class AdhesionSerializer(serializers.ModelSerializer[Adhesion]):
    id = serializers.IntegerField(help_text=_("Number of the adhesion. It does not change."))
    cut = serializers.CharField(source="municipality_id", help_text=_("Code (CUT) of the municipality."))
    municipality = serializers.CharField(source="municipality.name", help_text=_("Name of the municipality."))
    region = serializers.CharField(source="municipality.region_id", help_text=_("Code of its region."))
    distance_km = serializers.IntegerField(
        source="municipality.distance_km", help_text=_("Kilometres to Santiago in a straight line.")
    )
    state = serializers.ChoiceField(choices=SHOWN_STATES, help_text=_("Where the adhesion stands."))
    term = serializers.SerializerMethodField(help_text=_("Term of the mayor, such as 2024-2028."))
    in_force_from = serializers.DateField(help_text=_("Day on which the adhesion came into force."))
    in_force_until = serializers.DateField(
        allow_null=True, help_text=_("Day on which the adhesion ended; null while it has not.")
    )
    previous = serializers.IntegerField(
        source="previous_id", allow_null=True, help_text=_("Number of the adhesion before it; null if there is none.")
    )
    act = serializers.SerializerMethodField(help_text=_("The act that was signed and accepted."))
    page = serializers.SerializerMethodField(help_text=_("Address of its page in this portal."))
    demonstration = serializers.SerializerMethodField(
        help_text=_("Whether the adhesion is invented, to show how the portal works.")
    )

    class Meta:
        model = Adhesion
        fields = [
            "id", "cut", "municipality", "region", "distance_km", "state", "term", "in_force_from", "in_force_until",
            "previous", "act", "page", "demonstration",
        ]  # fmt: skip

    def get_demonstration(self, adhesion: Adhesion) -> bool:
        return bool(settings.DEMONSTRATION)

    def get_term(self, adhesion: Adhesion) -> str:
        return str(adhesion.term)

    @extend_schema_field(SignedActSerializer(allow_null=True))
    def get_act(self, adhesion: Adhesion) -> dict[str, Any] | None:
        # Both lists are prefetched by the view.
        acts: list[Act] = getattr(adhesion, "accepted_acts", [])
        signatures: list[Signature] = getattr(acts[0], "accepted", []) if acts else []
        return SignedActSerializer(signatures[0], context=self.context).data if signatures else None

    def get_page(self, adhesion: Adhesion) -> str:
        place = adhesion.municipality
        return absolute(self.context, f"/municipios/{place.cut}-{place.slug}/adhesion/")


def absolute(context: Mapping[str, Any], path: str) -> str:
    return str(context["request"].build_absolute_uri(path)) if "request" in context else path
