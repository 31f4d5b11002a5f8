from django.urls import URLPattern, re_path

from municipalities.urls.register import MUNICIPALITY
from municipalities.views import signing

urlpatterns: list[URLPattern] = [
    re_path(MUNICIPALITY + r"/adhesion/firmar/$", signing.sign, name="sign"),
    re_path(MUNICIPALITY + r"/adhesion/firmar/claveunica/$", signing.start, name="start_signature"),
    re_path(MUNICIPALITY + r"/adhesion/firmar/confirmar/$", signing.confirm, name="confirm_signature"),
    re_path(MUNICIPALITY + r"/adhesion/firmar/firmagob/$", signing.with_firmagob, name="sign_with_firmagob"),
]
