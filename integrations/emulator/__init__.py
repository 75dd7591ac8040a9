"""A local Intuit: OAuth server and QuickBooks Online accounting API, in its own process.

It has its own store, imports nothing of the application and is only ever reached over HTTP.
Comments of the form ``facts 2.3`` or ``shape 12`` name the observation a rule reproduces.
"""

from __future__ import annotations
