"""Callbacks: events of service instances that are posted to the urls that were registered for them."""
