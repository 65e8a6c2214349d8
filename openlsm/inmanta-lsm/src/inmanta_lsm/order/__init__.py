"""
Orders: several creations, updates and deletions of service instances, requested together.
"""
