from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from contacts.forms.business import MAX_LOGO_BYTES
from contacts.models import Business
from tests.factories import BusinessFactory

pytestmark = pytest.mark.django_db

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 32
JPEG = b"\xff\xd8\xff\xe0" + b"\x00" * 32
FIELDS = {"name": "Northwind", "time_zone": "Europe/Madrid", "currency": "eur"}


def save(client, **more):
    return client.post("/settings/business/", FIELDS | more)


def logo(content, name="logo.png"):
    return SimpleUploadedFile(name, content)


def test_the_business_is_saved_as_its_one_row(as_admin):
    assert save(as_admin).status_code == 302
    business = Business.objects.get()
    assert (business.pk, business.name, business.currency) == (1, "Northwind", "EUR")
    assert "Northwind" in as_admin.get("/settings/profile/").content.decode()


@pytest.mark.parametrize(("content", "kind"), [(PNG, "image/png"), (JPEG, "image/jpeg")])
def test_a_logo_is_served_as_what_its_bytes_say(as_admin, content, kind):
    save(as_admin, new_logo=logo(content, "logo.txt"))
    response = as_admin.get("/business/logo")
    assert response.content == content
    assert response["Content-Type"] == kind
    assert response["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "must be a PNG or JPEG"),
        (b"GIF89a" + b"\x00" * 32, "must be a PNG or JPEG"),
        (PNG + b"\x00" * MAX_LOGO_BYTES, "larger than 512 kB"),
    ],
)
def test_anything_else_is_refused_and_the_old_logo_stays(as_admin, content, sentence):
    save(as_admin, new_logo=logo(PNG))
    assert sentence in save(as_admin, new_logo=logo(content)).content.decode()
    assert as_admin.get("/business/logo").content == PNG


def test_saving_without_a_file_keeps_the_logo_and_ticking_removes_it(as_admin):
    save(as_admin, new_logo=logo(PNG))
    save(as_admin)
    assert as_admin.get("/business/logo").status_code == 200
    save(as_admin, remove_logo="on")
    assert as_admin.get("/business/logo").status_code == 404


@pytest.mark.parametrize(
    "wrong", [{"currency": "euro"}, {"currency": "E1R"}, {"time_zone": "Moon/Base"}]
)
def test_nonsense_is_refused_beside_its_field(as_admin, wrong):
    BusinessFactory(name="Before")
    response = as_admin.post("/settings/business/", FIELDS | wrong)
    assert response.status_code == 200
    assert "Please correct one thing" in response.content.decode()
    assert Business.objects.get().name == "Before"
