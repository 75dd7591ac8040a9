from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from allauth.account.forms import AddEmailForm
from django import forms

from contacts.models import User

if TYPE_CHECKING:
    UserModelForm = forms.ModelForm[User]
else:
    UserModelForm = forms.ModelForm  # only its stubs can be subscripted

ROLE_HELP = (
    "Admins also connect and disconnect integrations and manage people and the business. "
    "Staff work with contacts, products and invoices."
)


class InviteForm(forms.Form):
    """Who is invited, by an address that nobody here has yet."""

    email = forms.EmailField(label="Email", help_text="The invitation goes there.")
    first_name = forms.CharField(label="First name", max_length=150, required=False)
    last_name = forms.CharField(label="Family name", max_length=150, required=False)
    role = forms.ChoiceField(
        label="Role",
        choices=User.Role.choices,
        initial=User.Role.STAFF,
        widget=forms.RadioSelect,
        help_text=ROLE_HELP,
    )

    def clean_email(self) -> str:
        email = User.objects.normalize_email(self.cleaned_data["email"])
        if User.objects.filter(email__iexact=email).exists():
            raise forms.ValidationError("Somebody with this address is already here.")
        return email


class NewAddressForm(AddEmailForm):  # type: ignore[misc]
    """The address a person wants to sign in with, which nobody here has yet.

    allauth hides from strangers who is here; a signed-in person may know.
    """

    def clean_email(self) -> str:
        email = str(super().clean_email())
        if User.objects.filter(email__iexact=email).exclude(pk=self.user.pk).exists():
            raise forms.ValidationError("Somebody else here signs in with this address.")
        return email


class AccessForm(forms.Form):
    """What a person may do."""

    role = forms.ChoiceField(
        label="Role", choices=User.Role.choices, widget=forms.RadioSelect, help_text=ROLE_HELP
    )
    active = forms.BooleanField(
        label="May sign in",
        required=False,
        help_text="Without it the person is signed out everywhere and stays in the history.",
    )


class ProfileForm(UserModelForm):
    """A person's own name."""

    class Meta:
        model = User
        fields: ClassVar[list[str]] = ["first_name", "last_name"]
        labels: ClassVar[dict[str, str]] = {
            "first_name": "First name",
            "last_name": "Family name",
        }
