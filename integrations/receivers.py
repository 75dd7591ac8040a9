"""Receivers of the CRM's signals."""
