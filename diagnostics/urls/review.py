from django.urls import URLPattern, path, re_path

from diagnostics.urls.filling import ONE
from diagnostics.views import replies, review_section, review_steps, reviews

_ONE = "consejo/revisiones/<int:pk>/"

urlpatterns: list[URLPattern] = [
    path("consejo/revisiones/", reviews.queue, name="reviews"),
    path("consejo/revisiones/muestra/", reviews.sample, name="review_sample"),
    path(_ONE, reviews.review, name="review"),
    path(_ONE + "empezar/", reviews.begin, name="review_begin"),
    path(_ONE + "terminar/", reviews.finish, name="review_finish"),
    path(_ONE + "revisores/", reviews.assign, name="review_assign"),
    path(_ONE + "diferencias/", reviews.differences, name="review_differences"),
    path(_ONE + "seccion/<slug:dimension>/", review_section.section, name="review_section"),
    path(_ONE + "devolver/", review_steps.send_back, name="review_return"),
    path(_ONE + "validar/", review_steps.validate, name="review_validate"),
    path(_ONE + "corregir/", review_steps.correct, name="review_correct"),
    re_path(ONE + r"pedido/(?P<question>[-a-z0-9]+)/$", replies.reply, name="reply"),
]
