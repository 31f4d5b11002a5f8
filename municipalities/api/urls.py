from rest_framework.routers import SimpleRouter

from municipalities.api.views import Adhesions, Municipalities, Regions

app_name = "municipalities-api"
router = SimpleRouter()
router.register("regions", Regions, basename="region")
router.register("municipalities", Municipalities, basename="municipality")
router.register("adhesions", Adhesions, basename="adhesion")
urlpatterns = router.urls
