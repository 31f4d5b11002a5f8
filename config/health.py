"""`/salud/`: whether this process can serve, for load balancers and containers."""

from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from redis.exceptions import RedisError


@never_cache
@login_not_required
def health(request: HttpRequest) -> JsonResponse:
    """200 while PostgreSQL and Redis answer, 503 otherwise, with one word for each."""
    answers = {"database": "ok", "redis": "ok"}
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        answers["database"] = "unreachable"
    try:
        cache.get("health")
    except RedisError:
        answers["redis"] = "unreachable"
    healthy = set(answers.values()) == {"ok"}
    return JsonResponse(answers, status=200 if healthy else 503)
