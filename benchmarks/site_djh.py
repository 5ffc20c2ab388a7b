"""A one-file Django project that carries django-helpdesk in production settings.

DJH_DATABASE=name python -m benchmarks.site_djh migrate, or gunicorn benchmarks.site_djh:application
"""

import os
import sys
from typing import Any

import django
from django.conf import settings

_CONTRIB = "admin auth contenttypes sessions messages staticfiles sites humanize"
_PROCESSORS = ("template.context_processors.request", "contrib.auth.context_processors.auth")
_MIDDLEWARE = """
    django.middleware.security.SecurityMiddleware
    django.contrib.sessions.middleware.SessionMiddleware
    django.middleware.common.CommonMiddleware
    django.middleware.csrf.CsrfViewMiddleware
    django.contrib.auth.middleware.AuthenticationMiddleware
    django.contrib.messages.middleware.MessageMiddleware
    django.middleware.clickjacking.XFrameOptionsMiddleware
"""

settings.configure(
    DEBUG=False,
    SECRET_KEY="bench-only-not-a-secret",
    ALLOWED_HOSTS=["127.0.0.1", "localhost"],
    ROOT_URLCONF=__name__,
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": os.environ["DJH_DATABASE"],
            "HOST": os.environ["PGHOST"],
            "PORT": os.environ["PGPORT"],
            "USER": os.environ["PGUSER"],
            "CONN_MAX_AGE": 600,  # connections are kept, as in production
        }
    },
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    INSTALLED_APPS=[*(f"django.contrib.{name}" for name in _CONTRIB.split()), "rest_framework", "helpdesk"],
    MIDDLEWARE=_MIDDLEWARE.split(),
    TEMPLATES=[
        {  # with DEBUG off Django caches compiled templates
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {
                "context_processors": [
                    *(f"django.{name}" for name in _PROCESSORS),
                    "django.contrib.messages.context_processors.messages",
                ]
            },
        }
    ],
    SITE_ID=1,
    USE_TZ=True,
    TIME_ZONE="UTC",
    LANGUAGE_CODE="en-us",
    STATIC_URL="/static/",
    LOGIN_URL="helpdesk:login",
    LOGIN_REDIRECT_URL="helpdesk:home",
    EMAIL_BACKEND="django.core.mail.backends.dummy.EmailBackend",  # rendered, never sent
    HELPDESK_TEAMS_MODE_ENABLED=False,
    LOGGING={"version": 1, "disable_existing_loggers": False, "root": {"level": "WARNING", "handlers": []}},
)
django.setup()

from django.contrib import admin  # noqa: E402 - Django wants its settings first
from django.core.management import execute_from_command_line  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.urls import include, path  # noqa: E402

urlpatterns: list[Any] = [
    path("admin/", admin.site.urls),
    path("", include("helpdesk.urls", namespace="helpdesk")),
]
application = get_wsgi_application()

if __name__ == "__main__":
    execute_from_command_line(sys.argv)
