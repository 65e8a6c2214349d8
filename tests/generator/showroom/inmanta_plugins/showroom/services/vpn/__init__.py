"""The VPN."""
