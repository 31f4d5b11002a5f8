"""From the council's campaign to a mayor's signature that anyone can verify: each road, one return, and a citizen's doubt."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Error, Page, expect
from pyhanko.sign.signers.pdf_cms import SimpleSigner
from pyhanko_certvalidator.registry import SimpleCertificateStore

from accounts.choices import CouncilRole, MunicipalRole
from accounts.models import User
from municipalities.actions.acts import issue_act
from municipalities.actions.adhesions import open_adhesion
from municipalities.choices import AdhesionState, Office, SignatureMethod
from municipalities.models import Act, Adhesion, Authority, Contact, Mail, Municipality
from tests import signing
from tests.cast import person
from tests.claveunica_server import MAYOR, FakeClaveUnica
from tests.e2e.site import Site
from tests.firmagob_server import CODE, FakeFirmaGob
from tests.municipalities.judged_acts import trust
from tests.signing_stage import content

Accessible = Callable[[Page], None]

TODAY = timezone.localdate()
NAME = "María Carmen Del Río González"
RUN = MAYOR.run
ANOTHER_RUN = "12345678-5"


@dataclass
class Walk:
    """A person at a browser, now this one, now that one. Every page they come to is asked for its faults."""

    site: Site
    page: Page
    accessible: Accessible

    def as_(self, user: User, address: str) -> None:
        self.site.sign_in(self.page.context, user)
        self.go(address)

    def go(self, address: str) -> None:
        try:
            self.page.goto(self.site.url + address)
        except Error as fault:  # the page that is left was just loading itself anew, its verdict being there
            if "ERR_ABORTED" not in fault.message:
                raise
            self.page.goto(self.site.url + address)
        self.accessible(self.page)

    def press(self, name: str | re.Pattern[str], *, role: str = "button") -> None:
        self.page.get_by_role(role, name=name).first.click()  # type: ignore[arg-type]

    def sees(self, text: str | re.Pattern[str]) -> None:
        """The text is there, and the page it is on has no fault."""
        expect(self.page.get_by_text(text).first).to_be_visible()
        self.accessible(self.page)


@pytest.fixture
def walk(site: Site, page: Page, accessible: Accessible) -> Walk:
    return Walk(site, page, accessible)


@dataclass
class People:
    administrator: User
    adviser: User
    analyst: User
    coordinator: User
    mayor: User


def people(place: Municipality) -> People:
    """Who works on an adhesion: three of the council, two of the municipality."""
    return People(
        administrator=person("administradora", council=CouncilRole.ADMINISTRATOR),
        adviser=person("asesora", council=CouncilRole.ADVISER, scope=place.region),
        analyst=person("analista", council=CouncilRole.ANALYST),
        coordinator=person("coordinadora", of=place, role=MunicipalRole.COORDINATOR),
        mayor=person("alcaldesa", of=place, role=MunicipalRole.MAYOR),
    )


def place_of(adhesion: Adhesion) -> str:
    return f"/municipios/{adhesion.municipality_id}-{adhesion.municipality.slug}"


def act_waiting(walk: Walk, place: Municipality, who: People) -> Act:
    """An act issued by the actions that the first journey walks in the browser; the map does not know of it yet."""
    Authority.objects.create(
        municipality=place,
        office=Office.MAYOR,
        name=NAME,
        run=RUN,
        starts=date(2024, 12, 6),
        decree="Proclamación 2024",
        recorded_at=timezone.now(),
    )
    adhesion = open_adhesion(by=None, municipality=place, now=timezone.now())
    act = issue_act(by=who.adviser, adhesion=adhesion, now=timezone.now(), seen=adhesion.state)
    on_map(walk, act, "No ha adherido")
    return act


def upload(walk: Walk, act: Act, road: str, file: Path, *, day: str = "") -> None:
    walk.go(f"{place_of(act.adhesion)}/adhesion/gestion/firma/")
    walk.page.get_by_label(road).check()
    if day:
        walk.page.get_by_label("Día de la firma").fill(day)
    walk.page.get_by_label("El acta firmada", exact=True).set_input_files(file)
    walk.press("Enviar al Consejo")
    walk.sees("El Consejo tiene su acta firmada")
    walk.site.has_finished_its_work()


def take_up(walk: Walk, act: Act, who: People) -> None:
    walk.as_(who.adviser, f"/consejo/adhesiones/{act.adhesion_id}/")
    walk.press("Tomar la revisión", role="link")
    walk.accessible(walk.page)
    walk.press("Sí, hacerlo")
    signature = act.signatures.latest("pk")
    walk.go(f"/consejo/adhesiones/{act.adhesion_id}/firmas/{signature.pk}/")


def accept_and_put_in_force(walk: Walk, act: Act, who: People) -> None:
    """What the council does with a signature under review, seen by the adviser and then by the administrator."""
    walk.press("Aceptar el acta firmada")
    walk.sees("Verificada")
    walk.as_(who.administrator, f"/consejo/adhesiones/{act.adhesion_id}/")
    walk.press("Poner en vigencia", role="link")
    walk.sees("Este paso lo ven todas las personas")
    walk.press("Sí, hacerlo")
    walk.sees("La adhesión está vigente")
    act.adhesion.refresh_from_db()
    assert act.adhesion.state == AdhesionState.IN_FORCE


def on_map(walk: Walk, act: Act, state: str) -> None:
    """The municipality's shape on the map of its region says its state."""
    place = act.adhesion.municipality
    walk.go(f"/adhesiones/?region={place.region_id}")
    shape = walk.page.locator("svg a", has=walk.page.locator("title", has_text=place.name))
    expect(shape.first.locator("title")).to_have_text(f"{place.name}: {state}")


