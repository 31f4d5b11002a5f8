# One image for web, worker, beat and migrate. `docker compose up --build` uses it; see docker-compose.yml.

FROM node:24-bookworm-slim AS assets
WORKDIR /portal
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY assets assets
RUN node assets/build.js

FROM python:3.11-slim-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends gettext && rm -rf /var/lib/apt/lists/*
WORKDIR /portal
COPY requirements/production.txt requirements/
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --require-hashes -r requirements/production.txt
COPY . .
COPY --from=assets /portal/static/build static/build
RUN find locale -name '*.po' -exec sh -c 'msgfmt --check -o "${1%.po}.mo" "$1"' _ {} ';'
# The key signs nothing here: collecting files only needs settings that load.
RUN SECRET_KEY=build /venv/bin/python manage.py collectstatic --no-input && /venv/bin/python -m compileall -q .

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --no-create-home portal && install -d -o portal /portal/media
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1
WORKDIR /portal
COPY --from=build /venv /venv
COPY --from=build /portal /portal
USER portal
EXPOSE 8000
# Django answers only to its own names, so the question carries the first of them.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(u.Request('http://127.0.0.1:8000/salud/', headers={'Host': os.environ['ALLOWED_HOSTS'].split(',')[0]}), timeout=4)"]
CMD ["gunicorn", "config.wsgi", "--preload", "--threads", "4", "--no-control-socket", "--log-level", "warning", "--bind", "0.0.0.0:8000"]
