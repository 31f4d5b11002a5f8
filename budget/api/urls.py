from rest_framework.routers import SimpleRouter

from budget.api.views import Datasets, Indicators, IndicatorValues, Lines

app_name = "budget-api"
router = SimpleRouter()
router.register("datasets", Datasets, basename="dataset")
router.register("lines", Lines, basename="line")
router.register("indicators", Indicators, basename="indicator")
router.register("indicator-values", IndicatorValues, basename="indicator-value")
urlpatterns = router.urls
