from rest_framework.routers import SimpleRouter

from action_plans.api.views import Plans

app_name = "action-plans-api"
router = SimpleRouter()
router.register("plans", Plans, basename="plan")
urlpatterns = router.urls
