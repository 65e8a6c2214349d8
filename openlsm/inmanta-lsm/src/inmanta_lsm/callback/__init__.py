"""Callbacks: events of service instances that are sent to those who want to hear about them."""
