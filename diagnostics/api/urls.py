from rest_framework.routers import SimpleRouter

from diagnostics.api.views import Diagnostics

app_name = "diagnostics-api"
router = SimpleRouter()
router.register("diagnostics", Diagnostics, basename="diagnostic")
urlpatterns = router.urls
