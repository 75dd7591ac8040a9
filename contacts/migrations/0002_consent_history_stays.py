from __future__ import annotations

from django.db import migrations

_STAYS = """
CREATE OR REPLACE FUNCTION contacts_consentevent_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the history of consent is append-only'
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE OR REPLACE TRIGGER consent_event_stays BEFORE UPDATE OR DELETE ON contacts_consentevent
    FOR EACH ROW EXECUTE FUNCTION contacts_consentevent_stays();
"""
_GOES = """
DROP TRIGGER consent_event_stays ON contacts_consentevent;
DROP FUNCTION contacts_consentevent_stays();
"""


class Migration(migrations.Migration):
    """The history of consent is evidence: nothing in it changes, whoever asks the database."""

    dependencies = [("contacts", "0001_initial")]

    operations = [migrations.RunSQL(_STAYS, reverse_sql=_GOES)]
