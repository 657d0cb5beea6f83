# The image of a deployment. Development needs none: « make run ».
FROM python:3.11-slim-bookworm

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 DJANGO_SETTINGS_MODULE=cpo.settings.prod
ENV WEB_CONCURRENCY=3
RUN apt-get update \
 && apt-get install --yes --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
 && rm -rf /var/lib/apt/lists/*

WORKDIR /app
COPY requirements/base.txt requirements/base.txt
RUN pip install --require-hashes -r requirements/base.txt
COPY . .
# Settings for this step alone: production's refuse to start without the secrets, which an image must not hold.
RUN python manage.py collectstatic --noinput --verbosity 0 --settings cpo.settings.build \
 && useradd --system --home-dir /app cpo && mkdir -p /app/media && chown cpo /app/media

USER cpo
EXPOSE 8000
CMD ["gunicorn", "cpo.wsgi", "--bind", "0.0.0.0:8000", "--threads", "4", "--worker-class", "gthread"]