def is_public(walk: Walk, act: Act) -> None:
    """Anyone sees it: the register, the map, the page of the adhesion, without a RUN."""
    walk.page.context.clear_cookies()
    walk.go("/adhesiones/")
    walk.sees(re.compile(r"1 de \d+ municipalidades"))
    on_map(walk, act, "Adhesión vigente")
    walk.go(f"{place_of(act.adhesion)}/adhesion/")
    walk.sees("adhirió al modelo")
    shown = walk.page.content()
    assert act.folio in shown
    assert not any(run in shown for run in (RUN, "44.444.444", ANOTHER_RUN, "12.345.678"))


# The first steps


def test_forty_are_invited_and_one_answers_records_its_mayor_and_gets_its_act(walk: Walk) -> None:
    place = Municipality.objects.get(pk="12201")
    who = people(place)
    page = walk.page
    remote = Municipality.objects.filter(distance_km__gte=300).order_by("-distance_km")[:40]
    assert place in remote
    Contact.objects.bulk_create(
        Contact(
            municipality=one, name="Contacto", email=f"{one.pk}@ejemplo.cl", is_main=True, recorded_at=timezone.now()
        )
        for one in remote
    )
    walk.as_(who.administrator, "/consejo/campanas/nueva/")
    page.get_by_label("Nombre").fill("Los más lejanos")
    page.get_by_label("Desde").fill(f"{TODAY}")
    page.get_by_label("Hasta").fill(f"{TODAY + timedelta(days=90)}")
    page.get_by_label("Magallanes").fill("5")
    walk.press("Guardar y elegir")
    page.get_by_label("Distancia a Santiago").select_option("alejados")
    page.get_by_role("button", name="Filtrar").last.click()
    walk.accessible(page)
    page.get_by_label(re.compile("municipalidades de este filtro")).check()
    walk.press("Sumar a la campaña")
    walk.sees("Los más lejanos")
    walk.press(re.compile("por contactar"))
    walk.sees(re.compile("Alcanza a 40 de las"))
    walk.press("Hacerlo con 40 municipalidades")
    walk.sees("Hecho en 40 municipalidades.")
    assert Mail.objects.values("municipality").distinct().count() == 40

    walk.as_(who.coordinator, f"/municipios/{place.pk}-{place.slug}/adhesion/gestion/")
    walk.sees("Responda la invitación")
    walk.press("Queremos adherir")
    walk.sees("No hay nadie en la alcaldía según el registro")
    walk.press("Registrar o cambiar las autoridades", role="link")
    walk.accessible(page)
    walk.press(re.compile("Registrar Alcald"), role="link")
    walk.accessible(page)
    page.get_by_label("Nombre completo").fill(NAME)
    page.get_by_label("RUN").fill("44.444.444-4")
    page.get_by_label("Primer día en el cargo").fill("2024-12-06")
    page.get_by_label("Decreto", exact=True).fill("Proclamación del 30-11-2024")
    walk.press("Registrar")
    walk.sees(NAME)

    adhesion = Adhesion.objects.get(municipality=place)
    assert adhesion.state == AdhesionState.CONVERSING
    walk.as_(who.adviser, f"/consejo/adhesiones/{adhesion.pk}/")
    walk.press("Emitir acta", role="link")
    walk.sees(NAME)
    walk.press("Emitir acta")
    walk.sees("Se emitió el acta MGAM-")
    walk.site.has_finished_its_work()
    told = [mail for mail in walk.site.mails() if mail["To"] and who.coordinator.email in mail["To"]]
    assert any("acta" in str(mail["Subject"]).lower() for mail in told)


