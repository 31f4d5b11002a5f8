"""The addresses of a municipality's plans: where people read them, and where its officers work."""

from typing import Final

from municipalities.urls import MUNICIPALITY

KEY: Final = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"

OF_PLACE: Final = MUNICIPALITY + r"/plan/"
PLAN: Final = OF_PLACE + r"(?P<pk>[0-9]{1,9})/"
COMMITMENT: Final = PLAN + rf"compromisos/(?P<key>{KEY})/"

DESK: Final = OF_PLACE + r"gestion/"
DESK_COMMITMENT: Final = DESK + rf"compromisos/(?P<key>{KEY})/"
