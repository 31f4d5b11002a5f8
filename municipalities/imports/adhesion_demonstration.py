"""A country in the middle of adhering, invented and plainly named so, brought about by the portal's own actions.

Everything happens in the order of its dates, in one transaction, and nothing of it is sent: the mails that the actions write
are put into the log as sent. People and authorities are called “de demostración”; their addresses end in `.invalid`, which no
mail server serves, and their RUNs belong to nobody.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from io import BytesIO
from pathlib import Path
from typing import Final

import typst
from cryptography import x509
from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone, translation

from accounts.choices import Language
from accounts.models import User
from config.page_cache import forget_public_pages
from municipalities.actions import acts, adhesions, authorities, bulk, campaigns, contacts, signatures, signing, trust
from municipalities.choices import (
    AdhesionState,
    BulkKind,
    CertificateKind,
    MailState,
    Office,
    ReturnReason,
    SignatureMethod,
)
from municipalities.imports import antivirus, demonstration_desk, demonstration_signing, judging
from municipalities.imports import demonstration_people as people
from municipalities.imports.demonstration_people import DECREE, DOMAIN, HERE, RUN_OF_HERE
from municipalities.imports.demonstration_signing import DemonstrationAuthority
from municipalities.models import (
    Act,
    Adhesion,
    Authority,
    Campaign,
    Contact,
    Mail,
    Municipality,
    Signature,
    TrustedCertificate,
)
from municipalities.reports.seal import has_seal, seal_certificate
from municipalities.rules import demonstration as rules
from municipalities.rules.demonstration import Deed, Fate, Span
from municipalities.rules.terms import distance_band, term_on

# A neighbour of the demonstration's municipality has an act to correct.
NEIGHBOUR: Final = "10207"  # Queilén
FIRST: Final = "Primera ronda (demostración)"
SECOND: Final = "Lejos de Santiago (demostración)"
FORMER: Final = 2  # the series of RUNs of mayors of the term before

Happening = tuple[datetime, int, Callable[[datetime], object]]


def load(*, now: datetime, folder: Path) -> int:
    """Bring the country about, unless it is there; returns how many adhesions there are of it.

    `folder` keeps the key of the demonstration's certification authority. Raises `LookupError` when the register or the
    demonstration's sign-ins are missing.
    """
    if Campaign.objects.filter(name=FIRST).exists():
        return 0
    with translation.override(Language.SPANISH), transaction.atomic():
        made = Country(now=now, folder=folder).bring_about()
        # Hundreds of tasks to send and judge what was judged and is not to be sent.
        transaction.get_connection().run_on_commit.clear()
        transaction.on_commit(forget_public_pages)
    return made


def trust_authority(authority: DemonstrationAuthority, *, by: User, since: date, now: datetime) -> None:
    """List the demonstration's authority among the trusted ones, unless it is there."""
    if not TrustedCertificate.objects.filter(fingerprint=authority.fingerprint).exists():
        note = "Hecha por esta instalación para la demostración. No acredita a nadie."
        trust.add_certificate(
            by=by, content=authority.der, kind=CertificateKind.ROOT, note=note, trusted_from=since, now=now
        )