# The four roads


@pytest.fixture
def authority_of_firmagob(firmagob: FakeFirmaGob) -> Iterator[signing.Issued]:
    """FirmaGob signs with a certificate of the mayor, for which this authority vouches."""
    authority = signing.authority("Autoridad de FirmaGob de prueba")
    mayor = signing.person(NAME, RUN, by=authority)
    before = firmagob.signer
    store = SimpleCertificateStore.from_certs([authority.loaded])  # type: ignore[no-untyped-call]
    firmagob.signer = SimpleSigner(mayor.loaded, mayor.private, store)
    yield authority
    firmagob.signer = before


def test_an_advanced_signature_is_returned_corrected_and_verified_by_a_citizen(walk: Walk, tmp_path: Path) -> None:
    place = Municipality.objects.get(pk="12201")
    who = people(place)
    act = act_waiting(walk, place, who)
    authority = signing.authority("Autoridad de prueba")
    trust(authority)
    issued = content(act.document)
    wrong, right = tmp_path / "otra.pdf", tmp_path / "acta.pdf"
    for file, name, run in ((wrong, "Otra persona", ANOTHER_RUN), (right, NAME, RUN)):
        file.write_bytes(signed(issued, signing.person(name, run, by=authority)))

    walk.as_(who.coordinator, f"{place_of(act.adhesion)}/adhesion/gestion/")
    upload(walk, act, "Un PDF con firma electrónica avanzada", wrong)
    take_up(walk, act, who)
    walk.sees("No se puede aceptar")
    walk.page.get_by_label("Motivo").select_option("wrong_signer")
    walk.page.get_by_label("Explicación").fill("La firma es de otra persona.")
    walk.press("Devolverla a la municipalidad")
    walk.sees("Firmó otra persona")

    walk.as_(who.coordinator, f"{place_of(act.adhesion)}/adhesion/gestion/")
    walk.sees("El Consejo devolvió el acta firmada")
    walk.sees("La firma es de otra persona.")
    upload(walk, act, "Un PDF con firma electrónica avanzada", right)
    assert any(who.adviser.email in str(mail["To"]) for mail in walk.site.mails())
    take_up(walk, act, who)
    accept_and_put_in_force(walk, act, who)
    is_public(walk, act)
    citizen_verifies(walk, act, right, tmp_path)


def signed(issued: bytes, by: signing.Issued) -> bytes:
    """Signed beside the browser, whose thread has an event loop already."""
    with ThreadPoolExecutor() as beside:
        return beside.submit(signing.sign, issued, by, timezone.now()).result()


