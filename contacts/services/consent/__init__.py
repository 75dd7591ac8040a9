"""Consent to marketing mail: who gave it, who took it back, and what changes it (R8).

`gate` is asked before each mail. People act through `acting`, holders of addresses through
`confirming` and `unsubscribing`, and whatever writes addresses of contacts through `following`.
"""
