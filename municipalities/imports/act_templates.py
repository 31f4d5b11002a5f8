"""The first edition of the text of the act, from the file the app ships into an empty table."""

from pathlib import Path
from typing import Final

import yaml
from django.db import transaction
from django.utils import timezone

from municipalities.choices import EditionState
from municipalities.models import ActTemplate

SHIPPED: Final = Path(__file__).parent.parent / "data" / "act_template.yaml"


@transaction.atomic
def load_act_template(path: Path = SHIPPED) -> int:
    """Publish the shipped text as edition 1 where there is no edition yet; return how many were added (0 or 1).

    What the council wrote is never touched. Raises OSError, KeyError or ValueError for a file that is missing or malformed.
    """
    if ActTemplate.objects.exists():
        return 0
    try:
        words = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error
    now = timezone.now()
    ActTemplate.objects.create(
        number=1,
        title=words["title"],
        body=words["body"].strip(),
        commitments=words["commitments"].strip(),
        closing=words["closing"].strip(),
        note=words["note"],
        state=EditionState.PUBLISHED,
        created_at=now,
        updated_at=now,
        published_at=now,
    )
    return 1
