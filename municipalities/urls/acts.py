from django.urls import path

from municipalities.views import acts

urlpatterns = [
    path("consejo/actas/textos/", acts.act_templates, name="act_templates"),
    path("consejo/actas/textos/<int:number>/", acts.act_template, name="act_template"),
    path("consejo/actas/textos/<int:number>/vista/", acts.act_template_preview, name="act_template_preview"),
    path("consejo/actas/textos/<int:number>/publicar/", acts.publish_act_template, name="publish_act_template"),
    path("consejo/actas/textos/<int:number>/descartar/", acts.discard_act_template, name="discard_act_template"),
    path("consejo/adhesiones/<int:pk>/acta/", acts.issue_act, name="issue_act"),
]
