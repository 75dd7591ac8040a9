from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.db.models.functions import Lower


class PeopleManager(UserManager["User"]):
    """Creates people by email address; there are no user names here."""

    def _create_user(
        self, username: str | None, email: str | None, password: str | None, **fields: Any
    ) -> User:
        del username
        if not email:
            raise ValueError("A person needs an email address to sign in.")
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_user(  # type: ignore[override]
        self, email: str, password: str | None = None, **fields: Any
    ) -> User:
        return self._create_user(None, email, password, **fields)

    def create_superuser(  # type: ignore[override]
        self, email: str, password: str | None = None, **fields: Any
    ) -> User:
        fields |= {"is_staff": True, "is_superuser": True, "role": User.Role.ADMIN}
        return self._create_user(None, email, password, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        """Emails compare case-insensitively."""
        return self.get(email__iexact=username)


class User(AbstractUser):
    """A person of the business. Admins also connect, reset, disconnect and configure."""

    class Role(models.TextChoices):
        ADMIN = "admin", "Admin"
        STAFF = "staff", "Staff"

    username = None  # type: ignore[assignment]
    email = models.EmailField("email address", unique=True)
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.STAFF)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar[PeopleManager] = PeopleManager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(Lower("email"), name="user_email_unique_ignoring_case"),
        ]

    def __str__(self) -> str:
        return self.get_full_name() or self.email

    @property
    def is_admin(self) -> bool:
        """Whether this person may touch connections and settings of the installation."""
        return self.is_superuser or self.role == self.Role.ADMIN