def citizen_verifies(walk: Walk, act: Act, original: Path, folder: Path) -> None:
    """The signed file and the public copy are the act in force; one byte more or less, and neither is."""
    page = walk.page
    public = folder / "publica.pdf"
    answer = page.request.get(f"{walk.site.url}/adhesiones/actas/{act.folio}.pdf")
    assert answer.ok
    public.write_bytes(answer.body())
    for file in (original, public):
        walk.go("/verificar/")
        page.get_by_label("PDF del acta").set_input_files(file)
        expect(page.locator("#veredicto")).to_contain_text("Está vigente desde el")
        walk.accessible(page)
    changed = folder / "cambiada.pdf"
    bytes_ = bytearray(original.read_bytes())
    bytes_[len(bytes_) // 2] ^= 1
    changed.write_bytes(bytes_)
    walk.go("/verificar/")
    page.get_by_label("PDF del acta").set_input_files(changed)
    expect(page.locator("#veredicto")).to_contain_text("Puede ser un archivo con un cambio")
    expect(page.locator("#veredicto")).not_to_contain_text("vigente desde")
    walk.accessible(page)
    walk.go(f"/verificar/{act.folio}/")
    expect(page.locator("#veredicto")).to_contain_text("Está vigente desde el")


def test_a_scanned_act_needs_two_people_who_did_not_send_it(walk: Walk, tmp_path: Path) -> None:
    place = Municipality.objects.get(pk="11201")
    who = people(place)
    act = act_waiting(walk, place, who)
    scan = tmp_path / "escaneada.pdf"
    scan.write_bytes(signing.act("MGAM-escaneada"))
    walk.as_(who.coordinator, f"{place_of(act.adhesion)}/adhesion/gestion/")
    upload(walk, act, "El acta firmada en papel y escaneada", scan, day=f"{TODAY}")
    take_up(walk, act, who)
    walk.sees("faltan 2 revisiones")
    address = walk.page.url.removeprefix(walk.site.url)
    for checker in (who.analyst, who.administrator):
        walk.as_(checker, address)
        walk.page.get_by_label("Qué vio").fill("Están todas las páginas y se lee la firma.")
        walk.press("Revisé este escaneo")
        walk.accessible(walk.page)
    walk.as_(who.adviser, address)
    accept_and_put_in_force(walk, act, who)
    is_public(walk, act)


def test_a_mayor_signs_in_the_portal_with_claveunica(walk: Walk, claveunica: FakeClaveUnica) -> None:
    claveunica.sessions.clear()
    place = Municipality.objects.get(pk="01402")
    who = people(place)
    act = act_waiting(walk, place, who)
    page = walk.page
    walk.as_(who.mayor, f"{place_of(act.adhesion)}/adhesion/gestion/")
    walk.press("Leer y firmar el acta", role="link")
    walk.accessible(page)
    walk.press("Continuar con ClaveÚnica")
    walk.press("María Carmen")
    walk.sees("Confirme su firma")
    page.get_by_label("Leí el acta").check()
    walk.press(f"Firmar el acta {act.folio}")
    walk.sees("El acta está firmada")
    walk.site.has_finished_its_work()
    take_up(walk, act, who)
    accept_and_put_in_force(walk, act, who)
    is_public(walk, act)
    walk.sees("una firma electrónica simple")


def test_a_mayor_signs_with_firmagob(walk: Walk, authority_of_firmagob: signing.Issued) -> None:
    trust(authority_of_firmagob)
    place = Municipality.objects.get(pk="09201")
    who = people(place)
    act = act_waiting(walk, place, who)
    User.objects.filter(pk=who.mayor.pk).update(run=RUN)
    page = walk.page
    walk.as_(who.mayor, f"{place_of(act.adhesion)}/adhesion/firmar/")
    page.get_by_label("Código de seis dígitos").fill(CODE)
    walk.press("Firmar con FirmaGob")
    walk.sees("El acta está firmada")
    walk.site.has_finished_its_work()
    take_up(walk, act, who)
    accept_and_put_in_force(walk, act, who)
    is_public(walk, act)
    assert act.signatures.get().method == SignatureMethod.FIRMAGOB