@dataclass
class Story:
    """One adhesion from its invitation to where it stands. Each method is a deed, at the moment given."""

    place: Municipality
    fate: Fate
    adviser: User
    administrator: User
    analyst: User
    authority: DemonstrationAuthority
    coordinator: User
    begins: date
    mayor: User | None = None
    attempts: int = 0
    adhesion: Adhesion = field(init=False)
    act: Act = field(init=False)
    signature: Signature = field(init=False)

    def do(self, deed: Deed, now: datetime) -> None:
        """Do one deed on the adhesion as it is now."""
        self.adhesion = Adhesion.objects.open().select_related("municipality").get(municipality=self.place)
        getattr(self, deed)(now)

    def invite(self, now: datetime) -> None:
        adhesions.move(by=self.adviser, adhesion=self.adhesion, to=AdhesionState.INVITED, now=now)

    def converse(self, now: datetime) -> None:
        adhesions.answer_invitation(by=self.coordinator, adhesion=self.adhesion, now=now, seen=None)

    def issue(self, now: datetime) -> None:
        self.act = acts.issue_act(by=self.adviser, adhesion=self.adhesion, now=now, seen=self.adhesion.state)

    def sign(self, now: datetime) -> None:
        self.attempts += 1
        self.act = Act.objects.select_related("adhesion__municipality", "document", "authority").get(pk=self.act.pk)
        if self.fate.method == SignatureMethod.PORTAL and self.mayor:
            self.signature = signing.sign_in_portal(
                by=self.mayor,
                act=self.act,
                run=self.act.authority.run,
                name=self.act.authority.name,
                session_key=f"demostracion-{self.place.cut}",
                address=None,
                now=now,
                seen=self.adhesion.state,
            )
        else:
            self._send(now)
        for number in antivirus.scan_document(self.signature.document_id, now=now):
            judging.judge_signature(number, now=now + timedelta(minutes=1))

    def _send(self, now: datetime) -> None:
        on_paper = self.fate.method == SignatureMethod.SCAN
        content = self._scan() if on_paper else self._signed(now - timedelta(hours=2))
        self.signature = signatures.submit_signature(
            by=self.coordinator,
            act=self.act,
            method=SignatureMethod.SCAN if on_paper else SignatureMethod.ADVANCED,
            upload=BytesIO(content),
            name=f"{self.act.folio}-{'escaneada' if on_paper else 'firmada'}.pdf",
            now=now,
            seen=self.adhesion.state,
            declared_signed_on=timezone.localdate(now) if on_paper else None,
        )

    def _signed(self, at: datetime) -> bytes:
        signer = self.act.authority
        # Whoever has it returned let somebody else sign the first time.
        if Deed.SEND_BACK in self.fate.deeds and self.attempts == 1:
            signer = Authority.objects.get(municipality=self.place, office=Office.SECRETARY)
        content = signing.issued_bytes(self.act)
        return demonstration_signing.sign(content, by=self.authority, name=signer.name, run=signer.run, at=at)

    def _scan(self) -> bytes:
        text = f"Copia de demostración, no escaneada, del acta {self.act.folio} ({self.attempts}.ª vez)"
        made: bytes = typst.compile(f'#set text(lang: "es")\n{text}'.encode(), ignore_system_fonts=True)
        return made

    def take_up(self, now: datetime) -> None:
        signatures.take_up_review(by=self.adviser, adhesion=self.adhesion, now=now, seen=self.adhesion.state)

    def send_back(self, now: datetime) -> None:
        on_paper = self.fate.method == SignatureMethod.SCAN
        signatures.return_signature(
            by=self.adviser,
            signature=self.signature,
            reason=ReturnReason.UNREADABLE if on_paper else ReturnReason.WRONG_SIGNER,
            note="" if on_paper else "Firmó la Secretaría Municipal. El acta la firma quien dirige el municipio.",
            now=now,
            seen=self.adhesion.state,
        )

    def accept(self, now: datetime) -> None:
        if self.fate.method == SignatureMethod.SCAN:
            for person in (self.analyst, self.administrator):
                note = "Se lee completa, con firma y timbre (demostración)."
                signatures.check_scan(by=person, signature=self.signature, note=note, now=now)
        signatures.accept_signature(by=self.adviser, signature=self.signature, now=now, seen=self.adhesion.state)

    def put_in_force(self, now: datetime) -> None:
        signatures.put_in_force(by=self.administrator, adhesion=self.adhesion, now=now, seen=self.adhesion.state)

    def suspend(self, now: datetime) -> None:
        self._end(AdhesionState.SUSPENDED, "El municipio pidió una pausa (demostración).", now)

    def withdraw(self, now: datetime) -> None:
        self._end(AdhesionState.WITHDRAWN, "El municipio comunicó que no sigue por ahora (demostración).", now)

    def _end(self, to: AdhesionState, reason: str, now: datetime) -> None:
        adhesions.move(by=self.administrator, adhesion=self.adhesion, to=to, now=now, reason=reason)


