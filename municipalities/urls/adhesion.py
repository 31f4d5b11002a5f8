from django.urls import re_path

from municipalities.urls.register import MUNICIPALITY
from municipalities.views import adhesion

urlpatterns = [
    re_path(MUNICIPALITY + r"/adhesion/gestion/$", adhesion.adhesion_desk, name="adhesion_desk"),
    re_path(MUNICIPALITY + r"/adhesion/gestion/responder/$", adhesion.answer_adhesion, name="answer_adhesion"),
    re_path(MUNICIPALITY + r"/adhesion/gestion/firma/$", adhesion.upload_signature, name="upload_signature"),
]
