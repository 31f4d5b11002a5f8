from django.urls import path

from municipalities.views import mails

urlpatterns = [
    path("consejo/correos/", mails.mails, name="mails"),
    path("consejo/correos/textos/", mails.mail_templates_list, name="mail_templates"),
    path("consejo/correos/textos/<slug:kind>/", mails.mail_template, name="mail_template"),
    path("consejo/correos/textos/<slug:kind>/original/", mails.mail_template_restore, name="mail_template_restore"),
    path("consejo/correos/<int:pk>/", mails.mail, name="mail"),
    path("consejo/correos/<int:pk>/<slug:code>/", mails.mail_step, name="mail_step"),
]