class Country:
    """All stories, and what happens beside them, in the order of time."""

    def __init__(self, *, now: datetime, folder: Path) -> None:
        self.now = now
        self.span: Span = rules.span(timezone.localdate(now))
        self.last_mail = Mail.objects.order_by("pk").values_list("pk", flat=True).last() or 0
        self.administrator = people.sign_in("administradora@demo.cl")
        self.analyst = people.sign_in("analista@demo.cl")
        self.advisers = people.advisers(now=now)
        self.authority = demonstration_signing.authority(folder)
        self.seal_since = _seal_since()
        people.give_run()
        self.happenings: list[Happening] = []
        self.stories: list[Story] = []
        touched = Adhesion.objects.values("municipality")
        places = Municipality.objects.exclude(pk__in=touched).exclude(pk__in=Authority.objects.values("municipality"))
        places = places.exclude(pk__in=Contact.objects.values("municipality")).select_related("region")
        self.places = {place.pk: place for place in places}
        if not self.places:
            raise LookupError("The register of municipalities is empty, or every one has adhesions: nothing was done.")
        remote = frozenset(cut for cut, place in self.places.items() if distance_band(place.distance_km).remote)
        self.remote = remote
        self.order = rules.shuffled([cut for cut in self.places if cut not in {HERE, NEIGHBOUR}], remote)

    def bring_about(self) -> int:
        """Plan everything, then let it happen; returns how many adhesions came of it."""
        before = Adhesion.objects.count()
        begin = self.span.term.starts
        earlier = term_on(begin - timedelta(days=1))
        trust_authority(self.authority, by=self.administrator, since=earlier.starts, now=_at(begin))
        self._plan()
        self._campaigns()
        for at, _number, happen in sorted(self.happenings, key=lambda item: item[:2]):
            happen(at)
        demonstration_desk.fill(
            [(story.place, story.adviser) for story in self.stories],
            administrator=self.administrator,
            until=self.span.until,
            asked_in=[self.places[cut] for cut in self.order[-6:-2]],
        )
        self._log_mails()
        return Adhesion.objects.count() - before

    def _plan(self) -> None:
        order = iter(self.order)
        for number, fate in enumerate(rules.AGAIN, 1):
            if place := self.places.get(next(order, "")):
                self._earlier(place)
                self._story(place, fate, share=number / 4)
        for cut, fate in ((HERE, rules.AWAITING_SIGNATURE), (NEIGHBOUR, rules.TO_BE_CORRECTED)):
            if place := self.places.get(cut):
                self._story(place, fate)
        settled = [fate for fate in rules.FATES for _ in range(fate.places) if fate.is_settled]
        under_way = [fate for fate in rules.FATES for _ in range(fate.places) if not fate.is_settled]
        rules.dice_of("orden").shuffle(settled)
        for number, fate in enumerate([*settled, *under_way]):
            if place := self.places.get(next(order, "")):
                self._story(place, fate, share=min(1.0, (number + 1) / len(settled)))

    def _story(self, place: Municipality, fate: Fate, *, share: float = 1.0) -> None:
        dice = rules.dice_of(place.cut)
        days = rules.days_of(fate, dice, self.span, share=share)
        method = fate.method
        signed = days[fate.deeds.index(Deed.SIGN)] if Deed.SIGN in fate.deeds else None
        if method == SignatureMethod.PORTAL and (self.seal_since is None or (signed and signed <= self.seal_since)):
            method = SignatureMethod.ADVANCED
        coordinator = people.coordinator(place, since=days[0], now=self.now)
        mayor = people.mayor(place, since=days[0], now=self.now) if method == SignatureMethod.PORTAL else None
        story = Story(
            place=place,
            fate=fate._replace(method=method),
            adviser=self._adviser(place),
            administrator=self.administrator,
            analyst=self.analyst,
            authority=self.authority,
            coordinator=coordinator,
            begins=days[0],
            mayor=mayor,
        )
        self.stories.append(story)
        self._then(_at(days[0]) - timedelta(hours=1), lambda now: self._know(place, now))
        for number, (deed, day) in enumerate(zip(fate.deeds, days, strict=True)):
            at = _at(day) + timedelta(minutes=40 * number + dice.randint(0, 39))
            self._then(at, lambda now, deed=deed: story.do(deed, now))  # type: ignore[misc]

    def _earlier(self, place: Municipality) -> None:
        """An adhesion of the term before, concluded when that ended."""
        ended = self.span.term.starts
        term = term_on(ended - timedelta(days=1))
        coordinator = people.coordinator(place, since=term.starts, now=self.now)
        story = Story(
            place=place,
            fate=rules.EARLIER,
            adviser=self.administrator,
            administrator=self.administrator,
            analyst=self.analyst,
            authority=self.authority,
            coordinator=coordinator,
            begins=term.starts,
        )
        first = rules.working_day_before(ended - timedelta(days=400 + rules.dice_of(place.cut).randint(0, 200)))
        self._then(_at(first) - timedelta(hours=2), lambda now: self._know_former(place, now))
        self._then(
            _at(first) - timedelta(hours=1), lambda now: adhesions.open_adhesion(by=None, municipality=place, now=now)
        )
        for number, deed in enumerate(rules.EARLIER.deeds):
            at = _at(rules.working_day_before(first + timedelta(days=12 * number)))
            self._then(at, lambda now, deed=deed: story.do(deed, now))  # type: ignore[misc]
        self._then(_at(ended), lambda now: _conclude(place, now))

    def _then(self, at: datetime, happen: Callable[[datetime], object]) -> None:
        self.happenings.append((at, len(self.happenings), happen))

    def _campaigns(self) -> None:
        """Two of them: one that ended, and one that runs, for the remote ones, with goals by region."""
        halfway = self.span.since + (self.span.until - self.span.since) * 3 // 5
        early = [story.place.pk for story in self.stories if story.begins <= halfway]
        late = [story.place.pk for story in self.stories if story.begins > halfway]
        rest = [cut for cut in self.order if cut not in {*early, *late}]
        prospects = [
            *[cut for cut in rest if cut in self.remote][:36],
            *[cut for cut in rest if cut not in self.remote][:12],
        ]
        late += prospects
        for cut in prospects:
            self._then(_at(halfway), lambda now, cut=cut: self._reach(self.places[cut], now))  # type: ignore[misc]
        by_region = Counter(self.places[cut].region_id for cut in late if cut in self.remote)
        goals = {code: count // 2 for code, count in by_region.items() if count > 2}
        self._campaign(FIRST, self.span.since, halfway, early, {})
        self._campaign(SECOND, halfway, self.span.until + timedelta(days=160), late, goals)

    def _campaign(self, name: str, starts: date, ends: date, cuts: list[str], goals: dict[str, int]) -> None:
        def begin(now: datetime) -> None:
            made = campaigns.save_campaign(
                by=self.administrator,
                campaign=None,
                name=name,
                description="Campaña inventada, para mostrar cómo se usa el portal.",
                starts=starts,
                ends=ends,
                goals=goals,
                now=now,
            )
            campaigns.add_targets(by=self.administrator, campaign=made, municipalities=cuts, now=now)
            for adviser in self.advisers.values():
                mine = [cut for cut in cuts if self._adviser(self.places[cut]) == adviser]
                order = bulk.Order(BulkKind.ASSIGN, adviser=adviser)
                seen = bulk.plan(by=self.administrator, order=order, municipalities=mine, now=now).reached
                token = uuid.uuid5(uuid.NAMESPACE_URL, f"{name} {adviser.email}")
                if seen:
                    bulk.change(by=self.administrator, order=order, seen=seen, token=token, now=now)

        self._then(_at(starts), begin)

    def _adviser(self, place: Municipality) -> User:
        return self.advisers.get(place.region_id, self.administrator)

    def _know(self, place: Municipality, now: datetime) -> None:
        """Record mayor, secretary and contact of a municipality."""
        run = RUN_OF_HERE if place.pk == HERE else rules.run_of(place.cut, 0)
        self._record(place, Office.MAYOR, people.name_of_mayor(place), run, now)
        secretary = f"Secretaría Municipal de demostración de {place.name}"
        self._record(place, Office.SECRETARY, secretary, rules.run_of(place.cut, 1), now)
        self._reach(place, now)

    def _reach(self, place: Municipality, now: datetime) -> None:
        contacts.add_contact(
            by=self.administrator,
            municipality=place,
            name=f"Contacto de demostración de {place.name}",
            position="Encargo de transparencia",
            email=f"contacto.{place.cut}@{DOMAIN}",
            phone="",
            is_main=True,
            source="Datos de demostración",
            now=now,
        )

    def _know_former(self, place: Municipality, now: datetime) -> None:
        """Record who was mayor in the term before."""
        term = term_on(self.span.term.starts - timedelta(days=1))
        name = f"Alcaldía anterior de demostración de {place.name}"
        run = rules.run_of(place.cut, FORMER)
        self._record(place, Office.MAYOR, name, run, now, starts=term.starts, last_day=term.ends - timedelta(days=1))

    def _record(
        self,
        place: Municipality,
        office: Office,
        name: str,
        run: str,
        now: datetime,
        *,
        starts: date | None = None,
        last_day: date | None = None,
    ) -> None:
        tenure = authorities.Tenure(
            office=office,
            name=name,
            run=run,
            starts=starts or self.span.term.starts,
            last_day=last_day,
            decree=DECREE,
        )
        authorities.record_authority(by=self.administrator, municipality=place, tenure=tenure, now=now)

    def _log_mails(self) -> None:
        """Nothing leaves: what the actions wrote stands in the log as sent, but for one that came back and one that failed."""
        written = Mail.objects.filter(pk__gt=self.last_mail, state=MailState.QUEUED)
        sent_at = F("created_at") + timedelta(minutes=1)
        written.update(state=MailState.SENT, attempts=1, claimed_at=F("created_at"), handed_at=sent_at, sent_at=sent_at)
        logged = Mail.objects.filter(pk__gt=self.last_mail, to__endswith=DOMAIN).order_by("-created_at", "-pk")
        back, failed = logged[3:5]
        back.state, back.bounced_at = MailState.BOUNCED, back.created_at + timedelta(hours=1)
        back.last_error = "550 5.1.1 La casilla no existe (demostración)"
        failed.state, failed.sent_at, failed.attempts = MailState.FAILED, None, 5
        failed.last_error = "450 4.2.1 El servidor no responde (demostración)"
        for mail in (back, failed):
            mail.save(update_fields=["state", "bounced_at", "last_error", "sent_at", "attempts"])


def _conclude(place: Municipality, now: datetime) -> None:
    """What the portal does by itself when a term ends."""
    standing = Adhesion.objects.standing().get(municipality=place)
    adhesions.move(by=None, adhesion=standing, to=AdhesionState.CONCLUDED, now=now)
    adhesions.open_adhesion(by=None, municipality=place, now=now)


def _at(day: date) -> datetime:
    """Half past nine in the morning."""
    return timezone.make_aware(datetime.combine(day, time(9, 30)))


def _seal_since() -> date | None:
    """From when on the portal's seal holds; None where it has none."""
    if not (settings.SEAL_FILE and has_seal()):
        return None
    return x509.load_der_x509_certificate(seal_certificate()).not_valid_before_utc.date()
