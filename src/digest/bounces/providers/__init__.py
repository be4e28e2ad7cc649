"""Webhooks of mail providers: one module a provider checks who posted a body, and reads the events in it. Pure: time, keys and certificates come in as arguments."""
