"""QuickBooks Online over HTTP, and its JSON as plain records. No models, no database."""
